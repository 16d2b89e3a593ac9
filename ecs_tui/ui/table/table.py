"""The table widget: draws only visible rows; filter and order are indices into the rows."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ecs_tui.resources.base import Cell, Column, Resource
from ecs_tui.ui.table.columns import GAP_CELLS, fit, shortened, shows_more, title_width
from ecs_tui.ui.table.row_index import RowIndex

FLASH_SECONDS = 0.8
"""Seconds for which a changed cell is highlighted."""
WARM_SECONDS = 0.03
"""Seconds between two portions of row keys: other work runs in between."""
MANY_ROWS = 500
"""Rows above which row keys are made in advance; also the maximum of cached lines."""
NEWS_AFTER_SECONDS = 2.0
"""Seconds that a row must be unchanged before a change is highlighted; earlier, it is loading."""
_UNKNOWN = ("", "·", "…")
_ASIDE = re.compile(r"\(.*?\)")
"""Text in parentheses, such as a duration: its changes are not highlighted."""


class ResourceTable(ScrollView, can_focus=True):
    """Rows of a view under a header line. The cursor stays on its row (by key), not on a line."""

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

    def __init__(self, *, flash: bool = True) -> None:
        super().__init__()
        self.view: Resource | None = None
        self.redrawn_rows = 0
        self._row_index: RowIndex | None = None
        self._flash = flash
        self._flashing: dict[tuple[str, str], float] = {}
        self._cursor_key = ""
        self._columns: list[Column] = []
        self._widths: dict[str, int] = {}
        self._drawn: dict[str, int] = {}
        self._strips: dict[str, tuple[Any, Strip, float]] = {}
        self._now = datetime.now(UTC)
        self._base: Style | None = None
        self._components: dict[str, Style] = {}
        self._warming = False

    @property
    def rows(self) -> list[Any]:
        """All rows, including those that the filter hides."""
        return self._row_index.rows if self._row_index else []

    @property
    def order(self) -> list[int]:
        """Indices of the shown rows, in their order."""
        return self._row_index.indices if self._row_index else []

    @property
    def _keys(self) -> list[str]:
        return self._row_index.keys if self._row_index else []

    @property
    def filter(self) -> str:
        """The filter, or ""."""
        return self._row_index.filter if self._row_index else ""

    @property
    def sort_key(self) -> str:
        """Key of the sort column, "" for the first one."""
        return self._row_index.sort_key if self._row_index else ""

    @property
    def descending(self) -> bool:
        """Whether the sort order is descending."""
        return self._row_index.descending if self._row_index else False

    def show(self, view: Resource) -> None:
        """Switch to a view; resets sort column, filter, cursor and widths."""
        self.view = view
        self._row_index = RowIndex(view)
        self._widths = {}
        self._cursor_key = ""
        self._strips.clear()
        self._flashing.clear()
        self.cursor = 0
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    def update_rows(self, rows: list[Any]) -> None:
        """Replace the rows; the cursor stays on its row, and only changed lines are redrawn."""
        if self._row_index is None:
            return
        self._now = datetime.now(UTC)
        if self._row_index.set_rows(rows):
            self._arrange()
            self._warm()
        else:
            self._refresh_changed()

    def update_ages(self) -> None:
        """Redraw the lines whose ages have changed."""
        self._now = datetime.now(UTC)
        self._refresh_changed()

    def _warm(self) -> None:
        """Make row keys in advance, in portions, for the filter."""
        if not self._warming and len(self.rows) > MANY_ROWS:
            self._warming = True
            self.set_timer(WARM_SECONDS, self._warm_some)

    def _warm_some(self) -> None:
        self._warming = False
        if self._row_index is not None and self._row_index.warm(self._now):
            self._warm()
        elif self._row_index is not None and self._row_index.incomplete:
            self._arrange()

    def set_filter(self, text: str) -> None:
        """Show only rows that match: words anywhere, or `column:value`."""
        if self._row_index is not None:
            self._row_index.filter = text
            self._arrange()

    def sort_by(self, key: str) -> None:
        """Sort by the column with this key; a second time reverses the order."""
        order = self._row_index
        assert order is not None
        if order.column.key == key:
            order.sort_key, order.descending = key, not order.descending
        else:
            order.sort_key, order.descending = key, False
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
        self._cursor_key = key
        self._place_cursor()

    # -- order

    def _arrange(self) -> None:
        order = self._row_index
        assert order is not None
        old_keys = order.keys
        order.arrange(self._now)
        if order.incomplete:
            self._warm()
        self._fit_columns()
        width = max(self.size.width, 1)
        self.virtual_size = Size(width, len(order.indices) + 1)
        self._place_cursor()
        self.post_message(self.Scrolled())
        if old_keys != order.keys:
            self.refresh()
        else:
            self._refresh_changed()

    def _refresh_changed(self) -> None:
        """Redraw only the visible lines whose text has changed."""
        top = int(self.scroll_offset.y)
        for line in range(1, self.size.height):
            index = top + line - 1
            if index >= len(self.order):
                break
            key = self._keys[index]
            before = self._strips.get(key)
            if before is None or before[0] != self._texts(index):
                self.refresh(Region(0, line, self.size.width, 1))

    def _place_cursor(self) -> None:
        if self._cursor_key in self._keys:
            self.cursor = self._keys.index(self._cursor_key)
        elif self._keys:
            self.cursor = min(self.cursor, len(self._keys) - 1)
            if not self._cursor_key:
                self._cursor_key = self._keys[self.cursor]
        self._keep_visible()

    # -- columns

    def _fit_columns(self) -> None:
        """Choose the columns that fit.

        The wanted widths only grow, so that columns do not jump. They shrink only if that shows
        more columns or cuts fewer.
        """
        assert self.view is not None
        top, room = int(self.scroll_offset.y), self.size.width or 80
        seen = [self.rows[i] for i in self.order[top : top + max(60, self.size.height)]]
        wanted = {}
        for column in self.view.columns:
            longest = max((cell_len(column.cell(row, self._now).text) for row in seen), default=0)
            wanted[column.key] = max(title_width(column), longest)
            self._widths[column.key] = max(wanted[column.key], self._widths.get(column.key, 0))
        drawn = fit(self.view.columns, self._widths, room)
        narrower = fit(self.view.columns, wanted, room)
        if shows_more(narrower, drawn, wanted):
            self._widths, drawn = wanted, narrower
        columns = [column for column in self.view.columns if column.key in drawn]
        if columns != self._columns or drawn != self._drawn:
            self._columns, self._drawn = columns, drawn
            self._strips.clear()
            self.refresh()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """The header, or one visible row."""
        width = self.size.width
        if self.view is None:
            return Strip.blank(width, self._base_style())
        if y == 0:
            return self._header(width)
        index = int(self.scroll_offset.y) + y - 1
        if index >= len(self.order):
            return Strip.blank(width, self._base_style())
        key = self._keys[index]
        texts = self._texts(index)
        cached = self._strips.get(key)
        if cached is None or cached[0] != texts or cached[1].cell_length != width:
            self.redrawn_rows += 1
            now = time.monotonic()
            if cached is not None and now - cached[2] > NEWS_AFTER_SECONDS:
                self._mark_changes(key, cached[0], texts)
            cached = (texts, self._strip(key, texts, width), now)
            if len(self._strips) > MANY_ROWS:
                self._strips.clear()
            self._strips[key] = cached
        strip = cached[1].apply_style(self._base_style())
        if index == self.cursor:
            strip = Strip(
                [Segment(s.text, (s.style or Style()) + self._component("cursor")) for s in strip]
            )
        return strip

    def _component(self, name: str) -> Style:
        """A component's style, resolved over the list's background (`auto` and alpha).

        Only the cursor's style sets the background; it sets the text colour only where there are
        few colours.
        """
        style = self._components.get(name)
        if style is None:
            full = self.get_component_rich_style(f"table--{name}")
            if name == "cursor":
                few = self.app.native_ansi_color
                color = full.color if few else None
                style = Style(color=color, bgcolor=full.bgcolor, bold=full.bold)
            else:
                style = Style(color=full.color, bold=full.bold, underline=full.underline)
            self._components[name] = style
        return style

    def _base_style(self) -> Style:
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        """Drop the styles that are cached for all lines: the theme has changed."""
        super().notify_style_update()
        self._base = None
        self._components.clear()
        self._strips.clear()

    def _texts(self, index: int) -> list[Cell]:
        row = self.rows[self.order[index]]
        return [column.cell(row, self._now) for column in self._columns]

    def _mark_changes(self, key: str, before: Sequence[Cell], after: Sequence[Cell]) -> None:
        """Highlight changed cells for a moment."""
        if not self._flash or len(before) != len(after):
            return
        until = time.monotonic() + FLASH_SECONDS
        for column, old, new in zip(self._columns, before, after, strict=True):
            if column.live or old.text in _UNKNOWN:
                continue
            if _ASIDE.sub("", old.text) != _ASIDE.sub("", new.text):
                if not self._flashing:
                    self.set_timer(FLASH_SECONDS, self._end_flashes)
                self._flashing[key, column.key] = until

    def _end_flashes(self) -> None:
        now = time.monotonic()
        over = [mark for mark, until in self._flashing.items() if until <= now]
        for mark in over:
            del self._flashing[mark]
            self._strips.pop(mark[0], None)
        if over:
            self._refresh_changed()
        if self._flashing:
            self.set_timer(max(0.05, min(self._flashing.values()) - now), self._end_flashes)

    def _strip(self, key: str, cells: Sequence[Cell], width: int) -> Strip:
        segments = [Segment(" ")]
        for column, cell in zip(self._columns, cells, strict=True):
            size = self._drawn[column.key]
            text = shortened(cell.text, size, middle=column.middle and not cell.sentence)
            if column.right:
                text = " " * (size - cell_len(text)) + text
            style = self._component(cell.tone) if cell.tone else None
            if (key, column.key) in self._flashing:
                style = self._component("flash")
            segments.append(Segment(set_cell_size(text, size), style))
            segments.append(Segment(" " * GAP_CELLS))
        return Strip(segments).adjust_cell_length(width)

    def _header(self, width: int) -> Strip:
        assert self.view is not None
        segments = [Segment(" ")]
        sorted_by = self.sort_key or self.view.columns[0].key
        for column in self._columns:
            size = self._drawn[column.key]
            arrow = ("↓" if self.descending else "↑") if column.key == sorted_by else ""
            text = column.title + (f" {arrow}" if arrow else "")
            text = text.rjust(size) if column.right else text.ljust(size)
            segments.append(Segment(set_cell_size(text, size) + " " * GAP_CELLS))
        style = self._component("header")
        return Strip(segments).adjust_cell_length(width).apply_style(self._base_style() + style)

    # -- moving

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Post `Scrolled` when other rows come into view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Scrolled())

    def watch_cursor(self, old: int, new: int) -> None:
        """Redraw both lines and keep the cursor in view."""
        if self._keys and new < len(self._keys):
            self._cursor_key = self._keys[new]
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

    @property
    def page(self) -> int:
        return max(1, self.size.height - 2)

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self._strips.clear()
        if self.view is not None:
            self._fit_columns()
            self.virtual_size = Size(max(self.size.width, 1), len(self.order) + 1)
            self._keep_visible()
            self.post_message(self.Scrolled())
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Select the row; a click on the header sorts; a double click opens."""
        if event.y == 0:
            x = 1
            for column in self._columns:
                if x <= event.x < x + self._drawn[column.key]:
                    self.sort_by(column.key)
                x += self._drawn[column.key] + GAP_CELLS
            return
        index = int(self.scroll_offset.y) + event.y - 1
        if index < len(self.order):
            self.cursor = index
            if event.chain == 2:
                self.post_message(self.Opened())
