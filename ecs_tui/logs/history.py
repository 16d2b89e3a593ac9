"""Reads what has been written, from several groups merged: the oldest lines first, or the newest."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from ecs_tui.errors import AwsError, ResourceGone
from ecs_tui.model.log_event import LogEvent
from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.store.log_access import LogsApi
from ecs_tui.store.log_feed import MAX_NAMES, PAGE_EVENTS

MAX_REVERSED_PAGES = 40
"""Pages that are read where an endpoint does not return the newest events first."""


class HistoryCursor:
    """The events of some streams of a group, page by page in one direction.

    Args:
        streams: Names of at most `MAX_NAMES` streams; () for those of `prefix`.
        since, until: Milliseconds since 1970, included; None for no limit.
        newest_first: The direction.
    """

    def __init__(
        self,
        api: LogsApi,
        group: LogGroupRef,
        streams: Sequence[str] = (),
        prefix: str = "",
        *,
        since: int | None = None,
        until: int | None = None,
        newest_first: bool = False,
    ) -> None:
        self.group, self.newest_first = group, newest_first
        self.buffer: deque[LogEvent] = deque()
        self.ended = False
        self.error: AwsError | None = None
        self._api, self._streams, self._prefix = api, tuple(streams), prefix
        self._since, self._until = since, until
        self._token = ""
        self.parts: list[HistoryCursor] = []
        """What replaces it if one of its streams does not exist."""

    async def fill(self, limit: int) -> None:
        """Read pages until there is an event or no page is left. An error ends it, and is kept.

        Args:
            limit: Maximum events of a page.
        """
        try:
            while not self.buffer and not self.ended:
                await self._page(limit)
        except ResourceGone as error:
            self.ended = True
            if not self._streams or self._token or "log group" in error.what:
                self.error = error
            elif len(self._streams) > 1:
                half = len(self._streams) // 2
                self.parts = [self._part(self._streams[:half]), self._part(self._streams[half:])]
        except AwsError as error:
            self.ended, self.error = True, error

    async def _page(self, limit: int) -> None:
        page = await self._call(limit)
        events = list(page)
        if self.newest_first and events and events[0].written < events[-1].written:
            # The endpoint does not know the direction: read all, and turn it round.
            count = 1
            while self._token and count < MAX_REVERSED_PAGES:
                events += await self._call(PAGE_EVENTS)
                count += 1
            self._token, events = "", events[::-1]
        events.sort(key=lambda event: event.written, reverse=self.newest_first)
        self.buffer.extend(events)
        self.ended = not self._token

    async def _call(self, limit: int) -> tuple[LogEvent, ...]:
        page = await self._api.page(
            self.group, self._streams, self._prefix, since=self._since, until=self._until,
            token=self._token, limit=limit, newest_first=self.newest_first,
        )  # fmt: skip
        self._token = page.token
        return page.events

    def _part(self, streams: Sequence[str]) -> HistoryCursor:
        return HistoryCursor(
            self._api, self.group, streams, since=self._since, until=self._until,
            newest_first=self.newest_first,
        )  # fmt: skip


def cursors(
    api: LogsApi,
    group: LogGroupRef,
    streams: Sequence[str],
    prefix: str,
    since: int | None,
    until: int | None,
    newest_first: bool,
) -> list[HistoryCursor]:
    """The cursors for any number of streams."""
    chunks = [streams[at : at + MAX_NAMES] for at in range(0, len(streams), MAX_NAMES)] or [()]
    return [
        HistoryCursor(
            api, group, chunk, "" if chunk else prefix, since=since, until=until,
            newest_first=newest_first,
        )
        for chunk in chunks
    ]  # fmt: skip


class History:
    """The events of several cursors, merged by time.

    Attributes:
        errors: What could not be read, by the name of the log group.
    """

    def __init__(self, parts: Sequence[HistoryCursor]) -> None:
        self._cursors = list(parts)
        self._newest_first = any(each.newest_first for each in parts)
        self.errors: dict[str, AwsError] = {}
        self._read_any = False

    @property
    def ended(self) -> bool:
        """Whether everything has been read."""
        return all(each.ended and not each.buffer for each in self._cursors)

    async def take(self, count: int) -> list[tuple[str, LogEvent]]:
        """The next events with their groups, in the order of reading; fewer only at the end.

        Raises:
            AwsError: None of the groups can be read.
        """
        found: list[tuple[str, LogEvent]] = []
        while len(found) < count:
            await self._fill(min(PAGE_EVENTS, max(100, count - len(found))))
            if not self._cursors:
                break
            self._merge(found, count)
        return found

    def _merge(self, found: list[tuple[str, LogEvent]], count: int) -> None:
        """Move events until one of the buffers is empty: its next event may come first."""
        if len(self._cursors) == 1:
            only = self._cursors[0]
            while only.buffer and len(found) < count:
                found.append((only.group.name, only.buffer.popleft()))
            return
        pick = max if self._newest_first else min
        while len(found) < count:
            first = pick(self._cursors, key=lambda each: each.buffer[0].written)
            found.append((first.group.name, first.buffer.popleft()))
            if not first.buffer:
                return

    async def _fill(self, limit: int) -> None:
        while empty := [each for each in self._cursors if not each.buffer and not each.ended]:
            await asyncio.gather(*(each.fill(limit) for each in empty))
            for each in empty:
                self._cursors += each.parts
                if each.error is not None:
                    self.errors[each.group.name] = each.error
        self._cursors = [each for each in self._cursors if each.buffer]
        if self._cursors:
            self._read_any = True
        elif self.errors and not self._read_any:
            raise next(iter(self.errors.values()))
