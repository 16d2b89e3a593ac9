"""The lines above the timeline: what is shown and how far it is; layers and what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.widgets import Static


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
        """Show a text, and parts at the right end: the last ones are left out where it is narrow."""
        room, parts = max(1, self.size.width), [each for each in right if each]
        while len(parts) > 1 and cell_len(left) + 2 + cell_len("   ".join(parts)) > room:
            parts.pop()
        ending = "   ".join(parts)
        if cell_len(left) + 2 + cell_len(ending) > room:
            keep = max(0, room - cell_len(ending) - 3)
            left = f"{left[:keep]}…" if keep else ""
        text = f"{left}{' ' * max(1, room - cell_len(left) - cell_len(ending))}{ending}"
        if text != self._shown:
            self._shown = text
            self.update(text, layout=False)
