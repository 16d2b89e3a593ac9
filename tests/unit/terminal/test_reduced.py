"""Tables: how a terminal is recognised, and what is removed from lines where it lacks something."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from ecs_tui.system.terminal_type import (
    FULL,
    TRUE_COLOUR,
    TerminalType,
    UnfitTerminal,
    find,
    utf8_locale,
)
from ecs_tui.terminal.characters import CONSOLE, in_ascii
from ecs_tui.terminal.reduced import Reduced
from ecs_tui.ui.themes import FEW_COLOURS, theme_name

BLACK = Color(0, 0, 0)
EIGHT, SIXTEEN, NONE = (replace(FULL, colours=number) for number in (8, 16, 0))
VT100 = TerminalType("vt100", 0, modes="none", attributes=False, commands=False)


@given(st.text())
def test_ascii_takes_as_many_cells(text: str) -> None:
    text = "".join(char for char in text if char.isprintable())
    found = in_ascii(text)
    assert found.isascii()
    assert len(found) == cell_len(text)


@pytest.mark.parametrize(
    ("text", "ascii_text", "console"),
    [
        ("plain", "plain", "plain"),
        ("● ◐ ○ ▲ ✖ a…", "* ~ o ! x a.", "* ~ o ! x a."),
        ("╭─╮│╰╯├┼┤━┃", "+-+|+++++-|", "┌─┐│└┘├┼┤─│"),
        ("prod › web · 1", "prod > web - 1", "prod > web · 1"),
        ("é漢字", "?????", "é漢字"),
        ("e\u0301👩\u200d👧!", "e??!", "e\u0301👩\u200d👧!"),
        ("▇▁█▊", "__#|", "█_██"),
    ],
)
def test_signs_and_lines_have_their_likes(text: str, ascii_text: str, console: str) -> None:
    assert in_ascii(text) == ascii_text
    assert text.translate(CONSOLE) == console


def test_a_cell_that_is_counted_otherwise_keeps_its_width() -> None:
    assert in_ascii("漢", 1) == "?"
    assert in_ascii("é", 2) == "??"


def reduced(terminal: TerminalType, style: str, text: str = "x", *, ours: bool = True) -> str:
    """The SGR sequences sent for a text of a style."""
    made = Reduced(terminal)
    made = made if ours else made.of_programs
    (segment,) = made.apply([Segment(text, Style.parse(style))], BLACK)
    assert segment.style is not None
    return segment.style.render(segment.text, color_system=ColorSystem.STANDARD)


def sent(style: str, text: str = "x") -> str:
    return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)


@pytest.mark.parametrize(
    ("terminal", "style", "found"),
    [
        (EIGHT, "yellow on blue", "yellow on blue"),
        (EIGHT, "bright_red", "bold red"),
        (EIGHT, "bright_black", "white"),
        (EIGHT, "white on bright_blue", "white on blue"),
        (EIGHT, "#00cc00 on #000000", "green on black"),
        (EIGHT, "color(208)", "bold red"),
        (EIGHT, "white on white", "black on white"),
        (EIGHT, "default on default", "none"),
        (EIGHT, "italic underline dim", "dim italic underline"),
        (SIXTEEN, "bright_red on bright_black", "bright_red on bright_black"),
        (SIXTEEN, "#ff5555", "bright_red"),
        (NONE, "bold red", "bold"),
        (NONE, "red on cyan", "reverse"),
        (NONE, "red on black", "none"),
        (NONE, "reverse red on cyan", "reverse"),
        (NONE, "italic #123456 on #ffffff", "italic reverse"),
        (VT100, "italic dim strike overline bold red on blue", "bold reverse"),
        (VT100, "underline2 blink2", "blink underline"),
        (VT100, "bold conceal red", "bold"),
    ],
)  # fmt: skip
def test_styles(terminal: TerminalType, style: str, found: str) -> None:
    text = " " if "conceal" in style else "x"
    assert reduced(terminal, style) == sent(found, text)


def test_text_is_legible_on_what_is_chosen_and_programs_keep_their_colours() -> None:
    assert reduced(EIGHT, "green on cyan") == sent("black on cyan")
    assert reduced(EIGHT, "magenta on blue") == sent("white on blue")
    assert reduced(EIGHT, "green on cyan", ours=False) == sent("green on cyan")
    assert reduced(EIGHT, "red on red", ours=False) == sent("white on red")


def test_the_edges_of_a_border_are_not_reversed() -> None:
    assert reduced(NONE, "red on cyan", "▊") == "▊"


def test_what_a_click_does_is_kept() -> None:
    style = Style(color="red", bgcolor="blue", meta={"@click": "there"})
    for terminal in (EIGHT, NONE, VT100):
        (segment,) = Reduced(terminal).apply([Segment("x", style)], BLACK)
        assert segment.style is not None and segment.style.meta == {"@click": "there"}


def test_nothing_is_taken_from_a_terminal_of_today() -> None:
    assert not Reduced(FULL).enabled
    assert not Reduced(replace(FULL, colours=256)).enabled
    ascii_only = Reduced(replace(FULL, characters="ascii"))
    assert ascii_only.enabled
    style = Style.parse("#123456")
    assert ascii_only.apply([Segment("●", style)], BLACK) == [Segment("*", style)]


@pytest.mark.parametrize(
    ("setting", "colours", "name"),
    [
        ("auto", TRUE_COLOUR, "textual-dark"), ("light", 256, "textual-light"),
        ("auto", 16, "few-dark"), ("dark", 8, "few-dark"), ("light", 8, "few-light"),
        ("auto", 0, "no-colours"), ("light", 0, "no-colours"),
    ],
)  # fmt: skip
def test_themes(setting: str, colours: int, name: str) -> None:
    assert theme_name(setting, colours) == name
    assert name in {*BUILTIN_THEMES, *(theme.name for theme in FEW_COLOURS)}


UTF8 = {"LANG": "en_GB.UTF-8"}


@pytest.mark.parametrize(
    ("env", "colours", "by"),
    [
        ({"TERM": "xterm"}, 8, "TERM"),
        ({"TERM": "xterm", "COLORTERM": "24bit"}, TRUE_COLOUR, "COLORTERM"),
        ({"TERM": "xterm", "COLORTERM": "yes"}, 8, "TERM"),
        ({"TERM": "xterm-256color"}, 256, "TERM"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, 0, "NO_COLOR"),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, 256, "TERM"),
        ({"TERM": "xterm-direct"}, TRUE_COLOUR, "TERM"),
        ({"TERM": "xterm-kitty"}, TRUE_COLOUR, "TERM"),
        ({"TERM": "alacritty"}, TRUE_COLOUR, "TERM"),
        ({"TERM": "foot-extra"}, TRUE_COLOUR, "TERM"),
        ({"TERM": "screen.xterm-256color"}, 256, "TERM"),
        ({"TERM": "tmux"}, 8, "TERM"),
        ({"TERM": "rxvt-88color"}, 16, "TERM"),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor", "STY": "1.a"}, 256, "TERM"),
        ({"TERM": "screen", "COLORTERM": "truecolor", "STY": "1", "TMUX": "x"}, TRUE_COLOUR,
         "COLORTERM"),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, 8, "TERM"),
        ({"TERM": "linux-16color"}, 16, "TERM"),
        ({"TERM": "vt320", "COLORTERM": "truecolor"}, 0, "TERM"),
    ],
)  # fmt: skip
def test_colours_of_a_terminal(env: dict[str, str], colours: int, by: str) -> None:
    found = find(env | UTF8)
    assert (found.colours, found.colours_by) == (colours, by)


@pytest.mark.parametrize(
    ("term", "modes", "mouse", "commands"),
    [
        ("vt100", "none", False, False), ("vt102-w", "none", False, False),
        ("vt220", "cursor", False, False), ("linux", "cursor", False, False),
        ("screen", "screen", True, True), ("tmux-256color", "all", True, True),
        ("xterm", "all", True, True),
    ],
)  # fmt: skip
def test_modes_of_a_terminal(term: str, modes: str, mouse: bool, commands: bool) -> None:
    found = find({"TERM": term, **UTF8})
    assert (found.modes, found.mouse, found.commands) == (modes, mouse, commands)
    assert found.has_screen is mouse


@pytest.mark.parametrize(
    ("env", "utf8", "by"),
    [
        ({}, False, ""),
        ({"LANG": ""}, False, ""),
        ({"LANG": "C"}, False, "LANG=C"),
        ({"LANG": "C.UTF-8"}, True, "LANG=C.UTF-8"),
        ({"LANG": "de_DE.utf8"}, True, "LANG=de_DE.utf8"),
        ({"LANG": "de_DE.UTF-8@euro"}, True, "LANG=de_DE.UTF-8@euro"),
        ({"LANG": "de_DE@euro"}, False, "LANG=de_DE@euro"),
        ({"LANG": "en_US"}, False, "LANG=en_US"),
        ({"LC_CTYPE": "UTF-8"}, True, "LC_CTYPE=UTF-8"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True, "LC_CTYPE=C.UTF-8"),
        ({"LC_ALL": "POSIX", "LC_CTYPE": "C.UTF-8"}, False, "LC_ALL=POSIX"),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, True, "LANG=C.UTF-8"),
    ],
)
def test_the_encoding_of_a_locale(env: dict[str, str], utf8: bool, by: str) -> None:
    assert utf8_locale(env) == (utf8, by)
    assert find({"TERM": "xterm", **env}).characters == ("unicode" if utf8 else "ascii")
    assert find({"TERM": "linux", **env}).characters == ("console" if utf8 else "ascii")


@pytest.mark.parametrize("env", [{}, {"TERM": ""}, {"TERM": "no\0thing"}])
def test_a_terminal_of_which_nothing_is_known(env: dict[str, str]) -> None:
    with pytest.raises(UnfitTerminal):
        find(env)


TERMINFO = """
import os
from ecs_tui.system.terminal_type import UnfitTerminal, find
try:
    found = find()
    print(found.colours, found.modes, found.attributes, found.commands)
except UnfitTerminal as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("term", "said"),
    [
        ("ansi", "8 none False False"),
        ("cygwin", "8 none False False"),
        ("xterm-mono", "0 all True True"),
        ("vt52", "a terminal of the type 'vt52' (TERM) cannot show the dashboard"),
        ("dumb", "a terminal of the type 'dumb' (TERM) cannot show the dashboard"),
    ],
)
def test_others_by_the_terminfo_of_this_machine(term: str, said: str) -> None:
    """Each in a process of its own: the C library caches the first terminfo entry."""
    run = subprocess.run(
        [sys.executable, "-c", TERMINFO], capture_output=True, text=True, check=True,
        env={"TERM": term, "LANG": "C"},
    )  # fmt: skip
    if "unknown on this machine" in run.stdout:
        pytest.skip(f"no terminfo entry of {term} is installed")
    assert run.stdout.strip() == said
