"""The page of a service: a line of tabs, and below it the tab that the place names."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import ContentSwitcher

from ecs_tui.config.keymap import Keymap
from ecs_tui.model.service import Service
from ecs_tui.resources import Place
from ecs_tui.resources.service_page import OVERVIEW, shown_scope, shown_service
from ecs_tui.resources.services import pause_of
from ecs_tui.store.inventory import Scope
from ecs_tui.ui.context import ListPart
from ecs_tui.ui.list_pane import ListPane, PageMessage
from ecs_tui.ui.pages.base import Visiting
from ecs_tui.ui.pages.service.definition import DefinitionTab
from ecs_tui.ui.pages.service.metrics import MetricsTab
from ecs_tui.ui.pages.service.overview import OverviewTab
from ecs_tui.ui.pages.service.scrolled import ScrolledPart
from ecs_tui.ui.pages.service.tab import ServiceTab
from ecs_tui.ui.tab_line import TabLine

_ROWS = "service-rows"


class ServicePage(Vertical):
    """Shows one service.

    The list also has the row of the tabs that are no lists, so that there is one selection, and the
    commands about a service work on all tabs.
    """

    DEFAULT_CSS = "ServicePage > ContentSwitcher { height: 1fr; width: 1fr; }"

    def __init__(self, keymap: Keymap, *, flash: bool) -> None:
        super().__init__(id="service-page")
        self._line = TabLine()
        self._message = PageMessage()
        self._pane = ListPane(OVERVIEW, keymap, flash=flash, id=_ROWS)
        overview, definition = OverviewTab("overview-tab"), DefinitionTab("definition-tab")
        metrics = MetricsTab("metrics-tab")
        self._own: dict[str, ServiceTab] = {
            "overview": overview, "definition": definition, "metrics": metrics,
        }  # fmt: skip
        self._widgets = {
            "overview": overview.id,
            "definition": definition.id,
            "metrics": metrics.id,
        }
        self._tabs = ContentSwitcher(self._pane, overview, definition, metrics, initial=_ROWS)
        self._parts = {view: ScrolledPart(tab.scroller) for view, tab in self._own.items()}
        self._at: Visiting | None = None

    def compose(self) -> ComposeResult:
        yield self._line
        yield self._message
        yield self._tabs

    # -- what every page has

    def scopes(self, place: Place) -> tuple[Scope, ...]:
        """The service, for the line of tabs, whatever the tab shows."""
        return (shown_scope(place),)

    def open(self, at: Visiting) -> None:
        """Show a tab of a service."""
        before, self._at = self._at, at
        place = at.place
        self._pane.table.show(at.view)
        self._pane.pin(place.view == "deployments")
        self._tabs.current = self._widgets.get(place.view) or _ROWS
        if before is None or before.connection is not at.connection or not _same(before, place):
            for tab in self._own.values():
                tab.forget()
        self.refresh_now()
        self.draw()

    def take(self, rows: list[object]) -> None:
        """Take the tab's rows: the service itself where it is no list."""
        self._pane.take(rows)

    def say(self, words: str) -> None:
        """Show a message in a list without rows, else below the line of tabs."""
        if self._tabs.current == _ROWS:
            self._pane.say(words, self._message)
        else:
            self._message.say(words)

    def draw(self) -> None:
        """Draw the line of tabs, and the tab if it is no list."""
        if self._at is None:
            return
        service = self._service
        inventory = self._at.connection.inventory
        waits = service is not None and pause_of(inventory, service) is not None
        self._line.write(self._at.place, service, waits=waits)
        if (tab := self._tab) is not None:
            tab.show(self._at, service)

    @property
    def _tab(self) -> ServiceTab | None:
        """The chosen tab, None if it is a list."""
        return self._own.get(self._at.place.view) if self._at is not None else None

    @property
    def _service(self) -> Service | None:
        """The service that the page is about, or None while it is not loaded."""
        if self._at is None:
            return None
        return shown_service(self._at.connection.inventory, self._at.place)

    def refresh_now(self) -> None:
        """Read again what the chosen tab reads itself."""
        if (tab := self._tab) is not None:
            tab.refresh_now()

    @property
    def rows(self) -> ListPane:
        """The list."""
        return self._pane

    @property
    def part(self) -> ListPart:
        """The rows, or what scrolls instead."""
        view = self._at.place.view if self._at is not None else ""
        return self._parts.get(view) or self._pane.table

    @property
    def target(self) -> Widget:
        """What the chosen tab shows."""
        tab = self._tab
        return self._pane.table if tab is None else tab.scroller

    @property
    def own_keys(self) -> str:
        """The keys of the chosen tab."""
        tab = self._tab
        return "" if tab is None else tab.own_keys

    def press(self, command: str, key: str = "") -> None:
        """Do what a key of the chosen tab does."""
        if (tab := self._tab) is not None:
            tab.press(command, key)


def _same(before: Visiting, place: Place) -> bool:
    """Whether it was the same service."""
    here = (before.place.cluster, before.place.service)
    return here == (place.cluster, place.service)
