"""Follows a feed: by a live tail where AWS allows one, else by polling; neither loses nor doubles lines.

A live tail sends only what is ingested from its start on, samples above 500 events a second, ends
after three hours, and drops what is not read in time. So the feed is polled once when a tail begins
and ends, and whatever the tail may have left out is read again by FilterLogEvents.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Literal

from ecs_tui.errors import AccessDenied, AwsError, EcsTuiError, ReadOnly, ResourceGone
from ecs_tui.model.log_event import LogEvent, TailUpdate
from ecs_tui.record import dataclass
from ecs_tui.store.log_feed import LogFeed

log = logging.getLogger("ecs_tui.logs")
POLL_SECONDS, MAX_POLL_SECONDS = 2.0, 5.0
"""Seconds between two polls of one group; and where a poll takes long."""
SETTLE_SECONDS = 1.0
"""Seconds between two looks at what is to be read again."""
RETRY_SECONDS = 5.0
"""Seconds after a failure; it doubles up to a minute while it goes on."""
TAIL_AGAIN_SECONDS = 60.0
"""Seconds of polling before a live tail that was refused for a passing reason is tried again."""
MAX_TAIL_STREAMS = 100
"""Names of log streams in one live tail; with more, the whole group is followed."""
BEHIND_MS = 10_000
"""Milliseconds by which a poll may end before the present; else the next one begins at once."""
SILENT_MS = 4_000
"""Milliseconds between two updates, which come every second, after which some may have been dropped."""
_OVER = "SessionTimeoutException"
_PASSING = {"LimitExceededException", "SessionStreamingException", "ServiceUnavailableException"}


@dataclass(frozen=True, slots=True)
class FollowState:
    """How a group is followed.

    Attributes:
        group: Name of the log group.
        by: `live tail`, `polling`, or `starting`.
        why: Why it is polled, or what has failed, in words; "" for nothing.
        error: What has failed at present, None for nothing.
    """

    group: str
    by: Literal["starting", "live tail", "polling"] = "starting"
    why: str = ""
    error: EcsTuiError | None = None


@dataclass(frozen=True, slots=True)
class TailGap:
    """What a live tail has left out; in milliseconds since 1970.

    Attributes:
        start, end: When it was ingested.
        sampled: Whether AWS sampled it; else the tail was interrupted.
        refilled: Whether it has been read again since.
    """

    start: int
    end: int
    sampled: bool
    refilled: bool = False


class Follower:
    """Follows one feed until it is cancelled.

    Args:
        feed: The feed.
        on_events: Called with new events.
        on_state: Called when the state changes.
        on_gap: Called when a gap is known, and again when it is refilled.
        live: Whether a live tail may be used; AWS bills it by the minute.
    """

    def __init__(
        self,
        feed: LogFeed,
        on_events: Callable[[Sequence[LogEvent]], None],
        on_state: Callable[[FollowState], None] = lambda _: None,
        on_gap: Callable[[TailGap], None] = lambda _: None,
        *,
        live: bool = True,
    ) -> None:
        self.feed = feed
        self.state = FollowState(feed.group.name)
        self._on_events, self._on_state, self._on_gap = on_events, on_state, on_gap
        self._live = live
        self._tail_from = 0.0
        self._changed = asyncio.Event()
        self._failures = 0
        self._last = 0  # when the last update came
        self._told: set[int] = set()  # where the gaps begin that have been reported

    def set_streams(self, names: Sequence[str]) -> None:
        """Replace the streams; a live tail is opened again for them."""
        if self.feed.set_streams(names):
            self._changed.set()

    async def run(self) -> None:
        """Follow; returns only by cancellation. Errors of AWS are reported, and tried again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._settle())
            group.create_task(self._follow())

    # -- the two loops

    async def _follow(self) -> None:
        while True:
            took = await self._poll()
            if took is None or self.feed.now() - self.feed.cursor > BEHIND_MS:
                continue
            if self._may_tail():
                await self._tail()
                continue
            self._changed.clear()
            self._set(by="polling")
            await self._pause(min(MAX_POLL_SECONDS, max(POLL_SECONDS, 3 * took)))

    async def _settle(self) -> None:
        while True:
            await asyncio.sleep(SETTLE_SECONDS)
            before = list(self.feed.spans)
            try:
                async for events in self.feed.settle():
                    self._emit(events)
            except AwsError as error:
                log.info("not read again: %s", error)
                await asyncio.sleep(RETRY_SECONDS)
            for span in before:
                done = span not in self.feed.spans and not self._grown(span.start)
                if done and span.start in self._told:
                    self._told.remove(span.start)
                    self._on_gap(TailGap(span.start, span.end, span.sampled, refilled=True))

    def _grown(self, start: int) -> bool:
        return any(span.start == start for span in self.feed.spans)

    # -- polling

    async def _poll(self) -> float | None:
        """Poll once; returns the seconds that it took, None if it failed."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async for events in self.feed.poll():
                self._emit(events)
        except AwsError as error:
            self._failures += 1
            gone = isinstance(error, ResourceGone)
            log.info("%s not read: %s", self.feed.group.name, error)
            self._set(error=error)
            wait = RETRY_SECONDS * 2 ** min(self._failures - 1, 4)
            await self._pause(min(15.0 if gone else 60.0, wait))
            return None
        self._failures = 0
        self._set(error=None)
        return loop.time() - begun

    async def _pause(self, seconds: float) -> None:
        """Wait; less if the streams change."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            pass
        self._changed.clear()

    # -- live tails

    def _may_tail(self) -> bool:
        return self._live and asyncio.get_running_loop().time() >= self._tail_from

    async def _tail(self) -> None:
        """Follow by a live tail until it ends, is refused, or the streams change."""
        feed, opened = self.feed, False
        names = feed.streams
        chosen = names if len(names) <= MAX_TAIL_STREAMS else ()
        prefixes = () if chosen or not feed.prefix else (feed.prefix,)
        self._changed.clear()
        try:
            async with feed.api.tail(feed.group, chosen, prefixes) as updates:
                opened = True
                self._last = feed.now()
                # What is ingested while it opens is in neither the poll before nor in the tail.
                self._missed(feed.cursor, self._last, sampled=False, said=False)
                self._set(by="live tail", why="", error=None)
                await self._updates(updates)
        except AwsError as error:
            self._tail_failed(error, opened)
        if opened:
            silent = feed.now() - self._last > SILENT_MS
            self._missed(self._last, feed.now(), sampled=False, said=silent)

    async def _updates(self, updates: AsyncIterator[TailUpdate]) -> None:
        """Take updates until the tail ends or the streams change."""
        tail = self.feed.begin_tail()
        while (update := await self._next(updates)) is not None:
            now = self.feed.now()
            if now - self._last > SILENT_MS:  # the machine slept, or was too slow
                self._missed(self._last, now, sampled=False)
            if update.sampled:
                self._missed(self._last, now, sampled=True)
            self._last = now
            self._emit(self.feed.tailed(tail, update.events))

    async def _next(self, updates: AsyncIterator[TailUpdate]) -> TailUpdate | None:
        """The next update; None if there is none, or if the streams have changed."""
        update = asyncio.ensure_future(_or_none(updates))
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait({update, changed}, return_when=asyncio.FIRST_COMPLETED)
            return update.result() if update.done() else None
        finally:
            update.cancel()
            changed.cancel()
            await asyncio.gather(update, changed, return_exceptions=True)

    def _missed(self, start: int, end: int, *, sampled: bool, said: bool = True) -> None:
        self.feed.read_again(start, end, sampled=sampled)
        if said:
            span = self.feed.spans[-1]
            self._told.add(span.start)
            self._on_gap(TailGap(span.start, span.end, sampled))

    def _tail_failed(self, error: AwsError, opened: bool) -> None:
        log.info("live tail of %s: %s", self.feed.group.name, error)
        if error.code == _OVER:
            return  # after three hours; opened again at once
        loop = asyncio.get_running_loop()
        if isinstance(error, (AccessDenied, ReadOnly)):
            self._live = False
            self._set(why="no permission for logs:StartLiveTail")
        elif opened:
            self._tail_from = loop.time() + RETRY_SECONDS
            self._set(why="the live tail was interrupted")
        elif error.code in _PASSING or not error.code:
            self._tail_from = loop.time() + TAIL_AGAIN_SECONDS
            self._set(why="live tail refused for now: " + (error.code or "no connection"))
        else:
            self._live = False  # an emulator, or a group of a class that has no live tails
            self._set(why=f"live tail not offered here ({error.code})")

    # -- reports

    def _emit(self, events: Sequence[LogEvent]) -> None:
        if events:
            self._on_events(events)

    def _set(self, **changes: object) -> None:
        changed = replace(self.state, **changes)  # type: ignore[arg-type]
        if changed != self.state:
            self.state = changed
            self._on_state(changed)


async def _or_none(updates: AsyncIterator[TailUpdate]) -> TailUpdate | None:
    return await anext(updates, None)
