"""Reads the lines of a target: what has been written, from the newest back, and what is being written.

One `LogReader` belongs to one page or one command. Its lines are merged from all its sources, each
line once. `LogBuffer` keeps them; `view.py` says how each is shown.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import partial

from ecs_tui.errors import AwsError
from ecs_tui.logs.follow import Follower, FollowState, TailGap
from ecs_tui.logs.history import History, cursors
from ecs_tui.logs.line import LineMaker, LogLine, TraceHeads, end_line, in_order
from ecs_tui.logs.merge import WINDOW_MS, Merger
from ecs_tui.model.log_event import LogEvent
from ecs_tui.model.log_source import ContainerExit, LogGroupRef, LogSource
from ecs_tui.record import dataclass
from ecs_tui.store.log_access import LogsApi
from ecs_tui.store.log_feed import FIRST_DELAY, VISIBLE_AFTER, LogFeed
from ecs_tui.system import wall_clock

BATCH_SECONDS = 0.1
"""Seconds between two batches, at least: a screen need not be drawn more often."""
BATCH_LINES, BETWEEN_SECONDS = 800, 0.01
"""Lines of a batch; and seconds before the next one, if there are more: keys have their turn."""
END_DELAY_MS = 5_000
"""Milliseconds after which the end of a container is shown: its last lines arrive later than it."""
LEAVING_MS = 120_000
"""Milliseconds for which streams are followed after their tasks are gone: their last lines are late."""
FIRST_LOOK_BACK = int(1.5 * FIRST_DELAY) + VISIBLE_AFTER
"""Milliseconds before its start from which following reads, if nothing was read before."""
_Key = tuple[LogGroupRef, str]
"""A group, and the prefix of the streams; "" for streams by name, `*` for the whole group."""
_WHOLE = "*"


@dataclass(frozen=True, slots=True)
class LogBatch:
    """What is new while lines are followed.

    Attributes:
        lines: New lines, in order. Late ones (`LogLine.late`) belong before some that came earlier.
        gaps: What a live tail has left out, and what of that has been read again.
        states: How each group is followed, for groups where that has changed.
    """

    lines: tuple[LogLine, ...] = ()
    gaps: tuple[TailGap, ...] = ()
    states: tuple[FollowState, ...] = ()


class LogReader:
    """Reads the lines of some sources.

    Args:
        api: Returns the calls in a region (`LogAccounts.of`).
        sources: The sources; those that cannot be read are left out (`unreadable`).
        live: Whether live tails may be used, which AWS bills by the minute.
        window: Milliseconds for which following may hold lines back to put them in order; 0 for a
            reader whose lines go into a `LogBuffer`, which puts them in order itself.
        tolerance: Milliseconds by which a line may be out of order before it counts as late.
        clock: Milliseconds since 1970.

    Attributes:
        late: How many lines were late.
    """

    def __init__(
        self,
        api: Callable[[str], LogsApi],
        sources: Iterable[LogSource],
        *,
        live: bool = True,
        window: int = WINDOW_MS,
        tolerance: int = 0,
        clock: Callable[[], int] = wall_clock.milliseconds,
    ) -> None:
        self._api, self._live, self._clock = api, live, clock
        self._sources: dict[LogSource, int | None] = {}
        self._maker = LineMaker()
        self._merger = Merger(window, tolerance)
        self._released: list[LogLine] = []
        """What the next batches return."""
        self._history: History | None = None
        self._seen_first: list[tuple[str, LogEvent]] = []
        self._follow_from: int | None = None
        self._followers: dict[_Key, tuple[Follower, asyncio.Task[None]]] = {}
        self._ends: list[ContainerExit] = []
        self._known_ends: set[tuple[str, str, int]] = set()
        self._gaps: list[TailGap] = []
        self._states: dict[str, FollowState] = {}
        self._news = asyncio.Event()
        self._following = False
        self.set_sources(sources)

    # -- what it reads

    @property
    def sources(self) -> list[LogSource]:
        """Its sources, also those that cannot be read."""
        return list(self._sources)

    @property
    def unreadable(self) -> list[str]:
        """Why sources cannot be read, in words, each once."""
        return list(dict.fromkeys(each.words for each in self._sources if not each.readable))

    @property
    def late(self) -> int:
        """How many lines were late."""
        return self._merger.late

    @property
    def errors(self) -> dict[str, AwsError]:
        """What could not be read of the past, by the name of the log group."""
        return self._history.errors if self._history is not None else {}

    @property
    def all_read(self) -> bool:
        """Whether there are no older lines."""
        return self._history is not None and self._history.ended

    def set_sources(self, sources: Iterable[LogSource]) -> None:
        """Replace the sources, as tasks come and go. Streams of tasks that are gone stay for 2 minutes.

        Following begins to read new ones at once, from where it started.
        """
        now, wanted = self._clock(), dict.fromkeys(sources)
        kept: dict[LogSource, int | None] = {}
        for source, leaves in self._sources.items():
            at = now + LEAVING_MS if leaves is None else leaves
            if source not in wanted and at > now and self._following:
                kept[source] = at
        self._sources = {**dict.fromkeys(wanted), **kept}
        self._maker.set_sources(self._sources)
        if self._following:
            self._start_followers()

    def add_ends(self, ends: Iterable[ContainerExit]) -> None:
        """Have the ends of containers shown among the lines, each once."""
        for end in ends:
            key = (end.task, end.container, end.at)
            if key not in self._known_ends:
                self._known_ends.add(key)
                self._ends.append(end)
        self._news.set()

    # -- the past

    async def newest(
        self, count: int, since: int | None = None, until: int | None = None
    ) -> list[LogLine]:
        """The newest lines, in order; `older` then returns those before them.

        Args:
            count: Maximum lines.
            since, until: Milliseconds since 1970, included; None for no limit.

        Raises:
            AwsError: None of the groups can be read. If only some cannot: see `errors`.
        """
        begun = self._clock()
        self._history = self._read(since, until, newest_first=True)
        found = await self._history.take(count)
        if until is None:
            # What following reads must neither leave a gap nor begin before these lines.
            first = begun - FIRST_LOOK_BACK
            if found and not self._history.ended:
                first = max(first, found[-1][1].written + 1)
            self._follow_from = first
            self._seen_first = [each for each in found if each[1].written >= first]
        return self._past_lines(found[::-1])

    async def older(self, count: int) -> list[LogLine]:
        """The lines before those that `newest` and `older` have returned, in order; [] if none.

        Raises:
            AwsError: No group can be read any more.
        """
        if self._history is None:
            return await self.newest(count)
        return self._past_lines((await self._history.take(count))[::-1])

    async def between(
        self, since: int | None, until: int | None, count: int = 1000
    ) -> AsyncIterator[list[LogLine]]:
        """All lines of a span, the oldest first, some at a time, with the ends of containers.

        Args:
            since, until: Milliseconds since 1970, included; None for no limit.
            count: Lines at a time.

        Raises:
            AwsError: None of the groups can be read.
        """
        self._history = history = self._read(since, until, newest_first=False)
        ends = sorted(
            (
                end
                for end in self._ends
                if (since is None or end.at >= since) and (until is None or end.at <= until)
            ),
            key=lambda end: end.at,
        )
        heads: TraceHeads = {}
        while found := await history.take(count):
            due = [end for end in ends if end.at < found[-1][1].written]
            ends = ends[len(due) :]
            yield in_order([*self._lines(found, heads), *map(end_line, due)])
        if ends:
            yield [end_line(end) for end in ends]

    def _past_lines(self, found: Sequence[tuple[str, LogEvent]]) -> list[LogLine]:
        lines = self._lines(found, {})
        if found and not self._following:
            first = found[0][1].written
            due = [end for end in self._ends if end.at >= first]
            self._ends = [end for end in self._ends if end.at < first]
            lines += map(end_line, due)
        return in_order(lines)

    def _lines(self, found: Sequence[tuple[str, LogEvent]], heads: TraceHeads) -> list[LogLine]:
        return [
            line for group, event in found for line in self._maker.lines(group, (event,), heads)
        ]

    def _read(self, since: int | None, until: int | None, *, newest_first: bool) -> History:
        parts = []
        for key, names in self._grouped().items():
            group, prefix = key
            real = "" if prefix == _WHOLE else prefix
            parts += cursors(
                self._api(group.region), group, names, real, since, until, newest_first
            )
        return History(parts)

    def _grouped(self) -> dict[_Key, tuple[str, ...]]:
        """The streams of each group; () for those of a prefix."""
        found: dict[_Key, dict[str, None]] = {}
        for source in self._sources:
            if source.group is not None:
                prefix = "" if source.stream else source.prefix or _WHOLE
                streams = found.setdefault((source.group, prefix), {})
                if source.stream:
                    streams[source.stream] = None
        return {key: tuple(names) for key, names in found.items()}

    # -- what is being written

    @contextlib.asynccontextmanager
    async def following(self, since: int | None = None) -> AsyncIterator[AsyncIterator[LogBatch]]:
        """Follow the sources within the block: an endless iterator of batches.

        Args:
            since: Milliseconds since 1970 from which lines are wanted; None: after what `newest`
                has returned.
        """
        if since is not None:
            self._follow_from, self._seen_first = since, []
        elif self._follow_from is None:
            self._follow_from = self._clock() - FIRST_LOOK_BACK
        self._following = True
        try:
            self._start_followers()
            yield self._batches()
        finally:
            self._following = False
            tasks = [task for _, task in self._followers.values()]
            self._followers.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _batches(self) -> AsyncIterator[LogBatch]:
        while True:
            for _, task in self._followers.values():
                if task.done():
                    task.result()  # raises what it did not expect
            self._show_ends()
            if not self._released:
                self._released = self._merger.release(self._clock())
            lines = tuple(self._released[:BATCH_LINES])
            self._released = self._released[BATCH_LINES:]
            gaps, self._gaps = self._gaps, []
            states, self._states = self._states, {}
            if lines or gaps or states:
                yield LogBatch(lines, tuple(gaps), tuple(states.values()))
            if self._released:
                await asyncio.sleep(BETWEEN_SECONDS)
                continue
            self._news.clear()
            await asyncio.sleep(BATCH_SECONDS)
            if not len(self._merger) and not self._ends and not self._gaps and not self._states:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await self._news.wait()

    def flush(self) -> list[LogLine]:
        """The lines that are still held back, in order; nothing more is awaited."""
        released, self._released = self._released, []
        return released + self._merger.release(self._clock(), everything=True)

    def _show_ends(self) -> None:
        due = [end for end in self._ends if end.at + END_DELAY_MS <= self._clock()]
        if due:
            self._ends = [end for end in self._ends if end not in due]
            start = self._follow_from or 0
            self._merger.add([end_line(end) for end in due if end.at >= start], self._clock())

    def _start_followers(self) -> None:
        grouped = self._grouped()
        for key, names in grouped.items():
            if key in self._followers:
                self._followers[key][0].set_streams(names)
                continue
            group, prefix = key
            feed = LogFeed(
                self._api(group.region), group, names, "" if prefix == _WHOLE else prefix,
                since=self._follow_from or 0, clock=self._clock,
            )  # fmt: skip
            feed.note([event for name, event in self._seen_first if name == group.name])
            follower = Follower(
                feed, partial(self._arrived, group.name), self._state, self._gap, live=self._live
            )
            task = asyncio.create_task(follower.run(), name=f"follow {group.name}")
            self._followers[key] = (follower, task)
        for key in [each for each in self._followers if each not in grouped]:
            self._followers.pop(key)[1].cancel()

    def _arrived(self, group: str, events: Sequence[LogEvent]) -> None:
        self._merger.add(self._maker.lines(group, events), self._clock())
        self._news.set()

    def _state(self, state: FollowState) -> None:
        self._states[state.group] = state
        self._news.set()

    def _gap(self, gap: TailGap) -> None:
        self._gaps.append(gap)
        self._news.set()
