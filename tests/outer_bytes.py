"""Judges what the program has written to the outer terminal: cells, and what its driver may write.

What the driver may write while the screen is painted is listed here in full; everything else that is
no character for a cell is a leak. Sources: Textual's compositor and driver, and xterm's ctlseqs.
"""

from __future__ import annotations

import re
import unicodedata

_MAY_WRITE = re.compile(
    r"""
    \x1b\[[0-9]+;[0-9]+H            # the cursor's place (CUP)
    | \x1b\[[0-9;]{0,80}m           # how cells look (SGR), without sub-parameters
    | \x1b\[\?2026[hl]              # synchronised output
    | \x1b\[\?25[hl]                # the cursor is shown, or not
    | \x1b\]22;[a-z-]*\x07          # the shape of the mouse pointer
    | \x07                          # a bell
    | \r\n(?=\x1b\[[0-9]+;[0-9]+H)   # the end of a line of a frame, before the next one's place
    """,
    re.X,
)
_STEERS = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]")
"""Format characters that turn or move what follows on the outer terminal (UAX #9)."""
MARKS = 32
"""Combining characters in a row that a cell may have."""


def leaks(raw: bytes) -> list[str]:
    """What in `raw` is neither a cell nor what the driver may write; [] when all is well.

    `raw` must begin and end where a control sequence does not.
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
