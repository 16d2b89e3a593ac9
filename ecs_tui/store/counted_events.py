"""Recognizes log events that arrive again: counted, because two events may be equal."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from ecs_tui.model.log_event import LogEvent

_Counts = dict[int, int]
"""How often each key was seen."""
_ORDER_SECONDS = 2
"""Seconds by which the events of a read that is sorted by time may be out of order."""


class CountedEvents:
    """How many events of each key have been returned, over all ways by which they were read.

    Each read and each live tail is a pass. Within a pass each event arrives once, so that the third
    event with one key in a pass is new if only two have been returned before. This needs no IDs,
    which live tails do not give. Keys are kept as 64-bit hashes: of a million events, two that
    differ have the same one with a probability of 3 in 100 million.

    Keys are kept by the second in which their events were written. Seconds that are rarely read
    again can be packed: that takes 8 bytes for an event instead of about 90.

    Attributes:
        floor: The first second that is remembered.
    """

    def __init__(self) -> None:
        self.floor = -1
        self._recent: dict[int, _Counts] = {}
        self._packed: dict[int, array[int]] = {}
        self._reads: dict[ReadingPass, int] = {}
        """The passes that go on, and where each begins."""

    def __len__(self) -> int:
        return sum(map(len, self._recent.values())) + sum(map(len, self._packed.values()))

    def begin(self, since: int | None = None) -> ReadingPass:
        """Begin a pass.

        Args:
            since: The time from which it reads, in milliseconds since 1970, in the order of time:
                nothing after it is forgotten until the pass is ended with `end`. None for a live
                tail, which has no order.
        """
        found = ReadingPass(self, sorted_by_time=since is not None)
        if since is not None:
            self._reads[found] = since // 1000
        return found

    def end(self, reading: ReadingPass) -> None:
        """End a pass."""
        self._reads.pop(reading, None)

    def counts(self, second: int) -> _Counts:
        """How often each key of a second has been returned; to be changed by passes."""
        found = self._recent.get(second)
        if found is None:
            found = self._recent[second] = {}
            for key in self._packed.pop(second, ()):
                found[key] = found.get(key, 0) + 1
        return found

    def pack(self, before: int) -> None:
        """Pack what was written before a time; it can still be read again.

        Args:
            before: Milliseconds since 1970.
        """
        for second in [each for each in self._recent if each < before // 1000]:
            counts = self._recent.pop(second)
            packed = self._packed[second] = array("q", counts)
            for key, count in counts.items():
                packed.extend([key] * (count - 1))

    def forget(self, before: int) -> None:
        """Forget events that were written before a time, which is never read again.

        Args:
            before: Milliseconds since 1970.
        """
        self.floor = max(self.floor, min((before // 1000, *self._reads.values())))
        for kept in (self._recent, self._packed):
            for second in [each for each in kept if each < self.floor]:
                del kept[second]


class ReadingPass:
    """One read, or one live tail. Make it with `CountedEvents.begin`."""

    def __init__(self, counted: CountedEvents, *, sorted_by_time: bool) -> None:
        self._counted, self._sorted = counted, sorted_by_time
        self._seen: dict[int, _Counts] = {}
        self._floor = -1

    def new(self, events: Iterable[LogEvent]) -> list[LogEvent]:
        """Those of the next events of this pass that no pass has returned yet."""
        seen, found = self._seen, []
        if self._counted.floor > self._floor:  # a live tail lasts for hours
            self._drop(self._counted.floor)
        second, mine, everyone = -1, dict[int, int](), dict[int, int]()
        for event in events:
            if event.written // 1000 != second:
                second = event.written // 1000
                mine, everyone = seen.setdefault(second, {}), self._counted.counts(second)
            key = hash(event.key)
            count = mine[key] = mine.get(key, 0) + 1
            if count > everyone.get(key, 0):
                everyone[key] = count
                found.append(event)
        if self._sorted and second - _ORDER_SECONDS > self._floor:
            # It does not come back to these seconds: of a busy group, they are many megabytes.
            self._drop(second - _ORDER_SECONDS)
            self._counted.pack((second - _ORDER_SECONDS) * 1000)
        return found

    def _drop(self, before: int) -> None:
        self._floor = before
        for each in [each for each in self._seen if each < before]:
            del self._seen[each]
