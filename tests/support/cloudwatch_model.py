"""A small model of CloudWatch Logs: what FilterLogEvents and StartLiveTail may do, in virtual time.

It delays and reorders events, ends pages early, samples and drops, refuses and breaks off, as the API's
documentation says AWS may. It shares no code with the demo account.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field

from ecs_tui.errors import AccessDenied, AwsError, NoNetwork, ResourceGone, Throttled
from ecs_tui.model.log_event import LogEvent, LogEventKey, LogPage, TailUpdate
from ecs_tui.model.log_source import LogGroupRef

GROUP = LogGroupRef("/web", "us-east-1", "111122223333")
BUFFERED_SECONDS = 10
"""Updates that AWS buffers for a live tail before it drops the oldest (StartLiveTail)."""


@dataclass(frozen=True)
class Written:
    """An event: milliseconds from the start of the test.

    Attributes:
        delay: Until its ingestion.
        hidden: From then until FilterLogEvents finds it.
    """

    at: int
    stream: str
    message: str
    delay: int = 0
    hidden: int = 0


@dataclass(frozen=True)
class Trouble:
    """Something that happens at a time, in milliseconds of virtual time from the start.

    Attributes:
        kind: `errors`: calls fail for `length`; `cut`: live tails break off; `sleep`: the machine
            sleeps for `length`; `refuse`: live tails are refused for `length`.
    """

    kind: str
    at: int
    length: int = 0


@dataclass
class CloudWatchModel:
    """The model; make it within the loop.

    Attributes:
        tails: `offered`, or the code with which each StartLiveTail is refused.
        sampled_above: Events of an update, more of which are sampled.
        tail_seconds: Seconds after which AWS ends a live tail.
        page_size: Events of a page.
        group_from: When the log group is created, in milliseconds from the start.
        skew: Milliseconds by which the machine's clock is ahead of AWS's.
    """

    written: Sequence[Written]
    troubles: Sequence[Trouble] = ()
    tails: str = "offered"
    sampled_above: int = 500
    tail_seconds: int = 3 * 3600
    page_size: int = 5
    group_from: int = 0
    skew: int = 0
    seed: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    sampled: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._begun = asyncio.get_running_loop().time()
        self.epoch = 1_764_000_000_000
        self._events = [
            (self.event(each), self.epoch + each.at + each.delay + each.hidden)
            for each in self.written
        ]
        self._cuts = [each.at for each in self.troubles if each.kind == "cut"]

    def event(self, each: Written) -> LogEvent:
        at = self.epoch + each.at
        return LogEvent(GROUP.name, each.stream, at, each.message, at + each.delay)

    def truth(self) -> Counter[LogEventKey]:
        """All events, counted."""
        return Counter(event.key for event, _ in self._events)

    # -- time

    def elapsed(self) -> int:
        """Milliseconds of virtual time."""
        return round((asyncio.get_running_loop().time() - self._begun) * 1000)

    def now(self) -> int:
        """AWS's clock, which goes on while the machine sleeps."""
        elapsed = self.elapsed()
        slept = sum(
            each.length for each in self.troubles if each.kind == "sleep" and each.at <= elapsed
        )
        return self.epoch + elapsed + slept

    def clock(self) -> int:
        """The machine's clock."""
        return self.now() + self.skew

    def _in(self, kind: str) -> bool:
        elapsed = self.elapsed()
        return any(
            each.kind == kind and each.at <= elapsed < each.at + each.length
            for each in self.troubles
        )

    # -- the API

    async def page_of(
        self, found: list[LogEvent], token: str, size: int
    ) -> tuple[tuple[LogEvent, ...], str]:
        start = int(token or 0)
        if self._random.random() < 0.1:
            return (), str(start)  # an empty page with a token
        return tuple(found[start : start + size]), (
            str(start + size) if start + size < len(found) else ""
        )

    async def page(
        self,
        group: LogGroupRef,
        streams: Sequence[str] = (),
        prefix: str = "",
        *,
        since: int | None = None,
        until: int | None = None,
        token: str = "",
        limit: int | None = None,
        newest_first: bool = False,
        pattern: str = "",
    ) -> LogPage:
        """FilterLogEvents. A token is the place in what was visible when the first page was read."""
        self.calls["page"] += 1
        await asyncio.sleep(0.05)
        if self._in("errors"):
            raise self._random.choice([Throttled("AWS is throttling."), NoNetwork("No network.")])
        if self.elapsed() < self.group_from:
            raise ResourceGone(
                "logs:FilterLogEvents failed: The specified log group does not exist.",
                code="ResourceNotFoundException",
            )
        now = self.now()
        known = {event.stream for event, _ in self._events if event.ingested <= now}
        if set(streams) - known:
            raise ResourceGone(
                "logs:FilterLogEvents failed: The specified log stream does not exist.",
                code="ResourceNotFoundException",
            )
        seen_at, _, place = token.partition("/")
        visible = int(seen_at or now)
        found = [
            event
            for event, at in self._events
            if at <= visible
            and (not streams or event.stream in streams)
            and event.stream.startswith(prefix)
            and (since is None or event.written >= since)
            and (until is None or event.written <= until)
        ]
        found.sort(key=lambda event: event.written, reverse=newest_first)
        events, following = await self.page_of(
            found, place, min(self.page_size, limit or self.page_size)
        )
        more = f"{visible}/{following}" if following else ""
        return LogPage(events, more, now // 1000 * 1000)

    @contextlib.asynccontextmanager
    async def tail(
        self, group: LogGroupRef, streams: Sequence[str] = (), prefixes: Sequence[str] = ()
    ) -> AsyncIterator[AsyncIterator[TailUpdate]]:
        """StartLiveTail."""
        self.calls["tail"] += 1
        await asyncio.sleep(0.1)
        if self.tails == "AccessDeniedException":
            raise AccessDenied("Access denied: logs:StartLiveTail.", code=self.tails)
        if self.tails != "offered":
            raise AwsError("logs:StartLiveTail failed.", code=self.tails)
        if self._in("refuse"):
            raise AwsError("Too many live tails.", code="LimitExceededException")
        if self._in("errors"):
            raise NoNetwork("No network.")
        yield self._updates(tuple(streams))

    async def _updates(self, streams: tuple[str, ...]) -> AsyncIterator[TailUpdate]:
        opened, sent = self.elapsed(), self.now()
        while True:
            before = self.elapsed()
            await asyncio.sleep(1.0)
            if any(before < cut <= self.elapsed() for cut in self._cuts):
                raise NoNetwork("The event stream broke off.")
            if self.elapsed() - opened > self.tail_seconds * 1000:
                raise AwsError("The session is over.", code="SessionTimeoutException")
            now = self.now()
            sent = max(sent, now - BUFFERED_SECONDS * 1000)  # what is older was dropped
            found = [
                event
                for event, _ in self._events
                if sent < event.ingested <= now and (not streams or event.stream in streams)
            ]
            sent = now
            if len(found) > self.sampled_above:
                self.sampled += len(found) - self.sampled_above
                found = self._random.sample(found, self.sampled_above)
                yield TailUpdate(tuple(found), sampled=True)
            else:
                self._random.shuffle(found)
                yield TailUpdate(tuple(found))


def counted(events: Iterable[LogEvent]) -> Counter[LogEventKey]:
    """Events, counted by what tells them apart."""
    return Counter(event.key for event in events)
