"""Audit data of a demo account that runs: CloudTrail, sessions, transcripts and Athena, by boto3."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore import xform_name

from ecs_tui.demo.audit_answers import ACTIONS, READ_AUDIT
from ecs_tui.demo.iam import _like
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.session import Session
from ecs_tui.session.state import State
from tests.support.demo import Demo
from tests.support.demo_logs import boto_client, code_of, wait_for
from tests.support.limits import until
from tests.support.members import unknown_members
from tests.support.ready_target import ready_target

GROUP = "/ecs/exec"


@pytest.fixture(scope="module", autouse=True)
def unlimited(demo: Demo) -> None:
    demo.set_audit(rate=0, delay=0)


@pytest.fixture(scope="module")
def trail(demo: Demo) -> Any:
    return boto_client(demo, "cloudtrail")


def raw(client: Any, operation: str, **params: Any) -> dict[str, Any]:
    """The answer as sent, before botocore drops members that it does not know."""
    bodies: list[bytes] = []
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(
        f"after-call.{service}.{operation}",
        lambda http_response, **_: bodies.append(http_response.content),
    )
    getattr(client, xform_name(operation))(**params)
    answer: dict[str, Any] = json.loads(bodies[-1])
    return answer


def found(trail: Any, name: str, **more: Any) -> list[dict[str, Any]]:
    """The records of an operation, newest first."""
    pages = trail.get_paginator("lookup_events").paginate(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}], **more
    )
    return [json.loads(each["CloudTrailEvent"]) for page in pages for each in page["Events"]]


def query(athena: Any, sql: str) -> str:
    started: str = athena.start_query_execution(QueryString=sql)["QueryExecutionId"]
    return started


def test_answers_have_only_members_that_the_model_names(demo: Demo, trail: Any) -> None:
    ssm, athena = boto_client(demo, "ssm"), boto_client(demo, "athena")
    sql = "SELECT eventname, useridentity.arn FROM cloudtrail_logs WHERE readonly = 'false' LIMIT 3"
    execution = query(athena, sql)

    def state() -> str:
        view = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
        return str(view["Status"]["State"])

    wait_for(lambda: state() == "SUCCEEDED")
    calls: list[tuple[Any, str, dict[str, Any]]] = [
        (trail, "LookupEvents", {}),
        (trail, "DescribeTrails", {}),
        (trail, "GetTrailStatus", {"Name": "example-corp"}),
        (trail, "GetEventSelectors", {"TrailName": "example-corp"}),
        (ssm, "DescribeSessions", {"State": "Active"}),
        (ssm, "DescribeSessions", {"State": "History"}),
        (athena, "GetQueryExecution", {"QueryExecutionId": execution}),
        (athena, "GetQueryResults", {"QueryExecutionId": execution}),
    ]
    for client, operation, params in calls:
        answer = raw(client, operation, **params)
        shape = client.meta.service_model.operation_model(operation).output_shape
        assert list(unknown_members(shape, answer)) == [], operation
        assert answer, operation
    rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"]
    assert rows[0] == {"Data": [{"VarCharValue": "eventname"}, {"VarCharValue": "arn"}]}
    assert len(rows) == 4
    wrong = query(athena, "SELECT nothing FROM cloudtrail_logs")
    athena.stop_query_execution(QueryExecutionId=wrong)
    view = athena.get_query_execution(QueryExecutionId=wrong)["QueryExecution"]["Status"]
    assert view["State"] == "CANCELLED"


def test_lookups_are_limited(demo: Demo, trail: Any) -> None:
    demo.set_audit(rate=2)
    codes = []
    for _ in range(4):
        try:
            trail.lookup_events(MaxResults=1)
        except trail.exceptions.ClientError as error:
            codes.append(error.response["Error"]["Code"])
    demo.set_audit(rate=0)
    assert codes and set(codes) == {"ThrottlingException"}


def test_iams_events_are_in_its_home_region(demo: Demo, trail: Any) -> None:
    assert found(trail, "AttachRolePolicy")
    assert not found(boto_client(demo, "cloudtrail", region_name="eu-west-1"), "AttachRolePolicy")


def test_who_may_look_is_decided_by_iam(demo: Demo) -> None:
    assert all(any(_like(each, action) for each in READ_AUDIT["Action"]) for action in ACTIONS)
    role = "arn:aws:iam::123456789012:role/dev"
    keys = boto_client(demo, "sts").assume_role(RoleArn=role, RoleSessionName="bob")["Credentials"]
    own = {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }
    trail = boto_client(demo, "cloudtrail", **own)
    code, message = code_of(lambda: trail.lookup_events())
    assert code == "AccessDeniedException" and "cloudtrail:LookupEvents" in message
    ecs = boto_client(demo, "ecs", **own)
    task = ecs.list_tasks(cluster="prod", serviceName="orders")["taskArns"][0]
    code, _ = code_of(
        lambda: ecs.execute_command(cluster="prod", task=task, command="id", interactive=True)
    )
    denied = found(boto_client(demo, "cloudtrail"), "ExecuteCommand")[0]
    assert denied["errorCode"] == "AccessDenied" and denied["responseElements"] is None
    assert denied["userIdentity"]["arn"].endswith(":assumed-role/dev/bob")
    assert denied["requestParameters"]["task"] == task


def test_a_session_of_somebody_else_is_ended(demo: Demo) -> None:
    ssm = boto_client(demo, "ssm")
    sessions = ssm.describe_sessions(State="Active")["Sessions"]
    theirs = next(each for each in sessions if each["SessionId"].startswith("grace-"))
    assert theirs["Target"].startswith("ecs:prod_")
    assert ssm.terminate_session(SessionId=theirs["SessionId"])["SessionId"]
    filters = [{"key": "SessionId", "value": theirs["SessionId"]}]
    assert not ssm.describe_sessions(State="Active", Filters=filters)["Sessions"]
    (ended,) = ssm.describe_sessions(State="History", Filters=filters)["Sessions"]
    assert ended["Status"] == "Terminated" and ended["EndDate"] > ended["StartDate"]


async def held(demo: Demo, cluster: str, service: str, typed: str) -> str:
    """Open a shell, type a line, end it; returns the session's ID."""
    account = demo.account()
    out = bytearray()
    target = await ready_target(account, cluster, service)
    session = Session(
        account, target, "/bin/sh", out.extend, lambda: None, plugin=PluginChoice.BUILTIN
    )
    try:
        await session.start()
        await until(lambda: b"#" in out, "a prompt")
        session.write(typed.encode() + b"\r")
        await until(lambda: b"said-7" in out, "the answer")
        ids = session.session_id
        session.write(b"exit\r")
        await until(lambda: session.state is State.CLOSED, "the end")
    finally:
        await session.close()
        await account.close()
    return str(ids)


@pytest.mark.asyncio
async def test_a_shell_leaves_events_and_a_transcript(demo: Demo, trail: Any) -> None:
    session = await held(demo, "prod", "orders", "echo said-$((3+4))")
    logs = boto_client(demo, "logs")
    streams = wait_for(
        lambda: logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=session)[
            "logStreams"
        ]
    )
    assert [each["logStreamName"] for each in streams] == [session]
    (event,) = logs.get_log_events(logGroupName=GROUP, logStreamName=session)["events"]
    assert event["message"].startswith("Script started on ") and "\r\n" not in event["message"]
    assert "echo said-$((3+4))" in event["message"] and "\nsaid-7\n" in event["message"]
    record = found(trail, "ExecuteCommand")[0]
    assert record["responseElements"]["session"]["sessionId"] == session
    assert record["userIdentity"]["userName"] == "alice"
    (start,) = [
        each
        for each in found(trail, "StartSession")
        if (each["responseElements"] or {}).get("sessionId") == session
    ]
    assert start["userIdentity"]["invokedBy"] == "ecs.amazonaws.com"
    assert start["requestParameters"]["target"].startswith("ecs:prod_")
    ssm = boto_client(demo, "ssm")
    (ended,) = ssm.describe_sessions(
        State="History", Filters=[{"key": "SessionId", "value": session}]
    )["Sessions"]
    assert ended["Owner"].endswith("AWSServiceRoleForECS/ECSExecuteCommand")


@pytest.mark.asyncio
async def test_a_transcript_in_a_bucket(demo: Demo) -> None:
    session = await held(demo, "exec-cases", "healthy", "echo said-$((3+4))")
    s3 = boto_client(demo, "s3")
    key = f"exec/{session}.log"

    def keys() -> Iterator[str]:
        for page in s3.get_paginator("list_objects_v2").paginate(
            Bucket="example-corp-exec-logs", Prefix="exec/"
        ):
            yield from (each["Key"] for each in page["Contents"])

    wait_for(lambda: key in set(keys()))
    assert len(list(keys())) > 1, "the history's transcripts are there too"
    body = s3.get_object(Bucket="example-corp-exec-logs", Key=key)["Body"].read()
    assert b"Script started on" in body and b"said-7\r\n" in body


def test_insights_find_lines_in_transcripts_and_in_the_trail(demo: Demo, trail: Any) -> None:
    arn = trail.describe_trails()["trailList"][0]["CloudWatchLogsLogGroupArn"]
    logs = boto_client(demo, "logs")
    span = {"startTime": int(time.time()) - 95 * 86_400, "endTime": int(time.time())}

    def rows(group: str, text: str) -> list[dict[str, str]]:
        started = logs.start_query(logGroupIdentifiers=[group], queryString=text, **span)["queryId"]
        wait_for(lambda: logs.get_query_results(queryId=started)["status"] == "Complete")
        return [
            {cell["field"]: cell["value"] for cell in row}
            for row in logs.get_query_results(queryId=started)["results"]
        ]

    dumps = rows(GROUP, "fields @logStream | filter @message like /pg_dump/")
    assert dumps and all(each["@logStream"].startswith("ecs-execute-command-") for each in dumps)
    events = rows(
        arn.removesuffix(":*"),
        'filter eventName = "UpdateCluster" | fields eventName, requestParameters.cluster',
    )
    assert {each["requestParameters.cluster"] for each in events} == {"batch"}
    since = datetime.now(UTC)
    assert found(trail, "StartQuery", EndTime=since)


def test_on_request_the_history_is_large(demo: Demo, trail: Any) -> None:
    demo.set_audit(events=20_000)
    logs = boto_client(demo, "logs")
    streams = [
        each["logStreamName"]
        for page in logs.get_paginator("describe_log_streams").paginate(logGroupName=GROUP)
        for each in page["logStreams"]
    ]
    assert len(set(streams)) > 5_000
    page = trail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ExecuteCommand"}]
    )
    assert len(page["Events"]) == 50 and page["NextToken"]
