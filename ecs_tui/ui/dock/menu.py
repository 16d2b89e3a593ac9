"""The menu of dock commands: opens over the last lines if no key follows the prefix."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.widgets import Static

MENU_DELAY_SECONDS = 0.4
"""Seconds without a key after the prefix until the menu opens."""
_GAP_CELLS = 3
"""Cells between two columns."""


class DockMenu(Static):
    """Keys and titles in columns."""

    DEFAULT_CSS = """
    DockMenu { display: none; layer: above; dock: bottom; height: auto; offset-y: -1; background: $surface;
        color: $foreground; border-top: solid $primary; padding: 0 1; text-wrap: nowrap; }
    DockMenu.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def open(self, items: Sequence[tuple[str, str]]) -> None:
        """Show the commands, as (key, title)."""
        words = [f"{key:>6}  {text}" for key, text in items]
        width = max(cell_len(word) for word in words) + _GAP_CELLS
        columns = max(1, (self.screen.size.width - 2) // width)
        lines = -(-len(words) // columns)
        rows = [
            "".join(word.ljust(width) for word in words[line::lines]).rstrip()
            for line in range(lines)
        ]
        self.update("\n".join(rows))
        self.add_class("-open")

    def close(self) -> None:
        self.remove_class("-open")
