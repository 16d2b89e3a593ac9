"""State of the demo's ECS that moto lacks: tasks' lifecycles, services' deployments and events."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ecs_tui.demo.account import ContainerSpec
from ecs_tui.demo.lifecycle import TaskLifecycle

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

    def exit_code(self, index: int) -> int | None:
        """The exit code of container `index` in a stopped task: its own, 0, or 143 (SIGTERM)."""
        spec = self.containers[index]
        if self.stop_code == "EssentialContainerExited" and spec.exits_after:
            return spec.exit_code
        return 0 if self.stop_code == "TaskFailedToStart" else 143


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


@dataclass
class ServiceState:
    """A service's behaviour, deployments and events; the newest are first."""

    containers: tuple[ContainerSpec, ...]
    exec_enabled: bool
    created_at: float
    deployments: list[DeploymentState] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    steady: bool = False
    provider: str = ""
    ipv6_only: bool = False

    @property
    def primary(self) -> DeploymentState:
        """The newest deployment."""
        return self.deployments[0]

    def say(self, names: IdGenerator, now: float, message: str) -> None:
        """Add an event; drop the oldest beyond `MAX_EVENTS`."""
        self.events.insert(0, {"id": names.hex(32), "createdAt": when(now), "message": message})
        del self.events[MAX_EVENTS:]
