"""The help page: hanging indents, two columns where there is room."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ecs_tui.ui.dialogs.help import TWO_COLUMNS_CELLS, KeyGroup, key_lines, key_page

MOVE = KeyGroup(
    "Move", (("j ↓", "Next row"), ("enter l →", "Open the selected row, or its details"))
)
LISTS = KeyGroup(
    "Lists", (("ctrl+space ctrl+@", "Mark the rows from the last marked one to here"),)
)


def test_what_a_key_does_is_wrapped_under_its_beginning() -> None:
    assert key_lines([MOVE], 32) == [
        "Move",
        "  j ↓        Next row",
        "  enter l →  Open the selected",
        "             row, or its details",
    ]


def test_many_keys_have_a_line_of_their_own() -> None:
    lines = key_lines([MOVE, LISTS], 60)
    at = lines.index("  ctrl+space ctrl+@")
    assert lines[at - 2 : at] == ["", "Lists"]
    assert lines[at + 1].startswith(" " * 18 + "Mark the rows")


def test_wide_pages_have_two_columns() -> None:
    groups = [MOVE, LISTS, KeyGroup("Screen", (("q", "Quit"),))]
    narrow = key_page(groups, TWO_COLUMNS_CELLS - 1)
    wide = key_page(groups, TWO_COLUMNS_CELLS)
    assert narrow == key_lines(groups, TWO_COLUMNS_CELLS - 1)
    assert len(wide) < len(narrow)
    assert wide[0].startswith("Move") and len(wide[0].split()) == 2
    text = "\n".join(wide)
    assert all(words in text for words in ("Move", "Lists", "Screen", "Next row", "Quit"))


ROWS = st.lists(
    st.tuples(st.text("ab ", min_size=1, max_size=20), st.text("xy z", max_size=90)), min_size=1
)


@given(st.lists(ROWS, min_size=1, max_size=6), st.integers(40, 200))
def test_no_line_is_too_wide_and_none_is_lost(
    rows: list[list[tuple[str, str]]], width: int
) -> None:
    groups = [KeyGroup(f"G{number}", tuple(each)) for number, each in enumerate(rows)]
    page = key_page(groups, width)
    assert all(cell_len(line) <= width for line in page)
    text = "\n".join(page)
    assert all(group.title in text for group in groups)


@pytest.mark.parametrize("width", [0, 40, 120])
def test_no_groups_are_no_lines(width: int) -> None:
    assert key_page([], width) == []
