"""The menu of dock commands: one line above the footer, if no key follows the prefix."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.widgets import Static

MENU_DELAY_SECONDS = 0.4
"""Seconds without a key after the prefix until the menu opens."""
FIRST = (
    "list", "next-shell", "close-shell", "copy-mode", "keep-alive", "clipboard", "successor", "reopen",
    "zoom", "arrange", "search", "other-command", "go-to-task",
)  # fmt: skip
"""Ids of the commands that the menu names first; as many follow as there is room for."""
_GAP = "  "


def in_menu_order(ids: Sequence[str]) -> list[str]:
    """The ids of dock commands, those of `FIRST` first, the others in their order."""
    rank = {name: number for number, name in enumerate(FIRST)}
    return sorted(ids, key=lambda name: rank.get(name, len(rank)))


class DockMenu(Static):
    """Keys and titles in one line: the shell above it is being read."""

    DEFAULT_CSS = """
    DockMenu { display: none; layer: above; dock: bottom; height: 1; offset-y: -1; background: $panel;
        color: $foreground; padding: 0 1; text-wrap: nowrap; }
    DockMenu.-open { display: block; }
    """

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def open(self, items: Sequence[tuple[str, str]], last: tuple[str, str]) -> None:
        """Show as many commands as fit, as (key, title), and `last`: the one that lists them all."""
        room = self.screen.size.width - 2
        end = " ".join(last)
        line = ""
        for key, title in items:
            longer = f"{line}{key} {title}{_GAP}"
            if cell_len(longer + end) > room:
                break
            line = longer
        self.update(line + end)
        self.add_class("-open")

    def close(self) -> None:
        self.remove_class("-open")
