"""The words in a list without rows are wrapped and stand in its middle."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.widget import Widget

from ecs_tui.ui.table.empty import EmptyWords


def test_words_are_set_once() -> None:
    words = EmptyWords(Widget())
    assert words.say("✖ No")
    assert not words.say("✖ No")
    assert words.say("")
    assert words.lines(40) == []


@pytest.mark.parametrize(("width", "count"), [(200, 1), (40, 2), (20, 4)])
def test_long_words_have_several_lines(width: int, count: int) -> None:
    words = EmptyWords(Widget())
    words.say("✖ The network is unreachable. Retrying in 20 s.   r retry")
    found = words.lines(width)
    assert len(found) == count
    assert " ".join(found).split() == [
        "✖",
        "The",
        "network",
        "is",
        "unreachable.",
        "Retrying",
        "in",
        "20",
        "s.",
        "r",
        "retry",
    ]


@given(st.text(st.characters(blacklist_categories=["C", "Z"], blacklist_characters="\n")),
       st.integers(16, 100))  # fmt: skip
def test_no_line_is_wider_than_the_list(text: str, width: int) -> None:
    words = EmptyWords(Widget())
    words.say(text)
    assert all(cell_len(line) <= width for line in words.lines(width))
