"""The lines of a page: order, bounds, filters and search, each compared with the slow way."""

from __future__ import annotations

import itertools
import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ecs_tui.logs.buffer import LogBuffer
from ecs_tui.logs.filters import LogFilter, parse_filter, text_filter
from ecs_tui.logs.line import LineKind, LogLine, end_line, in_order
from ecs_tui.model.log_source import ContainerExit

_ids = itertools.count(1)
TASK = "4a5a" + "0" * 28


def line(at: int, text: str = "", task: str = TASK) -> LogLine:
    return LogLine(at, text or str(at), next(_ids), task, "app")


def texts(lines: list[LogLine]) -> list[str]:
    return [each.text for each in lines]


@settings(max_examples=80, deadline=None)
@given(
    batches=some.lists(some.lists(some.integers(0, 500), max_size=60), max_size=12),
    most=some.integers(1, 120),
)
def test_lines_are_in_order_and_the_oldest_are_dropped(batches: list[list[int]], most: int) -> None:
    buffer = LogBuffer(max_lines=most)
    before: list[LogLine] = []
    for batch in batches:
        change = buffer.add([line(at) for at in batch])
        assert len(buffer) <= most
        assert buffer.lines == in_order(buffer.lines)
        assert change.appended + change.inserted + change.refused == len(batch)
        assert len(buffer) == len(before) + len(batch) - change.refused - change.dropped
        assert all(buffer.index(each) == at for at, each in enumerate(buffer.lines))
        before = list(buffer.lines)
        assert buffer.filtered(LogFilter()) == buffer.lines
        assert buffer.filtered(text_filter("~.")) == buffer.lines, "the index has all of them"


def test_what_was_appended_and_inserted_is_counted() -> None:
    buffer = LogBuffer()
    buffer.add([line(at) for at in (10, 20, 30)])
    change = buffer.add([line(15), line(25), line(40)])
    assert (change.appended, change.inserted, change.dropped) == (1, 2, 0)
    assert [each.at for each in buffer.lines] == [10, 15, 20, 25, 30, 40]


def test_older_lines_come_first_and_then_the_newest_are_dropped() -> None:
    buffer = LogBuffer(max_lines=5)
    buffer.add([line(at) for at in (10, 20, 30)])
    change = buffer.add_older([line(at) for at in (1, 2, 3)])
    assert (change.inserted, change.dropped) == (3, 1)
    assert texts(buffer.lines) == ["1", "2", "3", "10", "20"]
    assert texts(buffer.filtered(text_filter("~^[0-9]$"))) == ["1", "2", "3"]


def test_large_lines_are_bounded_by_their_size() -> None:
    buffer = LogBuffer(max_characters=1_000_000)
    buffer.add([line(at, "x" * 262_144) for at in range(20)])
    assert len(buffer) == 3
    buffer.clear()
    buffer.add([LogLine(at, "", next(_ids)) for at in range(1_000_000)])
    assert len(buffer) <= 1_000_000 // 64 + 1


JSON = '{"level":"error","msg":"Took too LONG","user":{"id":42,"name":"Ann"},"status":503}'
LINES = [
    "plain text", "Timeout after 3 s", "timed out", "ERROR broken", "INFO fine", JSON,
    'level=warn msg="two words" status=200 path="/a b"', "\x1b[31mTime\x1b[0mout", "a\x00b", "",
    "first\nsecond timeout", "[x](y)", "C:\\dir", '{"status":"50"}', "ünïcode GROSS",
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("timeout", [1, 7, 10]),
        ("!timeout plain", [0]),
        ("TIMEOUT !after", [7, 10]),
        ('"two words"', [6]),
        ('!"two words" level:warn', [3, 5]),
        ('~"time(d )?.?out"', [1, 2, 7, 10]),
        ("~^timed", [2]),
        ("~fine$", [4]),
        ("~[^a]\\sb", [3]),
        ("~\\Aplain", [0]),
        ("level:error", [3, 5]),
        ("!level:info", [0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 14]),
        ("status:503", [5]),
        ("status:50", [5, 13]),
        ("status:>=200", [5, 6]),
        ("status:<200", [13]),
        ("user.id:42", [5]),
        ("ID:42", [5]),
        ("name:~^a", [5]),
        ("!status:~.", [0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 14]),
        ("path:/a", [6]),
        ("task:4a5a container:APP", list(range(15))),
        ("task:ffff", []),
        ("[x](y)", [11]),
        ('"C:\\dir"', [12]),
        ("ÜNÏ", [14]),
        ("level:", []),
        ("!", list(range(15))),
        ("~", list(range(15))),
        ("", list(range(15))),
    ],
)
def test_filters(words: str, found: list[int]) -> None:
    buffer = LogBuffer()
    buffer.add([LogLine(at, text, next(_ids), TASK, "app") for at, text in enumerate(LINES)])
    wanted = parse_filter(words)
    assert not wanted.problem
    assert [each.at for each in buffer.filtered(wanted)] == found
    assert [each.at for each in buffer.lines if wanted.matches(each)] == found


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("~(", "no valid regular expression"),
        ("~(a+)+$", "a repeated group"),
        ("a:~[", "no valid regular expression"),
        ("level:loud", 'no level "loud"; levels: trace, debug'),
        ("~a{9999999999999}", "no valid regular expression"),
    ],
)
def test_an_invalid_word_matches_nothing_and_says_why(words: str, problem: str) -> None:
    buffer = LogBuffer()
    buffer.add([line(1), end_line(ContainerExit(TASK, "app", 2, "exit 0"))])
    wanted = parse_filter(words)
    assert problem in wanted.problem
    assert [each.kind for each in buffer.filtered(wanted)] == [LineKind.END]
    assert buffer.find(wanted, 0) is None


def test_separators_stay_unless_their_task_is_filtered_out() -> None:
    end = end_line(ContainerExit(TASK, "app", 2, "exit 0"))
    assert parse_filter("nothing level:error").matches(end)
    assert parse_filter("task:4a5a").matches(end)
    assert not parse_filter("task:ffff").matches(end)
    assert not parse_filter("!container:app").matches(end)


WORDS = some.sampled_from(
    ["time", "!time", "~t.m", "!~out$", "level:error", "status:503", "!status:503", "a", "~^$"]
)


@settings(max_examples=80, deadline=None)
@given(
    which=some.lists(some.integers(0, len(LINES) - 1), max_size=60),
    words=some.lists(WORDS, max_size=3),
    start=some.integers(0, 59),
    backwards=some.booleans(),
)
def test_the_index_finds_what_looking_at_each_line_finds(
    which: list[int], words: list[str], start: int, backwards: bool
) -> None:
    buffer = LogBuffer()
    buffer.add([line(at, LINES[number]) for at, number in enumerate(which)])
    wanted = parse_filter(" ".join(words))
    slow = [each for each in buffer.lines if wanted.matches(each)]
    assert buffer.filtered(wanted) == slow
    hits = [each.at for each in slow if bool(wanted)]
    after = [at for at in hits if (at <= start if backwards else at >= start)]
    expected = (max if backwards else min)(after, default=None)
    if start < len(buffer):
        assert buffer.find(wanted, start, backwards=backwards) == expected


def test_search_over_many_chunks() -> None:
    buffer = LogBuffer()
    buffer.add(
        [line(at, "needle" if at in (10, 7_000, 7_001) else f"hay {at}") for at in range(9_000)]
    )
    wanted = text_filter("Needle")
    assert buffer.find(wanted, 0) == 10
    assert buffer.find(wanted, 11) == 7_000
    assert buffer.find(wanted, 7_002) is None
    assert buffer.find(wanted, 6_999, backwards=True) == 10
    assert buffer.find(wanted, 8_999, backwards=True) == 7_001
    assert (buffer.at_time(7_000), buffer.at_time(99_999)) == (7_000, 9_000)


def test_highlights_are_where_the_matches_are() -> None:
    wanted = parse_filter("time ~o.t !plain status:503")
    assert wanted.highlights("Timeout 503 out") == [(0, 4), (4, 7), (8, 11), (12, 15)]
    assert parse_filter("~x*").highlights("ab") == []


def test_a_hundred_thousand_lines_in_bounded_memory() -> None:
    tracemalloc.start()
    buffer = LogBuffer()
    for start in range(0, 150_000, 5_000):
        buffer.add(
            [
                line(at, json.dumps({"level": "info", "msg": f"GET /products/{at}", "status": 200}))
                for at in range(start, start + 5_000)
            ]
        )
    assert len(buffer) == 100_000
    assert len(buffer.filtered(text_filter("products/149999"))) == 1
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size <= 80 * 2**20, f"{size / 2**20:.0f} MiB"
