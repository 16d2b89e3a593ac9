"""The last line of the screen, which names the keys that work."""

from __future__ import annotations

from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import screen_text
from tests.support.limits import until

WIDTHS = [(160, 45), (80, 24), (60, 20), (40, 12)]
"""(columns, lines) of screens with room for all keys, most, some, few."""


def last_line(app: EcsTuiApp) -> str:
    """The last line of the screen."""
    return screen_text(app).split("\n")[-1].strip()


async def says(app: EcsTuiApp, *words: str) -> str:
    """Wait until all of these words are in the last line; returns the line."""
    try:
        await until(lambda: all(word in last_line(app) for word in words), "")
    except AssertionError:
        raise AssertionError(f"not in the last line: {words}\n{screen_text(app)}") from None
    return last_line(app)


def typing_form(app: EcsTuiApp) -> str:
    """How the last line begins while a shell has the focus: shorter where the screen is narrow."""
    return "In the shell  " if 60 <= app.size.width < 68 else "Typing into the shell"
