"""A service, its deployments and its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment of a service, as ECS's rolling-update scheduler tells it."""

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
    """A service as DescribeServices tells it; `described` is False while only its ARN is known.

    `gone`: ListServices names it, and DescribeServices does not know it.
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

    @property
    def primary(self) -> Deployment | None:
        """The deployment that ECS is steering to, or None for external controllers."""
        return next((item for item in self.deployments if item.status == "PRIMARY"), None)

    @property
    def rolled_back(self) -> Deployment | None:
        """The deployment that the circuit breaker gave up, while ECS goes back to the one before.

        The primary one is then the one before again. Source: "How the Amazon ECS deployment
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
        """`family:revision` of the task definition the service wants."""
        return self.task_definition.rsplit("/", 1)[-1]

    @property
    def deploying(self) -> bool:
        """Whether a deployment is in motion."""
        primary = self.primary
        return primary is not None and (
            primary.rollout_state == "IN_PROGRESS" or len(self.deployments) > 1
        )
