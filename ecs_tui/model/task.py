"""A task: its state, its place, and its containers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ecs_tui.model.container import Container


@dataclass(frozen=True, slots=True)
class Task:
    """A task as DescribeTasks tells it; `described` is False while only its ARN is known.

    `gone`: a List call names it, and DescribeTasks does not know it.
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
    tags: Mapping[str, str] = field(default_factory=dict)
    not_read: Mapping[str, str] = field(default_factory=dict)
    described: bool = True
    gone: bool = False
    interface: str = ""
    capacity_provider: str = ""

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
        """Whether the task is on its way out or gone."""
        return self.desired_status == "STOPPED" or self.last_status == "STOPPED"

    @property
    def draining(self) -> bool:
        """Whether it is on its way out and still serves."""
        return self.described and not self.gone and self.stopping and self.last_status != "STOPPED"

    def container(self, name: str) -> Container | None:
        """Its container called `name`, or None."""
        return next((item for item in self.containers if item.name == name), None)
