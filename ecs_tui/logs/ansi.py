"""Makes the text of a log line harmless: keeps colours and attributes as spans, drops everything else.

Sequences: ECMA-48; SGR as in xterm's ctlseqs ("Character Attributes (SGR)").
"""

from __future__ import annotations

import re
from dataclasses import replace

from ecs_tui.record import dataclass

_SEQUENCE = re.compile(
    r"\x1b\[(?P<sgr>[0-9;:]*)m"  # SGR
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # other control sequences
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)"  # strings
    r"|\x1b[ -/]*[0-~]"  # two characters
)
MAX_SPANS = 2_000
"""Coloured spans of one line; the rest has no colours."""
TAB = "    "


@dataclass(frozen=True, slots=True)
class AnsiStyle:
    """How characters look.

    Attributes:
        foreground, background: "" for the default; a number from 0 to 255 as text, or `#rrggbb`.
    """

    foreground: str = ""
    background: str = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


PLAIN = AnsiStyle()


@dataclass(frozen=True, slots=True)
class StyledSpan:
    """Characters from `start` to `end` (not included) and their style."""

    start: int
    end: int
    style: AnsiStyle


@dataclass(frozen=True, slots=True)
class StyledText:
    """Printable text, with line ends, and the spans of it that have a style."""

    text: str
    spans: tuple[StyledSpan, ...] = ()


def harmless(text: str) -> StyledText:
    """`text` without control sequences; colours become spans, other control characters `�`."""
    if text.isprintable():
        return StyledText(text)
    text = text.replace("\r\n", "\n")
    if "\x1b" not in text and not _has_c1(text):
        return StyledText(_printable(text))
    parts: list[str] = []
    spans: list[StyledSpan] = []
    style, length, last = PLAIN, 0, 0
    for found in _SEQUENCE.finditer(text):
        length = _add(parts, spans, text[last : found.start()], style, length)
        last = found.end()
        if found["sgr"] is not None:
            style = _changed(style, found["sgr"])
    _add(parts, spans, text[last:], style, length)
    return StyledText("".join(parts), tuple(spans))


def _add(
    parts: list[str], spans: list[StyledSpan], text: str, style: AnsiStyle, length: int
) -> int:
    if not text:
        return length
    shown = _printable(text)
    parts.append(shown)
    if style != PLAIN and len(spans) < MAX_SPANS:
        spans.append(StyledSpan(length, length + len(shown), style))
    return length + len(shown)


def _has_c1(text: str) -> bool:
    return not text.isascii() and any("\x80" <= char <= "\x9f" for char in text)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char == "\n" else TAB if char == "\t" else "�"
        for char in text
    )


_SET: dict[int, dict[str, bool]] = {
    1: {"bold": True}, 2: {"dim": True}, 3: {"italic": True}, 4: {"underline": True},
    7: {"reverse": True}, 9: {"strike": True}, 21: {"underline": True},
    22: {"bold": False, "dim": False}, 23: {"italic": False}, 24: {"underline": False},
    27: {"reverse": False}, 29: {"strike": False},
}  # fmt: skip
"""Blinking (5, 6) and hidden text (8) are left out: nothing in a log may be hidden."""


def _changed(style: AnsiStyle, parameters: str) -> AnsiStyle:
    numbers = [int(each[:4] or 0) for each in re.split("[;:]", parameters)][:64]
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            style = PLAIN
        elif code in _SET:
            style = replace(style, **_SET[code])  # type: ignore[arg-type]
        elif code in (38, 48):
            colour = _extended(numbers)
            if code == 38:
                style = replace(style, foreground=colour)
            else:
                style = replace(style, background=colour)
        elif 30 <= code <= 37 or 90 <= code <= 97:
            style = replace(style, foreground=str(code - 30 if code < 90 else code - 82))
        elif 40 <= code <= 47 or 100 <= code <= 107:
            style = replace(style, background=str(code - 40 if code < 100 else code - 92))
        elif code == 39:
            style = replace(style, foreground="")
        elif code == 49:
            style = replace(style, background="")
    return style


def _extended(numbers: list[int]) -> str:
    """The colour after 38 or 48; takes its parameters. "" if it is not valid."""
    kind = numbers.pop(0) if numbers else 0
    if kind == 5 and numbers:
        number = numbers.pop(0)
        return str(number) if number < 256 else ""
    if kind == 2 and len(numbers) >= 3:
        parts, numbers[:3] = numbers[:3], []
        return "#" + "".join(f"{min(255, part):02x}" for part in parts)
    return ""
