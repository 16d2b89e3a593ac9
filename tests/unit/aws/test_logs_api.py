"""The calls of CloudWatch Logs: their parameters as AWS takes them, and their answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import logs, logs_insights
from ecs_tui.errors import AccessDenied, BadAnswer, ResourceGone
from ecs_tui.model.log_event import LogEvent, LogPage, as_milliseconds, as_time
from ecs_tui.model.log_group import LogGroup, LogStream
from ecs_tui.model.log_query import QueryRequest, QueryStatus
from ecs_tui.model.log_source import LogGroupRef
from ecs_tui.store.log_access import AwsLogs, LogAccounts
from tests.support.stub_aws import StubAws, error_reply

pytestmark = pytest.mark.asyncio
GROUP = LogGroupRef("/web", "us-east-1", "111122223333")
FOREIGN = LogGroupRef("/web", "us-east-1", "999999999999", foreign=True)
FILTER, GET = "logs:FilterLogEvents", "logs:GetLogEvents"
RAW = {
    "logStreamName": "s",
    "timestamp": 5,
    "message": "m\x00\ud800",
    "ingestionTime": 7,
    "eventId": "e",
}


@pytest_asyncio.fixture
async def account(stub: StubAws) -> AsyncIterator[Account]:
    made = stub.account()
    yield made
    stub.heal()
    await made.close()


def sent(stub: StubAws, operation: str) -> list[dict[str, Any]]:
    """The parameters of all calls of an operation."""
    return [json.loads(body) for name, body in stub.bodies if name == operation]


async def test_a_page_of_events(stub: StubAws, account: Account) -> None:
    stub.answers[FILTER] = {
        "events": [RAW, {"message": 3}],
        "nextToken": "t2",
        "searchedLogStreams": [],
    }
    page = await logs.filter_log_events(
        account, GROUP, ["s"], since=1, until=9, token="t1", limit=50, pattern="x"
    )
    assert page.events == (LogEvent("/web", "s", 5, "m\x00�", 7), LogEvent("/web", "", -1, ""))
    assert page.token == "t2"
    assert page.answered > 1_700_000_000_000, "AWS's clock, from the Date header"
    assert sent(stub, FILTER) == [
        {
            "logGroupName": "/web", "logStreamNames": ["s"], "startTime": 1, "endTime": 9,
            "nextToken": "t1", "limit": 50, "filterPattern": "x",
        }
    ]  # fmt: skip


async def test_the_newest_first_needs_a_start_after_2023(stub: StubAws, account: Account) -> None:
    stub.answers[FILTER] = {"events": []}
    await logs.filter_log_events(account, FOREIGN, (), "ecs/", newest_first=True)
    await logs.filter_log_events(account, GROUP, newest_first=True, since=1_800_000_000_000)
    first, second = sent(stub, FILTER)
    assert first == {
        "logGroupIdentifier": "arn:aws:logs:us-east-1:999999999999:log-group:/web",
        "logStreamNamePrefix": "ecs/", "startFromHead": False, "startTime": logs.NEWEST_FIRST_FROM,
    }  # fmt: skip
    assert second["startTime"] == 1_800_000_000_000


async def test_a_page_without_events_is_no_error(stub: StubAws, account: Account) -> None:
    stub.answers[FILTER] = {"nextToken": "on"}
    page = await AwsLogs(account).page(GROUP)
    assert (page.events, page.token) == ((), "on")


@pytest.mark.parametrize(
    ("code", "error"),
    [("ResourceNotFoundException", ResourceGone), ("AccessDeniedException", AccessDenied)],
)
async def test_refusals(stub: StubAws, account: Account, code: str, error: type[Exception]) -> None:
    words = "The specified log group does not exist."
    stub.answers[FILTER] = error_reply(FILTER, code, words)
    with pytest.raises(error, match="FilterLogEvents"):
        await logs.filter_log_events(account, GROUP)


async def test_a_stream_ends_where_the_tokens_are_the_same(stub: StubAws, account: Account) -> None:
    stub.answers[GET] = {"events": [RAW], "nextForwardToken": "f/1", "nextBackwardToken": "b/1"}
    page, older = await logs.get_log_events(account, GROUP, "s", since=1, until=2, limit=3)
    assert (page.events[0].stream, page.token, older) == ("s", "f/1", "b/1")
    page, older = await logs.get_log_events(account, GROUP, "s", token="f/1")
    assert page.token == "" and older == "b/1"
    _, older = await logs.get_log_events(account, GROUP, "s", token="b/1")
    assert older == ""
    first, forward, backward = sent(stub, GET)
    assert first["startFromHead"] is False and forward["startFromHead"] is True
    assert backward["startFromHead"] is False


async def test_groups_and_streams(stub: StubAws, account: Account) -> None:
    raw = {
        "logGroupName": "/web", "arn": "arn:x:*", "storedBytes": 9, "retentionInDays": 3,
        "creationTime": 4, "logGroupClass": "STANDARD", "kmsKeyId": "k",
    }  # fmt: skip
    stub.answers["logs:DescribeLogGroups"] = {"logGroups": [raw]}
    assert await logs.log_group(account, "/web") == LogGroup(
        "/web", "k", "arn:x", 9, 3, 4, "STANDARD"
    )
    assert [each async for each in logs.log_groups(account, "/w")] == [
        [LogGroup("/web", "k", "arn:x", 9, 3, 4, "STANDARD")]
    ]
    streams = [{"logStreamName": "a", "lastEventTimestamp": 8}, {"arn": "no name"}]
    stub.answers["logs:DescribeLogStreams"] = {"logStreams": streams}
    found = [each async for each in logs.log_streams(account, GROUP, "ecs/")]
    assert found == [[LogStream("a", -1, 8)]]
    async for _ in logs.log_streams(account, GROUP, "ecs/", latest_first=True):
        pass
    by_name, by_time = sent(stub, "logs:DescribeLogStreams")
    assert by_name["logStreamNamePrefix"] == "ecs/"
    assert by_time == {
        "logGroupName": "/web", "limit": 50, "orderBy": "LastEventTime", "descending": True,
    }  # fmt: skip


async def test_a_query(stub: StubAws, account: Account) -> None:
    stub.answers["logs:StartQuery"] = {"queryId": "q-1"}
    request = QueryRequest(("arn:1",), "fields @message", 10, 20, 5)
    assert await logs_insights.start_query(account, request) == "q-1"
    assert sent(stub, "logs:StartQuery") == [
        {
            "logGroupIdentifiers": ["arn:1"], "startTime": 10, "endTime": 20,
            "queryString": "fields @message", "limit": 5,
        }
    ]  # fmt: skip
    stub.answers["logs:GetQueryResults"] = {
        "status": "Running", "results": [[{"field": "@message", "value": "m"}, 3], "odd"],
        "statistics": {"bytesScanned": 1e9, "recordsScanned": 7, "recordsMatched": -1},
    }  # fmt: skip
    assert await logs_insights.query_status(account, "q-1") == QueryStatus(
        "Running", ({"@message": "m"}, {}), 0.0, 7.0, 1e9
    )
    stub.answers["logs:StopQuery"] = {"success": True}
    await logs_insights.stop_query(account, "q-1")
    stub.answers["logs:StartQuery"] = {"other": 1}
    with pytest.raises(BadAnswer, match="no queryId"):
        await logs_insights.start_query(account, request)


async def test_other_regions_have_accounts_of_their_own(stub: StubAws, account: Account) -> None:
    accounts = LogAccounts(account)
    assert accounts.of("").account is account
    await account.client("logs")  # the region is known now
    assert accounts.of(account.region).account is account
    other = accounts.of("eu-west-1").account
    assert other is accounts.of("eu-west-1").account and other.region == "eu-west-1"
    stub.answers[FILTER] = {"events": []}
    await accounts.of("eu-west-1").page(GROUP)
    assert stub.signed[-1].region == "eu-west-1"
    await accounts.close()


async def test_times() -> None:
    assert as_time(-1) is None and as_time(2**62) is None
    moment = as_time(1_764_000_000_123)
    assert moment is not None and as_milliseconds(moment) == 1_764_000_000_123
    assert LogPage(()).answered == -1
