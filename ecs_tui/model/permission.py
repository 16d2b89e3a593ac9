"""Permissions as ECS Exec needs them: contexts, decisions, and policy documents.

Source of actions and keys: "Using ECS Exec" in the ECS developer guide and "Actions, resources, and
condition keys for Amazon ECS" in the service authorization reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecs_tui.model.arn import parse_arn
from ecs_tui.model.cluster import ExecConfiguration
from ecs_tui.model.task import Task

EXECUTE = "ecs:ExecuteCommand"
CHANNELS = (
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
LOGS = (
    "logs:DescribeLogGroups",
    "logs:CreateLogStream",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
)
BUCKET = ("s3:PutObject", "s3:GetEncryptionConfiguration")
_KNOWN_ABSENT = ("aws:resourcetag/", "ecs:resourcetag/", "aws:requesttag/", "aws:tagkeys")
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that decided: its policy, the kind of policy, its first line (0: not known)."""

    policy: str
    kind: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.policy}, line {self.line}" if self.line else self.policy


@dataclass(frozen=True, slots=True)
class Decision:
    """IAM's answer for one action on one resource: allowed, explicitDeny or implicitDeny.

    Attributes:
        answer: IAM's word.
        statements: Those that decided.
        missing: Condition keys of the principal's policies that IAM was not told.
        limited_by: What outside of the identity's own policies denied it: "a service control
            policy of the organization" or "the permissions boundary"; "" where neither did.
    """

    answer: str
    statements: tuple[Statement, ...] = ()
    missing: tuple[str, ...] = ()
    limited_by: str = ""

    @property
    def allowed(self) -> bool:
        """Whether it may be done."""
        return self.answer == "allowed"

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Condition keys whose values are not known here, so that a denial may be wrong.

        Tags that the resource does not have, and tags of a request that sets none, are known.
        """
        if self.allowed or self.limited_by:
            return ()
        return tuple(key for key in self.missing if not key.casefold().startswith(_KNOWN_ABSENT))

    def __str__(self) -> str:
        by = "; ".join(str(item) for item in self.statements)
        if self.limited_by:
            return f"denied by {self.limited_by}"
        if self.allowed:
            return f"allowed by {by}" if by else "allowed"
        if self.answer == "explicitDeny":
            return f"denied by {by}" if by else "denied explicitly"
        if self.missing:
            return f"no statement allows it; not known here: {', '.join(self.missing)}"
        return "no statement allows it"


@dataclass(frozen=True, slots=True)
class Rights:
    """A principal's decisions by (action, resource)."""

    principal: str
    decisions: Mapping[tuple[str, str], Decision] = field(default_factory=dict)

    def of(self, action: str, resource: str) -> Decision | None:
        """The decision, or None where it was not asked for."""
        return self.decisions.get((action, resource))

    def lacking(self, actions: Iterable[str], resource: str) -> tuple[str, ...]:
        """Those of `actions` that are not allowed on `resource`."""
        return tuple(
            action
            for action in actions
            if (decision := self.of(action, resource)) is None or not decision.allowed
        )


def exec_context(task: Task, container: str) -> tuple[tuple[str, str], ...]:
    """The condition keys that ECS hands to IAM for ExecuteCommand on a container of `task`."""
    pairs = [
        (f"{prefix}:ResourceTag/{key}", value)
        for key, value in task.tags.items()
        for prefix in ("aws", "ecs")
    ]
    pairs += [("ecs:cluster", task.cluster_arn), ("ecs:container-name", container)]
    arn = parse_arn(task.arn)
    return tuple(sorted(pairs)) + (request_context(arn.region) if arn is not None else ())


def request_context(region: str) -> tuple[tuple[str, str], ...]:
    """The global condition keys that AWS sets for a call from here, as far as they are known.

    Source: "AWS global condition context keys" in the IAM user guide. The simulator fills in the
    keys of the principal by itself.
    """
    return (("aws:RequestedRegion", region), ("aws:SecureTransport", "true"))


def log_group_arn(region: str, account: str, partition: str, group: str) -> str:
    """The ARN of a log group."""
    return f"arn:{partition}:logs:{region}:{account}:log-group:{group}:*"


def role_needs(
    configuration: ExecConfiguration, region: str, account: str, partition: str
) -> list[tuple[tuple[str, ...], str]]:
    """What the task role must be allowed, as (actions, resource), for this cluster's exec set-up."""
    needs: list[tuple[tuple[str, ...], str]] = [(CHANNELS, "*")]
    if configuration.kms_key_id:
        needs.append(
            (("kms:Decrypt",), key_arn(configuration.kms_key_id, region, account, partition))
        )
    if configuration.logging == "OVERRIDE" and configuration.log_group:
        group = log_group_arn(region, account, partition, configuration.log_group)
        needs += [(LOGS[:1], "*"), (LOGS[1:], group)]
    if configuration.logging == "OVERRIDE" and configuration.s3_bucket:
        bucket = bucket_arn(partition, configuration.s3_bucket)
        needs += [(BUCKET[:1], f"{bucket}/*"), (BUCKET[1:], bucket)]
    return needs


def bucket_arn(partition: str, bucket: str) -> str:
    """The ARN of an S3 bucket."""
    return f"arn:{partition}:s3:::{bucket}"


def key_arn(key: str, region: str, account: str, partition: str) -> str:
    """A KMS key's ARN, of an ARN, an id or an alias."""
    if key.startswith("arn:"):
        return key
    name = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:{partition}:kms:{region}:{account}:{name}"


def task_role_policy(
    configuration: ExecConfiguration, region: str, account: str, partition: str
) -> Document:
    """The least policy with which a task role carries exec in this cluster."""
    statements = []
    for actions, resource in role_needs(configuration, region, account, partition):
        statements.append({"Effect": "Allow", "Action": list(actions), "Resource": resource})
    return {"Version": "2012-10-17", "Statement": statements}


@dataclass(frozen=True, slots=True)
class Grant:
    """Whom a policy for operators reaches: tasks with a tag, of a cluster, one container's name.

    Empty strings do not restrict.
    """

    tag_key: str = ""
    tag_value: str = ""
    cluster: str = ""
    container: str = ""

    def reaches(self, task: Task, container: str) -> bool:
        """Whether it allows exec into a container of `task`."""
        if self.tag_key and task.tags.get(self.tag_key) != self.tag_value:
            return False
        if self.cluster and task.cluster_arn.rsplit("/", 1)[-1] != self.cluster:
            return False
        return not self.container or self.container == container


def operator_policy(
    grant: Grant, region: str, account: str, partition: str, kms_key: str = ""
) -> Document:
    """The JSON policy of a grant, least privilege."""
    cluster = grant.cluster or "*"
    equals: dict[str, str] = {}
    if grant.tag_key:
        equals[f"ecs:ResourceTag/{grant.tag_key}"] = grant.tag_value
    if grant.container:
        equals["ecs:container-name"] = grant.container
    base = f"arn:{partition}:ecs:{region}:{account}"
    statement: Document = {
        "Sid": "ExecIntoTasks",
        "Effect": "Allow",
        "Action": EXECUTE,
        "Resource": [f"{base}:task/{cluster}/*"],
    }
    statements = [statement]
    if equals:
        statement["Condition"] = {"StringEquals": equals}
    # ExecuteCommand is authorized on the cluster as well; a task's tags are not the cluster's.
    statements.append(
        {
            "Sid": "ExecInCluster",
            "Effect": "Allow",
            "Action": EXECUTE,
            "Resource": [f"{base}:cluster/{cluster}"],
        }
    )
    statements.append(
        {
            "Sid": "FindTasks",
            "Effect": "Allow",
            "Action": ["ecs:DescribeTasks", "ecs:ListTasks"],
            "Resource": "*",
        }
    )
    statements.append(
        {
            "Sid": "NotRoundTheRecord",
            "Effect": "Deny",
            "Action": "ssm:StartSession",
            "Resource": f"{base}:task/*",
        }
    )
    if kms_key:
        statements.append(
            {
                "Sid": "SessionKey",
                "Effect": "Allow",
                "Action": "kms:GenerateDataKey",
                "Resource": key_arn(kms_key, region, account, partition),
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}


def principal_arn(caller_arn: str) -> str:
    """The ARN that IAM simulates for a caller: of an assumed role's session, the role's (without a
    path, which only iam:GetRole tells)."""
    arn = parse_arn(caller_arn)
    if arn is None or not arn.resource.startswith("assumed-role/"):
        return caller_arn
    role = arn.resource.split("/")[1]
    return f"arn:{arn.partition}:iam::{arn.account}:role/{role}"
