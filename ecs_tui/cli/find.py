"""Finds the task or container that a command line names."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import AccessDenied, AwsError, NotFound, ResourceGone, WrongUsage
from ecs_tui.model.arn import parse_arn, short_name
from ecs_tui.model.container import Container
from ecs_tui.model.reference import Reference
from ecs_tui.model.rules.exec_readiness import likely_container, newest_ready_task
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.record import dataclass
from ecs_tui.resources.locate import tasks_like

MAX_CANDIDATES = 5
"""Maximum tasks that the message about an ambiguous prefix lists."""
log = logging.getLogger("ecs_tui.cli.find")


@dataclass(frozen=True, slots=True)
class Found:
    """The task that a reference names.

    Attributes:
        cluster: Name of its cluster.
        container: The name of the requested container; "" for none.
        chosen: Whether the task was chosen from a service's tasks.
        note: A message for the operator about the choice; "" for none.
    """

    cluster: str
    task: Task
    container: str = ""
    chosen: bool = False
    note: str = ""


async def find_target(account: Account, reference: Reference) -> Found:
    """The task that `reference` names; for a service, its newest healthy task.

    Raises:
        WrongUsage: It names neither a task nor a service, or belongs to another account.
        NotFound: Nothing has that name, or several task IDs start with it.
        AwsError: A call to AWS failed.
    """
    if reference.whole_cluster:
        raise WrongUsage(
            f"Cluster {reference.cluster} is not a task.",
            "Add a service or a task.",
        )
    await check_account(account, reference)
    cluster = reference.cluster or await cluster_of(account, reference)
    wanted = reference.container
    if reference.service:
        task = await newest_task(
            account, cluster, reference.service_arn or reference.service, wanted
        )
        return Found(cluster, task, wanted, chosen=True)
    if reference.task:
        return await _by_id(account, cluster, reference)
    if reference.container_arn:
        task = await _task_of_container(account, cluster, reference.container_arn)
        return Found(cluster, task, _name_of(task, reference.container_arn))
    return await _by_word(account, cluster, reference)


async def check_account(account: Account, reference: Reference) -> None:
    """Check that the keys in use belong to the account that an ARN or URL names.

    Raises:
        WrongUsage: They belong to another account.
    """
    if not reference.account:
        return
    try:
        caller = await account.caller(alias=False)
    except AwsError as error:
        # Then ECS calls fail too, or ECS itself refuses the ARN of another account.
        log.info("account not checked: %s", error)
        return
    if caller.account != reference.account:
        raise WrongUsage(
            f"The target is in account {reference.account}, but the profile in use "
            f"({clean(account.name)}) belongs to account {clean(caller.account)}.",
            "Select another with --profile.",
        )


async def newest_task(account: Account, cluster: str, service: str, container: str = "") -> Task:
    """The newest healthy task of a service (name or ARN); if none is running, any task.

    Raises:
        NotFound: The service has no task.
        AwsError: There is no such service, or a call to AWS failed.
    """
    pages = [page async for page in ecs.list_tasks(account, cluster, service) if page]
    found = await asyncio.gather(*(ecs.describe_tasks(account, cluster, page) for page in pages))
    tasks = [task for page in found for task in page]
    task = newest_ready_task(tasks, container) or (tasks[0] if tasks else None)
    if task is None:
        raise NotFound(
            f"Service {clean(short_name(service))} in cluster {short_name(cluster)} has no tasks.",
            "It may be scaled to 0.",
        )
    return task


def find_container(task: Task, name: str) -> Container:
    """The container of `task` called `name`; if "", the most likely one.

    Raises:
        NotFound: The task has no container with that name.
    """
    chosen = task.container(name) if name else likely_container(task)
    if chosen is None:
        names = ", ".join(clean(item.name) for item in task.containers) or "none"
        raise NotFound(
            f'Task {task.id[:12]} has no container "{clean(name)}".', f"Containers: {names}."
        )
    return chosen


async def _by_id(account: Account, cluster: str, reference: Reference) -> Found:
    """The task with a complete ID or an ARN. A service's name may look like an ID."""
    name = reference.task
    found = await ecs.describe_tasks(account, cluster, [name])
    if found:
        task = found[0]
        arn = reference.container_arn
        return Found(cluster, task, _name_of(task, arn) if arn else reference.container)
    if parse_arn(name) is None:
        chosen = await _of_service(account, cluster, name, reference.container)
        if chosen is not None:
            return Found(cluster, chosen, reference.container, chosen=True)
    raise NotFound(
        f"Task {clean(short_name(name))} not found in cluster {cluster}.",
        "ECS drops stopped tasks after about an hour. "
        f"List tasks with: ecs-tui ls tasks --cluster {cluster}",
    )


async def _by_word(account: Account, cluster: str, reference: Reference) -> Found:
    """The task of the service with that name, else the one task whose ID starts with it."""
    name, container = reference.name, reference.container
    arns: list[str] = []
    if reference.may_be_task:
        task, arns = await _of_service_or_tasks(account, cluster, name, container)
    else:
        task = await _of_service(account, cluster, name, container)
    if task is not None:
        note = ""
        if arns:
            note = (
                f'"{clean(name)}" is the service. It is also a prefix of '
                f"{counted(len(arns), 'task ID')}; use a longer prefix to select a task."
            )
        return Found(cluster, task, container, chosen=True, note=note)
    if not arns:
        raise NotFound(
            f'No service or task in cluster {cluster} matches "{clean(name)}".',
            f"List them with: ecs-tui ls services --cluster {cluster} (or ls tasks)",
        )
    tasks = await ecs.describe_tasks(account, cluster, arns[:MAX_CANDIDATES])
    if len(arns) > 1:
        raise NotFound(
            f'"{clean(name)}" matches {len(arns)} tasks in {cluster}: '
            f"{_candidates(arns, tasks, len(name))}.",
            "Use a longer prefix.",
        )
    if not tasks:
        raise NotFound(f"Task {clean(short_name(arns[0]))} no longer exists.", "Pick another one.")
    return Found(cluster, tasks[0], container)


def _candidates(arns: list[str], tasks: list[Task], known: int) -> str:
    """The shortest prefixes of task IDs that differ, each with the task's service or group."""
    whose = {task.arn: task.service or task.group for task in tasks}
    ids = [short_name(arn) for arn in arns]
    length = next(
        (size for size in range(max(8, known + 1), 36) if len({i[:size] for i in ids}) == len(ids)),
        36,
    )
    some = [
        f"{clean(short_name(arn)[:length])} ({clean(whose[arn])})"
        if whose.get(arn)
        else clean(short_name(arn)[:length])
        for arn in arns[:MAX_CANDIDATES]
    ]
    more = len(arns) - len(some)
    return ", ".join(some) + (f" and {more} more" if more else "")


async def _of_service_or_tasks(
    account: Account, cluster: str, name: str, container: str
) -> tuple[Task | None, list[str]]:
    """The service's newest task, and the ARNs of tasks whose IDs start with `name`."""
    task, arns = await asyncio.gather(
        _of_service(account, cluster, name, container), tasks_like(account, cluster, name),
        return_exceptions=True,
    )  # fmt: skip
    if isinstance(task, NotFound) and isinstance(arns, list) and arns:
        return None, arns  # the service has no tasks, so a task is meant
    if isinstance(task, BaseException):
        raise task
    if isinstance(arns, BaseException):
        raise arns
    return task, arns


async def _of_service(account: Account, cluster: str, name: str, container: str) -> Task | None:
    """The newest task of the service called `name`; None if there is no such service.

    This needs ListTasks only: callers who can exec may lack permission for DescribeServices.

    Raises:
        NotFound: The service has no task.
    """
    try:
        return await newest_task(account, cluster, name, container)
    except ResourceGone as error:
        if error.code == "ClusterNotFoundException":
            raise
        return None


async def _task_of_container(account: Account, cluster: str, arn: str) -> Task:
    async for page in ecs.list_tasks(account, cluster):
        tasks = await ecs.describe_tasks(account, cluster, page) if page else []
        for task in tasks:
            if any(item.arn == arn for item in task.containers):
                return task
    raise NotFound(
        f"No running task of cluster {cluster} has the container {clean(short_name(arn))}.",
        f"List them with: ecs-tui ls containers --cluster {cluster}",
    )


def _name_of(task: Task, container_arn: str) -> str:
    for item in task.containers:
        if item.arn == container_arn:
            return item.name
    raise NotFound(
        f"Task {task.id[:12]} has no container {clean(short_name(container_arn))}.",
        f"It has: {', '.join(clean(item.name) for item in task.containers)}.",
    )


async def cluster_of(account: Account, reference: Reference) -> str:
    """The cluster of a resource whose ARN (old format) does not contain it: try every cluster."""
    if reference.container_arn:
        raise WrongUsage(
            "A container ARN in the old format contains neither the task nor the cluster.",
            "Give CLUSTER TASK/CONTAINER.",
        )
    refused: AwsError | None = None
    async for cluster in cluster_arns(account):
        try:
            if reference.service_arn:
                found = bool(await ecs.describe_services(account, cluster, [reference.service_arn]))
            else:
                found = bool(await ecs.describe_tasks(account, cluster, [reference.task]))
        except ResourceGone:
            continue  # the cluster has just been deleted
        except AccessDenied as error:
            refused = refused or error
            continue
        if found:
            return short_name(cluster)
    if refused is not None:
        raise refused
    thing = reference.service_arn or reference.task
    raise NotFound(f"No cluster has {clean(thing)}.", "Check the ARN, the region and the profile.")


async def cluster_arns(account: Account) -> AsyncIterator[str]:
    """Yield the ARNs of all clusters."""
    async for page in ecs.list_clusters(account):
        for arn in page:
            yield arn
