"""The dialog for the command of a shell, with the commands that were typed there before."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ecs_tui.model.command import SHELL_SYNTAX, Origin, ShellCommand
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, bind


class CommandScreen(Dialog[str]):
    """Returns the command line, or None.

    Args:
        where: The container, in words.
        history: Earlier command lines, the newest first; that one is filled in.
        usual: The command of a shell there.
    """

    kind = "command"
    BINDINGS = [
        bind("line-accept", "accept", "Run it"),
        bind("line-older", "earlier(1)", "Earlier command"),
        bind("line-newer", "earlier(-1)", "Later command"),
    ]
    types = True

    def __init__(self, where: str, history: list[str], usual: ShellCommand) -> None:
        super().__init__()
        self._where, self._history, self._usual = clean(where), history, usual
        self._at = 0
        first = history[0] if history else ""
        self._line = Input(first, placeholder="a program in the image, e.g. bash", compact=True)

    def compose(self) -> ComposeResult:
        line = clean(self._usual.words or self._usual.line)
        usual = f"{self.keymap.first('shell')} runs {line} here"
        if self._usual.origin is Origin.REMEMBERED:
            usual += " (:forget-shell forgets it)"
        with Vertical(classes="box"):
            yield Static(f"Command to run in {self._where}", classes="title", markup=False)
            yield self._line
            yield Static(f"{usual}. {SHELL_SYNTAX}", markup=False)
            several = len(self._history) > 1
            earlier = [("line-older line-newer", "earlier commands")] if several else []
            yield self.hint_line(("line-accept", "open"), *earlier, ("dialog-close", "cancel"))

    def on_mount(self) -> None:
        self._line.focus()

    def action_earlier(self, step: int) -> None:
        """Fill in an earlier command, or a later one."""
        if self._history:
            self._at = max(0, min(len(self._history) - 1, self._at + step))
            self._line.value = self._history[self._at]
            self._line.cursor_position = len(self._line.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Return the command; an empty line is ignored."""
        if line := self._line.value.strip():
            self.dismiss(line)
