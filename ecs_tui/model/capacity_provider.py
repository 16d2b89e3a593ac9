"""A capacity provider: what the tasks of a service or a cluster run on."""

from __future__ import annotations

from ecs_tui.record import dataclass

MANAGED_INSTANCES = "MANAGED_INSTANCES"
FARGATE_PROVIDERS = frozenset({"FARGATE", "FARGATE_SPOT"})
"""Provided by AWS: their names say what they are, so they are never looked up."""


@dataclass(frozen=True, slots=True)
class CapacityProvider:
    """A capacity provider as DescribeCapacityProviders returns it.

    `type` is EC2_AUTOSCALING, MANAGED_INSTANCES, FARGATE or FARGATE_SPOT; `update_status` is, for
    example, UPDATE_FAILED, with its reason. AWS's own providers have the same ARN in every cluster.

    Attributes:
        cluster: The name of the cluster that it was described in.
        group_arn: Its Auto Scaling group; `scaling`, `target` (percent of the group's capacity that
            tasks should use), `termination_protection` and `draining` belong to it.
        role_arn: The role with which ECS runs its managed instances; `repairs` and `scale_in_after`
            (seconds) belong to these.
    """

    name: str
    type: str = ""
    status: str = ""
    update_status: str = ""
    update_reason: str = ""
    arn: str = ""
    cluster: str = ""
    group_arn: str = ""
    scaling: str = ""
    target: int | None = None
    termination_protection: str = ""
    draining: str = ""
    role_arn: str = ""
    repairs: str = ""
    scale_in_after: int | None = None


@dataclass(frozen=True, slots=True)
class StrategyItem:
    """One item of a capacity provider strategy: `base` tasks first, the others by `weight`."""

    provider: str
    base: int = 0
    weight: int = 0
