"""The help page: all keys by group."""

from __future__ import annotations

from ecs_tui.ui.dialogs.text import TextScreen


class HelpScreen(TextScreen):
    """Shows the text that `help_text` generates from the actions."""

    def __init__(self, text: str) -> None:
        super().__init__("Keyboard shortcuts", text)
