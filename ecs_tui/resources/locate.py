"""Finds the place that a reference names: in the loaded data, else with calls to AWS.

The dashboard (`:`) and `ecs-tui ADDRESS` share it. ARNs in the old format and bare task IDs do not
contain the cluster: then all clusters are asked, several at once, within the call budget.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import AccessDenied, AwsError, NotFound, ResourceGone, WrongUsage
from ecs_tui.model.address import Reference
from ecs_tui.model.arn import Arn, is_task_id, short_name
from ecs_tui.model.console import partition_of_region
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, counted
from ecs_tui.record import dataclass
from ecs_tui.resources.base import Place
from ecs_tui.store.inventory import Inventory

AT_ONCE = 8
"""Clusters that are asked at the same time."""
KEPT = "ECS keeps stopped tasks for about an hour."
_LONG_ENOUGH = 12
"""Characters of an ambiguous task ID that a message shows."""
_MAX_CANDIDATES = 5

Progress = Callable[[int, int], None]
"""Told how many clusters have been asked, and of how many."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Located:
    """Where something is shown.

    Attributes:
        place: The place; None if it is shown at any place.
        select: The key of the row to select there, or "".
        definition: A task definition to show, by ARN, family or `family:revision`; or "".
    """

    place: Place | None
    select: str = ""
    definition: str = ""


def known_place(reference: Reference) -> Located | None:
    """Where it is shown, if its words alone say so."""
    cluster, tab = reference.cluster, reference.tab
    if reference.definition:
        return Located(None, definition=reference.definition)
    if not cluster:
        return None
    if reference.provider:
        return Located(Place("capacity-providers", cluster=cluster), reference.provider)
    if reference.daemon:
        return Located(Place("daemons", cluster=cluster), _daemon_arn(reference))
    if reference.service:
        view = tab if tab == "events" else "tasks"
        return Located(Place(view, cluster=cluster, service=reference.service))
    if reference.whole_cluster:
        lists = ("tasks", "instances", "capacity-providers", "daemons")
        return Located(Place(tab if tab in lists else "services", cluster=cluster))
    return None


def _daemon_arn(reference: Reference) -> str:
    if not reference.account:
        return ""
    partition = partition_of_region(reference.region)
    resource = f"daemon/{reference.cluster}/{reference.daemon}"
    return str(Arn(partition, "ecs", reference.region, reference.account, resource))


def loaded_place(inventory: Inventory, reference: Reference) -> Located | None:
    """Where it is shown, by what is loaded of an account: a task, or what uses a target group."""
    if reference.task:
        task = _loaded_task(inventory, reference)
        return None if task is None else _at_task(short_name(task.cluster_arn), task, reference)
    if reference.target_group:
        for cluster in inventory.clusters:
            for service in inventory.services(cluster.name):
                if reference.target_group in service.every_target_group:
                    return Located(Place("tasks", cluster=cluster.name, service=service.name))
    if reference.log_group:
        for cluster in inventory.clusters:
            sessions = cluster.exec_configuration
            if sessions is not None and sessions.log_group == reference.log_group:
                return Located(Place("services", cluster=cluster.name))
    return None


def _loaded_task(inventory: Inventory, reference: Reference) -> Task | None:
    task = inventory.task(reference.task)
    if task is None and is_task_id(reference.task):
        clusters = [reference.cluster] if reference.cluster else [
            each.name for each in inventory.clusters
        ]  # fmt: skip
        known = (each for name in clusters for each in inventory.known_tasks(name))
        task = next((each for each in known if each.id == reference.task), None)
    return task if task is not None and task.described and not task.gone else None


def _ignore(asked: int, of: int) -> None:
    """The progress of a search that nobody watches."""


async def locate(
    account: Account,
    reference: Reference,
    first: Sequence[str] = (),
    progress: Progress = _ignore,
) -> Located:
    """Where it is shown; calls AWS only for what the words do not say.

    Args:
        account: The account and region to look in.
        reference: What is looked for.
        first: Names of clusters to ask before the others.
        progress: Told how far a search over all clusters is.

    Raises:
        NotFound: There is no such thing, or several task IDs begin like that.
        WrongUsage: Its words do not suffice to find it.
        AwsError: A call failed.
    """
    found = known_place(reference)
    if found is not None:
        return found
    search = _Search(account, reference, first, progress)
    if reference.provider:
        return await search.provider()
    if reference.service:
        return await search.service()
    if reference.instance:
        return await search.instance()
    if reference.task:
        return await search.task()
    if reference.name:
        return await search.prefix()
    if reference.container_arn:
        raise WrongUsage(
            "A container ARN in the old format contains neither the task nor the cluster.",
            "Give the ARN of its task.",
        )
    raise NotFound(
        f"No loaded service or cluster uses {clean(reference.kind)} {clean(reference.label)}.",
        "Open its cluster first, then look for it again."
        if reference.target_group
        else "Only log groups of exec sessions can be found.",
    )


async def tasks_like(account: Account, cluster: str, prefix: str) -> list[str]:
    """The ARNs of running tasks of a cluster whose IDs start with `prefix`; if none, of stopped ones."""
    for stopped in (False, True):
        arns = [
            arn
            async for page in ecs.list_tasks(account, cluster, stopped=stopped)
            for arn in page
            if short_name(arn).startswith(prefix)
        ]
        if arns:
            return arns
    return []


@dataclass(frozen=True, slots=True)
class _Search:
    """A search in one account: in the cluster that is named, else in all of them."""

    account: Account
    reference: Reference
    first: Sequence[str]
    progress: Progress

    async def provider(self) -> Located:
        """A capacity provider without its cluster: the first cluster that has it."""
        wanted = self.reference.provider
        arns = await self._clusters()
        found = []
        for start in range(0, len(arns), ecs.TASKS_PER_CALL):
            some = arns[start : start + ecs.TASKS_PER_CALL]
            found += await ecs.describe_clusters(self.account, some)
        order = {arn: number for number, arn in enumerate(arns)}
        for cluster in sorted(found, key=lambda each: order.get(each.arn, len(order))):
            if wanted in cluster.capacity_providers:
                return Located(Place("capacity-providers", cluster=cluster.name), wanted)
        raise NotFound(f"No cluster uses capacity provider {clean(wanted)}.", "It may be deleted.")

    async def service(self) -> Located:
        """A service whose ARN has the old format."""
        name = self.reference.service_arn or self.reference.service
        cluster, _ = await self._ask(
            lambda each: ecs.describe_services(self.account, each, [name]), "It may be deleted."
        )
        place = known_place(replace(self.reference, cluster=cluster))
        assert place is not None
        return place

    async def instance(self) -> Located:
        """A container instance."""
        cluster, found = await self._ask(
            lambda each: ecs.describe_instances(self.account, each, [self.reference.instance]),
            "It may have been deregistered.",
        )
        return Located(Place("instances", cluster=cluster), found[0].arn)

    async def task(self) -> Located:
        """A task by its ARN or complete ID."""
        cluster, found = await self._ask(
            lambda each: ecs.describe_tasks(self.account, each, [self.reference.task]), KEPT
        )
        return _at_task(cluster, found[0], self.reference)

    async def prefix(self) -> Located:
        """The task whose ID begins with some characters."""
        wanted = self.reference.name
        cluster, arns = await self._ask(lambda each: tasks_like(self.account, each, wanted), KEPT)
        if len(arns) > 1:
            some = [f"{short_name(arn)[:_LONG_ENOUGH]}…" for arn in arns[:_MAX_CANDIDATES]]
            raise NotFound(
                f"{counted(len(arns), 'task ID')} in {cluster} start with {clean(wanted)}: "
                f"{', '.join(map(clean, some))}.",
                "Use a longer prefix.",
            )
        tasks = await ecs.describe_tasks(self.account, cluster, arns)
        if not tasks:
            raise NotFound(f"Task {clean(short_name(arns[0]))} no longer exists.", KEPT)
        return _at_task(cluster, tasks[0], self.reference)

    async def _clusters(self) -> list[str]:
        """The ARNs of all clusters, those of `first` first."""
        arns = [arn async for page in ecs.list_clusters(self.account) for arn in page]
        return sorted(arns, key=lambda arn: short_name(arn) not in self.first)

    async def _ask(
        self, ask: Callable[[str], Awaitable[list[T]]], advice: str
    ) -> tuple[str, list[T]]:
        """(name of the cluster, what it answers), of the first one that answers anything.

        Raises:
            NotFound: None does.
            AccessDenied: None does, and one may not be asked.
        """
        named = self.reference.cluster
        if named:
            found = await ask(named)
            if not found:
                raise NotFound(f"{self._words()} not found in cluster {clean(named)}.", advice)
            return named, found
        clusters, refused = await self._clusters(), None
        for start in range(0, len(clusters), AT_ONCE):
            self.progress(start, len(clusters))
            some = clusters[start : start + AT_ONCE]
            answers = await asyncio.gather(*map(ask, some), return_exceptions=True)
            for cluster, answer in zip(some, answers, strict=True):
                if isinstance(answer, list) and answer:
                    return short_name(cluster), answer
            refused = refused or _refusal(answers)
        if refused is not None:
            raise refused
        words = self._words()
        raise NotFound(f"{words} not found in {counted(len(clusters), 'cluster')}.", advice)

    def _words(self) -> str:
        thing = self.reference.task or self.reference.instance or self.reference.name
        name = short_name(thing) if thing else self.reference.label
        return clean(f"{self.reference.kind.capitalize()} {name}")


def _refusal(answers: Sequence[object]) -> AwsError | None:
    """The refusal among answers; a cluster that has just been deleted is none.

    Raises:
        BaseException: Another call failed.
    """
    refused = None
    for answer in answers:
        if isinstance(answer, AccessDenied):
            refused = refused or answer
        elif isinstance(answer, BaseException) and not isinstance(answer, ResourceGone):
            raise answer
    return refused


def _at_task(cluster: str, task: Task, reference: Reference) -> Located:
    """The containers of a task, and the one that is named."""
    arn, name = reference.container_arn, reference.container
    if arn:
        name = next((item.name for item in task.containers if item.arn == arn), "")
    if (arn or name) and task.container(name) is None:
        has = ", ".join(clean(item.name) for item in task.containers) or "none"
        raise NotFound(
            f"Task {task.id[:_LONG_ENOUGH]} has no container {clean(name or short_name(arn))}.",
            f"Containers: {has}.",
        )
    place = Place("containers", cluster=cluster, service=task.service, task_arn=task.arn)
    return Located(place, f"{task.arn}/{name}" if name else "")
