"""The window of lines: what is read stays where it is, whatever arrives; moving, paging, following."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_tui.logs.line import LogLine
from ecs_tui.ui.log_lines.shown import ShownLines
from ecs_tui.ui.log_lines.window import LineWindow

HEIGHT = 10
_ids = itertools.count(1)


def line(at: int, rows: int = 1) -> LogLine:
    """A line that takes some rows."""
    return LogLine(at, "x" * rows, next(_ids))


def height_of(each: LogLine) -> int:
    return len(each.text)


def window(lines: list[LogLine], rows_of: Callable[[LogLine], int] = height_of) -> LineWindow:
    made = LineWindow(rows_of)
    made.height = HEIGHT
    made.take(lines)
    return made


def times(made: LineWindow) -> list[int | None]:
    """When the line of each row was written."""
    return [None if each is None else each[0].at for each in made.rows()]


def test_it_follows_the_end_until_one_moves_up() -> None:
    lines = [line(at) for at in range(30)]
    made = window(lines)
    assert times(made) == list(range(20, 30))
    lines.append(line(30))
    made.take(lines)
    assert times(made) == list(range(21, 31))
    made.move(-1)
    lines.append(line(31))
    made.arrived(lines)
    assert times(made) == list(range(21, 31)), "nothing moves while one reads"
    made.move(1)
    made.move(1)
    assert made.following and times(made)[-1] == 31


def test_few_lines_stand_at_the_top() -> None:
    made = window([line(0), line(1)])
    assert times(made) == [0, 1, *[None] * 8]
    assert made.at_top


def test_pages_keep_the_row_and_end_at_the_ends() -> None:
    made = window([line(at) for at in range(50)])
    made.page(-9)
    assert (times(made)[0], made.cursor_row, made.following) == (31, 9, False)
    for _ in range(6):
        made.page(-9)
    assert (made.index, times(made)[0]) == (0, 0)
    made.page(9)
    assert (made.index, times(made)[0]) == (9, 9)
    for _ in range(6):
        made.page(9)
    assert made.following and made.index == 49


@pytest.mark.parametrize("rows", [11, 25])
def test_a_line_higher_than_the_screen_is_read_row_by_row(rows: int) -> None:
    tall = line(1, rows)
    made = window([line(0), tall, line(2)])
    made.move(-100)
    seen = set()
    for _ in range(rows + 5):
        seen |= {part for each in made.rows() if each and each[0] is tall for part in [each[1]]}
        made.move(1)
    assert seen == set(range(rows))
    assert made.following
    for _ in range(rows + 5):
        made.move(-1)
    assert (made.index, made.cursor_row) == (0, 0)


def test_the_wheel_moves_the_cursor_only_when_it_must() -> None:
    made = window([line(at) for at in range(50)])
    made.move(-4)
    made.scroll(-3)
    assert (made.index, made.cursor_row) == (45, 8)
    made.scroll(-3)
    assert (made.index, made.cursor_row) == (43, 9)
    made.scroll(300)
    assert made.following


def test_going_to_a_line_on_the_screen_does_not_scroll() -> None:
    lines = [line(at) for at in range(50)]
    made = window(lines)
    made.go(lines[42])
    assert (times(made)[0], made.cursor_row) == (40, 2)
    made.go(lines[10])
    assert times(made)[made.cursor_row] == 10
    assert not made.following


def test_a_line_that_is_filtered_out_leaves_the_cursor_near_it() -> None:
    lines = [line(at) for at in range(50)]
    made = window(lines)
    made.go(lines[25])
    made.take([each for each in lines if each.at % 10 == 0])
    assert made.cursor is lines[30]
    made.take([])
    assert made.cursor is None and made.rows() == [None] * HEIGHT


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 30), st.integers(1, 4)),
        st.tuples(st.just("late"), st.integers(0, 100), st.integers(1, 4)),
        st.tuples(st.just("older"), st.integers(1, 30), st.integers(1, 4)),
        st.tuples(st.just("move"), st.integers(-25, 25), st.just(1)),
        st.tuples(st.just("page"), st.integers(-9, 9), st.just(1)),
        st.tuples(st.just("scroll"), st.integers(-9, 9), st.just(1)),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(steps=STEPS, start=st.integers(1, 60))
def test_what_is_read_never_moves(steps: list[tuple[str, int, int]], start: int) -> None:
    """While lines arrive at the end, in between and before, the line under the cursor keeps its row
    and what is below it is only pushed away by lines that belong between."""
    shown = ShownLines()
    shown.add([line(1_000 + at * 10) for at in range(start)])
    made = window(shown.lines)
    for kind, number, rows in steps:
        before = (made.cursor, made.cursor_row, made.following)
        if kind == "append":
            last = shown.lines[-1].at
            shown.add([line(last + at, rows) for at in range(1, number + 1)])
        elif kind == "late":
            first, last = shown.lines[0].at, shown.lines[-1].at
            shown.add([line(first + (last - first) * number // 101, rows)])
        elif kind == "older":
            first = shown.lines[0].at
            shown.add([line(first - number + at - 1, rows) for at in range(number)], older=True)
        else:
            getattr(made, kind)(number)
        if kind in ("append", "late", "older"):
            made.arrived(shown.lines)
            if before[2]:
                assert made.cursor is shown.lines[-1], "it follows"
            else:
                assert (made.cursor, made.cursor_row) == before[:2]
        check_screen(made, shown.lines, full=kind in ("move", "page", "scroll"))


def check_screen(made: LineWindow, lines: list[LogLine], *, full: bool) -> None:
    """Lines are in order without holes, the cursor is on the screen; no row is wasted by moving."""
    rows = made.rows()
    assert len(rows) == HEIGHT
    found = [each for each in rows if each is not None]
    assert rows[: len(found)] == found, "empty rows are below"
    every = [(each, part) for each in lines for part in range(height_of(each))]
    at = every.index(found[0])
    assert found == every[at : at + HEIGHT]
    assert any(each is made.cursor for each, _ in found)
    if len(found) < HEIGHT and full:
        assert len(found) == len(every)


def test_lines_that_are_dropped_take_nothing_from_below() -> None:
    """A full buffer drops the oldest: the line under the cursor stays while it is there."""
    from ecs_tui.logs.buffer import LogBuffer

    shown = ShownLines(LogBuffer(max_lines=50))
    shown.add([line(at) for at in range(50)])
    made = window(shown.lines)
    made.go(shown.lines[30])
    row = made.cursor_row
    for at in range(50, 70):
        shown.add([line(at)])
        made.arrived(shown.lines)
        assert made.cursor is not None and (made.cursor.at, made.cursor_row) == (30, row)
    for at in range(70, 130):
        shown.add([line(at)])
        made.arrived(shown.lines)
    assert made.cursor is shown.lines[0]
