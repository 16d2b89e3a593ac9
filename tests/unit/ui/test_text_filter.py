"""The filter of a text's lines."""

from __future__ import annotations

import pytest

from ecs_tui.ui.dialogs.text_filter import LineFilter

LINES = ["Error one", "error two", "fine", "a.b"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("", LINES), ("error", LINES[:2]), ("Error", LINES[:1]), ("error two", LINES[1:2]),
        ("!error", LINES[2:]), ("~^e", LINES[:2]), ("!~^e", LINES[2:]), (".", LINES[3:]), ("zzz", []),
        ("!", LINES), ("~", LINES), ("~(", LINES),
    ],
)  # fmt: skip
def test_lines(words: str, shown: list[str]) -> None:
    found = LineFilter.parse(words)
    assert [line for line in LINES if found.fits(line)] == shown


@pytest.mark.parametrize(
    ("words", "shown", "says"),
    [
        ("", 4, ""), ("a  b", 2, "&a b  2 of 4 lines"), ("a", 0, "&a  no line matches"),
        ("~(", 4, "&~(  ✖ missing ), unterminated subpattern at position 0"),
    ],
)  # fmt: skip
def test_what_it_says(words: str, shown: int, says: str) -> None:
    assert LineFilter.parse(words).says(shown, 4) == says
