"""Which engine a terminal gets, and how its styles are numbered."""

from __future__ import annotations

import sys

import pytest

from ecs_tui.errors import TerminalError
from ecs_tui.terminal import styles
from ecs_tui.terminal.engines.make import make_engine
from ecs_tui.terminal.engines.pyte import PyteEngine
from ecs_tui.terminal.protocol import PLAIN, Style

GHOSTTY = "ecs_tui.terminal.engines.ghostty"


def test_where_pyghostty_cannot_be_imported_pyte_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, GHOSTTY, None)
    assert isinstance(make_engine("auto", 80, 24, 10), PyteEngine)
    with pytest.raises(TerminalError, match="not available"):
        make_engine("ghostty", 80, 24, 10)


def test_the_engine_is_the_one_that_was_asked_for() -> None:
    assert isinstance(make_engine("pyte", 80, 24, 10), PyteEngine)
    pytest.importorskip("pyghostty", exc_type=ImportError)
    from ecs_tui.terminal.engines.ghostty import GhosttyEngine

    for name in ("auto", "ghostty"):
        assert isinstance(make_engine(name, 80, 24, 10), GhosttyEngine)


def test_a_style_travels_once_and_there_is_a_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(styles, "MAX_STYLES", 3)
    numbers, made = styles.StyleNumbers(), [Style(number) for number in range(1, 5)]
    assert numbers.number(PLAIN) == 0
    assert [numbers.number(each) for each in (made[0], made[1], made[0])] == [1, 2, 1]
    assert numbers.take_new() == [(1, made[0]), (2, made[1])]
    assert (
        numbers.number(made[2]) == 0
    )  # the default style: hostile output may contain any number of styles
    assert numbers.take_new() == []
