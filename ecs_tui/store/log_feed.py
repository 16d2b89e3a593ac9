"""The feed of a log group: every event once, whichever way it arrives, with a cursor for the next read.

FilterLogEvents finds an event by the time at which it was written, but the event becomes visible
later. So the feed reads the last seconds again with each poll, and every span a last time when it has
settled: `lateness` after it was written. What arrives still later is not found.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from ecs_tui.errors import ResourceGone
from ecs_tui.model.log_event import LogEvent, LogPage
from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.record import dataclass
from ecs_tui.store.counted_events import CountedEvents, ReadingPass
from ecs_tui.store.log_access import LogsApi

LATENESS = 60_000
"""Milliseconds after which a span has settled. Log drivers send within 5 s, and retry for some time."""
SETTLE_STEP = 15_000
"""Milliseconds that are read a last time by one read."""
VISIBLE_AFTER = 2_000
"""Milliseconds from the ingestion of an event until FilterLogEvents finds it, usually."""
FIRST_DELAY = 6_000
"""Milliseconds from the writing of an event to its ingestion, until there are measurements: the driver
awslogs sends every 5 s (its source, amazon-cloudwatch logs driver of Docker)."""
MOST = 0.98
"""The share of events whose delay decides how far back a poll reads again."""
PAGE_EVENTS = 2_500
"""Events of a page. AWS allows 10,000, but parsing them would stop the screen for too long."""
MAX_PAGES = 40
"""Pages of one read; what comes after them is left to the next read, so that others get their turn."""
SPAN_END = 2_000
"""Milliseconds by which events may be written after their ingestion: clocks of hosts differ."""
RETRY = 5_000
"""Milliseconds after which a log stream that does not exist is tried again."""
TAIL_LATENESS = 10_000
"""Milliseconds for which a live tail may keep an update: AWS buffers that many (StartLiveTail)."""
MAX_NAMES = 100
"""Names of log streams in one call."""
_CLOCK_TOLERANCE = 2_000
"""Milliseconds by which our clock may differ from AWS's, whose answers have whole seconds."""
_MAX_SPAN = 5_000
"""Milliseconds of a marked span; a longer one becomes several, so that the first is read soon."""
_WITH_THE_OTHERS = 2**62
"""In place of a time: a stream is read together with the others."""


@dataclass(frozen=True, slots=True)
class LogSpan:
    """A span of time whose events a live tail has not sent completely. All times in milliseconds.

    Attributes:
        start, end: When its events were ingested.
        since: Where reading it again begins.
        due: When it may be read.
        sampled: Whether the live tail has sampled it; else the tail was interrupted.
    """

    start: int
    end: int
    since: int
    due: int
    sampled: bool = False


class LogFeed:
    """The events of some streams of a log group.

    Args:
        api: What is called.
        group: The log group.
        streams: Names of log streams; they need not exist yet. () for those of `prefix`.
        prefix: What the names of the streams start with; "" for all.
        since: Where the feed starts: milliseconds since 1970.
        clock: Our clock, in milliseconds since 1970.
        lateness: Milliseconds after which a span has settled.

    Attributes:
        cursor: Everything that was visible and written before this time has been returned.
        settled: Everything that was written before this time has been read a last time.
        spans: What is to be read again.
    """

    def __init__(
        self,
        api: LogsApi,
        group: LogGroupRef,
        streams: Iterable[str] = (),
        prefix: str = "",
        *,
        since: int,
        clock: Callable[[], int],
        lateness: int = LATENESS,
    ) -> None:
        self.api, self.group, self.prefix = api, group, prefix
        self.cursor = self.settled = self._start = since
        self.spans: list[LogSpan] = []
        self._clock, self._lateness = clock, lateness
        self._streams: dict[str, int] = dict.fromkeys(streams, since)
        """Names, each with the time from which it must be read by itself."""
        self._missing: dict[str, int] = {}
        """Names of streams that do not exist, and when they may be tried again."""
        self._counted = CountedEvents()
        self._skew = 0
        self._delay = float(FIRST_DELAY)

    # -- what it covers

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of its streams."""
        return tuple(self._streams)

    def now(self) -> int:
        """AWS's clock, in milliseconds since 1970."""
        return self._clock() + self._skew

    @property
    def overlap(self) -> int:
        """Milliseconds before the cursor that a poll reads again; by the delays measured."""
        return int(min(self._lateness, VISIBLE_AFTER + 1.5 * self._delay))

    def set_streams(self, names: Iterable[str]) -> bool:
        """Replace the streams; new ones are read from the start of the feed. Whether any changed."""
        wanted = dict.fromkeys(names)
        if wanted.keys() == self._streams.keys():
            return False
        self._streams = {name: self._streams.get(name, self._start) for name in wanted}
        self._missing = {name: at for name, at in self._missing.items() if name in wanted}
        return True

    def note(self, events: Sequence[LogEvent]) -> None:
        """Take events for returned that were read in another way."""
        self._counted.begin().new([each for each in events if each.written >= self._start])

    # -- live tails

    def begin_tail(self) -> ReadingPass:
        """Begin a live tail; its events go to `tailed`."""
        return self._counted.begin()

    def tailed(self, tail: ReadingPass, events: Sequence[LogEvent]) -> list[LogEvent]:
        """The new ones of the events of a live tail's update; those of other streams are left out."""
        own = [each for each in events if each.written >= self._start and self._has(each.stream)]
        self._measure(own)
        self.cursor = max(self.cursor, self.now())
        return tail.new(own)

    def read_again(self, start: int, end: int, *, sampled: bool = False) -> None:
        """Have what was ingested in a span read again by `settle`, as soon as it is visible.

        Args:
            start, end: Milliseconds since 1970, by AWS's clock.
        """
        since, due = max(self._start, start - self.overlap), end + VISIBLE_AFTER + 1_000
        last = self.spans[-1] if self.spans else None
        if (
            last is not None
            and last.sampled == sampled
            and start <= last.end + 1_000
            and end - last.start <= _MAX_SPAN
        ):
            self.spans[-1] = LogSpan(last.start, end, last.since, due, sampled)
        else:
            self.spans.append(LogSpan(start, end, since, due, sampled))

    # -- reads

    async def poll(self) -> AsyncIterator[list[LogEvent]]:
        """Read what is new, page by page; moves the cursor.

        Raises:
            AwsError: A call failed. The next poll reads the same span.
        """
        begun, reached = self._clock(), _WITH_THE_OTHERS
        since = max(self.cursor - self.overlap, self.settled)
        for names in self._chunks(since):
            async for events, stopped in self._read(names, since, None, self.cursor):
                yield events
                reached = min(reached, stopped)
            for name in names:
                if name in self._streams and name not in self._missing:
                    self._streams[name] = _WITH_THE_OTHERS
        async for events in self._catch_up(since):
            yield events
        # The answers have shown how our clock differs from AWS's.
        self.cursor = max(self.cursor, min(reached, begun + self._skew))
        self._forget()

    async def settle(self) -> AsyncIterator[list[LogEvent]]:
        """Read again what is due: marked spans, streams that begin to exist, and what has settled.

        Raises:
            AwsError: A call failed. The next call reads the same spans.
        """
        now = self.now()
        async for events in self._catch_up(max(self.cursor - self.overlap, self.settled)):
            yield events
        for span in [each for each in self.spans if each.due <= now]:
            async for events in self._again(span.since, span.end + SPAN_END):
                yield events
            if span in self.spans:
                self.spans.remove(span)
        until = min(now - self._lateness, self.cursor)
        while until - self.settled >= SETTLE_STEP:
            # In portions, so that a failure after a long sleep does not begin all of it again.
            end = min(until, self.settled + 20 * SETTLE_STEP)
            async for events in self._again(self.settled, end):
                yield events
            self.settled = end
        self._forget()

    async def _again(self, start: int, end: int) -> AsyncIterator[list[LogEvent]]:
        since = max(start, self.settled)
        for names in self._chunks(since):
            begin = since
            while begin <= end:
                following = end + 1
                async for events, stopped in self._read(names, begin, end, begin):
                    yield events
                    following = min(following, stopped)
                begin = following

    async def _catch_up(self, since: int) -> AsyncIterator[list[LogEvent]]:
        """Read streams that are new, or did not exist until now, from where they start."""
        for name, start in list(self._streams.items()):
            if name in self._missing:
                if self._missing[name] > self.now():
                    continue
            elif start >= since:
                continue
            async for events, _ in self._read((name,), min(start, since), None, since):
                yield events
            if name in self._streams and name not in self._missing:
                self._streams[name] = _WITH_THE_OTHERS

    def _chunks(self, since: int) -> list[tuple[str, ...]]:
        """The names for each call: streams that exist and have caught up; `()` for a prefix."""
        if not self._streams:
            return [()]
        names = [
            name
            for name, start in self._streams.items()
            if start >= since and name not in self._missing
        ]
        return [tuple(names[at : at + MAX_NAMES]) for at in range(0, len(names), MAX_NAMES)]

    async def _read(
        self, names: tuple[str, ...], since: int, until: int | None, beyond: int
    ) -> AsyncIterator[tuple[list[LogEvent], int]]:
        """Read a span of some streams as one pass.

        Args:
            beyond: The read may stop after `MAX_PAGES` once it has got beyond this time.

        Yields:
            New events; and where the next read must begin if this page was the last one although
            more follow, else a time in the far future.
        """
        reading = self._counted.begin(since)
        try:
            async for page, stopped in self._pages(names, since, until, beyond):
                self._note_clock(page)
                await asyncio.sleep(0)  # parsing took a while: others have their turn
                self._measure(page.events)
                yield reading.new(page.events), stopped
        finally:
            self._counted.end(reading)

    async def _pages(
        self, names: tuple[str, ...], since: int, until: int | None, beyond: int
    ) -> AsyncIterator[tuple[LogPage, int]]:
        token, count = "", 0
        while True:
            try:
                page = await self.api.page(
                    self.group, names, "" if names else self.prefix,
                    since=since, until=until, token=token, limit=PAGE_EVENTS,
                )  # fmt: skip
            except ResourceGone as error:
                if token or not names or "log group" in error.what:
                    raise
                async for each in self._by_halves(names, since, until, beyond):
                    yield each
                return
            for name in names:
                self._missing.pop(name, None)
            token, count = page.token, count + 1
            # An empty page does not say how far AWS has got.
            reached = min((event.written for event in page.events), default=beyond)
            if token and count >= MAX_PAGES and reached > beyond:
                yield page, reached
                return
            yield page, _WITH_THE_OTHERS
            if not token:
                return

    async def _by_halves(
        self, names: tuple[str, ...], since: int, until: int | None, beyond: int
    ) -> AsyncIterator[tuple[LogPage, int]]:
        """Read in parts: AWS refuses all streams if one of them does not exist."""
        if len(names) == 1:
            name = names[0]
            self._missing[name] = self.now() + RETRY
            if name in self._streams:
                self._streams[name] = min(self._streams[name], since)
            return
        half = len(names) // 2
        for part in (names[:half], names[half:]):
            async for each in self._pages(part, since, until, beyond):
                yield each

    # -- bookkeeping

    def _has(self, stream: str) -> bool:
        return stream in self._streams if self._streams else stream.startswith(self.prefix)

    def _measure(self, events: Sequence[LogEvent]) -> None:
        """Adapt to how long most events take to be ingested; a longer time is forgotten slowly.

        Of many events the slowest few do not count: each poll would read all of a busy group's last
        half minute for them. They are found when their span is read a last time.
        """
        delays = sorted(event.ingested - event.written for event in events if event.ingested >= 0)
        if delays:
            most = delays[math.ceil((len(delays) - 1) * MOST)]
            self._delay = min(float(self._lateness), max(200.0, most, self._delay * 0.98))

    def _note_clock(self, page: LogPage) -> None:
        if page.answered >= 0:
            difference = page.answered - self._clock()
            self._skew = difference if abs(difference) > _CLOCK_TOLERANCE else 0

    def _forget(self) -> None:
        """Forget the events of times that are never read again, pack those that no poll reads again.

        A stream that does not exist yet may be read from an earlier time, but of that time it has
        returned nothing. A live tail may bring what was just read with its span.
        """
        self._counted.forget(self.settled - TAIL_LATENESS)
        self._counted.pack(self.cursor - self.overlap)
