"""What the page of activity says above its rows, at each width."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from ecs_tui.activity.layers import LAYER_NAMES
from ecs_tui.resources import Place
from ecs_tui.ui.pages.activity.words import FIRST_RANGE, RANGES, layer_line, notes, title, window

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
COUNTS = {"deployments": 2, "events": 12, "exits": 100}


def test_the_window_ends_now_or_is_around_a_time() -> None:
    assert window(3600, None, NOW).since == NOW - timedelta(hours=1)
    around = window(3600, NOW - timedelta(hours=2), NOW)
    assert (around.since, around.until) == (NOW - timedelta(hours=2.5), NOW - timedelta(hours=1.5))
    assert window(3600, NOW, NOW).until == NOW, "nothing is in the future"
    assert FIRST_RANGE in RANGES and list(RANGES) == sorted(RANGES)


def test_the_title_names_what_it_is_about() -> None:
    place = Place("activity", cluster="prod", service="web")
    assert title(place, window(3600, None, NOW), 3600) == "Activity of prod/web, last 1 h"
    around = title(Place("activity", cluster="prod", task_arn="x/abc"), window(900, NOW, NOW), 900)
    assert around.startswith("Activity of prod task abc, 15 min around 2026-11-2")


@pytest.mark.parametrize("width", [78, 100, 118, 160, 200])
def test_all_layers_with_key_and_count_fit(width: int) -> None:
    line = layer_line(LAYER_NAMES, set(LAYER_NAMES) - {"events"}, COUNTS, width)
    assert cell_len(line) <= width and not line.endswith("…")
    for number in range(1, 9):
        assert f"{number}{'○' if number == 3 else '●'}" in line


def test_wide_lines_have_whole_names() -> None:
    assert layer_line(("a", "b"), {"a"}, {"b": 3}, 80) == "1● a 0  2○ b 3"


def test_why_a_layer_is_empty_is_said_of_those_that_are_on() -> None:
    words = {"alarms": "not allowed to look (x:Y)", "exits": "of the first 500", "events": "off"}
    on = ("deployments", "scaling", "exits", "alarms")
    (line,) = notes(LAYER_NAMES, on, COUNTS, words, 200)
    assert line == (
        "exits: of the first 500 · alarms: not allowed to look (x:Y) · nothing in this range: scaling"
    )
    assert all(cell_len(each) <= 30 for each in notes(LAYER_NAMES, on, COUNTS, words, 30))
    assert notes(LAYER_NAMES, ("exits",), COUNTS, {}, 80) == []
