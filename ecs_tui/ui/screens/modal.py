"""The box that all small screens are: a title, a body, a line of keys."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

Result = TypeVar("Result")


class Box(ModalScreen[Result]):
    """A bordered box over the dashboard; escape leaves it."""

    DEFAULT_CSS = """
    Box { align: center middle; background: $background 60%; }
    Box > .box { width: 90%; max-width: 110; height: auto; max-height: 90%;
        background: $surface; border: round $primary; padding: 0 1; }
    Box > .box.-tall { height: 90%; width: 96%; max-width: 160; }
    Box .title { text-style: bold; height: auto; }
    Box .keys { color: $text-muted; height: auto; margin-top: 1; }
    """
    BINDINGS = [("escape", "leave", "close")]

    def action_leave(self) -> None:
        """Close without a result."""
        self.dismiss(None)
