"""What the pretend ECS remembers beyond moto: lives of tasks, deployments and events of services."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ecs_tui.demo.account import ContainerSpec
from ecs_tui.demo.lifecycle import Life

EVENTS_KEPT = 100


def when(seconds: float) -> datetime:
    """Seconds since 1970 as the datetime that moto serialises."""
    return datetime.fromtimestamp(seconds, UTC)


class Names:
    """Ids that look like AWS's and come out the same on every start with the same seed."""

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
    """What ECS would know of a running task and moto does not."""

    life: Life
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

    def exit_code(self, index: int) -> int | None:
        """The exit code of container `index` once the task stopped: its own, else SIGTERM's."""
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
    """A service's behaviour, deployments and events, newest first."""

    containers: tuple[ContainerSpec, ...]
    exec_enabled: bool
    created_at: float
    deployments: list[DeploymentState] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    settled: bool = False

    @property
    def primary(self) -> DeploymentState:
        """The deployment that is steered to."""
        return self.deployments[0]

    def say(self, names: Names, now: float, message: str) -> None:
        """Put one line at the top of the event log."""
        self.events.insert(0, {"id": names.hex(32), "createdAt": when(now), "message": message})
        del self.events[EVENTS_KEPT:]
