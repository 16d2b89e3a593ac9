"""Asks before a paste: shows the text and says what it will do."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box


class PasteScreen(Box[bool]):
    """Yes with y, no with n or escape; enter alone, which may be part of what is typed, is no answer.

    `shown` is free of control characters.
    """

    BINDINGS = [("y", "yes", "yes"), ("n", "leave", "no"), ("escape", "leave", "no")]

    def __init__(self, what: str, effect: str, shown: str) -> None:
        super().__init__()
        self._what, self._effect, self._shown = clean(what), clean(effect), shown

    def compose(self) -> ComposeResult:
        """What, its effect, the text, and the keys."""
        with Vertical(classes="box"):
            yield Static(self._what, classes="title", markup=False)
            yield Static(self._effect, markup=False)
            yield Static(self._shown, classes="pasted", markup=False)
            yield Static("y paste   n no", classes="keys", markup=False)

    def action_yes(self) -> None:
        """Go on."""
        self.dismiss(True)

    def action_leave(self) -> None:
        """Do not."""
        self.dismiss(False)
