"""Which events of CloudTrail concern sessions in containers, and which calls AWS makes by itself."""

from __future__ import annotations

from typing import Literal

from ecs_tui.model.arn import is_task_id
from ecs_tui.model.audit_event import AuditEvent, Principal

AuditLayer = Literal["sessions", "changes", "policies"]
"""What the audit reads, in this order: sessions, changes of ECS resources, changes of IAM policies."""
LAYERS: dict[AuditLayer, tuple[str, ...]] = {
    "sessions": ("ExecuteCommand", "StartSession", "ResumeSession", "TerminateSession"),
    "changes": (
        "CreateService", "UpdateService", "RunTask", "StartTask", "CreateDaemon", "UpdateDaemon",
        "UpdateCluster", "CreateCluster",
    ),
    "policies": (
        "PutRolePolicy", "PutUserPolicy", "PutGroupPolicy", "CreatePolicy", "CreatePolicyVersion",
        "SetDefaultPolicyVersion", "AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy",
    ),
}  # fmt: skip
"""The names of the events of each layer, in the order in which they are read."""
BY_ARN_ONLY = frozenset(
    {"AttachRolePolicy", "AttachUserPolicy", "AttachGroupPolicy", "SetDefaultPolicyVersion"}
)
"""Events of IAM that name a managed policy without its document."""
EXEC_SESSION = "ecs-execute-command-"
"""How the IDs of sessions begin that ECS opens for ExecuteCommand."""
_SERVICES = {"sessions": ("ecs", "ssm"), "changes": ("ecs",), "policies": ("iam",)}
_SCHEDULED = frozenset({"UpdateService", "RunTask", "StartTask"})
_AUTOMATIC = (
    ("application-autoscaling", "Application Auto Scaling"),
    ("ApplicationAutoScaling", "Application Auto Scaling"),
    ("scheduler.amazonaws.com", "EventBridge Scheduler"),
    ("events.amazonaws.com", "EventBridge"),
    ("AWSServiceRoleForECS", "ECS"),
    ("ecs.amazonaws.com", "ECS"),
)
"""Parts of the names of callers, and what they are. Service-linked roles are in the IAM user guide, "AWS
services that work with IAM"; EventBridge and its Scheduler call with a role that names them as the
service."""


def layer_of(event: AuditEvent) -> AuditLayer | None:
    """The layer of an event, None if it is in none: another service may have an equal operation."""
    for layer, names in LAYERS.items():
        if event.name in names and event.service in _SERVICES[layer]:
            return layer
    return None


def automatic_caller(event: AuditEvent) -> str:
    """What made the call without a person: autoscaling or a scheduler that runs and scales tasks.

    Such calls are most of the events in busy accounts. "" for all other calls.
    """
    if event.name not in _SCHEDULED or event.failed:
        return ""
    who = event.who
    named = (who.invoked_by, who.name, who.arn, event.address)
    for part, caller in _AUTOMATIC:
        if any(part in each for each in named):
            return caller
    return ""


def concerns_sessions(event: AuditEvent) -> bool:
    """Whether an event is kept: it is about ECS, or about a policy that may let somebody in.

    ResumeSession and TerminateSession name a session only: those of ECS Exec are known by their IDs,
    all others are kept until their StartSession is known.
    """
    layer = layer_of(event)
    if layer is None:
        return False
    if event.name == "StartSession":
        return bool(event.target.cluster)
    if layer == "policies":
        return bool(event.grants) or (event.name in BY_ARN_ONLY and bool(event.policy))
    return True


def opens_door(event: AuditEvent) -> bool:
    """Whether a change lets sessions in, or changes whether they are recorded."""
    layer = layer_of(event)
    if layer == "changes":
        return event.exec_on is True or bool(event.exec_logging)
    return layer == "policies"


def made_by_ecs(who: Principal) -> bool:
    """Whether the caller is ECS itself: it opens a session of Session Manager for each ExecuteCommand."""
    return (
        who.invoked_by == "ecs.amazonaws.com"
        or "AWSServiceRoleForECS" in who.name
        or (who.kind == "service" and who.name == "ecs.amazonaws.com")
    )


def is_direct(event: AuditEvent) -> bool:
    """Whether a session was opened, resumed or ended round ECS: not by ECS, and not one of its own."""
    return (
        event.service == "ssm"
        and not made_by_ecs(event.who)
        and not event.session.startswith(EXEC_SESSION)
    )


def inside_task(who: Principal) -> str:
    """The ID of the task whose role called, "" if it is none: such a session is named after its task."""
    return who.session if who.kind == "role" and is_task_id(who.session) else ""


IAM_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
    "aws-iso-e": "eu-isoe-west-1",
    "aws-iso-f": "us-isof-south-1",
    "aws-eusc": "eusc-de-east-1",
}
"""The region of each partition in which CloudTrail has the events of IAM, which is a global service.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html and botocore's
`endpoints.json` (the credential scope of IAM in each partition).
"""


def iam_region(partition: str) -> str:
    """The region with the events of IAM; "" for a partition that is not known."""
    return IAM_REGIONS.get(partition, "")
