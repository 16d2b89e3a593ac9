"""What is known of one account: objects by key, which list they stand in, who hears of changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError
from ecs_tui.inventory import names
from ecs_tui.inventory.lists import Lists
from ecs_tui.inventory.scope import BATCH, Changed, Freshness, Kind, Listener, Scope, calls, clock
from ecs_tui.inventory.shared import Shared, finished
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition

__all__ = [
    "BATCH", "Changed", "Freshness", "Inventory", "Kind", "Listener", "Scope", "calls", "clock",
]  # fmt: skip

T = TypeVar("T")


class Inventory(Lists):
    """Keeps model objects by ARN. Objects never change; they are replaced.

    What stands in a list is what the List call of that list answered (`Lists`). A failed or
    cancelled call leaves what is known in place, and what was not described is asked for again.
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account
        self._definitions: dict[str, TaskDefinition] = {}
        self._loads: dict[Scope, Shared] = {}

    # -- what is known

    @property
    def clusters(self) -> list[Cluster]:
        """All known clusters."""
        return self.of(Scope(Kind.CLUSTER))

    def cluster(self, name: str) -> Cluster | None:
        """The cluster called `name` (or by ARN)."""
        wanted = short_name(name)
        return next((item for item in self.clusters if item.name == wanted), None)

    def services(self, cluster: str) -> list[Service]:
        """The services of a cluster."""
        return self.of(Scope(Kind.SERVICE, cluster))

    def service(self, cluster: str, name: str) -> Service | None:
        """One service, or None while it is not known."""
        return next((item for item in self.services(cluster) if item.name == name), None)

    def tasks(self, cluster: str, service: str = "", *, stopped: bool = False) -> list[Task]:
        """The list of tasks of a cluster, or of one service of it."""
        return self.of(Scope(Kind.TASK, cluster, service, stopped))

    def task(self, arn: str) -> Task | None:
        """One task by ARN, whichever list names it."""
        cluster = self._objects.cluster_of(arn)
        if cluster is None:
            return None
        task: Task | None = self._objects.pools[Kind.TASK, cluster].items.get(arn)
        return task

    def cluster_of(self, task_arn: str) -> str | None:
        """The name of the cluster in which a task is known; old ARNs do not tell it."""
        return self._objects.cluster_of(task_arn)

    def instances(self, cluster: str) -> list[ContainerInstance]:
        """The container instances of a cluster."""
        return self.of(Scope(Kind.INSTANCE, cluster))

    # -- loading

    async def load(self, scope: Scope) -> None:
        """List a scope and describe all of it that is not described; one under way is joined."""
        work = self._loads.get(scope)
        if work is None or work.job.done():
            work = self._loads[scope] = Shared(self._load(scope))
        for error in await finished([work]):
            raise error

    async def close(self) -> None:
        """Cancel every load."""
        running = [work.job for work in self._loads.values() if not work.job.done()]
        for job in running:
            job.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _load(self, scope: Scope) -> None:
        size = BATCH[scope.kind]
        for call in calls(scope):
            if call.stopped != scope.stopped:
                continue
            await self.list_names(call)
            if self.freshness(call).error is None:
                wanted = self.undescribed(call)
                for start in range(0, len(wanted), size):
                    await self.describe(call, wanted[start : start + size])

    async def list_names(self, scope: Scope) -> None:
        """Ask for the names in a scope: rows appear with the first page; what is gone goes.

        A failure is kept in the scope's freshness, and what is known stays.
        """
        fresh = self.freshness(scope)
        fresh.lists += 1
        began = clock()
        self._publish(scope)
        seen: dict[str, None] = {}
        pages = 0
        try:
            async for page in self._pages(scope):
                pages += 1
                seen.update(dict.fromkeys(page))
                if not self._overtaken(fresh, began):
                    self._name(scope, page)
        except EcsTuiError as error:
            if not self._overtaken(fresh, began):
                fresh.list_error = error
        else:
            if not self._overtaken(fresh, began):
                fresh.asked_at, fresh.list_error, fresh.pages = began, None, pages
                fresh.listed_at = fresh.fetched_at = clock()
                self._listed(scope, seen)
        finally:
            fresh.lists -= 1
            self._publish(scope)

    @staticmethod
    def _overtaken(fresh: Freshness, began: float) -> bool:
        """Whether a list that was asked for later has been answered already."""
        return fresh.asked_at is not None and fresh.asked_at > began

    def _listed(self, scope: Scope, seen: Mapping[str, None]) -> None:
        """A whole list has been answered: what it does not name is not in it any more."""
        dropped, moved = self._members.replace(scope, seen)
        self._outdate(scope, dropped)
        self._dropped(scope, dropped, moved)
        if not self.undescribed(scope):
            # What could not be described has gone, and with it what was wrong.
            self.freshness(scope).describe_error = None

    def _outdate(self, scope: Scope, dropped: Sequence[str]) -> None:
        """A running task that is not named any more may be among the stopped ones now."""
        if dropped and scope.kind is Kind.TASK and not scope.stopped:
            for call in calls(scope)[1:]:
                self.freshness(call).outdated_at = clock()

    def _name(self, scope: Scope, keys: list[str]) -> None:
        """A page of names: things of which only the ARN is known yet, and rows for them."""
        new = self._members.add(scope, keys)
        pool = self._objects.pools[scope.within]
        for key in new:
            known = pool.items.get(key)
            item = names.named(scope, key, known)
            if item is not known:
                self._objects.keep(scope.within, key, item)
            elif scope.stopped and not names.ended(item):
                pool.waiting[key] = None  # what is known of it is older than this
        self._touch_members(scope, new)
        if new:
            self._publish(scope, new)

    async def describe(self, scope: Scope, arns: Sequence[str]) -> None:
        """Ask for the facts about some of a scope (at most one batch, `BATCH`).

        What is being asked for already is waited for, not asked for again; it goes on until
        nobody waits for it. A failure is kept in the scope's freshness.
        """
        fresh, asking = self.freshness(scope), self._objects.pools[scope.within].asking
        mine = [arn for arn in arns if not self.asking(scope, arn)]
        works = {asking[arn] for arn in arns if self.asking(scope, arn)}
        if mine:
            work = Shared(self._ask(scope, mine))
            asking.update(dict.fromkeys(mine, work))
            work.job.add_done_callback(lambda _: self._asked(scope, mine, work))
            works.add(work)
        errors = await finished(works)
        for error in errors:
            if not isinstance(error, EcsTuiError):
                raise error
        fresh.describe_error = next((e for e in errors if isinstance(e, EcsTuiError)), None)
        if not errors and not any(work.job.cancelled() for work in works):
            fresh.fetched_at = clock()
        self._publish(scope)

    def _asked(self, scope: Scope, arns: Sequence[str], work: Shared) -> None:
        asking = self._objects.pools[scope.within].asking
        for arn in arns:
            if asking.get(arn) is work:
                del asking[arn]

    async def _ask(self, scope: Scope, arns: Sequence[str]) -> None:
        account, cluster = self.account, scope.cluster
        found: Sequence[Any]
        if scope.kind is Kind.CLUSTER:
            found = await ecs.describe_clusters(account, arns)
        elif scope.kind is Kind.SERVICE:
            found = await ecs.describe_services(account, cluster, arns)
        elif scope.kind is Kind.INSTANCE:
            found = await ecs.describe_instances(account, cluster, arns)
        else:
            found = await ecs.describe_tasks(account, cluster, arns)
        self._described(scope, arns, found)

    def _described(self, scope: Scope, arns: Sequence[str], found: Sequence[Any]) -> None:
        """Describe has answered: newer states, and what it does not know though List names it."""
        pool, now = self._objects.pools[scope.within], clock()
        answers = names.answers(scope, arns, found)
        changed = set()
        for arn in arns:
            pool.waiting.pop(arn, None)
            if not self._members.named(scope.within, arn) and not self._holds(scope, arn):
                continue  # it has gone while the answer was under way
            pool.described_at[arn] = now
            old, item = pool.items.get(arn), answers.get(arn)
            if item is None and not self._members.named(scope.within, arn):
                self._forget(scope, [arn])
                pool.described_at[arn] = now
            elif (new := item or names.missing(scope, arn, old)) != old:
                self._objects.keep(scope.within, arn, new)
                changed.add(arn)
        if changed:
            self._publish(scope, changed)

    def _pages(self, scope: Scope) -> AsyncIterator[list[str]]:
        account = self.account
        if scope.kind is Kind.CLUSTER:
            return ecs.list_clusters(account)
        if scope.kind is Kind.SERVICE:
            return ecs.list_services(account, scope.cluster)
        if scope.kind is Kind.INSTANCE:
            return ecs.list_instances(account, scope.cluster)
        return ecs.list_tasks(account, scope.cluster, scope.service, stopped=scope.stopped)

    # -- what is due

    def get(self, scope: Scope, key: str) -> Any | None:
        """What is known by a key."""
        return self._objects.pools[scope.within].items.get(key)

    def undescribed(self, scope: Scope) -> list[str]:
        """The keys of a scope that Describe has not told yet, or not since they changed."""
        waiting = self._objects.pools[scope.within].waiting
        if not waiting:
            return []
        members = self._members.of(scope)
        return [key for key in waiting if key in members]

    def unasked(self, scope: Scope) -> list[str]:
        """Those of them that AWS is not being asked about just now."""
        return [key for key in self.undescribed(scope) if not self.asking(scope, key)]

    def described_at(self, scope: Scope, key: str) -> float:
        """When (monotonic seconds) Describe last answered about it; 0.0 for never."""
        return self._objects.pools[scope.within].described_at.get(key, 0.0)

    def asking(self, scope: Scope, key: str) -> bool:
        """Whether an answer about it is under way."""
        work = self._objects.pools[scope.within].asking.get(key)
        return work is not None and not work.job.done()

    # -- task definitions

    async def task_definition(self, arn: str) -> TaskDefinition:
        """A task definition; asked for once, since a revision never changes."""
        if arn not in self._definitions:
            self._definitions[arn] = await ecs.describe_task_definition(self.account, arn)
        return self._definitions[arn]

    def known_definition(self, arn: str) -> TaskDefinition | None:
        """The task definition if it has been loaded."""
        return self._definitions.get(arn)

    @property
    def definitions(self) -> Mapping[str, TaskDefinition]:
        """Those that have been loaded, by ARN."""
        return self._definitions
