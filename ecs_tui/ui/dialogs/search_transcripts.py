"""The dialog that searches all transcripts of a cluster: what it will read, how far it is, the sessions."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ecs_tui.audit.masks import masked
from ecs_tui.audit.transcript_places import places_of_cluster
from ecs_tui.audit.transcript_search import (
    SessionHit,
    TranscriptSearch,
    searches,
)
from ecs_tui.aws.account import Account
from ecs_tui.errors import AwsError
from ecs_tui.logs.times import parse_moment
from ecs_tui.model.arn import short_name
from ecs_tui.model.text import age, clean, counted
from ecs_tui.store.log_access import LogAccounts
from ecs_tui.ui.dialogs.base import Dialog, bind

SHOWN_LINES = 3
"""Lines of a session that are shown."""


class SearchTranscriptsScreen(Dialog[SessionHit]):
    """Returns the session that was chosen among the results.

    Args:
        account: The cluster's account.
        cluster: The cluster's name or ARN.
        now: Seconds since 1970.
    """

    kind = "search-transcripts"
    BINDINGS = [
        bind("line-accept", "accept", "Estimate what is read; on a result: go there"),
        bind("table-down", "move(1)", "Next result"),
        bind("table-up", "move(-1)", "Previous result"),
        bind("search-logs.start", "start", "Start the search", priority=True),
    ]
    types = True
    DEFAULT_CSS = """
    SearchTranscriptsScreen OptionList { height: 1fr; display: none; }
    SearchTranscriptsScreen.-found OptionList { display: block; }
    SearchTranscriptsScreen.-found > .box { height: 90%; width: 96%; max-width: 160; }
    """

    def __init__(self, account: Account, cluster: str, now: float) -> None:
        super().__init__()
        self._account, self._cluster, self._now = account, cluster, now
        self._accounts = LogAccounts(account)
        self._words = Input(placeholder="a text that was typed or shown", compact=True)
        self._since = Input("7d", placeholder="7d, 14:03, 2026-11-29 14:03", compact=True)
        self._state = Static("", markup=False)
        self._results = OptionList(markup=False)
        self._searches: list[TranscriptSearch] = []
        self._estimated = ("", "")  # what the estimate is about
        self._hits: list[SessionHit] = []
        self._searching = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            title = f"Search the transcripts of cluster {clean(short_name(self._cluster))}"
            yield Static(title, classes="title", markup=False)
            yield self._words
            yield Static("since (a time, or how long ago)", markup=False)
            yield self._since
            yield self._state
            yield self._results
            yield self.hint_line(
                ("line-accept", "estimate, or open the transcript"),
                ("search-logs.start", "start"),
                ("dialog-close", "cancel"),
            )

    def on_mount(self) -> None:
        self._words.focus()

    async def on_unmount(self) -> None:
        await self._accounts.close()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._estimate()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._hits[event.option_index])

    def action_accept(self) -> None:
        """Return the result under the cursor."""
        if self.focused is self._results:
            self._results.action_select()

    def action_move(self, lines: int) -> None:
        """Move among the results."""
        if self.focused is self._results and lines > 0:
            self._results.action_cursor_down()
        elif self.focused is self._results:
            self._results.action_cursor_up()

    def action_start(self) -> None:
        """Start the search, if its estimate is shown; else estimate first."""
        if self._searching:
            return
        if not self._searches or self._estimated != self._asked:
            self._estimate()
            return
        self._searching = True
        self.run_worker(self._run(self._searches), group="search", exclusive=True)

    @property
    def _asked(self) -> tuple[str, str]:
        return self._words.value.strip(), self._since.value.strip()

    def _estimate(self) -> None:
        if not self._searching:
            self._say("◐ Asking AWS how much there is to read…")
            self.run_worker(self._prepare(self._asked), group="search", exclusive=True)

    async def _prepare(self, asked: tuple[str, str]) -> None:
        text, since = asked
        if not text:
            self._say("✖ Type what is to be searched.")
            return
        try:
            start = parse_moment(since, int(self._now * 1000)) / 1000
        except ValueError:
            self._say(f'✖ "{clean(since)}" is not a time. Use 1h, 7d, 14:03 or ISO 8601.')
            return
        try:
            places = await places_of_cluster(self._account, self._cluster)
            if isinstance(places, str):
                self._say(f"✖ {places}")
                return
            found = searches(
                lambda region: self._accounts.of(region).account, places, text, start, self._now
            )
            words = [await each.estimate(self._now) for each in found]
        except AwsError as error:
            self._say(f"✖ {error}")
            return
        self._searches, self._estimated = found, asked
        self._say(f"{' '.join(words)} {self.keymap.first('search-logs.start')}: start.")

    async def _run(self, chosen: list[TranscriptSearch]) -> None:
        self._say("◐ Starting…")
        self.add_class("-found")
        found: dict[str, SessionHit] = {}
        words = ""
        try:
            for search in chosen:
                async for progress in search.run():
                    for hit in progress.hits:
                        found.setdefault(hit.session, hit)
                    words = progress.words
                    self._say(f"◐ {words}; {counted(len(found), 'session')} found")
                    self._show(list(found.values()))
            self._say(f"● {words}; {counted(len(found), 'session')} found")
        except AwsError as error:
            self._say(f"✖ {error}")
        finally:
            self._searching, self._searches = False, []
        if found:
            self._results.focus()

    def _show(self, hits: list[SessionHit]) -> None:
        hits.sort(key=lambda hit: hit.written, reverse=True)
        if hits == self._hits:
            return
        self._hits = hits
        at = self._results.highlighted
        self._results.clear_options()
        self._results.add_options([Option(Content(self._words_of(hit))) for hit in hits])
        self._results.highlighted = min(at or 0, len(hits) - 1)

    def _words_of(self, hit: SessionHit) -> str:
        when = f"{age(self._now - hit.written)} ago" if hit.written else ""
        lines = [f"  {masked(line.strip())[:150]}" for line in hit.lines[:SHOWN_LINES]]
        more = hit.found - len(lines)
        head = f"{clean(hit.session)}  {when}  {counted(hit.found, 'line')}"
        return "\n".join([head, *lines, *([f"  … and {more} more"] if more > 0 else [])])

    def _say(self, words: str) -> None:
        self._state.update(words)
