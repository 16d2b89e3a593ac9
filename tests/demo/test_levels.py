"""The metrics of the demo: the same each time, within bounds, and with the levels of scripts."""

from __future__ import annotations

import pytest

from ecs_tui.demo.levels import USUAL, LoadLevel, level_at, load_at, noise, spread

MINUTE = 29_766_000
BAD = LoadLevel(memory=2.4, errors=0.3, latency=5.0, ramp=60.0)


def test_the_load_of_a_minute_is_the_same_each_time() -> None:
    first = [load_at("prod/web", (), MINUTE + each, 4) for each in range(120)]
    assert first == [load_at("prod/web", (), MINUTE + each, 4) for each in range(120)]
    assert len(set(first)) == 120
    assert load_at("prod/web", (), MINUTE, 4) != load_at("prod/cart", (), MINUTE, 4)


@pytest.mark.parametrize("key", ["prod/web", "prod/cart", "shop/checkout", "batch/ingest", "x/y"])
def test_usual_load_is_far_from_what_alarms_watch(key: str) -> None:
    for minute in range(MINUTE, MINUTE + 1440, 7):
        load = load_at(key, (), minute, 5)
        assert 5 < load.cpu < 70 and 20 < load.memory < 70
        assert load.errors <= max(2, load.requests * 0.002)
        assert 0 < load.p50 < load.p99 < 2


def test_a_level_is_reached_in_its_ramp_and_left_again() -> None:
    levels = [(1000.0, BAD), (2000.0, USUAL)]
    assert level_at(levels, 999.0) == USUAL
    half = level_at(levels, 1030.0)
    assert half.errors == pytest.approx(0.15) and half.latency == pytest.approx(3.0)
    assert level_at(levels, 1060.0) == BAD
    assert 0 < level_at(levels, 2010.0).errors < 0.3
    assert level_at(levels, 2060.0) == USUAL


def test_a_level_that_is_left_early_goes_on_from_where_it_was() -> None:
    levels = [(1000.0, BAD), (1030.0, USUAL)]
    assert level_at(levels, 1031.0).errors == pytest.approx(0.15, abs=0.01)


def test_numbers_of_a_name_stay_between_their_limits() -> None:
    found = {spread(f"name{each}", 3.0, 9.0) for each in range(200)}
    assert len(found) > 150 and min(found) >= 3.0 and max(found) <= 9.0
    assert all(0.9 < noise("a", minute) < 1.1 for minute in range(500))
