"""The interface of terminal engines, and which of their replies are allowed."""

from __future__ import annotations

import re
from typing import Protocol

from ecs_tui.record import dataclass
from ecs_tui.terminal.protocol import Row, Style

SMALLEST = (2, 2)
"""Minimum columns and rows: a screen of one column crashes libghostty-vt."""

_SAFE_REPLY = re.compile(rb"\x1b\[[?>]?[0-9;]*\$?[cnRtuy]")


def allowed_reply(reply: bytes) -> bool:
    """Whether a reply to a device query may be sent to the session.

    Only plain control sequences of digits are allowed. In a shell they are not a command, and the
    program that sent the query cannot choose their contents (xterm's ctlseqs, "Device Attributes",
    "Device Status Report", "Window manipulation", DECRPM). Titles, colours, version strings and
    answerback are not allowed.
    """
    return _SAFE_REPLY.fullmatch(reply) is not None


def clamp(columns: int, rows: int) -> tuple[int, int]:
    """The nearest (columns, rows) that every engine can handle: (2, 2) to (1000, 500)."""
    return min(1000, max(SMALLEST[0], columns)), min(500, max(SMALLEST[1], rows))


Point = tuple[int, int]
"""A cell: (column, line), lines counted from the oldest one of the scrollback."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The cursor's position (cells from the top left), visibility and shape.

    `shape`: 0 bar, 1 block, 2 underline, 3 hollow block.
    """

    x: int
    y: int
    visible: bool
    shape: int = 1


class Engine(Protocol):
    """A terminal emulator: bytes in, changed rows out."""

    replies: list[bytes]
    bell: bool
    clipboard: str | None
    """The text of the program's last request to set the clipboard; the reader resets it to None."""

    def feed(self, data: bytes) -> None:
        """Process output of the session."""

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, in cells; a size out of bounds is clamped."""

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""

    def scroll(self, lines: int) -> None:
        """Move the view by lines (negative: up into history); 0 goes to the bottom."""

    def changed(self) -> list[Row]:
        """The rows that have changed since the last call; all rows at the first call."""

    def new_styles(self) -> list[tuple[int, Style]]:
        """(number, style) of those that `changed` has numbered since the last call."""

    def cursor(self) -> Cursor:
        """The cursor in the view."""

    def modes(self) -> int:
        """The `Mode` flags that are set."""

    def kitty(self) -> int:
        """The flags of the kitty keyboard protocol that are set; 0 for none."""

    def hyperlink(self, at: Point) -> str:
        """The target of the hyperlink (OSC 8) at a cell, or ""."""

    def holding(self) -> bool:
        """Whether the program has paused drawing (synchronised output, mode 2026)."""

    def title(self) -> str:
        """The title that the program has set, or ""."""

    def history(self) -> tuple[int, int]:
        """(lines of scrollback, lines by which the view is above the bottom)."""

    def text(self, everything: bool) -> str:
        """Plain text of the screen, with the scrollback if `everything`."""

    def lines(self) -> list[str]:
        """Plain text of each row as displayed, from the oldest row of the scrollback."""

    def range_text(self, start: Point, end: Point, block: bool) -> str:
        """Plain text between two cells, both included; wrapped lines are joined.

        `block`: the rectangle between the cells.
        """

    def span(self, at: Point, whole_line: bool) -> tuple[Point, Point] | None:
        """(first cell, last cell) of the word, or of the wrapped line, at a cell; None for none."""
