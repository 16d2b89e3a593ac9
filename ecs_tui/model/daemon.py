"""Managed daemons: ECS runs one task of each on every managed instance."""

from __future__ import annotations

from ecs_tui.model.command import family_of
from ecs_tui.model.task import Task

UPDATE_DAEMON = "aws ecs update-daemon"
"""UpdateService does not apply to daemons; UpdateDaemon redeploys them."""
_DEFINITION = ":daemon-task-definition/"


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
