"""A dialog that asks for confirmation: names the thing and says what will happen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, KeyLine, bind


class ConfirmScreen(Dialog[bool]):
    """Returns True only at y. Enter means no: it may have been typed before the dialog opened.

    Args:
        what: The question.
        effect: What will happen, in a sentence.
        verb: What y does, in a word: "Quit".
    """

    kind = "confirm"
    BINDINGS = [
        bind("confirm-yes", "yes", "Do it"),
        bind("confirm-no", "leave", "Do nothing"),
    ]

    def __init__(self, what: str, effect: str, verb: str) -> None:
        super().__init__()
        self._what, self._effect, self._verb = clean(what), clean(effect), verb

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._what, classes="title", markup=False)
            yield Static(self._effect, markup=False)
            no = " or ".join(self.keymap.all("confirm-no").split())
            yes = f"{self.keymap.first('confirm-yes')} {self._verb.lower()}"
            yield KeyLine(f"{yes}   {no} no")

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)
