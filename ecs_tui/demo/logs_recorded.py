"""A log stream with what happened before the demo began: transcripts of sessions, CloudTrail's events."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from ecs_tui.demo.logs_lines import ID_SHIFT, LogRecord

Entry = tuple[int, Callable[[], str]]
"""When an event was written (milliseconds since 1970), and its message."""


class RecordedLog:
    """One stream. Its messages are made when they are read.

    Args:
        stream: Its name.
        entries: Its events, in the order of their times.
        first, last: The times of the first and the last event, in milliseconds since 1970.
        size: About the bytes of all events.
    """

    def __init__(
        self, stream: str, entries: Callable[[], Sequence[Entry]], first: int, last: int, size: int
    ) -> None:
        self.stream, self._entries = stream, entries
        self.first, self.last, self.size = first, last, size

    def overlaps(self, first: int, last: int) -> bool:
        """Whether it may have events between two times (ms)."""
        return self.first <= last and self.last >= first

    def records(self, first: int, last: int, *, backwards: bool = False) -> Iterator[LogRecord]:
        """The events with timestamps from `first` to `last` (ms), sorted."""
        key = int.from_bytes(hashlib.sha256(self.stream.encode()).digest()[:8], "big") << 64
        found = [
            (at, number, message)
            for number, (at, message) in enumerate(self._entries())
            if first <= at <= last
        ]
        for at, number, message in reversed(found) if backwards else found:
            identity = (at << ID_SHIFT) | key | number
            yield LogRecord(identity, at, at, message(), self.stream)

    def ingested_between(self, after: int, until: int) -> Iterator[LogRecord]:
        """The events that were ingested after one time and not after another (ms)."""
        return self.records(after + 1, until)
