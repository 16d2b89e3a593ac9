"""Pasted text: when the operator is asked, how it is shown, and the bytes that are sent for it.

Source: xterm's ctlseqs, "Bracketed Paste Mode". Lines may be separated by CR (as terminals send
them), LF or CRLF.
"""

from __future__ import annotations

import re

from rich.cells import cell_len

from ecs_tui.record import dataclass
from ecs_tui.terminal.input import MAX_PASTE_BYTES
from ecs_tui.terminal.protocol import Mode

_LINE_END = re.compile(rb"\r\n|\r|\n")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
"""C0 except tab and line ends, DEL, and C1 in UTF-8."""
_ESCAPES = re.compile(rb"\x1b|\xc2\x9b")
"""The start of a control sequence, and so of the closing bracket."""
_SHOWN_LINES, _SHOWN_CELLS = 8, 72


@dataclass(frozen=True, slots=True)
class Pasted:
    """A pasted text with LF between its lines.

    Attributes:
        data: UTF-8, as the terminal sent it.
        lines: The number of its lines.
        controls: The number of its control characters, except tabs and line ends.
        part: Whether the end marker did not arrive in time, or some text arrived after that.
    """

    data: bytes
    lines: int
    controls: int
    part: bool = False

    @classmethod
    def of(cls, data: bytes, *, part: bool = False) -> Pasted:
        """The paste for `data`, which the terminal sent between the brackets."""
        data = _LINE_END.sub(b"\n", data)
        lines = data.strip(b"\n").count(b"\n") + 1
        return cls(data, lines, _CONTROLS.subn(b"", data)[1], part)

    def followed_by(self, data: bytes) -> Pasted:
        """This paste with `data`, which arrived late."""
        return Pasted.of(self.data + data, part=True)

    def asks(self, modes: Mode) -> bool:
        """Whether to ask the operator: it has lines that would run at once or control characters,
        or it is only a part."""
        runs = self.lines > 1 and not modes & Mode.BRACKETED_PASTE
        return self.part or self.controls > 0 or runs

    def encode(self, modes: Mode) -> bytes:
        """The bytes to send: lines end with CR; in brackets if the program uses bracketed paste.

        In brackets, escape characters are left out, so that the text cannot end the brackets.
        """
        data = self.data.replace(b"\n", b"\r")
        if not modes & Mode.BRACKETED_PASTE:
            return data
        return b"\x1b[200~" + _ESCAPES.sub(b"", data) + b"\x1b[201~"

    def effect(self, modes: Mode) -> str:
        """What pasting it will do, in sentences for the operator."""
        words = []
        if self.part:
            words.append(
                "Your terminal did not send the end of this paste in time: more may follow."
            )
        if self.lines > 1 and not modes & Mode.BRACKETED_PASTE:
            words.append(
                "The program in the shell doesn't use bracketed paste: each line runs immediately."
            )
        if self.controls:
            count = f"{self.controls} control character{'s' if self.controls > 1 else ''}"
            words.append(f"The text contains {count}, which the program may take as keys.")
            if modes & Mode.BRACKETED_PASTE and _ESCAPES.search(self.data):
                words.append("Escape characters are left out.")
        return " ".join(words)

    def shown(self) -> str:
        """The text for display: its first lines, with symbols for control characters."""
        lines = self.data.decode("utf-8", "replace").strip("\n").split("\n")
        shown = [_cut("".join(map(_visible, line))) for line in lines[:_SHOWN_LINES]]
        if len(lines) > _SHOWN_LINES:
            shown.append(f"… and {len(lines) - _SHOWN_LINES} more lines")
        return "\n".join(shown)


def too_long(size: int) -> str:
    """Why a text of `size` bytes was not pasted."""
    most = MAX_PASTE_BYTES // 1024 // 1024
    return (
        f"Nothing was pasted: the text has {size / 1024 / 1024:.1f} MiB, the limit is {most} MiB."
    )


def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0x80 <= code < 0xA0 or not char.isprintable() or (char.isspace() and char != " "):
        return f"<U+{code:04X}>"
    return char


def _cut(line: str) -> str:
    if cell_len(line) <= _SHOWN_CELLS:
        return line
    return line[: _SHOWN_CELLS // 2] + " … " + line[-(_SHOWN_CELLS // 2 - 3) :]
