"""Converts keys from the operator's terminal to the form that the program in the container expects.

The bytes change only if the two differ: in application cursor keys, or if only one of them uses the
kitty keyboard protocol.

Sources: xterm's ctlseqs, "PC-Style Function Keys" and "VT220-Style Function Keys";
https://sw.kovidgoyal.net/kitty/keyboard-protocol/ ("Legacy key event encoding", "Functional key
definitions", "Progressive enhancement").
"""

from __future__ import annotations

import re

from ecs_tui.record import dataclass
from ecs_tui.terminal.protocol import Mode

SHIFT, ALT, CTRL, SUPER, HYPER, META = 1, 2, 4, 8, 16, 32
_LOCKS = 64 | 128
DISAMBIGUATE, EVENTS, ALTERNATES, ALL_KEYS, TEXT = 1, 2, 4, 8, 16
"""The kitty protocol's flags."""
RELEASE = 3
_ESC, _ENTER, _TAB, _BACKSPACE, _SPACE = 27, 13, 9, 127, 32
_PRIVATE = range(57344, 63744)

# Functional keys in legacy form: (number, final byte); number 1 is omitted without modifiers.
_KEYPAD = {
    57417: (1, "D"), 57418: (1, "C"), 57419: (1, "A"), 57420: (1, "B"), 57421: (5, "~"),
    57422: (6, "~"), 57423: (1, "H"), 57424: (1, "F"), 57425: (2, "~"), 57426: (3, "~"),
    57427: (1, "E"),
}  # fmt: skip
_HIGH = {
    57376: (25, "~"), 57377: (26, "~"), 57378: (28, "~"), 57379: (29, "~"), 57380: (31, "~"),
    57381: (32, "~"), 57382: (33, "~"), 57383: (34, "~"), 57363: (29, "~"),
}  # fmt: skip
_KEYPAD_TEXT = dict(zip(range(57399, 57417), "0123456789./*-+\r=,", strict=True))
_SHIFTED = dict(zip("`1234567890-=[]\\;',./", '~!@#$%^&*()_+{}|:"<>?', strict=True))
"""Characters with shift on the US layout, for terminals that do not send the shifted key."""
_CONTROL = {
    " ": 0, "@": 0, "2": 0, "3": 27, "4": 28, "5": 29, "6": 30, "7": 31, "8": 127, "[": 27,
    "\\": 28, "]": 29, "^": 30, "~": 30, "_": 31, "/": 31, "?": 127,
}  # fmt: skip

_FUNCTIONAL = re.compile(rb"\x1b\[(?:(\d+)(?:;(\d+)(?::(\d+))?)?)?([ABCDEFHPQRS~])")
_EXTENDED = re.compile(rb"\x1b\[(\d+)(?::(\d*))?(?::(\d*))?(?:;(\d*)(?::(\d+))?(?:;([\d:]*))?)?u")
_SS3 = re.compile(rb"\x1bO(\d*)([A-HPQRS])")


@dataclass(frozen=True, slots=True)
class _Pressed:
    """A key and how it was pressed.

    Attributes:
        code: Its character without shift, or kitty's number; 0 if it is only known by `form`.
        form: (number, final byte) of a functional key that has a legacy sequence.
        mods: The modifiers' bits.
        event: 1 pressed, 2 repeated, 3 released.
        shifted: The character with shift, or 0.
        base: The character of this key on the US layout, or 0.
        text: The text that it types.
    """

    code: int = 0
    form: tuple[int, str] | None = None
    mods: int = 0
    event: int = 1
    shifted: int = 0
    base: int = 0
    text: str = ""


def recode(data: bytes, modes: Mode, kitty: int = 0) -> bytes:
    """The bytes of one key for the program in the container; b"" to send nothing.

    Args:
        data: The key's bytes, as the terminal sent them.
        modes: The modes that the program has set.
        kitty: The flags of the kitty keyboard protocol that it has set.
    """
    if kitty:
        pressed = _decode(data) or _decode_legacy(data)
        return data if pressed is None else _as_kitty(pressed, data, modes, kitty)
    if data[:1] != b"\x1b" or len(data) < 3 or data[1:2] != b"[":
        return data
    match = _FUNCTIONAL.fullmatch(data)
    if match is not None:
        number, mods, event, final = match.groups()
        bits = int(mods or 1) - 1
        if number is None and final in b"ABCDEFH":
            return b"\x1bO" + final if modes & Mode.CURSOR_KEYS else data
        # xterm's form. The kitty protocol differs only in F1 to F4, lock keys and event types.
        is_legacy = number is not None and number != b"13" and not bits & _LOCKS
        if is_legacy and event is None and (mods is None or bits):
            return data
    elif not data.endswith(b"u"):
        return data
    pressed = _decode(data)
    return data if pressed is None else _as_legacy(pressed, modes)


def canonical(data: bytes) -> bytes:
    """A key in the form for a program that has set no mode, for comparing keys."""
    return recode(data, Mode(0))


# -- reading


def _decode(data: bytes) -> _Pressed | None:
    """Decode a functional key, or a key in the kitty protocol's form; None for others."""
    if data[:2] not in (b"\x1b[", b"\x1bO"):
        return None
    if (match := _EXTENDED.fullmatch(data)) is not None:
        code, shifted, base, mods, event, text = match.groups()
        number = int(code)
        if number > 0x10FFFF:
            return None
        return _Pressed(
            number,
            _KEYPAD.get(number) or _HIGH.get(number),
            max(0, int(mods or 1) - 1),
            int(event or 1),
            int(shifted or 0) % 0x110000,
            int(base or 0) % 0x110000,
            _text(text or b""),
        )
    if (match := _SS3.fullmatch(data)) is not None:
        return _Pressed(form=(1, match[2].decode()), mods=max(0, int(match[1] or 1) - 1))
    if (match := _FUNCTIONAL.fullmatch(data)) is not None:
        first, mods, event, final = match.groups()
        form = (int(first or 1), final.decode())
        old = {11: "P", 12: "Q", 13: "R", 14: "S"}
        if form[1] == "~" and form[0] in old:
            form = (1, old[form[0]])
        return _Pressed(form=form, mods=max(0, int(mods or 1) - 1), event=int(event or 1))
    return None


def _text(codes: bytes) -> str:
    numbers = [int(code) for code in codes.split(b":") if code]
    return "".join(
        chr(number) for number in numbers if 32 <= number < 0xD800 or 0xDFFF < number <= 0x10FFFF
    )


def _decode_legacy(data: bytes) -> _Pressed | None:
    """Decode a character or a control byte, after ESC for alt; None for others."""
    alt = 0
    if data[:1] == b"\x1b" and len(data) > 1:
        alt, data = ALT, data[1:]
        if data == b"[Z" and alt:
            return _Pressed(_TAB, mods=SHIFT)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if len(text) != 1:
        return None
    code = ord(text)
    if code in (_ESC, _ENTER, _TAB, _BACKSPACE):
        return _Pressed(code, mods=alt)
    if code == 0:
        return _Pressed(_SPACE, mods=alt | CTRL)
    if code < 32:
        return _Pressed(code + (96 if code < 27 else 64), mods=alt | CTRL)
    lower = text.lower()
    if lower != text and len(lower) == 1:
        return _Pressed(ord(lower), mods=alt | SHIFT, shifted=code, text=text)
    return _Pressed(code, mods=alt, text=text)


# -- writing


def _as_legacy(key: _Pressed, modes: Mode) -> bytes:
    if key.event == RELEASE:
        return b""
    mods = key.mods & ~_LOCKS
    if key.form is not None:
        return _form(key.form, mods, modes)
    if key.code in _KEYPAD_TEXT:
        return (b"\x1b" if mods & ALT else b"") + _KEYPAD_TEXT[key.code].encode()
    if key.code in _PRIVATE:
        return b""  # a modifier alone, a media key: they have no legacy form
    shift, alt, ctrl = mods & SHIFT, mods & ALT, mods & CTRL
    before = b"\x1b" if alt else b""
    if key.code == _TAB and shift:
        return before + b"\x1b[Z"
    if key.code == _BACKSPACE:
        return before + (b"\x08" if ctrl else b"\x7f")
    if key.code in (_ESC, _ENTER, _TAB):
        return before + bytes([key.code])
    if mods & (SUPER | HYPER | META):
        return b""
    if key.text and not alt and not ctrl:
        return key.text.encode()
    character = _with_shift(key) if shift else chr(key.code)
    if ctrl and shift and character not in _CONTROL:  # a separate key, not the control byte
        return f"\x1b[{key.code};{mods + 1}u".encode()
    if ctrl and (byte := _control(key, character)) is not None:
        return before + bytes([byte])
    return before + character.encode("utf-8", "ignore")


def _with_shift(key: _Pressed) -> str:
    plain = chr(key.code)
    if key.shifted:
        return chr(key.shifted)
    upper = plain.upper()
    return _SHIFTED.get(plain) or (upper if len(upper) == 1 else plain)


def _control(key: _Pressed, character: str) -> int | None:
    """The control byte; on a non-Latin layout, that of the same key on the US layout."""
    for each in (character, chr(key.code), chr(key.base)):
        if each.isascii() and each.isalpha():
            return ord(each) & 0x1F
        if each in _CONTROL:
            return _CONTROL[each]
    return None


def _form(form: tuple[int, str], mods: int, modes: Mode) -> bytes:
    number, final = form
    if mods:
        return f"\x1b[{number};{mods + 1}{final}".encode()
    if final == "~":
        return f"\x1b[{number}~".encode()
    application = final in "PQRS" or modes & Mode.CURSOR_KEYS
    return f"\x1b{'O' if application else '['}{final}".encode()


def _as_kitty(key: _Pressed, data: bytes, modes: Mode, flags: int) -> bytes:
    """`CSI code ; modifiers u` if the flags require it, otherwise the legacy form."""
    event = key.event if flags & EVENTS else 1
    if key.event == RELEASE and event == 1:
        return b""
    mods = key.mods
    if key.form is not None and key.code not in _PRIVATE:
        number, final = key.form
        if final == "R":  # CSI R would be a cursor position report
            number, final = 13, "~"
        tail = f"{mods + 1}:{event}" if event > 1 else f"{mods + 1}" if mods else ""
        if not tail:
            if flags & ALL_KEYS or final in "PQRS":
                return f"\x1b[{'' if final != '~' else number}{final}".encode()
            return _form((number, final), 0, modes)
        return f"\x1b[{number};{tail}{final}".encode()
    held = mods & ~_LOCKS
    legacy = not flags & ALL_KEYS
    if key.code in (_ENTER, _TAB, _BACKSPACE) and legacy and (not held or key.event == RELEASE):
        # So that they work in a shell after a program has crashed without resetting the flags.
        return b"" if key.event == RELEASE else _as_legacy(key, modes)
    if key.code not in _PRIVATE and key.code not in (_ESC, _ENTER, _TAB, _BACKSPACE):
        if legacy and not held & ~SHIFT:
            return _as_legacy(key, modes) if event == 1 else _extended(key, event, flags)
    elif key.code in _KEYPAD_TEXT and legacy and not held and event == 1:
        return _as_legacy(key, modes)
    return _extended(key, event, flags)


def _extended(key: _Pressed, event: int, flags: int) -> bytes:
    code = str(key.code)
    if flags & ALTERNATES:
        shifted = key.shifted if key.mods & SHIFT else 0
        code += f":{shifted or ''}:{key.base}" if key.base else f":{shifted}" if shifted else ""
    mods = f"{key.mods + 1}:{event}" if event > 1 else f"{key.mods + 1}" if key.mods else ""
    text = ""
    if flags & TEXT and flags & ALL_KEYS and key.text and event != RELEASE:
        text = ":".join(str(ord(char)) for char in key.text)
    tail = f";{mods};{text}" if text else f";{mods}" if mods else ""
    return f"\x1b[{code}{tail}u".encode()
