"""Draws a line: its time, task, level and message, folded to a row, wrapped, or unfolded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import field
from itertools import pairwise

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from ecs_tui.logs.ansi import StyledText
from ecs_tui.logs.filters import LogFilter
from ecs_tui.logs.levels import Level
from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.logs.times import TimeStyle
from ecs_tui.logs.view import LineOptions, LineView, TaskNames, folded, unfolded
from ecs_tui.model.text import clean
from ecs_tui.record import dataclass
from ecs_tui.ui.log_lines.styles import LogStyles, rich_style
from ecs_tui.ui.log_lines.wrapping import fitting, row_spans

MAX_KEPT = 600
"""Lines whose rows are kept."""
WIDE_CELLS = 100
"""Cells from which on levels are words, not letters."""
_MARKED, _FOLDED, _UNFOLDED = "◆", "+", "-"
"""The first character of a line: it is marked, more of it can be shown, all of it is shown."""
MAX_CONTAINER = 12


@dataclass
class DrawOptions:
    """How lines are drawn; `LineDrawer.redraw` after a change.

    Attributes:
        lines: Times, the present, the time zone.
        wrap: Whether long lines are wrapped.
        containers: Cells for names of containers; 0 if they are not shown.
        unfolded, marked: Those lines.
        search: What is highlighted.
    """

    lines: LineOptions = field(default_factory=LineOptions)
    wrap: bool = False
    containers: int = 0
    unfolded: set[LogLine] = field(default_factory=set)
    marked: set[LogLine] = field(default_factory=set)
    search: LogFilter = field(default_factory=LogFilter)


_StyleSpan = tuple[int, int, Style]
_Part = tuple[StyledText, int, int]
"""A row of a message: the text, and which characters of it."""


@dataclass(slots=True)
class _Drawing:
    """What is kept of a line: its rows are made when they are on the screen."""

    view: LineView
    parts: list[_Part]
    strips: dict[int, Strip] = field(default_factory=dict)
    spans: dict[int, list[_StyleSpan]] = field(default_factory=dict)


class LineDrawer:
    """Makes the rows of lines, and keeps those that were made last.

    Args:
        names: Names and colours of the tasks.
        options: How lines are drawn.

    Attributes:
        made: How many rows were drawn so far.
        width: Cells of a row.
    """

    def __init__(self, names: TaskNames, options: DrawOptions) -> None:
        self.made, self.width = 0, 80
        self.names, self.options = names, options
        self._kept: dict[LogLine, _Drawing] = {}
        self._heights: dict[LogLine, int] = {}
        self._styles: LogStyles | None = None

    # -- what is kept

    def restyle(self, styles: LogStyles) -> None:
        """Draw in other styles."""
        self._styles = styles
        self.redraw()

    def redraw(self, lines: Collection[LogLine] | None = None) -> None:
        """Draw these lines again; all of them without an argument."""
        if lines is None:
            self._kept.clear()
            self._heights.clear()
        else:
            for line in lines:
                self._kept.pop(line, None)
                self._heights.pop(line, None)

    def rows_of(self, line: LogLine) -> int:
        """How many rows a line takes."""
        if line.kind is not LineKind.EVENT:
            return 1
        if not self.options.wrap and line not in self.options.unfolded:
            return 1
        known = self._heights.get(line)
        if known is None:
            if len(self._heights) > 20 * MAX_KEPT:
                self._heights.clear()
            known = self._heights[line] = len(self._drawing(line).parts)
        return known

    def row(self, line: LogLine, number: int) -> Strip:
        """A row of a line, from 0."""
        kept = self._drawing(line)
        strip = kept.strips.get(number)
        if strip is None:
            self.made += 1
            strip = kept.strips[number] = self._drawn(line, kept, number)
        return strip

    # -- one line

    def _drawing(self, line: LogLine) -> _Drawing:
        kept = self._kept.get(line)
        if kept is None:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            view = self._view(line)
            kept = self._kept[line] = _Drawing(view, self._parts(line, view))
        return kept

    def _view(self, line: LogLine) -> LineView:
        return folded(line, self.names, self.options.lines)

    def _parts(self, line: LogLine, view: LineView) -> list[_Part]:
        """The rows of a message."""
        room = self._room(line)
        if self.options.wrap:
            first = [(view.body, *span) for span in row_spans(view.body.text, room)]
        else:
            first = [(view.body, 0, fitting(view.body.text, room))]
        if line not in self.options.unfolded:
            return first
        full = unfolded(line)
        if len(full) > 1 or full[0].text != view.body.text:
            first += [(row, *span) for row in full for span in row_spans(row.text, room)]
        elif not self.options.wrap:
            first = [(view.body, *span) for span in row_spans(view.body.text, room)]
        return first

    def _drawn(self, line: LogLine, kept: _Drawing, number: int) -> Strip:
        styles, view = self._styles, kept.view
        assert styles is not None, "styles are given first"
        if line.kind is not LineKind.EVENT:
            return self._separator(line, view, styles)
        if number >= len(kept.parts):
            return Strip.blank(self.width, styles.base)
        room = self._room(line)
        head = [Segment(" " * (self.width - room), styles.base)]
        if number == 0:
            head = self._head(line, view, styles)
        text, start, end = kept.parts[number]
        spans = kept.spans.get(id(text))
        if spans is None:
            spans = kept.spans[id(text)] = self._spans(text, styles)
        base = styles.base if text is view.body else styles.base + styles.find("time")
        body = segments(text.text, start, end, spans, base)
        if number == 0 and view.late:
            body.insert(0, Segment("late ", styles.base + styles.find("quiet")))
        if number == 0 and view.hidden and line not in self.options.unfolded:
            body = self._with_hidden(body, view.hidden, room, styles)
        return Strip([*head, *body]).adjust_cell_length(self.width, styles.base)

    def _spans(self, text: StyledText, styles: LogStyles) -> list[_StyleSpan]:
        """The colours of a text, and what a search has found in it."""
        spans = [(each.start, each.end, rich_style(each.style)) for each in text.spans]
        if self.options.search:
            hit = styles.find("hit")
            spans += [(*span, hit) for span in self.options.search.highlights(text.text)]
        return spans

    def _with_hidden(
        self, body: list[Segment], hidden: str, room: int, styles: LogStyles
    ) -> list[Segment]:
        """A message with what unfolding shows besides, if there is room for it."""
        used = sum(cell_len(each.text) for each in body)
        words = f"  +{hidden}"
        if used + len(words) > room:
            return body
        return [*body, Segment(words, styles.base + styles.find("quiet"))]

    def _room(self, line: LogLine) -> int:
        """Cells for the message."""
        return max(10, self.width - self._head_cells(line))

    def _head_cells(self, line: LogLine) -> int:
        view_time = 1 + self._time_cells
        level = 6 if self.width >= WIDE_CELLS else 2
        return view_time + 1 + self._who_cells + 1 + level

    @property
    def _time_cells(self) -> int:
        style = self.options.lines.times
        return {TimeStyle.LOCAL: 12, TimeStyle.UTC: 13, TimeStyle.RELATIVE: 8}[style]

    @property
    def _who_cells(self) -> int:
        container = self.options.containers
        return max(4, self.names.width) + (1 + container if container else 0)

    def _who(self, line: LogLine, view: LineView) -> str:
        """The task's short name, and the container's where there are several."""
        name = view.task or "-"
        if self.options.containers and line.container:
            shown = clean(line.container)
            most = self.options.containers
            name += "/" + (shown if len(shown) <= most else f"{shown[: most - 1]}…")
        cells = self._who_cells
        return name[:cells] + " " * max(0, cells - cell_len(name[:cells]))

    def _sign(self, line: LogLine, view: LineView) -> str:
        if line in self.options.marked:
            return _MARKED
        if line in self.options.unfolded:
            return _UNFOLDED
        return _FOLDED if view.hidden else " "

    def _head(self, line: LogLine, view: LineView, styles: LogStyles) -> list[Segment]:
        """Sign, time, task and level. The parts of a stack trace have the time of its first line."""
        plain = styles.base
        moment = "" if view.continued else view.time
        if len(moment) > self._time_cells:  # another day: the date without the year
            moment = moment[5:16].ljust(self._time_cells)[: self._time_cells]
        wide = self.width >= WIDE_CELLS
        word = view.level.name if view.level is not Level.NONE and not view.continued else ""
        level = f"{word[:5]:<6}" if wide else f"{word[:1]:<2}"
        return [
            Segment(self._sign(line, view), plain + styles.find("mark")),
            Segment(f"{moment:<{self._time_cells}} ", plain + styles.find("time")),
            Segment(f"{self._who(line, view)} ", plain + styles.task(view.colour)),
            Segment(level, plain + styles.level(view.level)),
        ]

    def _separator(self, line: LogLine, view: LineView, styles: LogStyles) -> Strip:
        """The end of a container, or a note: a line across the screen."""
        bad = line.kind is LineKind.END and line.failed
        look = styles.base + styles.find("failed" if bad else "end")
        sign = ("✖ " if bad else "○ ") if line.kind is LineKind.END else "▲ "
        moment = view.time if len(view.time) <= self._time_cells else view.time[5:16]
        body = view.body.text
        if line.kind is LineKind.END and view.task:
            head = [
                Segment(f" {moment:<{self._time_cells}} ", styles.base + styles.find("time")),
                Segment(f"{self._who(line, view)} ", styles.base + styles.task(view.colour)),
            ]
        else:
            head = [Segment(f" {moment:<{self._time_cells}} ", styles.base + styles.find("time"))]
        used = sum(cell_len(each.text) for each in head)
        shown = f"{sign}{body} "
        shown = shown[: fitting(shown, self.width - used)]
        rule = "─" * max(0, self.width - used - cell_len(shown))
        return Strip([*head, Segment(shown + rule, look)]).adjust_cell_length(
            self.width, styles.base
        )


def segments(
    text: str, start: int, end: int, spans: Sequence[_StyleSpan], base: Style
) -> list[Segment]:
    """Characters of a text with the styles of the spans that they are in, in the spans' order."""
    if start >= end:
        return []
    here = [each for each in spans if each[0] < end and each[1] > start]
    edges = {start, end}
    for first, last, _ in here:
        edges |= {max(start, first), min(end, last)}
    ordered, made = sorted(edges), []
    for first, last in pairwise(ordered):
        style = base
        for begin, until, look in here:
            if begin <= first and last <= until:
                style += look
        made.append(Segment(text[first:last], style))
    return made
