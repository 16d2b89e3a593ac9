"""The page of logs: its rows are the tasks whose lines it shows."""

from __future__ import annotations

from dataclasses import replace

from ecs_tui.model.log_event import as_milliseconds
from ecs_tui.model.log_target import LogTarget
from ecs_tui.model.task import Task
from ecs_tui.resources.base import Column, Place, plain
from ecs_tui.resources.tasks import TASKS
from ecs_tui.store.inventory import Inventory, Kind, Scope, calls

LOGS_VIEW = "logs"
"""The view of places that show logs."""


def logs_place(
    cluster: str, service: str = "", tasks: tuple[Task, ...] = (), containers: tuple[str, ...] = ()
) -> Place:
    """The place with the logs of tasks, else of a service, else of a cluster.

    A single task that has stopped is shown from the seconds before its exit.
    """
    if not tasks:
        return Place(LOGS_VIEW, cluster=cluster, service=service)
    arns = tuple(dict.fromkeys(task.arn for task in tasks))
    at = exit_time(tasks[0]) if len(arns) == 1 else 0
    owners = {task.service for task in tasks}
    return Place(
        LOGS_VIEW,
        cluster=cluster,
        service=service or (owners.pop() if len(owners) == 1 else ""),
        task_arn=arns[0] if len(arns) == 1 else "",
        logs=LogTarget(arns, containers=containers, at=at),
    )


def insights_place(cluster: str) -> Place:
    """The place with what Container Insights has written about a cluster."""
    return Place(LOGS_VIEW, cluster=cluster, logs=LogTarget(insights=True))


def exit_time(task: Task) -> int:
    """When a task's containers ended, in milliseconds since 1970; 0 if they have not."""
    end = task.execution_stopped_at or task.stopped_at
    return as_milliseconds(end) if end is not None and task.last_status == "STOPPED" else 0


def same_logs(one: Place, other: Place) -> bool:
    """Whether two places show the lines of the same tasks, maybe at different times."""
    return replace(one, logs=_anytime(one)) == replace(other, logs=_anytime(other))


def time_of(place: Place) -> int:
    """The time that a place of logs shows first, in milliseconds since 1970; 0 for the newest lines."""
    return place.logs.at if place.logs is not None else 0


def _anytime(place: Place) -> LogTarget:
    return replace(place.logs or LogTarget(), at=0)


def _rows(inventory: Inventory, place: Place) -> list[Task]:
    target = place.logs or LogTarget()
    if target.insights:
        return []
    if target.tasks:
        named = (inventory.task(arn) for arn in target.tasks)
        return [task for task in named if task is not None]
    found = [
        *inventory.tasks(place.cluster, place.service),
        *inventory.tasks(place.cluster, place.service, stopped=True),
    ]
    every = {task.arn: task for task in found}.values()
    return [task for task in every if not target.services or task.service in target.services]


LOGS = replace(
    TASKS,
    name=LOGS_VIEW,
    about="",
    within="cluster",
    listed=False,
    columns=(
        Column("id", "TASK", lambda row, _: plain(row.id), lambda row: row.id, priority=0),
    ),
    scopes=lambda place: calls(Scope(Kind.TASK, place.cluster, place.service)),
    rows=_rows,
    enter=lambda place, row: Place(
        "containers", cluster=place.cluster, service=row.service, task_arn=row.arn
    ),
    listing=None,
    lookups=lambda *_: [],
    is_empty=lambda *_: True,
    empty="",
)  # fmt: skip
"""The tasks of a place's logs, running and stopped."""
