"""A task definition: what a task is made from. A revision never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ecs_tui.model.container import PortBinding


@dataclass(frozen=True, slots=True)
class ContainerDefinition:
    """What the doctor and the lists need of a container definition.

    Environment *names* only: the values may be secrets and are never kept.
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


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """One revision of a family."""

    arn: str
    family: str
    revision: int
    task_role_arn: str = ""
    execution_role_arn: str = ""
    network_mode: str = ""
    pid_mode: str = ""
    os_family: str = ""
    containers: tuple[ContainerDefinition, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def windows(self) -> bool:
        """Whether its containers are Windows containers."""
        return self.os_family.upper().startswith("WINDOWS")

    def container(self, name: str) -> ContainerDefinition | None:
        """The definition of the container called `name`, or None."""
        return next((item for item in self.containers if item.name == name), None)
