"""The container that a session is opened in."""

from __future__ import annotations

from ecs_tui.model.arn import short_name
from ecs_tui.model.command import family_of
from ecs_tui.model.container import Container
from ecs_tui.model.platform import runs_windows
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """The container to open a shell in.

    Attributes:
        family: The family of its task definition.
        windows: Whether it is a Windows container.
    """

    cluster: str
    task_arn: str
    container: str
    runtime_id: str
    service: str = ""
    windows: bool = False
    family: str = ""

    @classmethod
    def of(cls, task: Task, container: Container, *, windows: bool | None = None) -> Target:
        """The target for a container of a task.

        Args:
            windows: Whether it is a Windows container; None to decide from the task.
        """
        return cls(
            task.cluster_arn,
            task.arn,
            container.name,
            container.runtime_id,
            task.service,
            bool(runs_windows(task)) if windows is None else windows,
            family_of(task.task_definition),
        )

    @property
    def task_id(self) -> str:
        """The task's id."""
        return short_name(self.task_arn)

    @property
    def words(self) -> str:
        """`container · service/1a29421`, for title bars and lists."""
        where = f"{self.service}/" if self.service else ""
        return f"{self.container} · {where}{self.task_id[:7]}"

    @property
    def ssm_target(self) -> str:
        """The target in SSM's form."""
        return f"ecs:{short_name(self.cluster)}_{self.task_id}_{self.runtime_id}"
