"""Values of fields: the pattern finds what parsing finds, in one line and in a thousand at once."""

from __future__ import annotations

import json
import re
from array import array
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ecs_tui.logs.chunks import Chunk
from ecs_tui.logs.fields import column_of, places_with, values_of
from ecs_tui.logs.filters import parse_filter
from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.logs.messages import field_values

NAMES = some.sampled_from(["id", "status", "user", "a.b", "ID", "http_status", "msg"])
VALUES = some.one_of(
    some.integers(-5, 999), some.booleans(), some.none(), some.floats(allow_nan=False, width=16),
    some.text("ab\"\\{}[]:, .=id\n\x1bé", max_size=12), some.lists(some.integers(0, 9), max_size=2),
)  # fmt: skip
OBJECTS = some.recursive(
    some.dictionaries(NAMES, VALUES, max_size=4),
    lambda inner: some.dictionaries(NAMES, some.one_of(VALUES, inner), max_size=4),
    max_leaves=12,
)
LOGFMT = ['id=5 msg="status=3 x" status=503', "plain id: 5", "", '{"id":5', 'a "id":7']


@settings(max_examples=300, deadline=None)
@given(
    lines=some.lists(
        some.one_of(
            OBJECTS.map(json.dumps),
            OBJECTS.map(lambda each: json.dumps(each, ensure_ascii=False)),
            some.sampled_from(LOGFMT[:3]),
        ),
        max_size=12,
    ),
    name=some.sampled_from(["id", "Status", "user", "a.b", "b", "user.id", "msg"]),
)
def test_the_pattern_finds_what_parsing_finds(lines: list[str], name: str) -> None:
    parsed = [tuple(each.lower() for each in field_values(line, name)) for line in lines]
    assert [values_of(line, name) for line in lines] == parsed
    starts = array("l", accumulate((len(each) + 1 for each in lines), initial=0))
    text = "".join(f"{each.lower()}\n" for each in lines)
    plain = all(each.isascii() and each.isprintable() for each in lines)
    assert column_of(name, lines, text, starts, plain) == parsed
    for part in ("", "5", "a"):
        term = parse_filter(f"{name}:~[{part}1]").terms[0]
        found = places_with(term.fits, name, lines, text, starts, plain)
        assert found == {at for at, values in enumerate(parsed) if term.fits(values)}
    for compared in (">5", ">=10", "<500", "<=-1", "<9.5"):
        term = parse_filter(f"{name}:{compared}").terms[0]
        found = places_with(term.fits, name, lines, text, starts, plain, term.misses)
        assert found == {at for at, values in enumerate(parsed) if term.fits(values)}


@settings(max_examples=200, deadline=None)
@given(
    sign=some.sampled_from(["<", "<=", ">", ">="]),
    number=some.one_of(
        some.integers(-9, 1_200).map(str),
        some.floats(-9, 1_200).map("{:.3f}".format),
        some.sampled_from(["0", "007", "0.5", "9" * 39, "9" * 60]),
    ),
    value=some.from_regex(r"0{0,2}[0-9]{1,50}", fullmatch=True),
)
def test_a_number_that_is_passed_over_does_not_fit(sign: str, number: str, value: str) -> None:
    term = parse_filter(f"ms:{sign}{number}").terms[0]
    assert not (term.fits((value,)) and term.misses and re.fullmatch(term.misses, value))


@pytest.mark.parametrize(
    ("compared", "passed_over"),
    [
        (">=500", {0, 7, 99, 100, 499}),
        (">35", {0, 7}),
        ("<500", {600, 999, 1000, 5_000}),
        ("<=9", {99, 100, 499, 500, 600, 999, 1000, 5_000}),
        (">0", set()),
    ],
)
def test_most_numbers_that_do_not_fit_are_told_by_their_digits(
    compared: str, passed_over: set[int]
) -> None:
    misses = parse_filter(f"ms:{compared}").terms[0].misses
    numbers = (0, 7, 99, 100, 499, 500, 600, 999, 1000, 5_000)
    assert {each for each in numbers if misses and re.fullmatch(misses, str(each))} == passed_over


@pytest.mark.parametrize(
    ("line", "name", "values"),
    [
        ('{"status":503,"x":"status"}', "status", ("503",)),
        ('{"http_status":503}', "status", ()),
        ('{"http.status":503}', "status", ("503",)),
        ('{"user":{"id":42},"id":"A"}', "id", ("42", "a")),
        ('{"user":{"id":42}}', "user", ()),
        ('{"tags":["b","C"]}', "tags", ('["b", "c"]',)),
        ('{"m":"say \\"status\\": 5","status":6}', "status", ("6",)),
        ('id=5 msg="status=3 x" status=503', "status", ("503",)),
        ("plain status=503", "status", ()),
    ],
)
def test_values(line: str, name: str, values: tuple[str, ...]) -> None:
    assert values_of(line, name) == values


def test_a_chunk_keeps_what_it_found_until_it_changes() -> None:
    lines = [LogLine(at, f'{{"status":{at % 7}}}', at + 1) for at in range(50)]
    chunk = Chunk(lines)
    wanted = parse_filter("status:>=5 !status:6")
    assert not chunk.knows(wanted)
    found = chunk.matching(wanted)
    assert [line.at % 7 for line in found] == [5] * len(found) and len(found) == 7
    assert chunk.knows(wanted) and chunk.matching(wanted) is found
    assert chunk.has_column("status")
    lines.append(LogLine(99, '{"status":5}', 99))
    chunk.changed()
    assert not chunk.knows(wanted) and len(chunk.matching(wanted)) == 8
    lines.append(LogLine(100, "the end", 100, kind=LineKind.END))
    chunk.changed()
    assert chunk.matching(wanted)[-1].kind is LineKind.END
    for number in range(10):
        chunk.matching(parse_filter(f"status:{number}"))
    assert not chunk.knows(wanted), "only the last ones are kept"
