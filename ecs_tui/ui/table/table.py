"""The table widget: draws only visible rows; filter and order are indices into the rows.

More than 400 lines, because rows, cursor, marks and drawing share their state.
"""

from __future__ import annotations

import time
from typing import Any

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from ecs_tui.resources.base import Cell, Resource
from ecs_tui.system import wall_clock
from ecs_tui.ui.table.cells import Cells
from ecs_tui.ui.table.flash import FLASH_SECONDS, Flashes
from ecs_tui.ui.table.layout import ColumnLayout
from ecs_tui.ui.table.lines import RowLines
from ecs_tui.ui.table.marks import Marks
from ecs_tui.ui.table.row_index import RowIndex

WARM_SECONDS = 0.03
"""Seconds between two portions of row keys: other work runs in between."""
REST_SECONDS = 0.3
"""Seconds without a change after which the texts for the filter are made in advance: while a list loads,
its rows change again."""
LATEST_SECONDS = 5.0
"""Seconds after which they are made even if the list never rests."""
MANY_ROWS = 500
"""Rows above which columns never give way."""


class ResourceTable(ScrollView, can_focus=True):
    """Rows of a view under a header line. The cursor stays on its row (by key), not on a line.

    Attributes:
        chosen: Whether the cursor was put on a row of this view, by the operator or by `select_key`;
            else it is on the row that came first.
    """

    COMPONENT_CLASSES = {
        "table--header", "table--cursor", "table--fine", "table--moving", "table--warning",
        "table--bad", "table--off", "table--mark", "table--flash",
    }  # fmt: skip
    DEFAULT_CSS = """
    ResourceTable { background: $background; color: $foreground; height: 1fr;
        overflow-x: hidden; scrollbar-size-vertical: 1;
        & > .table--header { color: $text-muted; text-style: bold; }
        & > .table--cursor { background: $primary 30%; text-style: bold; }
        &:ansi > .table--cursor { background: $block-cursor-background;
            color: $block-cursor-foreground; }
        & > .table--fine { color: $text-success; }
        & > .table--moving { color: $text-primary; }
        & > .table--warning { color: $text-warning; }
        & > .table--bad { color: $text-error; }
        &:nocolor > .table--bad { text-style: bold; }
        & > .table--off { color: $text-muted; }
        & > .table--mark { color: $text-accent; }
        & > .table--flash { color: $text-accent; text-style: underline; }
    }
    """

    cursor: reactive[int] = reactive(0)

    class Opened(Message):
        """A row was double-clicked."""

    class Scrolled(Message):
        """The visible rows may have changed."""

    class Moved(Message):
        """The cursor has moved."""

    def __init__(self, view: Resource, *, flash: bool = True) -> None:
        super().__init__()
        self.view = view
        self._row_index = RowIndex(view)
        self.cells = Cells(wall_clock.moment())
        self._flashing = Flashes() if flash else None
        self._cursor_key, self._awaited = "", False
        self.chosen = False
        self.fitted = ColumnLayout()
        self._drawn: dict[int, str] = {}
        self._warming: Timer | None = None
        self._warms_soon = False
        self._changed_at = self._warm_from = 0.0
        self._marks = Marks()
        self._lines = RowLines(self, self.fitted, self._marks, self._flashing)

    @property
    def rows(self) -> list[Any]:
        """All rows, including those that the filter hides."""
        return self._row_index.rows

    @property
    def order(self) -> list[int]:
        """Indices of the shown rows, in their order."""
        return self._row_index.indices

    @property
    def _keys(self) -> list[str]:
        return self._row_index.keys

    @property
    def filter(self) -> str:
        """The filter, or ""."""
        return self._row_index.filter

    @property
    def sort_key(self) -> str:
        """Key of the sort column, "" for the resource's own order: the worst rows first."""
        return self._row_index.sort_key

    @property
    def descending(self) -> bool:
        """Whether the sort order is descending."""
        return self._row_index.descending

    @property
    def shown_columns(self) -> list[str]:
        """The keys of the columns on the screen, from left to right."""
        return [column.key for column in self.fitted.columns]

    def show(self, view: Resource) -> None:
        """Switch to a view; resets sort column, filter, marks, cursor and widths."""
        self.view = view
        self._row_index = RowIndex(view)
        self.fitted.reset()
        self._cursor_key, self._awaited = "", False
        self._lines.clear()
        self._marks.clear()
        if self._flashing is not None:
            self._flashing.clear()
        self.cursor = 0
        self.chosen = False
        self._fit_columns()  # the titles, even if there are no rows before and after
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    def update_rows(self, rows: list[Any]) -> None:
        """Replace the rows; the cursor stays on its row, and only changed lines are redrawn."""
        self.cells.at(wall_clock.moment())
        if self._row_index.set_rows(rows):
            self._changed_at = time.monotonic()
            self._arrange()
            self._warm()
        else:
            self._refresh_changed()

    def update_ages(self) -> None:
        """Redraw the lines whose ages have changed."""
        self.cells.at(wall_clock.moment())
        self._refresh_changed()

    def _warm(self) -> None:
        """Make row keys that the order or the filter lacks, in portions; texts once the list rests."""
        index = self._row_index
        if index.incomplete and not self._warms_soon:
            self._warm_in(WARM_SECONDS)
        elif index.wordless and self._warming is None:
            self._warm_from = time.monotonic()
            self._warm_in(REST_SECONDS)

    def _warm_in(self, seconds: float) -> None:
        if self._warming is not None:
            self._warming.stop()
        self._warming = self.set_timer(seconds, self._warm_some)
        self._warms_soon = seconds == WARM_SECONDS

    def _warm_some(self) -> None:
        self._warming, self._warms_soon = None, False
        index, now = self._row_index, time.monotonic()
        rests = now - self._changed_at > REST_SECONDS or now - self._warm_from > LATEST_SECONDS
        if not (index.incomplete or rests):
            self._warm_in(REST_SECONDS)
        elif index.warm(self.cells.now):
            self._warm_in(WARM_SECONDS)
        elif index.incomplete:
            self._arrange()

    def set_filter(self, text: str) -> None:
        """Show only rows that match: words anywhere, or `column:value`."""
        self._row_index.filter = text
        self._arrange()

    def sort_by(self, key: str) -> None:
        """Sort by the column with this key, "" for the own order; a second time reverses it."""
        order = self._row_index
        order.descending = order.sort_key == key and not order.descending
        order.sort_key = key
        self._arrange()
        self.refresh(Region(0, 0, self.size.width, 1))  # the arrow, even if no row moves

    @property
    def current(self) -> Any | None:
        """The row under the cursor, or None in an empty list."""
        if not self.order:
            return None
        return self.rows[self.order[min(self.cursor, len(self.order) - 1)]]

    @property
    def in_view(self) -> tuple[list[str], list[str]]:
        """(keys of the visible rows, keys of the rows one page above and below)."""
        top, page = int(self.scroll_offset.y), max(1, self.size.height - 1)
        seen = self._keys[top : top + page]
        return seen, self._keys[max(0, top - page) : top] + self._keys[top + page : top + 2 * page]

    @property
    def rows_in_view(self) -> list[Any]:
        """The rows on the screen."""
        top, page = int(self.scroll_offset.y), max(1, self.size.height - 1)
        return [self.rows[index] for index in self.order[top : top + page]]

    def select_key(self, key: str) -> None:
        """Put the cursor on the row with this key, now or as soon as the row is there."""
        self._cursor_key, self._awaited = key, True
        self._place_cursor()
        self.chosen = True

    # -- marks

    @property
    def marked(self) -> list[Any]:
        """The marked rows, also those that the filter hides: the shown ones first."""
        return self._row_index.rows_with(set(self._marks)) if len(self._marks) else []

    @property
    def marks(self) -> str:
        """How many rows are marked, in words, or ""."""
        return self._marks.words(len(self.marked), self._keys)

    def mark(self) -> None:
        """Mark the row under the cursor, or unmark it."""
        if self._cursor_key in self._keys:
            self._marks.set([self._cursor_key], self._cursor_key not in self._marks)
            self._draw_again()

    def mark_range(self) -> None:
        """Mark the rows from the last marked one to the cursor; without one, only that row."""
        if self._keys:
            self._marks.extend(self._keys, min(self.cursor, len(self._keys) - 1))
            self._draw_again()

    def mark_all(self) -> None:
        """Mark all shown rows; if all are marked, unmark them."""
        self._marks.toggle_all(self._keys)
        self._draw_again()

    def clear_marks(self) -> bool:
        """Unmark all rows; returns whether any was marked."""
        any_marked = bool(len(self._marks))
        self._marks.clear()
        self._draw_again()
        return any_marked

    def _draw_again(self) -> None:
        self._lines.clear()
        self.refresh()

    def toggle_wide(self) -> bool:
        """Show as many columns as possible, or stop; returns which."""
        self.fitted.wide = not self.fitted.wide
        self.fitted.reset()
        self._fit_columns()
        return self.fitted.wide

    # -- order

    def _arrange(self) -> None:
        order = self._row_index
        old_keys = order.keys
        order.arrange(self.cells.now)
        if order.incomplete:
            self._warm()
        self._fit_columns()
        if order.keys is not old_keys:
            self._set_lines(len(order.indices) + 1)
            self._place_cursor()
            self.post_message(self.Scrolled())
        self._refresh_changed()

    def _set_lines(self, count: int) -> None:
        """Set the number of lines; the screen is laid out only if the scroll bar comes or goes."""
        size = Size(max(self.size.width, 1), count)
        if (count > self.container_size.height) is not self.show_vertical_scrollbar:
            self.virtual_size = size
            return
        self.set_reactive(ScrollView.virtual_size, size)
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.window_virtual_size = count
        self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def _refresh_changed(self) -> None:
        """Redraw only the visible lines whose row or text has changed."""
        first = 0  # of the changed lines that follow each other, 0 for none
        for line in range(1, self.size.height + 1):
            changed = line < self.size.height and self._line_changed(line)
            if changed and not first:
                first = line
            elif first and not changed:
                self.refresh(Region(0, first, self.size.width, line - first))
                first = 0

    def _line_changed(self, line: int) -> bool:
        index, keys = int(self.scroll_offset.y) + line - 1, self._keys
        key = keys[index] if index < len(keys) else ""
        if self._drawn.get(line) != key:
            return True
        return bool(key) and self._lines.differs(key, self._texts(index))

    def _place_cursor(self) -> None:
        keys, at, chosen = self._keys, self.cursor, self.chosen
        if at < len(keys) and keys[at] == self._cursor_key:
            self._awaited = False
        elif self._cursor_key in keys:
            self.cursor = keys.index(self._cursor_key)
            self._awaited = False
        elif keys:
            self.cursor = min(at, len(keys) - 1)
            # A row that is gone does not come back; one that the filter hides does.
            if not self._cursor_key or not (self._awaited or self._row_index.filter):
                self._cursor_key = keys[self.cursor]
        self.chosen = chosen  # rows that come and go move the cursor too
        self._keep_visible()

    # -- columns

    def _fit_columns(self) -> None:
        """Choose the columns that fit, by the rows on the screen and the next ones."""
        top, rows = int(self.scroll_offset.y), len(self.order) + 1
        room = (self.size.width or 80) - (rows > self.size.height)  # a cell for the scroll bar
        seen = [self.rows[i] for i in self.order[top : top + max(60, self.size.height)]]
        every = [self.rows[i] for i in self.order] if len(self.order) <= MANY_ROWS else []
        if self.fitted.fit(self.view.columns, seen, room, self.cells, every, self.sort_key):
            self._draw_again()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """The header, or one visible row."""
        width = self.size.width
        if y == 0:
            return self._lines.header(width, self.sort_key, self.descending)
        index = int(self.scroll_offset.y) + y - 1
        if index >= len(self.order):
            self._drawn[y] = ""
            return self._lines.blank(width)
        key = self._drawn[y] = self._keys[index]
        strip, flashes = self._lines.row(key, self._texts(index), width)
        if flashes:
            self.set_timer(FLASH_SECONDS, self._end_flashes)
        return self._lines.under_cursor(strip) if index == self.cursor else strip

    @property
    def redrawn_rows(self) -> int:
        """How many lines of rows were made so far."""
        return self._lines.made

    def notify_style_update(self) -> None:
        """Drop the styles that are cached for all lines: the theme has changed."""
        super().notify_style_update()
        self._lines.restyle()

    def _texts(self, index: int) -> list[Cell]:
        return self.cells.of(self.rows[self.order[index]], self.fitted.columns)

    def _end_flashes(self) -> None:
        assert self._flashing is not None
        now = time.monotonic()
        over = self._flashing.end(now)
        self._lines.forget(over)
        if over:
            self._refresh_changed()
        if self._flashing:
            self.set_timer(self._flashing.next_end(now), self._end_flashes)

    # -- moving

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Post `Scrolled` when other rows come into view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw both lines and keep the cursor in view."""
        self.chosen = True
        if self._keys and new < len(self._keys):
            self._cursor_key, self._awaited = self._keys[new], False
        self._keep_visible()
        top = int(self.scroll_offset.y)
        for index in (old, new):
            self.refresh(Region(0, index - top + 1, self.size.width, 1))
        self.post_message(self.Moved())

    def _keep_visible(self) -> None:
        page = max(1, self.size.height - 1)
        top = int(self.scroll_offset.y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True, immediate=True)
        elif self.cursor >= top + page:
            self.scroll_to(y=self.cursor - page + 1, animate=False, force=True, immediate=True)

    def move(self, lines: int) -> None:
        """Move the cursor by lines; it stops at the ends."""
        if self.order:
            self.cursor = max(0, min(len(self.order) - 1, self.cursor + lines))
            self.chosen = True

    @property
    def page(self) -> int:
        return max(1, self.size.height - 2)

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self._lines.clear()
        self._fit_columns()
        self.virtual_size = Size(max(self.size.width, 1), len(self.order) + 1)
        self._keep_visible()
        self.post_message(self.Scrolled())
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Select the row; a click on the header sorts; a double click opens."""
        if event.y == 0:
            if key := self.fitted.column_at(event.x):
                self.sort_by(key)
            return
        index = int(self.scroll_offset.y) + event.y - 1
        if index < len(self.order):
            self.cursor = index
            self.chosen = True
            if event.chain == 2:
                self.post_message(self.Opened())
