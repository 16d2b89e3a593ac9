"""Who can exec into which containers: one IAM simulation for all tasks with the same context."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import iam
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.permission import EXECUTE, Decision, exec_context
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass

Context = tuple[tuple[str, str], ...]
MAX_PARALLEL = 8
"""Simulations in flight at the same time."""


@dataclass(frozen=True, slots=True)
class AccessTarget:
    """The containers with one name, in those tasks of one service that have the same tags.

    Attributes:
        service: The service's name; the task group of standalone tasks.
        container: The container's name.
        tags: The tasks' tags as `key=value`, joined by spaces.
        tasks: The number of tasks.
        context: The condition keys and values for IAM's simulator.
        example: The ARN of one of the tasks.
        cluster: The cluster's name. Task ARNs in the old format do not contain it.
    """

    service: str
    container: str
    tags: str
    tasks: int
    context: Context
    example: str
    cluster: str = ""

    @property
    def untagged(self) -> bool:
        """Whether the tasks have no tags: policies with tag conditions do not match them."""
        return not self.tags


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """What a principal may do with a target; `error` is set if the simulation failed."""

    target: AccessTarget
    decision: Decision | None = None
    error: EcsTuiError | None = None


def access_targets(tasks: Iterable[Task]) -> list[AccessTarget]:
    """Group tasks by service, container and context; sorted. Stopping tasks are left out."""
    groups: dict[tuple[str, str, Context], list[Task]] = {}
    for task in tasks:
        if task.stopping or not task.described:
            continue
        for container in task.containers:
            key = (task.service or task.group, container.name, exec_context(task, container.name))
            groups.setdefault(key, []).append(task)
    return [
        AccessTarget(
            service,
            container,
            " ".join(f"{key}={value}" for key, value in sorted(members[0].tags.items())),
            len(members),
            context,
            members[0].arn,
            short_name(members[0].cluster_arn),
        )
        for (service, container, context), members in sorted(groups.items())
    ]


class AccessChecker:
    """Runs one IAM simulation for each principal and context, and keeps the decisions."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[tuple[str, str, Context], asyncio.Future[Decision]] = {}
        self.questions = 0

    async def ask(
        self, principal: str, some: Iterable[AccessTarget]
    ) -> AsyncIterator[AccessAnswer]:
        """Yield the answer for each target in `some` as soon as it is known."""
        limit = asyncio.Semaphore(MAX_PARALLEL)

        async def one(target: AccessTarget) -> AccessAnswer:
            async with limit:
                try:
                    return AccessAnswer(target, await self._decision(principal, target))
                except EcsTuiError as error:
                    return AccessAnswer(target, error=error)

        jobs = [asyncio.ensure_future(one(target)) for target in some]
        try:
            for job in asyncio.as_completed(jobs):
                yield await job
        finally:
            for started in jobs:
                started.cancel()

    async def _decision(self, principal: str, target: AccessTarget) -> Decision:
        # Policies name tasks by cluster, not by ID: one decision holds for all of a cluster.
        key = (principal, target.example.rsplit("/", 1)[0], target.context)
        known = self._known.get(key)
        if known is None or (known.done() and (known.cancelled() or known.exception())):
            known = asyncio.ensure_future(self._simulate(principal, target))
            # Read the error even if the caller was cancelled: asyncio logs errors never read.
            known.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._known[key] = known
        return await asyncio.shield(known)

    async def _simulate(self, principal: str, target: AccessTarget) -> Decision:
        self.questions += 1
        rights = await iam.simulate(
            self._account, principal, [EXECUTE], [target.example], target.context
        )
        decision = rights.of(EXECUTE, target.example)
        return decision or Decision("implicitDeny")


def full_principal(name: str, account_id: str, partition: str) -> str:
    """The ARN of the role or user that was typed as an ARN, `role/x`, `user/x` or a role's name."""
    name = name.strip()
    if name.startswith("arn:"):
        return name
    kind = name if name.startswith(("role/", "user/")) else f"role/{name}"
    return f"arn:{partition}:iam::{account_id}:{kind}"


def principal_words(arn: str) -> str:
    """The short form of a role's or user's ARN: `role/dev`."""
    kind = "user" if ":user/" in arn else "role"
    return f"{kind}/{short_name(arn)}"
