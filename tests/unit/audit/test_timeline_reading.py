"""Reading the audit against a stub: order, what is asked for again, errors, and older history."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ecs_tui.audit.history import (
    AthenaSearch,
    HistoryRequest,
    TrailSearch,
    query_for,
    record_of_row,
    statement_for,
)
from ecs_tui.audit.reader import ALL_LAYERS
from ecs_tui.audit.timeline import TimelineSource
from ecs_tui.audit.timeline_reading import AuditReading, progress_words
from ecs_tui.aws.account import Account
from ecs_tui.errors import NotFound, SettingsError
from ecs_tui.model.rules.audit_events import LAYERS
from ecs_tui.store.audit_feed import OVERLAP
from ecs_tui.store.audit_feeds import AuditFeeds
from tests.support import audit_events as made
from tests.support.stub_aws import StubAws, error_reply

pytestmark = pytest.mark.asyncio
LOOKUP = "cloudtrail:LookupEvents"


@pytest_asyncio.fixture
async def account(stub: StubAws) -> AsyncIterator[Account]:
    account = stub.account()
    yield account
    stub.reset()
    await account.close()


def names(stub: StubAws) -> list[str]:
    return [
        json.loads(body)["LookupAttributes"][0]["AttributeValue"]
        for operation, body in stub.bodies
        if operation == LOOKUP
    ]


def reading_of(feeds: AuditFeeds) -> AuditReading:
    return AuditReading(feeds, TimelineSource("stub"), lambda: None)


SINCE = made.NOW - timedelta(days=7)


async def test_sessions_come_first_and_the_second_time_only_what_is_new_is_asked_for(
    stub: StubAws, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    records = [made.exec_record(f"ecs-execute-command-{n}", minutes=n * 60) for n in range(1, 8)]
    stub.answers[LOOKUP] = made.TrailAnswers(*records, page=3)
    feeds = AuditFeeds(account, cache=True)
    reading = reading_of(feeds)
    await reading.run(SINCE, made.NOW)
    every = [name for layer in ALL_LAYERS for name in LAYERS[layer]]
    assert names(stub) == ["ExecuteCommand"] * 2 + every
    assert [row.event.session[-1] for row in reading.timeline.rows] == list("1234567")
    assert reading.finished == made.NOW and not reading.errors
    await feeds.close()

    stub.bodies.clear()
    again = AuditFeeds(account, cache=True)
    second = reading_of(again)
    later = made.NOW + timedelta(minutes=5)
    await second.run(SINCE, later, ("sessions",))
    assert len(second.timeline) == 7
    assert names(stub) == list(LAYERS["sessions"]), "one page for each name"
    first = json.loads(next(body for name, body in stub.bodies if name == LOOKUP))
    assert datetime.fromtimestamp(first["StartTime"], UTC) == made.NOW - OVERLAP


async def test_an_event_that_comes_an_hour_late_is_found_at_the_next_start(
    stub: StubAws, account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    known = [made.exec_record(f"ecs-execute-command-{n}", minutes=n) for n in range(1, 120)]
    late = made.exec_record("ecs-execute-command-late", minutes=70)
    stub.answers[LOOKUP] = made.TrailAnswers(*known)
    feeds = AuditFeeds(account, cache=True)
    await reading_of(feeds).run(SINCE, made.NOW, ("sessions",))
    await feeds.close()

    stub.answers[LOOKUP] = made.TrailAnswers(*known, late)
    feeds, before = AuditFeeds(account, cache=True), stub.calls[LOOKUP]
    reading = reading_of(feeds)
    await reading.run(SINCE, made.NOW + timedelta(minutes=5), ("sessions",))
    assert "ecs-execute-command-late" in [row.event.session for row in reading.timeline.rows]
    pages = -(-(len(known) + 1) // 50)
    assert stub.calls[LOOKUP] - before == pages + len(LAYERS["sessions"]) - 1, "two hours"

    before = stub.calls[LOOKUP]
    await reading.run(SINCE, made.NOW + timedelta(minutes=7), ("sessions",))
    assert stub.calls[LOOKUP] - before == len(LAYERS["sessions"]), "a refresh asks for 20 minutes"
    await feeds.close()


async def test_a_denied_look_is_no_empty_timeline(stub: StubAws, account: Account) -> None:
    stub.answers[LOOKUP] = error_reply(LOOKUP, "AccessDeniedException", "no")
    reading = reading_of(AuditFeeds(account, cache=False))
    await reading.run(SINCE, made.NOW)
    assert list(reading.errors.values()) == [
        "us-east-1: not allowed to look (cloudtrail:LookupEvents). What is shown may not be all."
    ]
    assert reading.finished is None and not reading.running


async def test_policies_are_read_as_they_are_today(stub: StubAws, account: Account) -> None:
    attach = made.record("AttachRolePolicy", source="iam", minutes=60,
                         asked={"roleName": "r", "policyArn": "arn:aws:iam::aws:policy/A"})  # fmt: skip
    stub.answers[LOOKUP] = made.TrailAnswers(attach)
    document = json.dumps({"Statement": {"Effect": "Allow", "Action": "ssm:*"}})
    stub.answers["iam:GetPolicyVersion"] = {"PolicyVersion": {"Document": document}}
    reading = reading_of(AuditFeeds(account, cache=False))
    await reading.run(SINCE, made.NOW, ("policies",))
    assert [row.what for row in reading.timeline.rows] == [
        "AttachRolePolicy role r A: allows ssm:StartSession today"
    ]
    assert stub.calls["iam:GetPolicy"] == 1


async def test_progress_names_the_date_that_is_reached(stub: StubAws, account: Account) -> None:
    stub.answers[LOOKUP] = made.TrailAnswers(
        *(made.exec_record(f"s-{n}", minutes=n * 600) for n in range(1, 9)), page=2
    )
    told: list[str] = []
    reading = AuditReading(
        AuditFeeds(account, cache=False), TimelineSource("stub"),
        lambda: told.append(progress_words([reading], made.NOW)),
    )  # fmt: skip
    await reading.run(SINCE, made.NOW, ("sessions",))
    said = [each for each in told if each]
    assert said[0].startswith("reading ExecuteCommand (1 of 4), back to 28 Nov")
    assert "of 22 Nov 2026" in said[0]
    assert told[-1] == ""


REQUEST = HistoryRequest(SINCE - timedelta(days=300), made.NOW, ("sessions",))


async def test_older_events_from_a_trails_log_group(stub: StubAws, account: Account) -> None:
    search = TrailSearch(account, REQUEST)
    with pytest.raises(NotFound, match="No trail delivers to a log group in us-east-1"):
        await search.estimate(made.NOW)
    group = "arn:aws:logs:us-east-1:111122223333:log-group:trail"
    stub.answers["cloudtrail:DescribeTrails"] = {
        "trailList": [{"TrailARN": "a", "CloudWatchLogsLogGroupArn": f"{group}:*"}]
    }
    stub.answers["logs:DescribeLogGroups"] = {
        "logGroups": [{"logGroupName": "trail", "storedBytes": 10**9, "retentionInDays": 400,
                       "creationTime": 1}]
    }  # fmt: skip
    assert "to scan" in await search.estimate(made.NOW)
    stub.answers["logs:StartQuery"] = {"queryId": "q"}
    message = {"field": "@message", "value": json.dumps(made.exec_record())}
    stub.answers["logs:GetQueryResults"] = {
        "status": "Complete", "results": [[message], [{"field": "@message", "value": "junk"}]],
        "statistics": {"bytesScanned": 5e6},
    }  # fmt: skip
    progress = [each async for each in search.run()]
    assert progress[-1].ended and "5.0 MB scanned" in progress[-1].words
    assert [each.session for each in progress[-1].events] == [made.NEW_SESSION]
    assert query_for(["A", "B"]).startswith(
        'fields @message | filter eventName in ["A", "B"] | sort'
    )


async def test_older_events_from_athena(stub: StubAws, account: Account) -> None:
    with pytest.raises(SettingsError, match=r"WORKGROUP/DATABASE\.TABLE"):
        AthenaSearch(account, "table; DROP", REQUEST)
    record = made.exec_record()
    row = {
        "eventid": "e", "eventname": "ExecuteCommand", "eventsource": "ecs.amazonaws.com",
        "eventtime": record["eventTime"], "user_type": "IAMUser", "user_username": "alice",
        "requestparameters": json.dumps(record["requestParameters"]),
        "responseelements": json.dumps(record["responseElements"]),
    }  # fmt: skip
    columns = [{"Name": name, "Type": "varchar"} for name in row]
    cells: list[dict[str, Any]] = [{"VarCharValue": value} for value in row.values()]
    stub.answers["athena:GetQueryResults"] = {
        "ResultSet": {"Rows": [{"Data": cells}], "ResultSetMetadata": {"ColumnInfo": columns}}
    }
    search = AthenaSearch(account, "primary/trails.cloudtrail", REQUEST)
    assert "$5 a terabyte" in await search.estimate(made.NOW)
    progress = [each async for each in search.run()]
    assert progress[-1].ended
    assert [each.session for each in progress[-1].events] == [made.NEW_SESSION]
    started = json.loads(next(b for n, b in stub.bodies if n == "athena:StartQueryExecution"))
    assert started["QueryString"] == statement_for("cloudtrail", REQUEST)
    assert "'ExecuteCommand'" in started["QueryString"]


async def test_a_row_of_athena_without_anything() -> None:
    assert record_of_row({})["requestParameters"] == {}
