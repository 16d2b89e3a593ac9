"""The dialog for the note with which a problem is hidden."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from ecs_tui.model.problem import SeenProblem
from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, bind

MAX_CHARACTERS = 200


class ProblemNoteScreen(Dialog[str]):
    """Returns the note, which may be "".

    Args:
        seen: The problem.
    """

    kind = "problem-note"
    BINDINGS = [bind("line-accept", "accept", "Hide the problem with this note")]
    types = True

    def __init__(self, seen: SeenProblem) -> None:
        super().__init__()
        self._words = clean(f"{seen.problem.thing.words}: {seen.problem.sentence}")
        self._input = Input(
            seen.note, placeholder="Why, for whoever looks next (optional)", compact=True,
            max_length=MAX_CHARACTERS,
        )  # fmt: skip

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static("Hide this problem until it changes?", classes="title", markup=False)
            yield Static(self._words, markup=False)
            yield self._input
            yield self.hint_line(("line-accept", "hide"), ("dialog-close", "cancel"))

    def on_mount(self) -> None:
        self._input.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_accept()

    def action_accept(self) -> None:
        """Return the note."""
        self.dismiss(self._input.value.strip())
