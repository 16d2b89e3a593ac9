"""The lines that are shown: all in the buffer, or those that a filter lets through."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence

from ecs_tui.logs.buffer import LogBuffer
from ecs_tui.logs.filters import LogFilter
from ecs_tui.logs.line import LineKind, LineOrder, LogLine


class ShownLines:
    """A buffer and a filter. The filtered lines are kept up to date line by line.

    Attributes:
        buffer: All lines.
        filter: What is shown of them.
        lines: What is shown, in order; read only.
    """

    def __init__(self, buffer: LogBuffer | None = None) -> None:
        self.buffer = LogBuffer() if buffer is None else buffer
        self.filter = LogFilter()
        self.lines: list[LogLine] = self.buffer.lines

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def has_events(self) -> bool:
        """Whether a container wrote one of the shown lines: separators are shown in any case."""
        return any(line.kind is LineKind.EVENT for line in reversed(self.lines))

    def add(self, lines: Sequence[LogLine], *, older: bool = False) -> int:
        """Add lines; returns how many of them are shown.

        Args:
            older: Whether they are older than all others: then the newest are dropped if the
                buffer is full.
        """
        if older:
            self.buffer.add_older(lines)
        else:
            self.buffer.add(lines)
        if not self.filter:
            return len(lines)
        wanted = [line for line in lines if self.filter.matches(line)]
        for line in wanted:
            if not self.lines or line.order > self.lines[-1].order:
                self.lines.append(line)
            else:
                insort(self.lines, line, key=order_of)
        self._trim()
        return len(wanted)

    def _trim(self) -> None:
        """Drop what the buffer has dropped."""
        every = self.buffer.lines
        if not every:
            self.lines.clear()
            return
        del self.lines[: bisect_left(self.lines, every[0].order, key=order_of)]
        last = every[-1].order
        while self.lines and self.lines[-1].order > last:
            self.lines.pop()

    def show(self, wanted: LogFilter) -> None:
        """Show what another filter lets through."""
        self.filter = wanted
        self.lines = self.buffer.filtered(wanted) if wanted else self.buffer.lines

    def keep_from(self, moment: int) -> None:
        """Drop what was written before a time.

        Args:
            moment: Milliseconds since 1970.
        """
        kept = self.buffer.lines[self.buffer.at_time(moment) :]
        self.buffer.clear()
        self.buffer.add(kept)
        self.show(self.filter)

    def clear(self) -> None:
        """Drop all lines."""
        self.buffer.clear()
        self.show(self.filter)

    # -- searching

    def prepare(self, wanted: LogFilter, search: LogFilter, until: float) -> bool:
        """Search a portion of the lines in advance, so that `show` and `found` take no time.

        Args:
            wanted: The filter that will be shown.
            search: The search among its lines.
            until: When to stop, by `time.perf_counter`.

        Returns:
            Whether all lines have been searched.
        """
        every = (wanted, _both(search, wanted)) if search else (wanted,)
        return all(self.buffer.prepare(each, until) for each in every)

    def found(self, search: LogFilter) -> list[LogLine]:
        """The shown lines that a search finds, in order."""
        if not search or search.problem or self.filter.problem:
            return []
        hits = self.buffer.filtered(_both(search, self.filter))
        return [line for line in hits if line.kind is LineKind.EVENT]


def _both(search: LogFilter, wanted: LogFilter) -> LogFilter:
    """What a search finds among the lines that a filter lets through."""
    return LogFilter((*search.terms, *wanted.terms)) if wanted else search


def order_of(line: LogLine) -> LineOrder:
    """Where a line stands among others."""
    return line.order


def index_of(lines: Sequence[LogLine], line: LogLine) -> int:
    """The position of a line; of the one after its place if it is not there; the last one's at most.

    -1 if there are no lines.
    """
    return min(bisect_left(lines, line.order, key=order_of), len(lines) - 1)
