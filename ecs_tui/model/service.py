"""A service, its deployments and its events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from ecs_tui.model.capacity_provider import StrategyItem
from ecs_tui.model.load_balancer import LoadBalancer
from ecs_tui.model.nothing import nothing
from ecs_tui.model.service_connect import ServiceConnect
from ecs_tui.record import dataclass


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
class EventOfService(ServiceEvent):
    """An event that is kept apart from its service, with the service's ARN."""

    service_arn: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """`awsvpcConfiguration` of a service."""

    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()
    public_ip: str = ""


@dataclass(frozen=True, slots=True)
class HookSettings:
    """One of `lifecycleHooks[]`: what ECS calls, or waits for, at some stages of a deployment.

    Attributes:
        target_type: AWS_LAMBDA, or PAUSE: it waits for a person.
        target_arn: The function; "" for a pause.
        stages: `lifecycleStages` at which it runs.
        timeout_minutes: Minutes after which `timeout_action` happens; None if AWS returns none.
        timeout_action: ROLLBACK or CONTINUE; "" if AWS returns none.
    """

    target_type: str = ""
    target_arn: str = ""
    stages: tuple[str, ...] = ()
    timeout_minutes: int | None = None
    timeout_action: str = ""


@dataclass(frozen=True, slots=True)
class DeploymentSettings:
    """`deploymentConfiguration` of a service, or of one of its service deployments.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html

    Attributes:
        min_healthy: `minimumHealthyPercent`, None if ECS does not return it.
        max_percent: `maximumPercent`, None if ECS does not return it.
        breaker: Whether the deployment circuit breaker is on.
        rollback: Whether it rolls back.
        strategy: ROLLING, BLUE_GREEN, LINEAR or CANARY; "" if ECS does not return it.
        bake_minutes: `bakeTimeInMinutes`: how long both revisions run after the traffic has shifted.
        step_percent: Of a linear deployment: percent of the traffic that each step shifts.
        step_bake_minutes: Of a linear deployment: minutes between two steps.
        canary_percent: Of a canary deployment: percent of the traffic that its first step shifts.
        canary_bake_minutes: Of a canary deployment: minutes until the rest is shifted.
        alarms: The CloudWatch alarms that fail a deployment; () if they are off.
        alarm_rollback: Whether an alarm rolls it back.
        hooks: The lifecycle hooks.
    """

    min_healthy: int | None = None
    max_percent: int | None = None
    breaker: bool = False
    rollback: bool = False
    strategy: str = ""
    bake_minutes: int | None = None
    step_percent: float | None = None
    step_bake_minutes: int | None = None
    canary_percent: float | None = None
    canary_bake_minutes: int | None = None
    alarms: tuple[str, ...] = ()
    alarm_rollback: bool = False
    hooks: tuple[HookSettings, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A service as DescribeServices returns it; `described` is False while only its ARN is known.

    `gone`: ListServices returns it, but DescribeServices does not. `events`: the newest ones, up to
    the first that says whether it is steady or fails; all of them are a feed.

    Attributes:
        current_deployment: The ARN of the service deployment in progress or, if there is none, of the
            last one; "" for another controller than ECS.
        current_revisions: The ARNs of the service revisions whose tasks run.
        zone_rebalancing: ENABLED or DISABLED; "" if ECS does not return it.
        grace_seconds: `healthCheckGracePeriodSeconds`; None if ECS does not return it.
        connect: Service Connect of its newest deployment; None if it has none.
        managed_by: `resourceManagementType`: ECS for an Express Mode service, else CUSTOMER or "".
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
    tags: Mapping[str, str] = field(default_factory=nothing)
    not_read: Mapping[str, str] = field(default_factory=nothing)
    described: bool = True
    gone: bool = False
    strategy: tuple[StrategyItem, ...] = ()
    target_groups: tuple[str, ...] = ()
    deployment_settings: DeploymentSettings | None = None
    load_balancers: tuple[LoadBalancer, ...] = ()
    current_deployment: str = ""
    current_revisions: tuple[str, ...] = ()
    zone_rebalancing: str = ""
    grace_seconds: int | None = None
    connect: ServiceConnect | None = None
    managed_by: str = ""

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
