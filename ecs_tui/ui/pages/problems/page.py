"""The page of problems: the list, worst first, and below it what shows the selected one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from ecs_tui.config.keymap import Keymap
from ecs_tui.config.settings import Settings
from ecs_tui.resources import Place
from ecs_tui.resources.problems import PROBLEMS, ProblemRow
from ecs_tui.store.inventory import Scope
from ecs_tui.ui.context import ListPart
from ecs_tui.ui.list_pane import ListPane, PageMessage
from ecs_tui.ui.pages.base import Visiting
from ecs_tui.ui.pages.problems.words import (
    NOT_STARTED,
    count_words,
    unknown_words,
    unwatched_words,
    watch_words,
)

if TYPE_CHECKING:
    from ecs_tui.problems.watch import ProblemWatch


class WatchPart(Protocol):
    """What the page needs to know of the watch."""

    @property
    def watch(self) -> ProblemWatch | None:
        """The watch, None until it has started."""


class ProblemsPage(Vertical):
    """Shows the problems of all watched clusters.

    Args:
        keymap: The keys of all commands.
        problems: The watch of problems.
        settings: The settings.
        flash: Whether changed cells are underlined briefly.
    """

    DEFAULT_CSS = """
    ProblemsPage > #problem-head { height: auto; width: 1fr; padding: 0 1; color: $text-muted; }
    """

    def __init__(
        self, keymap: Keymap, problems: WatchPart, settings: Settings, *, flash: bool
    ) -> None:
        super().__init__(id="problems-page")
        self._problems, self._settings = problems, settings
        self._head = Static("", id="problem-head", markup=False)
        self._words = ""
        self._message = PageMessage()
        self._pane = ListPane(PROBLEMS, keymap, flash=flash, id="problem-rows")

    def compose(self) -> ComposeResult:
        yield self._head
        yield self._message
        yield self._pane

    # -- what every page has

    def scopes(self, place: Place) -> tuple[Scope, ...]:
        """Nothing but the counts of clusters, which the descriptor names."""
        return ()

    def open(self, at: Visiting) -> None:
        """Show the problems."""
        self._pane.table.show(at.view)
        self._pane.pin(True)
        self.draw()

    def take(self, rows: list[object]) -> None:
        """Replace the rows."""
        self._pane.take(rows)

    def say(self, words: str) -> None:
        """Show a message in the list or above it; that nothing is wrong only if something is watched."""
        watch = self._problems.watch
        if words == PROBLEMS.empty and (watch is None or not watch.states()):
            words = ""
        self._pane.say(words, self._message)

    def draw(self) -> None:
        """Draw what is watched, and how old it is."""
        watch = self._problems.watch
        if watch is None:
            self._head.update(NOT_STARTED)
            return
        states = watch.states()
        calls, budget = watch.calls_per_minute(), 60 * self._settings.rate
        lines = (
            count_words(watch.found, states),
            watch_words(states, calls, budget),
            unknown_words(states),
            unwatched_words(watch.unwatched()),
        )
        words = "\n".join(line for line in lines if line)
        if words != self._words:
            self._words = words
            self._head.update(words)

    def refresh_now(self) -> None:
        """Nothing: the watch reads all of it."""

    @property
    def rows(self) -> ListPane:
        """The list."""
        return self._pane

    @property
    def part(self) -> ListPart:
        """The rows."""
        return self._pane.table

    @property
    def target(self) -> Widget:
        """The rows have the focus."""
        return self._pane.table

    @property
    def own_keys(self) -> str:
        """Evidence, and hiding."""
        return "problems"

    def press(self, command: str, key: str = "") -> None:
        """Show the evidence of the selected problem, or hide it or show it again."""
        row, watch = self._pane.table.current, self._problems.watch
        if not isinstance(row, ProblemRow) or watch is None:
            return
        if command == "problem-evidence":
            self._show_evidence(row, watch)
        elif row.seen.hidden:
            watch.show(row.seen)
        else:
            self._hide(row, watch)

    def _show_evidence(self, row: ProblemRow, watch: ProblemWatch) -> None:
        from ecs_tui.ui.dialogs.evidence import EvidenceScreen

        connection = watch.connection_of(row.seen)
        if connection is not None:
            self.app.push_screen(EvidenceScreen(connection, row.seen))

    def _hide(self, row: ProblemRow, watch: ProblemWatch) -> None:
        from ecs_tui.ui.dialogs.problem_note import ProblemNoteScreen

        def answered(note: str | None) -> None:
            if note is not None:
                watch.hide(row.seen, note)

        self.app.push_screen(ProblemNoteScreen(row.seen), answered)
