"""The help page, made from the actions that run."""

from __future__ import annotations

from ecs_tui.ui.screens.text import TextScreen


class HelpScreen(TextScreen):
    """All keys by group."""

    def __init__(self, text: str) -> None:
        super().__init__("Keys", text)
