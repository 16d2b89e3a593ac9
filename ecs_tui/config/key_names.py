"""Names of keys: as they are written in the config file and shown, and as Textual calls them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SHOWN = {
    "up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "pgup", "pagedown": "pgdn",
}  # fmt: skip
_NAMED = {
    "enter", "escape", "tab", "space", "backspace", "delete", "insert", "home", "end",
    "up", "down", "left", "right", "pageup", "pagedown", *(f"f{n}" for n in range(1, 25)),
}  # fmt: skip
_SYNONYMS = {"esc": "escape", "pgup": "pageup", "pgdn": "pagedown", "del": "delete",
             "return": "enter", **{sign: name for name, sign in _SHOWN.items()}}  # fmt: skip
_OF_TEXTUAL = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at",
    "hyphen_minus": "minus", "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip
"""Textual's names where they differ from Unicode's (textual/keys.py)."""
_OTHER_KEY = {"h": "backspace", "i": "tab", "j": "enter", "m": "enter", "[": "escape"}
"""Keys for which a terminal sends the same byte as for another one."""
_FORM = "a character, a name such as enter, esc, tab, f5, or one with ctrl+, alt+ or shift+"


@lru_cache(512)
def textual_name(key: str) -> str:
    """Textual's name of a key as it is written here: `question_mark` for `?`.

    Raises:
        ValueError: There is no such key, or terminals send another one for it; the message says so.
    """
    *modifiers, last = _parts(key)
    if not set(modifiers) <= {"ctrl", "alt", "shift"} or len(set(modifiers)) < len(modifiers):
        raise ValueError(f'"{key}" is not a key. Expected: {_FORM}.')
    last = _SYNONYMS.get(last, last)
    if len(last) == 1 and last.isprintable() and last != " ":
        if modifiers == ["ctrl"] and last.lower() in _OTHER_KEY:
            other = _OTHER_KEY[last.lower()]
            raise ValueError(f'"{key}" cannot be told from {other}: terminals send the same.')
        if "shift" in modifiers:
            raise ValueError(f'"{key}" is not a key: write the character that shift types.')
        name = _name_of(last.lower() if "ctrl" in modifiers else last)
        return "+".join([*modifiers, "@" if modifiers and last == "@" else name])
    if last in _NAMED:
        return "+".join([*modifiers, last])
    raise ValueError(f'"{key}" is not a key. Expected: {_FORM}.')


def _parts(key: str) -> list[str]:
    """Modifiers and key; the key may itself be `+`."""
    if key == "+" or key.endswith("++"):
        return [*key[:-1].strip("+").split("+"), "+"] if len(key) > 1 else ["+"]
    return key.split("+")


def _name_of(character: str) -> str:
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return _OF_TEXTUAL.get(name, name)


def shown_key(key: str) -> str:
    """A key as it is shown: `↓` for `down`."""
    *modifiers, last = _parts(key)
    name = _SYNONYMS.get(last, last)
    return "+".join([*modifiers, _SHOWN.get(name, "esc" if name == "escape" else name)])
