"""Keys by name, characters of several bytes, and the mouse's modifiers."""

from __future__ import annotations

import pytest
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

from ecs_tui.terminal.input import Key, Tokenizer
from ecs_tui.terminal.keys import encode_key
from ecs_tui.terminal.mouse import ALT, CTRL, MOTION, encode_mouse
from ecs_tui.terminal.protocol import Mode
from ecs_tui.terminal.recode import recode
from ecs_tui.terminal.widget import _held

CURSOR = ["up", "down", "left", "right", "home", "end"]
EDITING = ["insert", "delete", "pageup", "pagedown"]
FUNCTION = [f"f{number}" for number in range(1, 13)]
CONTROL = ["ctrl+a", "ctrl+z", "ctrl+backslash", "ctrl+right_square_bracket",
           "ctrl+circumflex_accent", "ctrl+underscore"]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [*CURSOR, *EDITING, *FUNCTION, *CONTROL, "enter", "tab", "shift+tab", "escape", "backspace",
     *(f"{mod}+{key}" for mod in ("shift", "ctrl") for key in CURSOR)],
)  # fmt: skip
def test_a_key_by_name_is_the_one_that_is_read_as_that_name(name: str) -> None:
    keys = ANSI_SEQUENCES_KEYS[encode_key(name).decode()]
    assert name in [key.value for key in keys]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "character", "data"),
    [
        ("a", "a", b"a"), ("ä", "ä", "ä".encode()), ("alt+a", None, b"\x1ba"),
        ("alt+enter", None, b"\x1b\r"), ("alt+left", None, b"\x1b[1;3D"),
        ("meta+left", None, b"\x1b[1;3D"), ("ctrl+shift+f5", None, b"\x1b[15;6~"),
        ("shift+f1", None, b"\x1b[1;2P"), ("ctrl+alt+c", None, b"\x1b\x03"),
        ("ctrl+backspace", None, b"\x08"), ("ctrl+at", None, b"\0"), ("ctrl+space", None, b"\0"),
        ("ctrl+slash", None, b"\x1f"), ("ctrl+question_mark", None, b"\x7f"),  ("space", " ", b" "), ("+", "+", b"+"),
        ("alt+delete", None, b"\x1b[3;3~"), ("unknown", None, b""),
    ],
)  # fmt: skip
def test_keys_by_name(name: str, character: str | None, data: bytes) -> None:
    assert encode_key(name, character) == data


@pytest.mark.parametrize("char", "aß€漢😀")
def test_a_character_is_whole_with_its_last_byte(char: str) -> None:
    data = char.encode()
    tokenizer = Tokenizer()
    assert tokenizer.feed(data) == [Key(data)]
    assert tokenizer.wait is None
    for byte in data[:-1]:
        assert tokenizer.feed(bytes([byte])) == []
    assert tokenizer.feed(data[-1:]) == [Key(data)]
    assert tokenizer.wait is None


@pytest.mark.parametrize("data", [b"\xff", b"\xc3(", b"\xe2\x82(", b"\xf0\x9f\x98(", b"\x80"])
def test_bytes_that_are_no_character_are_keys_one_by_one(data: bytes) -> None:
    tokens = Tokenizer().feed(data)
    assert tokens == [Key(data[at : at + 1]) for at in range(len(data))]


@pytest.mark.parametrize(
    ("data", "modes", "flags", "sent"),
    [
        (b"\x1b[65;2u", Mode(0), 0, b"A"),
        (b"\x1b[97;2u", Mode(0), 0, b"A"),
        (b"\x1b[97;5u", Mode(0), 0, b"\x01"),
        (b"\x1b[97;7u", Mode(0), 0, b"\x1b\x01"),
        (b"\x1b[97;1:3u", Mode(0), 0, b""),
        (b"\x1b[97;1:2u", Mode(0), 0, b"a"),
        (b"\x1b[49;2u", Mode(0), 0, b"!"),
        (b"\x1b[57399u", Mode(0), 0, b"0"),
        (b"\x1b[57441;2u", Mode(0), 0, b""),
        (b"\x1b[9;2u", Mode(0), 0, b"\x1b[Z"),
        (b"\x1b[127;5u", Mode(0), 0, b"\x08"),
        (b"\x1b[97;9u", Mode(0), 0, b""),
        (b"\x1b[1;1:1A", Mode.CURSOR_KEYS, 0, b"\x1bOA"),
        (b"\x1b[1;1:1A", Mode(0), 0, b"\x1b[A"),
        (b"\x1b[1;1:3A", Mode.CURSOR_KEYS, 0, b""),
        (b"\x1b[1;129H", Mode(0), 0, b"\x1b[H"),
        (b"\x1b[57417u", Mode(0), 0, b"\x1b[D"),
        (b"\x1b[57417u", Mode.CURSOR_KEYS, 0, b"\x1bOD"),
        (b"\x1bOA", Mode.CURSOR_KEYS, 1, b"\x1bOA"),
        (b"\x1bOA", Mode(0), 1, b"\x1b[A"),
        (b"\x1bOP", Mode(0), 1, b"\x1b[P"),
        ("Ä".encode(), Mode(0), 8, b"\x1b[228;2u"),
        ("Ä".encode(), Mode(0), 8 | 4, b"\x1b[228:196;2u"),
        (b"\x1bA", Mode(0), 1, b"\x1b[97;4u"),
    ],
)
def test_keys_between_the_protocols(data: bytes, modes: Mode, flags: int, sent: bytes) -> None:
    assert recode(data, modes, flags) == sent


def mouse(**fields: bool) -> events.MouseDown:
    held = {"shift": False, "meta": False, "ctrl": False} | fields
    return events.MouseDown(None, 1, 1, 0, 0, 1, **held)


def test_modifiers_of_the_mouse() -> None:
    assert _held(mouse()) == 0
    assert _held(mouse(meta=True)) == ALT == 8
    assert _held(mouse(ctrl=True)) == CTRL == 16
    assert _held(mouse(meta=True, ctrl=True)) == 24
    assert _held(mouse(shift=True)) == 0


@pytest.mark.parametrize(
    ("button", "at", "modes", "released", "data"),
    [
        (0, (0, 0), Mode(0), False, b""),
        (0, (0, 0), Mode.MOUSE_CLICK, False, b"\x1b[M !!"),
        (2, (4, 9), Mode.MOUSE_CLICK, False, b"\x1b[M\"%*"),
        (0, (4, 9), Mode.MOUSE_CLICK, True, b"\x1b[M#%*"),
        (CTRL, (4, 9), Mode.MOUSE_CLICK, True, b"\x1b[M3%*"),
        (0, (222, 222), Mode.MOUSE_CLICK, False, b"\x1b[M \xff\xff"),
        (0, (223, 0), Mode.MOUSE_CLICK, False, b""),
        (0, (0, 223), Mode.MOUSE_CLICK, False, b""),
        (MOTION, (0, 0), Mode.MOUSE_CLICK, False, b""),
        (MOTION, (0, 0), Mode.MOUSE_DRAG, False, b"\x1b[M@!!"),
        (MOTION, (0, 0), Mode.MOUSE_ANY, False, b"\x1b[M@!!"),
        (0, (299, 4), Mode.MOUSE_CLICK | Mode.MOUSE_SGR, False, b"\x1b[<0;300;5M"),
        (0, (299, 4), Mode.MOUSE_CLICK | Mode.MOUSE_SGR, True, b"\x1b[<0;300;5m"),
        (64, (0, 0), Mode.MOUSE_CLICK | Mode.MOUSE_SGR, False, b"\x1b[<64;1;1M"),
    ],
)  # fmt: skip
def test_reports_of_the_mouse(
    button: int, at: tuple[int, int], modes: Mode, released: bool, data: bytes
) -> None:
    assert encode_mouse(button, *at, modes, released=released) == data
