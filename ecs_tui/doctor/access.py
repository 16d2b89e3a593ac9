"""Who may exec where: tasks of the same context share one question to IAM's simulator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from ecs_tui.aws import iam
from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.permission import EXECUTE, Decision, exec_context
from ecs_tui.model.task import Task

Context = tuple[tuple[str, str], ...]
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Place:
    """Containers of one name in tasks of one service with the same tags.

    Attributes:
        service: The service, or the group of tasks without one.
        container: The container's name.
        tags: The tasks' tags, as text.
        tasks: How many tasks.
        context: What IAM is told.
        example: The ARN of one of the tasks.
        cluster: The name of its cluster, which ARNs of the old form do not have.
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
        """Whether no policy by tag can reach it."""
        return not self.tags


@dataclass(frozen=True, slots=True)
class Access:
    """What a principal may do in a place; `error` where IAM would not say."""

    place: Place
    decision: Decision | None = None
    error: EcsTuiError | None = None


def places(tasks: Iterable[Task]) -> list[Place]:
    """Tasks that are up, grouped by service, container and tags; sorted."""
    groups: dict[tuple[str, str, Context], list[Task]] = {}
    for task in tasks:
        if task.stopping or not task.described:
            continue
        for container in task.containers:
            key = (task.service or task.group, container.name, exec_context(task, container.name))
            groups.setdefault(key, []).append(task)
    return [
        Place(
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


class AccessBook:
    """Asks IAM once for each principal and context, and keeps the answers for the session."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[tuple[str, str, Context], asyncio.Future[Decision]] = {}
        self.questions = 0

    async def ask(self, principal: str, some: Iterable[Place]) -> AsyncIterator[Access]:
        """The answers for `some` places, each as soon as it is there."""
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(place: Place) -> Access:
            async with limit:
                try:
                    return Access(place, await self._decision(principal, place))
                except EcsTuiError as error:
                    return Access(place, error=error)

        jobs = [asyncio.ensure_future(one(place)) for place in some]
        try:
            for job in asyncio.as_completed(jobs):
                yield await job
        finally:
            for started in jobs:
                started.cancel()

    async def _decision(self, principal: str, place: Place) -> Decision:
        # IAM matches the resource by pattern: the cluster's part is what policies name.
        key = (principal, place.example.rsplit("/", 1)[0], place.context)
        known = self._known.get(key)
        if known is None or (known.done() and (known.cancelled() or known.exception())):
            known = asyncio.ensure_future(self._simulate(principal, place))
            # Who asked may have left meanwhile: an error is theirs, and asked for again next time.
            known.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._known[key] = known
        return await asyncio.shield(known)

    async def _simulate(self, principal: str, place: Place) -> Decision:
        self.questions += 1
        rights = await iam.simulate(
            self._account, principal, [EXECUTE], [place.example], place.context
        )
        decision = rights.of(EXECUTE, place.example)
        return decision or Decision("implicitDeny")


def full_principal(name: str, account_id: str, partition: str) -> str:
    """A role's or user's ARN of what an operator typed: an ARN, `role/x`, `user/x`, or a role."""
    name = name.strip()
    if name.startswith("arn:"):
        return name
    kind = name if name.startswith(("role/", "user/")) else f"role/{name}"
    return f"arn:{partition}:iam::{account_id}:{kind}"


def principal_words(arn: str) -> str:
    """`role/dev` of its ARN."""
    kind = "user" if ":user/" in arn else "role"
    return f"{kind}/{short_name(arn)}"
