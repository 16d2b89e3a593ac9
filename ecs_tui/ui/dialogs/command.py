"""The dialog for the command of a shell, with the commands that were typed there before."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ecs_tui.model.command import SHELL_SYNTAX, Command, Origin
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog


class CommandScreen(Dialog[str]):
    """Returns the command line, or None.

    Args:
        where: The container, in words.
        history: Earlier command lines, the newest first; that one is filled in.
        usual: The command that `s` runs there.
    """

    def __init__(self, where: str, history: list[str], usual: Command) -> None:
        super().__init__()
        self._where, self._history, self._usual = clean(where), history, usual
        self._at = 0
        first = history[0] if history else ""
        self._line = Input(first, placeholder="a program in the image, e.g. bash", compact=True)

    def compose(self) -> ComposeResult:
        usual = f"s runs {clean(self._usual.words or self._usual.line)} here"
        if self._usual.origin is Origin.REMEMBERED:
            usual += " (:forget-shell forgets it)"
        with Vertical(classes="box"):
            yield Static(f"Command to run in {self._where}", classes="title", markup=False)
            yield self._line
            yield Static(f"{usual}. {SHELL_SYNTAX}", markup=False)
            earlier = "↑ ↓ earlier commands   " if len(self._history) > 1 else ""
            yield Static(f"enter open   {earlier}esc cancel", classes="keys", markup=False)

    def on_mount(self) -> None:
        self._line.focus()

    def on_key(self, event: events.Key) -> None:
        """Up and down go through the earlier commands."""
        step = {"up": 1, "down": -1}.get(event.key)
        if step is None or not self._history:
            return
        event.stop()
        event.prevent_default()
        self._at = max(0, min(len(self._history) - 1, self._at + step))
        self._line.value = self._history[self._at]
        self._line.cursor_position = len(self._line.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Return the command; an empty line is ignored."""
        event.stop()
        if line := event.value.strip():
            self.dismiss(line)
