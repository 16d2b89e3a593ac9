"""Finding what an operator named: names, ids, id prefixes or ARNs."""

from __future__ import annotations

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.errors import NotFound
from ecs_tui.model.arn import arn_of_task, cluster_name, is_task_id, short_name
from ecs_tui.model.container import Container
from ecs_tui.model.exec_status import likely_container
from ecs_tui.model.task import Task
from ecs_tui.model.words import clean


async def find_task(account: Account, cluster: str, name: str) -> Task:
    """The task of `cluster` whose ARN, id or beginning of an id is `name`.

    Raises:
        NotFound: No task, or more than one, begins so.
    """
    wanted = short_name(name)
    cluster = cluster_name(name) or cluster
    full = arn_of_task(name) or is_task_id(name)
    arns: list[str] = [name] if full else []
    if not full:
        for stopped in (False, True):
            async for page in ecs.list_tasks(account, cluster, stopped=stopped):
                arns += [arn for arn in page if short_name(arn).startswith(wanted)]
            if arns:
                break
    if len(arns) > 1:
        some = ", ".join(short_name(arn)[:12] for arn in arns[:4])
        raise NotFound(
            f"{len(arns)} tasks of {short_name(cluster)} begin with {clean(wanted)!r}: {some} …",
            "Give more of the id.",
        )
    found = await ecs.describe_tasks(account, cluster, arns) if arns else []
    if not found:
        raise NotFound(
            f"No task of cluster {short_name(cluster)} begins with {clean(wanted)!r}.",
            f"List them with: ecs-tui ls tasks --cluster {short_name(cluster)}",
        )
    return found[0]


def find_container(task: Task, name: str) -> Container:
    """The container of `task` called `name`; without a name the likely one.

    Raises:
        NotFound: There is none of that name.
    """
    chosen = task.container(name) if name else likely_container(task)
    if chosen is None:
        names = ", ".join(clean(item.name) for item in task.containers) or "none"
        raise NotFound(
            f"Task {task.id[:12]} has no container {clean(name)!r}.", f"It has: {names}."
        )
    return chosen
