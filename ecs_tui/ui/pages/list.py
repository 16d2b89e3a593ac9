"""The page of every place that has no page of its own: a list."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from ecs_tui.config.keymap import Keymap
from ecs_tui.resources import Place, resource_at
from ecs_tui.store.inventory import Scope
from ecs_tui.ui.context import ListPart
from ecs_tui.ui.list_pane import ListPane, PageMessage
from ecs_tui.ui.pages.base import Visiting


class ListPage(Vertical):
    """Shows the rows of any place."""

    def __init__(self, keymap: Keymap, *, flash: bool) -> None:
        super().__init__(id="list-page")
        self._message = PageMessage()
        self._pane = ListPane(resource_at(Place()), keymap, flash=flash, id="rows")

    def compose(self) -> ComposeResult:
        yield self._message
        yield self._pane

    def scopes(self, place: Place) -> tuple[Scope, ...]:
        """Nothing but the list's own."""
        return ()

    def open(self, at: Visiting) -> None:
        """Show another list."""
        self._pane.table.show(at.view)

    def take(self, rows: list[object]) -> None:
        """Replace the rows."""
        self._pane.take(rows)

    def say(self, words: str) -> None:
        """Show a message in the list or above it."""
        self._pane.say(words, self._message)

    def draw(self) -> None:
        """Nothing: rows, message and details are all."""

    def refresh_now(self) -> None:
        """Nothing: the refresher reads all of it."""

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
        """None: its keys are those of all lists."""
        return ""

    def press(self, command: str, key: str = "") -> None:
        """Nothing: it has no keys of its own."""
