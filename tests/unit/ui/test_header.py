"""The header's forms: what is cut first, and columns that stay where they are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from ecs_tui.model.rules.attention import Attention, Tally
from ecs_tui.ui.header import HeadFacts, block_lines, line_parts
from ecs_tui.ui.line_parts import composed

FACTS = HeadFacts(
    region="us-east-1",
    read_only=True,
    account="example-corp",
    number="123456789012",
    user="admin/alice",
    profile="default",
    endpoint="http://127.0.0.1:5000",
    age=("● updated 2s ago", "● 2s ago", "● 2s"),
    calls=("API 4/min (0% of budget)", "API 4/min"),
    attention=Attention(
        failing=Tally(1, "worker", True),
        below=Tally(0, "", True),
        deploying=Tally(2, "checkout", True),
        partly=Tally(3, "payments"),
        no_shell=Tally(),
    ),
    keys=(("enter", "open"), ("s", "shell"), ("w", "events"), ("?", "help")),
)


def line(facts: HeadFacts, room: int) -> str:
    return composed(line_parts(facts), room).plain


def block(facts: HeadFacts, width: int) -> list[str]:
    return ["".join(text for text, _ in pieces) for pieces in block_lines(facts, width)]


def test_the_line_gives_up_what_matters_least() -> None:
    """READ-ONLY, region, account and user go last; the age goes before them, the API first."""
    lasts = ["READ-ONLY", "us-east-1", "example-corp", "admin/alice", "✖1", "● 2s", "API 4/min"]
    widest: dict[str, int] = {}
    for room in range(160, 17, -1):
        for word in lasts:
            if word in line(FACTS, room):
                widest[word] = room
    narrowest = [widest[word] for word in lasts]
    assert narrowest == sorted(narrowest), dict(zip(lasts, narrowest, strict=True))
    for room in range(20, 160):
        assert "READ-ONLY" in line(FACTS, room)
        assert "us-east-1" in line(FACTS, room)
        assert "…" not in line(FACTS, room)


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (180, ["API 4/min (0% of budget)", "● updated 2s ago", "http://127.0.0.1:5000", "ecs-tui"]),
        (150, ["API 4/min (0% of budget)", "● updated 2s ago", "example-corp (123456789012)"]),
        (110, ["API 4/min", "● 2s ago", "example-corp (123456789012)"]),
        (78, ["● 2s", "example-corp", "admin/alice", "✖1 ", "◐2"]),
    ],
)
def test_long_forms_where_they_fit(room: int, words: list[str]) -> None:
    for word in words:
        assert word in line(FACTS, room), line(FACTS, room)


@pytest.mark.parametrize("width", [98, 118, 158, 198])
def test_the_block_has_columns_that_do_not_move(width: int) -> None:
    """Whatever the numbers and the ages, a column begins at the same cell."""
    before = block(FACTS, width)
    other = replace(
        FACTS,
        age=("▲ stale: 45s old", "▲ stale 45s", "▲ 45s"),
        calls=("API 240/min (12% of budget)", "API 240/min"),
        attention=Attention(
            failing=Tally(120, "a-service-with-a-very-long-name-indeed", True),
            below=Tally(0, "", True),
            deploying=Tally(0, "", True),
            partly=Tally(),
            no_shell=Tally(7, "x", True),
        ),
    )
    after = block(other, width)
    assert len(before) == len(after) == 4
    assert {cell_len(each) for each in (*before, *after)} == {width}
    for key in ("enter open", "w events" if width < 120 else "? help"):
        assert [each.find(key) for each in before] == [each.find(key) for each in after]
    assert before[0].index("✖") == after[0].index("✖")
    assert all(each.startswith(name) for each, name in zip(
        after, ("Account", "User", "Region", "Data"), strict=True))  # fmt: skip
    assert "READ-ONLY" in after[2] and "us-east-1" in after[2]


def test_what_is_not_known_is_not_0() -> None:
    lines = block(FACTS, 118)
    assert "✖   1 failing" in lines[0] and "worker" in lines[0]
    assert "◐   2 deploying" in lines[1]
    assert "▲  3+ partly ready" in lines[2], "there may be more"
    assert "no shell" not in lines[3]
    zero = replace(FACTS, attention=Attention(failing=Tally(0, "", True)))
    assert "0 failing" in block(zero, 118)[0] and "✖" not in block(zero, 118)[0]


def test_services_below_their_desired_count_are_named_too() -> None:
    both = Attention(failing=Tally(1, "worker", True), below=Tally(2, "api", True))
    assert "▲   2 below desired" in block(replace(FACTS, attention=both), 198)[0]
    alone = replace(FACTS, attention=replace(both, failing=Tally(0, "", True)))
    assert "▲   2 below desired api" in block(alone, 118)[0]
    assert "▲2" in line(alone, 100)
