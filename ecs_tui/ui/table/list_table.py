"""The table of the main screen: words in place of rows, groups, and columns that can be changed."""

from __future__ import annotations

from collections.abc import Callable

from textual.strip import Strip

from ecs_tui.resources.base import Cell, Resource
from ecs_tui.resources.trouble import ONLY_PROBLEMS
from ecs_tui.ui.table.empty import EmptyWords
from ecs_tui.ui.table.row_index import RowIndex
from ecs_tui.ui.table.table import ResourceTable


class ListTable(ResourceTable):
    """A list of resources."""

    def __init__(self, view: Resource, *, flash: bool = True) -> None:
        super().__init__(view, flash=flash)
        self._empty = EmptyWords(self)

    def say(self, words: str) -> None:
        """Show these words in place of rows, while there are none."""
        if self._empty.say(words):
            self.refresh()

    def judge_by(self, troubled: Callable[[object], bool]) -> None:
        """Set what tells whether a row has a problem; a filter that asks for that looks again."""
        self._row_index.troubled = troubled
        if ONLY_PROBLEMS in self.filter:
            self._arrange()

    def change_columns(self, view: Resource) -> None:
        """Show the same rows with other columns; cursor, filter, marks and sort column stay."""
        old, made = self._row_index, RowIndex(view)
        made.filter, made.troubled = old.filter, old.troubled
        if any(column.key == old.sort_key for column in view.columns):
            made.sort_key, made.descending = old.sort_key, old.descending
        made.set_rows(old.rows)
        self.view, self._row_index = view, made
        self.cells.at(self.cells.now)  # widths are kept for all columns together
        self.fitted.reset()
        self._arrange()
        self._draw_again()

    def render_line(self, y: int) -> Strip:
        """A line; where there are no rows, the words in their place."""
        strip = super().render_line(y)
        if y == 0 or self.order:
            return strip
        return self._empty.strip(y - 1, self.size.width, self.size.height - 1)

    def _texts(self, index: int) -> list[Cell]:
        """The cells of a row; a group is named in its first row, and in the first one in view."""
        cells = super()._texts(index)
        grouped = bool(cells) and self.fitted.columns[0].group
        in_view = index > int(self.scroll_offset.y)
        if grouped and in_view and super()._texts(index - 1)[0] == cells[0]:
            cells[0] = Cell("")
        return cells
