"""Lines that give up their parts one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ecs_tui.ui.line_parts import Part, column, composed, fitted

PARTS = [
    Part(("ecs-tui", ""), (100,)),
    Part(("READ-ONLY",)),
    Part(("us-east-1",)),
    Part(("corp (123)", "corp", ""), (60, 40)),
    Part(("alice", ""), (50,)),
    Part(("API 4/min", ""), (75,), right=True),
]


@pytest.mark.parametrize(
    ("room", "texts"),
    [
        (60, "ecs-tui|READ-ONLY|us-east-1|corp (123)|alice|API 4/min"),
        (58, "READ-ONLY|us-east-1|corp (123)|alice|API 4/min"),
        (49, "READ-ONLY|us-east-1|corp (123)|alice"),
        (38, "READ-ONLY|us-east-1|corp|alice"),
        (30, "READ-ONLY|us-east-1|corp"),
        (25, "READ-ONLY|us-east-1"),
        (5, "READ-ONLY|us-east-1"),
    ],
)
def test_parts_go_by_their_ranks(room: int, texts: str) -> None:
    assert "|".join(text for _, text in fitted(PARTS, room)) == texts


@given(st.integers(1, 200))
def test_a_line_is_never_wider_than_its_room(room: int) -> None:
    assert cell_len(composed(PARTS, room).plain) <= room


def test_the_right_end_stays_where_it_is() -> None:
    line = composed(PARTS, 80).plain
    assert len(line) == 80
    assert line.endswith("  API 4/min")
    assert line.startswith("ecs-tui  READ-ONLY")


@given(st.text(), st.text(), st.integers(0, 30))
def test_a_column_has_one_width(one: str, two: str, width: int) -> None:
    one, two = ("".join(each for each in text if each.isprintable()) for text in (one, two))
    pieces = column([(one, ""), (two, "bold")], width)
    assert sum(cell_len(text) for text, _ in pieces) == width
