"""The details of the selected row below the list: it scrolls by keys and never has the focus."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.widgets import Static


class Details(VerticalScroll, can_focus=False):
    """A text that belongs to a row; another row's begins at its first line."""

    DEFAULT_CSS = """
    Details { display: none; height: 40%; border-top: solid $primary; padding: 0 1;
        border-subtitle-color: $text-muted; border-title-color: $text-muted; }
    Details.-open { display: block; }
    """

    def __init__(self) -> None:
        self._facts = Static("", id="facts", markup=False)
        super().__init__(self._facts, id="details")
        self._key = self._text = ""

    def show(self, key: str, text: str) -> None:
        """Show the text of the row with this key."""
        if text != self._text:
            self._text = text
            self._facts.update(text)
        if key != self._key:
            self._key = key
            self.scroll_to(y=0, animate=False, immediate=True)
        self._tell()

    def move(self, direction: int) -> None:
        """Half a page down (1) or up (-1)."""
        half = max(1, self.size.height // 2)
        self.scroll_relative(y=direction * half, animate=False, immediate=True)
        self._tell()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The wheel scrolls too."""
        super().watch_scroll_y(old_value, new_value)
        self._tell()

    def on_resize(self) -> None:
        """Another part fits."""
        self._tell()

    def _tell(self) -> None:
        """Which part is seen, where not all is."""
        lines, page = self.virtual_size.height, self.size.height
        top = round(self.scroll_y)
        more = lines > page > 0
        self.border_title = (
            f"J K scroll · {top + 1}–{min(lines, top + page)} of {lines}" if more else ""
        )
