"""Feeds only grow, in order of time, each entry once; series keep the last values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_tui.store.feed import EntryFeed
from ecs_tui.store.series import Series

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    key: str
    at: datetime | None


def entry(number: int, seconds: float | None = None) -> Entry:
    after = number if seconds is None else seconds
    return Entry(str(number), BEGAN + timedelta(seconds=after))


def feed(most: int = 100) -> EntryFeed:
    return EntryFeed(lambda each: each.key, lambda each: each.at, most)


def keys(made: EntryFeed) -> list[str]:
    return [each.key for each in made.newest_first()]


def test_what_aws_no_longer_returns_stays() -> None:
    made = feed()
    assert made.add([entry(3), entry(2), entry(1)]) == ["3", "2", "1"]
    assert made.add([entry(5), entry(4), entry(3)]) == ["5", "4"]
    assert keys(made) == ["5", "4", "3", "2", "1"]


def test_nothing_new_is_no_change() -> None:
    made = feed()
    made.add([entry(2), entry(1)])
    version = made.version
    assert made.add([entry(2), entry(1)]) == []
    assert (made.version, len(made)) == (version, 2)
    made.add([entry(3)])
    assert made.version != version


def test_an_entry_that_comes_late_stands_where_its_time_is() -> None:
    made = feed()
    made.add([entry(4), entry(2)])
    assert made.add([entry(3)]) == ["3"]
    assert keys(made) == ["4", "3", "2"]


def test_entries_of_one_moment_keep_awss_order() -> None:
    made = feed()
    made.add([entry(3, 7), entry(2, 7), entry(1, 7)])
    assert keys(made) == ["3", "2", "1"]
    made.add([entry(5, 7), entry(4, 7)])
    assert keys(made) == ["5", "4", "3", "2", "1"]


def test_an_entry_without_a_time_is_the_oldest() -> None:
    made = feed()
    made.add([Entry("none", None), entry(1)])
    assert keys(made) == ["1", "none"]
    assert made.cursor == "1"


def test_the_cursor_is_the_newest_entry() -> None:
    made = feed()
    assert made.cursor == ""
    made.add([entry(2), entry(1)])
    assert made.cursor == "2"
    made.add([entry(0)])
    assert made.cursor == "2"


def test_a_full_feed_drops_the_oldest_for_good() -> None:
    made = feed(most=3)
    assert made.add([entry(number) for number in (5, 4, 3, 2, 1)]) == ["5", "4", "3"]
    assert keys(made) == ["5", "4", "3"]
    assert made.add([entry(2), entry(1)]) == [], "what was dropped does not come back"
    made.add([entry(6)])
    assert keys(made) == ["6", "5", "4"]


@given(st.lists(st.lists(st.integers(0, 60), max_size=30), max_size=12))
def test_whatever_the_answers_each_entry_stands_once_and_in_order(answers: list[list[int]]) -> None:
    made, told = feed(), set[int]()
    for numbers in answers:
        new = made.add(entry(number) for number in sorted(numbers, reverse=True))
        assert {int(key) for key in new} == set(numbers) - told
        told |= set(numbers)
        assert keys(made) == [str(number) for number in sorted(told, reverse=True)]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 11])
def test_a_series_keeps_its_last_points(count: int) -> None:
    series = Series(4)
    for number in range(count):
        series.add(float(number), float(number * 10))
    expected = [(float(n), float(n * 10)) for n in range(count)][-4:]
    assert series.points() == expected
    assert len(series) == len(expected)
