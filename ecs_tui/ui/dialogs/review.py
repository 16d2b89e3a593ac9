"""The access review: who may open a session in a cluster, beside who did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.audit.review import VERDICTS, ReviewRow, ReviewVerdict
from ecs_tui.audit.review_reading import ReviewAsked, Reviewed, read_review
from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.text import age_of, clean, counted
from ecs_tui.resources.base import Cell, Column, plain, signed
from ecs_tui.store.access import principal_words
from ecs_tui.store.audit_feeds import AuditFeeds
from ecs_tui.ui.dialogs.base import bind
from ecs_tui.ui.dialogs.table import TableDialog, TableView

DAYS = 90
"""Days that are reviewed: CloudTrail's event history."""
_SIGNS: dict[ReviewVerdict, Sign] = {
    "only round the record": Sign.BAD, "may no longer": Sign.WARNING, "denied": Sign.WARNING,
    "never used": Sign.WARNING, "used": Sign.FINE, "unknown": Sign.WARNING, "no access": Sign.OFF,
}  # fmt: skip
_ORDER = list(VERDICTS)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _who(row: ReviewRow) -> str:
    return principal_words(row.principal) if row.principal else "unknown"


def _may(row: ReviewRow) -> str:
    return (
        f"{row.now.allowed}/{row.now.asked}" if not row.now.error and row.now.asked else "unknown"
    )


def _round(row: ReviewRow) -> Cell:
    may = row.now.round_allowed
    return Cell("unknown" if may is None else "yes" if may else "no", "bad" if may else "")


def _last(row: ReviewRow) -> datetime:
    return row.use.last or _LONG_AGO


VIEW = TableView(
    "review",
    ReviewRow,
    (
        Column("principal", "  PRINCIPAL", lambda row, _: signed(_SIGNS[row.verdict], _who(row)),
               _who, priority=0, middle=True),
        Column("verdict", "VERDICT", lambda row, _: plain(row.verdict),
               lambda row: _ORDER.index(row.verdict), priority=0),
        Column("may", "MAY EXEC", lambda row, _: plain(_may(row)), lambda row: row.now.allowed,
               right=True, priority=1),
        Column("round", "MAY GO ROUND", lambda row, _: _round(row),
               lambda row: str(row.now.round_allowed), priority=2),
        Column("sessions", "SESSIONS", lambda row, _: plain(row.use.opened),
               lambda row: row.use.opened, right=True, priority=1),
        Column("direct", "ROUND", lambda row, _: plain(row.use.direct),
               lambda row: row.use.direct, right=True, priority=2),
        Column("denied", "DENIED", lambda row, _: plain(row.use.denied),
               lambda row: row.use.denied, right=True, priority=2),
        Column("last", "LAST", lambda row, now: plain(age_of(row.use.last, now)),
               _last, right=True, priority=3),
        Column("people", "PEOPLE", lambda row, _: plain(", ".join(row.use.people)),
               lambda row: row.use.people, priority=1, widest=40),
    ),
    key=lambda row: row.principal,
    rank=lambda row: (_ORDER.index(row.verdict), row.principal),
)  # fmt: skip


class ReviewScreen(TableDialog):
    """A row for each principal; below them, what the verdict on the selected one means.

    Args:
        account: The account of the cluster.
        feeds: Its feeds.
        cluster: The cluster's name.
    """

    DEFAULT_CSS = """
    ReviewScreen #why { height: auto; max-height: 6; border-top: solid $primary; }
    """
    kind = "review"
    BINDINGS = [bind("dialog-copy", "copy", "Copy the rows that are shown, as CSV")]

    def __init__(self, account: Account, feeds: AuditFeeds, cluster: str) -> None:
        super().__init__(VIEW)
        self._account, self._feeds, self._cluster = account, feeds, cluster
        self.found: Reviewed | None = None
        self._said = "…"
        self._head = Static("", classes="title", markup=False)
        self._why = Static("", id="why", markup=False)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield self._head
            yield self.table
            yield self._why
            yield self.filter_line
            yield self.hint_line(
                ("table-filter", "filter"),
                ("table-sort", "sort"),
                ("dialog-copy", "copy"),
                ("dialog-close", "close"),
            )

    def on_mount(self) -> None:
        """Read the review."""
        self.table.focus()
        self._draw()
        self._read()

    @work(exclusive=True, group="review")
    async def _read(self) -> None:
        now = datetime.now(UTC)
        asked = ReviewAsked(self._cluster, now - timedelta(days=DAYS), now)
        try:
            self.found = await read_review(self._account, self._feeds, asked, self._told)
            self._said = ""
        except EcsTuiError as error:
            self._said = clean(str(error))
        self._draw()

    def _told(self, words: str) -> None:
        if words:
            self._said = clean(words)
            self._draw()

    def filtered(self) -> None:
        """Show how many rows match."""
        self._draw()

    def _draw(self) -> None:
        rows = self.found.rows if self.found is not None else ()
        title = f"Access review · {clean(self._cluster)} · {DAYS} days"
        count = counted(len(rows), "principal") if self.found is not None else ""
        parts = (title, count, self._said, clean(self.filter_words))
        self._head.update("   ".join(part for part in parts if part))
        self.table.update_rows(list(rows))
        self._draw_why()

    def _draw_why(self) -> None:
        row = self.table.current
        lines = [f"▲ {clean(each)}" for each in self.found.problems] if self.found else []
        if row is not None:
            lines.insert(0, VERDICTS[row.verdict])
            if row.now.error:
                lines.insert(1, f"What it may is not known: {clean(row.now.error)}")
        elif self.found is not None:
            lines.insert(0, "Nobody was found.")
        self._why.update("\n".join(lines))

    def on_resource_table_moved(self) -> None:
        """Show what the verdict on the selected row means."""
        self._draw_why()

    def action_copy(self) -> None:
        """Copy the rows that are shown as CSV; hostile names do not become formulas."""
        from ecs_tui.audit.review import csv_of

        shown = [self.table.rows[index] for index in self.table.order]
        self.app.copy_to_clipboard(csv_of(shown))
        self.notify(f"Copied {counted(len(shown), 'row')} as CSV.")
