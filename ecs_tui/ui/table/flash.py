"""Which cells of a list have just changed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ecs_tui.resources.base import Cell, Column

FLASH_SECONDS = 0.8
"""Seconds for which a changed cell is highlighted."""
_UNKNOWN = ("", "·", "…")
_ASIDE = re.compile(r"\(.*?\)")
"""Text in parentheses, such as a duration: its changes are not highlighted."""


class Flashes:
    """The highlighted cells, by the key of the row and of the column, and until when."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str], float] = {}

    def __contains__(self, cell: object) -> bool:
        return cell in self._until

    def __bool__(self) -> bool:
        return bool(self._until)

    def clear(self) -> None:
        """Highlight none."""
        self._until.clear()

    def mark(
        self,
        key: str,
        columns: Sequence[Column],
        before: Sequence[Cell],
        after: Sequence[Cell],
        now: float,
    ) -> bool:
        """Highlight the cells of a row that have changed; returns whether they are the first.

        Args:
            key: The key of the row.
            columns: The columns of the cells.
            before: The cells that were drawn.
            after: The cells that are drawn now.
            now: Monotonic seconds.
        """
        first = not self._until
        if len(before) != len(after):
            return False
        for column, old, new in zip(columns, before, after, strict=True):
            if column.live or column.group or old.text in _UNKNOWN:
                continue
            if _ASIDE.sub("", old.text) != _ASIDE.sub("", new.text):
                self._until[key, column.key] = now + FLASH_SECONDS
        return first and bool(self._until)

    def end(self, now: float) -> set[str]:
        """Stop highlighting what is over; returns the keys of the rows to draw again."""
        over = [cell for cell, until in self._until.items() if until <= now]
        for cell in over:
            del self._until[cell]
        return {key for key, _ in over}

    def next_end(self, now: float) -> float:
        """Seconds until the next highlight is over."""
        return max(0.05, min(self._until.values(), default=now) - now)
