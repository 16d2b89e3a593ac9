"""The lines of a page: in order, bounded in number and size, with an index for filters and search.

Lines lie in chunks of about a thousand (`chunks.py`). Each has all its texts as one string, in small
letters, made when it is first searched: searching 100,000 lines takes a hundred calls of `str.find`.
"""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import chain

from ecs_tui.logs.chunks import CHUNK, Chunk
from ecs_tui.logs.filters import LogFilter
from ecs_tui.logs.line import LineKind, LineOrder, LogLine
from ecs_tui.record import dataclass

MAX_LINES = 100_000
MAX_CHARACTERS = 24_000_000
"""Characters of all lines; CloudWatch Logs takes events of up to 1 MB."""
_LINE_COST = 64
"""Characters that are counted for each line besides its own, so that empty ones cost something too."""


_FEW = 20
"""Lines up to which each is inserted among all."""


@dataclass(frozen=True, slots=True)
class BufferChange:
    """What adding lines has changed.

    Attributes:
        appended: Lines that were added at the end.
        inserted: Lines that were added elsewhere.
        dropped: Lines that were dropped at the start, because the buffer is full; at the end if
            older lines were added.
        refused: Lines that were not added: older than all others, in a full buffer.
    """

    appended: int = 0
    inserted: int = 0
    dropped: int = 0
    refused: int = 0


class LogBuffer:
    """The lines, in order.

    Args:
        max_lines, max_characters: Bounds; the oldest lines are dropped first.

    Attributes:
        lines: All lines, in order; read only.
        version: A number that changes with every change.
        dropped: How many lines were dropped at the start so far.
    """

    def __init__(self, max_lines: int = MAX_LINES, max_characters: int = MAX_CHARACTERS) -> None:
        self.lines: list[LogLine] = []
        self.version = self.dropped = 0
        self._chunks: list[Chunk] = []
        self._max_lines, self._max_size = max_lines, max_characters
        self._size = 0

    def __len__(self) -> int:
        return len(self.lines)

    # -- changes

    def add(self, lines: Sequence[LogLine]) -> BufferChange:
        """Add lines that have arrived; each goes to its place in the order."""
        appended, elsewhere, refused = 0, [], 0
        for line in lines:
            line.find_level()
        full = self.dropped > 0
        for line in lines:
            if not self.lines or line.order > self.lines[-1].order:
                self._append(line)
                appended += 1
            elif full and line.order < self.lines[0].order:
                refused += 1  # it would be dropped at once
            else:
                self._insert(line)
                elsewhere.append(line)
        self._take_up(elsewhere)
        dropped = self._trim()
        self.version += 1
        return BufferChange(appended, len(elsewhere), dropped, refused)

    def add_older(self, lines: Sequence[LogLine]) -> BufferChange:
        """Add older lines before all others. If the buffer is full, the newest are dropped."""
        if self.lines and lines and lines[-1].order > self.lines[0].order:
            return self.add(lines)
        for at in range(0, len(lines), CHUNK):
            self._chunks.insert(at // CHUNK, Chunk(list(lines[at : at + CHUNK])))
        self.lines[:0] = lines
        self._size += sum(map(_size, lines))
        dropped = 0
        while self._too_large() and len(self.lines) > len(lines):
            last = self._chunks[-1]
            line = last.lines.pop()
            last.changed()
            if not last.lines:
                self._chunks.pop()
            self.lines.pop()
            self._size -= _size(line)
            dropped += 1
        self.version += 1
        return BufferChange(inserted=len(lines), dropped=dropped)

    def clear(self) -> None:
        """Remove all lines."""
        self.lines.clear()
        self._chunks.clear()
        self._size = self.dropped = 0
        self.version += 1

    def _append(self, line: LogLine) -> None:
        if not self._chunks or len(self._chunks[-1].lines) >= CHUNK:
            self._chunks.append(Chunk())
        chunk = self._chunks[-1]
        chunk.lines.append(line)
        chunk.changed()
        self.lines.append(line)
        self._size += _size(line)

    def _insert(self, line: LogLine) -> None:
        order = line.order
        at = bisect_right(self._chunks, order, key=lambda chunk: chunk.lines[0].order) - 1
        chunk = self._chunks[max(0, at)]
        chunk.lines.insert(bisect_right(chunk.lines, order, key=_order), line)
        chunk.changed()
        if len(chunk.lines) > 2 * CHUNK:
            rest = Chunk(chunk.lines[CHUNK:])
            del chunk.lines[CHUNK:]
            self._chunks.insert(max(0, at) + 1, rest)
        self._size += _size(line)

    def _take_up(self, inserted: Sequence[LogLine]) -> None:
        """Take lines from the chunks, where they have been inserted.

        To insert one among 100,000 takes 30 µs. To take up all takes as long as for twenty.
        """
        if len(inserted) > _FEW:
            self.lines[:] = chain.from_iterable(chunk.lines for chunk in self._chunks)
            return
        for line in inserted:
            self.lines.insert(bisect_right(self.lines, line.order, key=_order), line)

    def _too_large(self) -> bool:
        return len(self.lines) > self._max_lines or self._size > self._max_size

    def _trim(self) -> int:
        count = 0
        while self._too_large() and count < len(self.lines) - 1:
            self._size -= _size(self.lines[count])
            count += 1
            if len(self.lines) - count <= self._max_lines and self._size <= self._max_size:
                break
        if count:
            del self.lines[:count]
            left = count
            while left:
                first = self._chunks[0]
                if len(first.lines) <= left:
                    left -= len(first.lines)
                    del self._chunks[0]
                else:
                    del first.lines[:left]
                    first.changed()
                    left = 0
            self.dropped += count
        return count

    # -- places

    def index(self, line: LogLine) -> int | None:
        """The position of a line, None if it is not there any more."""
        at = bisect_left(self.lines, line.order, key=_order)
        return at if at < len(self.lines) and self.lines[at] is line else None

    def at_time(self, moment: int) -> int:
        """The position of the first line that was written at a time or later.

        Args:
            moment: Milliseconds since 1970.
        """
        return bisect_left(self.lines, (moment, 0, 0), key=_order)

    # -- search

    def prepare(self, wanted: LogFilter, until: float) -> bool:
        """Search a portion of the lines in advance, so that `filtered` takes no time.

        Args:
            until: When to stop, by `time.perf_counter`.

        Returns:
            Whether all lines have been searched.
        """
        if not wanted or wanted.problem:
            return True
        for chunk in reversed(self._chunks):
            if not chunk.knows(wanted):
                if time.perf_counter() >= until:
                    return False
                chunk.matching(wanted)
        return True

    def make_ready(self, wanted: LogFilter, until: float) -> bool:
        """Make a portion of what filters with the same fields need, while one is being typed.

        Args:
            until: When to stop, by `time.perf_counter`.

        Returns:
            Whether all of it has been made.
        """
        for chunk in reversed(self._chunks):
            if not chunk.is_ready(wanted):
                if time.perf_counter() >= until:
                    return False
                chunk.make_ready(wanted)
        return True

    def filtered(self, wanted: LogFilter) -> list[LogLine]:
        """The lines that match, in order."""
        if not wanted:
            return list(self.lines)
        if wanted.problem:
            return [line for line in self.lines if line.kind is not LineKind.EVENT]
        found: list[LogLine] = []
        for chunk in self._chunks:
            found += chunk.matching(wanted)
        return found

    def find(self, wanted: LogFilter, start: int, *, backwards: bool = False) -> int | None:
        """The position of the next line that matches, from `start` on; None if there is none."""
        if not wanted or wanted.problem:
            return None
        places = range(start, -1, -1) if backwards else range(start, len(self.lines))
        if len(places) <= CHUNK:
            return next((at for at in places if self._hit(wanted, at)), None)
        found = [each for each in self.filtered(wanted) if each.kind is LineKind.EVENT]
        if not found or start >= len(self.lines):
            return None
        order = self.lines[start].order
        if backwards:
            at = bisect_right(found, order, key=_order) - 1
        else:
            at = bisect_left(found, order, key=_order)
        return self.index(found[at]) if 0 <= at < len(found) else None

    def _hit(self, wanted: LogFilter, at: int) -> bool:
        line = self.lines[at]
        return line.kind is LineKind.EVENT and wanted.matches(line)


def _order(line: LogLine) -> LineOrder:
    return line.order


def _size(line: LogLine) -> int:
    return len(line.text) + _LINE_COST
