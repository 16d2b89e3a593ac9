"""The timeline: how events are joined, marked, named and ordered."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_tui.audit.flags import ALL_FLAGS, flags_of
from ecs_tui.audit.timeline import AuditTimeline, TimelineSource, row_of
from ecs_tui.model.policy_today import PolicyToday
from ecs_tui.model.rules.audit_events import iam_region
from ecs_tui.resources.audit import AUDIT, AUDIT_VIEW
from ecs_tui.resources.base import Place
from tests.support import audit_events as made

SOURCE = TimelineSource("prod@eu-west-1", lambda task: "web" if task == made.TASK else "")
DIRECT = "alice-0123456789abcdef0"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def timeline(*records: dict[str, object]) -> AuditTimeline:
    found = AuditTimeline(SOURCE)
    found.add(made.event(each) for each in records)
    return found


def titles(found: AuditTimeline) -> list[tuple[str, list[str]]]:
    return [(row.event.name, [flag.key for flag in row.flags]) for row in found.rows]


def test_the_start_session_of_ecs_is_joined_and_never_marked() -> None:
    opened = made.exec_record(minutes=10)
    by_ecs = made.start_record(made.NEW_SESSION, who=made.BY_ECS, minutes=9.9)
    assert titles(timeline(opened, by_ecs)) == [("ExecuteCommand", [])]
    assert titles(timeline(by_ecs, opened)) == [("ExecuteCommand", [])]
    alone = timeline(by_ecs)
    assert titles(alone) == [("StartSession", [])]
    assert alone.rows[0].who == "ECS" and "ExecuteCommand" in alone.rows[0].note


def test_a_session_round_ecs_is_marked_and_so_is_its_resumption() -> None:
    start = made.start_record(DIRECT, minutes=30)
    resume = made.record("ResumeSession", source="ssm", minutes=20, asked={"sessionId": DIRECT},
                         answered={"sessionId": DIRECT})  # fmt: skip
    for found in (timeline(start, resume), timeline(resume, start)):
        assert titles(found) == [("ResumeSession", ["around"]), ("StartSession", ["around"])]
        assert {row.event.target.task for row in found.rows} == {made.TASK}
        assert {row.service for row in found.rows} == {"web"}


def test_enter_leads_from_a_session_to_its_transcript() -> None:
    ended = made.record("TerminateSession", source="ssm", minutes=5,
                        asked={"sessionId": made.OLD_SESSION})  # fmt: skip
    found = timeline(
        made.exec_record(made.OLD_SESSION, minutes=10), ended,
        made.start_record(DIRECT, minutes=30), made.denied_record(minutes=40),
        made.exec_record(made.NEW_SESSION, minutes=50),
    )  # fmt: skip
    end, opened, direct, denied, running = [
        AUDIT.enter(Place(AUDIT_VIEW), row) for row in found.rows
    ]
    assert denied is None, "nothing was opened: enter shows the details"
    assert end and opened and direct and running
    refs = [place.transcript for place in (end, opened, direct, running)]
    assert [ref and ref.session for ref in refs] == [
        made.OLD_SESSION, made.OLD_SESSION, DIRECT, made.NEW_SESSION,
    ]  # fmt: skip
    assert [ref and ref.direct for ref in refs] == [False, False, True, False]
    assert refs[0] and refs[1] and refs[3]
    assert (refs[1].ended - refs[1].began, refs[0].ended) == (300.0, refs[1].ended)
    assert (refs[1].task, refs[1].container) == (made.TASK, found.rows[1].event.target.container)
    assert refs[3].began and not refs[3].ended, "where the end is not known"


def test_resuming_a_session_of_ecs_exec_is_not_marked() -> None:
    resume = made.record("ResumeSession", source="ssm", asked={"sessionId": made.OLD_SESSION})
    assert titles(timeline(resume)) == [("ResumeSession", [])]


def test_sessions_at_other_targets_are_not_shown() -> None:
    ended = made.record("TerminateSession", source="ssm", asked={"sessionId": "bob-0123"})
    assert timeline(ended).rows == []


@pytest.mark.parametrize("order", [1, -1])
def test_how_long_a_session_lasted_and_who_ended_it(order: int) -> None:
    opened = made.exec_record(minutes=30)
    ended = made.record(
        "TerminateSession", source="ssm", who=made.SSO, minutes=25,
        asked={"sessionId": made.NEW_SESSION}, answered={"sessionId": made.NEW_SESSION},
    )  # fmt: skip
    found = timeline(*[opened, ended][::order])
    start = next(row for row in found.rows if row.event.name == "ExecuteCommand")
    assert (start.seconds, start.ended_by) == (300.0, "bob@example.com")


def test_an_end_that_only_our_log_knows() -> None:
    found = timeline(made.exec_record(minutes=30))
    assert found.rows[0].seconds is None
    found.ends({made.NEW_SESSION: made.NOW - timedelta(minutes=29)})
    assert found.rows[0].seconds == 60.0
    version = found.version
    found.ends({made.NEW_SESSION: made.NOW - timedelta(minutes=29)})
    assert found.version == version


def test_the_newest_first_and_each_once() -> None:
    records = [made.exec_record(f"ecs-execute-command-{n}", minutes=n) for n in (3, 1, 2)]
    found = timeline(*records, *records)
    assert [row.event.session[-1] for row in found.rows] == ["1", "2", "3"]
    assert len(found) == 3


def test_denied_calls_say_what_denied_them() -> None:
    found = timeline(made.denied_record(who=made.ROLE))
    row = found.rows[0]
    assert row.result == "denied: explicitly by a service control policy"
    assert [flag.key for flag in row.flags] == ["denied"]
    assert row.what == "(the command is not recorded)"


@pytest.mark.parametrize(
    ("who", "name", "kind", "mfa"),
    [
        (made.USER, "alice", "IAM user", "unknown"),
        (made.SSO, "bob@example.com", "SSO Admin", "unknown"),
        (made.ROLE, "carol", "role deploy", "yes"),
        (made.ROOT, "root", "root user", "unknown"),
        (made.FEDERATED, "dave", "federated user", "unknown"),
        (made.IN_TASK, made.TASK, "task role web-task", "unknown"),
        ({}, "unknown", "unknown", "unknown"),
    ],
)
def test_who_it_was(who: dict[str, object], name: str, kind: str, mfa: str) -> None:
    row = row_of(made.event(made.exec_record(who=who)), SOURCE)
    assert (row.who, row.kind, row.mfa) == (name, kind, mfa)


@pytest.mark.parametrize(
    ("agent", "client"),
    [
        ("aws-cli/2.31.0 md/awscrt#0.27.6", "CLI 2.31.0"),
        ("Boto3/1.34.0 md/Botocore#1.34.0", "SDK Python 1.34.0"),
        ("aiobotocore/3.0.0 md/Botocore#1.40 ecs-tui/1.2.0", "ecs-tui 1.2.0"),
        ("Mozilla/5.0 (Macintosh)", "console"),
        ("AWS Internal", "console"),
        ("aws-sdk-go-v2/1.30.0 os/linux", "SDK go 1.30.0"),
        ("APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://x)", "Terraform 1.9.5"),
        ("ecs.amazonaws.com", "ecs"),
        ("something else", "something"),
        ("", ""),
    ],
)
def test_with_which_client(agent: str, client: str) -> None:
    event = replace(made.event(made.exec_record()), user_agent=agent)
    assert row_of(event, SOURCE).client == client


def test_changes_that_open_no_door_are_not_shown() -> None:
    scaled = made.record(
        "UpdateService", asked={"cluster": "prod", "service": "web", "desiredCount": 2}
    )
    switched = made.record(
        "UpdateService", asked={"cluster": "prod", "service": "web", "enableExecuteCommand": True}
    )
    logging = made.record(
        "UpdateCluster", minutes=5,
        asked={"cluster": "prod", "configuration": {"executeCommandConfiguration": {"logging": "NONE"}}},
    )  # fmt: skip
    found = timeline(scaled, switched, logging)
    assert titles(found) == [("UpdateCluster", ["logging-off"]), ("UpdateService", ["exec-on"])]
    assert [row.what for row in found.rows] == [
        "UpdateCluster: exec logging NONE", "UpdateService: exec on",
    ]  # fmt: skip


def test_policies_that_let_somebody_in() -> None:
    document = json.dumps({"Statement": [{"Effect": "Allow", "Action": "ecs:*"}]})
    put = made.record("PutRolePolicy", source="iam", minutes=3,
                      asked={"roleName": "deploy", "policyDocument": document})  # fmt: skip
    attach = made.record("AttachUserPolicy", source="iam", minutes=2,
                         asked={"userName": "eve", "policyArn": ADMIN})  # fmt: skip
    found = timeline(put, attach)
    assert titles(found) == [("PutRolePolicy", ["grant"])], (
        "what the policy allows is not known yet"
    )
    found.policies({ADMIN: PolicyToday(("ecs:ExecuteCommand",))})
    assert titles(found) == [("AttachUserPolicy", ["grant-today"]), ("PutRolePolicy", ["grant"])]
    assert found.rows[0].what == (
        "AttachUserPolicy user eve AdministratorAccess: allows ecs:ExecuteCommand today"
    )
    found.policies({ADMIN: PolicyToday()})
    assert titles(found) == [("PutRolePolicy", ["grant"])]
    found.policies({ADMIN: PolicyToday(problem="not allowed to look (iam:GetPolicy).")})
    assert "unknown: not allowed to look" in found.rows[0].note


def test_each_mark_has_a_reason_and_a_name_of_its_own() -> None:
    assert len({flag.key for flag in ALL_FLAGS}) == len(ALL_FLAGS)
    assert all(flag.reason.endswith(".") and flag.title for flag in ALL_FLAGS)
    root = made.event(made.exec_record(who=made.ROOT))
    inside = made.event(made.exec_record(who=made.IN_TASK))
    assert [flag.key for flag in flags_of(root)] == ["root"]
    assert [flag.key for flag in flags_of(inside)] == ["inside"]


def test_a_services_name_that_is_known_later() -> None:
    known: dict[str, str] = {}
    found = AuditTimeline(TimelineSource("", lambda task: known.get(task, "")))
    found.add([made.event(made.exec_record())])
    assert found.rows[0].service == ""
    known[made.TASK] = "web"
    found.named()
    assert found.rows[0].service == "web"


@pytest.mark.parametrize(
    ("partition", "region"),
    [("aws", "us-east-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1"), ("x", "")],
)
def test_where_iams_events_are(partition: str, region: str) -> None:
    assert iam_region(partition) == region
