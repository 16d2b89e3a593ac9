"""Checks the bytes that the program has sent to the outer terminal.

While the screen is painted only text for cells may be sent and the sequences that are listed here.
Everything else is a leak. Sources: Textual's compositor and driver, ours for the title, and xterm's
ctlseqs.
"""

from __future__ import annotations

import re
import unicodedata

_MAY_WRITE = re.compile(
    r"""
    \x1b\[[0-9]+;[0-9]+H            # cursor position (CUP)
    | \x1b\[[0-9;]{0,80}m           # attributes of cells (SGR), without sub-parameters
    | \x1b\[\?2026[hl]              # synchronised output mode
    | \x1b\[\?25[hl]                # cursor visibility
    | \x1b\]22;[a-z-]*\x07          # shape of the mouse pointer
    | \x07                          # a bell
    # The title with the number of problems (OSC 2); before the first, the old one is kept (XTWINOPS).
    | (?:\x1b\[22;2t)?\x1b\]2;
      (?:\((?:[0-9]+\ failing|(?:[0-9]+\ failing,\ )?[0-9]+\ degraded)\)\ )?ecs-tui\x07
    | \r\n(?=\x1b\[[0-9]+;[0-9]+H)   # end of a line of a frame, before CUP for the next
    """,
    re.X,
)
_STEERS = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]")
"""Format characters that reorder or move the text after them on the outer terminal (UAX #9)."""
MARKS = 32
"""The most combining characters in a row."""


def leaks(raw: bytes) -> list[str]:
    """The parts of `raw` that are neither text for cells nor an allowed sequence.

    Args:
        raw: Bytes that do not begin or end within a control sequence.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"no UTF-8: {raw[error.start : error.start + 8]!r}"]
    found = []
    marks = 0
    at = 0
    while at < len(text):
        match = _MAY_WRITE.match(text, at)
        if match:
            at = match.end()
            marks = 0
            continue
        char = text[at]
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if char < " " or "\x7f" <= char <= "\x9f" or _STEERS.match(char) or marks > MARKS:
            found.append(repr(text[at : at + 24]))
            if marks > MARKS:
                break
        at += 1
    return found


_SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
LEFT_ON = {7, 25}
"""The private modes that are on in a fresh terminal: lines wrap (7), the cursor is shown (25)."""
_OF_VT100 = re.compile(
    rb"""
    \x1b\[[0-9]+;[0-9]+H | \x1b\[H | \x1b\[2J  # cursor position, home, erase the screen
    | \x1b\[[0-9;]*m                           # attributes, colours
    | \x1b\[\?[17][hl] | \x1b>                 # cursor keys, wrapping, keypad
    """,
    re.X,
)


def sgr(raw: bytes) -> tuple[set[int], set[str]]:
    """(attributes, palettes) that `raw` uses; palettes are "8", "16", "256" and "24-bit"."""
    attributes: set[int] = set()
    palettes: set[str] = set()
    for match in _SGR.finditer(raw):
        numbers = [int(part or 0) for part in re.split(rb"[;:]", match[1])]
        while numbers:
            number = numbers.pop(0)
            if number in (38, 48, 58):
                palettes.add("24-bit" if numbers[0] == 2 else "256")
                del numbers[: 4 if numbers[0] == 2 else 2]
            elif 30 <= number <= 49:
                palettes.add("8")
            elif 90 <= number <= 107:
                palettes.add("16")
            else:
                attributes.add(number)
    return attributes, palettes


def modes_on(raw: bytes) -> set[int]:
    """The private modes that are on after `raw`, in a terminal that supports all of them."""
    on = set(LEFT_ON)
    for numbers, how in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", raw):
        for number in numbers.split(b";"):
            (on.add if how == b"h" else on.discard)(int(number))
    return on


def keyboards(raw: bytes) -> int:
    """How many entries `raw` leaves on the stack of the kitty keyboard protocol."""
    return len(re.findall(rb"\x1b\[>[0-9]+u", raw)) - raw.count(b"\x1b[<u")


def beyond_vt100(raw: bytes, *more: bytes) -> list[bytes]:
    """Control sequences in `raw` that a VT100 does not have and that are not among `more`."""
    rest = _OF_VT100.sub(b"", raw)
    for sequence in more:
        rest = rest.replace(sequence, b"")
    return [rest[match.start() : match.start() + 20] for match in re.finditer(rb"\x1b", rest)]
