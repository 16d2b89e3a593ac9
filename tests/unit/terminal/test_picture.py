"""The app's copy of a screen: what a frame changes, and which rows are to be drawn again."""

from __future__ import annotations

import pytest

from ecs_tui.terminal.picture import Picture
from ecs_tui.terminal.protocol import PLAIN, Frame, Mode, Row, Run, Style

BOLD = Style(1, 2)


def frame(
    rows: int, *changed: tuple[int, str], columns: int = 10, cursor: int = 0, modes: int = 0,
    styles: tuple[tuple[int, Style], ...] = (), history: int = 0, offset: int = 0, kitty: int = 0,
) -> Frame:  # fmt: skip
    made = [Row(y, [Run(text, len(text))]) for y, text in changed]
    return Frame(
        columns, rows, made, list(styles), 0, cursor, True, 2, modes, "title", False, [], history,
        offset, kitty,
    )  # fmt: skip


def lines(picture: Picture) -> list[str]:
    return ["".join(run.text for run in line) for line in picture.lines]


def test_only_changed_rows_are_replaced_and_drawn_with_both_cursors() -> None:
    picture = Picture(10, 3)
    assert picture.take(frame(3, (0, "a"), (1, "b"), (2, "c"), cursor=2)) == [0, 1, 2, 0, 2]
    assert picture.take(frame(3, (1, "B"), cursor=0)) == [1, 2, 0], "where it was, where it is"
    assert lines(picture) == ["a", "B", "c"]
    assert (picture.cursor, picture.cursor_shape, picture.title) == ((0, 0), 2, "title")


@pytest.mark.parametrize(("columns", "rows"), [(10, 2), (10, 4), (8, 3)])
def test_another_size_keeps_nothing_of_the_old_screen(columns: int, rows: int) -> None:
    picture = Picture(10, 3)
    picture.take(frame(3, (0, "a"), (1, "b"), (2, "c")))
    picture.take(frame(rows, (0, "new"), columns=columns))
    assert (picture.columns, picture.rows) == (columns, rows)
    assert lines(picture) == ["new", *[""] * (rows - 1)]


@pytest.mark.parametrize("wrong", [-1, 3, 70_000])
def test_a_row_outside_of_the_screen_is_ignored(wrong: int) -> None:
    picture = Picture(10, 3)
    assert picture.take(frame(3, (wrong, "no"), (1, "yes"))) == [1, 0, 0]
    assert lines(picture) == ["", "yes", ""]


def test_styles_add_up_and_flags_are_bounded() -> None:
    picture = Picture()
    picture.take(frame(1, styles=((1, BOLD),)))
    picture.take(frame(1, styles=((2, PLAIN),), modes=0xFFFF, kitty=0xFF, history=9, offset=4))
    assert picture.styles == {0: PLAIN, 1: BOLD, 2: PLAIN}
    assert (picture.modes, picture.kitty) == (Mode(0x1FF), 0x1F)
    assert picture.top == 5
