"""The dialog for the reason of a session, where the policy requires one."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, bind

MAX_REASON = 500
"""Characters of a reason."""


class ReasonScreen(Dialog[str]):
    """Returns the reason, or None.

    Args:
        where: The container, in words.
        pattern: The pattern of `require_reason` that asks for it.
    """

    kind = "reason"
    BINDINGS = [bind("line-accept", "accept", "Open the session")]
    types = True

    def __init__(self, where: str, pattern: str) -> None:
        super().__init__()
        self._where, self._pattern = clean(where), clean(pattern)
        self._line = Input(
            placeholder="a ticket, or what you are looking for",
            compact=True,
            max_length=MAX_REASON,
        )

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(f"Reason for a session in {self._where}", classes="title", markup=False)
            yield self._line
            yield Static(
                f'The policy requires one (require_reason = ["{self._pattern}"]). AWS has no field '
                "for it: it is kept in this computer's session log and in recordings.",
                markup=False,
            )
            yield self.hint_line(("line-accept", "open"), ("dialog-close", "cancel"))

    def on_mount(self) -> None:
        self._line.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Return the reason; an empty line is ignored."""
        if reason := self._line.value.strip():
            self.dismiss(reason)
