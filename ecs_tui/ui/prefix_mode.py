"""The key after the prefix: a command of the dock, and the menu for who pauses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.keys import key_to_character
from textual.screen import Screen
from textual.timer import Timer

from ecs_tui.config.keymap import Keymap
from ecs_tui.ui.commands import BY_ID, DOCK, DockCommand
from ecs_tui.ui.commands.base import refusal
from ecs_tui.ui.context import Context
from ecs_tui.ui.dock.menu import MENU_DELAY_SECONDS, DockMenu, in_menu_order
from ecs_tui.ui.runner import Runner

if TYPE_CHECKING:
    from ecs_tui.terminal.widget import TerminalView

CONTEXT = "a shell after the prefix"
"""The keymap's name of these keys."""
ALL_KEYS = "shell-keys"
"""The command that lists all keys."""


class PrefixMode:
    """Shows that the next key is a command, and runs it.

    Args:
        screen: Owns the timer.
        menu: The menu, which opens after a pause.
        keymap: The keys of all commands.
        runner: Runs the command.
        context: Makes the context of a key, by Textual's name.
        focus_list: Gives the keys to the list.
        note: Shows a note in the footer.

    Attributes:
        armed: Whether the prefix was pressed and the next key is a command.
    """

    def __init__(
        self,
        screen: Screen[None],
        menu: DockMenu,
        keymap: Keymap,
        runner: Runner,
        context: Callable[[str], Context],
        focus_list: Callable[[], None],
        note: Callable[[str], None],
    ) -> None:
        self.armed = False
        self._screen, self._menu, self._keymap, self._runner = screen, menu, keymap, runner
        self._context, self._focus_list, self._note = context, focus_list, note
        self._timer: Timer | None = None

    def pressed(self) -> None:
        """The prefix was pressed."""
        self.armed = True
        self._timer = self._screen.set_timer(MENU_DELAY_SECONDS, self._show_menu)

    def _show_menu(self) -> None:
        """Show the commands that are possible, the one that lists them all at the end."""
        context, keymap = self._context(""), self._keymap
        possible = {each.id: each for each in DOCK if keymap.of(each.id)}
        possible = {name: each for name, each in possible.items() if not refusal(each, context)}
        every = possible.pop(ALL_KEYS, None)
        items = [
            (_shown(keymap, name), possible[name].title) for name in in_menu_order([*possible])
        ]
        self._menu.open(items, (keymap.first(ALL_KEYS), every.title) if every else ("", ""))

    async def command(self, event: TerminalView.PrefixCommand) -> None:
        """Run the command of the key after the prefix."""
        self.armed = False
        if self._timer is not None:
            self._timer.stop()
        self._menu.close()
        try:
            await self._command(event.key)
        finally:
            # Queued behind the change of the focus, for which Textual uses `call_later` too.
            self._screen.app.call_later(event.view.command_done)

    async def _command(self, key: str) -> None:
        context = self._context(key)
        if context.pane is None:
            self._focus_list()
            return
        command = BY_ID.get(self._keymap.command(CONTEXT, key))
        if command is not None:
            await self._runner.perform(command, context)
            if isinstance(command, DockCommand) and command.stays:
                context.pane.view.arm()
        elif key:  # not the prefix again, which was sent to the shell
            prefix, name = self._keymap.prefix.shown, key_to_character(key) or key
            every = self._keymap.in_shell(ALL_KEYS)
            self._note(f"{prefix} {name} does nothing. {every} lists the keys.")


def _shown(keymap: Keymap, name: str) -> str:
    """The key of a command, or all of them where each means something else."""
    return keymap.all(name) if name == "shell-number" else keymap.first(name)
