"""The dialog that asks for a time in the logs."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ecs_tui.logs.times import parse_moment
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, bind


class LogTimeScreen(Dialog[int]):
    """Returns a time in milliseconds since 1970.

    Args:
        now: Milliseconds since 1970.
    """

    kind = "log-time"
    BINDINGS = [bind("line-accept", "accept", "Go to that time")]
    types = True

    def __init__(self, now: int) -> None:
        super().__init__()
        self._now = now
        self._answer = Static("", markup=False)
        self._input = Input(placeholder="14:03, 14:03:21, 20m, 2026-11-29 14:03", compact=True)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static("Go to which time?", classes="title", markup=False)
            yield self._input
            yield self._answer
            yield self.hint_line(("line-accept", "go"), ("dialog-close", "cancel"))

    def on_mount(self) -> None:
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Return the time, or say that it is none."""
        text = self._input.value.strip()
        try:
            self.dismiss(parse_moment(text, self._now))
        except ValueError:
            words = "is not a time. Use 14:03, 14:03:21, 20m (that long ago) or ISO 8601."
            self._answer.update(f'✖ "{clean(text)}" {words}')
