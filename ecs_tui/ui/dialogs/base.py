"""The base class of all dialogs: a bordered box over the main screen."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A bordered box over the main screen; escape closes it with the result None."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; &:ansi { background: transparent; } }
    Dialog > .box { width: 90%; max-width: 110; height: auto; max-height: 90%;
        background: $surface; border: round $primary; padding: 0 1; }
    Dialog > .box.-tall { height: 90%; width: 96%; max-width: 160; }
    Dialog .title { text-style: bold; height: auto; }
    Dialog .keys { color: $text-muted; height: auto; margin-top: 1; }
    """
    BINDINGS = [("escape", "leave", "close")]

    def action_leave(self) -> None:
        self.dismiss(None)
