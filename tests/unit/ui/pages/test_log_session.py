"""The reading behind the page of logs, against the model of CloudWatch Logs in virtual time."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_tui.aws.account import Account
from ecs_tui.errors import AwsError, NotFound
from ecs_tui.logs.follow import TailGap
from ecs_tui.logs.line import LogLine
from ecs_tui.model.log_source import LogPlace, LogSource
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.ui.log_lines.shown import ShownLines
from ecs_tui.ui.pages.logs.session import LogSession
from tests.support.cloudwatch_model import GROUP, CloudWatchModel, Written
from tests.support.virtual_time import run

TASK = "a" * 32
STREAM = f"ecs/app/{TASK}"
SOURCE = LogSource(f"arn:task/{TASK}", TASK, "app", LogPlace.CLOUDWATCH, GROUP, STREAM)


class Listener:
    """Keeps what arrives, as a page does."""

    def __init__(self) -> None:
        self.shown = ShownLines()
        self.gaps: list[TailGap] = []

    def lines_arrived(self, lines: Sequence[LogLine], *, older: bool) -> None:
        self.shown.add(lines, older=older)

    def gaps_found(self, gaps: Sequence[TailGap]) -> None:
        self.gaps += gaps

    def session_changed(self) -> None: ...

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.shown.lines]


async def no_definition(arn: str) -> TaskDefinition:
    raise AwsError(f"{arn} cannot be read.")


def session(aws: CloudWatchModel, listener: Listener, seconds: int, **named: int) -> LogSession:
    account = cast("Account", None)  # describes only tasks that are not described
    made = LogSession(
        account, lambda region: aws, no_definition, (), listener, seconds=seconds,
        clock=aws.clock, **named,
    )  # fmt: skip
    made.set_sources([SOURCE])
    return made


@contextlib.asynccontextmanager
async def running(made: LogSession) -> AsyncIterator[None]:
    task = asyncio.create_task(made.run())
    try:
        for _ in range(600):
            if made.first_read:
                break
            await asyncio.sleep(0.1)
        assert made.first_read
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(st.sampled_from(["older", "longer", "shorter", "wait"]), max_size=8),
    seconds=st.sampled_from([60, 300, 900]),
    seed=st.integers(0, 20),
)
def test_scrolling_and_ranges_lose_nothing_and_double_nothing(
    steps: list[str], seconds: int, seed: int
) -> None:
    """What is shown is always the end of the truth without a hole, each line once."""

    async def scenario() -> None:
        every = [Written(at * 400, STREAM, str(at)) for at in range(4_000)]
        aws = CloudWatchModel(every, seed=seed, page_size=500)
        await asyncio.sleep(1_100)
        listener = Listener()
        made = session(aws, listener, seconds)
        async with running(made):
            for step in steps:
                if step == "older":
                    await made.older()
                elif step == "wait":
                    await asyncio.sleep(20)
                elif step == "longer":
                    made.seconds = min(900, made.seconds * 3) if made.seconds else 0
                else:
                    listener.shown.keep_from(made.shorten(60))
            await asyncio.sleep(90)
            numbers = sorted(map(int, listener.texts))
        assert len(numbers) > 100
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        assert listener.texts == [str(number) for number in numbers]
        assert numbers[-1] * 400 > aws.elapsed() - 10_000

    run(scenario())


def test_scrolling_up_reaches_the_first_line() -> None:
    async def scenario() -> None:
        every = [Written(at * 1000, STREAM, str(at)) for at in range(3_000)]
        aws = CloudWatchModel(every, page_size=500)
        await asyncio.sleep(3_100)
        listener = Listener()
        made = session(aws, listener, 60)
        async with running(made):
            for _ in range(30):
                await made.older()
                if made.at_start:
                    break
            assert made.at_start and made.seconds == 0
            await asyncio.sleep(30)
        assert Counter(listener.texts) == Counter(map(str, range(3_000)))

    run(scenario())


def test_a_time_is_reached_however_many_lines_come_after_it() -> None:
    async def scenario() -> None:
        every = [Written(at * 50, STREAM, str(at)) for at in range(20_000)]
        aws = CloudWatchModel(every, page_size=1_000)
        begun = aws.clock()
        await asyncio.sleep(1_100)
        listener = Listener()
        made = session(aws, listener, 900, shown_from=begun + 100_000)
        async with running(made):
            await asyncio.sleep(30)
        numbers = list(map(int, listener.texts))
        assert numbers[0] < 2_000, "the time itself"
        assert numbers[-1] == (100_000 + 120_000) // 50, "and two minutes after it"
        assert not made.following

    run(scenario())


def test_a_definition_that_cannot_be_read_is_told_and_tried_again() -> None:
    async def scenario() -> None:
        aws = CloudWatchModel([Written(0, STREAM, "hi")])
        listener = Listener()
        made = session(aws, listener, 60)
        made.set_sources([])
        task = Task("arn:task/x", "x", "arn:cluster", task_definition="arn:definition")
        made.set_tasks([task])
        running_task = asyncio.create_task(made.run())
        await asyncio.sleep(5)
        assert any("cannot be read" in words for words in made.problems)
        made._tasks.clear()
        made.set_sources([SOURCE])
        await asyncio.sleep(20)
        assert made.first_read and made.problems == []
        running_task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running_task

    run(scenario())


def test_tasks_of_other_services_that_ecs_has_named_are_left_out_once_they_are_described() -> None:
    async def nothing(arn: str) -> TaskDefinition:
        raise AssertionError("no definition is read")

    made = LogSession(
        cast("Account", None), lambda region: cast("CloudWatchModel", None), nothing, (), Listener(),
        seconds=60, service="web",
    )  # fmt: skip
    named = [Task(f"arn:task/{each}", each, "arn:cluster", described=False) for each in "abc"]
    made.set_tasks(named)
    groups = ("service:web", "service:worker", "family:web")
    described = zip(named, groups, strict=True)
    made.set_tasks(replace(task, group=group, described=True) for task, group in described)
    assert [task.id for task in made.tasks] == ["a"]


def test_groups_of_no_task_are_looked_for_first_and_what_is_missing_is_told() -> None:
    async def scenario() -> None:
        aws = CloudWatchModel([Written(0, STREAM, "hi")])

        async def found() -> list[LogSource]:
            return [SOURCE]

        async def nothing() -> list[LogSource]:
            raise NotFound("Cluster prod has no log group of Container Insights.")

        for groups, texts, problems in (
            (found, ["hi"], []),
            (nothing, [], ["Cluster prod has no log group of Container Insights."]),
        ):
            listener = Listener()
            made = LogSession(
                cast("Account", None), lambda region: aws, no_definition, (), listener, seconds=60,
                groups=groups, clock=aws.clock,
            )  # fmt: skip
            assert made.loading == "Looking for the log groups…"
            async with running(made):
                await asyncio.sleep(20)
            assert (listener.texts, made.problems, made.loading) == (texts, problems, "")

    run(scenario())
