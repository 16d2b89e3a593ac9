"""What both engines do; differences are named, and listed in docs/terminal.md."""

from __future__ import annotations

import pytest

from ecs_tui.terminal.engine import Engine
from ecs_tui.terminal.protocol import NO_COLOUR, RGB, Attribute, Mode, Row, Style
from tests.support.engines import COLUMNS, ENGINES, ROWS, engine_called


@pytest.fixture
def ghostty() -> Engine:
    """For features that pyte lacks."""
    return engine_called("ghostty")


def screen(engine: Engine) -> list[str]:
    history, _ = engine.history()
    lines = engine.lines()[history:]
    return [line.rstrip() for line in lines] + [""] * (ROWS - len(lines))


def styled(engine: Engine, text: str) -> Style:
    """The style of the run whose text is `text`."""
    found: list[Row] = engine.changed()
    styles = {0: Style(), **dict(engine.new_styles())}
    for row in found:
        for run in row.runs:
            if run.text.strip() == text:
                return styles[run.style]
    raise AssertionError(f"no run {text!r} in {[r.text for row in found for r in row.runs]}")


def test_scroll_region(engine: Engine) -> None:
    engine.feed(b"".join(b"line %d\r\n" % n for n in range(9)) + b"last")
    engine.feed(b"\x1b[3;5r\x1b[5;1H\nnew\x1b[r")
    found = screen(engine)
    assert found[1] == "line 1"
    assert found[2:5] == ["line 3", "line 4", "new"]
    assert found[5] == "line 5"


def test_reverse_index_scrolls_down(engine: Engine) -> None:
    engine.feed(b"one\r\ntwo\x1b[1;1H\x1bMtop")
    assert screen(engine)[:3] == ["top", "one", "two"]


def test_origin_mode_counts_from_the_region(engine: Engine) -> None:
    engine.feed(b"\x1b[3;6r\x1b[?6h\x1b[1;1Hhere\x1b[?6l\x1b[r")
    assert screen(engine)[2] == "here"


def test_insert_and_delete(engine: Engine) -> None:
    engine.feed(b"abcdef\x1b[1;3H\x1b[2@XY\x1b[1;1H\x1b[P")
    assert screen(engine)[0] == "bXYcdef"
    engine.feed(b"\x1b[2;1Hone\r\ntwo\r\nthree\x1b[3;1H\x1b[L")
    assert screen(engine)[1:5] == ["one", "", "two", "three"]
    engine.feed(b"\x1b[2;1H\x1b[2M")
    assert screen(engine)[1:3] == ["two", "three"]
    engine.feed(b"\x1b[1;2H\x1b[3X")
    assert screen(engine)[0] == "b   def"


def test_insert_mode(engine: Engine) -> None:
    engine.feed(b"world\x1b[1;1H\x1b[4hhello \x1b[4l")
    assert screen(engine)[0] == "hello world"


def test_tabs(engine: Engine) -> None:
    engine.feed(b"a\tb\r\n\x1b[3g\x1b[2;5H\x1bH\ra\tb")
    assert screen(engine)[0] == "a       b"
    assert screen(engine)[1] == "a   b"


@pytest.mark.parametrize(
    ("sgr", "fg", "bg"),
    [
        ("31", 1, NO_COLOUR),
        ("92", 10, NO_COLOUR),
        ("44", NO_COLOUR, 4),
        ("38;2;9;8;7", RGB | 0x090807, NO_COLOUR),
        ("48;2;1;2;3", NO_COLOUR, RGB | 0x010203),
    ],
)
def test_colours(engine: Engine, sgr: str, fg: int, bg: int) -> None:
    engine.feed(f"\x1b[{sgr}mword\x1b[0m plain".encode())
    style = styled(engine, "word")
    assert (style.fg, style.bg) == (fg, bg)


def test_256_colours(engine: Engine) -> None:
    engine.feed(b"\x1b[38;5;196mword\x1b[0m plain")
    assert styled(engine, "word").fg in (196, RGB | 0xFF0000)


@pytest.mark.parametrize(
    ("sgr", "attribute"),
    [
        (1, Attribute.BOLD),
        (3, Attribute.ITALIC),
        (7, Attribute.INVERSE),
        (9, Attribute.STRIKE),
        (5, Attribute.BLINK),
    ],
)
def test_attributes(engine: Engine, sgr: int, attribute: Attribute) -> None:
    engine.feed(f"\x1b[{sgr}mword\x1b[0m plain".encode())
    assert styled(engine, "word").attributes & attribute


@pytest.mark.parametrize(
    ("sgr", "attribute"),
    [(2, Attribute.FAINT), (8, Attribute.INVISIBLE), (53, Attribute.OVERLINE)],
)
def test_attributes_that_pyte_lacks(ghostty: Engine, sgr: int, attribute: Attribute) -> None:
    ghostty.feed(f"\x1b[{sgr}mword\x1b[0m plain".encode())
    assert styled(ghostty, "word").attributes & attribute


def test_underline(engine: Engine) -> None:
    engine.feed(b"\x1b[4mword\x1b[24m plain")
    assert styled(engine, "word").underline == 1


@pytest.mark.parametrize(("sgr", "underline"), [("21", 2), ("4:3", 3), ("4:4", 4), ("4:5", 5)])
def test_underline_styles_and_colours(ghostty: Engine, sgr: str, underline: int) -> None:
    ghostty.feed(f"\x1b[{sgr};58;2;1;2;3mword\x1b[0m plain".encode())
    style = styled(ghostty, "word")
    assert (style.underline, style.underline_colour) == (underline, RGB | 0x010203)


def test_wide_characters_and_their_cells(engine: Engine) -> None:
    engine.feed("漢字x\r\nab漢".encode())
    found = engine.changed()
    assert all(sum(run.width for run in row.runs) == COLUMNS for row in found[:2])
    assert screen(engine)[:2] == ["漢字x", "ab漢"]
    assert (engine.cursor().x, engine.cursor().y) == (4, 1)


def test_combining_marks_and_emoji(engine: Engine) -> None:
    engine.feed("e\u0301 😀 x".encode())
    first = screen(engine)[0]
    assert first.startswith(("e\u0301", "é"))
    assert "😀" in first
    assert sum(run.width for run in engine.changed()[0].runs) == COLUMNS


def test_joined_emoji_are_one_cell_pair(ghostty: Engine) -> None:
    ghostty.feed("\x1b[?2027h👩\u200d💻|".encode())
    text = "".join(run.text for run in ghostty.changed()[0].runs).rstrip()
    assert text == "👩\u200d💻|"


def test_line_drawing(engine: Engine) -> None:
    engine.feed(b"\x1b(0lqk\x1b(B ok")
    assert screen(engine)[0] == "┌─┐ ok"


def test_cursor_is_hidden_and_shown(engine: Engine) -> None:
    engine.feed(b"\x1b[?25l")
    engine.changed()
    assert not engine.cursor().visible
    engine.feed(b"\x1b[?25h\x1b[4;7H")
    engine.changed()
    cursor = engine.cursor()
    assert (cursor.visible, cursor.x, cursor.y) == (True, 6, 3)


@pytest.mark.parametrize(("number", "shape"), [(2, 1), (4, 2), (6, 0)])
def test_cursor_shapes(ghostty: Engine, number: int, shape: int) -> None:
    ghostty.feed(f"\x1b[{number} q".encode())
    ghostty.changed()
    assert ghostty.cursor().shape == shape


def test_save_and_restore_cursor(engine: Engine) -> None:
    engine.feed(b"\x1b[3;4H\x1b7\x1b[9;9H\x1b8X")
    assert screen(engine)[2] == "   X"


def test_synchronised_output_holds_the_frame(engine: Engine) -> None:
    engine.feed(b"\x1b[?2026h")
    assert engine.holding()
    engine.feed(b"\x1b[?2026l")
    assert not engine.holding()


def test_wrapping_and_no_wrapping(engine: Engine) -> None:
    engine.feed(b"x" * (COLUMNS + 3))
    assert screen(engine)[1] == "xxx"
    engine.feed(b"\x1b[5;1H\x1b[?7l" + b"y" * (COLUMNS + 3) + b"\x1b[?7h")
    assert screen(engine)[5] == ""


def test_reflow_on_resize(ghostty: Engine) -> None:
    ghostty.feed(b"0123456789" * 3 + b"\r\nnext")
    ghostty.resize(20, ROWS)
    assert screen(ghostty)[:3] == ["01234567890123456789", "0123456789", "next"]
    ghostty.resize(COLUMNS, ROWS)
    assert screen(ghostty)[:2] == ["0123456789" * 3, "next"]


def test_ten_thousand_lines_of_scrollback_and_no_more() -> None:
    for name in ENGINES:
        engine = engine_called(name, scrollback=10_000)
        total = 10_500 if name == "pyte" else 60_000
        for start in range(0, total, 500):
            engine.feed(b"".join(b"%d\r\n" % n for n in range(start, start + 500)))
        history, _ = engine.history()
        assert 9_500 <= history <= 13_000, name
        assert engine.lines()[history].strip().isdigit()


def test_erasing(engine: Engine) -> None:
    engine.feed(b"one\r\ntwo\r\nthree\x1b[2;2H\x1b[K\x1b[3;3H\x1b[1K")
    assert screen(engine)[:3] == ["one", "t", "   ee"]
    engine.feed(b"\x1b[2J")
    assert "".join(screen(engine)).strip() == ""


def test_full_reset(engine: Engine) -> None:
    engine.feed(b"text\x1b[?1h\x1b[31m\x1bc")
    assert screen(engine)[0] == ""
    assert not engine.modes() & Mode.CURSOR_KEYS


def test_clipboard_writes_are_kept_for_asking(ghostty: Engine) -> None:
    ghostty.feed(b"\x1b]52;c;aGVsbG8=\x07")
    assert ghostty.clipboard == "hello"
    ghostty.clipboard = None
    ghostty.feed(b"\x1b]52;c;?\x07")
    assert ghostty.clipboard is None
    assert ghostty.replies == []


def test_targets_of_hyperlinks(ghostty: Engine) -> None:
    ghostty.feed(b"see \x1b]8;;https://example.com/real\x1b\\this\x1b]8;;\x1b\\ one")
    assert ghostty.hyperlink((5, 0)) == "https://example.com/real"
    assert ghostty.hyperlink((1, 0)) == ""
    assert ghostty.hyperlink((999, 999)) == ""


def test_kitty_keyboard_flags(ghostty: Engine) -> None:
    assert ghostty.kitty() == 0
    ghostty.feed(b"\x1b[>1u")
    assert ghostty.kitty() == 1
    ghostty.feed(b"\x1b[<u")
    assert ghostty.kitty() == 0


def test_what_pyte_lacks_is_empty_and_not_wrong() -> None:
    engine = engine_called("pyte")
    engine.feed(b"\x1b]52;c;aGVsbG8=\x07\x1b]8;;https://x\x1b\\a\x1b]8;;\x1b\\\x1b[>1u")
    assert (engine.clipboard, engine.hyperlink((0, 0)), engine.kitty()) == (None, "", 0)
