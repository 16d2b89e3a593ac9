"""What happens to services of the demo account, as data, and what applies it.

A case is a service with steps in the past; an incident one whose steps are yet to come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from moto.ecs.models import Service

from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.failure import TaskFailure
from ecs_tui.demo.levels import LoadLevel
from ecs_tui.demo.scaling import cause
from ecs_tui.demo.state import ScalingRecord, ServiceState
from ecs_tui.record import dataclass

STEP_SECONDS = 1.0
"""The scheduler runs once in so many seconds of the demo's time while a script plays."""


@dataclass(frozen=True, slots=True)
class DeployVersion:
    """A new task definition is deployed.

    Attributes:
        tag: Of the first container's image; "" for the one before.
        memory: Of its first container in MiB; 0 for the one before.
        environment: Variables that it has besides those before.
        secrets: (name, ARN) that it has besides those before.
        failure: How its tasks fail.
        obstacle: Why its tasks cannot be placed, as in the events; "" if they can.
        configuration: Changes of the service's `deploymentConfiguration`.
    """

    tag: str = ""
    memory: int = 0
    environment: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    failure: TaskFailure | None = None
    obstacle: str = ""
    configuration: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FailTasks:
    """From now on its tasks, running or new, fail in this way; None: they do not any more."""

    failure: TaskFailure | None
    running: bool = True


@dataclass(frozen=True, slots=True)
class BlockPlacement:
    """ECS cannot place its tasks: what the events say; "": it can again."""

    obstacle: str


@dataclass(frozen=True, slots=True)
class SetDesired:
    """Its desired count changes."""

    desired: int


@dataclass(frozen=True, slots=True)
class InterruptTasks:
    """So many of its running tasks are ended from outside."""

    count: int
    failure: TaskFailure


@dataclass(frozen=True, slots=True)
class RollBackDeployment:
    """Its deployment is rolled back, for this reason."""

    reason: str
    alarms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MoveTag:
    """The tag of its image moves: tasks that start later run another digest."""


@dataclass(frozen=True, slots=True)
class SetLoad:
    """Its metrics change."""

    level: LoadLevel


@dataclass(frozen=True, slots=True)
class ScaleAutomatically:
    """Application Auto Scaling acts.

    Attributes:
        desired: The desired count that it sets, or tries to.
        failure: `StatusMessage` if that fails.
        not_scaled: Why it does not scale, as the code of a `NotScaledReason`.
    """

    desired: int
    failure: str = ""
    not_scaled: str = ""


Change = (
    SetLoad
    | ScaleAutomatically
    | DeployVersion
    | FailTasks
    | BlockPlacement
    | SetDesired
    | InterruptTasks
    | RollBackDeployment
    | MoveTag
)


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """One change at a time: seconds after the script's begin."""

    at: float
    change: Change


def apply(backend: DemoEcsBackend, service: Service, change: Change, now: float) -> None:
    """Let a change happen to a service."""
    state = backend.service_states[f"{service.cluster_name}:{service.name}"]
    state.steady = False
    match change:
        case DeployVersion():
            _deploy(backend, service, state, change, now)
        case FailTasks(failure, running):
            _fail(backend, service, state, failure, now if running else None)
        case BlockPlacement(obstacle):
            state.obstacle = obstacle
        case SetDesired(desired):
            service.desired_count = desired
        case InterruptTasks(count, failure):
            _interrupt(backend, service, count, failure, now)
        case RollBackDeployment(reason, alarms):
            if state.record is not None and state.record.active:
                state.record.triggered = alarms
                backend.roll_back(service, state, reason, now)
        case SetLoad(level):
            state.levels.append((now, level))
        case ScaleAutomatically():
            _autoscale(service, state, change, now)
        case MoveTag():
            state.salt = f"{state.salt or ''}+"


def play(
    backend: DemoEcsBackend,
    service: Service,
    steps: Sequence[ScriptStep],
    begin: float,
    end: float,
    pace: float = STEP_SECONDS,
) -> None:
    """Let steps happen in a stretch of the past, and the scheduler react to them.

    Args:
        begin, end: Seconds since 1970; steps after the end are left out.
        pace: Seconds between two runs of the scheduler.
    """
    state = backend.service_states[f"{service.cluster_name}:{service.name}"]
    left = sorted((begin + step.at, number, step) for number, step in enumerate(steps))
    now = left[0][0] if left else end
    while now < end:
        while left and left[0][0] <= now:
            apply(backend, service, left.pop(0)[2].change, now)
        if not state.steady:
            backend.converge_service(service, state, now)
        now += pace
        if state.steady:
            now = max(now, left[0][0]) if left else end


def define(backend: DemoEcsBackend, arn: str, change: DeployVersion) -> str:
    """Register a task definition that differs from another one; returns its ARN."""
    before = backend.describe_task_definition(arn)
    containers: list[dict[str, Any]] = [dict(each) for each in before.container_definitions]
    first = containers[0]
    if change.tag:
        first["image"] = f"{first['image'].rpartition(':')[0]}:{change.tag}"
    if change.memory:
        first["memory"] = change.memory
    first["environment"] = [
        *(first.get("environment") or ()),
        *({"name": name, "value": value} for name, value in change.environment),
    ]
    if change.secrets:
        first["secrets"] = [
            *(first.get("secrets") or ()),
            *({"name": name, "valueFrom": value} for name, value in change.secrets),
        ]
    made = backend.register_task_definition(
        before.family,
        containers,
        tags=[],
        network_mode=before.network_mode,
        requires_compatibilities=before.requires_compatibilities,
        cpu=before.cpu,
        memory=before.memory,
        task_role_arn=before.task_role_arn,
        execution_role_arn=before.execution_role_arn,
    )
    return str(made.arn)


def _deploy(
    backend: DemoEcsBackend,
    service: Service,
    state: ServiceState,
    change: DeployVersion,
    now: float,
) -> None:
    arn = define(backend, state.primary.task_definition, change)
    if change.failure is not None:
        backend.failures[arn] = change.failure
    if change.obstacle:
        backend.obstacles[arn] = change.obstacle
    state.configuration |= change.configuration
    backend.deploy(service, state, arn, now)


def _autoscale(
    service: Service, state: ServiceState, change: ScaleAutomatically, now: float
) -> None:
    failed = bool(change.failure or change.not_scaled)
    state.activities.insert(
        0,
        ScalingRecord(
            now,
            change.desired,
            cause(f"{service.cluster_name}/{service.name}"),
            "Failed" if failed else "Successful",
            change.failure,
            change.not_scaled,
        ),
    )
    if not failed:
        service.desired_count = change.desired


def _fail(
    backend: DemoEcsBackend,
    service: Service,
    state: ServiceState,
    failure: TaskFailure | None,
    now: float | None,
) -> None:
    """Give a service's new tasks a failure; with a time, running ones fail `after` seconds later."""
    state.failure = failure
    for task in backend.by_service[f"{service.cluster_name}:{service.name}"]:
        mine = backend.state_of(task)
        if now is None or mine.lifecycle.stop_at is not None:
            continue
        ran = now - mine.lifecycle.running_at
        mine.failure = failure and failure.but(after=ran + failure.after, starts=True)


def _interrupt(
    backend: DemoEcsBackend, service: Service, count: int, failure: TaskFailure, now: float
) -> None:
    running = [
        task
        for task in backend.by_service[f"{service.cluster_name}:{service.name}"]
        if backend.state_of(task).lifecycle.status(now) == "RUNNING"
    ]
    for task in running[:count]:
        backend.state_of(task).failure = failure
        backend.stop(task, failure.code, failure.reason.format(task=task.id, target_group=""), now)
