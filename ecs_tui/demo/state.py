"""State of the demo's ECS that moto lacks: tasks' lifecycles, services' deployments and events."""

from __future__ import annotations

import hashlib
import itertools
import math
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from ecs_tui.demo.account import ContainerSpec
from ecs_tui.demo.deployment_records import DeploymentRecord, RevisionRecord
from ecs_tui.demo.failure import TaskFailure
from ecs_tui.demo.levels import LoadLevel
from ecs_tui.demo.lifecycle import TaskLifecycle
from ecs_tui.record import dataclass

MAX_EVENTS = 100
"""Maximum events of a service that ECS keeps (DescribeServices)."""


def when(seconds: float) -> datetime:
    """Seconds since 1970 as the datetime that moto serialises."""
    return datetime.fromtimestamp(seconds, UTC)


class IdGenerator:
    """Generates IDs that look like AWS's; the same seed gives the same IDs."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = itertools.count()

    def hex(self, length: int = 32) -> str:
        """`length` hexadecimal digits."""
        text = f"{self._seed}:{next(self._count)}".encode()
        return hashlib.sha256(text).hexdigest()[:length]

    def number(self, below: int) -> int:
        """A number from 0 to `below` - 1."""
        return int(self.hex(12), 16) % below


@dataclass
class TaskState:
    """The state of a task that ECS has and moto lacks."""

    lifecycle: TaskLifecycle
    containers: tuple[ContainerSpec, ...]
    runtime_ids: tuple[str, ...]
    exec_enabled: bool
    zone: str
    platform_version: str = ""
    service_key: str = ""
    deployment: str = ""
    stop_code: str = ""
    stopped_reason: str = ""
    task_role_override: str = ""
    cpu: str = "512"
    memory: str = "1024"
    provider: str = ""
    ipv6_only: bool = False
    unplaced: bool = False
    protected_until: float = 0.0
    failure: TaskFailure | None = None
    digests: tuple[str, ...] = ()
    salt: str | None = None
    registered: bool = False

    @property
    def fails_at(self) -> float:
        """When it ends by itself; infinite if it does not."""
        if self.failure is None:
            return math.inf
        base = self.lifecycle.running_at if self.failure.starts else self.lifecycle.created_at
        return base + self.failure.after

    def healthy(self, now: float) -> bool:
        """Whether it runs and a deployment may go on without the tasks that it replaces."""
        passes = self.failure is None or self.failure.passes or math.isinf(self.fails_at)
        return passes and self.lifecycle.status(now) == "RUNNING"

    def health(self, index: int) -> str:
        """`healthStatus` of a running container."""
        if index == 0 and self.failure is not None and self.failure.health != "HEALTHY":
            return self.failure.health
        return self.containers[index].health

    def ran(self) -> bool:
        """Whether its containers have run, if it has stopped."""
        stop = self.lifecycle.stop_at
        return stop is None or stop >= self.lifecycle.running_at

    def exit_code(self, index: int) -> int | None:
        """The exit code of container `index` in a stopped task: its own, 0, or 143 (SIGTERM)."""
        failure = self.failure
        if failure is not None and self.stop_code == failure.code:
            if index == 0 or failure.exit_code is None:
                return failure.exit_code
            return 143 if self.ran() else None
        spec = self.containers[index]
        if self.stop_code == "EssentialContainerExited" and spec.exits_after:
            return spec.exit_code
        return 0 if self.stop_code == "TaskFailedToStart" else 143

    def container_reason(self, index: int) -> str:
        """`reason` of container `index` in a stopped task."""
        failure = self.failure
        if failure is not None and self.stop_code == failure.code:
            return failure.container_reason if index == 0 else ""
        killed = self.exit_code(index) == 137
        return "OutOfMemoryError: Container killed due to memory usage" if killed else ""


@dataclass
class DeploymentState:
    """One deployment of a service."""

    id: str
    task_definition: str
    created_at: float
    updated_at: float
    exec_enabled: bool
    status: str = "PRIMARY"
    rollout: str = "IN_PROGRESS"
    failed: int = 0
    start_takes: float = 4.0
    agent_takes: float = 3.0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScalingRecord:
    """What Application Auto Scaling has done, or could not do.

    Attributes:
        at: Seconds since 1970.
        count: The desired count that it has set, or wanted to.
        cause: The alarm and the policy.
        status: `StatusCode`.
        message: `StatusMessage`.
        not_scaled: `Code` of its one `NotScaledReason`; "" if it has scaled.
    """

    at: float
    count: int
    cause: str
    status: str = "Successful"
    message: str = ""
    not_scaled: str = ""


@dataclass
class ServiceState:
    """A service's behaviour, deployments and events; the newest are first.

    `configuration` is its `deploymentConfiguration`; `completed` the task definition of its last
    completed deployment, to which the circuit breaker rolls back. `records` are its service
    deployments, newest first; `revisions` the service revisions by `DeploymentState.id`. `failure` is
    how all its tasks fail, whatever they run; `obstacle` why ECS cannot place a task, in its events. Before
    `not_before` ECS starts no task, because the last ones did not start. With `salt`, its tasks tell the digests of their images; they depend on it. `levels` are what its metrics show,
    `wanted` its desired counts (since when, count), `activities` what auto scaling has done, newest
    first.
    """

    containers: tuple[ContainerSpec, ...]
    exec_enabled: bool
    created_at: float
    deployments: list[DeploymentState] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    steady: bool = False
    provider: str = ""
    ipv6_only: bool = False
    configuration: dict[str, Any] = field(default_factory=dict)
    completed: str = ""
    failure: TaskFailure | None = None
    obstacle: str = ""
    salt: str | None = None
    not_before: float = 0.0
    levels: list[tuple[float, LoadLevel]] = field(default_factory=list)
    wanted: list[tuple[float, int]] = field(default_factory=list)
    activities: list[ScalingRecord] = field(default_factory=list)
    records: list[DeploymentRecord] = field(default_factory=list)
    revisions: dict[str, RevisionRecord] = field(default_factory=dict)

    @property
    def record(self) -> DeploymentRecord | None:
        """Its newest service deployment."""
        return self.records[0] if self.records else None

    @property
    def primary(self) -> DeploymentState:
        """The newest deployment."""
        return self.deployments[0]

    def say(self, names: IdGenerator, now: float, message: str) -> None:
        """Add an event; drop the oldest beyond `MAX_EVENTS`."""
        self.events.insert(0, {"id": names.hex(32), "createdAt": when(now), "message": message})
        del self.events[MAX_EVENTS:]
