"""The bytes that a terminal sends for a key, by the key's name, for keys that ecs-tui itself sends.

Keys from the operator keep their original bytes. Source: xterm's ctlseqs, "PC-Style Function Keys".
"""

from __future__ import annotations

from textual.keys import key_to_character

_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_TILDE = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "f5": 15, "f6": 17, "f7": 18,
    "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24,
}  # fmt: skip
_SS3 = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_PLAIN = {
    "enter": b"\r", "tab": b"\t", "escape": b"\x1b", "backspace": b"\x7f", "space": b" ",
}  # fmt: skip
_CONTROL = {
    "at": 0, "space": 0, "left_square_bracket": 27, "backslash": 28, "right_square_bracket": 29,
    "circumflex_accent": 30, "underscore": 31, "slash": 31, "question_mark": 127,
}  # fmt: skip


def encode_key(key: str, character: str | None = None) -> bytes:
    """The bytes of a key if no mode is set in the terminal; b"" for an unknown key.

    Args:
        key: Textual's name, for example `ctrl+a`, `shift+f5`, `alt+left`.
        character: The character that the key types, if any.
    """
    *mods, name = key.split("+") if key != "+" else ["+"]
    shift, alt, ctrl = "shift" in mods, "alt" in mods or "meta" in mods, "ctrl" in mods
    number = 1 + shift + 2 * alt + 4 * ctrl
    if name in _CURSOR:
        if number > 1:
            return f"\x1b[1;{number}{_CURSOR[name]}".encode()
        return f"\x1b[{_CURSOR[name]}".encode()
    if name in _SS3:
        middle = f"[1;{number}" if number > 1 else "O"
        return f"\x1b{middle}{_SS3[name]}".encode()
    if name in _TILDE:
        middle = f";{number}" if number > 1 else ""
        return f"\x1b[{_TILDE[name]}{middle}~".encode()
    before = b"\x1b" if alt else b""
    if name == "tab" and shift:
        return b"\x1b[Z"
    if ctrl:
        if len(name) == 1 and "a" <= name.lower() <= "z":
            return before + bytes([ord(name.lower()) & 0x1F])
        if name in _CONTROL:
            return before + bytes([_CONTROL[name]])
        if name == "backspace":
            return before + b"\x08"
    if name in _PLAIN:
        return before + _PLAIN[name]
    if character:
        return before + character.encode()
    if alt and (typed := name if len(name) == 1 else key_to_character(name)):
        return before + typed.encode()
    return b""
