"""Lines of several streams in one order; what is late is said."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as some

from ecs_tui.logs.line import LineMaker, LogLine, in_order, note_line
from ecs_tui.logs.merge import Merger
from ecs_tui.model.log_event import LogEvent

_ids = itertools.count(1)


def line(at: int) -> LogLine:
    return LogLine(at, str(at), next(_ids))


def test_lines_are_held_until_the_others_have_come() -> None:
    merger = Merger(6_000)
    merger.add([line(1_000)], 1_100)
    assert merger.release(1_200) == []
    merger.add([line(800)], 1_300)
    assert [each.at for each in merger.release(3_100)] == [800, 1_000]
    assert merger.late == 0


def test_a_late_line_is_released_at_once_and_marked() -> None:
    merger = Merger(6_000)
    merger.add([line(5_000)], 5_100)
    assert len(merger.release(9_000)) == 1
    merger.add([line(4_000)], 9_100)
    (late,) = merger.release(9_100)
    assert late.late and merger.late == 1


def test_the_hold_adapts_to_how_late_lines_are_but_is_bounded() -> None:
    merger = Merger(6_000)
    merger.add([line(10_000)], 15_500)  # 5.5 s on its way
    merger.release(15_500)
    merger.add([line(20_000)], 20_100)
    assert merger.release(24_000) == []
    assert len(merger.release(25_800)) == 1
    merger.add([line(0)], 60_000)  # a minute: that is not waited for
    merger.add([line(60_000)], 60_100)
    assert [each.at for each in merger.release(66_100)] == [0, 60_000]


def test_nothing_is_held_without_a_window() -> None:
    merger = Merger(0, tolerance=1_000)
    merger.add([line(5_000), line(4_500)], 5_000)
    assert [each.at for each in merger.release(5_000)] == [4_500, 5_000]
    merger.add([line(4_100), line(3_900)], 5_000)
    assert [(each.at, each.late) for each in merger.release(5_000)] == [
        (3_900, True),
        (4_100, False),
    ]


@given(some.lists(some.tuples(some.integers(0, 10_000), some.integers(0, 2_000)), max_size=40))
def test_what_arrives_within_the_window_is_in_order(arrivals: list[tuple[int, int]]) -> None:
    merger = Merger(6_000)
    released: list[LogLine] = []
    for at, delay in sorted(arrivals, key=sum):
        released += merger.release(at + delay)
        merger.add([line(at)], at + delay)
    released += merger.release(0, everything=True)
    assert len(released) == len(arrivals)
    # The hold starts with 2 s and shrinks slowly: within a test it stays above the delays' steps.
    ordered = [each.at for each in released if not each.late]
    assert ordered == sorted(ordered)


def event(stream: str, at: int, message: str) -> LogEvent:
    return LogEvent("/web", stream, at, message, at)


def test_the_parts_of_a_stack_trace_stay_together() -> None:
    maker = LineMaker()
    lines = maker.lines(
        "/web",
        [
            event("a", 100, "java.lang.OutOfMemoryError: Java heap space"),
            event("b", 101, "another task"),
            event("a", 103, "\tat com.example.Worker.run(Worker.java:57)"),
            event("a", 104, "Caused by: java.io.IOException"),
            event("a", 1_900, "    a new start"),
        ],
    )
    assert [each.text.strip()[:8] for each in in_order(lines)] == [
        "java.lan", "at com.e", "Caused b", "another ", "a new st",
    ]  # fmt: skip
    assert [each.head is not None for each in lines] == [False, False, True, True, False]
    assert lines[2].level == lines[0].level, "a filter by level keeps the trace"


def test_a_note_stands_where_its_time_is() -> None:
    lines = [line(5), note_line(3, "sampled"), line(1)]
    assert [each.at for each in in_order(lines)] == [1, 3, 5]
