"""Scrolling through a terminal's lines by asking its engine, which answers a moment later."""

from __future__ import annotations

from collections.abc import Callable

from ecs_tui.terminal.picture import Picture


class Scrolling:
    """Scrolls a view; what the engine has not answered yet counts.

    Args:
        picture: What the engine has answered last.
        ask: Asks it to scroll by lines, back by a negative number; to the end with 0.
    """

    def __init__(self, picture: Callable[[], Picture], ask: Callable[[int], None]) -> None:
        self._picture, self._ask = picture, ask
        self._asked_back = False

    def by(self, lines: int) -> None:
        """Scroll back by a negative number of lines, forward by a positive one."""
        if lines < 0:
            self._asked_back = True
            self._ask(lines)
            return
        offset = self._picture().offset
        if 0 < offset <= lines:
            self.to_end()
        elif offset or self._asked_back:
            self._ask(lines)

    def to_end(self) -> None:
        """Scroll to the end, if it is not there."""
        if self._asked_back or self._picture().offset:
            self._asked_back = False
            self._ask(0)
