"""Puts lines from several streams into one order by time, within a bounded window."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from ecs_tui.logs.line import LineKind, LineOrder, LogLine

WINDOW_MS = 6_000
"""Milliseconds for which a line may be held back: log drivers send every 5 s."""
_FIRST_LAG_MS = 2_000
_FORGET = 0.995
"""Share of the longest lag that is kept with each release."""


class Merger:
    """Holds lines back until the others that were written before them should have arrived.

    How long that takes is measured: as long as lines have recently taken to arrive, at most
    `window`. A line that arrives after later ones were released is released at once, marked as late.

    Args:
        window: Milliseconds. With 0 nothing is held back.
        tolerance: Milliseconds by which a line may be out of order without being marked.

    Attributes:
        late: How many lines were late.
    """

    def __init__(self, window: int = WINDOW_MS, tolerance: int = 0) -> None:
        self._window, self._tolerance = window, tolerance
        self._held: list[tuple[LineOrder, LogLine]] = []
        self._released = -1
        self._lag = float(_FIRST_LAG_MS)
        self.late = 0

    def __len__(self) -> int:
        return len(self._held)

    def add(self, lines: Iterable[LogLine], now: int) -> None:
        """Add lines as they arrive.

        Args:
            now: AWS's clock: milliseconds since 1970.
        """
        for line in lines:
            heapq.heappush(self._held, (line.order, line))
            lag = now - line.at
            if self._lag < lag <= self._window and line.kind is LineKind.EVENT:
                self._lag = lag

    def release(self, now: int, *, everything: bool = False) -> list[LogLine]:
        """The lines that need not be held any longer, in order.

        Args:
            now: AWS's clock: milliseconds since 1970.
            everything: Whether nothing more is awaited.
        """
        until, found = now - min(self._window, int(self._lag)), []
        self._lag *= _FORGET
        held = self._held
        while held and (everything or held[0][0][0] <= until):
            line = heapq.heappop(held)[1]
            event = line.kind is LineKind.EVENT
            if event and line.order[0] < self._released - self._tolerance:
                line.late = True
                self.late += 1
            self._released = max(self._released, line.order[0])
            found.append(line)
        return found
