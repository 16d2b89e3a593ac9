"""Shows the page of the current place; the main screen knows no page but through it.

Only the list exists from the start; the others are those of `page_kinds.py`, each made when its
first place is shown: most runs need few of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module

from textual import events
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input

from ecs_tui.config.keymap import PAGE_KEYS, Keymap
from ecs_tui.config.settings import Settings
from ecs_tui.resources import Place
from ecs_tui.resources.facts import Fact
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Scope
from ecs_tui.store.lookups import Lookup
from ecs_tui.system import wall_clock
from ecs_tui.ui.context import ListPart, connection_of
from ecs_tui.ui.detail_pane import Details
from ecs_tui.ui.details import facts_about, lookups_for
from ecs_tui.ui.navigation import Navigation
from ecs_tui.ui.page_kinds import PageKind, PageOptions, kind_of
from ecs_tui.ui.pages.base import Page, TakesKeys, Visiting, selection
from ecs_tui.ui.pages.list import ListPage
from ecs_tui.ui.problem_center import ProblemCenter
from ecs_tui.ui.table.list_table import ListTable


class Pages(ContentSwitcher):
    """All pages, of which one is shown.

    Args:
        at: The connections and the place shown.
        keymap: The keys of all commands.
        problems: The watch of problems.
        settings: The settings.

    Attributes:
        current_page: The page of the place.
    """

    def __init__(
        self, at: Navigation, keymap: Keymap, problems: ProblemCenter, settings: Settings
    ) -> None:
        every = ListPage(keymap, flash=settings.flash)
        self._list: Page = every
        self._others: dict[PageKind, Page] = {}
        self._making = asyncio.Lock()
        self._options = PageOptions(keymap, settings, problems)
        self._navigation, self._keymap = at, keymap
        self.current_page: Page = every
        super().__init__(every, initial=every.id, id="main")

    # -- the place

    def arrive(self) -> None:
        """Show the current place; open details and the focus go with it from page to page."""
        at = self._navigation
        before = self.current_page
        had_details = before.rows.details.has_class("-open")
        focused = self.screen.focused
        page = self.page_of(at.place)
        self.current_page = page
        page.open(Visiting(at.connection, at.place, at.view, tuple(at.connections.all)))
        page.rows.open_details(had_details)
        self.current = page.id
        if focused is not None and focused is not page.target and self in focused.ancestors:
            # At once: Textual moves the focus of a hidden widget to the next one, maybe a shell.
            self.screen.set_focus(page.target)

    async def make(self, place: Place) -> None:
        """Make the page of a place, unless it exists."""
        kind = kind_of(place)
        async with self._making:
            if kind is None or kind in self._others:
                return
            await asyncio.to_thread(import_module, kind.module)
            page = kind.make(self._options)
            assert isinstance(page, Widget)
            page.display = False
            await self.mount(page)
            self._others[kind] = page

    def exists(self, place: Place) -> bool:
        """Whether the page of a place exists."""
        kind = kind_of(place)
        return kind is None or kind in self._others

    def page_of(self, place: Place) -> Page:
        """The page of a place; the list as long as its own does not exist."""
        kind = kind_of(place)
        return self._list if kind is None else self._others.get(kind, self._list)

    def scopes(self) -> tuple[Scope, ...]:
        """What must be refreshed for the current place."""
        at = self._navigation
        return tuple(
            dict.fromkeys(
                (
                    *at.view.scopes(at.place),
                    *self.current_page.scopes(at.place),
                    *at.view.beside(at.place),
                )
            )
        )

    # -- rows and selection

    @property
    def table(self) -> ListTable:
        """The rows of the place, whether they are shown as a list or not."""
        return self.current_page.rows.table

    @property
    def part(self) -> ListPart:
        """What the keys that move, mark and sort act on."""
        return self.current_page.part

    @property
    def selection(self) -> tuple[object, Sequence[object]]:
        """The selected row; the marked rows, without marks the selected one."""
        return selection(self.current_page)

    def take(self, rows: list[object]) -> None:
        """Take the place's rows from the store."""
        self.current_page.take(rows)

    def say(self, words: str) -> None:
        """Show a message on the page."""
        self.current_page.say(words)

    def focus_page(self) -> None:
        """Give the focus to the page."""
        self.current_page.target.focus()

    # -- keys of a page

    @property
    def own_keys(self) -> str:
        """The name of the page's own keys, "" for none."""
        return self.current_page.own_keys

    def press(self, event: events.Key) -> bool:
        """Do what a key of the page does; returns whether it has that key."""
        own = self.own_keys
        if not own:
            return False
        command = self._keymap.command(f"the page {own}", event.key, event.character)
        if command in PAGE_KEYS[own]:
            self.current_page.press(command, event.key)
            return True
        return False

    @staticmethod
    def take_late(line: Input, event: events.Key) -> None:
        """Give a line of input of a page what was typed before it had the focus."""
        if isinstance(line.parent, TakesKeys):
            line.parent.take(event)

    # -- details

    @property
    def details(self) -> Details:
        """The details of the selected row."""
        return self.current_page.rows.details

    @property
    def details_open(self) -> bool:
        """Whether the details of the selected row are shown."""
        return self._navigation.view.listed and self.current_page.rows.details_open

    @property
    def details_pinned(self) -> bool:
        """Whether they cannot be closed."""
        return self.details_open and self.current_page.rows.pinned

    def lookups(self) -> dict[Connection, list[Lookup]]:
        """What open details need besides the lists, by the connection of the selected row."""
        row = self.table.current
        if not self.details_open or row is None:
            return {}
        connection = connection_of(row, self._navigation)
        return {connection: lookups_for(row, connection.inventory)}

    def draw(self, more: Callable[[str, object], Sequence[Fact]]) -> None:
        """Draw what changes with the store or with time.

        Args:
            more: Further facts about the selected row, from its task definition and the row.
        """
        self.current_page.draw()
        if self.details_open:
            row, view = self.table.current, self._navigation.view
            inventory = connection_of(row, self._navigation).inventory
            definition = view.definition_of(row) if row is not None else ""
            about = facts_about(row, inventory, wall_clock.moment(), more(definition, row))
            self.current_page.rows.show_details(about)
