"""The loaded data of one account: objects by key, lists, and listeners for changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.store import names
from ecs_tui.store.lists import Lists
from ecs_tui.store.lookups import Lookup, Lookups
from ecs_tui.store.scope import BATCH, Changed, Freshness, Kind, Listener, Scope, calls, clock
from ecs_tui.store.shared import Shared, finished

__all__ = [
    "BATCH", "Changed", "Freshness", "Inventory", "Kind", "Listener", "Scope", "calls", "clock",
]  # fmt: skip

T = TypeVar("T")


class Inventory(Lists):
    """Keeps model objects by ARN. Objects never change; they are replaced.

    A list contains what its List call returned (`Lists`). A failed or cancelled call changes
    nothing, and what was not described stays due.
    """

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account
        self._definitions: dict[str, TaskDefinition] = {}
        self._loads: dict[Scope, Shared] = {}
        self.lookups = Lookups(account, self.task_definition, self._looked_up)

    def _looked_up(self, lookup: Lookup) -> None:
        self._publish(Scope(Kind.SERVICE, lookup.cluster))

    # -- reading

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
        """One service, or None while unknown; an existing one is preferred to a deleted one."""
        scope = Scope(Kind.SERVICE, cluster)

        def make() -> dict[str, Service]:
            by_name: dict[str, Service] = {}
            for item in self.services(cluster):
                known = by_name.get(item.name)
                newest = names.newest_service([known, item]) if known is not None else item
                by_name[item.name] = newest or item
            return by_name

        basis = (self._objects.version(scope.within), self.freshness(scope).asked_at is None)
        return self.derived(("services by name", cluster), basis, make).get(name)

    def tasks(self, cluster: str, service: str = "", *, stopped: bool = False) -> list[Task]:
        """The list of tasks of a cluster, or of one service of it."""
        return self.of(Scope(Kind.TASK, cluster, service, stopped))

    def task(self, arn: str) -> Task | None:
        """One task by ARN, from any list."""
        cluster = self._objects.cluster_of(arn)
        if cluster is None:
            return None
        task: Task | None = self._objects.pools[Kind.TASK, cluster].items.get(arn)
        return task

    def cluster_of(self, task_arn: str) -> str | None:
        """The name of a task's cluster; ARNs in the old format do not contain it."""
        return self._objects.cluster_of(task_arn)

    def instances(self, cluster: str) -> list[ContainerInstance]:
        """The container instances of a cluster."""
        return self.of(Scope(Kind.INSTANCE, cluster))

    # -- loading

    async def load(self, scope: Scope) -> None:
        """List a scope and describe what is not described yet; joins a load in flight."""
        work = self._loads.get(scope)
        if work is None or work.job.done():
            work = self._loads[scope] = Shared(self._load(scope))
        for error in await finished([work]):
            raise error

    async def close(self) -> None:
        """Cancel every load and lookup."""
        await self.lookups.close()
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
        """List a scope: rows appear with the first page; what AWS no longer lists is removed.

        A failure is kept in the scope's freshness; the loaded data stays.
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
                fresh.list_error, fresh.pages = None, pages
                self._answered(scope, began)
                fresh.listed_at = fresh.fetched_at = clock()
                self._listed(scope, seen)
        finally:
            fresh.lists -= 1
            self._publish(scope)

    @staticmethod
    def _overtaken(fresh: Freshness, began: float) -> bool:
        """Whether a later List call of the scope has been answered already."""
        return fresh.asked_at is not None and fresh.asked_at > began

    def _listed(self, scope: Scope, seen: Mapping[str, None]) -> None:
        """A List call is complete: remove from the list what it did not return."""
        dropped, moved = self._members.replace(scope, seen)
        self._outdate(scope, dropped)
        self._dropped(scope, dropped, moved)
        if not self.undescribed(scope):
            # Those that could not be described are gone, and so is the error.
            self.freshness(scope).describe_error = None

    def _outdate(self, scope: Scope, dropped: Sequence[str]) -> None:
        """A running task that is no longer listed may now be in the list of stopped ones."""
        if dropped and scope.kind is Kind.TASK and not scope.stopped:
            for call in calls(scope)[1:]:
                self.freshness(call).outdated_at = clock()

    def _name(self, scope: Scope, keys: list[str]) -> None:
        """Take in a page of a List call: new entries are objects with only an ARN."""
        new = self._members.add(scope, keys)
        pool = self._objects.pools[scope.within]
        for key in new:
            known = pool.items.get(key)
            item = names.named(scope, key, known)
            if item is not known:
                self._objects.keep(scope.within, key, item)
            elif scope.stopped and not names.ended(item):
                pool.waiting[key] = None  # the stored state is older than this call
        self._touch_members(scope, new)
        if new:
            self._publish(scope, new)

    async def describe(self, scope: Scope, arns: Sequence[str]) -> None:
        """Describe some objects of a scope (at most one batch, `BATCH`).

        Joins a call that is in flight for the same objects; a call is cancelled when nobody waits
        for it. A failure is kept in the scope's freshness.
        """
        fresh, in_flight = self.freshness(scope), self._objects.pools[scope.within].in_flight
        mine = [arn for arn in arns if not self.in_flight(scope, arn)]
        works = {in_flight[arn] for arn in arns if self.in_flight(scope, arn)}
        if mine:
            work = Shared(self._ask(scope, mine))
            in_flight.update(dict.fromkeys(mine, work))
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
        in_flight = self._objects.pools[scope.within].in_flight
        for arn in arns:
            if in_flight.get(arn) is work:
                del in_flight[arn]

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
        """Take in a Describe answer: new states, and objects that List returns but Describe does not."""
        pool, now = self._objects.pools[scope.within], clock()
        answers = names.answers(scope, arns, found)
        changed = set()
        for arn in arns:
            pool.waiting.pop(arn, None)
            if not self._members.named(scope.within, arn) and not self._holds(scope, arn):
                continue  # it was removed while the call was in flight
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
        """The object with a key, or None."""
        return self._objects.pools[scope.within].items.get(key)

    def undescribed(self, scope: Scope) -> list[str]:
        """The keys of a scope that must be described: new ones, and changed ones."""
        waiting = self._objects.pools[scope.within].waiting
        if not waiting:
            return []
        members = self._members.of(scope)
        return [key for key in waiting if key in members]

    def to_describe(self, scope: Scope) -> list[str]:
        """The undescribed keys without a call in flight."""
        return [key for key in self.undescribed(scope) if not self.in_flight(scope, key)]

    def described_at(self, scope: Scope, key: str) -> float:
        """When it was last described (monotonic seconds); 0.0 for never."""
        return self._objects.pools[scope.within].described_at.get(key, 0.0)

    def in_flight(self, scope: Scope, key: str) -> bool:
        """Whether a Describe call for it is in flight."""
        work = self._objects.pools[scope.within].in_flight.get(key)
        return work is not None and not work.job.done()

    # -- task definitions

    async def task_definition(self, arn: str) -> TaskDefinition:
        """A task definition; loaded once, because a revision never changes."""
        if arn not in self._definitions:
            self._definitions[arn] = await ecs.describe_task_definition(self.account, arn)
        return self._definitions[arn]

    def known_definition(self, arn: str) -> TaskDefinition | None:
        """The task definition, or None if it is not loaded."""
        return self._definitions.get(arn)

    @property
    def definitions(self) -> Mapping[str, TaskDefinition]:
        """The loaded task definitions by ARN."""
        return self._definitions
