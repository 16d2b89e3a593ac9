"""The selection in a terminal: cells from an anchor to a head, in scrollback and screen."""

from __future__ import annotations

from ecs_tui.record import dataclass

Point = tuple[int, int]
"""A cell: (column, line), lines counted from the oldest one of the scrollback."""


@dataclass(slots=True)
class Selection:
    """From `anchor` to `head`, both included; `block`: the rectangle between them."""

    anchor: Point
    head: Point
    block: bool = False

    @property
    def ordered(self) -> tuple[Point, Point]:
        """(first cell, last cell) in reading order."""
        first, last = sorted((self.anchor, self.head), key=lambda point: (point[1], point[0]))
        return first, last

    def on_line(self, line: int, width: int) -> tuple[int, int] | None:
        """(first column, column after the last) selected on a line of `width` cells, or None."""
        (x1, y1), (x2, y2) = self.ordered
        if not y1 <= line <= y2:
            return None
        if self.block:
            left, right = sorted((x1, x2))
            return left, min(width, right + 1)
        return (x1 if line == y1 else 0), (min(width, x2 + 1) if line == y2 else width)
