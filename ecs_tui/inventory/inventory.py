"""The newest known clusters, services, tasks and instances, and who hears of changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import cluster_name, short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition

T = TypeVar("T")


class Kind(StrEnum):
    """The kinds of things that are kept."""

    CLUSTER = "cluster"
    SERVICE = "service"
    TASK = "task"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list shows: a kind, of one cluster, of one service, running or stopped."""

    kind: Kind
    cluster: str = ""
    service: str = ""
    stopped: bool = False


@dataclass(slots=True)
class Freshness:
    """How a scope's data is: when it was fetched, what went wrong, whether it is being loaded.

    `fetched_at` is monotonic seconds, None before the first success.
    """

    fetched_at: float | None = None
    error: EcsTuiError | None = None
    loading: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """Some objects of a kind are new, different or gone; or only a scope's freshness is."""

    scope: Scope
    keys: frozenset[str] = field(default_factory=frozenset)


Listener = Callable[[Changed], None]


class Inventory:
    """Keeps model objects by ARN. Objects never change; they are replaced.

    A failed load leaves what is known in place and its error in the scope's freshness.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self._objects: dict[Kind, dict[str, Any]] = {kind: {} for kind in Kind}
        self._definitions: dict[str, TaskDefinition] = {}
        self._freshness: dict[Scope, Freshness] = {}
        self._listeners: list[Listener] = []
        self._loads: dict[Scope, asyncio.Task[None]] = {}

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on each change; returns a function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def freshness(self, scope: Scope) -> Freshness:
        """How fresh the scope's data is."""
        return self._freshness.setdefault(scope, Freshness())

    # -- what is known

    @property
    def clusters(self) -> list[Cluster]:
        """All known clusters."""
        return list(self._objects[Kind.CLUSTER].values())

    def cluster(self, name: str) -> Cluster | None:
        """The cluster called `name` (or by ARN)."""
        wanted = short_name(name)
        return next((item for item in self.clusters if item.name == wanted), None)

    def services(self, cluster: str) -> list[Service]:
        """The known services of a cluster (by name)."""
        return [
            item
            for item in self._objects[Kind.SERVICE].values()
            if short_name(item.cluster_arn) == cluster
        ]

    def service(self, cluster: str, name: str) -> Service | None:
        """One service, or None while it is not known."""
        return next((item for item in self.services(cluster) if item.name == name), None)

    def tasks(self, cluster: str, service: str = "", *, stopped: bool = False) -> list[Task]:
        """The known tasks of a cluster, of one service of it where given."""
        return [
            item
            for item in self._objects[Kind.TASK].values()
            if short_name(item.cluster_arn) == cluster
            and (not service or item.service == service)
            and item.stopping == stopped
        ]

    def task(self, arn: str) -> Task | None:
        """One task by ARN."""
        task: Task | None = self._objects[Kind.TASK].get(arn)
        return task

    def instances(self, cluster: str) -> list[ContainerInstance]:
        """The known container instances of a cluster."""
        return [
            item
            for item in self._objects[Kind.INSTANCE].values()
            if cluster_name(item.arn) == cluster
        ]

    # -- loading

    def load(self, scope: Scope) -> asyncio.Task[None]:
        """Load a scope; a load of the same scope that is under way is joined."""
        running = self._loads.get(scope)
        if running is not None and not running.done():
            return running
        job = asyncio.ensure_future(self._load(scope))
        self._loads[scope] = job
        return job

    def cancel(self, scope: Scope) -> None:
        """Nobody looks at this scope any more."""
        running = self._loads.pop(scope, None)
        if running is not None:
            running.cancel()

    async def close(self) -> None:
        """Cancel every load."""
        running = [job for job in self._loads.values() if not job.done()]
        for job in running:
            job.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _load(self, scope: Scope) -> None:
        fresh = self.freshness(scope)
        fresh.loading = True
        self._publish(scope)
        seen: set[str] = set()
        try:
            async for found in self._pages(scope):
                seen |= {item.arn for item in found}
                self._merge(scope, found)
        except EcsTuiError as error:
            fresh.error = error
        else:
            fresh.error = None
            fresh.fetched_at = time.monotonic()
            self._prune(scope, seen)
        finally:
            fresh.loading = False
            self._publish(scope)

    async def _pages(self, scope: Scope) -> AsyncIterator[list[Any]]:
        account = self.account
        if scope.kind is Kind.CLUSTER:
            async for page in ecs.list_clusters(account):
                yield self._new_names(scope, page)
                for batch in _batches(page, 100):
                    yield await ecs.describe_clusters(account, batch)
        elif scope.kind is Kind.SERVICE:
            async for page in ecs.list_services(account, scope.cluster):
                yield self._new_names(scope, page)
                for batch in _batches(page, ecs.SERVICES_A_CALL):
                    yield await ecs.describe_services(account, scope.cluster, batch)
        elif scope.kind is Kind.INSTANCE:
            async for page in ecs.list_instances(account, scope.cluster):
                for batch in _batches(page, 100):
                    yield await ecs.describe_instances(account, scope.cluster, batch)
        else:
            pages = ecs.list_tasks(account, scope.cluster, scope.service, stopped=scope.stopped)
            async for page in pages:
                yield self._new_names(scope, page)
                for batch in _batches(page, ecs.TASKS_A_CALL):
                    yield await ecs.describe_tasks(account, scope.cluster, batch)

    def _new_names(self, scope: Scope, arns: list[str]) -> list[Any]:
        """Objects of which only the ARN is known yet: rows before anything was described."""
        known = self._objects[scope.kind]
        new = [arn for arn in arns if arn not in known]
        if scope.kind is Kind.CLUSTER:
            return [Cluster(arn, short_name(arn), described=False) for arn in new]
        cluster_arn = _cluster_arn(arns[0], scope.cluster) if arns else ""
        if scope.kind is Kind.SERVICE:
            return [Service(arn, short_name(arn), cluster_arn, described=False) for arn in new]
        group = f"service:{scope.service}" if scope.service and not scope.stopped else ""
        desired = "STOPPED" if scope.stopped else "RUNNING"
        return [
            Task(arn, short_name(arn), cluster_arn, group, desired_status=desired, described=False)
            for arn in new
        ]

    def _merge(self, scope: Scope, found: Iterable[Any]) -> None:
        known = self._objects[scope.kind]
        keys = set()
        for item in found:
            if known.get(item.arn) != item:
                known[item.arn] = item
                keys.add(item.arn)
        if keys:
            self._publish(scope, keys)

    def _prune(self, scope: Scope, seen: set[str]) -> None:
        """What a whole load did not mention is gone."""
        gone = {item.arn for item in self._of(scope) if item.arn not in seen}
        for arn in gone:
            del self._objects[scope.kind][arn]
        if gone:
            self._publish(scope, gone)

    def _of(self, scope: Scope) -> list[Any]:
        if scope.kind is Kind.CLUSTER:
            return list(self.clusters)
        if scope.kind is Kind.SERVICE:
            return list(self.services(scope.cluster))
        if scope.kind is Kind.INSTANCE:
            return list(self.instances(scope.cluster))
        service = "" if scope.stopped else scope.service
        return list(self.tasks(scope.cluster, service, stopped=scope.stopped))

    async def refresh_task(self, arn: str) -> Task | None:
        """Ask for one task now; None when ECS has forgotten it."""
        cluster = cluster_name(arn)
        scope = Scope(Kind.TASK, cluster)
        found = await ecs.describe_tasks(self.account, cluster, [arn])
        self._merge(scope, found)
        return found[0] if found else None

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

    def _publish(self, scope: Scope, keys: Iterable[str] = ()) -> None:
        changed = Changed(scope, frozenset(keys))
        for listener in list(self._listeners):
            listener(changed)


def _batches(items: list[T], size: int) -> list[list[T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _cluster_arn(arn: str, cluster: str) -> str:
    return f"{arn.rsplit(':', 1)[0]}:cluster/{short_name(cluster)}"
