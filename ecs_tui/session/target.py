"""Which container a session is for."""

from __future__ import annotations

from dataclasses import dataclass

from ecs_tui.model.arn import short_name
from ecs_tui.model.container import Container
from ecs_tui.model.task import Task

DEFAULT_SHELL = "/bin/sh"
WINDOWS_SHELL = "cmd.exe"
"""In every image of Windows Server Core and Nano Server, where there is no /bin/sh."""


@dataclass(frozen=True, slots=True)
class Target:
    """The container to open a shell in."""

    cluster: str
    task_arn: str
    container: str
    runtime_id: str
    service: str = ""
    windows: bool = False

    @classmethod
    def of(cls, task: Task, container: Container) -> Target:
        """A container of a task as ECS describes them."""
        return cls(
            task.cluster_arn,
            task.arn,
            container.name,
            container.runtime_id,
            task.service,
            task.platform_family.casefold().startswith("windows"),
        )

    def command(self, wanted: str) -> str:
        """The command to run: `wanted`, but on Windows its own shell in place of the default."""
        return WINDOWS_SHELL if self.windows and wanted == DEFAULT_SHELL else wanted

    @property
    def task_id(self) -> str:
        """The task's id."""
        return short_name(self.task_arn)

    @property
    def words(self) -> str:
        """`container · service/1a29421` for frames and lists."""
        where = f"{self.service}/" if self.service else ""
        return f"{self.container} · {where}{self.task_id[:7]}"

    @property
    def ssm_target(self) -> str:
        """The target as SSM writes it."""
        return f"ecs:{short_name(self.cluster)}_{self.task_id}_{self.runtime_id}"
