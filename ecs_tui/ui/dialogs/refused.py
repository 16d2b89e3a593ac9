"""The dialog for a shell that ECS would refuse: the exec check, or try it anyway."""

from __future__ import annotations

from typing import Literal

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from ecs_tui.model.text import clean
from ecs_tui.ui.dialogs.base import Dialog, bind


class RefusedShellScreen(Dialog[Literal["check", "try"]]):
    """Returns whether to open the exec check or to try; None for neither. Enter means neither.

    Args:
        why: Why a shell cannot be opened, in a sentence.
    """

    kind = "refused-shell"
    BINDINGS = [
        bind("refused-check", "check", "Find out why, with fixes (exec check)"),
        bind("confirm-yes", "try", "Try anyway"),
        bind("confirm-no", "leave", "Do nothing"),
    ]

    def __init__(self, why: str) -> None:
        super().__init__()
        self._why = clean(why)

    def compose(self) -> ComposeResult:
        with Vertical(classes="box"):
            yield Static(self._why, classes="title", markup=False)
            yield Static("ECS reports that this won't work.", markup=False)
            yield self.hint_line(
                ("refused-check", "why, with fixes"),
                ("confirm-yes", "try anyway"),
                ("dialog-close", "cancel"),
            )

    def action_check(self) -> None:
        self.dismiss("check")

    def action_try(self) -> None:
        self.dismiss("try")
