"""The access dialog: in which containers a principal can exec, according to IAM."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from textual import work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.iam import principal_of
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import partition_of
from ecs_tui.model.identity import Caller
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.record import dataclass
from ecs_tui.resources.base import Cell, Column, plain, signed
from ecs_tui.store.access import (
    AccessAnswer,
    AccessChecker,
    AccessTarget,
    access_targets,
    full_principal,
    principal_words,
)
from ecs_tui.ui.dialogs.base import bind
from ecs_tui.ui.dialogs.table import TableDialog, TableView
from ecs_tui.ui.dialogs.text import TextScreen

_RANKS = {"denied": 0, "unknown": 1, "…": 2, "allowed": 3}
_SIGNS = {
    "denied": Sign.BAD, "unknown": Sign.WARNING, "…": Sign.MOVING, "allowed": Sign.FINE,
}  # fmt: skip
_UNTAGGED = "untagged: tag-based policies don't match"


@dataclass(frozen=True, slots=True)
class AccessRow:
    """A target with what IAM answered.

    Attributes:
        number: Its number among the targets.
        target: The containers.
        answer: IAM's answer, None while it is awaited.
    """

    number: int
    target: AccessTarget
    answer: AccessAnswer | None = None

    @property
    def verdict(self) -> str:
        """allowed, denied, unknown if IAM did not answer, or … while it is awaited."""
        if self.answer is None:
            return "…"
        if self.answer.decision is None:
            return "unknown"
        return "allowed" if self.answer.decision.allowed else "denied"

    @property
    def why(self) -> str:
        """The deciding statement, or the error."""
        if self.answer is None:
            return ""
        return str(self.answer.decision or self.answer.error)

    @property
    def as_json(self) -> dict[str, object]:
        """The row for the clipboard, without rules of ours about width."""
        target = self.target
        return {
            "cluster": target.cluster, "service": target.service, "container": target.container,
            "access": self.verdict, "because": self.why, "tasks": target.tasks,
            "tags": target.tags, "example": target.example,
            "context": dict(target.context),
        }  # fmt: skip


def _tags(row: AccessRow) -> Cell:
    return plain(row.target.tags) if row.target.tags else signed(Sign.WARNING, _UNTAGGED)


VIEW = TableView(
    "access",
    AccessRow,
    (
        Column(
            "service",
            "  SERVICE",
            lambda row, _: signed(_SIGNS[row.verdict], row.target.service),
            lambda row: row.target.service,
            priority=0,
            middle=True,
        ),
        Column(
            "container",
            "CONTAINER",
            lambda row, _: plain(row.target.container),
            lambda row: row.target.container,
            priority=0,
            middle=True,
        ),
        Column(
            "access",
            "ACCESS",
            lambda row, _: Cell(row.verdict, "bad" if row.verdict == "denied" else ""),
            lambda row: _RANKS[row.verdict],
            priority=0,
        ),
        Column(
            "tasks",
            "TASKS",
            lambda row, _: plain(row.target.tasks),
            lambda row: row.target.tasks,
            right=True,
            priority=2,
        ),
        Column("tags", "TAGS", lambda row, _: _tags(row), lambda row: row.target.tags, widest=44),
        Column(
            "because",
            "BECAUSE",
            lambda row, _: plain(row.why),
            lambda row: row.why,
            priority=3,
            widest=36,
        ),
    ),
    key=lambda row: f"{row.target.service} {row.target.container} {row.number}",
    rank=lambda row: (_RANKS[row.verdict], row.target.service, row.target.container),
)


class AccessScreen(TableDialog):
    """A row for each service, container and tags, with IAM's decision on a principal.

    Below them is the statement that decides the selected row.

    Args:
        checker: Asks IAM and keeps the answers.
        what: The service or cluster, for the title.
        tasks: The tasks to check.
        service: Finds a service by cluster and name.
        caller: The caller's identity, if known.
        account: The account to call.
    """

    DEFAULT_CSS = """
    AccessScreen #why { height: auto; max-height: 6; border-top: solid $primary; }
    """
    kind = "access"
    BINDINGS = [
        bind("access-principal", "principal", "Check another role or user"),
        bind("access-me", "me", "Check myself"),
        bind("access-raw", "raw", "Show the row as JSON (again: YAML)"),
        bind("dialog-copy", "copy", "Copy the rows that are shown, as JSON"),
    ]

    def __init__(
        self,
        checker: AccessChecker,
        what: str,
        tasks: Iterable[Task],
        service: Callable[[str, str], Service | None],
        caller: Caller | None,
        account: Account,
    ) -> None:
        super().__init__(VIEW)
        self._checker, self._what, self._service = checker, clean(what), service
        self._caller, self._account = caller, account
        self.targets = access_targets(tasks)
        self._rows = [AccessRow(number, each) for number, each in enumerate(self.targets)]
        self.principal = ""
        self.answers: dict[int, AccessAnswer] = {}
        self._error = ""
        self._head = Static("", classes="title", markup=False)
        self._why = Static("", id="why", markup=False)
        self.input = Input(
            placeholder="role/name, user/name or an ARN", compact=True, classes="line"
        )

    def compose(self) -> ComposeResult:
        with Vertical(classes="box -tall"):
            yield self._head
            yield self.table
            yield self._why
            yield self.filter_line
            yield self.input
            yield self.hint_line(
                ("table-filter", "filter"),
                ("table-sort", "sort"),
                ("access-principal", "check another role or user"),
                ("access-me", "check myself"),
                ("dialog-copy", "copy"),
                ("dialog-close", "close"),
            )

    def on_mount(self) -> None:
        """Check the caller."""
        self.table.focus()
        self._draw()
        self.action_me()

    @work(exclusive=True, group="access")
    async def _ask(self, principal: str) -> None:
        self.answers.clear()
        self._rows = [AccessRow(number, each) for number, each in enumerate(self.targets)]
        self._error = ""
        self.principal = principal
        try:
            if not principal:
                caller = self._caller or await self._account.caller(alias=False)
                self.principal = await principal_of(self._account, caller)
            index = {target: number for number, target in enumerate(self.targets)}
            async for access in self._checker.ask(self.principal, self.targets):
                number = index[access.target]
                self.answers[number] = access
                self._rows[number] = AccessRow(number, access.target, access)
                self._draw()
        except EcsTuiError as error:
            self._error = clean(str(error))
        self._draw()

    def _draw(self) -> None:
        verdicts = [row.verdict for row in self._rows]
        who = principal_words(self.principal) if self.principal else "…"
        words = (
            f"{verdicts.count('allowed')} allowed · {verdicts.count('denied')} denied · "
            f"checked {len(self.answers)} of {len(self.targets)}"
        )
        title = f"Access · {self._what} · {clean(who)}   {words}"
        self._head.update("   ".join(part for part in (title, clean(self.filter_words)) if part))
        self.table.update_rows(list(self._rows))
        if not self.moved:
            self.table.cursor = 0  # the worst row, whichever that is by now
        self._draw_why()

    def filtered(self) -> None:
        """Show how many rows match."""
        self._draw()

    def _draw_why(self) -> None:
        row = self.table.current
        if self._error or not self.targets:
            self._why.update(self._error or "No running tasks.")
            return
        if row is None:
            self._why.update("No row matches.")
            return
        target: AccessTarget = row.target
        lines = [row.why] if row.why else []
        if target.untagged:
            service = self._service(target.cluster, target.service)
            if service is not None and service.propagate_tags == "NONE":
                lines.append(
                    f"{service.name} has propagateTags=NONE, so its tasks are untagged. "
                    f"Press {self.keymap.first('exec-check')} on the service for the fix."
                )
        self._why.update("\n".join(clean(line) for line in lines))

    def on_resource_table_moved(self) -> None:
        """Show the reason for the selected row."""
        self._draw_why()

    def action_me(self) -> None:
        """Check the caller."""
        self._ask("")

    def action_principal(self) -> None:
        """Ask for another role or user to check."""
        self.open_line(self.input)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the role or user that was typed."""
        if event.input is not self.input:
            return
        event.stop()
        self.close_line()
        if event.value.strip():
            example = self.targets[0].example if self.targets else ""
            account = example.split(":")[4] if example else ""
            self._ask(full_principal(event.value, account, partition_of(example)))

    def action_copy(self) -> None:
        """Copy the rows that are shown."""
        shown = [self.table.rows[index].as_json for index in self.table.order]
        text = json.dumps(
            {"principal": self.principal, "rows": shown}, indent=2, ensure_ascii=False
        )
        self.app.copy_to_clipboard(text)
        self.notify(f"Copied {counted(len(shown), 'row')} as JSON.")

    def action_raw(self) -> None:
        """Show the selected row as JSON."""
        row = self.table.current
        if row is not None:
            answer = {"principal": self.principal, **row.as_json}

            async def made() -> dict[str, object]:
                return answer

            title = f"access to {row.target.service} {row.target.container}"
            self.app.push_screen(TextScreen(title, made, raw=True))
