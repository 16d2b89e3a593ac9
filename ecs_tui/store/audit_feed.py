"""The feed of CloudTrail's events of an account in a region: each once, and which spans have been read.

LookupEvents is slow (two calls a second) and reaches back 90 days only, so what was read is kept, and
the next time only what is new is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.rules.audit_events import automatic_caller, concerns_sessions
from ecs_tui.record import dataclass

MAX_EVENTS = 50_000
"""Maximum events of a feed; the oldest are dropped first."""
MAX_NAMES = 20_000
"""Maximum tasks whose service is remembered."""
MAX_MARKED = 20_000
"""Maximum sessions whose marks are remembered."""
LATENESS = timedelta(minutes=20)
"""What is younger is asked for each time: CloudTrail has an event about 5 minutes after the call on average,
which it does not guarantee (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html)."""
OVERLAP = timedelta(hours=2)
"""How far before the last reading is asked for again, for events that came later than `LATENESS`: of most names
two hours are one page, which is asked for anyway."""
OVERLAP_EVERY = timedelta(minutes=15)
"""How often at most: of a busy name two hours are many pages, and two calls a second are for everybody."""
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, order=True)
class ReadSpan:
    """A span of time; both ends are included."""

    since: datetime
    until: datetime


class AuditFeed:
    """The events of an account in a region.

    Args:
        account: The account's ID.
        region: The region.
        most: Maximum events.

    Attributes:
        version: A number that changes when events are added or a span has been read.
        automatic: How many calls of each automatic caller were left out, by its name.
        floor: Nothing older than this is kept, because there were too many events; else None.
    """

    def __init__(self, account: str, region: str, most: int = MAX_EVENTS) -> None:
        self.account, self.region = account, region
        self._most = most
        self._events: dict[str, AuditEvent] = {}
        self._read: dict[str, list[ReadSpan]] = {}
        self._left_out: set[str] = set()
        self._services: dict[str, str] = {}
        self._marks: dict[str, tuple[str, ...]] = {}
        self._mark_rules = ""
        self._overlap_from: dict[str, datetime] = {}
        """By name: where the overlap that is asked for begins."""
        self._overlap_read: dict[str, datetime] = {}
        """By name: when an overlap was last read; not kept on disk, so that each start reads one."""
        self.automatic: dict[str, int] = {}
        self.floor: datetime | None = None
        self.version = 0

    def __len__(self) -> int:
        return len(self._events)

    # -- events

    @property
    def events(self) -> Mapping[str, AuditEvent]:
        """All events by ID, in the order in which they came."""
        return self._events

    def add(self, events: Iterable[AuditEvent]) -> list[AuditEvent]:
        """Add events; returns those that are new and concern sessions.

        Calls that scale or schedule tasks by themselves are counted in `automatic`.
        """
        new = []
        for event in events:
            if event.id in self._events or event.id in self._left_out:
                continue
            if caller := automatic_caller(event):
                self._left_out.add(event.id)
                self.automatic[caller] = self.automatic.get(caller, 0) + 1
            elif concerns_sessions(event) and not self._too_old(event):
                self._events[event.id] = event
                new.append(event)
        if new:
            self.version += 1
            self._bound()
        return new

    def _too_old(self, event: AuditEvent) -> bool:
        return self.floor is not None and event.at is not None and event.at < self.floor

    def _bound(self) -> None:
        if len(self._events) <= self._most:
            return
        known = [event for event in self._events.values() if event.at is not None]
        known.sort(key=lambda event: event.at.timestamp() if event.at else 0.0, reverse=True)
        kept = known[: self._most]
        self.floor = kept[-1].at
        self._events = {event.id: event for event in kept}

    # -- what has been read

    def missing(self, name: str, since: datetime, until: datetime) -> list[ReadSpan]:
        """The spans in which events with a name have not been read yet, the newest first.

        The first one begins `OVERLAP` before the last reading, if that was not asked for again lately.

        Args:
            until: The time of the call.
        """
        if self.floor is not None:
            since = max(since, self.floor)
        found: list[ReadSpan] = []
        end = until
        for span in reversed(self._read.get(name, [])):
            if span.until < since:
                break
            if span.until < end:
                begin = span.until if found else self._overlapping(name, span, until)
                found.append(ReadSpan(max(begin, since), end))
            end = min(end, span.since)
        if end > since:
            found.append(ReadSpan(since, end))
        return [span for span in found if span.until > span.since]

    def _overlapping(self, name: str, span: ReadSpan, now: datetime) -> datetime:
        """Where to begin after the newest span that has been read: before its end for late events."""
        if now - self._overlap_read.get(name, now - OVERLAP_EVERY) < OVERLAP_EVERY:
            return span.until
        begin = max(span.since, span.until + LATENESS - OVERLAP)
        self._overlap_from[name] = begin
        return begin

    def cover(self, name: str, since: datetime, until: datetime, now: datetime) -> None:
        """Note that all events with a name in a span have been added.

        Args:
            now: The time of the call: the last minutes before it are not complete yet.
        """
        begin = self._overlap_from.get(name)
        if begin is not None and since <= begin:
            self._overlap_read[name] = now
            del self._overlap_from[name]
        until = min(until, now - LATENESS)
        if until <= since:
            return
        spans = sorted([*self._read.get(name, []), ReadSpan(since, until)])
        merged = spans[:1]
        for span in spans[1:]:
            if span.since <= merged[-1].until + SECOND:
                last = merged[-1]
                merged[-1] = ReadSpan(last.since, max(last.until, span.until))
            else:
                merged.append(span)
        self._read[name] = merged
        self.version += 1

    @property
    def read(self) -> Mapping[str, list[ReadSpan]]:
        """The spans that have been read, by the names of events."""
        return self._read

    # -- names of tasks that ECS has forgotten

    def remember(self, services: Mapping[str, str]) -> None:
        """Remember the services of tasks, by the tasks' IDs; events name the task only."""
        self._services |= services
        while len(self._services) > MAX_NAMES:
            self._services.pop(next(iter(self._services)))

    def service_of(self, task: str) -> str:
        """The service of a task, "" if it is not known or the task has none."""
        return self._services.get(task, "")

    @property
    def services(self) -> Mapping[str, str]:
        """The remembered services by the tasks' IDs."""
        return self._services

    # -- marks in transcripts

    def marks(self, rules: str) -> Mapping[str, tuple[str, ...]]:
        """The names of the marks in transcripts that have been read, by the sessions' IDs.

        Args:
            rules: The fingerprint of the patterns; what others have found does not count.
        """
        return self._marks if rules == self._mark_rules else {}

    def note_marks(self, session: str, names: tuple[str, ...], rules: str) -> None:
        """Note the names of the marks in a transcript that has been read, () for none."""
        if rules != self._mark_rules:
            self._marks, self._mark_rules = {}, rules
        self._marks[session] = names
        while len(self._marks) > MAX_MARKED:
            self._marks.pop(next(iter(self._marks)))
        self.version += 1

    @property
    def mark_rules(self) -> str:
        """The fingerprint of the patterns that the remembered marks are of."""
        return self._mark_rules

    # -- snapshots

    def restore(
        self,
        events: Iterable[AuditEvent],
        read: Mapping[str, list[ReadSpan]],
        automatic: Mapping[str, int],
        services: Mapping[str, str],
        floor: datetime | None,
        marks: Mapping[str, tuple[str, ...]] | None = None,
        mark_rules: str = "",
    ) -> None:
        """Take what a snapshot has."""
        self._marks, self._mark_rules = dict(marks or {}), mark_rules
        self._events |= {event.id: event for event in events}
        self._read = {name: sorted(spans) for name, spans in read.items()}
        self.automatic, self._services = dict(automatic), dict(services)
        self.floor = floor
        self.version += 1
