"""Live tails of the demo account: what AWS's event stream sends, and how it ends."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from botocore.config import Config
from botocore.exceptions import EventStreamError
from urllib3.exceptions import ProtocolError

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.logs import live_tail
from ecs_tui.errors import AwsError, NoNetwork
from ecs_tui.model.log_event import TailUpdate
from tests.support.demo import Demo, demo_account
from tests.support.demo_logs import ARN, ORDERS, WEB, boto_client, code_of, events, task_ids
from tests.support.limits import limit


def tail(logs: Any, *groups: str, **params: Any) -> Any:
    identifiers = [f"{ARN}{group}" for group in groups]
    return logs.start_live_tail(logGroupIdentifiers=identifiers, **params)["responseStream"]


def updates(stream: Any, count: int) -> list[dict[str, Any]]:
    """The next updates of a tail."""
    found = []
    for event in stream:
        if "sessionUpdate" in event:
            found.append(event["sessionUpdate"])
        if len(found) == count:
            break
    return found


def test_a_tail_begins_and_then_sends_an_update_each_second(demo: Demo, logs: Any) -> None:
    began = time.monotonic()
    stream = tail(logs, WEB, ORDERS)
    first = next(iter(stream))["sessionStart"]
    assert first["logGroupIdentifiers"] == [f"{ARN}{WEB}", f"{ARN}{ORDERS}"]
    assert {"requestId", "sessionId"} < set(first)
    found = updates(stream, 3)
    assert time.monotonic() - began >= 3
    stream.close()
    results = [event for update in found for event in update["sessionResults"]]
    assert {event["logGroupIdentifier"] for event in results} == {
        f"123456789012:{WEB}",
        f"123456789012:{ORDERS}",
    }
    assert set(results[0]) == {
        "logStreamName", "logGroupIdentifier", "message", "timestamp", "ingestionTime",
    }  # fmt: skip


def key(event: dict[str, Any]) -> tuple[Any, ...]:
    return event["logStreamName"], event["timestamp"], event["ingestionTime"], event["message"]


def test_a_tail_has_what_was_ingested_each_once(demo: Demo, logs: Any) -> None:
    stream = tail(logs, WEB)
    next(iter(stream))
    found = updates(stream, 6)
    stream.close()
    results = [event for update in found for event in update["sessionResults"]]
    times = [event["ingestionTime"] for event in results]
    assert not any(update["sessionMetadata"]["sampled"] for update in found)
    first, last = min(times), max(times)
    stored = events(logs, logGroupName=WEB, startTime=first - 60_000)
    expected = [event for event in stored if first <= event["ingestionTime"] <= last]
    assert sorted(map(key, results)) == sorted(map(key, expected))


def test_a_tail_is_of_some_streams_or_with_a_pattern(demo: Demo, logs: Any) -> None:
    name = f"ecs/app/{task_ids(demo, 'web')[0]}"
    for params in (
        {"logStreamNames": [name]},
        {"logStreamNamePrefixes": [name[:30]]},
    ):
        stream = tail(logs, WEB, **params)
        (update, *_) = [u for u in updates(stream, 4) if u["sessionResults"]]
        stream.close()
        assert {event["logStreamName"] for event in update["sessionResults"]} == {name}
    stream = tail(logs, WEB, logEventFilterPattern="{ $.status = 200 }")
    for update in updates(stream, 3):
        assert all('"status":200' in event["message"] for event in update["sessionResults"])
    stream.close()


def test_more_than_500_events_in_a_second_are_sampled() -> None:
    with demo_account("--log-rate", "800") as demo:
        logs = boto_client(demo, "logs")
        stream = tail(logs, WEB)
        sampled = [u for u in updates(stream, 6) if u["sessionMetadata"]["sampled"]]
        assert sampled
        assert {len(update["sessionResults"]) for update in sampled} == {500}
        assert len(demo.sampled()) >= len(sampled), "the server tells which updates they were"
        assert all(0 < end - start < 10_000 for start, end in demo.sampled())
        demo.set_logs(rate=8)
        # What was written before is ingested within 25 s; then nothing is sampled.
        assert any(not u["sessionMetadata"]["sampled"] for u in updates(stream, 30))
        stream.close()


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"logGroupIdentifiers": [WEB]}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [f"{ARN}{WEB}:*"]}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [f"{ARN}/nothing"]}, "ResourceNotFoundException"),
        ({"logGroupIdentifiers": [f"{ARN}{WEB}", f"{ARN}{ORDERS}"], "logStreamNames": ["x"]},
         "InvalidParameterException"),
        ({"logGroupIdentifiers": [f"{ARN}{WEB}"], "logStreamNames": ["x"],
          "logStreamNamePrefixes": ["x"]}, "InvalidParameterException"),
        ({"logGroupIdentifiers": [f"{ARN}{WEB}"], "logEventFilterPattern": "{ x }"},
         "InvalidParameterException"),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused(logs: Any, params: dict[str, Any], code: str) -> None:
    assert code_of(lambda: logs.start_live_tail(**params))[0] == code


def test_there_are_at_most_fifteen_tails(demo: Demo) -> None:
    config = Config(
        inject_host_prefix=False, max_pool_connections=20, retries={"total_max_attempts": 1}
    )
    logs = boto_client(demo, "logs", config=config)
    open_tails = [tail(logs, WEB) for _ in range(15)]
    assert code_of(lambda: tail(logs, WEB))[0] == "LimitExceededException"
    for each in open_tails:
        each.close()
    # The server notices that a client is gone when it sends the next update.
    end = time.monotonic() + 20
    while True:
        try:
            tail(logs, WEB).close()
            return
        except logs.exceptions.LimitExceededException:
            assert time.monotonic() < end
            time.sleep(0.2)


def errors_of(stream: Any) -> Iterator[str]:
    try:
        for _ in stream:
            pass
    except EventStreamError as error:
        yield error.response["Error"]["Code"]


def test_a_tail_ends_after_its_time(demo: Demo, logs: Any) -> None:
    demo.set_logs(seconds=2)
    try:
        assert list(errors_of(tail(logs, WEB))) == ["SessionTimeoutException"]
    finally:
        demo.set_logs(seconds=3 * 3600)


def test_running_tails_can_be_failed_or_cut(demo: Demo, logs: Any) -> None:
    stream = tail(logs, WEB)
    next(iter(stream))
    demo.set_logs(fail=True)
    assert list(errors_of(stream)) == ["SessionStreamingException"]
    stream = tail(logs, WEB)
    next(iter(stream))
    threading.Timer(0.3, demo.set_logs, kwargs={"cut": True}).start()
    with pytest.raises(ProtocolError, match="prematurely"):
        updates(stream, 5)
    stream = tail(logs, WEB)
    assert updates(stream, 1)
    stream.close()


@pytest_asyncio.fixture
async def account(demo: Demo) -> AsyncIterator[Account]:
    made = demo.account()
    yield made
    await made.close()


async def followed(
    account: Account, group: str, silence: float, act: Callable[[], None] | None = None
) -> list[TailUpdate]:
    """The updates of the program's own client, until one has events and `act` has been called.

    Whoever calls `act` waits for the end of the tail.
    """
    found: list[TailUpdate] = []
    async with live_tail(account, [f"{ARN}{group}"], silence_seconds=silence) as updates:
        async for update in updates:
            found.append(update)
            if act is not None:
                await asyncio.to_thread(act)
            elif update.events:
                return found
    return found


@pytest.mark.asyncio
async def test_the_programs_own_client_follows(demo: Demo, account: Account) -> None:
    *_, update = await followed(account, WEB, limit(15))
    event = update.events[0]
    assert event.group == f"123456789012:{WEB}"
    assert event.at is not None and abs(time.time() - event.at.timestamp()) < 60
    with pytest.raises(AwsError, match="StartLiveTail"):
        await followed(account, "/ecs/prod/vault", limit(15))


@pytest.mark.asyncio
async def test_the_programs_own_client_sees_faults(demo: Demo, account: Account) -> None:
    with pytest.raises(NoNetwork, match="broke off"):
        await followed(account, WEB, limit(15), lambda: demo.set_logs(cut=True))
    try:
        with pytest.raises(NoNetwork, match="no event came"):
            await followed(account, WEB, 2.5, lambda: demo.set_logs(silent=True))
    finally:
        demo.set_logs(silent=False)
    with pytest.raises(AwsError) as caught:
        await followed(account, WEB, limit(15), lambda: demo.set_logs(fail=True))
    assert caught.value.code == "SessionStreamingException"
