"""Event streams: what arrives, how they end, what is refused; shown with Live Tail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from ecs_tui.aws import clients, gate, streams
from ecs_tui.aws.account import Account, Credentials
from ecs_tui.aws.api import logs
from ecs_tui.aws.pace import Pace
from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import AwsError, BadAnswer, NoNetwork, ReadOnly, Throttled
from ecs_tui.model.log_event import LogEvent, TailUpdate
from tests.support.event_stream import StreamReply, message
from tests.support.limits import limit, until
from tests.support.stub_aws import HTML, Reply, StubAws, error_reply

pytestmark = pytest.mark.asyncio
TAIL = "logs:StartLiveTail"
GROUP = "arn:aws:logs:us-east-1:111122223333:log-group:/web"
START = message("event", "sessionStart", {"sessionId": "s-1"})


def update(*texts: str, sampled: bool = False) -> bytes:
    """An update with these log events."""
    results = [
        {
            "logGroupIdentifier": "/web",
            "logStreamName": "app/1",
            "timestamp": 1_764_000_000_000 + number,
            "message": words,
        }
        for number, words in enumerate(texts)
    ]
    members = {"sessionMetadata": {"sampled": sampled}, "sessionResults": results}
    return message("event", "sessionUpdate", members)


@pytest_asyncio.fixture
async def account(stub: StubAws) -> AsyncIterator[Account]:
    made = stub.account(timeout_seconds=30)
    yield made
    stub.heal()
    await made.close()


async def follow(account: Account, silence: float = 20.0) -> list[TailUpdate]:
    """All updates until the tail ends."""
    async with logs.live_tail(account, [GROUP], silence_seconds=limit(silence)) as updates:
        return [each async for each in updates]


async def read_into(seen: list[TailUpdate], account: Account) -> None:
    """Add each update as it arrives."""
    async with logs.live_tail(account, [GROUP]) as updates:
        async for each in updates:
            seen.append(each)


async def test_each_update_arrives_until_the_stream_ends(stub: StubAws, account: Account) -> None:
    sent = [START, update("one", "two\x1b[2J"), update(), update("three", sampled=True)]
    stub.answers[TAIL] = StreamReply(sent).reply()
    first, second, third = await follow(account)
    at = datetime(2025, 11, 24, 16, 0, tzinfo=UTC)
    assert first.events[0] == LogEvent("/web", "app/1", 1_764_000_000_000, "one")
    assert first.events[0].at == at
    assert [each.message for each in first.events] == ["one", "two\x1b[2J"]
    assert second == TailUpdate(())
    assert third.sampled and not first.sampled
    assert account.pace.calls == 1, "it was opened within the call budget"
    (_, body), *_ = stub.bodies
    assert b"logStreamNames" not in body and GROUP.encode() in body


@pytest.mark.parametrize("raw", [{"timestamp": 10**17}, {"timestamp": "x", "message": 3}, {}])
async def test_a_log_event_with_odd_members_costs_only_these(
    stub: StubAws, account: Account, raw: dict[str, object]
) -> None:
    odd = message("event", "sessionUpdate", {"sessionResults": [raw]})
    stub.answers[TAIL] = StreamReply([odd]).reply()
    ((event,),) = [each.events for each in await follow(account)]
    assert (event.at, event.message) == (None, "")


async def test_an_exception_in_the_middle_is_an_error_with_its_code(
    stub: StubAws, account: Account
) -> None:
    over = message("exception", "SessionTimeoutException", {"message": "Session \x1b[31mover"})
    stub.answers[TAIL] = StreamReply([START, update("one"), over], "silence").reply()
    seen: list[TailUpdate] = []
    with pytest.raises(AwsError) as caught:
        await read_into(seen, account)
    assert len(seen) == 1
    assert (caught.value.code, caught.value.operation) == ("SessionTimeoutException", TAIL)
    assert str(caught.value).isprintable() and "over" in str(caught.value)


async def test_a_damaged_message_is_an_error(stub: StubAws, account: Account) -> None:
    damaged = update("one").replace(b"one", b"0ne")
    stub.answers[TAIL] = StreamReply([START, damaged]).reply()
    with pytest.raises(BadAnswer, match="event stream of logs:StartLiveTail is damaged"):
        await follow(account)


async def test_a_stream_that_is_cut_is_an_error_of_the_network(
    stub: StubAws, account: Account
) -> None:
    stub.answers[TAIL] = StreamReply([START, update("one")], "cut").reply()
    with pytest.raises(NoNetwork, match="broke off"):
        await follow(account)


async def test_silence_has_a_deadline(stub: StubAws, account: Account) -> None:
    stub.answers[TAIL] = StreamReply([START, update("one")], "silence").reply()
    with pytest.raises(NoNetwork, match="no event came for"):
        await follow(account, 0.5)


async def test_leaving_the_block_closes_the_connection(stub: StubAws, account: Account) -> None:
    sent = StreamReply([START, update("one")], "on")
    stub.answers[TAIL] = sent.reply()
    async with logs.live_tail(account, [GROUP], ["app/1"]) as updates:
        async for _ in updates:
            break
    await until(sent.closed.is_set, "the connection is closed")
    assert b'"logStreamNames": ["app/1"]' in stub.bodies[0][1]


async def test_a_cancellation_closes_the_connection(stub: StubAws, account: Account) -> None:
    sent = StreamReply([START, update("one")], "on")
    stub.answers[TAIL] = sent.reply()
    seen: list[TailUpdate] = []
    reading = asyncio.create_task(read_into(seen, account))
    await until(lambda: seen, "an update")
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await until(sent.closed.is_set, "the connection is closed")


async def test_a_throttled_opening_is_tried_again_and_counts(
    stub: StubAws, account: Account
) -> None:
    refusals = [error_reply(TAIL, "ThrottlingException", "Rate exceeded")] * 2
    good = StreamReply([START, update("one")]).reply()
    stub.answers[TAIL] = lambda _: refusals.pop() if refusals else good
    assert len(await follow(account)) == 1
    # botocore repeats each attempt once.
    assert (account.pace.calls, account.pace.throttled, stub.calls[TAIL]) == (2, 1, 3)
    stub.answers[TAIL] = error_reply(TAIL, "ThrottlingException", "Rate exceeded")
    with pytest.raises(Throttled, match="logs:StartLiveTail"):
        await follow(account)


async def test_a_page_of_a_proxy_is_no_event_stream(stub: StubAws, account: Account) -> None:
    stub.answers[TAIL] = Reply(200, HTML, (("Content-Type", "text/html"),))
    with pytest.raises(BadAnswer, match="not from AWS: HTTP 200 text/html"):
        await follow(account)


async def test_what_the_policy_denies_is_not_opened(stub: StubAws) -> None:
    account = Account(
        None,
        "us-east-1",
        stub.endpoint,
        credentials=Credentials("a", "b"),
        policy=CallPolicy(deny=("logs:Start*",)),
    )
    with pytest.raises(ReadOnly, match="logs:StartLiveTail was blocked by the policy"):
        await follow(account)
    assert stub.calls[TAIL] == 0
    await account.close()


async def test_streams_wait_for_the_budget(stub: StubAws, account: Account) -> None:
    stub.answers[TAIL] = StreamReply([START]).reply()
    now = [0.0]
    account.pace = Pace(clock=lambda: now[0])
    for _ in range(5):
        await account.pace.wait("logs", "StartLiveTail")
        now[0] += 0.01
    opening = asyncio.create_task(follow(account))
    bucket = account.pace._bucket("logs", "StartLiveTail")
    await until(lambda: bucket.tokens < 0, "it waits for its token")
    await opening
    assert account.pace.calls == 6


async def test_the_endpoint_of_an_address_gets_no_prefix(stub: StubAws) -> None:
    """Live Tail's host begins with `stream-`, which no address can."""
    assert clients._has_no_subdomains("http://127.0.0.1:5000")
    assert clients._has_no_subdomains("http://[::1]:5000")
    assert clients._has_no_subdomains("http://localhost:4566")
    assert not clients._has_no_subdomains("https://logs.eu-west-1.amazonaws.com")


async def test_the_operation_of_a_method(stub: StubAws, account: Account) -> None:
    client = await account.client("logs")
    found = gate.operation_of(client.start_live_tail, streams=True)
    assert (str(found), found.body, found.streams) == (TAIL, "json", True)
    assert streams.MAX_SILENCE_SECONDS > 1, "an update comes every second"
