"""Events of CloudTrail: what is read of real and of damaged records, and what is not kept of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ecs_tui.aws.parse.cloudtrail import HIDDEN, lookup_event, record_event, record_of, ssm_target
from ecs_tui.aws.parse.cloudtrail_identity import principal
from ecs_tui.model.audit_event import AuditTarget, Principal, pack, unpack
from tests.support import audit_events as made


def test_a_session_of_ecs_exec() -> None:
    event = made.event(made.exec_record(made.NEW_SESSION, command="sh -c 'id\n\x1b[31m'"))
    assert (event.name, event.service, event.region) == ("ExecuteCommand", "ecs", made.REGION)
    assert event.target == AuditTarget("prod", task=made.TASK, container="app")
    assert event.session == made.NEW_SESSION
    assert event.command == "sh -c 'id\n\x1b[31m'"  # cleaned where it is shown
    assert not event.failed
    assert event.at == datetime(2026, 11, 29, 11, 50, tzinfo=UTC)


@pytest.mark.parametrize("session", [made.OLD_SESSION, made.NEW_SESSION, "ecs-execute-command-ZZ!"])
def test_both_forms_of_a_sessions_id_and_any_other(session: str) -> None:
    assert made.event(made.exec_record(session)).session == session


def test_a_denied_call_without_its_request_is_about_what_the_message_names() -> None:
    event = made.event(made.denied_record())
    assert event.denied and event.failed
    assert event.target == AuditTarget("prod", task=made.TASK)
    assert event.command == event.session == ""


@pytest.mark.parametrize(
    ("asked", "answered", "target"),
    [
        ({"cluster": "prod", "service": "web"}, None, AuditTarget("prod", "web")),
        ({"service": "arn:aws:ecs:r:1:service/prod/web"}, None, AuditTarget("prod", "web")),
        ({"serviceName": "web"}, None, AuditTarget("default", "web")),
        ({"task": "arn:aws:ecs:r:1:task/prod/0123"}, None, AuditTarget("prod", task="0123")),
        ({"clusterName": "new"}, None, AuditTarget("new")),
        ({"cluster": None, "service": 7}, None, AuditTarget("default")),
        (
            {"cluster": "prod", "taskDefinition": "web"},
            {"tasks": [{"taskArn": "arn:aws:ecs:r:1:task/prod/0123"}]},
            AuditTarget("prod", task="0123"),
        ),
    ],
)
def test_names_and_arns_of_what_a_request_is_about(
    asked: dict[str, object], answered: dict[str, object] | None, target: AuditTarget
) -> None:
    assert made.event(made.record("UpdateService", asked=asked, answered=answered)).target == target


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("ecs:prod_0123_0123-9", AuditTarget("prod", task="0123", runtime="0123-9")),
        ("ecs:my_own_cluster_0123_0123-9", AuditTarget("my_own_cluster", task="0123", runtime="0123-9")),
        ("i-0123456789", None),
        ("ecs:prod", None),
        ("", None),
    ],
)  # fmt: skip
def test_targets_of_session_manager(target: str, found: AuditTarget | None) -> None:
    assert ssm_target(target) == found


@pytest.mark.parametrize(
    ("user", "kind", "name", "session", "mfa"),
    [
        (made.USER, "user", "alice", "", None),
        (made.SSO, "sso", "Admin", "bob@example.com", None),
        (made.ROLE, "role", "deploy", "carol", True),
        (made.ROOT, "root", "root", "", None),
        (made.FEDERATED, "federated", "dave", "", None),
        ({"type": "AWSService", "invokedBy": "ecs.amazonaws.com"}, "service", "ecs.amazonaws.com", "", None),
        ({"type": "AWSAccount", "accountId": "9"}, "account", "9", "", None),
        ({"type": "AssumedRole", "principalId": "AROA:eve"}, "role", "", "eve", None),
        ({"type": "IdentityCenterUser", "userName": "fay"}, "sso", "", "fay", None),
        ({"type": 7, "sessionContext": None, "arn": ["x"]}, "unknown", "", "", None),
        ({}, "unknown", "", "", None),
    ],
)  # fmt: skip
def test_callers(
    user: dict[str, object], kind: str, name: str, session: str, mfa: bool | None
) -> None:
    found = principal(user)
    assert (found.kind, found.name, found.session, found.mfa) == (kind, name, session, mfa)


def test_the_same_caller_is_one_object() -> None:
    assert principal(dict(made.SSO)) is principal(dict(made.SSO))


def test_tokens_and_values_of_variables_are_not_kept() -> None:
    asked = {
        "overrides": {
            "containerOverrides": [
                {"name": "app", "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}]}
            ]
        },
        "taskDefinition": "web:1",
        "secrets": [{"name": "KEY", "valueFrom": "arn:aws:secretsmanager:r:1:secret:x"}],
    }
    run = made.event(made.record("RunTask", asked=asked))
    opened = made.event(made.exec_record())
    text = json.dumps(dict(run.record)) + json.dumps(dict(opened.record))
    assert "hunter2" not in text and "SECRET-TOKEN" not in text
    assert "DB_PASSWORD" in text and HIDDEN in text and "secretsmanager" in text


@pytest.mark.parametrize(
    "document",
    ["", "{", "[]", "null", "7", '"x"', "[" * 100_000, '{"eventName": 7}', "x" * 2_000_000],
)
def test_a_record_that_cannot_be_read_leaves_what_stands_beside_it(document: str) -> None:
    raw = {
        "EventId": "1", "EventName": "ExecuteCommand", "EventTime": made.NOW,
        "EventSource": "ecs.amazonaws.com", "Username": "alice", "CloudTrailEvent": document,
    }  # fmt: skip
    found = lookup_event(raw)
    assert found is not None
    assert (found.id, found.name, found.service, found.at) == (
        "1",
        "ExecuteCommand",
        "ecs",
        made.NOW,
    )


def test_what_has_neither_a_name_nor_an_id_is_no_event() -> None:
    assert lookup_event({}) is None
    assert record_event({"eventID": "1"}) is None
    assert record_of("{}") == {}


@pytest.mark.parametrize(
    "value", [None, 7, "x", [], [None], {"a": None}, {"session": 7}, {"session": {"sessionId": []}}]
)
def test_members_of_the_wrong_type_count_as_missing(value: object) -> None:
    for name in (
        "requestParameters",
        "responseElements",
        "userIdentity",
        "eventTime",
        "errorMessage",
    ):
        found = record_event({**made.exec_record(), name: value})
        assert found is not None and found.name == "ExecuteCommand"


def test_deep_records_are_cut() -> None:
    deep: dict[str, object] = {}
    for _ in range(200):
        deep = {"a": deep}
    assert made.event(made.record("UpdateService", asked={"x": deep})).record


def test_exec_switched_on_and_logging_set() -> None:
    on = made.event(
        made.record("UpdateService", asked={"service": "web", "enableExecuteCommand": True})
    )
    silent = made.event(made.record("UpdateService", asked={"service": "web", "desiredCount": 3}))
    configuration = {"executeCommandConfiguration": {"logging": "NONE"}}
    cluster = made.event(
        made.record("UpdateCluster", asked={"cluster": "p", "configuration": configuration})
    )
    assert (on.exec_on, silent.exec_on, cluster.exec_logging) == (True, None, "NONE")


def test_iam_events_name_whom_they_let_in() -> None:
    document = json.dumps({"Statement": {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}})
    put = made.event(
        made.record("PutRolePolicy", source="iam",
                    asked={"roleName": "deploy", "policyName": "p", "policyDocument": document})
    )  # fmt: skip
    assert (put.subject, put.grants) == ("role deploy", ("ecs:ExecuteCommand",))
    attach = made.event(
        made.record("AttachUserPolicy", source="iam",
                    asked={"userName": "alice", "policyArn": "arn:aws:iam::aws:policy/Admin"})
    )  # fmt: skip
    assert (attach.subject, attach.policy) == ("user alice", "arn:aws:iam::aws:policy/Admin")


def test_records_are_packed_small_and_damage_is_no_error() -> None:
    record = made.exec_record()
    assert unpack(pack(record)) == record
    assert len(pack(record)) < len(json.dumps(record)) / 2
    assert unpack(b"") == unpack(b"x") == unpack(pack(record)[:20]) == {}
    assert Principal() == Principal()
