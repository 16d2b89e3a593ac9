"""ARNs of ECS resources: what can be read from the ARN alone."""

from __future__ import annotations

import re

from ecs_tui.record import dataclass

_TASK_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""32 hex digits; a UUID in ARNs of the old format (before 2018)."""
_TARGET_GROUP = re.compile(
    r"arn:[a-z-]{1,20}:elasticloadbalancing:[a-z0-9-]{1,25}:\d{12}:"
    r"targetgroup/([A-Za-z0-9-]{1,32})/[0-9a-f]{1,32}"
)
"""Source: "Resource types defined by AWS Elastic Load Balancing V2" in the service authorization reference."""


@dataclass(frozen=True, slots=True)
class Arn:
    """`arn:partition:service:region:account:resource`, split.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse_arn(text: str) -> Arn | None:
    """The parts of `text`, or None if it is not an ARN."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        return None
    return Arn(*parts[1:])


def partition_of(arn: str) -> str:
    """The partition in an ARN: `aws`, `aws-cn`, `aws-us-gov`, `aws-iso` …"""
    parsed = parse_arn(arn)
    return parsed.partition if parsed is not None else "aws"


def short_name(arn_or_name: str) -> str:
    """The last segment: a cluster's or service's name, a task's id, `family:revision`."""
    return arn_or_name.rsplit("/", 1)[-1]


def cluster_name(arn: str) -> str:
    """The cluster's name inside a service, task or container-instance ARN, or "" for old ARNs.

    New ARNs contain it: `…:service/CLUSTER/NAME`; old ones (before 2018) do not.
    """
    parts = arn.rsplit(":", 1)[-1].split("/")
    if len(parts) == 3:
        return parts[1]
    if len(parts) == 2 and parts[0] == "cluster":
        return parts[1]
    return ""


def target_group_name(arn: str) -> str:
    """The name in a target group's ARN, `…:targetgroup/NAME/ID`; the whole ARN if it has no name."""
    parts = arn.split("/")
    return parts[1] if len(parts) > 1 else arn


def with_target_group_names(words: str) -> str:
    """A message of ECS with the names of target groups in place of their ARNs, which fill a line.

    ECS writes `(target-group ARN)` in service events and stopped reasons.
    """
    return _TARGET_GROUP.sub(r"\1", words)


def is_task_id(name: str) -> bool:
    """Whether `name` looks like a complete task ID.

    The length does not decide: service names may have up to 255 characters.
    """
    return _TASK_ID.fullmatch(name) is not None


def arn_of_task(name: str) -> bool:
    """Whether `name` is a task ARN, in the old or the new format."""
    arn = parse_arn(name)
    return arn is not None and arn.service == "ecs" and arn.resource.startswith("task/")
