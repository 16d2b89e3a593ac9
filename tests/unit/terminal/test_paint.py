"""What a pane draws of a cell's text: everything but what controls the outer terminal."""

from __future__ import annotations

import unicodedata

import pytest
from rich.color import ColorSystem
from rich.style import Style as RichStyle

from ecs_tui.terminal.paint import CURSOR, CellLine, Palette, nearest_256
from ecs_tui.terminal.protocol import RGB, Attribute, Run, Style
from tests.support.engines import ENGINES, engine_called

COLUMNS = 20
PLAIN = RichStyle.null()
KEPT = {
    "no-break space": "rm\u00a0-i",
    "ideographic space": "a\u3000b",
    "soft hyphen": "so\u00adft",
    "zero-width space": "zero\u200bwidth",
    "zero-width non-joiner": "\u0645\u06cc\u200c\u062e",
    "combining": "e\u0301cole",
    "powerline": "\ue0b0 main \ue0b1",
    "nerd font, plane 15": "\U000f0219 file",
    "newer than Unicode 14": "\U0001fae8 \U0001fadf",
    "unassigned": "\U0001faf9\u0378x",
    "spacing vowel sign": "\u0928\u093e\u092e",
    "tangut": "\U00018cd6x",
    "flag of England": "\U0001f3f4\U000e0067\U000e0062\U000e007f",
    "emoji joined": "\U0001f469\u200d\U0001f4bb",
}
STEERING = ["\u202e", "\u2066", "\u2069", "\u200f", "\u061c", "\u2028", "\ufff9", "\u206a"]


def drawn(engine: str, text: str) -> CellLine:
    """The first row of a small screen as a pane draws it."""
    made = engine_called(engine, COLUMNS, 3, 10)
    made.feed(text.encode())
    row = made.changed()[0]
    return CellLine.of(row.runs, lambda _: PLAIN).fitted(COLUMNS, PLAIN)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", KEPT)
def test_text_is_drawn_as_it_is(engine: str, name: str) -> None:
    line = drawn(engine, f"{KEPT[name]}|end")
    text = line.strip().text
    # pyte composes characters: the text is canonically the same.
    assert unicodedata.normalize("NFC", text.rstrip()) == unicodedata.normalize(
        "NFC", f"{KEPT[name]}|end"
    )
    assert line.width == line.strip().cell_length == COLUMNS


@pytest.mark.parametrize("char", STEERING, ids=ascii)
def test_what_steers_the_outer_terminal_is_not_drawn(char: str) -> None:
    for engine in ("ghostty", "pyte"):
        line = drawn(engine, f"a{char}b|end")
        assert char not in line.strip().text
        assert line.strip().text.replace(" ", "").startswith("ab|end")
        assert line.width == COLUMNS


def test_controls_from_a_worker_in_hostile_hands_are_blanks() -> None:
    runs = [Run("a\x1b]0;x\x07\x9b2Jb\ud800", 11)]
    text = CellLine.of(runs, lambda _: PLAIN).strip().text
    assert text == "a ]0;x  2Jb"
    text.encode()


def test_a_worker_in_hostile_hands_cannot_widen_a_line() -> None:
    runs = [Run("x" * 300, 1), Run("\u0301" * 300, 2), Run("漢字", 1), Run("", 3), Run("y", -5)]
    line = CellLine.of(runs, lambda _: PLAIN).fitted(COLUMNS, PLAIN)
    text = line.strip().text
    assert text.replace("\u0301", "") == "x".ljust(COLUMNS)
    assert len(text) < 100
    assert line.width == COLUMNS


def test_a_picture_that_the_engine_counts_narrow_is_asked_for_as_text() -> None:
    line = drawn("ghostty", "☺\ufe0f|end")
    assert line.strip().text.rstrip() == "☺|end"


@pytest.mark.parametrize(
    ("at", "expected"), [(0, "x"), (1, "漢"), (2, "漢"), (3, "\u093e"), (4, "y")]
)
def test_a_look_lies_over_the_cells_that_the_engine_counts(at: int, expected: str) -> None:
    runs = [Run("x漢", 3), Run("\u093e", 1), Run("y", 1)]
    line = CellLine.of(runs, lambda _: PLAIN).fitted(COLUMNS, PLAIN)
    segments = [s for s in line.styled(at, at + 1, CURSOR).strip() if s.style and s.style.reverse]
    shown = "".join(segment.text for segment in segments)
    # Half of a wide character is drawn as a blank, because no terminal can reverse one half.
    assert shown == (expected if expected != "漢" else " ")


def test_a_reversed_cell_under_the_cursor_is_turned_back() -> None:
    palette = Palette(own=True, system=ColorSystem.TRUECOLOR)
    reverse = palette.rich_style(Style(attributes=Attribute.INVERSE))
    line = CellLine.of([Run("abc", 3)], lambda _: reverse).styled(1, 2, CURSOR)
    assert [bool(segment.style and segment.style.reverse) for segment in line.strip()] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("rgb", "number"),
    [
        (0x000000, 16),
        (0xFFFFFF, 231),
        (0xFF0000, 196),
        (0x5F87AF, 67),
        (0x080808, 232),
        (0xEEEEEE, 255),
        (0x808080, 244),
        (0x767676, 243),
        (0xFF8700, 208),
        (0x303134, 236),
    ],
)
def test_the_nearest_of_256_colours(rgb: int, number: int) -> None:
    assert nearest_256(rgb) == number


def test_without_truecolor_outside_the_nearest_is_sent() -> None:
    style = Style(fg=RGB | 0xFE8800, bg=3)
    few = Palette(own=True, system=ColorSystem.EIGHT_BIT).rich_style(style)
    assert few.color is not None
    assert few.color.number == 208
    assert few.bgcolor is not None
    assert few.bgcolor.get_ansi_codes(foreground=False) == ("43",)


def test_default_colours_are_the_outer_terminals_or_the_themes() -> None:
    own = Palette(own=True, system=ColorSystem.TRUECOLOR).rich_style(Style())
    assert own.render("x") == "\x1b[39;49mx\x1b[0m"
    theme = Palette(own=False, system=ColorSystem.TRUECOLOR).rich_style(Style())
    assert theme.render("x") == "x"
