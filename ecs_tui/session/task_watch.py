"""What becomes of a session's task: how it ends, and which container replaces the session's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ecs_tui.model.rules.exec_readiness import Verdict, container_readiness
from ecs_tui.model.task import Task
from ecs_tui.session.target import Target


class TaskSource(Protocol):
    """Where the tasks of sessions are looked up, such as the store of a connection."""

    def task(self, arn: str) -> Task | None:
        """The task as it was described last; None if it is not known, or no longer listed."""

    async def tasks_of_service(self, cluster: str, service: str) -> Sequence[Task]:
        """List and describe the tasks of a service now.

        Args:
            cluster: The cluster's name or ARN.

        Raises:
            EcsTuiError: AWS did not answer, or refused.
        """


def notice_about(task: Task | None, container: str, *, known: bool) -> str:
    """How the task or container of a shell is ending or has ended, in words, or "".

    Args:
        task: The task, None if the source does not have it.
        container: The container of the shell.
        known: Whether the source has had the task before.
    """
    if task is None:
        return "task no longer exists" if known else ""
    if task.last_status == "STOPPED":
        return "task stopped"
    if task.stopping:
        return "task is stopping"
    inside = task.container(container)
    if inside is not None and inside.last_status == "STOPPED":
        return "container stopped"
    return ""


def successor(target: Target, tasks: Sequence[Task]) -> Target | None:
    """The same container in the newest other task that is ready for a shell, or None.

    Args:
        target: The container of the shell.
        tasks: The tasks of its service.
    """
    ready = []
    for task in tasks:
        container = task.container(target.container)
        if task.arn == target.task_arn or container is None or task.stopping or task.gone:
            continue
        if container_readiness(task, container).verdict is Verdict.READY:
            ready.append((task.created_at.timestamp() if task.created_at else 0.0, task, container))
    if not ready:
        return None
    _, task, container = max(ready, key=lambda item: item[0])
    return Target.of(task, container, windows=target.windows)
