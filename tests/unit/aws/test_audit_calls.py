"""The calls of the audit: their parameters, their pages, and answers that are damaged or refused."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import athena, cloudtrail, iam, ssm
from ecs_tui.aws.read_only import refuse
from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import AccessDenied, BadAnswer, ReadOnly
from ecs_tui.model.active_session import ActiveSession
from ecs_tui.model.athena_query import AthenaQuery
from ecs_tui.model.audit_event import AuditTarget
from ecs_tui.model.trail import Trail, TrailState
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


def sent(stub: StubAws, operation: str) -> list[dict[str, Any]]:
    """The parameters of all calls of an operation."""
    return [json.loads(body) for name, body in stub.bodies if name == operation]


def raw_event(record: dict[str, object], **more: object) -> dict[str, object]:
    """An event as LookupEvents returns it."""
    return {
        "EventId": record["eventID"], "EventName": record["eventName"], "ReadOnly": "false",
        "EventTime": made.NOW.timestamp() - 600, "EventSource": record["eventSource"],
        "CloudTrailEvent": json.dumps(record), **more,
    }  # fmt: skip


async def test_pages_are_asked_for_with_the_same_parameters(
    stub: StubAws, account: Account
) -> None:
    pages = {
        "": {"Events": [raw_event(made.exec_record())], "NextToken": "two"},
        "two": {"Events": [raw_event(made.denied_record()), {"EventId": "x"}, "junk"]},
    }
    stub.answers[LOOKUP] = lambda body: pages[json.loads(body).get("NextToken", "")]
    asked = cloudtrail.EventLookup("ExecuteCommand", made.NOW.replace(day=1), made.NOW)
    found = [page async for page in cloudtrail.lookup_pages(account, asked)]
    assert [len(page.events) for page in found] == [1, 1]
    assert [page.token for page in found] == ["two", ""]
    assert found[0].oldest is not None
    first, second = sent(stub, LOOKUP)
    assert first["LookupAttributes"] == [
        {"AttributeKey": "EventName", "AttributeValue": "ExecuteCommand"}
    ]
    assert second == {**first, "NextToken": "two"}
    assert first["MaxResults"] == 50


async def test_a_page_that_names_itself_and_a_denied_look(stub: StubAws, account: Account) -> None:
    asked = cloudtrail.EventLookup("ExecuteCommand", made.NOW.replace(day=1), made.NOW)
    stub.answers[LOOKUP] = {"Events": [], "NextToken": "same"}
    with pytest.raises(BadAnswer, match="same NextToken"):
        [page async for page in cloudtrail.lookup_pages(account, asked)]
    stub.answers[LOOKUP] = error_reply(LOOKUP, "AccessDeniedException", "no")
    with pytest.raises(AccessDenied) as caught:
        [page async for page in cloudtrail.lookup_pages(account, asked)]
    assert caught.value.operation == LOOKUP


async def test_open_sessions_in_containers(stub: StubAws, account: Account) -> None:
    target = f"ecs:prod_{made.TASK}_{made.RUNTIME}"
    stub.answers["ssm:DescribeSessions"] = {
        "Sessions": [
            {"SessionId": "s-1", "Target": target, "Owner": "arn:x", "StartDate": 1764000000.0,
             "Status": "Connected"},
            {"SessionId": "s-2", "Target": "i-0123"},
            {"SessionId": "s-3"},
        ]
    }  # fmt: skip
    found = [each async for page in ssm.active_sessions(account) for each in page]
    where = AuditTarget("prod", task=made.TASK, runtime=made.RUNTIME)
    assert [(each.id, each.target, each.owner) for each in found] == [("s-1", where, "arn:x")]
    assert isinstance(found[0], ActiveSession)
    assert sent(stub, "ssm:DescribeSessions")[0]["State"] == "Active"


async def test_trails_and_what_they_record(stub: StubAws, account: Account) -> None:
    stub.answers["cloudtrail:DescribeTrails"] = {
        "trailList": [
            {"Name": "t", "TrailARN": "arn:t", "HomeRegion": "us-east-1", "IsMultiRegionTrail": True,
             "CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:1:log-group:trail:*"},
            {"Name": "without an ARN"},
        ]
    }  # fmt: skip
    stub.answers["cloudtrail:GetTrailStatus"] = {"IsLogging": True}
    stub.answers["cloudtrail:GetEventSelectors"] = {
        "AdvancedEventSelectors": [
            {"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}
        ]
    }
    found = await cloudtrail.trails(account)
    group = "arn:aws:logs:us-east-1:1:log-group:trail"
    assert found == [Trail("t", "arn:t", "us-east-1", every_region=True, log_group=group)]
    assert await cloudtrail.trail_state(account, found[0]) == TrailState(True, True)


async def test_rows_of_athena_without_the_line_of_names(stub: StubAws, account: Account) -> None:
    def row(*values: str) -> dict[str, object]:
        return {"Data": [{"VarCharValue": value} for value in values]}

    columns = {"ColumnInfo": [{"Name": "a", "Type": "varchar"}, {"Name": "b", "Type": "varchar"}]}
    pages = {
        "": {"ResultSet": {"Rows": [row("a", "b"), row("1", "2")], "ResultSetMetadata": columns},
             "NextToken": "n"},
        "n": {"ResultSet": {"Rows": [row("a", "b"), {"Data": [{}]}], "ResultSetMetadata": columns}},
    }  # fmt: skip
    stub.answers["athena:GetQueryResults"] = lambda body: pages[
        json.loads(body).get("NextToken", "")
    ]
    query = await athena.start_query(account, AthenaQuery("SELECT 1", "primary", "db"))
    assert (await athena.query_status(account, query)).state == "SUCCEEDED"
    rows = [each async for page in athena.query_rows(account, query) for each in page]
    assert rows == [{"a": "1", "b": "2"}, {"a": "a", "b": "b"}, {"a": ""}]
    started = sent(stub, "athena:StartQueryExecution")[0]
    assert (started["WorkGroup"], started["QueryExecutionContext"]) == (
        "primary",
        {"Database": "db"},
    )


async def test_the_document_of_a_managed_policy(stub: StubAws, account: Account) -> None:
    document = "%7B%22Statement%22%3A%20%5B%5D%7D"
    stub.answers["iam:GetPolicyVersion"] = {"PolicyVersion": {"Document": document}}
    assert json.loads(await iam.policy_document(account, "arn:aws:iam::aws:policy/X")) == {
        "Statement": []
    }


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("SELECT a FROM t", True),
        (" select a from t;", True),
        ("DROP TABLE t", False),
        ("SELECT 1; DROP TABLE t", False),
        ("", False),
    ],
)
async def test_read_only_mode_lets_only_selects_through(statement: str, allowed: bool) -> None:
    policy = CallPolicy(read_only=True)
    found = refuse(policy, "athena", "StartQueryExecution", {"QueryString": statement})
    assert (found is None) is allowed
    assert found is None or isinstance(found, ReadOnly)
    assert refuse(policy, "ssm", "TerminateSession", {}) is not None
    assert refuse(policy, "ssm", "DescribeSessions", {}) is None
    assert refuse(policy, "cloudtrail", "LookupEvents", {}) is None
