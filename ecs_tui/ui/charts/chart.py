"""One chart as lines of text with styles: title, legend, dots, axes, marks. No widget."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from ecs_tui.model.metric_panels import PanelUnit
from ecs_tui.record import dataclass
from ecs_tui.ui.charts.axis import LABEL_CELLS, ceiling, time_labels, words
from ecs_tui.ui.charts.canvas import BLANK, Point, dots, joined

LOOKS = (
    "$text-primary", "$text-warning", "$text-success", "$text-accent", "$text-secondary",
    "$text-error",
)  # fmt: skip
"""Styles of lines, by position."""
SAMPLES = ("━", "┅", "┉", "┈", "╌", "·")
"""How each line is drawn, in the legend: without colours they are told apart by this."""
EVERY = (1, 2, 3, 4, 5, 6)
"""Of the points of each line each n-th is drawn (`canvas.dots`)."""
MARK, MARK_FOOT = "┊", "▲"
"""A deployment, in the chart and on its time axis."""
MARK_LOOK = "$text-accent"
LEAST_COLUMNS = 24
"""Cells of the dots below which nothing is drawn."""


@dataclass(frozen=True, slots=True)
class ChartLine:
    """The points of one line.

    Attributes:
        label: Its name in the legend; "" for none.
        points: Times in seconds since 1970 and values in the chart's unit, in order.
    """

    label: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows.

    Attributes:
        title: What it is about.
        unit: The unit of the values.
        lines: The lines, the most important first.
        start, end: The range, in seconds since 1970.
        period: Seconds between two points: where more are missing, the line has a gap.
        note: Words beside the title.
        marks: Times that are marked.
        empty: What is said instead of dots if no line has points.
    """

    title: str
    unit: PanelUnit
    lines: Sequence[ChartLine]
    start: float
    end: float
    period: float
    note: str = ""
    marks: Sequence[float] = ()
    empty: str = "no data in this range"


@dataclass(frozen=True, slots=True)
class StyledLine:
    """A line of text, and (first character, character after the last, style) of parts of it."""

    text: str
    styles: tuple[tuple[int, int, str], ...] = ()


def drawn(chart: Chart, width: int, rows: int) -> list[StyledLine]:
    """The lines of a chart: its title, `rows` rows of dots, its time axis.

    Args:
        chart: What it shows.
        width: Cells of a line.
        rows: Rows of dots.
    """
    head = _head(chart, width)
    columns = width - LABEL_CELLS
    if not any(line.points for line in chart.lines) or columns < LEAST_COLUMNS:
        words_ = chart.empty if columns >= LEAST_COLUMNS else "too narrow for a chart"
        return [head, StyledLine(set_cell_size(f"{'':{LABEL_CELLS}}{words_}", width).rstrip())]
    top = ceiling(max(v for line in chart.lines for _, v in line.points), chart.unit)
    body = _body(chart, columns, rows, top)
    marks = _mark_columns(chart, columns)
    lines = [head]
    for number, row in enumerate(body):
        label = _label(number, rows, top, chart.unit)
        lines.append(_row(label, row, marks))
    return [*lines, _foot(chart, columns, marks)]


def _head(chart: Chart, width: int) -> StyledLine:
    """`CPU  ━ average 31%  ┅ highest task 78%   peak 92%`, cut at its end."""
    text, styles = chart.title, [(0, len(chart.title), "bold")]
    for number, line in enumerate(chart.lines):
        newest = words(line.points[-1][1], chart.unit) if line.points else "–"
        sample, look = SAMPLES[number % len(SAMPLES)], LOOKS[number % len(LOOKS)]
        text += "  "
        styles.append((len(text), len(text) + len(sample), look))
        text += " ".join(word for word in (sample, line.label, newest) if word)
    peak = max((v for line in chart.lines for _, v in line.points), default=None)
    for more in (f"peak {words(peak, chart.unit)}" if peak is not None else "", chart.note):
        if more and cell_len(text) + 3 + cell_len(more) <= width:
            styles.append((len(text) + 3, len(text) + 3 + len(more), "$foreground-muted"))
            text += f"   {more}"
    if cell_len(text) > width:
        text = set_cell_size(text, max(0, width - 1)).rstrip() + "…"
    return StyledLine(text, tuple((a, min(b, len(text)), s) for a, b, s in styles if a < len(text)))


def _label(number: int, rows: int, top: float, unit: PanelUnit) -> str:
    value = top if not number else 0.0 if number == rows - 1 else None
    if value is None and rows >= 5 and number == rows // 2:
        value = top * (rows - 1 - number) / (rows - 1)
    text = words(value, unit) if value is not None else ""
    return f"{text:>{LABEL_CELLS - 1}} "


@dataclass(slots=True)
class _Cell:
    """A cell of dots, and the position of the line that colours it."""

    dots: str = BLANK
    line: int = -1


def _body(chart: Chart, columns: int, rows: int, top: float) -> list[list[_Cell]]:
    """The dots of all lines; where several have dots, the first of them colours the cell."""
    cells = [[_Cell() for _ in range(columns)] for _ in range(rows)]
    for number, line in enumerate(chart.lines):
        runs = _runs(line.points, chart.period)
        every = EVERY[number % len(EVERY)]
        across = (chart.start, chart.end)
        for at, row in enumerate(dots(runs, (columns, rows), across, (0.0, top), every=every)):
            for cell, char in zip(cells[at], row, strict=False):
                if char != BLANK:
                    cell.dots = joined(cell.dots, char)
                    cell.line = number if cell.line < 0 else cell.line
    return cells


def _runs(points: Sequence[Point], period: float) -> list[list[Point]]:
    """Points between which no more than one is missing, as one line each."""
    runs: list[list[Point]] = []
    for point in points:
        if runs and point[0] - runs[-1][-1][0] <= 2 * period:
            runs[-1].append(point)
        else:
            runs.append([point])
    return runs


def _mark_columns(chart: Chart, columns: int) -> set[int]:
    length = max(chart.end - chart.start, 1)
    return {
        int((at - chart.start) / length * (columns - 1))
        for at in chart.marks
        if chart.start <= at <= chart.end
    }


def _row(label: str, cells: Sequence[_Cell], marks: set[int]) -> StyledLine:
    text, styles = label, [(0, len(label), "$foreground-muted")]
    for column, cell in enumerate(cells):
        at = len(text)
        if cell.line >= 0:
            text, look = text + cell.dots, LOOKS[cell.line % len(LOOKS)]
        elif column in marks:
            text, look = text + MARK, MARK_LOOK
        else:
            text += " "
            continue
        if styles[-1][2] == look and styles[-1][1] == at:
            styles[-1] = (styles[-1][0], at + 1, look)
        else:
            styles.append((at, at + 1, look))
    return StyledLine(text.rstrip(), tuple(styles))


def _foot(chart: Chart, columns: int, marks: set[int]) -> StyledLine:
    """The time axis; deployments are marked on it, where no label is in the way."""
    axis = [" "] * columns
    for column, label in time_labels(chart.start, chart.end, columns):
        free = all(char == " " for char in axis[max(0, column - 1) : column + len(label) + 1])
        if free:
            axis[column : column + len(label)] = label
    styles: list[tuple[int, int, str]] = []
    for column in sorted(marks):
        if axis[column] == " ":
            axis[column] = MARK_FOOT
            at = LABEL_CELLS + column
            styles.append((at, at + 1, MARK_LOOK))
    text = f"{'':{LABEL_CELLS}}{''.join(axis)}".rstrip()
    return StyledLine(text, ((0, len(text), "$foreground-muted"), *styles))
