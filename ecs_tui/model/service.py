"""A service, its deployments and its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecs_tui.model.capacity_provider import StrategyItem


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a service, as DescribeServices returns it."""

    id: str
    status: str
    rollout_state: str
    rollout_reason: str
    desired: int
    running: int
    pending: int
    failed: int
    task_definition: str
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TaskSet:
    """A task set of a service that CodeDeploy or an external controller deploys.

    Attributes:
        status: PRIMARY (serves production traffic), ACTIVE or DRAINING.
        stability: STEADY_STATE or STABILIZING.
        scale: Its share of the service's desired count, in percent.
        desired: `computedDesiredCount`.
        target_groups: ARNs of its target groups.
    """

    id: str
    status: str
    stability: str
    scale: float
    desired: int
    running: int
    pending: int
    task_definition: str
    launch_type: str = ""
    external_id: str = ""
    started_by: str = ""
    created_at: datetime | None = None
    stable_at: datetime | None = None
    target_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """One line of a service's event log (ECS keeps the last 100)."""

    id: str
    at: datetime | None
    message: str


@dataclass(frozen=True, slots=True)
class Network:
    """`awsvpcConfiguration` of a service."""

    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    public_ip: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A service as DescribeServices returns it; `described` is False while only its ARN is known.

    `gone`: ListServices returns it, but DescribeServices does not.
    """

    arn: str
    name: str
    cluster_arn: str
    status: str = ""
    desired: int = 0
    running: int = 0
    pending: int = 0
    task_definition: str = ""
    launch_type: str = ""
    platform_version: str = ""
    scheduling: str = "REPLICA"
    controller: str = "ECS"
    exec_enabled: bool = False
    propagate_tags: str = "NONE"
    role_arn: str = ""
    created_at: datetime | None = None
    deployments: tuple[Deployment, ...] = ()
    task_sets: tuple[TaskSet, ...] = ()
    events: tuple[ServiceEvent, ...] = ()
    network: Network | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    not_read: Mapping[str, str] = field(default_factory=dict)
    described: bool = True
    gone: bool = False
    strategy: tuple[StrategyItem, ...] = ()
    target_groups: tuple[str, ...] = ()

    @property
    def every_target_group(self) -> tuple[str, ...]:
        """The ARNs of the target groups of the service and its task sets, without duplicates."""
        of_sets = (arn for item in self.task_sets for arn in item.target_groups)
        return tuple(dict.fromkeys((*self.target_groups, *of_sets)))

    @property
    def primary(self) -> Deployment | None:
        """The PRIMARY deployment, or None (external controllers have none)."""
        return next((item for item in self.deployments if item.status == "PRIMARY"), None)

    @property
    def rolled_back(self) -> Deployment | None:
        """The deployment that failed, while the circuit breaker rolls back to the previous one.

        The previous one is then PRIMARY again. Source: "How the Amazon ECS deployment
        circuit breaker detects failures" in the ECS developer guide.
        """
        primary = self.primary
        if primary is None or primary.rollout_state != "IN_PROGRESS":
            return None
        if "rolling back" not in primary.rollout_reason.casefold():
            return None
        return next((item for item in self.deployments if item.rollout_state == "FAILED"), None)

    @property
    def revision(self) -> str:
        """`family:revision` of the service's task definition."""
        return self.task_definition.rsplit("/", 1)[-1]

    @property
    def deploying(self) -> bool:
        """Whether a deployment is in progress."""
        primary = self.primary
        return primary is not None and (
            primary.rollout_state == "IN_PROGRESS" or len(self.deployments) > 1
        )
