"""The newest known clusters, services, tasks and instances, and who hears of changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError
from ecs_tui.inventory.cache import Part, SnapshotCache, portions
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition

T = TypeVar("T")


def clock() -> float:
    """Seconds of the running loop: monotonic, and what its timers go by."""
    return asyncio.get_running_loop().time()


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

    Times are monotonic seconds, None before the first success; `saved_at`, of a snapshot from disk
    that is shown until then, is seconds since the epoch. `pages`: how many a list took.
    """

    fetched_at: float | None = None
    listed_at: float | None = None
    list_error: EcsTuiError | None = None
    describe_error: EcsTuiError | None = None
    loading: bool = False
    pages: int = 1
    saved_at: float | None = None

    @property
    def error(self) -> EcsTuiError | None:
        """What went wrong last and has not gone right since."""
        return self.list_error or self.describe_error


@dataclass(frozen=True, slots=True)
class Changed:
    """Some objects of a kind are new, different or gone; or only a scope's freshness is."""

    scope: Scope
    keys: frozenset[str] = field(default_factory=frozenset)


BATCH = {
    Kind.CLUSTER: 100,
    Kind.SERVICE: ecs.SERVICES_A_CALL,
    Kind.TASK: ecs.TASKS_A_CALL,
    Kind.INSTANCE: 100,
}
"""How many one Describe call takes."""
Listener = Callable[[Changed], None]


class Inventory:
    """Keeps model objects by ARN. Objects never change; they are replaced.

    A failed load leaves what is known in place and its error in the scope's freshness.
    `changes` counts how often anything became another.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self._objects: dict[Kind, dict[str, Any]] = {kind: {} for kind in Kind}
        self._definitions: dict[str, TaskDefinition] = {}
        self._freshness: dict[Scope, Freshness] = {}
        self._listeners: list[Listener] = []
        self._loads: dict[Scope, asyncio.Task[None]] = {}
        self._homes: dict[Kind, dict[str, dict[str, Any]]] = {kind: {} for kind in Kind}
        self._teams: dict[tuple[str, str], dict[str, Task]] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self._unasked: dict[tuple[Kind, str], dict[str, None]] = {}
        self._memory: dict[str, tuple[tuple[Any, ...], Any]] = {}
        self._asking: dict[str, asyncio.Future[None]] = {}
        self._described_at: dict[str, float] = {}
        self._old: set[str] = set()
        self.changes = 0

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
        return list(self._homes[Kind.SERVICE].get(cluster, {}).values())

    def service(self, cluster: str, name: str) -> Service | None:
        """One service, or None while it is not known."""
        found = self._homes[Kind.SERVICE].get(cluster, {}).values()
        return next((item for item in found if item.name == name), None)

    def tasks(self, cluster: str, service: str = "", *, stopped: bool = False) -> list[Task]:
        """The known tasks of a cluster, of one service of it where given."""
        home, teams = self._homes[Kind.TASK], self._teams

        def make() -> list[Task]:
            found = teams.get((cluster, service), {}) if service else home.get(cluster, {})
            return [item for item in found.values() if item.stopping == stopped]

        name = f"tasks {cluster} {service} {stopped}"
        return list(self.derived(name, (self.tasks_version(cluster, service),), make))

    def lone_tasks(self, cluster: str) -> list[Task]:
        """The running tasks of a cluster that no service has started."""
        found = self._teams.get((cluster, ""), {}).values()
        return [item for item in found if not item.stopping]

    def tasks_version(self, cluster: str, service: str = "") -> int:
        """A number that is another one whenever a task of the cluster or service is."""
        return self._versions.get((cluster, service), 0)

    def derived(self, name: str, basis: tuple[Any, ...], make: Callable[[], T]) -> T:
        """What `make` returns, kept for as long as `basis` is the same."""
        known = self._memory.get(name)
        if known is None or known[0] != basis:
            known = self._memory[name] = (basis, make())
        value: T = known[1]
        return value

    def task(self, arn: str) -> Task | None:
        """One task by ARN."""
        task: Task | None = self._objects[Kind.TASK].get(arn)
        return task

    def instances(self, cluster: str) -> list[ContainerInstance]:
        """The known container instances of a cluster."""
        return list(self._homes[Kind.INSTANCE].get(cluster, {}).values())

    # -- loading

    def load(self, scope: Scope) -> asyncio.Task[None]:
        """List a scope and describe all of it that is not described; one under way is joined."""
        running = self._loads.get(scope)
        if running is not None and not running.done():
            return running
        job = asyncio.ensure_future(self._load(scope))
        self._loads[scope] = job
        return job

    async def close(self) -> None:
        """Cancel every load."""
        running = [job for job in self._loads.values() if not job.done()]
        for job in running:
            job.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _load(self, scope: Scope) -> None:
        await self.list_names(scope)
        if self.freshness(scope).error is None:
            wanted = [item.arn for item in self.of(scope) if not item.described]
            size = BATCH[scope.kind]
            for start in range(0, len(wanted), size):
                await self.describe(scope, wanted[start : start + size])

    async def list_names(self, scope: Scope) -> None:
        """Ask for the names in a scope: rows appear with the first page; what is gone goes.

        A failure is kept in the scope's freshness, and what is known stays.
        """
        fresh = self.freshness(scope)
        fresh.loading = True
        self._publish(scope)
        seen: set[str] = set()
        pages = 0
        try:
            async for page in self._pages(scope):
                pages += 1
                seen.update(page)
                self._merge(scope, self._new_names(scope, page))
        except EcsTuiError as error:
            fresh.list_error = error
        else:
            fresh.list_error = None
            fresh.listed_at = fresh.fetched_at = clock()
            fresh.pages = pages
            self._prune(scope, seen)
        finally:
            fresh.loading = False
            self._publish(scope)

    async def describe(self, scope: Scope, arns: Sequence[str]) -> None:
        """Ask for the facts about some of a scope (at most one batch, `BATCH`).

        What is being asked for already is waited for, not asked for again. What ECS no longer
        knows is forgotten. A failure is kept in the scope's freshness.
        """
        fresh = self.freshness(scope)
        joined = {self._asking[arn] for arn in arns if arn in self._asking}
        mine = [arn for arn in arns if arn not in self._asking]
        job: asyncio.Future[None] | None = None
        if mine:
            job = asyncio.ensure_future(self._ask(scope, mine))
            self._asking.update(dict.fromkeys(mine, job))
            job.add_done_callback(lambda _: self._asked(mine))
            joined.add(job)
        try:
            await asyncio.wait(joined)
        except asyncio.CancelledError:
            if job is not None:
                job.cancel()
            raise
        errors = [error for done in joined if not done.cancelled() and (error := done.exception())]
        for error in errors:
            if not isinstance(error, EcsTuiError):
                raise error
        fresh.describe_error = next((e for e in errors if isinstance(e, EcsTuiError)), None)
        if not errors:
            fresh.fetched_at = clock()
        self._publish(scope)

    def _asked(self, arns: Sequence[str]) -> None:
        for arn in arns:
            self._asking.pop(arn, None)

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
        now = clock()
        self._described_at.update(dict.fromkeys(arns, now))
        waiting = self._unasked.get((scope.kind, scope.cluster), {})
        for arn in arns:
            waiting.pop(arn, None)
        self._merge(scope, found)
        gone = set(arns) - {item.arn for item in found}
        self._forget(scope, gone)

    # -- from disk and to it

    def restore(self, cache: SnapshotCache) -> None:
        """Show the last snapshot of the clusters, where nothing is known yet.

        Raises:
            DamagedSnapshot: The file is ignored.
        """
        scope = Scope(Kind.CLUSTER)
        read = cache.read("")
        if read is not None:
            saved_at, parts = read
            self._date_back(saved_at, scope)
            for part in list(parts):
                self._take_back(scope, part)

    async def restore_cluster(self, cache: SnapshotCache, cluster: str) -> None:
        """Show the last snapshot of one cluster, where nothing is known yet, in portions.

        Raises:
            DamagedSnapshot: The file is ignored, whole.
        """
        scope = Scope(Kind.SERVICE, cluster)
        read = cache.read(cluster)
        if read is None:
            return
        saved_at, parts = read
        found = await portions(parts)
        self._date_back(saved_at, scope, Scope(Kind.TASK, cluster))
        for part in found:
            self._take_back(scope, part)
            await asyncio.sleep(0)

    def _date_back(self, saved_at: float, *scopes: Scope) -> None:
        for scope in scopes:
            if self.freshness(scope).fetched_at is None:
                self.freshness(scope).saved_at = saved_at

    def _take_back(self, scope: Scope, part: Part) -> None:
        rows: tuple[tuple[Kind, Sequence[Any]], ...] = (
            (Kind.CLUSTER, part.clusters),
            (Kind.SERVICE, part.services),
            (Kind.TASK, part.tasks),
        )
        for kind, items in rows:
            known = self._objects[kind]
            # A scope that AWS has listed meanwhile knows better what exists.
            listed = self.freshness(Scope(kind, scope.cluster)).listed_at is not None
            wanted = [
                item
                for item in items
                if (old := known.get(item.arn)) is None or (item.described and not old.described)
                if old is not None or not listed
            ]
            self._old.update(item.arn for item in wanted)
            self._merge(Scope(kind, scope.cluster), wanted)

    def distrust(self, account: str, region: str) -> int:
        """The account id and region are known now: forget what a snapshot of others showed.

        Returns how many objects are gone.
        """
        gone = 0
        for kind, known in self._objects.items():
            wrong = {
                arn
                for arn in known
                if arn in self._old and arn.split(":")[3:5] != [region, account]
            }
            gone += len(wrong)
            self._forget(Scope(kind), wrong)
        self._old.clear()
        return gone

    def snapshot(self, cluster: str = "") -> Part | None:
        """What is worth keeping of the clusters, or of one cluster; None before it was listed."""
        kind = Kind.SERVICE if cluster else Kind.CLUSTER
        if self.freshness(Scope(kind, cluster)).listed_at is None:
            return None
        if not cluster:
            return Part(clusters=self.clusters)
        return Part(services=self.services(cluster), tasks=self.tasks(cluster))

    def get(self, kind: Kind, arn: str) -> Any | None:
        """What is known by an ARN."""
        return self._objects[kind].get(arn)

    @property
    def size(self) -> int:
        """How many objects are known."""
        return sum(len(known) for known in self._objects.values())

    def count(self, scope: Scope) -> int:
        """About how many things a scope has, without looking at each."""
        if scope.kind is Kind.TASK and scope.service and not scope.stopped:
            return len(self._teams.get((scope.cluster, scope.service), {}))
        return len(self._homes[scope.kind].get(scope.cluster, {}))

    def unasked(self, scope: Scope) -> list[str]:
        """The ARNs of a scope that AWS has not been asked about yet, nor is just now."""
        waiting = self._unasked.get((scope.kind, scope.cluster))
        if not waiting:
            return []
        if scope.kind is not Kind.TASK:
            return [arn for arn in waiting if arn not in self._asking]
        known = self._objects[Kind.TASK]
        return [
            arn
            for arn in waiting
            if arn not in self._asking
            and known[arn].stopping == scope.stopped
            and (not scope.service or scope.stopped or known[arn].service == scope.service)
        ]

    def described_at(self, arn: str) -> float:
        """When (monotonic seconds) it was asked for last; 0.0 for never."""
        return self._described_at.get(arn, 0.0)

    def asking(self, arn: str) -> bool:
        """Whether an answer about it is under way."""
        return arn in self._asking

    def _pages(self, scope: Scope) -> AsyncIterator[list[str]]:
        account = self.account
        if scope.kind is Kind.CLUSTER:
            return ecs.list_clusters(account)
        if scope.kind is Kind.SERVICE:
            return ecs.list_services(account, scope.cluster)
        if scope.kind is Kind.INSTANCE:
            return ecs.list_instances(account, scope.cluster)
        return ecs.list_tasks(account, scope.cluster, scope.service, stopped=scope.stopped)

    def _new_names(self, scope: Scope, arns: list[str]) -> list[Any]:
        """Objects of which only the ARN is known yet: rows before anything was described."""
        known = self._objects[scope.kind]
        new = [arn for arn in arns if arn not in known]
        if scope.kind is Kind.CLUSTER:
            return [Cluster(arn, short_name(arn), described=False) for arn in new]
        cluster_arn = _cluster_arn(arns[0], scope.cluster) if arns else ""
        if scope.kind is Kind.SERVICE:
            return [Service(arn, short_name(arn), cluster_arn, described=False) for arn in new]
        if scope.kind is Kind.INSTANCE:
            return [
                ContainerInstance(arn, short_name(arn), cluster_arn, described=False) for arn in new
            ]
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
            old = known.get(item.arn)
            if old != item:
                if old is not None:
                    self._remove(scope.kind, item.arn)
                self._keep(scope.kind, item)
                keys.add(item.arn)
        if keys:
            self._publish(scope, keys)

    def _keep(self, kind: Kind, item: Any) -> None:
        self._objects[kind][item.arn] = item
        home = _home(item)
        self._homes[kind].setdefault(home, {})[item.arn] = item
        if item.arn not in self._described_at:
            self._unasked.setdefault((kind, home), {})[item.arn] = None
        if kind is Kind.TASK:
            self._teams.setdefault((home, item.service), {})[item.arn] = item
            self._touch(home, item.service)

    def _remove(self, kind: Kind, arn: str) -> None:
        item = self._objects[kind].pop(arn)
        home = _home(item)
        del self._homes[kind][home][arn]
        self._unasked.get((kind, home), {}).pop(arn, None)
        if kind is Kind.TASK:
            self._teams[home, item.service].pop(arn, None)
            self._touch(home, item.service)

    def _touch(self, cluster: str, service: str) -> None:
        for key in {(cluster, ""), (cluster, service)}:
            self._versions[key] = self._versions.get(key, 0) + 1

    def _prune(self, scope: Scope, seen: set[str]) -> None:
        """What a whole list did not mention is gone."""
        self._forget(scope, {item.arn for item in self.of(scope) if item.arn not in seen})

    def _forget(self, scope: Scope, gone: set[str]) -> None:
        gone = {arn for arn in gone if arn in self._objects[scope.kind]}
        for arn in gone:
            self._remove(scope.kind, arn)
            self._described_at.pop(arn, None)
            self._memory.pop(arn, None)
        if gone:
            self._publish(scope, gone)

    def of(self, scope: Scope) -> list[Any]:
        """What is known of a scope."""
        if scope.kind is Kind.CLUSTER:
            return list(self.clusters)
        if scope.kind is Kind.SERVICE:
            return self.services(scope.cluster)
        if scope.kind is Kind.INSTANCE:
            return list(self.instances(scope.cluster))
        service = "" if scope.stopped else scope.service
        return self.tasks(scope.cluster, service, stopped=scope.stopped)

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
        self.changes += bool(changed.keys)
        for listener in list(self._listeners):
            listener(changed)


def _home(item: Any) -> str:
    """The name of the cluster that an object lives in, "" for a cluster itself."""
    return short_name(getattr(item, "cluster_arn", ""))


def _cluster_arn(arn: str, cluster: str) -> str:
    return f"{arn.rsplit(':', 1)[0]}:cluster/{short_name(cluster)}"
