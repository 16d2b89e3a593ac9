"""The keys of the dock's commands: looked up for sentences, in the menu, and where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.keys import key_to_character

from ecs_tui.ui.commands.dock import DOCK
from ecs_tui.ui.dock.menu import in_menu_order

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser

_CLOSED = {
    "closed-reopen": ("enter",), "closed-command": ("e",), "closed-close": ("x", "q"),
    "closed-list": ("escape",),
}  # fmt: skip
"""Textual's names of the keys in the pane of a shell that has ended."""


class DockKeymap:
    """The keys of the dock's commands, as `DockKeys` looks them up. `prefix`: as it is shown."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def first(self, command: str) -> str:
        """The first key of a command as it is shown."""
        if command in _CLOSED:
            return _CLOSED[command][0].replace("escape", "esc")
        return next(each.shown for each in DOCK if each.name == command)

    def in_shell(self, command: str) -> str:
        """The prefix and the key of a command."""
        return f"{self._prefix} {self.first(command)}"

    def command(self, context: str, key: str) -> str:
        """The id of the command that a key has in the pane of a shell that has ended, or ""."""
        return next((name for name, keys in _CLOSED.items() if key in keys), "")


def menu_items(browser: Browser) -> tuple[list[tuple[str, str]], tuple[str, str]]:
    """The commands that are possible, as (key, title), and the one that lists them all."""
    possible = {item.name: item for item in DOCK if not item.obstacle(browser)}
    every = possible.pop("shell-keys")
    items = [possible[name] for name in in_menu_order(list(possible))]
    return [(item.shown, item.title) for item in items], (every.shown, every.title)


def show_shell(browser: Browser, key: str) -> None:
    """Show the shell whose number the key is; note that another key has no command.

    Args:
        key: Textual's name of a key that no command of the dock has.
    """
    panes, prefix = browser.dock.panes, browser.settings.prefix_keys.shown
    if not key.isdigit():
        name = key_to_character(key) or key
        browser.note(f"{prefix} {name} does nothing. {prefix} ? lists the keys.")
    elif 0 < int(key) <= len(panes):
        browser.dock.show(panes[int(key) - 1])
    else:
        browser.note(f"There is no shell {key}.")
