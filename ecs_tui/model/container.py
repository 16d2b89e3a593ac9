"""A container of a task and the managed agents that ECS runs inside it."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.record import dataclass

EXEC_AGENT = "ExecuteCommandAgent"


@dataclass(frozen=True, slots=True)
class ManagedAgent:
    """A process that ECS runs in the container besides the container's own.

    `status` is PENDING, RUNNING or STOPPED; `reason` is set when STOPPED.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ManagedAgent.html
    """

    name: str
    status: str
    reason: str = ""
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PortBinding:
    """A container port and its port on the host (0 if it is not bound)."""

    container_port: int
    host_port: int = 0
    protocol: str = "tcp"

    def __str__(self) -> str:
        host = f"{self.host_port}→" if self.host_port not in (0, self.container_port) else ""
        return f"{host}{self.container_port}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Container:
    """A container as DescribeTasks returns it. `addresses`: IPv4 and IPv6, of each interface."""

    name: str
    arn: str
    task_arn: str
    last_status: str
    health: str = "UNKNOWN"
    runtime_id: str = ""
    image: str = ""
    image_digest: str = ""
    exit_code: int | None = None
    reason: str = ""
    agents: tuple[ManagedAgent, ...] = ()
    ports: tuple[PortBinding, ...] = ()
    addresses: tuple[str, ...] = ()
    cpu: str = ""
    memory: str = ""

    @property
    def exec_agent(self) -> ManagedAgent | None:
        """The agent that ECS Exec talks to, or None."""
        return next((agent for agent in self.agents if agent.name == EXEC_AGENT), None)
