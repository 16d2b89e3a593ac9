"""Asks before something happens: names the thing and says what will happen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.model.words import clean
from ecs_tui.ui.screens.modal import Box


class ConfirmScreen(Box[bool]):
    """Yes with y alone: enter, which may be on its way already, is the safe answer."""

    BINDINGS = [
        ("y", "yes", "yes"),
        ("enter", "leave", "no"),
        ("n", "leave", "no"),
        ("escape", "leave", "no"),
    ]

    def __init__(self, what: str, effect: str, verb: str) -> None:
        super().__init__()
        self._what, self._effect, self._verb = clean(what), clean(effect), verb

    def compose(self) -> ComposeResult:
        """What, its effect, and the keys."""
        with Vertical(classes="box"):
            yield Static(self._what, classes="title", markup=False)
            yield Static(self._effect, markup=False)
            yield Static(f"y {self._verb.lower()}   n or enter no", classes="keys", markup=False)

    def action_yes(self) -> None:
        """Go on."""
        self.dismiss(True)

    def action_leave(self) -> None:
        """Do not."""
        self.dismiss(False)
