"""A task definition. A revision never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from ecs_tui.model.container import PortBinding
from ecs_tui.model.log_configuration import LogConfiguration
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """`healthCheck` of a container definition; times in seconds, None for ECS's defaults."""

    command: tuple[str, ...] = ()
    interval: int | None = None
    timeout: int | None = None
    retries: int | None = None
    start_period: int | None = None


@dataclass(frozen=True, slots=True)
class ContainerDefinition:
    """The parts of a container definition that the doctor, the lists and comparisons need.

    Environment *names* only: the values may be secrets and are never kept.

    Attributes:
        stop_timeout: Seconds between SIGTERM and SIGKILL; None for the platform's default.
        depends_on: Containers that start before it and stop after it.
        logging: Where its output goes.
        secret_sources: `valueFrom` of each of `secret_names`: the ARN or name of a secret or parameter.
        cpu: CPU units; 0 if it has none of its own.
        memory: The hard limit in MiB; None if it has none of its own.
        memory_reservation: The soft limit in MiB; None if it has none.
    """

    name: str
    image: str = ""
    essential: bool = True
    ports: tuple[PortBinding, ...] = ()
    readonly_root: bool = False
    writable_mounts: tuple[str, ...] = ()
    init_process: bool = False
    environment_names: tuple[str, ...] = ()
    secret_names: tuple[str, ...] = ()
    environment_files: tuple[str, ...] = ()
    restarts: bool = False
    logging: LogConfiguration = field(default_factory=LogConfiguration)
    stop_timeout: int | None = None
    depends_on: tuple[str, ...] = ()
    secret_sources: tuple[str, ...] = ()
    cpu: int = 0
    memory: int | None = None
    memory_reservation: int | None = None
    health_check: HealthCheck | None = None
    command: tuple[str, ...] = ()
    entry_point: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """One revision of a family.

    `status` is ACTIVE, INACTIVE or DELETE_IN_PROGRESS; tasks of all three keep running. `cpu` and
    `memory` are those of the whole task, in CPU units and MiB, "" if it has none. `registered_by` is
    the ARN of the principal that registered it.
    """

    arn: str
    family: str
    revision: int
    task_role_arn: str = ""
    execution_role_arn: str = ""
    network_mode: str = ""
    pid_mode: str = ""
    os_family: str = ""
    status: str = ""
    containers: tuple[ContainerDefinition, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    cpu: str = ""
    memory: str = ""
    architecture: str = ""
    registered_at: datetime | None = None
    registered_by: str = ""

    @property
    def windows(self) -> bool:
        """Whether its containers are Windows containers."""
        return self.os_family.upper().startswith("WINDOWS")

    def container(self, name: str) -> ContainerDefinition | None:
        """The definition of the container called `name`, or None."""
        return next((item for item in self.containers if item.name == name), None)
