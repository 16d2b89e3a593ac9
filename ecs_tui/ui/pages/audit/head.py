"""The lines above the timeline: what is shown and how far it is; layers and what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.widgets import Static

LEAST_CELLS = 16
"""Cells in which the first of the right parts still says something."""
_GAP_CELLS = 2


def one_line(left: str, right: Sequence[str], room: int) -> str:
    """A text, and parts at the right end of a line.

    Where it is narrow the last parts are left out, then the first one is cut; the left text stays.

    Args:
        left: The text.
        right: The parts, the most important first; empty ones do not count.
        room: Cells of the line.
    """
    parts, space = [each for each in right if each], room - cell_len(left) - _GAP_CELLS
    while len(parts) > 1 and cell_len("   ".join(parts)) > space:
        parts.pop()
    ending = "   ".join(parts)
    if cell_len(ending) > space:
        ending = f"{set_cell_size(ending, space - 1).rstrip()}…" if space >= LEAST_CELLS else ""
    if cell_len(left) > room:
        left = f"{set_cell_size(left, room - 1)}…"
    gap = " " * (room - cell_len(left) - cell_len(ending)) if ending else ""
    return f"{left}{gap}{ending}"


class AuditHead(Static):
    """One line with a left and a right part."""

    DEFAULT_CSS = """
    AuditHead { height: 1; width: 1fr; padding: 0 1; color: $text-muted; }
    AuditHead.-title { color: $foreground; text-style: bold; }
    """

    def __init__(self, classes: str = "") -> None:
        super().__init__("", classes=classes, markup=False)
        self._shown = ""

    def write(self, left: str, right: Sequence[str]) -> None:
        """Show a text, and parts at the right end: these are left out or cut where it is narrow."""
        text = one_line(left, right, max(1, self.size.width))
        if text != self._shown:
            self._shown = text
            self.update(text, layout=False)
