"""What commands may do on the main screen: move between places, show dialogs and notes.

The first rows need no dialog: each is imported where it opens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from textual.screen import ModalScreen, Screen

from ecs_tui.config.keymap import Keymap
from ecs_tui.config.settings import Settings
from ecs_tui.config.state import SavedChoices
from ecs_tui.record import dataclass
from ecs_tui.resources import Place
from ecs_tui.store.connections import Connection, Connections
from ecs_tui.ui.background import BackgroundReader
from ecs_tui.ui.commands import COMMANDS, DOCK
from ecs_tui.ui.context import Context, ListPart, cluster_of, connection_of
from ecs_tui.ui.dock.controller import Shells
from ecs_tui.ui.dock.dock import Dock
from ecs_tui.ui.navigation import Navigation, Visit
from ecs_tui.ui.page_host import Pages
from ecs_tui.ui.rows import RowUpdates
from ecs_tui.ui.screen_bars import ScreenBars
from ecs_tui.ui.start import StartPlace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What only the screen itself can do.

    Attributes:
        draw: Redraws bars and details.
        draw_foot: Redraws the footer.
        open_prompt: Opens the prompt for `/` or `:`.
        leave: Quits; asks first if shells are open.
    """

    draw: Callable[[], None]
    draw_foot: Callable[[], None]
    open_prompt: Callable[[str], None]
    leave: Callable[[], object]


class ScreenWorkspace:
    """The `Workspace` of the main screen.

    Attributes:
        keymap: The keys of all commands.
        connections: The open connections.
        lists: The operator's columns and groups of each list.
        choices: Choices that are kept between runs.
        pages: All pages, of which one is shown.
        dock: The dock of shells.
        shells: What opens and ends shells.
    """

    def __init__(
        self,
        screen: Screen[None],
        settings: Settings,
        navigation: Navigation,
        pages: Pages,
        dock: Dock,
        shells: Shells,
        choices: SavedChoices,
        bars: ScreenBars,
        rows: RowUpdates,
        background: BackgroundReader,
        callbacks: Callbacks,
    ) -> None:
        self._screen, self._settings, self._at = screen, settings, navigation
        self.keymap: Keymap = settings.keymap
        self.connections: Connections = navigation.connections
        self.pages, self.dock, self.shells, self.choices = pages, dock, shells, choices
        self._bars, self._rows = bars, rows
        self.lists = navigation.lists
        self._background, self._callbacks = background, callbacks
        self._then: Callable[[], None] | None = None

    @property
    def table(self) -> ListPart:
        """The list of the page, or its text."""
        return self.pages.part

    def context(self, key: str = "") -> Context:
        """The state of the screen, frozen. `key`: Textual's name of the key that was pressed."""
        (row, rows), at = self.pages.selection, self._at
        return Context(
            connection=connection_of(row, at),
            place=at.place,
            resource=at.view,
            row=row,
            rows=tuple(rows),
            settings=self._settings,
            cluster=cluster_of(at.place, at.view, row),
            connections=tuple(connection_of(each, at) for each in rows),
            key=key,
            pane=self.dock.current,
            shells=len(self.dock.panes),
            details_open=self.details_open,
            details_pinned=self.pages.details_pinned,
            page_keys=self.pages.own_keys,
        )

    # -- places

    def start(self, start: StartPlace) -> None:
        """Open the configured connections and go to the first place."""
        self.subscribe(self.connections.current)
        for label in self._settings.accounts:
            self.subscribe(self.connections.open_label(label))
        *before, place = start.places(several=len(self.connections.all) > 1)
        self._at.start(place, *before)
        self._arrived()
        if start.select:
            self.pages.table.select_key(start.select)
        if start.definition:
            from ecs_tui.ui.landing import show_definition

            here = self.connections.current
            self._screen.call_after_refresh(show_definition, self, here, start.definition)

    def subscribe(self, connection: Connection) -> None:
        """Listen to a new connection's changes and read its identity."""
        if not connection.subscribed:
            connection.subscribed = True
            connection.inventory.listen(self._rows.changed)
            self._background.identify(connection)

    def go(self, place: Place, *, connection: Connection | None = None, select: str = "") -> None:
        """Go to a place.

        Args:
            place: The place to show.
            connection: The connection to show it through; None for the current one.
            select: The key of the row to select there, or "".
        """
        visit = Visit(connection or self.connections.current, place, select)
        self._once_made(place, lambda: self._leave_for(visit))

    def _once_made(self, place: Place, act: Callable[[], None]) -> None:
        """Do what shows a place once its page exists, before the next key; the last place wins."""
        self._then = None
        if self.pages.exists(place):
            act()
            return

        async def make() -> None:
            await self.pages.make(place)
            if self._then is act:
                self._then = None
                act()

        self._then = act
        self._screen.call_next(make)

    def _leave_for(self, visit: Visit) -> None:
        self._at.leave(self._here())
        self._arrive(visit)

    def toggle(self, place: Place) -> None:
        """Go back to a place if it is the one before this one; else go to it."""
        visit = self._at.back_to(place, self._here())
        if visit is None:
            self.go(place)
        else:
            self._arrive(visit)

    def turn(self, place: Place) -> None:
        """Go to another tab of the page, as it was left; the tabs are left together."""
        self._once_made(place, lambda: self._leave_for(self._at.tab(place)))

    def go_back(self) -> None:
        """Clear the filter, else the marks, else close the details, else leave the page."""
        table = self.pages.table
        if table.filter:
            table.set_filter("")
        elif table.clear_marks():
            pass
        elif self.details_open and not self.pages.details_pinned:
            self.toggle_details(False)
        elif (visit := self._at.out(self._here())) is not None:
            self._arrive(visit)
        self._callbacks.draw()

    def step(self, direction: int) -> None:
        """Go to the place before (-1) or after (1) this one."""
        step = self._at.before if direction < 0 else self._at.after
        visit = step(self._here())
        if visit is None:
            self.note("No earlier place." if direction < 0 else "No later place.")
        else:
            self._arrive(visit)

    def _here(self) -> Visit:
        row, table, at = self.pages.table.current, self.pages.table, self._at
        key = at.view.key(row) if row is not None else ""
        return Visit(self.connections.current, at.place, key, table.filter, at.turned)

    def _arrive(self, visit: Visit) -> None:
        self._at.arrive(visit.connection, visit.place, turned=visit.turned)
        self.subscribe(visit.connection)
        self._arrived()
        if visit.key:
            self.pages.table.select_key(visit.key)
        if visit.filter:
            self.pages.table.set_filter(visit.filter)
        self._callbacks.draw()

    def _arrived(self) -> None:
        place = self._at.place
        self.pages.arrive()
        shown, scopes = self._at.shown, self.pages.scopes()
        for connection in self.connections.all:
            if connection in shown:
                connection.refresher.look_at(*scopes)
                self._background.restore(connection, place.cluster)
            else:
                connection.refresher.look_at()  # a merged list was left
        if place.view == "containers":
            self._background.load_definition()
        self._rows.update()

    def refresh_now(self) -> None:
        """Refresh what is shown, and read missing identities again."""
        self._background.refresh_now()
        self.pages.current_page.refresh_now()

    # -- the screen

    def note(self, words: str, seconds: float = 8.0, *, news: bool = False) -> None:
        """Show a note in the footer, until the next key or for `seconds`.

        Args:
            words: The note; in a `KeyText`, ids of commands become their keys.
            seconds: The longest time that it is shown.
            news: Whether no key caused it: keys then clear it only after a moment.
        """
        self._bars.note(words, seconds, news=news)
        self._callbacks.draw_foot()

    async def ask(self, dialog: ModalScreen[T]) -> T | None:
        """Show a dialog and wait for its result."""
        return await self._screen.app.push_screen_wait(dialog)

    async def show(self, dialog: ModalScreen[Any]) -> None:
        """Show a dialog whose result nobody needs."""
        await self._screen.app.push_screen(dialog)

    def copy(self, text: str) -> None:
        """Copy a text to the clipboard of the outer terminal (OSC 52)."""
        self._screen.app.copy_to_clipboard(text)

    def open_prompt(self, kind: str) -> None:
        """Open the prompt for a filter (`/`) or a destination (`:`)."""
        self._callbacks.open_prompt(kind)

    @property
    def details_open(self) -> bool:
        """Whether the details of the selected row are shown."""
        return self.pages.details_open

    def toggle_details(self, show: bool | None = None) -> None:
        """Show or hide the details of the selected row; None toggles them."""
        if not self.pages.details_pinned:
            show = not self.details_open if show is None else show
            self.pages.current_page.rows.open_details(show)
        self._rows.look_up()
        self._callbacks.draw()

    def scroll_details(self, direction: int) -> None:
        """Scroll the details half a page, down (1) or up (-1)."""
        self.pages.details.move(direction)

    def toggle_header(self) -> None:
        """Change to the next form of the header."""
        self._bars.cycle_header()
        self._callbacks.draw()

    @property
    def filter(self) -> str:
        """The filter of the list, or ""."""
        return self.pages.table.filter

    def set_filter(self, text: str) -> None:
        """Replace the filter of the list."""
        self.pages.table.set_filter(text)
        self._callbacks.draw()

    def rearrange(self) -> None:
        """Show the list with its columns and groups, which have changed."""
        self.pages.table.change_columns(self._at.view)
        self._callbacks.draw()

    def focus_list(self) -> None:
        """Give the keys to the page."""
        self.dock.zoom(False)
        self.pages.focus_page()

    async def show_help(self, context: Context, *, shell: bool = False) -> None:
        """Show the keys: those of the list, or those of a shell."""
        from ecs_tui.ui.dialogs.help import HelpScreen
        from ecs_tui.ui.help import help_sections

        commands = DOCK if shell else (*COMMANDS, *DOCK)
        await self.show(HelpScreen(help_sections(commands, context, self.keymap)))

    def suspend(self) -> None:
        """Stop the process group, as ctrl+z does in a shell."""
        self._screen.app.action_suspend_process()

    def leave(self) -> None:
        """Quit; asks first if shells are open."""
        self._callbacks.leave()
