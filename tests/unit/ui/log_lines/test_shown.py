"""The lines that are shown are those of the buffer that the filter lets through, at any time."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_tui.logs.buffer import LogBuffer
from ecs_tui.logs.filters import parse_filter
from ecs_tui.logs.line import LogLine
from ecs_tui.ui.log_lines.shown import ShownLines, index_of

_ids = itertools.count(1)


def line(at: int, text: str = "even") -> LogLine:
    return LogLine(at, text, next(_ids), "4a5a", "app", "a stream")


@settings(max_examples=150, deadline=None)
@given(
    parts=st.lists(
        st.tuples(st.booleans(), st.lists(st.integers(0, 99), min_size=1, max_size=12)), max_size=12
    ),
    filtered_from=st.integers(0, 6),
)
def test_the_filtered_lines_are_those_of_the_buffer(
    parts: list[tuple[bool, list[int]]], filtered_from: int
) -> None:
    shown, wanted = ShownLines(LogBuffer(max_lines=30)), parse_filter("!odd")
    for number, (older, times) in enumerate(parts):
        if number == filtered_from:
            shown.show(wanted)
        lines = sorted(
            (line(at, "odd" if at % 2 else "even") for at in times), key=lambda each: each.order
        )
        shown.add(lines, older=older)
        assert shown.lines == shown.buffer.filtered(shown.filter)
    shown.show(parse_filter(""))
    assert shown.lines is shown.buffer.lines


def test_a_search_finds_shown_lines_only() -> None:
    shown = ShownLines()
    shown.add([line(0, "heap full"), line(1, "level=info heap"), line(2, "other")])
    search = parse_filter("heap")
    assert [each.at for each in shown.found(search)] == [0, 1]
    shown.show(parse_filter("level:info"))
    assert [each.at for each in shown.found(search)] == [1]
    assert shown.found(parse_filter("~(")) == []


def test_a_shorter_range_drops_the_oldest() -> None:
    shown = ShownLines()
    shown.add([line(at) for at in range(100)])
    shown.keep_from(90)
    assert [each.at for each in shown.lines] == list(range(90, 100))
    assert index_of(shown.lines, line(3)) == 0
    assert index_of([], line(3)) == -1
