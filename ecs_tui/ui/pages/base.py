"""What every page of the main screen has. `ui/page_host.py` shows the page of the current place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from textual import events
from textual.message import Message
from textual.widget import Widget

from ecs_tui.record import dataclass
from ecs_tui.resources import Place, Resource
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Scope
from ecs_tui.ui.context import ListPart
from ecs_tui.ui.list_pane import ListPane


@dataclass(frozen=True, slots=True)
class Visiting:
    """Where the operator is, for a page.

    Attributes:
        connection: The current connection.
        place: The place shown.
        view: The descriptor of the place's rows.
        every: All open connections, for pages that show several.
    """

    connection: Connection
    place: Place
    view: Resource
    every: tuple[Connection, ...] = ()


class PageTurned(Message):
    """Another tab of a page was chosen with the mouse.

    Attributes:
        place: The place that it is.
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class PlaceOpened(Message):
    """A row of a page was opened that leads to another place.

    Attributes:
        place: The place.
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place


class Page(Protocol):
    """A page, which is a widget besides.

    The commands of a page are those that fit its descriptor (`Command.fits`); its title is the place
    in the path above it.
    """

    @property
    def id(self) -> str | None:
        """The id of its widget."""

    def scopes(self, place: Place) -> tuple[Scope, ...]:
        """What must be refreshed for it, besides the scopes of the place's descriptor."""

    def open(self, at: Visiting) -> None:
        """Show another place."""

    def take(self, rows: list[object]) -> None:
        """Take the place's rows from the store. The cursor stays on its row."""

    def say(self, words: str) -> None:
        """Show a message: an error, or why there are no rows; "" for none."""

    def draw(self) -> None:
        """Draw what changes with the store or with time; called at least once a second."""

    def refresh_now(self) -> None:
        """Read again what the page reads itself, without the refresher."""

    @property
    def rows(self) -> ListPane:
        """The list of the place's rows: the selection, even where another widget shows the row."""

    @property
    def part(self) -> ListPart:
        """What the keys that move, mark and sort act on."""

    @property
    def target(self) -> Widget:
        """The widget that has the focus while the page has it."""

    @property
    def own_keys(self) -> str:
        """The name of its own keys in `PAGE_KEYS` of config/keymap.py; they come first. "" for none."""

    def press(self, command: str, key: str = "") -> None:
        """Do what one of its own keys does.

        Args:
            command: The id of the key.
            key: Textual's name of it, for ids whose keys mean different things.
        """


@runtime_checkable
class TakesKeys(Protocol):
    """A part of a page with a line of input that takes keys typed before it had the focus."""

    def take(self, event: events.Key) -> None:
        """Do what the key does in the line of input."""


def selection(page: Page) -> tuple[object, Sequence[object]]:
    """The selected row of a page, and the marked rows: without marks the selected one."""
    table = page.rows.table
    row = table.current
    return row, tuple(table.marked) or (() if row is None else (row,))
