"""Numbers for styles: each style travels over the link once."""

from __future__ import annotations

from ecs_tui.terminal.frame import PLAIN, Style

MOST = 20_000


class StyleNumbers:
    """Numbers styles as they appear; 0 is plain. Hostile output may invent very many."""

    def __init__(self) -> None:
        self._numbers: dict[Style, int] = {PLAIN: 0}
        self._new: list[tuple[int, Style]] = []

    def number(self, style: Style) -> int:
        """The number of `style`; beyond `MOST` different ones, plain."""
        number = self._numbers.get(style)
        if number is None:
            if len(self._numbers) >= MOST:
                return 0
            number = self._numbers[style] = len(self._numbers)
            self._new.append((number, style))
        return number

    def take_new(self) -> list[tuple[int, Style]]:
        """Those numbered since the last call."""
        new, self._new = self._new, []
        return new
