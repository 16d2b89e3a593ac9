"""The styles of lines, resolved from the widget's own: the theme decides them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color
from rich.style import Style

from ecs_tui.logs.ansi import AnsiStyle
from ecs_tui.logs.levels import Level

TASK_COLOURS = 6
"""Colours of tasks; those after them begin again. Their names tell them apart, the colours help."""
LEVEL_NAMES = {
    Level.FATAL: "fatal", Level.ERROR: "error", Level.WARN: "warn", Level.INFO: "info",
    Level.DEBUG: "quiet", Level.TRACE: "quiet", Level.NONE: "quiet",
}  # fmt: skip
"""The component class of each level."""
COMPONENTS = (
    "time", "fatal", "error", "warn", "info", "quiet", "end", "failed", "hit", "mark", "cursor",
    *(f"task{number}" for number in range(TASK_COLOURS)),
)  # fmt: skip


@dataclass(frozen=True)
class LogStyles:
    """Styles by the names in `COMPONENTS`.

    Attributes:
        find: The style of a component, over the background of the widget.
        base: The style of plain text.
    """

    find: Callable[[str], Style]
    base: Style

    def level(self, level: Level) -> Style:
        """The style of a level's word."""
        return self.find(LEVEL_NAMES[level])

    def task(self, colour: int) -> Style:
        """The style of the n-th task's name, from 0; below 0 that of no task."""
        return self.find("quiet" if colour < 0 else f"task{colour % TASK_COLOURS}")


@lru_cache(512)
def rich_style(look: AnsiStyle) -> Style:
    """The style of characters that a program has coloured.

    Text in the colour of its background would be invisible: then the colours are left out.
    """
    fore, back = look.foreground, look.background
    if fore and fore == back:
        fore = back = ""
    return Style(
        color=_colour(fore),
        bgcolor=_colour(back),
        bold=look.bold or None,
        dim=look.dim or None,
        italic=look.italic or None,
        underline=look.underline or None,
        reverse=look.reverse or None,
        strike=look.strike or None,
    )


def _colour(name: str) -> Color | None:
    if not name:
        return None
    return Color.from_ansi(int(name)) if name.isdecimal() else Color.parse(name)
