"""A service deployment: ECS's record of one rollout or rollback of a service, with its stages."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.model.arn import short_name
from ecs_tui.model.service import DeploymentSettings
from ecs_tui.record import dataclass

STAGES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
)
"""`lifecycleStage`, in the order in which a blue/green, linear or canary deployment has them.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
"""
WORKING = frozenset({"PENDING", "IN_PROGRESS"})
"""Statuses of a deployment that goes forward."""
GOING_BACK = frozenset({"ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})
"""Statuses of a deployment that is being rolled back."""
ENDED = frozenset({"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"})
"""Statuses of a deployment that is over. There is no FAILED: one that failed and is not rolled back
ends as STOPPED, one whose circuit breaker or alarm rolls it back as ROLLBACK_*."""
PAUSE = "PAUSE"
"""`targetType` of a hook that waits for ContinueServiceDeployment, not for a function."""


@dataclass(frozen=True, slots=True)
class RevisionTasks:
    """A `ServiceRevisionSummary`: the tasks and the traffic of one revision in a deployment.

    Attributes:
        requested, running, pending: Numbers of tasks.
        test_weight: `requestedTestTrafficWeight` in percent; None if AWS returns none.
        production_weight: `requestedProductionTrafficWeight` in percent; None if AWS returns none.
    """

    arn: str
    requested: int = 0
    running: int = 0
    pending: int = 0
    test_weight: float | None = None
    production_weight: float | None = None


@dataclass(frozen=True, slots=True)
class Monitor:
    """What can roll a deployment back: MONITORING, TRIGGERED, MONITORING_COMPLETE or DISABLED."""

    status: str = ""

    @property
    def triggered(self) -> bool:
        """Whether it has ended the deployment."""
        return self.status == "TRIGGERED"


@dataclass(frozen=True, slots=True)
class CircuitBreaker(Monitor):
    """`deploymentCircuitBreaker`: it fails the deployment at `threshold` failed tasks."""

    failures: int = 0
    threshold: int = 0


@dataclass(frozen=True, slots=True)
class AlarmMonitor(Monitor):
    """`alarms`: the CloudWatch alarms that fail the deployment, and those that did."""

    names: tuple[str, ...] = ()
    triggered_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HookRun:
    """One of `lifecycleHookDetails[]`: a lifecycle hook that has begun.

    Attributes:
        id: `hookId`, as ContinueServiceDeployment takes it.
        target_type: AWS_LAMBDA, or PAUSE: it waits for a person.
        status: AWAITING_ACTION, IN_PROGRESS, SUCCEEDED, FAILED or TIMED_OUT.
        expires_at: When `timeout_action` (ROLLBACK or CONTINUE) happens by itself.
    """

    id: str
    target_type: str = ""
    target_arn: str = ""
    status: str = ""
    expires_at: datetime | None = None
    timeout_action: str = ""

    @property
    def waits(self) -> bool:
        """Whether it waits for a person."""
        return self.status == "AWAITING_ACTION"


@dataclass(frozen=True, slots=True)
class Rollback:
    """`rollback`: why and when ECS began to roll back, and to which revision."""

    reason: str = ""
    started_at: datetime | None = None
    revision_arn: str = ""


@dataclass(frozen=True, slots=True)
class ServiceDeployment:
    """A service deployment as DescribeServiceDeployments returns it.

    Only of the controller ECS; AWS keeps them for 90 days. `described` is False while only
    ListServiceDeployments has returned it: it has no `sources`, hooks or monitors then. `gone`: it is
    listed, but not described.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html

    Attributes:
        stage: `lifecycleStage`, one of `STAGES`; "" for a rolling update.
        sources: The revisions that it replaces.
        target: The revision that it deploys.
        settings: The deployment configuration that it runs with.
    """

    arn: str
    service_arn: str = ""
    cluster_arn: str = ""
    status: str = ""
    status_reason: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    stopped_at: datetime | None = None
    updated_at: datetime | None = None
    stage: str = ""
    sources: tuple[RevisionTasks, ...] = ()
    target: RevisionTasks | None = None
    hooks: tuple[HookRun, ...] = ()
    settings: DeploymentSettings | None = None
    rollback: Rollback | None = None
    breaker: CircuitBreaker | None = None
    alarms: AlarmMonitor | None = None
    described: bool = True
    gone: bool = False

    @property
    def id(self) -> str:
        """The last part of its ARN."""
        return short_name(self.arn)

    @property
    def service(self) -> str:
        """The service's name."""
        return short_name(self.service_arn)

    @property
    def over(self) -> bool:
        """Whether it has ended, well or not."""
        return self.status in ENDED

    @property
    def stoppable(self) -> bool:
        """Whether StopServiceDeployment is worth trying: it goes forward."""
        return self.status in WORKING

    @property
    def going_back(self) -> bool:
        """Whether it is being rolled back."""
        return self.status in GOING_BACK

    @property
    def strategy(self) -> str:
        """ROLLING, BLUE_GREEN, LINEAR or CANARY; ROLLING if AWS returns none."""
        return (self.settings.strategy if self.settings is not None else "") or "ROLLING"

    @property
    def waiting(self) -> HookRun | None:
        """The hook at which it waits for a person, or None."""
        return next((hook for hook in self.hooks if hook.waits and not self.over), None)

    @property
    def ended_at(self) -> datetime | None:
        """When it ended, or None."""
        return self.finished_at or self.stopped_at

    @property
    def replaced(self) -> tuple[str, ...]:
        """The ARNs of the revisions that it replaces."""
        return tuple(item.arn for item in self.sources)
