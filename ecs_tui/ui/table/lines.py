"""The lines of a list as strips: each is kept until its cells, its style or its width change."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from ecs_tui.resources.base import Cell, Column
from ecs_tui.ui.table.flash import Flashes
from ecs_tui.ui.table.layout import MARK, ColumnLayout

MAX_KEPT = 500
"""Maximum lines that are kept."""
NEWS_AFTER_SECONDS = 2.0
"""Seconds that a row must be unchanged before a change is highlighted; earlier, it is loading."""


class RowLines:
    """Makes the lines of a list, in the styles of its widget.

    Args:
        widget: The list, with a component class `table--NAME` for each tone.
        fitted: Its columns.
        marks: The keys of the marked rows.
        flashes: The highlighted cells; None if changes are not highlighted.

    Attributes:
        made: How many lines of rows were made so far.
    """

    def __init__(
        self,
        widget: Widget,
        fitted: ColumnLayout,
        marks: Collection[str],
        flashes: Flashes | None,
    ) -> None:
        self.made = 0
        self._widget, self._fitted = widget, fitted
        self._marks, self._flashes = marks, flashes
        self._kept: dict[str, tuple[Sequence[Cell], Strip, float]] = {}
        self._base: Style | None = None
        self._components: dict[str, Style] = {}

    def clear(self) -> None:
        """Make all lines again: columns, marks or the width have changed."""
        self._kept.clear()

    def forget(self, keys: Collection[str]) -> None:
        """Make the lines of these rows again."""
        for key in keys:
            self._kept.pop(key, None)

    def restyle(self) -> None:
        """Make all lines again: the theme has changed."""
        self._base = None
        self._components.clear()
        self.clear()

    def differs(self, key: str, cells: Sequence[Cell]) -> bool:
        """Whether a row has not been drawn with these cells."""
        kept = self._kept.get(key)
        return kept is None or kept[0] != cells

    def row(self, key: str, cells: Sequence[Cell], width: int) -> tuple[Strip, bool]:
        """The line of a row, and whether a cell is the first to be highlighted."""
        kept, first = self._kept.get(key), False
        if kept is None or kept[0] != cells or kept[1].cell_length != width:
            self.made += 1
            now = time.monotonic()
            news = kept is not None and now - kept[2] > NEWS_AFTER_SECONDS
            if kept is not None and news and self._flashes is not None:
                first = self._flashes.mark(key, self._fitted.columns, kept[0], cells, now)
            if len(self._kept) > MAX_KEPT:
                self._kept.clear()
            kept = self._kept[key] = (cells, self._strip(key, cells, width), now)
        return kept[1], first

    def _strip(self, key: str, cells: Sequence[Cell], width: int) -> Strip:
        def style(column: Column, cell: Cell) -> Style | None:
            if self._flashes is not None and (key, column.key) in self._flashes:
                return self._component("flash")
            return self._component(cell.tone) if cell.tone else None

        mark = Segment(MARK, self._component("mark")) if key in self._marks else Segment(" ")
        strip = Strip(self._fitted.line(cells, style, mark)).adjust_cell_length(width)
        return strip.apply_style(self.base)

    def header(self, width: int, sorted_by: str, descending: bool) -> Strip:
        """The line of titles."""
        strip = self._fitted.header(width, sorted_by, descending)
        return strip.apply_style(self.base + self._component("header"))

    def under_cursor(self, strip: Strip) -> Strip:
        """A line as it is under the cursor."""
        look = self._component("cursor")
        return Strip([Segment(each.text, (each.style or Style()) + look) for each in strip])

    def blank(self, width: int) -> Strip:
        """A line without a row."""
        return Strip.blank(width, self.base)

    @property
    def base(self) -> Style:
        """The list's own style."""
        if self._base is None:
            self._base = self._widget.rich_style
        return self._base

    def _component(self, name: str) -> Style:
        """A component's style, resolved over the list's background (`auto` and alpha).

        Only the cursor's style sets the background; it sets the text colour only where there are
        few colours.
        """
        style = self._components.get(name)
        if style is None:
            full = self._widget.get_component_rich_style(f"table--{name}")
            if name == "cursor":
                few = self._widget.app.native_ansi_color
                color = full.color if few else None
                style = Style(color=color, bgcolor=full.bgcolor, bold=full.bold)
            else:
                style = Style(color=full.color, bold=full.bold, underline=full.underline)
            self._components[name] = style
        return style
