"""Patterns that stand for some texts: looking for the texts finds what the pattern finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ecs_tui.logs.alternatives import texts_of
from ecs_tui.logs.chunks import Chunk
from ecs_tui.logs.filters import MAX_SEARCHED, parse_filter
from ecs_tui.logs.line import LogLine


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("timeout", ("timeout",)),
        ("GET /(cart|checkout)", ("get /cart", "get /checkout")),
        ("time(d|r)?out", ("timedout", "timerout", "timeout")),
        ("refused|reset", ("refused", "reset")),
        ("(?:a|b)(c|d)", ("ac", "ad", "bc", "bd")),
        (r"a\.b\(c", ("a.b(c",)),
        ("colou?r", ("colour", "color")),
        *((each, ()) for each in (
            "a.b", "a*", "a+", "^a", "a$", r"\d", r"\bab", "[ab]", "(?i:a)", "(?=a)", "a{2}", "(a|b", "",
            "a?", "(a|)", "a??", "a?+", "é", "(a|b|c)(a|b|c)(a|b|c)", "a)",
        )),
    ],
)  # fmt: skip
def test_texts(pattern: str, texts: tuple[str, ...]) -> None:
    assert texts_of(pattern) == texts


@given(
    pattern=some.text("ab|()?", min_size=1, max_size=9),
    lines=some.lists(some.text("abAB ", max_size=8), min_size=1, max_size=5),
)
def test_the_texts_are_found_where_the_pattern_is(pattern: str, lines: list[str]) -> None:
    try:
        compiled = re.compile(pattern, re.IGNORECASE)
    except re.error:
        return
    texts = texts_of(pattern)
    if texts:
        for line in lines:
            found = any(each in line.lower() for each in texts)
            assert found == (compiled.search(line) is not None)


def test_a_pattern_is_not_looked_for_far_from_the_start_of_a_line() -> None:
    lines = [LogLine(at, "x" * length + "END", at) for at, length in enumerate((0, 8_189, 8_190))]
    found = Chunk(lines).matching(parse_filter("~end"))
    assert [line.at for line in found] == [0, 1] and MAX_SEARCHED == 8_192
