"""The prefix key: the key after it is a command for ecs-tui. Its names and its bytes."""

from __future__ import annotations

from ecs_tui.record import dataclass

DEFAULT = "ctrl+] f12"
"""German, French and Nordic keyboards have no ctrl+]. F12 exists on every layout, every terminal
sends the same sequence for it, and no shell, editor or pager uses it by default."""
FORM = (
    "ctrl+ and a letter or one of ] \\ ^ _ space, or f1 to f12; two keys are separated by a space"
)

_FUNCTION = {
    "f1": b"\x1bOP", "f2": b"\x1bOQ", "f3": b"\x1bOR", "f4": b"\x1bOS", "f5": b"\x1b[15~",
    "f6": b"\x1b[17~", "f7": b"\x1b[18~", "f8": b"\x1b[19~", "f9": b"\x1b[20~",
    "f10": b"\x1b[21~", "f11": b"\x1b[23~", "f12": b"\x1b[24~",
}  # fmt: skip
_SIGNS = {
    "]": ("right_square_bracket", 29), "\\": ("backslash", 28), "^": ("circumflex_accent", 30),
    "_": ("underscore", 31), "space": ("@", 0),
}  # fmt: skip
_TAKEN = {
    "h": "backspace in some terminals", "i": "tab", "j": "enter in some terminals", "m": "enter",
    "[": "escape",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PrefixKey:
    """One key that works as the prefix.

    Attributes:
        shown: Its name on the screen and in the config file.
        name: Textual's name.
        data: The bytes that a terminal sends for it.
    """

    shown: str
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Prefix:
    """The keys that work as the prefix, at least one; `shown` is the first."""

    keys: tuple[PrefixKey, ...]

    @property
    def shown(self) -> str:
        """The name of the first key, for example `ctrl+]`."""
        return self.keys[0].shown

    @property
    def both(self) -> str:
        """The names of all keys, for example `ctrl+] or f12`."""
        return " or ".join(key.shown for key in self.keys)

    @property
    def names(self) -> tuple[str, ...]:
        """Textual's names of all keys."""
        return tuple(key.name for key in self.keys)

    def match(self, data: bytes) -> bool:
        """Whether `data` is what a terminal sends for one of the keys."""
        return any(key.data == data for key in self.keys)

    @classmethod
    def parse(cls, text: str) -> Prefix:
        """Parse the setting `prefix`: one or two keys, separated by a space.

        Raises:
            ValueError: The setting is invalid; the message says why.
        """
        words = text.split()
        if not 1 <= len(words) <= 2 or len(set(words)) < len(words):
            raise ValueError(f"Expected one or two keys: {FORM}.")
        return cls(tuple(_key(word) for word in words))


def _key(word: str) -> PrefixKey:
    lower = word.lower()
    if lower in _FUNCTION:
        return PrefixKey(lower, lower, _FUNCTION[lower])
    ctrl, plus, rest = lower.partition("+")
    if ctrl == "ctrl" and plus:
        # Textual's names of these characters are accepted too.
        sign = next((sign for sign, (name, _) in _SIGNS.items() if rest == name), rest)
        if sign in _TAKEN:
            raise ValueError(f"{word} is {_TAKEN[sign]}. Expected: {FORM}.")
        if sign in _SIGNS:
            name, byte = _SIGNS[sign]
            return PrefixKey(f"ctrl+{sign}", f"ctrl+{name}", bytes([byte]))
        if len(sign) == 1 and "a" <= sign <= "z":
            return PrefixKey(f"ctrl+{sign}", f"ctrl+{sign}", bytes([ord(sign) & 0x1F]))
    raise ValueError(f"{word} is not a valid key. Expected: {FORM}.")
