"""The columns on the screen: which fit, how wide each is, and how a line is put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ecs_tui.resources.base import Cell, Column
from ecs_tui.ui.table.cells import Cells
from ecs_tui.ui.table.columns import (
    GAP_CELLS,
    fit,
    says_nothing,
    shortened,
    shows_more,
    title_width,
)

MARK = "✓"
"""Before a marked row, in the first cell of its line."""


class ColumnLayout:
    """The columns that are drawn, of those of a view.

    Attributes:
        columns: The columns, from left to right.
        drawn: The width of each in cells, by its key.
        wide: Whether columns are narrowed before one is dropped.
        candidates: The columns that are drawn, and those that would be if they said something: what
            they need is read too, because they may say something then.
    """

    def __init__(self) -> None:
        self.columns: list[Column] = []
        self.candidates: list[Column] = []
        self.drawn: dict[str, int] = {}
        self.wide = False
        self._widths: dict[str, int] = {}

    def reset(self) -> None:
        """Forget the widths, as for another list."""
        self._widths = {}

    def fit(
        self,
        columns: Sequence[Column],
        rows: Sequence[object],
        room: int,
        cells: Cells,
        every: Sequence[object] = (),
        keep: str = "",
    ) -> bool:
        """Choose the columns that fit; returns whether that changes any.

        The wanted widths only grow, so that columns do not jump. They shrink only if that shows
        more columns or cuts fewer.

        Args:
            columns: All columns of the view.
            rows: The rows whose cells are measured.
            room: Cells of a line.
            cells: Their cells.
            every: All rows that are shown: columns that say nothing in any of them give way.
            keep: The key of a column that is shown in any case, "" for none.
        """
        idle = {c.key for c in columns if c.key != keep and says_nothing(c, every, cells)}
        wanted = {}
        every_width = [[title_width(column) for column in columns]]
        every_width += [cells.widths(row, columns) for row in rows]
        for column, widths in zip(columns, zip(*every_width, strict=True), strict=True):
            wanted[column.key] = max(widths)
            self._widths[column.key] = max(wanted[column.key], self._widths.get(column.key, 0))
        drawn = fit(columns, self._widths, room, wide=self.wide, idle=idle, keep=keep)
        narrower = fit(columns, wanted, room, wide=self.wide, idle=idle, keep=keep)
        if shows_more(narrower, drawn, wanted):
            self._widths, drawn = wanted, narrower
        would = fit(columns, self._widths, room, wide=self.wide, keep=keep) if idle else drawn
        self.candidates = [each for each in columns if each.key in drawn or each.key in would]
        shown = [column for column in columns if column.key in drawn]
        if shown == self.columns and drawn == self.drawn:
            return False
        self.columns, self.drawn = shown, drawn
        return True

    def column_at(self, x: int) -> str:
        """The key of the column at a cell of the line, "" between and after columns."""
        start = 1
        for column in self.columns:
            if start <= x < start + self.drawn[column.key]:
                return column.key
            start += self.drawn[column.key] + GAP_CELLS
        return ""

    def line(
        self, cells: Sequence[Cell], style: Callable[[Column, Cell], Style | None], mark: Segment
    ) -> list[Segment]:
        """The segments of a row.

        Args:
            cells: One for each column.
            style: The style of a cell.
            mark: What stands in the first cell of the line.
        """
        segments = [mark]
        for column, cell in zip(self.columns, cells, strict=True):
            size = self.drawn[column.key]
            text = shortened(cell.text, size, middle=column.middle and not cell.sentence)
            if column.right:
                text = " " * (size - cell_len(text)) + text
            segments.append(Segment(set_cell_size(text, size), style(column, cell)))
            segments.append(Segment(" " * GAP_CELLS))
        return segments

    def header(self, width: int, sorted_by: str, descending: bool) -> Strip:
        """The line of titles, with an arrow at the sort column (`sorted_by`), if there is one."""
        segments = [Segment(" ")]
        for column in self.columns:
            size = self.drawn[column.key]
            arrow = (" ↓" if descending else " ↑") if column.key == sorted_by else ""
            text = shortened(column.title, max(1, size - cell_len(arrow))) + arrow
            text = text.rjust(size) if column.right else text.ljust(size)
            segments.append(Segment(text + " " * GAP_CELLS))
        return Strip(segments).adjust_cell_length(width)
