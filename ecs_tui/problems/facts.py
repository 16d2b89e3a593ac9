"""What the rules know: the store's objects of one cluster and of each of its services.

None always means that something is not known: it was not asked, or AWS did not allow it (`denied`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from ecs_tui.model.alarm import Alarm
from ecs_tui.model.auto_scaling_group import AutoScalingGroup
from ecs_tui.model.capacity_provider import CapacityProvider
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.nothing import nothing
from ecs_tui.model.problem import AffectedThing
from ecs_tui.model.retirement import Retirement
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import ScalingActivity
from ecs_tui.model.service import Service, ServiceEvent
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.target_health import TargetHealth
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class KnownChange:
    """A change of something that a service needs, which an event of AWS reports.

    Attributes:
        kind: What was changed.
        name: Its name, without a value.
        at: When.
        words: What was done: `PutSecretValue`.
        by: Who did it, or "".
        source: Where the event is from.
    """

    kind: Literal["secret", "parameter", "certificate"]
    name: str
    at: datetime
    words: str = ""
    by: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class LastLines:
    """The last lines of a container of a task that ended.

    Attributes:
        task_arn: The task.
        lines: The lines, the last one at the end. Untrusted text.
        at: When the last one was written.
    """

    task_arn: str
    lines: tuple[str, ...]
    at: datetime | None = None


def _no_definitions() -> Mapping[str, TaskDefinition]:
    return {}


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """What is known of one service.

    Attributes:
        cluster: The cluster's name.
        running: Its tasks that run or start.
        stopped: Its stopped tasks: ECS's of the last hour, and remembered ones.
        events: All its events, the newest first; None if only those of `service` are known.
        deployments: Its service deployments, the newest first.
        targets: The targets of all its target groups.
        alarms: The alarms about it.
        scalable: The range in which Application Auto Scaling keeps its desired count.
        activities: Its scaling activities, the newest first, those that did nothing included.
        changes: Changes of what it needs.
        last_lines: The last lines of a task that ended.
        definitions: Task definitions that are loaded, by ARN.
        seen_below: Since when it was seen with fewer tasks than desired, by our clock: only for how
            long to wait, never for "since when".
        denied: Why something is not known, by operation: `elasticloadbalancing:DescribeTargetHealth`.
    """

    cluster: str
    service: Service
    running: tuple[Task, ...] | None = None
    stopped: tuple[Task, ...] | None = None
    events: tuple[ServiceEvent, ...] | None = None
    deployments: tuple[ServiceDeployment, ...] | None = None
    targets: tuple[TargetHealth, ...] | None = None
    alarms: tuple[Alarm, ...] | None = None
    scalable: ScalableTarget | None = None
    activities: tuple[ScalingActivity, ...] | None = None
    changes: tuple[KnownChange, ...] | None = None
    last_lines: LastLines | None = None
    definitions: Mapping[str, TaskDefinition] = field(default_factory=_no_definitions)
    seen_below: datetime | None = None
    denied: Mapping[str, str] = field(default_factory=nothing)

    @property
    def thing(self) -> AffectedThing:
        """The service as what has a problem."""
        return AffectedThing("service", self.cluster, self.service.name, self.service.arn)

    @property
    def every_event(self) -> tuple[ServiceEvent, ...]:
        """Its events as far as they are known, the newest first."""
        return self.events if self.events is not None else self.service.events

    @property
    def below(self) -> bool:
        """Whether fewer tasks run than are desired."""
        return self.service.running < self.service.desired

    @property
    def current(self) -> ServiceDeployment | None:
        """Its newest service deployment."""
        return self.deployments[0] if self.deployments else None


@dataclass(frozen=True, slots=True)
class ClusterFacts:
    """What is known of one cluster.

    Attributes:
        name: The cluster's name.
        cluster: The cluster.
        services: Its services, as far as they are described.
        instances: Its container instances.
        providers: Its capacity providers.
        groups: The Auto Scaling groups of its capacity providers, by ARN.
        standalone: Stopped tasks that no service started.
        unreachable: Tasks whose agent is not connected, of services or not.
        waiting: Tasks that wait for capacity (PROVISIONING), of services or not.
        retirements: Retirements of tasks that AWS has announced.
        denied: Why something is not known, by operation.
    """

    name: str
    cluster: Cluster | None = None
    services: tuple[ServiceFacts, ...] = ()
    instances: tuple[ContainerInstance, ...] | None = None
    providers: tuple[CapacityProvider, ...] | None = None
    groups: Mapping[str, AutoScalingGroup] | None = None
    standalone: tuple[Task, ...] | None = None
    unreachable: tuple[Task, ...] = ()
    waiting: tuple[Task, ...] | None = None
    retirements: tuple[Retirement, ...] | None = None
    denied: Mapping[str, str] = field(default_factory=nothing)
