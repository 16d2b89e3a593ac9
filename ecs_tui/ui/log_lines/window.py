"""Which lines are on the screen. What is read stays where it is while lines arrive and are dropped.

The window is held by the line under the cursor and its row on the screen, not by a position among the
lines: positions change whenever older or late lines come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecs_tui.logs.line import LogLine
from ecs_tui.ui.log_lines.shown import index_of

Row = tuple[LogLine, int]
"""A row of the screen: a line, and which of its rows."""


class LineWindow:
    """The lines on the screen, the one under the cursor among them.

    Args:
        rows_of: How many rows of the screen a line takes, at least 1.

    Attributes:
        cursor: The line under the cursor, None without lines.
        following: Whether the last line stays on the screen.
        height: Rows of the screen.
    """

    def __init__(self, rows_of: Callable[[LogLine], int]) -> None:
        self._rows_of = rows_of
        self._lines: Sequence[LogLine] = ()
        self._top = 0  # the row of the screen where the line under the cursor begins; may be < 0
        self.cursor: LogLine | None = None
        self.following = True
        self.height = 1

    # -- what is there

    def arrived(self, lines: Sequence[LogLine]) -> None:
        """Take the lines, of which some are new or gone. The one under the cursor keeps its row."""
        self._lines = lines
        if self.following or self.cursor is None or not lines:
            self.take(lines)
        else:
            self.cursor = lines[index_of(lines, self.cursor)]
            self._top = min(self._top, self._above(self._top))

    def take(self, lines: Sequence[LogLine]) -> None:
        """Take other lines, or the same ones again, because they have other rows."""
        self._lines = lines
        if not lines:
            self.cursor = None
        elif self.following or self.cursor is None:
            self._to_end()
        else:
            self.cursor = lines[index_of(lines, self.cursor)]
            self._settle()

    def resize(self, height: int) -> None:
        """Take another height."""
        self.height = max(1, height)
        self.take(self._lines)

    @property
    def index(self) -> int:
        """The position of the line under the cursor; -1 without lines."""
        return -1 if self.cursor is None else index_of(self._lines, self.cursor)

    @property
    def cursor_row(self) -> int:
        """The row of the screen where the line under the cursor begins."""
        return self._top

    @property
    def at_top(self) -> bool:
        """Whether the first row of all lines is on the screen."""
        first = self.rows()[0]
        return first is None or (first[0] is self._lines[0] and first[1] == 0)

    def rows(self) -> list[Row | None]:
        """What is on each row of the screen; None for empty rows."""
        if self.cursor is None:
            return [None] * self.height
        at, row = self.index, self._top
        while row > 0 and at > 0:
            at -= 1
            row -= self._rows_of(self._lines[at])
        while at < len(self._lines) and row + self._rows_of(self._lines[at]) <= 0:
            row += self._rows_of(self._lines[at])
            at += 1
        found: list[Row | None] = [None] * max(0, row)
        part = max(0, -row)
        while len(found) < self.height and at < len(self._lines):
            line = self._lines[at]
            for number in range(part, self._rows_of(line)):
                found.append((line, number))
                if len(found) == self.height:
                    break
            at, part = at + 1, 0
        return found + [None] * (self.height - len(found))

    # -- moving

    def move(self, lines: int) -> None:
        """Move the cursor by lines, and row by row through lines that are higher than the screen.

        The end follows again, any move up stops following.
        """
        if self.cursor is None:
            return
        if abs(lines) >= len(self._lines) + self.height:
            self._to_ends(down=lines > 0)
            return
        if lines < 0:
            self.following = False
        for _ in range(abs(lines)):
            if not (self._down() if lines > 0 else self._up()):
                break
        self._settle()

    def _to_ends(self, *, down: bool) -> None:
        if down:
            self.follow()
            return
        self.following = False
        self.cursor, self._top = self._lines[0], 0
        self._settle()

    def _down(self) -> bool:
        assert self.cursor is not None
        rows = self._rows_of(self.cursor)
        if self._top + rows > self.height:
            self._top -= 1
            return True
        at = self.index + 1
        if at >= len(self._lines):
            self.following = True
            return False
        self.cursor = self._lines[at]
        height = self._rows_of(self.cursor)
        # A line that is higher than the screen comes in row by row.
        room = height if height <= self.height else 1
        self._top = min(self._top + rows, self.height - room)
        if at == len(self._lines) - 1 and self._top + height <= self.height:
            self.following = True
        return True

    def _up(self) -> bool:
        assert self.cursor is not None
        if self._top < 0:
            self._top += 1
            return True
        at = self.index - 1
        if at < 0:
            return False
        self.cursor = self._lines[at]
        height = self._rows_of(self.cursor)
        self._top = max(self._top - height, 0 if height <= self.height else 1 - height)
        return True

    def scroll(self, rows: int) -> None:
        """Scroll by rows; the cursor stays on its line while that is on the screen."""
        if self.cursor is None:
            return
        line = self.cursor
        self._shift(rows)
        shown = [each for each in self.rows() if each is not None]
        if shown and all(each is not line for each, _ in shown):
            self._hold(0 if rows > 0 else self.height - 1)
        self._follow_at_end(rows)

    def page(self, rows: int) -> None:
        """Scroll by rows; the cursor stays on its row of the screen, and goes to the ends."""
        if self.cursor is None:
            return
        row, before = max(0, self._top), self.rows()[0]
        self._shift(rows)
        if rows < 0 and self.rows()[0] == before:
            row = 0
        self._hold(row)
        self._follow_at_end(rows)

    def _shift(self, rows: int) -> None:
        if rows < 0:
            self.following = False
        self._top -= rows
        self._keep_full()

    def _hold(self, row: int) -> None:
        """Put the cursor on the line at a row of the screen, or on the last line above it."""
        shown = self.rows()[: row + 1]
        row = next((at for at in reversed(range(len(shown))) if shown[at] is not None), -1)
        found = shown[row] if row >= 0 else None
        if found is not None:
            self.cursor, self._top = found[0], row - found[1]

    def _follow_at_end(self, rows: int) -> None:
        if rows > 0 and self._below(self._top) <= self.height:
            self.follow()

    def go(self, line: LogLine, share: float = 0.0) -> None:
        """Put the cursor on a line; the screen stays if the line is on it.

        Args:
            share: The share of the screen that is above the line then; 0 for a half if the line is
                not on the screen yet.
        """
        if not self._lines:
            return
        on_screen = next(
            (row - each[1] for row, each in enumerate(self.rows()) if each and each[0] is line),
            None,
        )
        self.following = False
        self.cursor = self._lines[index_of(self._lines, line)]
        if share or on_screen is None:
            self._top = int(self.height * (share or 0.5))
        else:
            self._top = on_screen
        self._settle()

    def follow(self) -> None:
        """Go to the last line and stay there."""
        self.following = True
        self._to_end()

    def stay(self) -> None:
        """Stop following."""
        self.following = False

    # -- keeping the screen full

    def _to_end(self) -> None:
        if self._lines:
            self.cursor = self._lines[-1]
            self._top = self.height - self._rows_of(self.cursor)
            self._keep_full()

    def _settle(self) -> None:
        """Keep a part of the line under the cursor on the screen, and the screen full."""
        assert self.cursor is not None
        rows = self._rows_of(self.cursor)
        self._top = min(max(self._top, 1 - rows), self.height - 1)
        if rows <= self.height:
            self._top = min(max(self._top, 0), self.height - rows)
        self._keep_full()

    def _keep_full(self) -> None:
        """No empty rows above the first line; below the last one only if all lines fit."""
        below = self._below(self._top)
        if below < self.height:
            self._top += self.height - below
        self._top = min(self._top, self._above(self._top))

    def _above(self, most: int) -> int:
        """Rows of the lines before the cursor; not many more than `most` are counted."""
        found, at = 0, self.index - 1
        while found < most and at >= 0:
            found += self._rows_of(self._lines[at])
            at -= 1
        return found

    def _below(self, top: int) -> int:
        """The row of the screen after the last line; not much more than the height is counted."""
        at, row = self.index, top
        while row <= self.height and at < len(self._lines):
            row += self._rows_of(self._lines[at])
            at += 1
        return row
