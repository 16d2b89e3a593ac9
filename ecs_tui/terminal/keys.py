"""Keys as a terminal sends them: pure functions of the key and the modes the program has set.

Sources: xterm's ctlseqs, "PC-Style Function Keys" and "Bracketed Paste Mode"; for programs that ask
for it the kitty keyboard protocol, https://sw.kovidgoyal.net/kitty/keyboard-protocol/ ("Progressive
enhancement"). Of its flags, presses are reported; repeats and releases are not known here.
"""

from __future__ import annotations

from textual.keys import key_to_character

from ecs_tui.terminal.frame import Mode

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
_KITTY = {"escape": 27, "enter": 13, "tab": 9, "backspace": 127, "space": 32}
KITTY_ALL, KITTY_TEXT = 8, 16
"""Flags: report all keys as escape codes; with the text that they type."""
_PASTE_END = "\x1b[201~"


def encode_key(key: str, character: str | None, modes: Mode, kitty: int = 0) -> bytes:
    """What to type for a key.

    Args:
        key: Textual's name, for example `ctrl+a`, `shift+f5`, `alt+left`.
        character: The character it types, if it types one.
        modes: What the program inside has set.
        kitty: The flags of the kitty keyboard protocol that it has set.
    """
    *mods, name = key.split("+") if key != "+" else ["+"]
    shift, alt, ctrl = "shift" in mods, "alt" in mods or "meta" in mods, "ctrl" in mods
    number = 1 + shift + 2 * alt + 4 * ctrl
    if kitty and (data := _kitty(name, character, number, kitty)):
        return data
    if name in _CURSOR:
        if number > 1:
            return f"\x1b[1;{number}{_CURSOR[name]}".encode()
        lead = "\x1bO" if modes & Mode.CURSOR_KEYS else "\x1b["
        return (lead + _CURSOR[name]).encode()
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


def _kitty(name: str, character: str | None, number: int, flags: int) -> bytes:
    """`CSI code ; modifiers u` where the flags ask for it, b"" where the legacy form stays."""
    typed = character if character and len(character) == 1 and character.isprintable() else ""
    if name in _KITTY:
        code = _KITTY[name]
        # Enter, tab and backspace stay typable after a program has died without resetting.
        if name != "escape" and number == 1 and not flags & KITTY_ALL:
            return b""
    elif typed or len(name) == 1:
        letter = (typed or name).lower()
        if not flags & KITTY_ALL and number <= 2:
            return b""
        code = ord(letter)
        if typed and typed != letter:
            number = 1 + (number - 1 | 1)  # a capital: the terminal did not name the shift
    elif (key := key_to_character(name)) is not None and number > 2:
        code = ord(key)
    else:
        return b""
    if typed and flags & KITTY_TEXT and flags & KITTY_ALL and number <= 2:
        return f"\x1b[{code};{number};{ord(typed)}u".encode()
    return (f"\x1b[{code};{number}u" if number > 1 else f"\x1b[{code}u").encode()


def encode_paste(text: str, modes: Mode) -> bytes:
    """Pasted text: between brackets if the program asked for them, without their end inside."""
    text = text.replace("\r\n", "\n")
    if modes & Mode.BRACKETED_PASTE:
        while _PASTE_END in text:
            text = text.replace(_PASTE_END, "")
        return b"\x1b[200~" + text.replace("\n", "\r").encode() + b"\x1b[201~"
    # Without brackets nothing but text and line ends may arrive: no key can be smuggled in.
    kept = "".join(char for char in text if char in "\n\t" or char.isprintable())
    return kept.replace("\n", "\r").encode()


def risky_paste(text: str, modes: Mode) -> bool:
    """Whether a paste would run lines at once in a shell that does not ask for brackets."""
    return not modes & Mode.BRACKETED_PASTE and "\n" in text.strip("\n")
