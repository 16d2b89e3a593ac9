"""The details of the selected row. The pane never has the focus; the list's keys scroll it."""

from __future__ import annotations

from rich.cells import set_cell_size
from textual.containers import VerticalScroll
from textual.content import Content, Span
from textual.widgets import Static

from ecs_tui.config.keymap import Keymap
from ecs_tui.ui.two_columns import name_cells, two_columns


class Details(VerticalScroll, can_focus=False):
    """Shows facts about a row; scrolls to the top when another row is shown."""

    DEFAULT_CSS = """
    Details { display: none; height: 40%; border-top: solid $primary; padding: 0 1;
        border-subtitle-color: $text-muted; border-title-color: $text-muted; }
    Details.-open { display: block; }
    """

    def __init__(self, keymap: Keymap) -> None:
        self._keys = f"{keymap.first('details-down')} {keymap.first('details-up')}"
        self._facts = Static("", id="facts", markup=False)
        super().__init__(self._facts, id="details")
        self._key = self._text = ""
        self._about: list[tuple[str, str]] = []

    def show(self, key: str, about: list[tuple[str, str]]) -> None:
        """Show facts, as (name, value), about the row with this key."""
        self._about = about
        self._lay_out()
        if key != self._key:
            self._key = key
            self.scroll_to(y=0, animate=False, immediate=True)
        self._show_position()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        text = two_columns(self._about, width)
        if text != self._text:
            self._text = text
            self._facts.update(_coloured(text, name_cells(self._about, width)))

    def move(self, direction: int) -> None:
        """Scroll half a page, down (1) or up (-1)."""
        half = max(1, self.size.height // 2)
        self.scroll_relative(y=direction * half, animate=False, immediate=True)
        self._show_position()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Update the position, also when the mouse wheel scrolls."""
        super().watch_scroll_y(old_value, new_value)
        self._show_position()

    def on_resize(self) -> None:
        """Wrap the facts to the new width."""
        self._lay_out()
        self._show_position()

    def _show_position(self) -> None:
        """Show in the border which lines are visible, unless all are."""
        lines, page = self.virtual_size.height, self.size.height
        top = round(self.scroll_y)
        more = lines > page > 0
        self.border_title = (
            f"{self._keys} scroll · {top + 1}–{min(lines, top + page)} of {lines}" if more else ""
        )


def _coloured(text: str, names: int) -> Content:
    """The facts with their names less bright than their values.

    Args:
        names: The cells of the names' column.
    """
    spans, at = [], 0
    for line in text.split("\n"):
        name = len(set_cell_size(line, names).rstrip())
        spans.append(Span(at, at + min(name, len(line)), "$foreground-muted"))
        at += len(line) + 1
    return Content(text, spans)
