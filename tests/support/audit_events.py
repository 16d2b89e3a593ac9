"""Hand-written records of CloudTrail, as AWS documents them, with what real ones lack or vary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ecs_tui.aws.parse.cloudtrail import record_event
from ecs_tui.model.audit_event import AuditEvent

ACCOUNT, REGION = "111122223333", "eu-west-1"
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
TASK = "0123456789abcdef0123456789abcdef"
RUNTIME = f"{TASK}-1234567890"
OLD_SESSION = "ecs-execute-command-0a1b2c3d4e5f60718"
"""The form of 2021: 17 hex digits."""
NEW_SESSION = "ecs-execute-command-abcdefghij0123456789uvwxyz"
"""The form since 2024: 26 characters of base 36."""

USER = {
    "type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": f"arn:aws:iam::{ACCOUNT}:user/ops/alice",
    "accountId": ACCOUNT, "accessKeyId": "AKIAEXAMPLE", "userName": "alice",
}  # fmt: skip
SSO = {
    "type": "AssumedRole", "principalId": "AROAEXAMPLE:bob@example.com",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/bob@example.com",
    "accountId": ACCOUNT, "accessKeyId": "ASIAEXAMPLE",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role", "principalId": "AROAEXAMPLE", "accountId": ACCOUNT,
            "arn": f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/"
            "AWSReservedSSO_Admin_0123456789abcdef",
            "userName": "AWSReservedSSO_Admin_0123456789abcdef",
        },
        "attributes": {"creationDate": "2026-11-29T08:00:00Z", "mfaAuthenticated": "false"},
    },
}  # fmt: skip
ROLE = {
    "type": "AssumedRole", "principalId": "AROAROLE:carol",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/carol", "accountId": ACCOUNT,
    "sessionContext": {
        "sessionIssuer": {"type": "Role", "arn": f"arn:aws:iam::{ACCOUNT}:role/deploy",
                          "userName": "deploy", "accountId": ACCOUNT},
        "attributes": {"mfaAuthenticated": "true"},
    },
}  # fmt: skip
ROOT = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT}  # fmt: skip
FEDERATED = {"type": "FederatedUser", "principalId": f"{ACCOUNT}:dave", "accountId": ACCOUNT,
             "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/dave"}  # fmt: skip
BY_ECS = {
    "type": "AssumedRole", "principalId": "AROAECS:ecs-execute-command",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForECS/ecs-execute-command",
    "accountId": ACCOUNT, "invokedBy": "ecs.amazonaws.com",
    "sessionContext": {"sessionIssuer": {"userName": "AWSServiceRoleForECS"}},
}  # fmt: skip
AUTOSCALING = {
    "type": "AssumedRole", "invokedBy": "ecs.application-autoscaling.amazonaws.com",
    "principalId": "AROAAS:AutoScaling-UpdateDesiredCapacity", "accountId": ACCOUNT,
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForApplicationAutoScaling_ECSService/"
    "AutoScaling-UpdateDesiredCapacity",
}  # fmt: skip
IN_TASK = {
    "type": "AssumedRole", "principalId": f"AROATASK:{TASK}",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/web-task/{TASK}", "accountId": ACCOUNT,
    "sessionContext": {"sessionIssuer": {"userName": "web-task"}},
}  # fmt: skip


def record(
    name: str,
    *,
    source: str = "ecs",
    who: Mapping[str, object] = USER,
    minutes: float = 10.0,
    now: datetime = NOW,
    asked: Mapping[str, object] | None = None,
    answered: Mapping[str, object] | None = None,
    **more: object,
) -> dict[str, object]:
    """A record; `minutes` before `now`. Its ID follows from its content, so that it stays the same."""
    at = now - timedelta(minutes=minutes)
    made: dict[str, object] = {
        "eventVersion": "1.11",
        "userIdentity": who,
        "eventTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/macos#25.0 md/command#ecs.execute-command",
        "requestParameters": asked,
        "responseElements": answered,
        "eventType": "AwsApiCall",
        "recipientAccountId": ACCOUNT,
        **more,
    }  # fmt: skip
    return {
        "eventID": str(more.get("eventID") or f"id-{hash(json.dumps(made)) & 0xFFFFFFFF:x}"),
        **made,
    }


def exec_record(
    session: str = NEW_SESSION,
    *,
    cluster: str = "prod",
    task: str = TASK,
    command: str = "/bin/sh",
    **more: object,
) -> dict[str, object]:
    """An ExecuteCommand that succeeded."""
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
    return record(
        "ExecuteCommand",
        asked={"cluster": cluster, "task": f"{arn}:task/{cluster}/{task}", "container": "app",
               "command": command, "interactive": True, "dryrun": False},
        answered={
            "clusterArn": f"{arn}:cluster/{cluster}", "taskArn": f"{arn}:task/{cluster}/{task}",
            "containerArn": f"{arn}:container/{cluster}/{task}/x", "containerName": "app",
            "interactive": True,
            "session": {"sessionId": session, "streamUrl": "wss://ssmmessages/x",
                        "tokenValue": "SECRET-TOKEN"},
        },
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def start_record(
    session: str, *, cluster: str = "prod", task: str = TASK, **more: object
) -> dict[str, object]:
    """A StartSession at a container, round ECS."""
    return record(
        "StartSession",
        source="ssm",
        asked={"target": f"ecs:{cluster}_{task}_{task}-1234567890", "reason": "look"},
        answered={"sessionId": session, "tokenValue": "Value hidden due to security reasons."},
        **more,  # type: ignore[arg-type]
    )


def denied_record(*, cluster: str = "prod", task: str = TASK, **more: object) -> dict[str, object]:
    """A denied ExecuteCommand without its request, as many services record them."""
    return record(
        "ExecuteCommand",
        errorCode="AccessDenied",
        errorMessage=f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: "
        f"ecs:ExecuteCommand on resource: arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/{task} with "
        "an explicit deny in a service control policy",
        **more,  # type: ignore[arg-type]
    )


class TrailAnswers:
    """Answers LookupEvents from records, as CloudTrail does: by name and time, the newest first.

    For `StubAws.answers`.
    """

    def __init__(self, *records: dict[str, object], page: int = 50) -> None:
        self.records, self.page = list(records), page

    def __call__(self, body: str) -> dict[str, object]:
        asked = json.loads(body)
        name = asked["LookupAttributes"][0]["AttributeValue"]
        since, until = asked["StartTime"], asked["EndTime"]
        found = [
            (at, each)
            for each in self.records
            if each["eventName"] == name
            and since <= (at := datetime.fromisoformat(str(each["eventTime"])).timestamp()) <= until
        ]
        found.sort(key=lambda pair: pair[0], reverse=True)
        start = int(asked.get("NextToken", "0"))
        events = [
            {"EventId": each["eventID"], "EventName": name, "EventTime": at,
             "CloudTrailEvent": json.dumps(each)}
            for at, each in found[start : start + self.page]
        ]  # fmt: skip
        more = start + self.page < len(found)
        return {"Events": events, **({"NextToken": str(start + self.page)} if more else {})}


def event(made: Mapping[str, object]) -> AuditEvent:
    """The event in a record."""
    found = record_event(made)
    assert found is not None
    return found
