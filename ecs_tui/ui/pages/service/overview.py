"""The tab that says in one screen how a service is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from textual.containers import VerticalScroll
from textual.content import Content, Span
from textual.widgets import Static

from ecs_tui.model.service import Service
from ecs_tui.resources.service_overview import overview_sections
from ecs_tui.resources.services import service_facts, service_row
from ecs_tui.system import wall_clock
from ecs_tui.ui.pages.base import Visiting
from ecs_tui.ui.pages.service.overview_words import Section, laid_out, sections


class OverviewTab(VerticalScroll):
    """Sections of facts, in two columns where there is room."""

    DEFAULT_CSS = "OverviewTab { padding: 0 1; scrollbar-gutter: stable; }"
    own_keys = ""

    def __init__(self, id: str) -> None:
        self._text = Static("", markup=False)
        super().__init__(self._text, id=id)
        self._sections: Sequence[Section] = ()
        self._lines: list[str] = []

    @property
    def scroller(self) -> VerticalScroll:
        """Itself."""
        return self

    def show(self, at: Visiting, service: Service | None) -> None:
        """Show what is known of the service; the place in the text stays."""
        if service is None:
            self.show_sections(())
            return
        inventory, place, now = at.connection.inventory, at.place, wall_clock.moment()
        row = service_row(inventory, place.cluster, service)
        stopped = inventory.stopped_tasks(place.cluster, place.service)
        running = inventory.service_tasks(place.cluster, place.service)
        more = overview_sections(inventory, service, running, now)
        about = service_facts(row, inventory, now)
        self.show_sections(sections(row, about, stopped, now, more))

    def show_sections(self, found: Sequence[Section]) -> None:
        """Show these sections; the place in the text stays."""
        self._sections = found
        self._draw()

    def refresh_now(self) -> None:
        """Nothing: the refresher reads all of it."""

    def forget(self) -> None:
        """Scroll to the top."""
        self.scroll_to(y=0, animate=False)

    def press(self, command: str, key: str = "") -> None:
        """Nothing: it has no keys of its own."""

    def on_resize(self) -> None:
        """Lay the sections out again."""
        self._draw()

    def _draw(self) -> None:
        lines = laid_out(self._sections, self.scrollable_content_region.width)
        if lines != self._lines:
            self._lines = lines
            titles = {section.title for section in self._sections}
            self._text.update(Content("\n".join(lines), _bold(lines, titles)))


def _bold(lines: Sequence[str], titles: set[str]) -> list[Span]:
    """The spans of the titles, in either column."""
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    found = []
    for line, start in zip(lines, starts, strict=False):
        for title in titles:
            if line == title or line.startswith(f"{title}  "):
                found.append(Span(start, start + len(title), "bold"))
            if line.endswith(f"  {title}"):
                found.append(Span(start + len(line) - len(title), start + len(line), "bold"))
    return found
