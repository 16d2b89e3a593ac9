"""Following: whatever the network, the machine and AWS do, each event arrives, and once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from ecs_tui.errors import ResourceGone
from ecs_tui.logs.follow import Follower, FollowState, TailGap
from ecs_tui.model.log_event import LogEvent
from ecs_tui.store.counted_events import CountedEvents
from ecs_tui.store.log_feed import LogFeed
from tests.support.cloudwatch_model import GROUP, CloudWatchModel, Trouble, Written, counted
from tests.support.virtual_time import run

STREAMS = ("ecs/app/a", "ecs/app/b", "ecs/app/c")
AFTER_SECONDS = 110.0
"""Seconds in which all spans settle: lateness, a step of settling, retries after errors."""


class Followed:
    """What has arrived, and how."""

    def __init__(self) -> None:
        self.events: list[LogEvent] = []
        self.states: list[FollowState] = []
        self.gaps: list[TailGap] = []

    def add(self, events: Sequence[LogEvent]) -> None:
        """Take events."""
        self.events += events


async def follow(
    aws: CloudWatchModel, seconds: float, streams: Sequence[str] = STREAMS, *, live: bool = True
) -> Followed:
    """Follow the model for some time."""
    seen = Followed()
    feed = LogFeed(aws, GROUP, streams, since=aws.epoch, clock=aws.clock)
    follower = Follower(feed, seen.add, seen.states.append, seen.gaps.append, live=live)
    following = asyncio.create_task(follower.run())
    await asyncio.sleep(seconds)
    assert not following.done()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    return seen


WRITTEN = some.builds(
    Written,
    at=some.integers(0, 60_000),
    stream=some.sampled_from(STREAMS),
    message=some.sampled_from(["one", "two", "\x1b[2J"]),
    delay=some.integers(0, 15_000),
    hidden=some.integers(0, 5_000),
)
TROUBLES = some.builds(
    Trouble,
    kind=some.sampled_from(["errors", "cut", "sleep", "refuse"]),
    at=some.integers(0, 60_000),
    length=some.integers(0, 45_000),
)


@settings(max_examples=150, deadline=None)
@given(
    written=some.lists(WRITTEN, max_size=40),
    again=some.integers(0, 3),
    troubles=some.lists(TROUBLES, max_size=4),
    tails=some.sampled_from(["offered", "AccessDeniedException", "InvalidOperationException"]),
    sampled_above=some.sampled_from([0, 1, 3, 500]),
    tail_seconds=some.sampled_from([7, 30, 10_800]),
    page_size=some.integers(1, 7),
    skew=some.sampled_from([0, 0, 25_000, -25_000]),
    seed=some.integers(0, 99),
)
def test_any_interleaving_gives_each_event_once(
    written: list[Written],
    again: int,
    troubles: list[Trouble],
    tails: str,
    sampled_above: int,
    tail_seconds: int,
    page_size: int,
    skew: int,
    seed: int,
) -> None:
    async def scenario() -> None:
        aws = CloudWatchModel(
            [*written, *written[:again]],  # equal events, which must not become one
            troubles,
            tails,
            sampled_above,
            tail_seconds,
            page_size,
            0,
            skew,
            seed,
        )
        seen = await follow(aws, 60 + 45 + AFTER_SECONDS)
        assert counted(seen.events) == aws.truth()

    run(scenario())


def steady(seconds: int, each_ms: int, stream: str = STREAMS[0]) -> list[Written]:
    """An event at equal distances."""
    return [Written(at, stream, str(at), 300, 700) for at in range(0, seconds * 1000, each_ms)]


@pytest.mark.parametrize(
    ("tails", "words"),
    [
        ("AccessDeniedException", "no permission for logs:StartLiveTail"),
        ("InvalidOperationException", "live tail not offered here (InvalidOperationException)"),
    ],
)
def test_without_a_live_tail_it_polls_and_says_why(tails: str, words: str) -> None:
    async def scenario() -> None:
        aws = CloudWatchModel(steady(20, 500), tails=tails)
        seen = await follow(aws, 40)
        assert counted(seen.events) == aws.truth()
        assert aws.calls["tail"] == 1, "it is not asked again"
        assert (seen.states[-1].by, seen.states[-1].why) == ("polling", words)

    run(scenario())


def test_an_event_is_seen_within_seconds() -> None:
    async def scenario(tails: str, most_ms: int) -> None:
        aws = CloudWatchModel(steady(60, 1000), tails=tails, page_size=50)
        late: list[int] = []
        feed = LogFeed(aws, GROUP, STREAMS[:1], since=aws.epoch, clock=aws.clock)
        follower = Follower(feed, lambda new: late.extend(aws.now() - e.written for e in new))
        following = asyncio.create_task(follower.run())
        await asyncio.sleep(70)
        following.cancel()
        assert len(late) == 60
        assert max(late[10:]) <= most_ms, "the stream did not exist at first"

    run(scenario("offered", 2_500))
    run(scenario("AccessDeniedException", 4_000))


def test_a_sampled_span_is_told_and_read_again_within_30_seconds() -> None:
    async def scenario() -> None:
        burst = [Written(20_000 + at, STREAMS[0], str(at), 100, 900) for at in range(900)]
        aws = CloudWatchModel([*steady(60, 1000), *burst], sampled_above=500, page_size=400)
        seen = Followed()
        arrived: dict[str, int] = {}

        def add(events: Sequence[LogEvent]) -> None:
            seen.add(events)
            arrived.update((event.message, aws.elapsed()) for event in events)

        feed = LogFeed(aws, GROUP, STREAMS[:1], since=aws.epoch, clock=aws.clock)
        follower = Follower(feed, add, seen.states.append, seen.gaps.append)
        following = asyncio.create_task(follower.run())
        await asyncio.sleep(60)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        assert aws.sampled > 300
        assert counted(seen.events) == counted(
            event for event in map(aws.event, aws.written) if event.ingested <= aws.now() - 1_500
        )
        assert max(arrived[str(each)] for each in range(900)) <= 50_000
        (told, *_, refilled) = [gap for gap in seen.gaps if gap.sampled]
        assert not told.refilled and refilled.refilled
        assert told.start <= aws.epoch + 21_000 <= refilled.end

    run(scenario())


def test_opening_a_live_tail_leaves_no_gap_to_tell() -> None:
    async def scenario() -> None:
        aws = CloudWatchModel(steady(40, 500), page_size=50, tail_seconds=15)
        seen = await follow(aws, 60, STREAMS[:1])
        assert seen.states[-1].by == "live tail" and aws.calls["tail"] > 2
        assert seen.gaps == []

    run(scenario())


def test_a_sleeping_machine_misses_nothing() -> None:
    async def scenario() -> None:
        aws = CloudWatchModel(
            steady(180, 1000), [Trouble("sleep", 20_000, 120_000)], tails="offered", page_size=50
        )
        seen = await follow(aws, 100)
        assert counted(seen.events) == aws.truth()
        assert any(not gap.sampled and gap.end - gap.start > 100_000 for gap in seen.gaps)

    run(scenario())


def test_streams_that_come_later_are_read_from_their_first_event() -> None:
    async def scenario(tails: str) -> None:
        others = [
            Written(30_000 + at, STREAMS[1], f"b{at}", 300, 700) for at in range(0, 5000, 500)
        ]
        third = [Written(at, STREAMS[2], f"c{at}", 300, 700) for at in range(0, 40_000, 900)]
        aws = CloudWatchModel([*steady(60, 1000), *others, *third], tails=tails, page_size=20)
        seen = Followed()
        # The second stream does not exist yet; the third becomes known after 35 s.
        feed = LogFeed(aws, GROUP, STREAMS[:2], since=aws.epoch, clock=aws.clock)
        follower = Follower(feed, seen.add)
        following = asyncio.create_task(follower.run())
        await asyncio.sleep(35)
        follower.set_streams(STREAMS)
        await asyncio.sleep(45)
        following.cancel()
        assert counted(seen.events) == aws.truth()

    run(scenario("offered"))
    run(scenario("AccessDeniedException"))


def test_equal_events_are_all_there_and_memory_is_given_back() -> None:
    async def scenario() -> None:
        equal = [Written(5_000, STREAMS[0], "same", 10, 500)] * 7
        aws = CloudWatchModel([*equal, *steady(300, 100)], page_size=100, sampled_above=3)
        seen = Followed()
        feed = LogFeed(aws, GROUP, STREAMS[:1], since=aws.epoch, clock=aws.clock)
        following = asyncio.create_task(Follower(feed, seen.add).run())
        await asyncio.sleep(300)
        assert Counter(event.message for event in seen.events)["same"] == 7
        kept = len(feed._counted)
        assert kept < 1200, "only what may be read again is remembered"
        following.cancel()

    run(scenario())


def test_a_group_that_does_not_exist_is_an_error_until_it_does() -> None:
    async def scenario() -> None:
        aws = CloudWatchModel(steady(30, 500), page_size=50, group_from=10_000)
        seen = await follow(aws, 60, STREAMS[:1])
        assert counted(seen.events) == aws.truth()
        assert isinstance(seen.states[0].error, ResourceGone)
        assert seen.states[-1].error is None

    run(scenario())


def test_the_third_of_equal_events_is_new_if_two_were_returned() -> None:
    counted_events = CountedEvents()
    event = LogEvent("/web", "a", 5_000, "same", 6_000)
    assert len(counted_events.begin().new([event, event])) == 2
    tail = counted_events.begin()
    assert tail.new([event]) == [] and tail.new([event]) == [] and tail.new([event]) == [event]
    assert counted_events.begin().new([event] * 3) == []
    counted_events.forget(6_000)
    assert len(counted_events) == 0


def test_packed_events_are_recognized_too() -> None:
    counted_events = CountedEvents()
    same, other = (
        LogEvent("/web", "a", 5_000, "same", 6_000),
        LogEvent("/web", "b", 5_999, "", 6_000),
    )
    counted_events.begin().new([same, other, same])
    counted_events.pack(6_000)
    assert len(counted_events) == 3
    assert counted_events.begin().new([same, same, same, other]) == [same]
    counted_events.forget(6_000)
    assert len(counted_events) == 0


def test_nothing_is_forgotten_that_a_slow_poll_still_reads() -> None:
    async def scenario() -> None:
        written = [Written(at, STREAMS[0], str(at), 8_000, 100) for at in range(0, 20_000, 500)]
        aws = CloudWatchModel(written, page_size=5)
        feed = LogFeed(aws, GROUP, STREAMS[:1], since=aws.epoch, clock=aws.clock)
        seen: list[LogEvent] = []
        await asyncio.sleep(22)
        async for events in feed.poll():
            seen += events
        slow = feed.poll()
        seen += await anext(slow)
        await asyncio.sleep(100)  # it is throttled, but not what reads the settled span
        async for events in feed.settle():
            seen += events
        async for events in slow:
            seen += events
        assert counted(seen) == aws.truth()

    run(scenario())


def test_what_comes_a_minute_late_is_found_when_its_span_settles() -> None:
    async def scenario() -> None:
        late = Written(10_000, STREAMS[0], "late", 100, 40_000)
        aws = CloudWatchModel([*steady(60, 1000), late], tails="AccessDeniedException")
        seen = await follow(aws, 120, STREAMS[:1])
        assert counted(seen.events) == aws.truth()

    run(scenario())
