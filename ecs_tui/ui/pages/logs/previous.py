"""Finds the task that ran before."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.errors import AwsError
from ecs_tui.logs.targets import TargetTasks, TargetWatch
from ecs_tui.model.log_target import LogTarget
from ecs_tui.model.task import Task
from ecs_tui.resources import Place


async def previous_tasks(account: Account, place: Place, task: Task | None) -> TargetTasks | str:
    """The task before a task, or before the newest one of a place; or why there is none, in words.

    Args:
        account: The account to call.
        place: The place of the logs.
        task: The task; None for the newest one.
    """
    names = (task.arn,) if task is not None else ()
    chosen = (place.logs or LogTarget()).containers
    container = chosen[0] if len(chosen) == 1 else ""
    watch = TargetWatch(account, place.cluster, place.service, names, container)
    try:
        found = await watch.previous()
    except AwsError as error:
        return f"The task before could not be found. {error}"
    if not found.sources:
        return "ECS knows no task before this one; it forgets stopped tasks after an hour."
    return found


def newest(tasks: list[Task]) -> Task | None:
    """The task that was created last."""
    return max(
        tasks,
        key=lambda task: task.created_at.timestamp() if task.created_at else 0.0,
        default=None,
    )
