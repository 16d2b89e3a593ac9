"""A series: the last values of one number, each with its time, in a ring of fixed size."""

from __future__ import annotations

from array import array

MAX_POINTS = 120
"""Points of a series: 20 minutes at the default interval of visible rows (10 s)."""


class Series:
    """Pairs of time (monotonic seconds) and value; the oldest make room for new ones.

    2,000 services with a series each take 4 MB at most: the pairs are not objects.
    """

    __slots__ = ("_next", "_size", "_times", "_values")

    def __init__(self, size: int = MAX_POINTS) -> None:
        self._size, self._next = size, 0
        self._times, self._values = array("d"), array("d")

    def __len__(self) -> int:
        return len(self._times)

    def add(self, at: float, value: float) -> None:
        """Add a value; `at` is not before the times of the others."""
        if len(self._times) < self._size:
            self._times.append(at)
            self._values.append(value)
            return
        self._times[self._next], self._values[self._next] = at, value
        self._next = (self._next + 1) % self._size

    def points(self) -> list[tuple[float, float]]:
        """(time, value) of all points, the oldest first."""
        pairs = list(zip(self._times, self._values, strict=True))
        return pairs[self._next :] + pairs[: self._next]
