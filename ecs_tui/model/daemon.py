"""Managed daemons: ECS runs one task of each on every managed instance."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.model.command import family_of
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass

UPDATE_DAEMON = "aws ecs update-daemon"
"""UpdateService does not apply to daemons; UpdateDaemon redeploys them."""
_DEFINITION = ":daemon-task-definition/"


@dataclass(frozen=True, slots=True)
class DaemonRevision:
    """A revision of a daemon on one capacity provider.

    Attributes:
        arn: The revision's ARN.
        provider: The capacity provider's ARN.
        running: The daemon's tasks that run there.
        without: Instances that run without the daemon's task.
    """

    arn: str
    provider: str
    running: int = 0
    without: int = 0


@dataclass(frozen=True, slots=True)
class Daemon:
    """A managed daemon as DescribeDaemon returns it.

    Attributes:
        status: ACTIVE or DELETE_IN_PROGRESS.
        running: Its running tasks, of all current revisions.
        without: Instances that run without its task, of all current revisions.
        revisions: Its current revisions: several while it is deployed.
        gone: ListDaemons returns it, but DescribeDaemon does not.
    """

    arn: str
    name: str
    cluster_arn: str
    status: str = ""
    running: int = 0
    without: int = 0
    revisions: tuple[DaemonRevision, ...] = ()
    deployment_arn: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    described: bool = True
    gone: bool = False

    @property
    def deploying(self) -> bool:
        """Whether tasks of several revisions run."""
        return len({item.arn for item in self.revisions}) > 1


def is_daemon_definition(arn: str) -> bool:
    """Whether an ARN is a daemon task definition's, which has its own Describe operation."""
    return _DEFINITION in arn


def daemon_of(task: Task) -> str:
    """The name of a task's daemon, "" for other tasks.

    A daemon's task has a daemon task definition (RegisterDaemonTaskDefinition in the API
    reference). The format of its group is not documented; if it lacks the daemon's name, the
    family of the definition is used.
    """
    if task.group.startswith("daemon:"):
        return task.group.removeprefix("daemon:")
    return family_of(task.task_definition) if is_daemon_definition(task.task_definition) else ""
