"""The cells of a list's rows at one moment, each made once: for widths, for drawing, for changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import datetime

from rich.cells import cell_len

from ecs_tui.record import dataclass
from ecs_tui.resources.base import Cell, Column

_MAX_ROWS = 1000
"""Maximum rows whose cells are kept: those on the screen, and those whose columns are compared."""


@dataclass(slots=True, eq=False)
class _Made:
    """The cells of a row by the key of the column, and their widths.

    It keeps the row, so that no other object gets its id.
    """

    row: object
    cells: dict[str, Cell] = field(default_factory=dict)
    widths: list[int] = field(default_factory=list)


class Cells:
    """Makes cells, and keeps them while the time and the row object are the same.

    Args:
        now: The time for ages.

    Attributes:
        made: How many cells were made so far.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.made = 0
        self._rows: dict[int, _Made] = {}

    def at(self, now: datetime) -> None:
        """Set the time: cells may contain ages."""
        self.now = now
        self._rows.clear()

    def of(self, row: object, columns: Sequence[Column]) -> list[Cell]:
        """The cells of a row in some columns."""
        known = self._row(row)
        return [known.cells.get(each.key) or self._make(known, each) for each in columns]

    def widths(self, row: object, columns: Sequence[Column]) -> list[int]:
        """The widths of its cells in all columns of the view, in terminal cells."""
        known = self._row(row)
        if not known.widths:
            known.widths = [cell_len(cell.text) for cell in self.of(row, columns)]
        return known.widths

    def _row(self, row: object) -> _Made:
        known = self._rows.get(id(row))
        if known is None:
            if len(self._rows) >= _MAX_ROWS:
                self._rows.clear()
            known = self._rows[id(row)] = _Made(row)
        return known

    def _make(self, known: _Made, column: Column) -> Cell:
        self.made += 1
        cell = known.cells[column.key] = column.cell(known.row, self.now)
        return cell
