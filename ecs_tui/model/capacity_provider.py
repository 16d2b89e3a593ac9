"""A capacity provider: what the tasks of a service or a cluster run on."""

from __future__ import annotations

from dataclasses import dataclass

MANAGED_INSTANCES = "MANAGED_INSTANCES"
FARGATE_PROVIDERS = frozenset({"FARGATE", "FARGATE_SPOT"})
"""Provided by AWS: their names say what they are, so they are never looked up."""


@dataclass(frozen=True, slots=True)
class CapacityProvider:
    """A capacity provider as DescribeCapacityProviders returns it.

    `type` is EC2_AUTOSCALING, MANAGED_INSTANCES, FARGATE or FARGATE_SPOT; `update_status` is, for
    example, UPDATE_FAILED, with its reason.
    """

    name: str
    type: str = ""
    status: str = ""
    update_status: str = ""
    update_reason: str = ""


@dataclass(frozen=True, slots=True)
class StrategyItem:
    """One item of a capacity provider strategy: `base` tasks first, the others by `weight`."""

    provider: str
    base: int = 0
    weight: int = 0
