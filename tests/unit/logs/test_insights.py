"""Searches by Logs Insights: estimates, queries, progress, and results as lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.logs.filters import parse_filter
from ecs_tui.logs.insights import (
    InsightsSearch,
    cost_words,
    estimate,
    query_for,
    size_words,
)
from ecs_tui.model.log_group import LogGroup
from ecs_tui.model.log_source import LogGroupRef, LogPlace, LogSource
from tests.support.stub_aws import StubAws

DAY = 86_400_000
NOW = 100 * DAY
TASK = "4a5a" + "0" * 28
GROUP = LogGroupRef("/web", "us-east-1", "111122223333")
SOURCE = LogSource("arn", TASK, "app", LogPlace.CLOUDWATCH, GROUP, f"ecs/app/{TASK}")


@pytest.mark.parametrize(
    ("stored", "retention", "created", "since", "expected"),
    [
        (10e9, 10, 0, NOW - DAY, 1e9),
        (10e9, None, NOW - 20 * DAY, NOW - DAY, 0.5e9),
        (10e9, 10, NOW - 5 * DAY, NOW - DAY, 2e9),
        (10e9, 10, 0, NOW - 99 * DAY, 10e9),
        (10e9, None, -1, NOW - DAY, None),
        (0, 1, 0, NOW - DAY, 0),
    ],
)
def test_an_estimate(
    stored: float, retention: int | None, created: int, since: int, expected: float | None
) -> None:
    group = LogGroup("/web", "", "", int(stored), retention, created)
    found = estimate([group], since, NOW, NOW)
    assert found.bytes == (pytest.approx(expected) if expected is not None else None)
    if expected:
        assert found.words.startswith("Estimate: ") and "stored bytes × window" in found.words


def test_words_of_sizes_and_costs() -> None:
    assert [size_words(each) for each in (12, 3_400, 5e6, 1.5e9, 2e12)] == [
        "12 B", "3.4 kB", "5.0 MB", "1.5 GB", "2.0 TB",
    ]  # fmt: skip
    assert (cost_words(1e9), cost_words(100e9)) == ("less than $0.01", "about $0.50")


@pytest.mark.parametrize(
    ("words", "clauses"),
    [
        ("", []),
        ("a.b/c", ["filter @message like /(?i)a\\.b\\/c/"]),
        ("!x", ["filter @message not like /(?i)x/"]),
        ('~"a/b\\/c d"', ["filter @message like /(?i)a\\/b\\/c d/"]),
        ("status:503", ["filter @message like /(?i)503/"]),
        ("!status:503 level:error task:4a", []),
        ("~(", []),
    ],
)
def test_a_filter_as_a_query(words: str, clauses: list[str]) -> None:
    parts = query_for(parse_filter(words), (), 7).split(" | ")
    assert parts[1:-2] == clauses
    assert parts[-2:] == ["sort @timestamp desc", "limit 7"]


def test_streams_are_named_unless_there_are_too_many() -> None:
    assert 'filter @logStream in ["a", "b\\"c"]' in query_for(parse_filter(""), ["a", 'b"c'])
    assert "in [" not in query_for(parse_filter(""), [str(each) for each in range(61)])


@pytest_asyncio.fixture
async def account(stub: StubAws) -> AsyncIterator[Account]:
    made = stub.account()
    await made.client("logs")
    yield made
    stub.heal()
    await made.close()


def row(at: str, message: str) -> list[dict[str, str]]:
    values = {
        "@timestamp": at, "@ingestionTime": "1764000000500", "@message": message,
        "@log": "111122223333:/web", "@logStream": f"ecs/app/{TASK}", "@ptr": "p",
    }  # fmt: skip
    return [{"field": name, "value": value} for name, value in values.items()]


def answers(stub: StubAws, *statuses: dict[str, Any]) -> None:
    """Have the statuses of a query answered in turn."""
    left = list(statuses)
    stub.answers["logs:StartQuery"] = {"queryId": "q-1"}
    stub.answers["logs:StopQuery"] = {"success": True}
    stub.answers["logs:GetQueryResults"] = lambda *_: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.asyncio
async def test_a_search_gives_lines_and_what_it_cost(stub: StubAws, account: Account) -> None:
    results = [row("2025-11-24 16:00:01.250", "ERROR b"), row("2025-11-24 16:00:00.000", "info")]
    answers(
        stub,
        {"status": "Running", "results": [], "statistics": {"bytesScanned": 1e6}},
        {"status": "Complete", "results": results, "nextToken": "t", "statistics": {
            "bytesScanned": 3e9, "recordsScanned": 1e6, "recordsMatched": 3}},
        {"status": "Complete", "results": [row("2025-11-24 16:00:02.000", "ERROR c")]},
    )  # fmt: skip
    search = InsightsSearch(account, [SOURCE], parse_filter("level:error"), 0, 1_999, 100)
    assert search.request.groups == (GROUP.arn,)
    assert (search.request.since, search.request.until) == (0, 2)
    seen = [each async for each in search.run()]
    assert [each.status for each in seen] == ["Running", "Complete"]
    last = seen[-1]
    assert [(each.text, each.at, each.task, each.group) for each in last.lines] == [
        ("ERROR b", 1_764_000_001_250, TASK, "/web"), ("ERROR c", 1_764_000_002_000, TASK, "/web"),
    ]  # fmt: skip
    assert last.words == "Complete: 3.0 GB scanned, 1,000,000 lines, 3 found; cost about $0.01"
    assert stub.calls["logs:StopQuery"] == 0


@pytest.mark.asyncio
async def test_who_leaves_a_search_stops_it(stub: StubAws, account: Account) -> None:
    answers(stub, {"status": "Running", "results": []})
    running = InsightsSearch(account, [SOURCE], parse_filter("x"), 0, 1).run()
    assert not (await anext(running)).ended
    await running.aclose()  # type: ignore[attr-defined]
    assert stub.calls["logs:StopQuery"] == 1


@pytest.mark.asyncio
async def test_an_estimate_from_the_groups(stub: StubAws, account: Account) -> None:
    raw = {"logGroupName": "/web", "storedBytes": 10**10, "retentionInDays": 10, "creationTime": 0}
    stub.answers["logs:DescribeLogGroups"] = {"logGroups": [raw]}
    search = InsightsSearch(account, [SOURCE], parse_filter("x"), NOW - DAY, NOW)
    assert (await search.estimate(NOW)).bytes == pytest.approx(1e9)
