"""The interface of a terminal engine, its policy for replies, and which engines there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from ecs_tui.errors import TerminalError
from ecs_tui.terminal.frame import Row, Style

SMALLEST = (2, 2)
"""Columns and rows below which the engine is not asked to go: one column kills libghostty-vt."""

_SAFE_REPLY = re.compile(rb"\x1b\[[?>]?[0-9;]*\$?[cnRtuy]")


def allowed_reply(reply: bytes) -> bool:
    """Whether an answer to a device query may be typed into the session.

    Only plain control sequences of digits: typed at a shell by mistake they are no command, and
    nothing in them was chosen by the program that asked (xterm's ctlseqs, "Device Attributes",
    "Device Status Report", "Window manipulation", DECRPM). Titles, colours, version strings and
    answerback are not among them.
    """
    return _SAFE_REPLY.fullmatch(reply) is not None


def clamp(columns: int, rows: int) -> tuple[int, int]:
    """The nearest size that every engine survives."""
    return min(1000, max(SMALLEST[0], columns)), min(500, max(SMALLEST[1], rows))


Point = tuple[int, int]
"""A cell: (column, line), lines counted from the oldest one of the scrollback."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor is (cells from the top left), whether it shows, and its shape.

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
    """The text that the program last asked to put on the clipboard; taken by who reads it."""

    def feed(self, data: bytes) -> None:
        """Take in output."""

    def resize(self, columns: int, rows: int) -> None:
        """Change the size, in cells; a size out of bounds is clamped."""

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows)."""

    def scroll(self, lines: int) -> None:
        """Move the view by lines (negative: up into history); 0 goes to the bottom."""

    def changed(self) -> list[Row]:
        """The rows that changed since the last call; all of them at the first."""

    def new_styles(self) -> list[tuple[int, Style]]:
        """Styles that `changed` has numbered since the last call."""

    def cursor(self) -> Cursor:
        """The cursor in the view."""

    def modes(self) -> int:
        """The `Mode` flags that are set."""

    def kitty(self) -> int:
        """The flags of the kitty keyboard protocol that are set; 0 for none."""

    def hyperlink(self, at: Point) -> str:
        """The target of the hyperlink (OSC 8) at a cell, or ""."""

    def holding(self) -> bool:
        """Whether the program asked not to be drawn just now (mode 2026)."""

    def title(self) -> str:
        """The title the program set, or ""."""

    def history(self) -> tuple[int, int]:
        """(lines of scrollback, lines the view is above the bottom)."""

    def text(self, everything: bool) -> str:
        """Plain text of scrollback and screen, or of the screen."""

    def lines(self) -> list[str]:
        """Plain text of each row as displayed, from the oldest of the scrollback."""

    def range_text(self, start: Point, end: Point, block: bool) -> str:
        """Plain text from cell to cell, both included; wraps of a line are joined."""

    def span(self, at: Point, whole_line: bool) -> tuple[Point, Point] | None:
        """First and last cell of the word, or of the line with its wraps, at a cell."""


def make_engine(name: str, columns: int, rows: int, scrollback: int) -> Engine:
    """The engine called `ghostty`, `pyte`, or with `auto` the best that can be imported.

    Raises:
        TerminalError: The engine asked for is not installed here.
    """
    if name in ("auto", "ghostty"):
        try:
            from ecs_tui.terminal.ghostty import GhosttyEngine

            return GhosttyEngine(columns, rows, scrollback)
        except (ImportError, OSError) as error:
            if name == "ghostty":
                raise TerminalError(
                    "The terminal engine pyghostty is not available on this platform.",
                    "Use --engine pyte.",
                ) from error
    from ecs_tui.terminal.pyte import PyteEngine

    return PyteEngine(columns, rows, scrollback)
