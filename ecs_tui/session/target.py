"""Which container a session is for."""

from __future__ import annotations

from dataclasses import dataclass

from ecs_tui.model.arn import short_name
from ecs_tui.model.container import Container
from ecs_tui.model.task import Task


@dataclass(frozen=True, slots=True)
class Target:
    """The container to open a shell in."""

    cluster: str
    task_arn: str
    container: str
    runtime_id: str
    service: str = ""

    @classmethod
    def of(cls, task: Task, container: Container) -> Target:
        """A container of a task as ECS describes them."""
        return cls(task.cluster_arn, task.arn, container.name, container.runtime_id, task.service)

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
