"""Reads lines for the page while it is shown: the newest, older ones, and those that are written."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import AwsError, EcsTuiError
from ecs_tui.logs.follow import FollowState, TailGap
from ecs_tui.logs.line import LogLine, end_line
from ecs_tui.logs.reader import LogBatch, LogReader
from ecs_tui.logs.targets import DESCRIBED, MAX_TASKS, sources_for
from ecs_tui.logs.times import RANGES, longer
from ecs_tui.model.log_source import ContainerExit, LogSource
from ecs_tui.model.rules.log_sources import ends_of
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.store.log_access import LogsApi
from ecs_tui.system import wall_clock

FIRST_LINES, OLDER_LINES = 500, 1_000
"""Lines that are read first, and at a time when one scrolls up."""
TOLERANCE_MS = 2_000
"""Milliseconds by which a line may be out of order before it is marked as late."""
END_DELAY_MS = 5_000
"""Milliseconds after which the end of a container is shown: its last lines arrive later than it."""
AFTER_MS = 120_000
"""Milliseconds after a time that is gone to, or the exit of a task, up to which lines are read."""
MAX_TO_TIME = 50_000
"""Lines that are read to get back to a time."""
PATIENCE_SECONDS = 2.0
"""Seconds after which tasks that the refresher has not described are described for this page."""
RATE_SECONDS = 5.0
"""Seconds over which the lines per second are counted."""


class LogListener(Protocol):
    """What takes the lines."""

    def lines_arrived(self, lines: Sequence[LogLine], *, older: bool) -> None:
        """Lines have arrived, in order."""

    def gaps_found(self, gaps: Sequence[TailGap]) -> None:
        """A live tail has left something out, or it has been read again."""

    def session_changed(self) -> None:
        """Something else has changed: what is loading, an error, how it follows."""


class LogSession:
    """One reading of the lines of a target. A page makes another one for another target or time.

    Args:
        account: The account of the tasks.
        api: Returns the calls in a region.
        definition: Returns a task definition by its ARN.
        containers: Names of containers; () for all.
        listener: What takes the lines.
        seconds: How far back to read at first.
        service: The service whose tasks they are; "" for tasks of any. ECS may name stopped tasks of
            other services too (`store/scope.py`), which only describing them shows.
        shown_from: The time from which lines are to be shown, in milliseconds since 1970; 0 to
            follow. They are read to `AFTER_MS` after it.
        groups: Finds log groups that belong to no task, instead of those of tasks.
        clock: Milliseconds since 1970.

    Attributes:
        seconds: How far back lines are read; 0 for no limit.
        until: The time up to which lines are read, in milliseconds since 1970; 0 while it follows.
        sources: Where the lines come from.
        loading: What is being read, in words; "" for nothing.
        states: How each group is followed.
        following: Whether it follows.
        first_read: Whether the newest lines have been read.
        left_out: How many tasks are left out, because there are too many.
    """

    def __init__(
        self,
        account: Account,
        api: Callable[[str], LogsApi],
        definition: Callable[[str], Awaitable[TaskDefinition]],
        containers: Sequence[str],
        listener: LogListener,
        *,
        seconds: int,
        service: str = "",
        shown_from: int = 0,
        groups: Callable[[], Awaitable[Sequence[LogSource]]] | None = None,
        clock: Callable[[], int] = wall_clock.milliseconds,
    ) -> None:
        self._account, self._api, self._definition = account, api, definition
        self._containers, self._listener = tuple(containers), listener
        self._service, self._shown_from, self._groups = service, shown_from, groups
        self.seconds, self.until = seconds, shown_from + AFTER_MS if shown_from else 0
        self._clock = clock
        self.sources: list[LogSource] = []
        self.loading = "Waiting for the tasks…"
        self.states: dict[str, FollowState] = {}
        self.following = self.first_read = False
        self.left_out = 0
        self.error = ""
        self._reader: LogReader | None = None
        self._tasks: dict[str, Task] = {}
        self._fixed: tuple[LogSource, ...] = ()
        self._news = asyncio.Event()
        if groups is not None:
            self.loading = "Looking for the log groups…"
        self._ends: dict[tuple[str, str, int], ContainerExit] = {}
        self._shown_ends: set[tuple[str, str, int]] = set()
        self._older = False
        self._exhausted = False
        self._read_from: int | None = None  # where the span that is being read begins
        self._span_read = False  # whether it has been read to its start
        self._arrivals: deque[tuple[float, int]] = deque()

    # -- tasks

    def set_tasks(self, tasks: Iterable[Task]) -> None:
        """Take the tasks of the target, which come and go. Those that were there stay known."""
        changed = False
        for task in tasks:
            if self._service and task.described and task.service != self._service:
                self._tasks.pop(task.arn, None)
            elif self._tasks.get(task.arn) != task:
                self._tasks[task.arn] = task
                changed = True
        if changed:
            self._news.set()

    def set_sources(self, sources: Sequence[LogSource]) -> None:
        """Read these sources besides: those of a task that ECS has forgotten."""
        self._fixed = tuple(sources)
        self._news.set()

    def task(self, task_id: str) -> Task | None:
        """A task of the target by its ID."""
        return next((each for each in self._tasks.values() if each.id == task_id), None)

    @property
    def tasks(self) -> list[Task]:
        """All tasks of the target, also those that are gone."""
        return list(self._tasks.values())

    async def _read_sources(self) -> None:
        """Find where the lines are; the sentence of an error stays until it works."""
        tasks = sorted(
            (each for each in self._tasks.values() if each.task_definition),
            key=lambda task: task.created_at.timestamp() if task.created_at else 0.0,
        )
        self.left_out = max(0, len(tasks) - MAX_TASKS)
        tasks = tasks[-MAX_TASKS:]
        for end in ends_of(tasks):
            if not self._containers or end.container in self._containers:
                self._ends[end.task, end.container, end.at] = end
        found = await sources_for(tasks, self._definition)
        chosen = self._containers
        self.sources = [
            *(each for each in found if not chosen or each.container in (*chosen, "")),
            *self._fixed,
        ]

    async def _describe_rest(self) -> None:
        """Describe the tasks that are only named: in large clusters the refresher does not."""
        named = [each.arn for each in self._tasks.values() if not each.described and not each.gone]
        cluster = next((each.cluster_arn for each in self._tasks.values()), "")
        for at in range(0, min(len(named), MAX_TASKS), DESCRIBED):
            chunk = named[at : at + DESCRIBED]
            self.set_tasks(await ecs.describe_tasks(self._account, cluster, chunk))

    # -- reading

    async def run(self) -> None:
        """Read until it is cancelled; without following, until the newest lines are read."""
        if self._groups is not None:
            try:
                self.set_sources(await self._groups())
            except EcsTuiError as error:
                self.error, self.first_read = str(error), True
                self._say_loading("")
                return
        while not self.sources:
            await self._await_tasks()
        reader = self._reader = LogReader(
            self._api, self.sources, window=0, tolerance=TOLERANCE_MS, clock=self._clock
        )
        self._say_loading("Loading…")
        try:
            self._read_from = self._since()
            lines = await reader.newest(FIRST_LINES, self._read_from, self.until or None)
            lines = await self._back_to(reader, lines)
        except AwsError as error:
            self.error = str(error)
        else:
            self._span_read, self.first_read = reader.all_read, True
            self._listener.lines_arrived(lines, older=False)
        self.first_read = True
        self._say_loading("")
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(reader))
            if not self.until and any(each.readable for each in self.sources):
                group.create_task(self._follow(reader))

    async def _back_to(self, reader: LogReader, lines: list[LogLine]) -> list[LogLine]:
        """Lines, and older ones before them until the time that is to be shown."""
        while self._shown_from and not reader.all_read and len(lines) < MAX_TO_TIME:
            if lines and lines[0].at < self._shown_from:
                break
            self._say_loading(f"Loading up to that time… {len(lines):,} lines")
            lines = [*await reader.older(OLDER_LINES), *lines]
        return lines

    async def _await_tasks(self) -> None:
        """Wait for tasks, and for their definitions."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._news.wait()
        except TimeoutError:
            pass
        self._news.clear()
        try:
            if self._tasks and not any(each.task_definition for each in self._tasks.values()):
                await self._describe_rest()
            await self._read_sources()
            self.error = ""
        except AwsError as error:
            self.error = str(error)
        self._listener.session_changed()

    async def _watch(self, reader: LogReader) -> None:
        """Tell the reader of new tasks."""
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._read_sources()
            except AwsError as error:
                self.error = str(error)
            else:
                reader.set_sources(self.sources)
            self._listener.session_changed()
            await asyncio.sleep(1.0)  # tasks come in portions
            if any(not each.described and not each.gone for each in self._tasks.values()):
                await asyncio.sleep(PATIENCE_SECONDS)
                try:
                    await self._describe_rest()
                except AwsError as error:
                    self.error = str(error)

    async def _follow(self, reader: LogReader) -> None:
        self.following = True
        try:
            async with reader.following() as batches:
                async for batch in batches:
                    self._take(batch)
        finally:
            self.following = False

    def _take(self, batch: LogBatch) -> None:
        for state in batch.states:
            self.states[state.group] = state
            self.error = "" if state.error is None else self.error
        if batch.lines:
            self._arrivals.append((time.monotonic(), len(batch.lines)))
            self._listener.lines_arrived(batch.lines, older=False)
        if batch.gaps:
            self._listener.gaps_found(batch.gaps)
        if batch.states:
            self._listener.session_changed()

    def _since(self) -> int | None:
        """Where the range begins: before the present, or before the time that is shown."""
        return (self._shown_from or self._clock()) - self.seconds * 1000 if self.seconds else None

    def _say_loading(self, words: str) -> None:
        self.loading = words
        self._listener.session_changed()

    # -- older lines

    @property
    def at_start(self) -> bool:
        """Whether there are no older lines at all."""
        return self._exhausted

    async def older(self) -> None:
        """Read older lines; beyond the start of the range, the range becomes longer.

        Errors are said; the next attempt begins where this one did.
        """
        reader = self._reader
        if reader is None or self._older or not self.first_read or self._exhausted:
            return
        self._older = True
        self._say_loading("Loading older lines…")
        try:
            lines: list[LogLine] = []
            while not lines and not self._exhausted:
                lines = await self._more(reader)
            self.error = ""
            if lines:
                self._listener.lines_arrived(lines, older=True)
        except AwsError as error:
            self.error = str(error)
        finally:
            self._older = False
            self._say_loading("")

    async def _more(self, reader: LogReader) -> list[LogLine]:
        if not self._span_read:
            lines = await reader.older(OLDER_LINES)
        else:
            until = self._read_from
            if until is None:
                self._exhausted = True
                return []
            since = self._since()
            while since is not None and since >= until:
                self.seconds = 0 if self.seconds >= RANGES[-1] else longer(self.seconds)
                self._say_loading("Loading older lines…")
                since = self._since()
            lines = await reader.newest(OLDER_LINES, since, until - 1)
            self._read_from = since
        self._span_read = reader.all_read
        return lines

    def shorten(self, seconds: int) -> int:
        """Take a shorter range; returns the time before which lines are dropped.

        Older ones are read again when one scrolls up.
        """
        self.seconds, self._span_read, self._exhausted = seconds, True, False
        self._read_from = self._since()
        return self._read_from or 0

    # -- what the page shows besides

    def due_ends(self, oldest: int, now: int) -> list[LogLine]:
        """The ends of containers that belong among the loaded lines and are not shown yet.

        Args:
            oldest: When the oldest loaded line was written.
            now: Both in milliseconds since 1970.
        """
        found = [
            (key, end)
            for key, end in self._ends.items()
            if key not in self._shown_ends and oldest <= end.at <= now - END_DELAY_MS
        ]
        self._shown_ends |= {key for key, _ in found}
        return [end_line(end) for _, end in found]

    def forget_ends(self) -> None:
        """The ends are to be shown again: lines were dropped."""
        self._shown_ends.clear()

    def rate(self) -> float:
        """Lines per second, lately."""
        now = time.monotonic()
        while self._arrivals and self._arrivals[0][0] < now - RATE_SECONDS:
            self._arrivals.popleft()
        return sum(count for _, count in self._arrivals) / RATE_SECONDS

    @property
    def problems(self) -> list[str]:
        """What an operator must know, in sentences: what cannot be read, and why."""
        reader = self._reader
        found = [self.error]
        found += [each.words for each in self.sources if not each.readable]
        if reader is not None:
            found += [f"{name} was not read: {error}" for name, error in reader.errors.items()]
        found += [str(each.error) for each in self.states.values() if each.error is not None]
        if self.left_out:
            found.append(f"{self.left_out} older tasks are left out.")
        return [each for each in dict.fromkeys(found) if each]

    @property
    def how(self) -> str:
        """How it follows, in words."""
        ways = {each.by for each in self.states.values()}
        if not self.following:
            return ""
        return "live tail" if ways == {"live tail"} else "polling" if "polling" in ways else ""

    @property
    def why(self) -> str:
        """Why it polls, in words; "" for no reason."""
        return next((each.why for each in self.states.values() if each.why), "")
