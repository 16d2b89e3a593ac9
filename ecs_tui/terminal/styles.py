"""Numbers for styles, so that each style is sent over the link only once."""

from __future__ import annotations

from ecs_tui.terminal.protocol import PLAIN, Style

MAX_STYLES = 20_000
"""Maximum numbered styles: hostile output could create millions."""


class StyleNumbers:
    """Numbers styles in the order in which they appear; 0 is the plain style."""

    def __init__(self) -> None:
        self._numbers: dict[Style, int] = {PLAIN: 0}
        self._new: list[tuple[int, Style]] = []

    def number(self, style: Style) -> int:
        """The number of `style`; 0 for a new one if there are `MAX_STYLES` already."""
        number = self._numbers.get(style)
        if number is None:
            if len(self._numbers) >= MAX_STYLES:
                return 0
            number = self._numbers[style] = len(self._numbers)
            self._new.append((number, style))
        return number

    def take_new(self) -> list[tuple[int, Style]]:
        """(number, style) of those numbered since the last call."""
        new, self._new = self._new, []
        return new
