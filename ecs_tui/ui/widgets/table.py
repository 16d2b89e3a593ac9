"""A list that draws only what is visible: order and filter are lists of indices over the rows."""

from __future__ import annotations

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

from ecs_tui.ui.views.base import Cell, Column, View

GAP = 2


class ResourceTable(ScrollView, can_focus=True):
    """Rows of a view under a header line. The cursor is a row's key, not a line."""

    COMPONENT_CLASSES = {
        "table--header", "table--cursor", "table--fine", "table--moving", "table--warning",
        "table--bad", "table--off", "table--mark",
    }  # fmt: skip
    DEFAULT_CSS = """
    ResourceTable { background: $background; color: $foreground; height: 1fr;
        & > .table--header { color: $text-muted; text-style: bold; }
        & > .table--cursor { background: $primary 30%; text-style: bold; }
        & > .table--fine { color: $text-success; }
        & > .table--moving { color: $text-primary; }
        & > .table--warning { color: $text-warning; }
        & > .table--bad { color: $text-error; }
        & > .table--off { color: $text-muted; }
        & > .table--mark { color: $text-accent; }
    }
    """

    cursor: reactive[int] = reactive(0)

    class Opened(Message):
        """A row was opened with enter or a double click."""

    class Moved(Message):
        """The cursor is on another row."""

    def __init__(self) -> None:
        super().__init__()
        self.view: View | None = None
        self.rows: list[Any] = []
        self.order: list[int] = []
        self.filter = ""
        self.sort_key = ""
        self.descending = False
        self.redrawn_rows = 0
        self._keys: list[str] = []
        self._cursor_key = ""
        self._columns: list[Column] = []
        self._widths: dict[str, int] = {}
        self._drawn: dict[str, int] = {}
        self._strips: dict[str, tuple[Any, Strip]] = {}
        self._now = datetime.now(UTC)
        self._base: Style | None = None
        self._components: dict[str, Style] = {}

    def show(self, view: View) -> None:
        """Another view: forget sort, filter and widths."""
        self.view = view
        self.rows, self.order, self._keys = [], [], []
        self.filter = self.sort_key = ""
        self.descending = False
        self._widths = {}
        self._cursor_key = ""
        self._strips.clear()
        self.cursor = 0
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    def update_rows(self, rows: list[Any]) -> None:
        """New rows; the cursor stays on its row, and only lines that differ are drawn again."""
        if self.view is None:
            return
        self._now = datetime.now(UTC)
        self.rows = rows
        self._arrange()

    def set_filter(self, text: str) -> None:
        """Show only rows that match: words anywhere, or `column:value`."""
        self.filter = text
        self._arrange()

    def sort_by(self, key: str) -> None:
        """Sort by a column; the same again turns the direction round."""
        assert self.view is not None
        if (self.sort_key or self.view.columns[0].key) == key:
            self.sort_key = key
            self.descending = not self.descending
        else:
            self.sort_key, self.descending = key, False
        self._arrange()

    @property
    def current(self) -> Any | None:
        """The row under the cursor, or None in an empty list."""
        if not self.order:
            return None
        return self.rows[self.order[min(self.cursor, len(self.order) - 1)]]

    def select_key(self, key: str) -> None:
        """Put the cursor on the row with this key, now or when it comes."""
        self._cursor_key = key
        self._place_cursor()

    # -- order

    def _arrange(self) -> None:
        view = self.view
        assert view is not None
        old_keys = self._keys
        indices = [i for i, row in enumerate(self.rows) if self._matches(row)]
        column = next((c for c in view.columns if c.key == self.sort_key), view.columns[0])
        key = view.key
        try:
            indices.sort(
                key=lambda i: (column.sort(self.rows[i]), key(self.rows[i])),
                reverse=self.descending,
            )
        except TypeError:  # values that do not compare: by their words
            indices.sort(key=lambda i: str(column.sort(self.rows[i])), reverse=self.descending)
        self.order = indices
        self._keys = [key(self.rows[i]) for i in indices]
        self._fit_columns()
        width = max(self.size.width, 1)
        self.virtual_size = Size(width, len(self.order) + 1)
        self._place_cursor()
        if old_keys != self._keys:
            self.refresh()
        else:
            self._refresh_changed()

    def _refresh_changed(self) -> None:
        """Draw again only the visible lines whose text is another than before."""
        top = int(self.scroll_offset.y)
        for line in range(1, self.size.height):
            index = top + line - 1
            if index >= len(self.order):
                break
            key = self._keys[index]
            before = self._strips.get(key)
            if before is None or before[0] != self._texts(index):
                self._strips.pop(key, None)
                self.refresh(Region(0, line, self.size.width, 1))

    def _matches(self, row: Any) -> bool:
        assert self.view is not None
        for word in self.filter.casefold().split():
            name, colon, value = word.partition(":")
            named = [c for c in self.view.columns if c.key == name] if colon else []
            columns = named or self.view.columns
            wanted = value if named else word
            if not any(wanted in column.cell(row, self._now).text.casefold() for column in columns):
                return False
        return True

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
        """Choose the columns that fit; widths only grow, so that nothing jumps."""
        assert self.view is not None
        top = int(self.scroll_offset.y)
        seen = [self.rows[i] for i in self.order[top : top + max(60, self.size.height)]]
        for column in self.view.columns:
            width = max(
                [cell_len(column.title) + 2, self._widths.get(column.key, 0)]
                + [cell_len(column.cell(row, self._now).text) for row in seen]
            )
            width = min(width, max(column.widest, cell_len(column.title) + 2))
            if width != self._widths.get(column.key):
                self._widths[column.key] = width
                self._strips.clear()
        columns = list(self.view.columns)
        room = self.size.width or 80
        while sum(self._widths[c.key] + GAP for c in columns) > room + GAP:
            droppable = [c for c in columns if c.priority > 0]
            if not droppable:
                break
            columns.remove(max(droppable, key=lambda c: (c.priority, columns.index(c))))
        drawn = {c.key: self._widths[c.key] for c in columns}
        overflow = sum(drawn.values()) + GAP * (len(drawn) - 1) + 1 - room
        if overflow > 0:  # nothing more can go: the widest column gives way
            widest = max(drawn, key=lambda key: drawn[key])
            drawn[widest] = max(12, drawn[widest] - overflow)
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
            cached = (texts, self._strip(texts, width))
            if len(self._strips) > 4000:
                self._strips.clear()
            self._strips[key] = cached
        strip = cached[1].apply_style(self._base_style())
        if index == self.cursor:
            strip = Strip(
                [Segment(s.text, (s.style or Style()) + self._component("cursor")) for s in strip]
            )
        return strip

    def _component(self, name: str) -> Style:
        """A component's style over the list's background, so that `auto` and alpha are resolved.

        Of the cursor's, the background counts; of all others, the colour of the text.
        """
        style = self._components.get(name)
        if style is None:
            full = self.get_component_rich_style(f"table--{name}")
            if name == "cursor":
                style = Style(bgcolor=full.bgcolor, bold=full.bold)
            else:
                style = Style(color=full.color, bold=full.bold)
            self._components[name] = style
        return style

    def _base_style(self) -> Style:
        if self._base is None:
            self._base = self.rich_style
        return self._base

    def notify_style_update(self) -> None:
        """Another theme: the style under all cells is asked for anew, not once for each line."""
        super().notify_style_update()
        self._base = None
        self._components.clear()
        self._strips.clear()

    def _texts(self, index: int) -> list[Cell]:
        row = self.rows[self.order[index]]
        return [column.cell(row, self._now) for column in self._columns]

    def _strip(self, cells: Sequence[Cell], width: int) -> Strip:
        segments = [Segment(" ")]
        for column, cell in zip(self._columns, cells, strict=True):
            size = self._drawn[column.key]
            text = cell.text
            if cell_len(text) > size:
                text = set_cell_size(text, size - 1) + "…"
            elif column.right:
                text = " " * (size - cell_len(text)) + text
            style = self._component(cell.tone) if cell.tone else None
            segments.append(Segment(set_cell_size(text, size), style))
            segments.append(Segment(" " * GAP))
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
            segments.append(Segment(set_cell_size(text, size) + " " * GAP))
        style = self._component("header")
        return Strip(segments).adjust_cell_length(width).apply_style(self._base_style() + style)

    # -- moving

    def watch_cursor(self, old: int, new: int) -> None:
        """Draw both lines again and keep the cursor in view."""
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
        """Lines of one page."""
        return max(1, self.size.height - 2)

    def on_resize(self) -> None:
        """Other columns may fit."""
        self._strips.clear()
        if self.view is not None:
            self._arrange()

    def on_click(self, event: events.Click) -> None:
        """Select the row; a click on the header sorts; a double click opens."""
        if event.y == 0:
            x = 1
            for column in self._columns:
                if x <= event.x < x + self._drawn[column.key]:
                    self.sort_by(column.key)
                x += self._drawn[column.key] + GAP
            return
        index = int(self.scroll_offset.y) + event.y - 1
        if index < len(self.order):
            self.cursor = index
            if event.chain == 2:
                self.post_message(self.Opened())
