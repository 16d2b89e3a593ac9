"""A task: its state, its cluster and service, and its containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Literal

from ecs_tui.model.capacity_provider import MANAGED_INSTANCES
from ecs_tui.model.container import Container
from ecs_tui.model.nothing import nothing
from ecs_tui.record import dataclass

StoppedSource = Literal["", "remembered", "Container Insights"]
"""Where a stopped task is known from; "" for ECS, which forgets it after about an hour."""
_RULE = "events-rule/"
"""Prefix of `startedBy` for tasks that EventBridge started.

Source: "Amazon ECS task state change events" in the ECS developer guide.
"""


@dataclass(frozen=True, slots=True)
class Task:
    """A task as DescribeTasks returns it; `described` is False while only its ARN is known.

    `gone`: a List call returns it, but DescribeTasks does not.

    Attributes:
        known_from: Where a stopped task is known from that ECS has forgotten; "" for ECS.
    """

    arn: str
    id: str
    cluster_arn: str
    group: str = ""
    last_status: str = ""
    desired_status: str = ""
    health: str = "UNKNOWN"
    connectivity: str = ""
    exec_enabled: bool = False
    task_definition: str = ""
    launch_type: str = ""
    platform_version: str = ""
    platform_family: str = ""
    zone: str = ""
    private_ip: str = ""
    subnet: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str = ""
    stopped_reason: str = ""
    started_by: str = ""
    container_instance_arn: str = ""
    role_override: str = ""
    cpu: str = ""
    memory: str = ""
    containers: tuple[Container, ...] = ()
    tags: Mapping[str, str] = field(default_factory=nothing)
    not_read: Mapping[str, str] = field(default_factory=nothing)
    described: bool = True
    gone: bool = False
    interface: str = ""
    capacity_provider: str = ""
    ipv6: str = ""
    execution_stopped_at: datetime | None = None
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    connectivity_at: datetime | None = None
    known_from: StoppedSource = ""

    @property
    def address(self) -> str:
        """Its private IPv4 address; in an IPv6-only subnet, its IPv6 address."""
        return self.private_ip or self.ipv6

    @property
    def launch(self) -> str:
        """What it runs on: its capacity provider (such as FARGATE_SPOT), else its launch type."""
        if self.launch_type == MANAGED_INSTANCES and self.capacity_provider:
            return f"{self.capacity_provider} ({MANAGED_INSTANCES})"
        return self.capacity_provider or self.launch_type

    @property
    def rule(self) -> str:
        """The EventBridge rule that started it (`startedBy` may truncate its name); "" otherwise."""
        return self.started_by.removeprefix(_RULE) if self.started_by.startswith(_RULE) else ""

    @property
    def service(self) -> str:
        """The service's name when a service started the task, else ""."""
        return self.group.removeprefix("service:") if self.group.startswith("service:") else ""

    @property
    def revision(self) -> str:
        """`family:revision` of its task definition."""
        return self.task_definition.rsplit("/", 1)[-1]

    @property
    def stopping(self) -> bool:
        """Whether the task is stopping or has stopped."""
        return self.desired_status == "STOPPED" or self.last_status == "STOPPED"

    @property
    def draining(self) -> bool:
        """Whether it is stopping but has not stopped yet."""
        return self.described and not self.gone and self.stopping and self.last_status != "STOPPED"

    def container(self, name: str) -> Container | None:
        """Its container called `name`, or None."""
        return next((item for item in self.containers if item.name == name), None)
