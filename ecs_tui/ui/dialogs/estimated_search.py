"""The base of dialogs that search in AWS what is billed by size: estimate, start, results."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input, Static

from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError
from ecs_tui.logs.times import parse_moment
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.store.log_access import LogAccounts
from ecs_tui.ui.dialogs.base import Dialog, Result, bind

SearchT = TypeVar("SearchT")


@dataclass(frozen=True, slots=True)
class SearchWords:
    """What such a dialog says.

    Attributes:
        title: What is searched.
        hint: What can be typed, in the empty line.
        since: How far back, at first.
        asking: What AWS is asked for the estimate.
        accept: What the key does that estimates, or goes to a result.
    """

    title: str
    hint: str
    since: str
    asking: str
    accept: str


class EstimatedSearchScreen(Dialog[Result], Generic[Result, SearchT]):
    """Nothing is searched before its estimate is shown, and confirmed by a key of its own.

    Args:
        account: The account; also that of the regions in which it searches.
        words: What it says.
        now: Milliseconds since 1970.
        results: Shows what was found.
    """

    BINDINGS = [
        bind("line-accept", "accept", "Estimate; on a result: go there"),
        bind("table-down", "move(1)", "Next result"),
        bind("table-up", "move(-1)", "Previous result"),
        bind("search-logs.start", "start", "Start the search", priority=True),
    ]
    types = True
    DEFAULT_CSS = """
    EstimatedSearchScreen .results { height: 1fr; display: none; background: $surface; }
    EstimatedSearchScreen.-found .results { display: block; }
    EstimatedSearchScreen.-found > .box { height: 90%; width: 96%; max-width: 160; }
    """

    def __init__(self, account: Account, words: SearchWords, now: int, results: Widget) -> None:
        super().__init__()
        self._said, self._now, self._results = words, now, results
        self._accounts = LogAccounts(account)
        self._words = Input(placeholder=words.hint, compact=True)
        self._since = Input(
            words.since, placeholder=f"{words.since}, 14:03, 2026-11-29 14:03", compact=True
        )
        self._state = Static("", markup=False)
        results.add_class("results")
        self._prepared: SearchT | None = None
        self._estimated = ("", "")  # what the estimate is about
        self._searching = False

    # -- what each search does in its own way

    async def prepare(self, text: str, start: int) -> tuple[SearchT, str] | str:
        """The search for a text and its estimate in words; or why there is none.

        Args:
            text: What was typed.
            start: Milliseconds since 1970.

        Raises:
            EcsTuiError: AWS does not tell.
        """
        raise NotImplementedError

    async def search(self, prepared: SearchT) -> None:
        """Run it, and show what it finds.

        Raises:
            EcsTuiError: It failed.
        """
        raise NotImplementedError

    @property
    def found(self) -> bool:
        """Whether there are results, also of a search that failed on its way."""
        raise NotImplementedError

    def choose(self) -> None:
        """Return the result under the cursor, if there is one."""
        raise NotImplementedError

    def action_move(self, lines: int) -> None:
        """Move among the results."""
        raise NotImplementedError

    # -- the flow

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._said.title, classes="title", markup=False)
            yield self._words
            yield Static("since (a time, or how long ago)", markup=False)
            yield self._since
            yield self._state
            yield self._results
            yield self.hint_line(
                ("line-accept", self._said.accept),
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

    def action_accept(self) -> None:
        """Return the result under the cursor."""
        if self.focused is self._results:
            self.choose()

    def action_start(self) -> None:
        """Start the search, if its estimate is shown; else estimate first."""
        if self._searching:
            return
        if self._prepared is None or self._estimated != self._asked:
            self._estimate()
            return
        self._searching = True
        self.run_worker(self._run(self._prepared), group="search", exclusive=True)

    @property
    def _asked(self) -> tuple[str, str]:
        return self._words.value.strip(), self._since.value.strip()

    def _estimate(self) -> None:
        if not self._searching:
            self.say(f"◐ {self._said.asking}")
            self.run_worker(self._prepare(self._asked), group="search", exclusive=True)

    async def _prepare(self, asked: tuple[str, str]) -> None:
        text, since = asked
        try:
            start = parse_moment(since, self._now)
        except ValueError:
            self.say(f'✖ "{clean(since)}" is not a time. Use 1h, 7d, 14:03 or ISO 8601.')
            return
        try:
            found = await self.prepare(text, start)
        except EcsTuiError as error:
            found = str(error)
        if isinstance(found, str):
            self.say(f"✖ {found}")
            return
        self._prepared, words = found
        self._estimated = asked
        self.say(f"{words} {self.keymap.first('search-logs.start')}: start.")

    async def _run(self, prepared: SearchT) -> None:
        self.say("◐ Starting…")
        self.add_class("-found")
        try:
            await self.search(prepared)
        except EcsTuiError as error:
            self.say(f"✖ {error}")
        finally:
            self._searching, self._prepared = False, None
        if self.found:
            self._results.focus()

    def say(self, words: str) -> None:
        """Show how far it is, or what is wrong."""
        self._state.update(words)
