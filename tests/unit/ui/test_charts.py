"""Charts as text: axes in round numbers, lines told apart without colour, gaps, marks, widths."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ecs_tui.model.metric_panels import PanelUnit
from ecs_tui.ui.charts.axis import LABEL_CELLS, ceiling, time_labels, words
from ecs_tui.ui.charts.canvas import BLANK, dots, joined
from ecs_tui.ui.charts.chart import (
    LOOKS,
    MARK,
    MARK_FOOT,
    SAMPLES,
    Chart,
    ChartLine,
    StyledLine,
    drawn,
)

START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC).timestamp()
HOUR = [(START + 60 * n, float(n)) for n in range(61)]


def chart(*lines: ChartLine, unit: PanelUnit = "percent", **more: object) -> Chart:
    return Chart("CPU", unit, lines, START, START + 3600, 60, **more)  # type: ignore[arg-type]


def texts(lines: list[StyledLine]) -> list[str]:
    return [line.text for line in lines]


@pytest.mark.parametrize(
    ("peak", "unit", "top"),
    [
        (0, "percent", 1), (3, "percent", 5), (49, "percent", 50), (51, "percent", 100),
        (100, "percent", 100), (130, "percent", 200), (0, "tasks", 1), (3, "tasks", 5),
        (24, "tasks", 25), (2.1, "tasks", 3), (1300, "count", 2000), (0.0004, "seconds", 0.001),
        (0.18, "seconds", 0.2), (12, "seconds", 20),
    ],
)  # fmt: skip
def test_the_upper_end_is_a_round_number(peak: float, unit: PanelUnit, top: float) -> None:
    assert ceiling(peak, unit) == pytest.approx(top)


@given(st.floats(0, 1e12), st.sampled_from(["percent", "tasks", "count", "seconds"]))
def test_no_value_is_above_the_upper_end(peak: float, unit: PanelUnit) -> None:
    assert ceiling(peak, unit) >= peak * (1 - 1e-9)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (78.4, "percent", "78%"), (0.4, "percent", "0.4%"), (4, "tasks", "4"), (1234, "count", "1.2k"),
        (250_000, "count", "250k"), (3e6, "count", "3M"), (0.24, "seconds", "240ms"),
        (1.5, "seconds", "1.5s"), (0, "seconds", "0ms"), (2.5, "tasks", "2.5"),
    ],
)  # fmt: skip
def test_values_in_their_unit(value: float, unit: PanelUnit, text: str) -> None:
    assert words(value, unit) == text and len(text) < LABEL_CELLS


@pytest.mark.parametrize("hours", [1, 3, 6, 12, 24, 72, 168, 336])
@pytest.mark.parametrize("columns", [40, 73, 150])
def test_labels_of_times_do_not_overlap_and_fit(hours: int, columns: int) -> None:
    labels = time_labels(START, START + hours * 3600, columns, UTC)
    assert labels
    for (at, text), (following, _) in pairwise(labels):
        assert at + len(text) < following
    assert labels[-1][0] + len(labels[-1][1]) <= columns


def test_labels_are_at_round_local_times() -> None:
    assert [text for _, text in time_labels(START, START + 3600, 60, UTC)][:2] == ["12:00", "12:15"]
    days = time_labels(START, START + 14 * 86400, 80, UTC)
    assert all(text[2] == " " for _, text in days), "days, not hours"


def test_a_chart_has_a_title_rows_and_an_axis() -> None:
    lines = texts(drawn(chart(ChartLine("average", HOUR), note="% of what"), 60, 4))
    assert len(lines) == 6
    assert lines[0] == "CPU  ━ average 60%   peak 60%   % of what"
    assert lines[1].startswith("  100%") and lines[4].startswith("    0% ")
    assert "12:" in lines[5] or ":15" in lines[5]
    assert all(cell_len(line) <= 60 for line in lines)


@pytest.mark.parametrize("width", [31, 40, 60, 80, 160])
def test_no_line_is_wider_than_there_is_room(width: int) -> None:
    many = [ChartLine(f"task-{n}", HOUR) for n in range(6)]
    lines = drawn(chart(*many, marks=(START + 60, START + 3500)), width, 5)
    assert all(cell_len(line.text) <= width for line in lines)
    for line in lines:
        assert all(0 <= a <= b <= max(len(line.text), b) for a, b, _ in line.styles)


def test_lines_are_told_apart_by_dots_and_by_samples() -> None:
    assert len(set(SAMPLES)) == len(SAMPLES) == len(set(LOOKS))
    solid = dots([HOUR], (40, 4), (START, START + 3600), (0, 60))
    dotted = dots([HOUR], (40, 4), (START, START + 3600), (0, 60), every=3)
    count = [sum(bin(ord(c) - ord(BLANK)).count("1") for row in each for c in row) for each in (solid, dotted)]  # fmt: skip
    assert count[0] > 2 * count[1] > 0


def test_both_ends_are_drawn() -> None:
    rows = dots([[(0.0, 0.0)], [(10.0, 1.0)]], (5, 2), (0.0, 10.0), (0.0, 1.0))
    assert rows[0][-1] != BLANK and rows[1][0] != BLANK
    assert joined("⠁", "⠈") == "⠉"


def test_missing_points_are_a_gap() -> None:
    points = [p for p in HOUR if not 20 <= (p[0] - START) / 60 <= 40]
    (row, *_), full = drawn(chart(ChartLine("", points)), 70, 1)[1:], drawn(chart(ChartLine("", HOUR)), 70, 1)[1]  # fmt: skip
    middle = slice(LABEL_CELLS + 24, LABEL_CELLS + 38)
    assert not row.text[middle].strip() and full.text[middle].strip()


def test_deployments_are_marked_where_no_line_is() -> None:
    lines = texts(
        drawn(chart(ChartLine("", [(START, 1.0)]), marks=(START + 1800, START - 5)), 70, 4)
    )
    assert sum(line.count(MARK) for line in lines) == 4
    assert sum(line.count(MARK_FOOT) for line in lines) <= 1


@pytest.mark.parametrize(
    ("made", "width", "words_"),
    [
        (chart(), 60, "no data in this range"),
        (chart(ChartLine("a", ()), empty="not allowed to look (x)"), 60, "not allowed to look (x)"),
        (chart(ChartLine("a", HOUR)), 25, "too narrow"),
    ],
)
def test_without_points_or_room_it_says_so(made: Chart, width: int, words_: str) -> None:
    lines = texts(drawn(made, width, 4))
    assert len(lines) == 2 and lines[1].strip().startswith(words_[: width - LABEL_CELLS])


def test_times_of_a_zone_with_half_an_hour() -> None:
    from datetime import timezone

    zone = timezone(timedelta(hours=5, minutes=30))
    labels = time_labels(START, START + 6 * 3600, 60, zone)
    assert all(text.endswith(":00") for _, text in labels if ":" in text)
