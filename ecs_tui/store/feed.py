"""A feed: entries by time that only grow in number, each once, with a cursor for the next call."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Generic, TypeVar

EntryT = TypeVar("EntryT")

MAX_ENTRIES = 2000
"""Maximum entries of a feed; the oldest are dropped first."""


class EntryFeed(Generic[EntryT]):
    """The entries of one feed, kept although AWS no longer returns them.

    Args:
        key: The identity of an entry: an entry that is returned again is not added again.
        at: The time of an entry. One without a time is older than all others.
        most: Maximum entries.

    Attributes:
        version: A number that changes when entries are added.
    """

    def __init__(
        self,
        key: Callable[[EntryT], str],
        at: Callable[[EntryT], datetime | None],
        most: int = MAX_ENTRIES,
    ) -> None:
        self._key, self._at, self._most = key, at, most
        self._entries: list[EntryT] = []  # the oldest first
        self._keys: set[str] = set()
        self._oldest_kept = float("-inf")
        self.version = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def cursor(self) -> str:
        """The key of the newest entry: the next call need not return what is older. "" at first."""
        return self._key(self._entries[-1]) if self._entries else ""

    def add(self, entries: Iterable[EntryT]) -> list[str]:
        """Add entries, the newest first, as AWS returns them; returns the keys of the new ones."""
        new: dict[str, EntryT] = {}
        for entry in entries:
            key = self._key(entry)
            # What was dropped because the feed is full does not come back.
            if key not in self._keys and self._time(entry) >= self._oldest_kept:
                new.setdefault(key, entry)
        if not new:
            return []
        self._entries += reversed(new.values())
        self._entries.sort(key=self._time)  # stable: entries of one moment keep AWS's order
        if len(self._entries) > self._most:
            del self._entries[: -self._most]
            self._oldest_kept = self._time(self._entries[0])
        self._keys = {self._key(entry) for entry in self._entries}
        self.version += 1
        return [key for key in new if key in self._keys]

    def newest_first(self) -> list[EntryT]:
        """All entries."""
        return self._entries[::-1]

    def _time(self, entry: EntryT) -> float:
        at = self._at(entry)
        return at.timestamp() if at is not None else 0.0
