"""Watches clusters of one connection: what is read, how often, and what the rules make of it.

A quiet cluster costs one ListTasks of stopped tasks a period, which tells of every task that ended, and a
share of one DescribeClusters for all clusters together, whose counts tell of tasks that did not start.
Only where one of them tells something, services are described besides; only suspects get more calls.
Whatever a list on the screen has read is used and not read again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from datetime import datetime

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.scaling_activity import scaled_resource
from ecs_tui.model.service import Service
from ecs_tui.problems.account_asking import (
    ask_account,
    ask_cluster,
    ask_retirements,
    has_own_capacity,
)
from ecs_tui.problems.asking import ask_about
from ecs_tui.problems.causes import stop_cause
from ecs_tui.problems.cluster_facts import AccountAnswers
from ecs_tui.problems.due import is_complete, running_due, services_due, stopped_due
from ecs_tui.problems.judging import judged
from ecs_tui.problems.last_deployments import deployments_due, postponed, read_last_deployments
from ecs_tui.problems.refreshing import refresh
from ecs_tui.problems.watch_times import (
    ACCOUNT_SECONDS,
    CAPACITY_SECONDS,
    CLUSTER_SECONDS,
    COUNTS_SECONDS,
    DEPLOYMENTS_SECONDS,
    EVALUATE_SECONDS,
    LIST_OPERATIONS,
    LOOKED_UP_SECONDS,
    MAX_JOBS,
    MAX_PAUSE_SECONDS,
    RETIREMENTS_SECONDS,
    RUNNING_SECONDS,
    SERVICES_PER_SECOND,
    STOPPED_SECONDS,
    SUSPECT_SECONDS,
    UNEXPECTED_SECONDS,
    USUAL_REFRESH,
)
from ecs_tui.problems.watched import CallCounter, WatchedCluster, WatchState
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Inventory, Kind, Scope, clock
from ecs_tui.store.surroundings import why_unknown
from ecs_tui.system.crash import report


class ConnectionWatch:
    """Watches the clusters of a connection.

    Args:
        connection: The connection.
        every: Seconds between refreshes of visible rows.
        calls_per_minute: Calls for services that no list on the screen refreshes.
        now: The time of AWS, from which ages are counted.

    Attributes:
        clusters: The watched clusters by name.
        everything: Whether all clusters of the connection are watched.
        calls: The calls that the watch has made.
        account: What was asked once for the account.
    """

    def __init__(
        self,
        connection: Connection,
        every: float,
        calls_per_minute: float,
        now: Callable[[], datetime],
    ) -> None:
        self.connection, self._every, self._share = connection, every, calls_per_minute
        self._now = now
        self.clusters: dict[str, WatchedCluster] = {}
        self.calls = CallCounter()
        self.account = AccountAnswers()
        self._account_at = self._retirements_at = self._counts_at = float("-inf")
        self._jobs: set[asyncio.Task[None]] = set()
        self._busy: set[object] = set()
        self._not_before: dict[object, float] = {}
        self._described: deque[float] = deque()
        self.everything = self._closed = False

    @property
    def inventory(self) -> Inventory:
        """The loaded data of the connection."""
        return self.connection.inventory

    @property
    def period(self) -> float:
        """Seconds between two reads of the stopped tasks of one cluster."""
        return max(self._scaled(STOPPED_SECONDS), CLUSTER_SECONDS * len(self.clusters))

    def _scaled(self, seconds: float) -> float:
        """A time in proportion to the setting `refresh`."""
        return seconds * self._every / USUAL_REFRESH

    def watch(self, cluster: str, *, configured: bool = False) -> None:
        """Watch a cluster from now on."""
        known = self.clusters.setdefault(cluster, WatchedCluster(cluster))
        known.configured = known.configured or configured

    def _watch_everything(self) -> None:
        for each in self.inventory.clusters if self.everything else ():
            if not each.gone and each.status != "INACTIVE":
                self.watch(each.name)

    async def close(self) -> None:
        """Cancel what is in flight, and start no more."""
        self._closed = True
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    # -- what is due

    def advance(self) -> None:
        """Start the calls that are due, as far as there is room."""
        at = clock()
        self._watch_everything()
        for key, work in self._due(at):
            if len(self._jobs) >= MAX_JOBS or self._closed:
                return
            if key not in self._busy and at >= self._not_before.get(key, 0.0):
                self._start(key, work)

    def _due(self, at: float) -> Iterator[tuple[object, Callable[[], Coroutine[None, None, None]]]]:
        """(what it is, how it is made) of each call that is due, the most urgent first."""
        for watched in self.clusters.values():
            for arn in self._suspects_due(watched, at):
                service = self.inventory.get(Scope(Kind.SERVICE, watched.name), arn)
                if service is not None:
                    yield arn, _bound(self._ask_about, watched, service)
        for watched in self.clusters.values():
            if at < watched.not_before:
                continue
            period = self._scaled(DEPLOYMENTS_SECONDS)
            if deployed := deployments_due(self.inventory, watched, at, period):
                yield ("deployments", watched.name), _bound(self._read_last, watched, deployed)
            if stopped_due(self.inventory, watched, at, self.period):
                yield ("stopped", watched.name), _bound(self._read_stopped, watched)
            batch = services_due(self.inventory, watched, at, self.period)
            urgent = not batch or not watched.urgent.isdisjoint(batch)
            if batch is not None and (urgent or self._may_describe(at)):
                yield ("services", watched.name), _bound(self._read_services, watched, batch)
        yield from self._seldom_due(at)

    def _seldom_due(
        self, at: float
    ) -> Iterator[tuple[object, Callable[[], Coroutine[None, None, None]]]]:
        if not self.clusters and not self.everything:
            return
        if at - self._counts_at >= self._scaled(COUNTS_SECONDS):
            yield "counts", self._read_counts
        if at - self._account_at >= self._scaled(ACCOUNT_SECONDS):
            yield "account", self._read_account
        for watched in self.clusters.values():
            known = self.inventory.cluster(watched.name)
            if known is None or at < watched.not_before:
                continue
            own = has_own_capacity(known.capacity_providers)
            if (known.instances or own) and (
                watched.instances_at is None
                or at - watched.instances_at >= self._scaled(CAPACITY_SECONDS)
            ):
                yield ("capacity", watched.name), _bound(self._read_capacity, watched, own)
            if watched.evaluated and running_due(
                self.inventory, watched, at, self._scaled(RUNNING_SECONDS)
            ):
                yield ("running", watched.name), _bound(self._read_running, watched)
        if at - self._retirements_at >= RETIREMENTS_SECONDS and self.connection.caller is not None:
            yield "retirements", self._read_retirements

    def _suspects_due(self, watched: WatchedCluster, at: float) -> list[str]:
        due = [
            (answers.at, arn)
            for arn, answers in watched.suspects.items()
            if arn not in self._busy and at - answers.at >= self._scaled(SUSPECT_SECONDS)
        ]
        late = postponed(self.inventory, watched, at, self._scaled(DEPLOYMENTS_SECONDS))
        new = [(0.0, arn) for arn in watched.asking - late if arn not in self._busy]
        return [arn for _, arn in sorted(new + due)]

    def _may_describe(self, at: float) -> bool:
        """Whether its share of the budget leaves a call."""
        while self._described and at - self._described[0] > 60.0:
            self._described.popleft()
        return len(self._described) < self._share

    # -- jobs

    def _start(self, key: object, work: Callable[[], Coroutine[None, None, None]]) -> None:
        self._busy.add(key)
        job = asyncio.ensure_future(work())
        self._jobs.add(job)

        def ended(done: asyncio.Task[None]) -> None:
            self._jobs.discard(done)
            self._busy.discard(key)
            if not done.cancelled() and (error := done.exception()) is not None:
                self._not_before[key] = clock() + UNEXPECTED_SECONDS
                report("the watch of problems", error, "Retrying automatically.")

        job.add_done_callback(ended)

    async def _read_stopped(self, watched: WatchedCluster) -> None:
        scope = Scope(Kind.TASK, watched.name, stopped=True)
        watched.stopped_at = clock()
        await self.inventory.list_names(scope)
        self.calls.add(self.inventory.freshness(scope).pages, clock())
        wanted = self.inventory.to_describe(scope)
        for start in range(0, len(wanted), Kind.TASK.batch):
            await self.inventory.describe(scope, wanted[start : start + Kind.TASK.batch])
            self.calls.add(1, clock())
        self._outcome(watched, self.inventory.freshness(scope).error)
        self._wake_services(watched, wanted)

    def _wake_services(self, watched: WatchedCluster, tasks: list[str]) -> None:
        """The services of tasks that have just stopped are described again at once."""
        scope = Scope(Kind.TASK, watched.name)
        found = [task for arn in tasks if (task := self.inventory.get(scope, arn)) is not None]
        names = {task.service for task in found if stop_cause(task) is not None}
        watched.urgent |= {
            each.arn for each in self.inventory.services(watched.name) if each.name in names
        }

    async def _read_last(self, watched: WatchedCluster, services: list[Service]) -> None:
        await read_last_deployments(self.connection.account, watched, services, clock())
        self.calls.add(1, clock())
        watched.basis = ()

    async def _read_services(self, watched: WatchedCluster, batch: list[str]) -> None:
        scope = Scope(Kind.SERVICE, watched.name)
        if batch:
            watched.urgent.difference_update(batch)
            await self.inventory.describe(scope, batch)
            self.calls.add(1, clock())
            self._described.append(clock())
        else:
            await self.inventory.list_names(scope)
            self.calls.add(self.inventory.freshness(scope).pages, clock())
        self._outcome(watched, self.inventory.freshness(scope).error)

    def _outcome(self, watched: WatchedCluster, error: EcsTuiError | None) -> None:
        """After a failure the cluster waits, each time longer."""
        if error is None:
            watched.failures, watched.not_before = 0, 0.0
            for each in LIST_OPERATIONS:
                watched.denied.pop(each, None)
            return
        operation = getattr(error, "operation", "") or "ecs"
        watched.denied[operation] = why_unknown(error)
        watched.failures += 1
        pause = min(MAX_PAUSE_SECONDS, self.period * 2 ** (watched.failures - 1))
        watched.not_before = clock() + pause

    async def _read_counts(self) -> None:
        self._counts_at = clock()
        scope = Scope(Kind.CLUSTER)
        if self.inventory.freshness(scope).listed_at is None:
            await self.inventory.load(scope)
            self.calls.add(2, clock())
            return
        names = self.clusters.keys()
        arns = [each.arn for each in self.inventory.clusters if each.name in names]
        old = [arn for arn in arns if clock() - self.inventory.described_at(scope, arn) > 30.0]
        for start in range(0, len(old), scope.kind.batch):
            await self.inventory.describe(scope, old[start : start + scope.kind.batch])
            self.calls.add(1, clock())

    async def _read_account(self) -> None:
        self._account_at = clock()
        answers, calls = await ask_account(self.inventory, self._scaled(LOOKED_UP_SECONDS))
        self.account = replace(answers, retirements=self.account.retirements)
        self.calls.add(calls, clock())

    async def _read_retirements(self) -> None:
        self._retirements_at = clock()
        caller = self.connection.caller
        self.calls.add(1, clock())
        try:
            found = await ask_retirements(self.connection.account, caller.arn if caller else "")
        except EcsTuiError as error:
            denied = {**self.account.denied, "health:DescribeEvents": why_unknown(error)}
            self.account = replace(self.account, denied=denied)
            return
        self.account = replace(self.account, retirements=found)

    async def _read_capacity(self, watched: WatchedCluster, own: bool) -> None:
        watched.instances_at = clock()
        known = self.inventory.cluster(watched.name)
        if known is not None and known.instances:
            scope = Scope(Kind.INSTANCE, watched.name)
            self.calls.add(await refresh(self.inventory, scope), clock())
            self._note(watched, self.inventory.freshness(scope).error)
        if own:
            watched.answers, calls = await ask_cluster(self.connection.account, watched.name)
            self.calls.add(calls, clock())

    async def _read_running(self, watched: WatchedCluster) -> None:
        watched.running_at = clock()
        scope = Scope(Kind.TASK, watched.name)
        self.calls.add(await refresh(self.inventory, scope), clock())
        self._note(watched, self.inventory.freshness(scope).error)

    def _note(self, watched: WatchedCluster, error: EcsTuiError | None) -> None:
        """Keep why something of a cluster is not known."""
        if error is not None:
            watched.denied[getattr(error, "operation", "") or "ecs"] = why_unknown(error)

    async def _ask_about(self, watched: WatchedCluster, service: Service) -> None:
        if watched.only_deployments(service.arn):
            watched.deployment_listed_at = clock()
        scalable = self.account.scalable
        scaled = scalable is None or scaled_resource(watched.name, service.name) in scalable
        answers = await ask_about(
            self.inventory, watched.name, service, self._now(), clock(), scaled=scaled,
            only_deployments=watched.only_deployments(service.arn),
        )  # fmt: skip
        self.calls.add(answers.calls, clock())
        watched.asking.discard(service.arn)
        watched.suspects[service.arn] = answers
        watched.remember_deployments()
        watched.basis = ()

    # -- judging

    async def judge(self) -> bool:
        """Run the rules where something has changed; returns whether the problems may have changed."""
        changed = False
        for watched in list(self.clusters.values()):
            basis = self._basis(watched)
            age = clock() - watched.evaluated_at
            services = self.inventory.count(Scope(Kind.SERVICE, watched.name))
            if age < services / SERVICES_PER_SECOND:
                continue
            if basis != watched.basis or age >= self._scaled(EVALUATE_SECONDS):
                watched.basis, watched.evaluated_at = basis, clock()
                before = (watched.problems, watched.complete, watched.evaluated)
                found = await judged(self.inventory, watched, self.account, self._now())
                watched.problems, watched.evaluated = found, True
                watched.complete = is_complete(self.inventory, watched)
                changed = changed or before != (found, watched.complete, True)
        return changed

    def _basis(self, watched: WatchedCluster) -> tuple[object, ...]:
        inventory, name = self.inventory, watched.name
        scopes = (Scope(Kind.SERVICE, name), Scope(Kind.TASK, name), Scope(Kind.INSTANCE, name))
        versions = tuple(inventory.version(scope) for scope in scopes)
        return (*versions, inventory.stopped_memory.version, id(self.account), id(watched.answers))

    # -- what it shows

    def states(self) -> list[WatchState]:
        """The state of each watched cluster."""
        return [self._state(each) for each in self.clusters.values()]

    def _state(self, watched: WatchedCluster) -> WatchState:
        at, inventory = clock(), self.inventory
        stopped = inventory.freshness(Scope(Kind.TASK, watched.name, stopped=True))
        scope = Scope(Kind.SERVICE, watched.name)
        times = [
            inventory.described_at(scope, each.arn) for each in inventory.services(scope.cluster)
        ]
        error = stopped.error or inventory.freshness(scope).error
        return WatchState(
            self.connection.label,
            watched.name,
            watched.configured,
            None if stopped.fetched_at is None else at - stopped.fetched_at,
            None if not all(times) or not times else at - min(times),
            self.period,
            len(watched.suspects) + len(watched.asking),
            tuple(
                sorted({**self.account.denied, **watched.answers.denied, **watched.denied}.items())
            ),
            "" if error is None else str(error),
        )


def _bound(
    work: Callable[..., Coroutine[None, None, None]], *args: object
) -> Callable[[], Coroutine[None, None, None]]:
    return lambda: work(*args)
