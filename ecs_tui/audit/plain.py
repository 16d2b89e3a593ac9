"""The text in a terminal's bytes, line by line, without rendering: for searching and for files.

Sequences: ECMA-48. Backspaces and carriage returns do what they do in a terminal, as far as one line
goes; what moves the cursor to other lines is left out. The terminal engine renders exactly, but takes
much longer.
"""

from __future__ import annotations

import re

from ecs_tui.model.text import clean
from ecs_tui.record import dataclass

_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_])[^\x07\x1b]{0,4096}(?:\x07|\x1b\\|$)"
    r"|\x1b[ -/]*[0-~]|\x1b"
)
MAX_LINE_CHARACTERS = 20_000
"""Characters of a line that are kept."""


@dataclass(frozen=True, slots=True)
class PlainLine:
    """A line, and where its bytes begin."""

    offset: int
    text: str


def plain_lines(data: bytes, start: int = 0) -> list[PlainLine]:
    """The lines in `data`, printable.

    Args:
        start: The offset of `data` in the transcript.
    """
    found = []
    at = 0
    for raw in data.split(b"\n"):
        found.append(PlainLine(start + at, plain(raw)))
        at += len(raw) + 1
    if found and not found[-1].text:
        found.pop()
    return found


def plain(raw: bytes) -> str:
    """The text of one line of a terminal, printable."""
    text = raw[: 4 * MAX_LINE_CHARACTERS].decode("utf-8", "replace")[:MAX_LINE_CHARACTERS]
    if text.isprintable():
        return text
    text = _SEQUENCE.sub("", text).rstrip("\r").replace("\t", "    ")
    if "\b" in text or "\r" in text or "\x7f" in text:
        text = _typed_over(text)
    return clean(text.replace("\a", "").replace("\0", ""))


def _typed_over(text: str) -> str:
    """What stands in the line after backspaces and carriage returns."""
    cells: list[str] = []
    at = 0
    for char in text:
        if char == "\r":
            at = 0
        elif char in "\b\x7f":
            at = max(0, at - 1)
        else:
            if at < len(cells):
                cells[at] = char
            else:
                cells.append(char)
            at += 1
    return "".join(cells)
