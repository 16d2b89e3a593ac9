"""The reader: the newest lines first, older ones, spans, and following from where reading ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ecs_tui.errors import AwsError
from ecs_tui.logs.history import HistoryCursor
from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.logs.reader import LogReader
from ecs_tui.model.log_event import LogPage
from ecs_tui.model.log_source import ContainerExit, LogPlace, LogSource
from tests.support.cloudwatch_model import GROUP, CloudWatchModel, Trouble, Written
from tests.support.virtual_time import run

TASKS = ("a" * 32, "b" * 32, "c" * 32)
OTHER = replace(GROUP, name="/other")


def source(task: str, group: object = GROUP) -> LogSource:
    """The source of the container app of a task."""
    assert group in (GROUP, OTHER)
    return LogSource(
        f"arn:task/{task}", task, "app", LogPlace.CLOUDWATCH,
        OTHER if group is OTHER else GROUP, f"ecs/app/{task}",
    )  # fmt: skip


def written(count: int, each_ms: int = 100, tasks: Sequence[str] = TASKS) -> list[Written]:
    """Events in turn."""
    return [
        Written(at * each_ms, f"ecs/app/{tasks[at % len(tasks)]}", str(at)) for at in range(count)
    ]


def texts(lines: Sequence[LogLine]) -> list[str]:
    return [each.text for each in lines]


def reader(aws: CloudWatchModel, tasks: Sequence[str] = TASKS, **named: int) -> LogReader:
    return LogReader(lambda region: aws, map(source, tasks), clock=aws.clock, **named)


async def follow(reading: LogReader, seconds: float, since: int | None = None) -> list[LogLine]:
    """The lines that arrive within some time."""
    lines: list[LogLine] = []
    async with reading.following(since) as batches:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for batch in batches:
                    lines += batch.lines
    return [*lines, *reading.flush()]


@settings(max_examples=60, deadline=None)
@given(
    counts=some.lists(some.integers(1, 40), min_size=1, max_size=8),
    page=some.integers(1, 30),
    each_ms=some.sampled_from([0, 1, 100]),
    seed=some.integers(0, 50),
)
def test_reading_backwards_returns_each_line_once(
    counts: list[int], page: int, each_ms: int, seed: int
) -> None:
    async def scenario() -> None:
        aws = CloudWatchModel(written(120, each_ms), page_size=page, seed=seed)
        await asyncio.sleep(20)
        reading = reader(aws)
        found = await reading.newest(counts[0])
        for count in counts[1:]:
            older = await reading.older(count)
            assert len(older) == min(count, 120 - len(found))
            found = [*older, *found]
        assert Counter(texts(found)) == Counter(
            map(str, range(120 - len(found), 120)) if each_ms else texts(found)
        )
        assert len({each.text for each in found}) == len(found)
        assert [each.at for each in found] == sorted(each.at for each in found)
        assert all(each.task == each.stream.rpartition("/")[2] for each in found)

    run(scenario())


@settings(max_examples=40, deadline=None)
@given(
    first=some.integers(1, 60),
    opened=some.integers(0, 30),
    tails=some.sampled_from(["offered", "AccessDeniedException"]),
    cut=some.integers(0, 60_000),
    seed=some.integers(0, 50),
)
def test_following_continues_without_a_gap_or_a_double(
    first: int, opened: int, tails: str, cut: int, seed: int
) -> None:
    async def scenario() -> None:
        every = [replace(each, delay=500, hidden=700) for each in written(300)]
        aws = CloudWatchModel(every, [Trouble("cut", cut)], tails, page_size=20, seed=seed)
        await asyncio.sleep(opened)
        reading = reader(aws)
        lines = await reading.newest(first)
        lines += await follow(reading, 99)
        seen = Counter(int(each.text) for each in lines)
        while older := await reading.older(50):
            seen.update(int(each.text) for each in older)
        assert seen == Counter(range(300))

    run(scenario())


def test_a_span_is_read_in_order_with_the_ends_of_containers() -> None:
    async def scenario() -> None:
        aws = CloudWatchModel(written(50), page_size=7)
        await asyncio.sleep(20)
        reading = reader(aws)
        reading.add_ends([ContainerExit(TASKS[0], "app", aws.epoch + 2_050, "exit 137", True)] * 2)
        found = [
            line
            async for lines in reading.between(aws.epoch + 1_000, aws.epoch + 3_000, 6)
            for line in lines
        ]
        events = [each for each in found if each.kind is LineKind.EVENT]
        assert texts(events) == [str(each) for each in range(10, 31)]
        (place,) = [at for at, each in enumerate(found) if each.kind is LineKind.END]
        assert (found[place - 1].text, found[place + 1].text) == ("20", "21")

    run(scenario())


def test_a_stream_that_does_not_exist_hides_no_other() -> None:
    async def scenario() -> None:
        aws = CloudWatchModel(written(30, tasks=TASKS[:2]))
        await asyncio.sleep(20)
        reading = reader(aws)
        assert len(await reading.newest(100)) == 30
        assert reading.all_read and not reading.errors

    run(scenario())


class Refusing:
    """An API that refuses one log group."""

    def __init__(self, aws: CloudWatchModel) -> None:
        self._aws, self.tail = aws, aws.tail

    async def page(self, group: object, *args: object, **named: object) -> LogPage:
        if group == OTHER:
            raise AwsError("Access denied: logs:FilterLogEvents.")
        return await self._aws.page(group, *args, **named)  # type: ignore[arg-type]


def test_a_group_that_is_refused_hides_no_other() -> None:
    async def scenario() -> None:
        aws = CloudWatchModel(written(30, tasks=TASKS[:1]))
        await asyncio.sleep(20)
        api = Refusing(aws)
        sources = [source(TASKS[0]), source(TASKS[1], OTHER)]
        reading = LogReader(lambda region: api, sources, clock=aws.clock)  # type: ignore[arg-type,return-value]
        assert len(await reading.newest(20)) == 20
        assert len(await reading.older(20)) == 10
        assert await reading.older(20) == []
        assert list(reading.errors) == ["/other"]
        alone = LogReader(lambda region: api, sources[1:], clock=aws.clock)  # type: ignore[arg-type,return-value]
        with pytest.raises(AwsError):
            await alone.newest(20)

    run(scenario())


def test_an_endpoint_that_knows_one_direction_only_is_turned_round() -> None:
    class Forward:
        """FilterLogEvents before 2026: the oldest first, always."""

        def __init__(self, aws: CloudWatchModel) -> None:
            self._aws, self.tail = aws, aws.tail

        async def page(self, *args: object, **named: object) -> LogPage:
            named["newest_first"] = False
            return await self._aws.page(*args, **named)  # type: ignore[arg-type]

    async def scenario() -> None:
        aws = CloudWatchModel(written(60), page_size=20)
        await asyncio.sleep(20)
        cursor = HistoryCursor(Forward(aws), GROUP, newest_first=True)  # type: ignore[arg-type]
        await cursor.fill(100)
        assert [each.message for each in cursor.buffer] == [str(each) for each in range(59, -1, -1)]

    run(scenario())


def test_tasks_come_and_go_while_they_are_followed() -> None:
    async def scenario() -> None:
        first = [
            Written(at, f"ecs/app/{TASKS[0]}", f"a{at}", 300, 500) for at in range(0, 40_000, 700)
        ]
        second = [
            Written(20_000 + at, f"ecs/app/{TASKS[1]}", f"b{at}", 300, 500)
            for at in range(0, 40_000, 700)
        ]
        aws = CloudWatchModel([*first, *second], page_size=50)
        reading = reader(aws, TASKS[:1])
        collecting = asyncio.create_task(follow(reading, 85, aws.epoch))
        await asyncio.sleep(25)
        reading.set_sources([source(TASKS[1])])  # the deployment has replaced the first
        reading.add_ends([ContainerExit(TASKS[0], "app", aws.epoch + 39_900, "exit 143")])
        lines = await collecting
        events = [each for each in lines if each.kind is LineKind.EVENT]
        assert Counter(texts(events)) == Counter(
            [*(e.message for e in first), *(e.message for e in second)]
        )
        (end,) = [at for at, each in enumerate(lines) if each.kind is LineKind.END]
        assert all(each.task != TASKS[0] for each in lines[end + 1 :])
        assert reading.late == sum(each.late for each in lines)

    run(scenario())
