"""Copy mode: vi's keys on fixed lines, selections, search."""

from __future__ import annotations

import pytest

from ecs_tui.terminal.copymode import Copied, CopyMode, Leave, Search
from ecs_tui.terminal.selection import Selection

LINES = [
    "first line of text",
    "",
    "    indented = call(arg)",
    "漢字 wide and more",
    *[f"line {number}" for number in range(4, 40)],
]


def mode(x: int = 0, y: int = 0, top: int = 0) -> CopyMode:
    return CopyMode(list(LINES), 30, 10, top, (x, y))


def press(state: CopyMode, keys: str) -> object:
    outcome: object = None
    for key in keys.split():
        outcome = state.key(key, key if len(key) == 1 else None)
    return outcome


@pytest.mark.parametrize(
    ("keys", "start", "at"),
    [
        ("l l l", (0, 0), (3, 0)),
        ("h", (0, 0), (0, 0)),
        ("j j", (0, 0), (0, 2)),
        ("^", (0, 2), (4, 2)),
        ("$", (0, 0), (17, 0)),
        ("$ 0", (0, 0), (0, 0)),
        ("w", (0, 0), (6, 0)),
        ("w w", (0, 0), (11, 0)),
        ("w w w w w", (0, 0), (13, 2)),
        ("b", (11, 0), (6, 0)),
        ("e", (0, 0), (4, 0)),
        ("e e", (0, 0), (9, 0)),
        ("l", (0, 3), (2, 3)),
        ("l l l", (0, 3), (5, 3)),
        ("h", (2, 3), (0, 3)),
        ("G", (0, 0), (0, 39)),
        ("G g", (0, 0), (0, 0)),
        ("5 j", (0, 0), (0, 5)),
        ("1 2 j", (0, 0), (0, 12)),
        ("L", (0, 0), (0, 9)),
        ("M", (0, 0), (0, 5)),
        ("ctrl+d", (0, 0), (0, 5)),
        ("ctrl+f ctrl+b", (0, 0), (0, 0)),
        ("down down up", (0, 0), (0, 1)),
    ],
)
def test_moving(keys: str, start: tuple[int, int], at: tuple[int, int]) -> None:
    state = mode(*start)
    assert press(state, keys) is None
    assert state.at == at


def test_the_view_follows_the_cursor() -> None:
    state = mode()
    press(state, "G")
    assert state.top == 30
    press(state, "1 5 k")
    assert state.top == 24
    press(state, "g")
    assert state.top == 0


def test_selections() -> None:
    state = mode()
    press(state, "v e")
    assert state.selection == Selection((0, 0), (4, 0))
    outcome = press(state, "y")
    assert isinstance(outcome, Copied)
    assert outcome.selection == Selection((0, 0), (4, 0))
    state = mode(3, 4)
    press(state, "V j j")
    assert state.selection == Selection((0, 4), (29, 6))
    press(state, "ctrl+v")
    assert state.selection == Selection((3, 4), (3, 6), block=True)
    press(state, "o k")
    assert state.selection == Selection((3, 6), (3, 3), block=True)
    assert press(state, "escape") is None
    assert state.selection is None
    assert isinstance(press(state, "escape"), Leave)
    assert isinstance(press(mode(), "q"), Leave)


def test_without_a_selection_y_takes_the_line() -> None:
    outcome = press(mode(5, 2), "y")
    assert isinstance(outcome, Copied)
    assert outcome.selection == Selection((0, 2), (29, 2))


def test_search_marks_all_and_goes_round() -> None:
    state = mode(0, 20)
    assert isinstance(press(state, "/"), Search)
    assert state.search("line 1", back=True) == 10
    assert state.at == (0, 19)
    press(state, "n")
    assert state.at == (0, 18)
    press(state, "N N")
    assert state.at == (0, 10)
    assert state.matches_on(12) == [(0, 6)]
    assert state.words.endswith("/line 1 1/10")
    assert state.search("wide", back=False) == 1
    assert state.at == (5, 3)
    assert state.search("FIRST", back=False) == 0
    assert state.search("nothing like it", back=False) == 0
    press(state, "n")
    assert state.search("", back=False) == 0


def test_matches_are_counted_in_cells() -> None:
    state = mode()
    state.search("字", back=False)
    assert state.matches_on(3) == [(2, 4)]


def test_an_empty_terminal() -> None:
    state = CopyMode([""], 1, 1, 0, (0, 0))
    for keys in [
        "j",
        "k",
        "h",
        "l",
        "w",
        "b",
        "e",
        "$",
        "^",
        "G",
        "g",
        "v",
        "V",
        "ctrl+v",
        "o",
        "n",
        "N",
        "ctrl+d",
        "H",
        "M",
        "L",
    ]:
        press(state, keys)
    assert state.at == (0, 0)
