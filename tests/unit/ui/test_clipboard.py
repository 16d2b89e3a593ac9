"""What is said about a copy that may not arrive."""

from __future__ import annotations

import pytest

from ecs_tui.system.terminal_type import FULL, find
from ecs_tui.ui.clipboard import clipboard_hint


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, ""),
        ({"TMUX": ""}, ""),
        ({"TMUX": "/tmp/tmux-0/default,1,0"}, "tmux set -g set-clipboard on"),
        ({"TMUX": "x", "STY": "1.a"}, "tmux set -g set-clipboard on"),
        ({"STY": "1.a"}, "GNU screen does not pass copies on"),
    ],
)
def test_what_stands_between_a_copy_and_the_clipboard(environ: dict[str, str], words: str) -> None:
    hint = clipboard_hint(FULL, environ)
    assert words in hint and bool(hint) is bool(words)


def test_a_terminal_without_commands_cannot_copy_at_all() -> None:
    console = find({"TERM": "linux", "LANG": "C.UTF-8"})
    assert clipboard_hint(console, {}).startswith("This terminal (TERM=linux) cannot copy")
