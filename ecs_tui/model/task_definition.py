"""A task definition. A revision never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs_tui.model.container import PortBinding


@dataclass(frozen=True, slots=True)
class ContainerDefinition:
    """The parts of a container definition that the doctor and the lists need.

    Environment *names* only: the values may be secrets and are never kept.

    Attributes:
        stop_timeout: Seconds between SIGTERM and SIGKILL; None for the platform's default.
        depends_on: Containers that start before it and stop after it.
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
    log_driver: str = ""
    stop_timeout: int | None = None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """One revision of a family.

    `status` is ACTIVE, INACTIVE or DELETE_IN_PROGRESS; tasks of all three keep running.
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

    @property
    def windows(self) -> bool:
        """Whether its containers are Windows containers."""
        return self.os_family.upper().startswith("WINDOWS")

    def container(self, name: str) -> ContainerDefinition | None:
        """The definition of the container called `name`, or None."""
        return next((item for item in self.containers if item.name == name), None)
