"""What is at a cell of a bar, and the place or the command that it names."""

from __future__ import annotations

import pytest

from ecs_tui.config.keymap import Keymap, default_keymap
from ecs_tui.config.prefix import Prefix
from ecs_tui.ui.footer import KEY_GAP, command_of
from ecs_tui.ui.line_parts import part_at

FOOT = "s shell  enter open  / filter …          ctrl+] shells (1)"


@pytest.mark.parametrize(
    ("cell", "text"),
    [(0, "s shell"), (6, "s shell"), (7, ""), (8, ""), (9, "enter open"), (21, "/ filter …"),
     (35, ""), (41, "ctrl+] shells (1)"), (99, ""), (-1, "")],
)  # fmt: skip
def test_the_part_at_a_cell(cell: int, text: str) -> None:
    number, found = part_at(FOOT, cell, KEY_GAP)
    assert found == text
    assert (number >= 0) is bool(text)


def test_wide_characters_have_two_cells() -> None:
    assert part_at("漢字 › prod", 3, " › ") == (0, "漢字")
    assert part_at("漢字 › prod", 7, " › ") == (1, "prod")


@pytest.mark.parametrize(
    ("text", "command"),
    [("s shell", "shell"), ("enter open", "open"), ("/ filter …", "filter"), ("? help", "help"),
     (": go to", "goto"), ("ctrl+] shells (1)", "dock"), (":accounts x", ""), ("", ""), ("é x", "")],
)  # fmt: skip
def test_the_command_of_a_part_of_the_footer(text: str, command: str) -> None:
    assert command_of(text, default_keymap()) == command


def test_own_keys_are_found() -> None:
    own = Keymap.make({"shell": "f7"}, Prefix.parse("ctrl+]"))
    assert command_of("f7 shell", own) == "shell"
    assert command_of("s shell", own) == ""
