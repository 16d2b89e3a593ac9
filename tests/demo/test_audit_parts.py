"""Parts of the demo's audit data: records, history, sessions, transcripts, SQL."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from ecs_tui.demo.answers import AwsRefusal
from ecs_tui.demo.athena import translated
from ecs_tui.demo.audit import AuditSettings, DemoAudit
from ecs_tui.demo.audit_history import HISTORY_DAYS, PastEvents, history, recent_first
from ecs_tui.demo.audit_logs import may_have_transcripts, transcript_of, transcript_streams
from ecs_tui.demo.audit_people import ALICE, CAROL, ECS_ITSELF, FRANK, PEOPLE, ROOT, SCALING
from ecs_tui.demo.audit_sessions import SessionBook, describe_sessions, exec_session
from ecs_tui.demo.audit_writer import HOME_REGION, session_id
from ecs_tui.demo.cloudtrail import CallLimit, lookup
from ecs_tui.demo.cloudtrail_calls import MadeCall, records_of
from ecs_tui.demo.cloudtrail_record import SECRET_TEXTS, TrailIdentity, TrailRecord
from ecs_tui.demo.logs_recorded import RecordedLog
from ecs_tui.demo.transcript_text import EVENT_BYTES, log_events, past_output, with_script_lines
from ecs_tui.demo.transcripts import RecordPlace, place_of

ACCOUNT, BEGAN, DAY = "123456789012", 1_795_000_000.0, 86_400


@pytest.fixture(scope="module")
def past() -> PastEvents:
    return history(ACCOUNT, BEGAN, 400, {})


# -- records


def test_each_kind_of_caller_has_its_own_shape() -> None:
    def of(who: TrailIdentity) -> dict[str, Any]:
        return who.document(ACCOUNT, BEGAN)

    assert of(ALICE)["userName"] == "alice"
    assert "userName" not in of(CAROL) and of(CAROL)["onBehalfOf"]["userId"]
    issuer = of(CAROL)["sessionContext"]["sessionIssuer"]
    assert issuer["arn"].endswith(f":role/aws-reserved/sso.amazonaws.com/us-east-1/{CAROL.name}")
    assert of(CAROL)["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"
    assert of(ROOT)["arn"] == f"arn:aws:iam::{ACCOUNT}:root" and "userName" not in of(ROOT)
    assert of(FRANK)["sessionContext"]["sessionIssuer"]["type"] == "IAMUser"
    assert of(SCALING)["invokedBy"] == "ecs.application-autoscaling.amazonaws.com"
    assert [who.username for who in (ALICE, CAROL, ROOT)] == ["alice", "carol@example.com", "root"]
    assert len({who.arn(ACCOUNT) for who in PEOPLE}) == 12


def test_the_history_is_the_same_in_each_run_and_covers_90_days(past: PastEvents) -> None:
    again = history(ACCOUNT, BEGAN + 60, 400, {})
    assert [each.id for each in again.records] == [each.id for each in past.records]
    assert again.sessions.keys() == past.sessions.keys()
    ages = [(BEGAN - each.at) / DAY for each in past.records]
    assert ages == sorted(ages, reverse=True)
    assert 80 < max(ages) < HISTORY_DAYS and min(ages) < 1
    names = Counter(each.name for each in past.records)
    assert names["ExecuteCommand"] > 100 and names["UpdateService"] > 30
    assert {"CreateDaemon", "UpdateCluster", "AttachRolePolicy", "CreatePolicyVersion"} <= set(
        names
    )
    assert all(each.region == HOME_REGION for each in past.records if "iam" in each.source)
    assert {each.region for each in past.records} == {"us-east-1", "eu-west-1"}


def test_denied_events_have_no_answer_and_some_no_parameters(past: PastEvents) -> None:
    denied = [each for each in past.records if each.error[0] == "AccessDenied"]
    assert all(each.response is None for each in denied)
    assert {each.parameters is None for each in denied} == {True, False}
    document = denied[0].document(ACCOUNT)
    assert document["responseElements"] is None and "ecs:ExecuteCommand" in document["errorMessage"]


def test_sessions_have_both_forms_of_id_and_one_start_by_ecs(past: PastEvents) -> None:
    lengths = {len(each.removeprefix("ecs-execute-command-")) for each in map(session_id, range(9))}
    assert lengths == {17, 26}
    starts = [each for each in past.records if each.identity == ECS_ITSELF]
    by_exec = [each for each in past.sessions.values() if not each.direct]
    assert {(each.response or {})["sessionId"] for each in starts} == {each.id for each in by_exec}
    assert sum(not each.ended for each in past.sessions.values()) == 3


def record(at: float, name: str = "RunTask", region: str = HOME_REGION) -> TrailRecord:
    return TrailRecord(at, f"{at}-{name}", "ecs.amazonaws.com", name, region, ALICE, None)


def test_two_lists_of_records_are_merged_newest_first() -> None:
    old = [record(1), record(3), record(5)]
    assert [each.at for each in recent_first(old, [record(4), record(6), record(2)])] == [
        6, 5, 4, 3, 2, 1,
    ]  # fmt: skip


# -- LookupEvents

NOW = BEGAN
SAMPLE = [
    record(NOW - number, ("RunTask", "StopTask")[number % 2], ("us-east-1", "eu-west-1")[number % 3 == 0])
    for number in range(1, 121)
]  # fmt: skip


def look(**params: Any) -> dict[str, Any]:
    return lookup(ACCOUNT, "us-east-1", params, lambda: iter(SAMPLE), NOW)


def pages(**params: Any) -> Iterator[list[dict[str, Any]]]:
    token: dict[str, str] = {}
    while True:
        page = look(**params, **token)
        yield page["Events"]
        if "NextToken" not in page:
            return
        token = {"NextToken": page["NextToken"]}


def test_pages_hold_each_event_once_newest_first() -> None:
    found = list(pages())
    assert [len(page) for page in found] == [50, 30]
    times = [event["EventTime"] for page in found for event in page]
    assert times == sorted(times, reverse=True)
    named = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "RunTask"}]}
    events = [event for page in pages(MaxResults=7, **named) for event in page]
    assert len(events) == 40 and {event["EventName"] for event in events} == {"RunTask"}
    assert json.loads(events[0]["CloudTrailEvent"])["requestParameters"] is None
    window = [e for page in pages(StartTime=NOW - 10, EndTime=NOW - 5) for e in page]
    assert [NOW - event["EventTime"] for event in window] == [5, 7, 8, 10]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"MaxResults": 51}, "InvalidMaxResultsException"),
        ({"MaxResults": 0}, "InvalidMaxResultsException"),
        ({"StartTime": 9, "EndTime": 5}, "InvalidTimeRangeException"),
        ({"NextToken": "x"}, "InvalidNextTokenException"),
        ({"NextToken": look(MaxResults=5)["NextToken"]}, "InvalidNextTokenException"),
        ({"EventCategory": "other"}, "InvalidEventCategoryException"),
        ({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "A"}] * 2},
         "InvalidLookupAttributesException"),
        ({"LookupAttributes": [{"AttributeKey": "Region", "AttributeValue": "A"}]},
         "InvalidLookupAttributesException"),
    ],
)  # fmt: skip
def test_what_lookup_refuses(params: dict[str, Any], code: str) -> None:
    with pytest.raises(AwsRefusal) as caught:
        look(**params)
    assert caught.value.code == code


def test_two_calls_a_second_and_region() -> None:
    now = [0.0]
    limit = CallLimit(2.0, lambda: now[0])
    limit.take("a")
    limit.take("a")
    limit.take("b")
    with pytest.raises(AwsRefusal, match="Rate exceeded"):
        limit.take("a")
    now[0] = 0.5
    limit.take("a")


# -- calls that are made


def made(operation: str, request: Any, status: int = 200, answer: Any = None) -> list[TrailRecord]:
    sent = request if isinstance(request, bytes) else json.dumps(request).encode()
    body = answer if isinstance(answer, bytes) else json.dumps(answer or {}).encode()
    call = MadeCall(
        BEGAN, "0a1b2c3d-0000-4000-a000-000000000001", operation, "eu-west-1", "AKIA", "10.0.0.1",
        "aws-cli/2", sent, status, body,
    )  # fmt: skip
    return records_of(call, ALICE, ECS_ITSELF, HOME_REGION, lambda session: f"ecs:{session}")


def test_a_shell_leaves_two_records_without_its_token() -> None:
    session = {"sessionId": "s-1", "streamUrl": "wss://x", "tokenValue": "secret"}
    first, second = made("ecs:ExecuteCommand", {"task": "1"}, answer={"session": session})
    assert first.response == {"session": session | {"tokenValue": SECRET_TEXTS[first.source]}}
    assert (second.name, second.identity, second.parameters) == (
        "StartSession",
        ECS_ITSELF,
        {"target": "ecs:s-1", "documentName": "AmazonECS-ExecuteInteractiveCommand"},
    )
    assert "secret" not in json.dumps([each.document(ACCOUNT) for each in (first, second)])


def test_errors_query_protocols_and_hidden_values() -> None:
    (denied,) = made("ecs:StopTask", {}, 400, {"__type": "AccessDeniedException", "message": "no"})
    assert denied.error == ("AccessDenied", "no") and denied.response is None
    xml = b"<Error><Code>NoSuchEntity</Code><Message>gone</Message></Error>"
    (iam,) = made("iam:PutRolePolicy", b"Action=PutRolePolicy&RoleName=dev", 404, xml)
    assert (iam.region, iam.parameters, iam.error) == (
        HOME_REGION,
        {"roleName": "dev"},
        ("NoSuchEntity", "gone"),
    )
    environment = [{"name": "PASSWORD", "value": "hunter2"}]
    (run,) = made(
        "ecs:RunTask", {"overrides": {"containerOverrides": [{"environment": environment}]}}
    )
    assert "hunter2" not in json.dumps(run.document(ACCOUNT))
    (read,) = made("ssm:DescribeSessions", {"State": "Active"}, answer={"Sessions": []})
    assert read.read_only and read.response is None and read.parameters == {"state": "Active"}


# -- sessions


def test_sessions_are_listed_by_state_filters_and_pages() -> None:
    book = SessionBook()
    for number in range(5):
        book.opened(exec_session(f"s-{number}", "us-east-1", f"ecs:prod_{number}"))
    assert book.ended("s-0") and not book.ended("s-9") and book.target_of("s-1") == "ecs:prod_1"

    def listed(**params: Any) -> dict[str, Any]:
        return describe_sessions(book.all(), "us-east-1", params, time.time())

    active = listed(State="Active", MaxResults=3)
    rest = listed(State="Active", MaxResults=3, NextToken=active["NextToken"])
    assert [len(page["Sessions"]) for page in (active, rest)] == [3, 1] and "NextToken" not in rest
    (old,) = listed(State="History")["Sessions"]
    assert (old["SessionId"], old["Status"], "EndDate" in old) == ("s-0", "Terminated", True)
    (one,) = listed(State="Active", Filters=[{"key": "Target", "value": "ecs:prod_2"}])["Sessions"]
    assert one["SessionId"] == "s-2"
    for wrong in ({"State": "All"}, {"State": "Active", "Filters": [{"key": "X", "value": ""}]},
                  {"State": "Active", "NextToken": "eA=="}):  # fmt: skip
        with pytest.raises(AwsRefusal):
            listed(**wrong)


# -- transcripts

AWSLOGS = {
    "logDriver": "awslogs",
    "options": {"awslogs-group": "/a", "awslogs-region": "eu-west-1"},
}
OVERRIDE = {
    "logging": "OVERRIDE",
    "logConfiguration": {"cloudWatchLogGroupName": "/x", "s3BucketName": "b", "s3KeyPrefix": "p/"},
}


@pytest.mark.parametrize(
    ("configuration", "driver", "script", "place"),
    [
        ({"logging": "NONE"}, AWSLOGS, True, ("", "", "")),
        ({"logging": "DEFAULT"}, AWSLOGS, True, ("/a", "eu-west-1", "")),
        (None, AWSLOGS, True, ("/a", "eu-west-1", "")),
        (None, {"logDriver": "splunk"}, True, ("", "", "")),
        (OVERRIDE, AWSLOGS, True, ("/x", "us-east-1", "b")),
    ],
)
def test_where_transcripts_go(
    configuration: Any, driver: Any, script: bool, place: tuple[str, str, str]
) -> None:
    found = place_of(configuration, driver, "us-east-1", script=script)
    assert (found.group, found.group_region, found.bucket) == place
    assert found.recorded == any(place)
    assert not place_of(configuration, driver, "us-east-1", script=False).recorded


def test_keys_of_objects() -> None:
    assert RecordPlace(prefix="p/").key("s") == RecordPlace(prefix="p").key("s") == "p/s.log"
    assert RecordPlace().key("s") == "s.log"


def test_a_transcript_in_log_events() -> None:
    whole = with_script_lines("s-1", b"# ls\r\napp\r\n", BEGAN)
    (message,) = log_events(whole)
    assert message.startswith("Script started on 2026-11-18 11:06:40+00:00 [COMMAND=")
    assert "\n# ls\napp\n" in message and "Script done on" in message and "\r" not in message
    long = b"".join(b"%06d\r\n" % number for number in range(70_000))
    parts = list(log_events(long))
    assert all(len(part.encode()) <= EVENT_BYTES and part.endswith("\n") for part in parts)
    assert "".join(parts).encode() == long.replace(b"\r\n", b"\n") and len(parts) == 3
    assert [len(part) for part in log_events(b"x" * 450_000)] == [200_000, 200_000, 50_000]


def test_the_historys_transcripts(past: PastEvents) -> None:
    outputs = [past_output(each, "web/app", "0" * 32, "/bin/sh") for each in past.sessions]
    assert sum(b"pg_dump" in each for each in outputs) and sum(
        b"UPDATE orders" in each for each in outputs
    )
    assert all(each.endswith(b"exit\r\n") for each in outputs)


def test_streams_of_a_group_and_what_is_not_recorded() -> None:
    audit = DemoAudit(ACCOUNT, AuditSettings(400), SessionBook())
    assert may_have_transcripts("us-east-1", "/ecs/exec")
    assert not may_have_transcripts("us-east-1", "/ecs/prod/web")
    streams = transcript_streams(audit.past_sessions(), "us-east-1", "/ecs/exec")
    sessions = audit.history.sessions
    assert streams.keys() == {
        each.id
        for each in sessions.values()
        if ((each.region, each.cluster) == ("us-east-1", "prod")
        and each.container == "app" and each.ended and not each.direct)
        or (each.cluster, each.service, each.direct) == ("prod", "edge", False)
    }  # fmt: skip
    session = sessions[next(iter(streams))]
    (entry,) = streams[session.id].records(0, 1 << 50)
    assert entry.message.encode() == transcript_of(session).replace(b"\r\n", b"\n")
    trail = audit.recorded("us-east-1", "aws-cloudtrail-logs-123456789012-example")
    assert sorted(trail) == [f"{ACCOUNT}_CloudTrail_eu-west-1", f"{ACCOUNT}_CloudTrail_us-east-1"]


def test_a_recorded_stream_returns_the_events_of_a_span() -> None:
    stream = RecordedLog("s", lambda: [(at, partial(str, at)) for at in (1, 5, 9)], 1, 9, 3)
    assert [each.message for each in stream.records(2, 9)] == ["5", "9"]
    assert [each.message for each in stream.records(0, 9, backwards=True)] == ["9", "5", "1"]
    assert [each.at for each in stream.ingested_between(1, 5)] == [5]
    assert stream.overlaps(9, 20) and not stream.overlaps(10, 20)


# -- Athena


@pytest.mark.parametrize(
    ("sql", "sqlite"),
    [
        ('SELECT 1 FROM "default"."cloudtrail_logs";', "SELECT 1 FROM cloudtrail_logs"),
        ("select userIdentity.ARN from cloudtrail_logs",
         "select json_extract(useridentity, '$.arn') FROM cloudtrail_logs"),
        ("select useridentity.sessioncontext.sessionissuer.username from default.cloudtrail_logs",
         "select json_extract(useridentity, '$.sessionContext.sessionIssuer.userName') FROM "
         "cloudtrail_logs"),
    ],
)  # fmt: skip
def test_sql_for_sqlite(sql: str, sqlite: str) -> None:
    assert translated(sql) == sqlite
