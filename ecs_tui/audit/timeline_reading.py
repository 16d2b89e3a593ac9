"""One reading of the audit of a connection: fills its timeline, and says how far it is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime

from ecs_tui.audit.marked_sessions import transcript_flags
from ecs_tui.audit.marks import MarkRules
from ecs_tui.audit.reader import (
    ALL_LAYERS,
    AuditLane,
    PoliciesToday,
    ReadProgress,
    lanes,
    read_lane,
)
from ecs_tui.audit.timeline import AuditTimeline, TimelineSource
from ecs_tui.aws.api import ssm
from ecs_tui.errors import AccessDenied, AwsError, EcsTuiError, Throttled
from ecs_tui.model.audit_event import AuditEvent
from ecs_tui.model.audit_flag import AuditFlag
from ecs_tui.model.rules.audit_events import AuditLayer
from ecs_tui.store.audit_feeds import AuditFeeds
from ecs_tui.store.own_sessions import OwnSessions

log = logging.getLogger("ecs_tui.audit")
PORTION = 1_000
"""Events that are added before other work gets its turn."""


class AuditReading:
    """Reads what is missing, the newest first, and keeps the rows.

    Args:
        feeds: The connection's feeds.
        source: Where its rows come from; the services of tasks are remembered in the feed too.
        changed: Called when rows, progress or errors have changed.
        rules: What is marked in transcripts; None for nothing.

    Attributes:
        timeline: The rows.
        progress: How far each region has been read.
        errors: Why a region was not read to the end, in a sentence.
        running: Whether it reads.
        finished: When it had read everything, as of the call's time; None before that.
    """

    def __init__(
        self,
        feeds: AuditFeeds,
        source: TimelineSource,
        changed: Callable[[], None],
        rules: MarkRules | None = None,
    ) -> None:
        self._feeds, self._changed, self._rules = feeds, changed, rules
        self._named = source.service_of
        self.timeline = AuditTimeline(
            TimelineSource(source.label, self._service_of, source.inventory)
        )
        self.progress: dict[str, ReadProgress] = {}
        self.errors: dict[str, str] = {}
        self.running = False
        self.finished: datetime | None = None
        self._run = 0
        self._lanes: tuple[AuditLane, ...] = ()
        self._policies: PoliciesToday | None = None
        self._own = OwnSessions()

    def _service_of(self, task: str) -> str:
        known = self._named(task)
        if known:
            for lane in self._lanes:
                lane.feed.remember({task: known})
            return known
        remembered = (lane.feed.service_of(task) for lane in self._lanes)
        return next((each for each in remembered if each), "")

    @property
    def automatic(self) -> dict[str, int]:
        """How many calls of each automatic caller were left out."""
        counts: dict[str, int] = {}
        for lane in self._lanes:
            for caller, count in lane.feed.automatic.items():
                counts[caller] = counts.get(caller, 0) + count
        return counts

    @property
    def floor(self) -> datetime | None:
        """Nothing older than this is kept, because there were too many events; else None."""
        found = [lane.feed.floor for lane in self._lanes if lane.feed.floor is not None]
        return max(found, default=None)

    async def run(
        self, since: datetime, now: datetime, layers: Collection[AuditLayer] = ALL_LAYERS
    ) -> None:
        """Show what is known, then read what is missing. Errors are kept in `errors`.

        Args:
            since: How far back.
            now: The time of the call.
            layers: What is read.
        """
        self._run += 1
        this = self._run
        self.running, self.finished = True, None
        self.errors.clear()
        self.progress.clear()
        try:
            try:
                self._lanes = await lanes(self._feeds, layers)
            except EcsTuiError as error:
                self.errors["identity"] = words_of(error)
                return
            for lane in self._lanes:
                await self._known(lane)
            self.timeline.ends(self._own.ends())
            self.mark()
            async with asyncio.TaskGroup() as group:
                if "sessions" in layers:
                    group.create_task(self._ends(since))
                for lane in self._lanes:
                    group.create_task(self._read(lane, since, now))
            if not self.errors:
                self.finished = now
        finally:
            # A reading that was replaced by another one may end after that has begun.
            if this == self._run:
                self.running = False
            await self._feeds.save()
            self._changed()

    def mark(self) -> None:
        """Mark the sessions in whose transcripts something stands out, as far as they were read."""
        if self._rules is not None:
            known: dict[str, tuple[AuditFlag, ...]] = {}
            for lane in self._lanes:
                known |= transcript_flags(lane.feed, self._rules)
            self.timeline.marked(known)

    async def _ends(self, since: datetime) -> None:
        """Read when sessions ended: CloudTrail has only the ends that somebody asked for.

        Where it may not be read, the ends that are known otherwise are shown.
        """
        try:
            self.timeline.ends(await ssm.session_ends(self._lanes[0].account, since))
        except AwsError as error:
            log.info("the ends of sessions were not read: %s", error)

    async def _known(self, lane: AuditLane) -> None:
        """Show what has been read before."""
        events = list(lane.feed.events.values())
        for start in range(0, len(events), PORTION):
            self.timeline.add(events[start : start + PORTION])
            if start == 0:
                self._changed()
            await asyncio.sleep(0)
        self._changed()

    async def _read(self, lane: AuditLane, since: datetime, now: datetime) -> None:
        region = lane.feed.region
        try:
            async with aclosing(read_lane(lane, since, now)) as pages:
                async for progress in pages:
                    self.progress[region] = progress
                    self.timeline.add(progress.new)
                    await self._policies_of(lane, progress.new)
                    self._changed()
            await self._policies_of(lane, tuple(lane.feed.events.values()))
        except EcsTuiError as error:
            self.errors[region] = f"{region}: {words_of(error)}"
        self.progress.pop(region, None)
        self._changed()

    async def _policies_of(self, lane: AuditLane, events: Sequence[AuditEvent]) -> None:
        """Read managed policies as they are today that events name without their document."""
        if self._policies is None:
            self._policies = PoliciesToday(lane.account)
        if await self._policies.read(events):
            self.timeline.policies(self._policies.found)


def words_of(error: EcsTuiError) -> str:
    """An error in a sentence: a permission that is missing is not the absence of events."""
    if isinstance(error, AccessDenied):
        operation = error.operation or "cloudtrail:LookupEvents"
        return f"not allowed to look ({operation}). What is shown may not be all."
    if isinstance(error, Throttled):
        return f"{error.what} Others use CloudTrail's two calls a second too."
    return str(error)


def progress_words(reading: Iterable[AuditReading], now: datetime) -> str:
    """How far it is, with the date that has been reached; "" if nothing is being read."""
    every = [each for one in reading for each in one.progress.values()]
    if not every:
        return ""
    slowest = min(every, key=lambda each: (each.number / each.names, -each.reached.timestamp()))
    reached, end = slowest.reached.astimezone(), slowest.since.astimezone()
    share = _share(slowest, now)
    return (
        f"reading {slowest.name} ({slowest.number} of {slowest.names}), back to "
        f"{reached:%d %b %H:%M} of {end:%d %b %Y}, {share} %"
    )


def _share(progress: ReadProgress, now: datetime) -> int:
    """The share that has been read, judging by names and time."""
    whole = max(1.0, (now - progress.since).total_seconds())
    of_name = min(1.0, (now - progress.reached).total_seconds() / whole)
    return int(100 * (progress.number - 1 + of_name) / progress.names)
