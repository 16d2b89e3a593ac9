"""The log events of the demo account: those that its containers write, and those that were put.

What containers write is computed when it is asked for (`logs_lines`). What clients store by
PutLogEvents is in moto, and so are the groups with their retention.
"""

from __future__ import annotations

import hashlib
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from itertools import chain
from typing import Any

from moto.logs.exceptions import ResourceNotFoundException
from moto.logs.models import LogGroup, LogsBackend, logs_backends
from moto.logs.models import LogStream as PutStream

from ecs_tui.demo.logs_lines import (
    ID_SHIFT,
    LATE_MS,
    MAX_DELAY_MS,
    ContainerLog,
    LogRecord,
    Rate,
)
from ecs_tui.demo.logs_recorded import RecordedLog
from ecs_tui.record import dataclass

DAY_MS = 86_400_000
TIMES_LAG_MS = 60_000
"""How old the times are that DescribeLogStreams returns: in AWS, up to an hour."""
AVERAGE_BYTES = 180
"""About the bytes of a line that containers write, with AWS's overhead of 26 bytes."""
NO_GROUP = "The specified log group does not exist."
NO_STREAM = "The specified log stream does not exist."


def stored_id(stream: str, at: int, number: int) -> int:
    """The ID of an event that was put: like those of `logs_lines`."""
    digest = hashlib.sha256(stream.encode()).digest()
    return (at << ID_SHIFT) | (int.from_bytes(digest[:8], "big") << 64) | number


@dataclass(frozen=True, slots=True)
class StreamView:
    """One log stream: written by a container, put by clients, or both."""

    name: str
    source: ContainerLog | RecordedLog | None
    put: PutStream | None

    def records(self, first: int, last: int, *, backwards: bool = False) -> Iterator[LogRecord]:
        """Its events with timestamps from `first` to `last` (ms), sorted, whenever ingested."""
        written = (
            self.source.records(first, last, backwards=backwards)
            if self.source is not None and self.source.overlaps(first, last)
            else iter(())
        )
        if self.put is None or not self.put.events:
            return written
        stored = sorted(
            (record for record in self._stored() if first <= record.at <= last), reverse=backwards
        )
        return heapq.merge(written, stored, reverse=backwards)

    def ingested_between(self, after: int, until: int) -> Iterator[LogRecord]:
        """The events that were ingested after one time and not after another (ms)."""
        source = self.source
        written: Iterable[LogRecord] = ()
        if source is not None and source.overlaps(after - MAX_DELAY_MS - LATE_MS, until):
            written = source.ingested_between(after, until)
        stored = (record for record in self._stored() if after < record.ingested <= until)
        return chain(written, stored)

    def _stored(self) -> Iterator[LogRecord]:
        for event in self.put.events if self.put is not None else ():
            yield LogRecord(
                stored_id(self.name, event.timestamp, event.event_id),
                event.timestamp,
                event.ingestion_time,
                event.message,
                self.name,
            )

    def created_at(self) -> int:
        """When it was created (ms)."""
        if isinstance(self.source, RecordedLog):
            return self.source.first
        if self.source is not None:
            return self.source.span.starts()
        assert self.put is not None
        return int(self.put.creation_time.timestamp() * 1000)

    def times(self, floor: int, now: int) -> dict[str, int]:
        """`firstEventTimestamp`, `lastEventTimestamp` and `lastIngestionTime`, if it has events."""
        until = now - TIMES_LAG_MS if self.put is None else now
        begin = max(floor, self.created_at() - DAY_MS if self.put else self.created_at())
        first = next((r for r in self.records(begin, until) if r.ingested <= until), None)
        last = next(
            (r for r in self.records(begin, until, backwards=True) if r.ingested <= until), None
        )
        if first is None or last is None:
            return {}
        return {
            "firstEventTimestamp": first.at,
            "lastEventTimestamp": last.at,
            "lastIngestionTime": last.ingested,
        }


@dataclass(slots=True)
class LogStore:
    """The log streams of one region.

    Attributes:
        sources: The streams that containers write, by group and stream.
        recorded: Streams with what happened before, by name, of a group.
    """

    account: str
    region: str
    sources: dict[str, dict[str, ContainerLog]] = field(default_factory=lambda: defaultdict(dict))
    recorded: Callable[[str], Mapping[str, RecordedLog]] = lambda group: {}

    @property
    def backend(self) -> LogsBackend:
        """moto's part: groups, and events that were put."""
        return logs_backends[self.account][self.region]

    def add(self, group: str, source: ContainerLog) -> None:
        """A container writes into a group from now on."""
        self.sources[group][source.stream] = source

    def group(self, name: str = "", identifier: str = "") -> LogGroup:
        """A group by its name, or by its name or ARN.

        Raises:
            ResourceNotFoundException: There is none.
        """
        wanted = name or identifier.removesuffix(":*")
        if wanted.startswith("arn:"):
            wanted = wanted.split(":", 6)[6]
        found = self.backend.groups.get(wanted)
        if found is None:
            raise ResourceNotFoundException(NO_GROUP)
        return found

    def streams(self, group: LogGroup, now: int) -> dict[str, StreamView]:
        """The group's streams that exist now, by name."""
        written: dict[str, ContainerLog | RecordedLog] = {
            name: source
            for name, source in list(self.sources.get(group.name, {}).items())
            if _has_written(source, now)
        }
        written |= self.recorded(group.name)
        names = {**written, **group.streams}
        return {
            name: StreamView(name, written.get(name), group.streams.get(name)) for name in names
        }

    @staticmethod
    def floor(group: LogGroup, now: int) -> int:
        """The oldest timestamp (ms) that the group's retention has kept."""
        days = group.retention_in_days
        return now - int(days) * DAY_MS if days else 0

    def read(
        self,
        group: LogGroup,
        streams: Iterable[StreamView],
        first: int,
        last: int,
        now: int,
        *,
        backwards: bool = False,
    ) -> Iterator[LogRecord]:
        """The events with timestamps from `first` to `last` (ms) that can be seen now, sorted."""
        first = max(first, self.floor(group, now))
        last = min(last, now)
        if first > last:
            return iter(())
        merged = heapq.merge(
            *(stream.records(first, last, backwards=backwards) for stream in streams),
            reverse=backwards,
        )
        return (record for record in merged if record.ingested <= now)

    def group_view(self, group: LogGroup, now: int) -> dict[str, Any]:
        """One of `logGroups[]` of DescribeLogGroups; `storedBytes` is an estimate, as in AWS."""
        view: dict[str, Any] = group.to_describe_dict()
        floor = self.floor(group, now)
        for source in list(self.sources.get(group.name, {}).values()):
            ending = source.span.ending()
            last = min(now, ending.at) if ending is not None else now
            started = source.span.starts()
            first = max(floor, started)
            # The group is as old as the oldest stream in it.
            view["creationTime"] = min(view["creationTime"], started)
            if first < last:
                view["storedBytes"] += int(source.rate.lines(first, last) * AVERAGE_BYTES)
        view["storedBytes"] += sum(
            source.size for source in self.recorded(group.name).values() if source.last >= floor
        )
        view["logGroupClass"] = "STANDARD"
        return view


def _has_written(source: ContainerLog, now: int) -> bool:
    ending = source.span.ending()
    start = source.span.starts()
    return start <= now and (ending is None or ending.at > start)


class LogStores:
    """The stores of the account, by region, and the one rate that can be changed.

    Attributes:
        busy: Rate of a container of the service whose rate can be set.
        busy_tasks: Its tasks: they share the lines.
        recorded: The streams with what happened before, by name, of a region's group.
    """

    def __init__(self, account: str, busy: Rate, busy_tasks: int) -> None:
        self.account, self.busy, self.busy_tasks = account, busy, busy_tasks
        self._stores: dict[str, LogStore] = {}
        self.recorded: Callable[[str, str], Mapping[str, RecordedLog]] = lambda region, group: {}

    def __getitem__(self, region: str) -> LogStore:
        found = self._stores.get(region)
        if found is None:
            found = LogStore(
                self.account, region, recorded=lambda group: self.recorded(region, group)
            )
            found = self._stores.setdefault(region, found)
        return found

    def set_rate(self, lines_per_second: float, since: int) -> None:
        """From a time on (ms), the busy service writes so many lines a second, all tasks together."""
        if lines_per_second < 0:
            raise ValueError("the rate must not be negative")
        self.busy.steps.append((since, lines_per_second / self.busy_tasks))


def group_name(identifier: str) -> str:
    """The name in a group's identifier: a name, or an ARN."""
    if identifier.startswith("arn:"):
        return identifier.removesuffix(":*").split(":", 6)[6]
    return identifier
