"""The lines above and below the list: who and where, the path, the keys that work here."""

from __future__ import annotations

from rich.cells import cell_len
from textual.widgets import Static


class Bar(Static):
    """One line with a left and a right part; the left one is cut where both do not fit."""

    DEFAULT_CSS = """
    Bar { height: 1; width: 1fr; background: $surface; color: $foreground; padding: 0 1; }
    Bar.-quiet { background: $background; color: $text-muted; }
    Bar.-error { background: $background; color: $text-error; }
    """

    def __init__(self, classes: str = "") -> None:
        super().__init__("", classes=classes, markup=False)
        self._left = self._right = ""

    def write(self, left: str, right: str = "") -> None:
        """Show these words."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self._draw()

    def on_resize(self) -> None:
        """Another width."""
        self._draw()

    def _draw(self) -> None:
        room = max(0, self.size.width)
        left, right = self._left, self._right
        if cell_len(left) + cell_len(right) + 1 > room:
            keep = max(0, room - cell_len(right) - 2)
            left = left[:keep] + "…" if keep else ""
        gap = max(1, room - cell_len(left) - cell_len(right))
        self.update(f"{left}{' ' * gap}{right}")
