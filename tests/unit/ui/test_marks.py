"""Marks by key, and highlights of changed cells."""

from __future__ import annotations

import pytest

from ecs_tui.resources.base import Cell, Column
from ecs_tui.ui.table.flash import FLASH_SECONDS, Flashes
from ecs_tui.ui.table.marks import Marks

SHOWN = ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("before", "here", "marked"),
    [
        ([], 2, ["c"]), (["b"], 3, ["b", "c", "d"]), (["d"], 1, ["b", "c", "d"]),
        (["a", "d"], 4, ["a", "d", "e"]), (["a"], 0, ["a"]), (["gone"], 1, ["b", "gone"]),
    ],
)  # fmt: skip
def test_a_range_goes_from_the_last_marked_row(
    before: list[str], here: int, marked: list[str]
) -> None:
    marks = Marks()
    marks.set(before, True)
    marks.extend(SHOWN, here)
    assert sorted(marks) == marked


def test_all_shown_rows_and_none() -> None:
    marks = Marks()
    marks.set(["b", "hidden"], True)
    marks.toggle_all(SHOWN)
    assert len(marks) == 6
    marks.toggle_all(SHOWN)
    assert list(marks) == ["hidden"]
    marks.clear()
    assert "hidden" not in marks


def column(key: str, *, live: bool = False) -> Column:
    return Column(key, key.upper(), lambda row, now: Cell(""), lambda row: 0, live=live)


def test_changed_cells_are_highlighted_for_a_while() -> None:
    columns = [column("status"), column("age", live=True), column("agents")]
    before = [Cell("ready"), Cell("1m"), Cell("…")]
    after = [Cell("no"), Cell("2m"), Cell("3")]
    flashes = Flashes()
    assert flashes.mark("row", columns, before, after, 10.0), "the first one"
    assert ("row", "status") in flashes
    assert ("row", "age") not in flashes, "ages change by themselves"
    assert ("row", "agents") not in flashes, "it was not known before"
    assert not flashes.mark("other", columns, before, after, 10.1), "not the first"
    assert flashes.next_end(10.0) == pytest.approx(FLASH_SECONDS)
    assert flashes.end(10.0 + FLASH_SECONDS) == {"row"}
    assert flashes.end(20.0) == {"other"}
    assert not flashes


def test_a_duration_in_parentheses_is_no_change() -> None:
    flashes = Flashes()
    columns = [column("status")]
    assert not flashes.mark("row", columns, [Cell("on (1m)")], [Cell("on (2m)")], 0.0)
    assert not flashes.mark("row", columns, [Cell("on"), Cell("")], [Cell("off")], 0.0)
