"""Stops tasks: several in one plan, each with its own result."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.aws.api.ecs import TASKS_PER_CALL
from ecs_tui.aws.api.ecs_changes import protected_tasks
from ecs_tui.errors import AwsError, EcsTuiError, NotFound
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.daemon import UPDATE_DAEMON, daemon_of
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.operations.aws_command import connection_options
from ecs_tui.operations.calls import Applied, Call
from ecs_tui.operations.follow import Progress
from ecs_tui.operations.plan import Plan, confirmation
from ecs_tui.operations.reading import read_cluster, tags_words
from ecs_tui.record import dataclass

REASON = "stopped with ecs-tui"
"""The reason that ECS keeps (`stoppedReason`) if the operator gives none."""
TYPED_CHARACTERS = 6
"""Characters of a task ID that are typed to confirm that it is stopped."""
MAX_NAMED = 20
"""Tasks that an effect names; more are counted."""

Protected = Mapping[str, datetime | None] | EcsTuiError
"""Until when tasks are protected from scale-in, by ARN; or why that could not be read."""


def task_words(task: Task) -> str:
    """`web/0123456789ab`: a task with its service, or its group if it is a standalone task."""
    whose = task.service or task.group
    return f"{whose}/{task.id[:12]}" if whose else task.id[:12]


async def read_stop_plan(
    account: Account, cluster: str, tasks: Sequence[str], reason: str = ""
) -> Plan:
    """Plan to stop tasks, by ID or ARN.

    Raises:
        NotFound: ECS does not have one of them.
        EcsTuiError: None of them can be stopped.
        AwsError: A call failed.
    """
    wanted = list(dict.fromkeys(tasks))
    pages = [
        wanted[start : start + TASKS_PER_CALL] for start in range(0, len(wanted), TASKS_PER_CALL)
    ]
    place = await read_cluster(account, cluster)
    found = await asyncio.gather(*(ecs.describe_tasks(account, cluster, page) for page in pages))
    known = [task for page in found for task in page]
    missing = {short_name(name) for name in wanted} - {task.id for task in known}
    if missing:
        names = ", ".join(sorted(clean(name) for name in missing))
        raise NotFound(
            f"{'Task' if len(missing) == 1 else 'Tasks'} {names} not found in cluster "
            f"{clean(short_name(cluster))}.",
            "ECS drops stopped tasks after about an hour.",
        )
    protected = await _read_protection(account, cluster, known)
    return plan_stop(place, known, protected, reason, connection_options(account))


async def _read_protection(account: Account, cluster: str, tasks: Sequence[Task]) -> Protected:
    arns = [task.arn for task in tasks if task.service and not task.stopping]
    try:
        pages = await asyncio.gather(
            *(
                protected_tasks(account, cluster, arns[start : start + TASKS_PER_CALL])
                for start in range(0, len(arns), TASKS_PER_CALL)
            )
        )
    except AwsError as error:
        return error
    return {arn: until for page in pages for arn, until in page.items()}


def plan_stop(
    cluster: Cluster,
    tasks: Sequence[Task],
    protected: Protected,
    reason: str = "",
    connection: tuple[str, ...] = (),
) -> Plan:
    """The plan to stop these tasks.

    Args:
        cluster: Their cluster.
        tasks: The tasks; those that stop already are left out and named.
        protected: Which of them are protected from scale-in.
        reason: What ECS keeps as their `stoppedReason`; "" for `REASON`.
        connection: Options of the AWS CLI for the account.

    Raises:
        EcsTuiError: A task is a managed daemon's, or all of them stop already.
    """
    for task in tasks:
        if daemon := daemon_of(task):
            raise EcsTuiError(
                f"Task {task.id[:12]} belongs to the managed daemon {daemon} and must not be "
                "stopped: ECS would drain its instance, with all other tasks on it.",
                f"Change the daemon instead: {UPDATE_DAEMON}.",
            )
    live = [task for task in tasks if not task.stopping]
    if not live:
        raise EcsTuiError(
            f"{'The task is' if len(tasks) == 1 else 'All tasks are'} stopped or stopping already."
        )
    title = f"Stop {counted(len(live), 'task')} in {cluster.name}"
    typed = cluster.name
    if len(live) == 1:
        title = f"Stop task {task_words(live[0])} in {cluster.name}"
        typed = live[0].id[:TYPED_CHARACTERS]
    confirm, typed = confirmation(typed, cluster)
    return Plan(
        "stop",
        title,
        (
            *_named(live),
            "Containers get SIGTERM, then SIGKILL after their stop timeout. Open exec sessions in "
            "them will end.",
            *_replaced(live),
            *_protected(live, protected),
            *(
                f"Task {task_words(task)} is stopped or stopping already: it is left out."
                for task in tasks
                if task.stopping
            ),
            *tags_words(cluster),
        ),
        tuple(
            Call(
                "ecs:StopTask",
                {"cluster": cluster.name, "task": task.arn, "reason": reason or REASON},
                f"task {task_words(task)}",
            )
            for task in live
        ),
        confirm=confirm,
        typed=typed,
        cluster=cluster.name,
        service=live[0].service if len({task.service for task in live}) == 1 else "",
        connection=connection,
        goal=TasksStopped(cluster.name),
        accepted=f"ECS has accepted it. Waiting until {counted(len(live), 'task')} "
        f"{'is' if len(live) == 1 else 'are'} stopped…",
    )


def _named(tasks: Sequence[Task]) -> tuple[str, ...]:
    if len(tasks) == 1:
        return ()
    names = ", ".join(task_words(task) for task in tasks[:MAX_NAMED])
    more = f" and {len(tasks) - MAX_NAMED} more" if len(tasks) > MAX_NAMED else ""
    return (f"Stops {names}{more}.",)


def _replaced(tasks: Sequence[Task]) -> tuple[str, ...]:
    """What replaces them: their services, or nothing."""
    services = sorted({task.service for task in tasks if task.service})
    alone = sum(not task.service for task in tasks)
    found = []
    if len(services) == 1:
        found.append(f"Service {services[0]} will start a replacement for each.")
    elif services:
        found.append(f"Services {', '.join(services)} will start a replacement for each.")
    if alone == 1:
        found.append("Nothing will replace the standalone task.")
    elif alone:
        found.append(f"Nothing will replace the {alone} standalone tasks.")
    return tuple(found)


def _protected(tasks: Sequence[Task], protected: Protected) -> tuple[str, ...]:
    if isinstance(protected, EcsTuiError):
        return (f"Whether tasks are protected from scale-in is unknown: {protected.what}",)
    found = []
    for task in tasks:
        if task.arn in protected:
            until = protected[task.arn]
            when = f" until {until:%Y-%m-%d %H:%M} UTC" if until is not None else ""
            found.append(
                f"Task {task_words(task)} is protected from scale-in{when}: it is probably at work. "
                "It is stopped all the same."
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class TasksStopped:
    """All tasks whose StopTask was accepted are STOPPED."""

    cluster: str

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeTasks; a task that ECS no longer has is stopped."""
        arns = [str(result.call.parameters["task"]) for result in applied.accepted]
        pages = await asyncio.gather(
            *(
                ecs.describe_tasks(account, self.cluster, arns[start : start + TASKS_PER_CALL])
                for start in range(0, len(arns), TASKS_PER_CALL)
            )
        )
        return stop_progress(len(arns), [task for page in pages for task in page])


def stop_progress(count: int, tasks: Sequence[Task]) -> Progress:
    """How many of `count` tasks are stopped; `tasks` are those that ECS still has."""
    live = [task for task in tasks if task.last_status != "STOPPED"]
    words = f"{count - len(live)}/{count} tasks stopped"
    if not live:
        return Progress(f"{words}.", "done")
    states = ", ".join(f"{task_words(task)} {task.last_status.lower()}" for task in live[:3])
    more = f" and {len(live) - 3} more" if len(live) > 3 else ""
    return Progress(f"{words} · {states}{more}")
