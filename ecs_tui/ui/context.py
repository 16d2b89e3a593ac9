"""What a command knows when its key is pressed (`Context`), and what it may do (`Workspace`).

Commands never see the screen: it implements these protocols, and a command that waits acts on the
context that was frozen at its key press, whatever is selected by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from textual.screen import ModalScreen

from ecs_tui.config.keymap import Keymap
from ecs_tui.config.settings import Settings
from ecs_tui.config.state import SavedChoices
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass
from ecs_tui.resources import Place, Resource
from ecs_tui.resources.service_page import shown_service
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.store.inventory import Inventory
from ecs_tui.ui.list_views import ListViews
from ecs_tui.ui.navigation import Navigation

if TYPE_CHECKING:
    from ecs_tui.model.command import ShellCommand
    from ecs_tui.model.container import Container
    from ecs_tui.session.target import Target
    from ecs_tui.ui.dock.pane import ShellPane

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """The state of the screen when a key was pressed.

    Attributes:
        connection: The connection of the row in a merged list, else the current one.
        place: The place shown.
        resource: The descriptor of the list shown.
        row: The row under the cursor, or None.
        rows: The marked rows, else the row under the cursor, else none.
        settings: The settings.
        cluster: The name of the place's cluster, else of the row's, else "".
        connections: The connection of each of `rows`: in a merged list they may differ.
        key: Textual's name of the key that was pressed; "" for a command typed after `:`.
        pane: The shell in front in the dock, or None.
        shells: How many shells are open.
        details_open: Whether the details are shown.
        details_pinned: Whether they cannot be closed here.
        page_keys: The name of the page's own keys in `PAGE_KEYS`, which come first; "" for none.
    """

    connection: Connection
    place: Place
    resource: Resource
    row: Any | None
    rows: tuple[Any, ...]
    settings: Settings
    cluster: str
    connections: tuple[Connection, ...] = ()
    key: str = ""
    pane: ShellPane | None = None
    shells: int = 0
    details_open: bool = False
    details_pinned: bool = False
    page_keys: str = ""

    @property
    def listed(self) -> bool:
        """Whether the page shows a list of rows."""
        return self.resource.listed

    @property
    def inventory(self) -> Inventory:
        """The loaded data of the connection."""
        return self.connection.inventory

    @property
    def merged(self) -> bool:
        """Whether the list has rows of several connections."""
        return self.resource.merged is not None

    @property
    def service(self) -> Service | None:
        """The selected service, or the service that the place is about, or None."""
        found = self.resource.service_of(self.row) if self.row is not None else None
        if found is not None:
            return found
        return shown_service(self.inventory, self.place)

    @property
    def definition(self) -> str:
        """The task definition of the selected row, or ""."""
        return self.resource.definition_of(self.row) if self.row is not None else ""

    @property
    def error(self) -> EcsTuiError | None:
        """The last error of the row's connection, unless a later call succeeded."""
        if self.merged and self.row is not None:
            found: EcsTuiError | None = getattr(self.row, "error", None)
            return found
        fresh = (self.inventory.freshness(scope) for scope in self.resource.scopes(self.place))
        return next((item.error for item in fresh if item.error), None) or self.connection.error


def connection_of(row: Any, navigation: Navigation) -> Connection:
    """The connection of a row of a merged list, else the current one."""
    inventory = getattr(row, "inventory", None)
    every = navigation.connections.all
    return next((each for each in every if each.inventory is inventory), navigation.connection)


def cluster_of(place: Place, resource: Resource, row: Any) -> str:
    """The cluster of a place, else of the selected row, else ""."""
    return place.cluster or (resource.cluster_of(row) if row is not None else "")


class ListPart(Protocol):
    """The list on the screen, or the text that is shown in its place."""

    @property
    def page(self) -> int:
        """Rows of a page."""

    @property
    def order(self) -> Sequence[int]:
        """The rows shown, as indices."""

    @property
    def shown_columns(self) -> Sequence[str]:
        """The keys of the columns on the screen, from left to right."""

    @property
    def sort_key(self) -> str:
        """The key of the sort column, "" for the resource's own order."""

    @property
    def rows(self) -> Sequence[object]:
        """All rows, including those that the filter hides."""

    def move(self, lines: int) -> None:
        """Move the cursor; it stops at the ends."""

    def select_key(self, key: str) -> None:
        """Put the cursor on the row with this key, now or as soon as the row is there."""

    def sort_by(self, key: str) -> None:
        """Sort by a column; a second time reverses the order."""

    def mark(self) -> None:
        """Mark the row under the cursor, or unmark it."""

    def mark_range(self) -> None:
        """Mark the rows from the last marked one to the cursor."""

    def mark_all(self) -> None:
        """Mark all shown rows, or unmark them if all are marked."""

    def toggle_wide(self) -> bool:
        """Show as many columns as possible, or stop; returns which."""


class DockPart(Protocol):
    """The dock of shells."""

    @property
    def panes(self) -> Sequence[ShellPane]:
        """All shells, in the order of the tabs."""

    @property
    def zoomed(self) -> bool:
        """Whether the current shell fills the screen."""

    def show(self, pane: ShellPane) -> None:
        """Bring a shell to the front and focus it."""

    def cycle(self, step: int = 1) -> None:
        """Bring the next shell (1) or the previous one (-1) to the front."""

    def zoom(self, on: bool) -> None:
        """Show the current shell over the whole screen, or not."""

    def focus_current(self) -> None:
        """Bring the current shell to the front and focus it."""

    def send_to_background(self, pane: ShellPane) -> None:
        """Hide a shell."""

    def turn(self) -> str:
        """Switch to the next layout; returns its name."""

    def lay_out(self, layout: str) -> None:
        """Switch to a layout."""

    def neighbour(self, direction: str) -> ShellPane | None:
        """The shell to the left, to the right, above or below the current one."""


class ChoicePart(Protocol):
    """The commands of shells."""

    def choose(self, target: Target) -> ShellCommand:
        """The command of a shell if the operator types none."""

    async def target(self, connection: Connection, task: Task, container: Container) -> Target:
        """The target for a container."""

    async def ask(self, target: Target, line: str = "") -> ShellCommand | None:
        """Ask for a command; None if the operator cancels."""

    def forget(self, family: str, container: str = "") -> str:
        """Forget what is remembered of a family or container; returns the note to show."""


class ShellsPart(Protocol):
    """Opens, changes and ends shells."""

    @property
    def choice(self) -> ChoicePart:
        """Chooses the commands of shells."""

    @property
    def last_exit_reason(self) -> dict[str, str]:
        """How the last shell of a task ended, by the task's ARN."""

    def open(
        self,
        target: Target,
        *,
        connection: Connection | None = None,
        stop_after: bool = False,
        command: ShellCommand | None = None,
        purpose: str = "",
    ) -> None:
        """Open a session in the dock."""

    def open_successor(self, pane: ShellPane) -> None:
        """Open a shell in the same container of the replacement task."""

    def reopen(self, pane: ShellPane) -> None:
        """Start a new session in place of one that has ended."""

    def ask_command(self, pane: ShellPane) -> None:
        """Ask for another command and run it in the container of a shell."""

    def close(self, pane: ShellPane) -> None:
        """End a shell and remove it."""

    def mark(self, pane: ShellPane, on: bool) -> None:
        """Mark a shell for broadcast, or unmark it."""

    async def ask_clipboard(self, pane: ShellPane) -> None:
        """Ask whether a program may use the clipboard."""

    def turn(self) -> None:
        """Move the dock beside or below the list."""


class Workspace(Protocol):
    """What a command may do. The main screen implements it."""

    @property
    def keymap(self) -> Keymap:
        """The keys of all commands."""

    @property
    def connections(self) -> Connections:
        """The open connections."""

    @property
    def choices(self) -> SavedChoices:
        """Choices that are kept between runs."""

    @property
    def lists(self) -> ListViews:
        """The operator's columns and groups of each list."""

    @property
    def table(self) -> ListPart:
        """The list of the page, or its text."""

    @property
    def dock(self) -> DockPart:
        """The dock of shells."""

    @property
    def shells(self) -> ShellsPart:
        """What opens and ends shells."""

    def note(self, words: str, seconds: float = 8.0, *, news: bool = False) -> None:
        """Show a note in the footer; in a `KeyText`, ids of commands become their keys."""

    async def ask(self, dialog: ModalScreen[T]) -> T | None:
        """Show a dialog and wait for its result. Only for a command that `waits`."""

    async def show(self, dialog: ModalScreen[Any]) -> None:
        """Show a dialog whose result nobody needs."""

    def copy(self, text: str) -> None:
        """Copy a text to the clipboard of the outer terminal (OSC 52)."""

    def go(self, place: Place, *, connection: Connection | None = None, select: str = "") -> None:
        """Go to a place, and select the row with the key `select`."""

    def toggle(self, place: Place) -> None:
        """Go back to a place if it is the one before this one; else go to it."""

    def turn(self, place: Place) -> None:
        """Go to another tab of the page."""

    def go_back(self) -> None:
        """Clear the filter, else the marks, else close the details, else leave the page."""

    def step(self, direction: int) -> None:
        """Go to the place before (-1) or after (1) this one."""

    def subscribe(self, connection: Connection) -> None:
        """Listen to a new connection's changes and read its identity."""

    def refresh_now(self) -> None:
        """Refresh the shown lists, and read missing identities again."""

    def open_prompt(self, kind: str) -> None:
        """Open the line for a filter (`/`) or a destination (`:`)."""

    def toggle_details(self, show: bool | None = None) -> None:
        """Show or hide the details of the selected row; None toggles them."""

    def scroll_details(self, direction: int) -> None:
        """Scroll the details half a page, down (1) or up (-1)."""

    def toggle_header(self) -> None:
        """Change to the next form of the header: the block, one line, nothing."""

    @property
    def filter(self) -> str:
        """The filter of the list, or ""."""

    def set_filter(self, text: str) -> None:
        """Replace the filter of the list."""

    def rearrange(self) -> None:
        """Show the list with its columns and groups, which have changed."""

    def focus_list(self) -> None:
        """Give the keys to the list."""

    async def show_help(self, context: Context, *, shell: bool = False) -> None:
        """Show the keys: those of the list, or those of a shell."""

    def suspend(self) -> None:
        """Stop the process group, as ctrl+z does in a shell."""

    def leave(self) -> None:
        """Quit; asks first if shells are open."""
