"""The permissions that ECS Exec needs: contexts, decisions, and policy documents.

Source of actions and keys: "Using ECS Exec" in the ECS developer guide and "Actions, resources, and
condition keys for Amazon ECS" in the service authorization reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from ecs_tui.model.arn import parse_arn
from ecs_tui.model.cluster import ExecConfiguration
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass

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
Document = dict[str, object]
"""A policy document, or a statement of one, as JSON."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A deciding statement: its policy, the kind of policy, its first line (0: unknown)."""

    policy: str
    kind: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"policy {self.policy}" + (f" (line {self.line})" if self.line else "")


@dataclass(frozen=True, slots=True)
class Decision:
    """IAM's answer for one action on one resource: allowed, explicitDeny or implicitDeny.

    Attributes:
        answer: IAM's value.
        statements: The deciding ones.
        missing: Condition keys of the principal's policies that were not passed to IAM.
        limited_by: What denied it, apart from the identity's own policies: "a service control
            policy of the organization" or "the permissions boundary"; "" for neither.
    """

    answer: str
    statements: tuple[Statement, ...] = ()
    missing: tuple[str, ...] = ()
    limited_by: str = ""

    @property
    def allowed(self) -> bool:
        """Whether IAM allows the action."""
        return self.answer == "allowed"

    @property
    def uncertain(self) -> tuple[str, ...]:
        """Condition keys whose values are unknown here; because of them a denial may be wrong.

        Tags that the resource lacks, and request tags of a request that sets none, are not among them.
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
            return f"denied by {by}" if by else "explicit deny"
        if self.missing:
            return f"implicit deny (no matching Allow); missing context: {', '.join(self.missing)}"
        return "implicit deny (no matching Allow)"


@dataclass(frozen=True, slots=True)
class Rights:
    """A principal's decisions by (action, resource)."""

    principal: str
    decisions: Mapping[tuple[str, str], Decision] = field(default_factory=dict)

    def of(self, action: str, resource: str) -> Decision | None:
        """The decision, or None if it was not simulated."""
        return self.decisions.get((action, resource))

    def lacking(self, actions: Iterable[str], resource: str) -> tuple[str, ...]:
        """Those of `actions` that are not allowed on `resource`."""
        return tuple(
            action
            for action in actions
            if (decision := self.of(action, resource)) is None or not decision.allowed
        )


def exec_context(task: Task, container: str) -> tuple[tuple[str, str], ...]:
    """The condition keys that ECS passes to IAM for ExecuteCommand on a container of `task`."""
    pairs = [
        (f"{prefix}:ResourceTag/{key}", value)
        for key, value in task.tags.items()
        for prefix in ("aws", "ecs")
    ]
    pairs += [("ecs:cluster", task.cluster_arn), ("ecs:container-name", container)]
    arn = parse_arn(task.arn)
    return tuple(sorted(pairs)) + (request_context(arn.region) if arn is not None else ())


def request_context(region: str) -> tuple[tuple[str, str], ...]:
    """The global condition keys that AWS sets for a call from this machine, as far as known.

    Source: "AWS global condition context keys" in the IAM user guide. The simulator adds the
    keys of the principal itself.
    """
    return (("aws:RequestedRegion", region), ("aws:SecureTransport", "true"))


def log_group_arn(region: str, account: str, partition: str, group: str) -> str:
    """The ARN of a log group."""
    return f"arn:{partition}:logs:{region}:{account}:log-group:{group}:*"


def role_needs(
    configuration: ExecConfiguration, region: str, account: str, partition: str
) -> list[tuple[tuple[str, ...], str]]:
    """The (actions, resource) that the task role needs for this cluster's ECS Exec configuration."""
    needs: list[tuple[tuple[str, ...], str]] = [(CHANNELS, "*")]
    if configuration.kms_key_id:
        needs.append(
            (("kms:Decrypt",), key_arn(configuration.kms_key_id, region, account, partition))
        )
    if configuration.logging == "OVERRIDE" and configuration.log_group:
        group = log_group_arn(region, account, partition, configuration.log_group)
        needs += [(LOGS[:1], "*"), (LOGS[1:], group)]
    if configuration.logging == "OVERRIDE" and configuration.s3_bucket:
        needs += bucket_needs(configuration, partition)
    return needs


def bucket_needs(
    configuration: ExecConfiguration, partition: str
) -> list[tuple[tuple[str, ...], str]]:
    """The (actions, resource) needed to write session logs to the bucket.

    The agent writes `PREFIX/SESSION.log`, and reads the bucket's encryption only if the
    cluster requires it (amazon-ssm-agent, `agent/session/shell/shell.go`).
    """
    bucket = f"arn:{partition}:s3:::{configuration.s3_bucket}"
    prefix = configuration.s3_prefix.strip("/")
    needs = [(BUCKET[:1], f"{bucket}/{prefix}/*" if prefix else f"{bucket}/*")]
    return needs + ([(BUCKET[1:], bucket)] if configuration.s3_encryption else [])


def key_arn(key: str, region: str, account: str, partition: str) -> str:
    """The ARN of a KMS key that is given as an ARN, an ID or an alias."""
    if key.startswith("arn:"):
        return key
    name = key if key.startswith("alias/") else f"key/{key}"
    return f"arn:{partition}:kms:{region}:{account}:{name}"


def key_resource(key: str, region: str, account: str, partition: str) -> str:
    """What a policy names a KMS key by: an alias names none there, so that it stands for every key.

    Together with `key_condition`.
    https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
    """
    arn = key_arn(key, region, account, partition)
    before, alias, _ = arn.partition(":alias/")
    return f"{before}:key/*" if alias else arn


def key_condition(key: str) -> dict[str, dict[str, str]]:
    """The condition that keeps `key_resource` to the keys with an alias; empty for a key's ARN or ID."""
    _, alias, name = f":{key}".partition(":alias/")
    return {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{name}"}} if alias else {}


def task_role_policy(
    configuration: ExecConfiguration, region: str, account: str, partition: str
) -> Document:
    """The least-privilege policy with which a task role supports ECS Exec in this cluster."""
    statements = []
    for actions, resource in role_needs(configuration, region, account, partition):
        statement: Document = {"Effect": "Allow", "Action": list(actions), "Resource": resource}
        if "kms:Decrypt" in actions:
            key = configuration.kms_key_id
            statement["Resource"] = key_resource(key, region, account, partition)
            if condition := key_condition(key):
                statement["Condition"] = condition
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


@dataclass(frozen=True, slots=True)
class Grant:
    """What an operator policy covers: tasks with a tag, of a cluster, a container name.

    Empty strings do not restrict.
    """

    tag_key: str = ""
    tag_value: str = ""
    cluster: str = ""
    container: str = ""

    def reaches(self, task: Task, container: str) -> bool:
        """Whether it allows ECS Exec into a container of `task`."""
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
    # ExecuteCommand is authorized on the cluster too, which has other tags than the task.
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
            "Sid": "DenyUnloggedSessions",
            "Effect": "Deny",
            "Action": "ssm:StartSession",
            "Resource": f"{base}:task/*",
        }
    )
    if kms_key:
        key_statement: Document = {
            "Sid": "SessionKey",
            "Effect": "Allow",
            "Action": "kms:GenerateDataKey",
            "Resource": key_resource(kms_key, region, account, partition),
        }
        if condition := key_condition(kms_key):
            key_statement["Condition"] = condition
        statements.append(key_statement)
    return {"Version": "2012-10-17", "Statement": statements}


def principal_arn(caller_arn: str) -> str:
    """The ARN to simulate for a caller. For an assumed-role session: the role's ARN, without its path,
    which only iam:GetRole returns."""
    arn = parse_arn(caller_arn)
    if arn is None or not arn.resource.startswith("assumed-role/"):
        return caller_arn
    role = arn.resource.split("/")[1]
    return f"arn:{arn.partition}:iam::{arn.account}:role/{role}"
