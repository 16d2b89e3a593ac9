"""What the tab of metrics says above its charts, and how these stand beside each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecs_tui.errors import AccessDenied
from ecs_tui.model.metric import RANGES, MetricSeries
from ecs_tui.model.metric_panels import panels
from ecs_tui.store.metric_budget import MetricBudget
from ecs_tui.store.service_metrics import MetricSources, ServiceMetrics
from ecs_tui.ui.pages.service.metric_words import MetricReading, charts, head_lines

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
HOUR = RANGES[0]


def metrics(status: Any = "Complete", values: tuple[float, ...] = (10.0, 20.0)) -> ServiceMetrics:
    found = panels("prod", "web", HOUR)
    start = NOW - timedelta(hours=1)
    times = tuple(start.timestamp() + 60 * n for n in range(len(values)))
    series = {
        line.query: MetricSeries(line.query, times, values, status)
        for panel in found
        for line in panel.lines
    }
    return ServiceMetrics(HOUR, start, NOW, tuple(found), series, len(series))


def head(width: int = 120, budget: MetricBudget | None = None, **given: Any) -> list[str]:
    state = {"found": metrics(), "sources": None, "error": None, "running": False, "age": 12.0}
    return head_lines(MetricReading(HOUR, **{**state, **given}), budget, width)


def test_the_head_says_range_age_and_price() -> None:
    assert head() == [
        "Last 1 h, a point each 1 min   read 12s ago   5 metrics under $0.0001 a reading, $0.0030/h"
    ]
    assert head(sources=MetricSources(deployments=(NOW,)))[0].endswith("   ▲ deployment")
    assert "◐ reading" in head(running=True)[0]
    assert head(found=None, age=None) == ["Last 1 h, a point each 1 min"]


def test_a_used_up_budget_stops_it_and_says_so() -> None:
    (line,) = head(200, MetricBudget(0.0, keep=False))
    assert "not read by itself any more: the budget of $0.00 a day is used up" in line
    assert "not read" not in head(200, MetricBudget(1.0, keep=False))[0]


def test_what_is_missing_or_failed_has_a_line_each() -> None:
    missing = MetricSources(
        missing=("Container Insights: not allowed to look (cloudwatch:ListMetrics)",)
    )
    denied = AccessDenied("no", operation="cloudwatch:GetMetricData")
    lines = head(sources=missing, error=denied)
    assert lines[1] == "✖ not allowed to look (cloudwatch:GetMetricData)"
    assert lines[2].startswith("Container Insights: not allowed")
    assert all(len(line) <= 30 for line in head(30, sources=missing))


@pytest.mark.parametrize(("width", "height", "lines"), [(80, 20, 20), (80, 50, 26), (160, 50, 17)])
def test_charts_stand_in_one_or_two_columns(width: int, height: int, lines: int) -> None:
    text = charts(metrics(), (NOW,), width, height).plain
    assert len(text.split("\n")) - 1 == lines
    assert "CPU" in text and "Memory" in text and "Tasks" in text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("Forbidden", "not allowed to look (cloudwatch:GetMetricData)"),
        ("InternalError", "CloudWatch could not answer"),
        ("Complete", "no data in this range"),
    ],
)
def test_a_chart_without_points_says_why(status: str, words: str) -> None:
    assert words in charts(metrics(status, ()), (), 80, 30).plain
