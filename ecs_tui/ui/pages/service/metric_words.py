"""What the tab of metrics says and draws: its head, and all charts in one or two columns. No widget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from textual.content import Content, Span

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.metric import MetricRange, MetricSeries, money, price
from ecs_tui.model.metric_panels import Panel, PanelLine
from ecs_tui.model.text import age, clean, counted, span
from ecs_tui.record import dataclass
from ecs_tui.store.metric_budget import MetricBudget
from ecs_tui.store.service_metrics import MetricSources, ServiceMetrics
from ecs_tui.store.surroundings import why_unknown
from ecs_tui.ui.charts.chart import MARK_FOOT, Chart, ChartLine, StyledLine, drawn

TWO_COLUMNS_CELLS = 140
"""Cells from which the charts stand in two columns."""
GAP_CELLS = 3
"""Cells between the two columns."""
LOW_LINES = 30
"""Lines of the tab below which charts are lower."""
ROWS, LOW_ROWS = 6, 4
"""Rows of dots of a chart."""


@dataclass(frozen=True, slots=True)
class MetricReading:
    """How the reading stands.

    Attributes:
        within: The range that is asked for.
        found: The newest points, maybe of another range; None before the first.
        sources: What exists; None while unknown.
        error: Why the points could not be read the last time.
        running: Whether they are being read.
        age: Seconds since they were read; None before the first time.
    """

    within: MetricRange
    found: ServiceMetrics | None
    sources: MetricSources | None
    error: EcsTuiError | None
    running: bool
    age: float | None


def head_lines(state: MetricReading, budget: MetricBudget | None, width: int) -> list[str]:
    """The lines above the charts: the range, the age, what a reading costs, what is missing.

    Args:
        state: How the reading stands.
        budget: What may be spent, and what was.
        width: Cells of a line.
    """
    within = state.within
    parts = [f"Last {span(within.seconds)}, a point each {span(within.period)}"]
    if state.running:
        parts.append("◐ reading")
    elif state.age is not None and state.error is None:
        parts.append(f"read {age(state.age)} ago")
    marked = state.found is not None and state.sources is not None and state.sources.deployments
    legend = [f"{MARK_FOOT} deployment"] if marked else []
    lines = ["   ".join([*parts, *_cost(state, budget), *legend])]
    if state.error is not None:
        lines.append(f"✖ {why_unknown(state.error)}")
    lines += state.sources.missing if state.sources is not None else ()
    return [_cut(clean(line), width) for line in lines]


def _cost(state: MetricReading, budget: MetricBudget | None) -> list[str]:
    if state.found is None:
        return []
    asked, period = state.found.asked, state.found.within.period
    hourly = price(asked) * 3600 / period
    words = [f"{counted(asked, 'metric')} {money(price(asked))} a reading, {money(hourly)}/h"]
    if budget is not None and not budget.allows(asked):
        limit = f"{money(budget.dollars)} a day"
        words.append(f"▲ not read by itself any more: the budget of {limit} is used up")
    return words


def _cut(line: str, width: int) -> str:
    return line if cell_len(line) <= width else set_cell_size(line, max(0, width - 1)) + "…"


def charts(
    found: ServiceMetrics, deployments: Sequence[datetime], width: int, height: int
) -> Content:
    """All charts as one text, in two columns where there is room.

    Args:
        found: The points.
        deployments: Times that are marked.
        width: Cells of a line.
        height: Lines of the tab, which decide how high the charts are.
    """
    columns = 2 if width >= TWO_COLUMNS_CELLS else 1
    size = (width - GAP_CELLS * (columns - 1)) // columns
    rows = LOW_ROWS if height < LOW_LINES else ROWS
    marks = [at.timestamp() for at in deployments]
    every = [drawn(_chart(panel, found, marks), size, rows) for panel in found.panels]
    lines: list[StyledLine] = []
    for number in range(0, len(every), columns):
        lines += [*_beside(every[number : number + columns], size), StyledLine("")]
    return _content(lines)


def _chart(panel: Panel, found: ServiceMetrics, marks: Sequence[float]) -> Chart:
    points = {line: found.series[line.query] for line in panel.lines if line.query in found.series}
    return Chart(
        title=clean(panel.title),
        unit=panel.unit,
        lines=[_line(line, points.get(line)) for line in panel.lines],
        start=found.start.timestamp(),
        end=found.end.timestamp(),
        period=found.within.period,
        note=panel.note,
        marks=marks,
        empty=_empty(list(points.values())),
    )


def _line(line: PanelLine, series: MetricSeries | None) -> ChartLine:
    if series is None:
        return ChartLine(clean(line.label), ())
    pairs = zip(series.times, series.values, strict=True)
    return ChartLine(clean(line.label), [(at, max(0.0, v) * line.scale) for at, v in pairs])


def _empty(series: Sequence[MetricSeries]) -> str:
    """Why a chart has no points: forbidden, failed, or there are none."""
    if any(each.status == "Forbidden" for each in series):
        return "not allowed to look (cloudwatch:GetMetricData)"
    failed = next((each for each in series if each.status == "InternalError"), None)
    if failed is not None:
        return f"CloudWatch could not answer: {clean(failed.message) or 'internal error'}"
    return "no data in this range"


def _beside(each: Sequence[Sequence[StyledLine]], size: int) -> list[StyledLine]:
    """Charts beside each other."""
    if len(each) == 1:
        return list(each[0])
    left, right = each
    made = []
    for number in range(max(len(left), len(right))):
        one = left[number] if number < len(left) else StyledLine("")
        other = right[number] if number < len(right) else StyledLine("")
        text = set_cell_size(one.text, size) + " " * GAP_CELLS
        moved = tuple((a + len(text), b + len(text), look) for a, b, look in other.styles)
        made.append(StyledLine(text + other.text, (*one.styles, *moved)))
    return made


def _content(lines: Sequence[StyledLine]) -> Content:
    spans: list[Span] = []
    start = 0
    for line in lines:
        spans += [Span(start + a, start + b, look) for a, b, look in line.styles]
        start += len(line.text) + 1
    return Content("\n".join(line.text for line in lines), spans)
