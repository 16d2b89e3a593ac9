"""The line of tabs above what the chosen tab shows; a click chooses one."""

from __future__ import annotations

from textual import events
from textual.content import Content, Span
from textual.widgets import Static

from ecs_tui.model.service import Service
from ecs_tui.resources import Place
from ecs_tui.resources.service_page import TABS, has_tabs, tab_places
from ecs_tui.ui.pages.base import PageTurned
from ecs_tui.ui.tab_words import TabLineText, tab_line


class TabLine(Static):
    """One line: the tabs, and the service's name and state at the right end.

    A click on a tab posts `PageTurned`. It takes no room at a place that is no tab.
    """

    DEFAULT_CSS = "TabLine { height: 1; width: 1fr; color: $text-muted; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._about: tuple[Place, Service | None, bool] = (Place(), None, False)
        self._shown = TabLineText("", ())

    def write(self, place: Place, service: Service | None, *, waits: bool = False) -> None:
        """Show the tabs.

        Args:
            place: The chosen tab.
            service: The service, None while it is not loaded.
            waits: Whether its deployment waits for a person.
        """
        if (place, service, waits) != self._about:
            self._about = (place, service, waits)
            self.display = has_tabs(place)
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        """The chosen tab stands out without colour too."""
        place, service, waits = self._about
        if self.size.width and has_tabs(place):
            self._shown = tab_line(place.service, service, self.size.width, waits=waits)
            first, last = self._shown.tabs[TABS.index(place.view)]
            self.update(
                Content(self._shown.text, [Span(first, last, "reverse bold")]), layout=False
            )

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the mouse."""
        number, places = self._shown.tab_at(event.x), tab_places(self._about[0])
        if number is not None and number < len(places):
            self.post_message(PageTurned(places[number]))
