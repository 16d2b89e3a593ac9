"""Lists are right whatever happens in which order: a model of AWS, in virtual time.

A hypothesis state machine changes the model, its latency and its faults, and navigates as the app
does, at any moment. INVENTORY_STEPS sets how many steps; `make exhaustive` runs 100,000.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ecs_tui.resources import RESOURCES, Place
from ecs_tui.resources.base import without_rows
from ecs_tui.store.inventory import Changed, Inventory, Scope
from ecs_tui.store.refresher import Refresher
from tests.support.aws_model import AwsModel, ModelAccount
from tests.support.limits import EXHAUSTIVE
from tests.support.virtual_time import VirtualLoop

STEPS = int(os.environ.get("INVENTORY_STEPS", "100000" if EXHAUSTIVE else "10000"))
STEPS_EACH = 50
REGIONS = ("here", "there")
EVERY = 5.0
CLUSTERS = ("one", "two")
SERVICES = ("api", "web", "job")
SETTLE_SECONDS = 150.0
"""Seconds after which a watched list is right, once AWS answers and nothing changes."""
CALLS_AT_REST = 120
"""The most calls in a minute of watching a short list in which nothing changes."""


class Connection:
    """One region: the model, and the app's objects for it."""

    def __init__(self, region: str, loop: VirtualLoop, seed: int) -> None:
        self.model = AwsModel(region, loop.time, seed)
        self.inventory = Inventory(ModelAccount(self.model))
        self.refresher = Refresher(self.inventory, EVERY)


class Operator:
    """Navigates as `Browser` does: the same views, the same calls of the refresher."""

    def __init__(self, loop: VirtualLoop, seed: int) -> None:
        self.loop = loop
        self.connections = {region: Connection(region, loop, seed) for region in REGIONS}
        self.connection = self.connections[REGIONS[0]]
        self.place = Place()
        self.arrived = 0.0
        self.list: tuple[Connection, Scope] | None = None
        self.history: list[tuple[Connection, Place]] = []
        self.visited: dict[tuple[str, Place], None] = {}
        self.wrong: list[str] = []
        self.resting: list[str] | None = None
        for connection in self.connections.values():
            connection.inventory.listen(
                lambda changed, connection=connection: self.changed(connection, changed)
            )
        self.arrive(self.place)

    def rows(self) -> list[Any]:
        return RESOURCES[self.place.view].rows(self.connection.inventory, self.place)

    def keys(self) -> list[str]:
        keys = [RESOURCES[self.place.view].key(row) for row in self.rows()]
        if self.place.instance:  # see `AwsModel.truth`
            return [key for key in keys if not self.connection.model.gone(key)]
        return keys

    def go(
        self, place: Place, connection: Connection | None = None, *, replace: bool = False
    ) -> None:
        if not replace:
            self.history.append((self.connection, self.place))
        if connection is not None and connection is not self.connection:
            self.connection.refresher.look_at()
            self.connection = connection
        self.arrive(place)

    def arrive(self, place: Place) -> None:
        scopes = RESOURCES[place.view].scopes(place)
        if (
            self.connection,
            scopes[0],
        ) != self.list:  # a list that was not left is still watched
            self.list, self.arrived = (self.connection, scopes[0]), self.loop.time()
        self.place = place
        self.connection.refresher.look_at(*scopes)
        if place.view != "containers":
            self.visited[self.connection.model.region, place] = None
        self.see()
        self.check_empty()

    def see(self, top: int = 0) -> None:
        if self.place.view == "containers":
            self.connection.refresher.see([self.place.task_arn])
        else:
            keys = self.keys()
            self.connection.refresher.see(keys[top : top + 5], keys[top + 5 : top + 10])

    def changed(self, connection: Connection, changed: Changed) -> None:
        """An item changed: the app would draw the screen now."""
        if connection is not self.connection:
            return
        self.check_empty()
        if self.resting is not None and self.keys() != self.resting:
            self.wrong.append(f"{self.place} at rest: {short(self.keys())} in between")
        self.see()

    def check_empty(self) -> None:
        """A message in place of rows must match AWS's answers since the list was opened."""
        place, connection = self.place, self.connection
        if place.view == "containers" or self.rows():
            return
        words = without_rows(RESOURCES[place.view], connection.inventory, place)
        if words == "◐ Loading…":
            return
        for about in decisive(place):
            if not any(
                listed.about == about
                and listed.began >= self.arrived
                and not any(self.belongs(arn) for arn in listed.stands)
                for listed in connection.model.listed
            ):
                self.wrong.append(f"{words!r} at {place} without an empty answer to {about}")

    def belongs(self, arn: str) -> bool:
        """Whether what the decisive call has returned is a row of this place."""
        if not self.place.instance:
            return True
        every = self.connection.model.clusters.values()
        task = next((each.tasks[arn] for each in every if arn in each.tasks), None)
        return task is not None and task.instance == self.place.instance


def decisive(place: Place) -> list[tuple[str, ...]]:
    """The List calls that must have returned nothing before a list is reported as empty."""
    if place.view == "clusters":
        return [("cluster",)]
    if place.view in ("services", "instances"):
        return [(place.view[:-1], place.cluster)]
    if place.stopped and place.service:
        # The cluster's call may return others; that it is made is checked on lists at rest.
        return [("task", place.cluster, place.service, "STOPPED")]
    return [("task", place.cluster, place.service, "STOPPED" if place.stopped else "RUNNING")]


def short(keys: list[str]) -> list[str]:
    return [key.split(":")[-1].replace("0" * 24, "…") for key in keys]


def kind_of(place: Place) -> str:
    return RESOURCES[place.view].kind


class Truth(RuleBasedStateMachine):
    """The rules: changes at AWS, network faults, actions of the operator, time."""

    steps = 0

    @initialize(seed=st.integers(0, 2**16), small=st.booleans())
    def begin(self, seed: int, small: bool) -> None:
        self.loop = VirtualLoop()
        asyncio.set_event_loop(self.loop)
        self.operator = self.run(self._operator(seed))
        self.jobs: list[asyncio.Future[Any]] = []
        for connection in self.operator.connections.values():
            connection.model.add_cluster("one")
            connection.model.add_service("one", "api")
            if not small:
                for _ in range(2):
                    connection.model.start("one", "service:api")

    async def _operator(self, seed: int) -> Operator:
        return Operator(self.loop, seed)

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def at_once(self, work: Any, *args: Any) -> None:
        """Call a function that needs a running loop, and give the loop one turn."""

        async def turn() -> None:
            work(*args)

        self.run(turn())

    @property
    def model(self) -> AwsModel:
        return self.operator.connection.model

    def count(self) -> None:
        type(self).steps += 1

    # -- changes at AWS

    @rule(name=st.sampled_from(CLUSTERS), there=st.booleans())
    def cluster(self, name: str, there: bool) -> None:
        self.count()
        if there:
            self.model.add_cluster(name)
        else:
            self.model.clusters.pop(name, None)

    @rule(
        name=st.sampled_from(SERVICES),
        cluster=st.sampled_from(CLUSTERS),
        tasks=st.integers(0, 4),
        bare=st.booleans(),
    )
    def service(self, name: str, cluster: str, tasks: int, bare: bool) -> None:
        self.count()
        if cluster in self.model.clusters:
            self.model.add_service(cluster, name).bare = bare
            for _ in range(tasks):
                self.model.start(cluster, f"service:{name}").last = "PENDING"

    @rule(name=st.sampled_from(SERVICES), cluster=st.sampled_from(CLUSTERS))
    def delete_service(self, name: str, cluster: str) -> None:
        self.count()
        if cluster in self.model.clusters and name in self.model.clusters[cluster].services:
            self.model.delete_service(cluster, name)

    @rule(name=st.sampled_from(SERVICES), cluster=st.sampled_from(CLUSTERS), gone=st.booleans())
    def service_missing(self, name: str, cluster: str, gone: bool) -> None:
        self.count()
        found = cluster in self.model.clusters and self.model.clusters[cluster].services.get(name)
        if found:
            found.missing = gone

    @rule(cluster=st.sampled_from(CLUSTERS), count=st.integers(1, 12))
    def standalone_tasks(self, cluster: str, count: int) -> None:
        self.count()
        if cluster in self.model.clusters:
            for _ in range(count):
                self.model.start(cluster, "family:batch")

    @rule(cluster=st.sampled_from(CLUSTERS), count=st.integers(0, 2))
    def instances(self, cluster: str, count: int) -> None:
        self.count()
        if cluster in self.model.clusters:
            names = [self.model.arn("container-instance", cluster, f"i{n}") for n in range(count)]
            self.model.clusters[cluster].instances = names

    @rule(
        what=st.sampled_from(["run", "stop", "end", "forget", "missing"]),
        cluster=st.sampled_from(CLUSTERS),
        which=st.integers(0, 20),
        several=st.integers(1, 6),
    )
    def tasks(self, what: str, cluster: str, which: int, several: int) -> None:
        self.count()
        found = self.model.clusters.get(cluster)
        for task in list(found.tasks.values())[which : which + several] if found else ():
            if what == "run" and task.desired == "RUNNING":
                task.last = "RUNNING"
            elif what == "missing" and task.desired == "RUNNING":
                task.missing = not task.missing
            elif what == "stop" and task.desired == "RUNNING":
                self.model.stop(task)
            elif what == "end" and task.desired == "STOPPED":
                task.last = "STOPPED"
            elif what == "forget" and task.last == "STOPPED" and found:
                del found.tasks[task.arn]

    # -- network faults

    @rule(
        latency=st.sampled_from([(0.0, 0.0), (0.0, 0.25), (0.2, 3.0), (5.0, 20.0)]),
        failing=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
        throttling=st.sampled_from([0.0, 0.2]),
        page=st.sampled_from([1, 3, 100]),
        by_service=st.sampled_from(["filters", "nothing", "all"]),
    )
    def network_changes(self, latency: Any, failing: float, throttling: float, page: int, by_service: str) -> None:  # fmt: skip
        self.count()
        model = self.model
        model.latency, model.failing, model.throttling = latency, failing, throttling
        model.page, model.by_service = page, by_service

    @rule(seconds=st.sampled_from([0.0, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 4.0, 15.0]))
    def time_passes(self, seconds: float) -> None:
        self.count()
        self.run(asyncio.sleep(seconds))

    # -- actions of the operator

    @rule(which=st.integers(0, 4))
    def enter(self, which: int) -> None:
        """Open the first row as soon as there is one."""
        self.count()
        operator = self.operator
        rows = operator.rows()
        if rows:
            place = RESOURCES[operator.place.view].enter(operator.place, rows[which % len(rows)])
            if place is not None:
                self.at_once(operator.go, place)

    @rule(pauses=st.lists(st.sampled_from([0.0, 0.02, 0.05, 0.1, 0.2]), min_size=1, max_size=2))
    def enter_as_soon_as_named(self, pauses: list[float]) -> None:
        """Open the first row, and the first row of that, before AWS has answered."""
        for pause in pauses:
            for _ in range(100):
                if self.operator.rows():
                    break
                self.run(asyncio.sleep(0.01))
            self.run(asyncio.sleep(pause))
            self.enter(0)

    @rule()
    def back(self) -> None:
        self.count()
        if self.operator.history:
            connection, place = self.operator.history.pop()
            self.at_once(lambda: self.operator.go(place, connection, replace=True))

    @rule(
        view=st.sampled_from(["clusters", "services", "tasks", "instances"]),
        cluster=st.sampled_from(CLUSTERS),
    )
    def jump(self, view: str, cluster: str) -> None:
        self.count()
        place = Place(view, cluster=cluster if view != "clusters" else "")
        self.at_once(self.operator.go, place)

    @precondition(lambda self: self.operator.place.view == "tasks")
    @rule()
    def stopped(self) -> None:
        self.count()
        place = self.operator.place
        self.at_once(lambda: self.operator.go(place.with_stopped(not place.stopped), replace=True))

    @rule(region=st.sampled_from(REGIONS))
    def switch(self, region: str) -> None:
        self.count()
        self.at_once(self.operator.go, Place(), self.operator.connections[region])

    @rule(what=st.sampled_from(["refresh", "scroll", "idle", "active"]), top=st.integers(0, 20))
    def key(self, what: str, top: int) -> None:
        self.count()
        refresher = self.operator.connection.refresher
        if what == "refresh":
            self.at_once(refresher.refresh_now)
        elif what == "scroll":
            self.at_once(self.operator.see, top)
        else:
            refresher.idle(what == "idle")

    @rule(
        cluster=st.sampled_from(CLUSTERS),
        service=st.sampled_from(SERVICES),
        given_up_after=st.sampled_from([None, 0.0, 0.05, 0.3]),
    )
    def load(self, cluster: str, service: str, given_up_after: float | None) -> None:
        """Load a list beside the refresher, as `s`, `D` and the search for successors do."""
        self.count()
        inventory = self.operator.connection.inventory

        async def work() -> None:
            await inventory.load(task_scope(cluster, service))

        async def turn() -> None:
            job = asyncio.ensure_future(work())
            self.jobs.append(job)
            if given_up_after is not None:
                self.loop.call_later(given_up_after, job.cancel)

        self.run(turn())

    @rule(cluster=st.sampled_from(CLUSTERS), which=st.integers(0, 20), count=st.integers(0, 3))
    def watch(self, cluster: str, which: int, count: int) -> None:
        """Shells are open in these tasks."""
        self.count()
        found = self.model.clusters.get(cluster)
        arns = list(found.tasks)[which : which + count] if found else []
        self.at_once(self.operator.connection.refresher.watch, arns)

    # -- invariants

    def check(self) -> None:
        assert not self.operator.wrong, self.operator.wrong[0]

    def settle(self) -> None:
        """AWS answers and nothing changes: the list becomes right in time, and stays so."""
        operator, connection, place = self.operator, self.operator.connection, self.operator.place
        if place.view == "containers":
            return
        truth = connection.model.truth(
            kind_of(place), place.cluster, place.service, place.stopped, place.instance
        )
        started = self.loop.time()
        while not self.right(truth):
            assert self.loop.time() - started < SETTLE_SECONDS, (
                f"{place} shows {short(operator.keys())}, truth is "
                f"{truth if truth is None else short(truth)}; {self.state()}"
            )
            self.run(asyncio.sleep(1))
            self.check()
        before = len(connection.model.calls)
        operator.resting = truth
        self.run(asyncio.sleep(20))
        operator.resting = None
        self.check()
        assert self.right(truth), f"{place} was right and is not any more"
        calls = (len(connection.model.calls) - before) * 3
        assert calls <= CALLS_AT_REST, f"{place} at rest costs {calls} calls a minute"

    def right(self, truth: list[str] | None) -> bool:
        """Whether the list, its details and its message agree with AWS."""
        operator = self.operator
        connection, place = operator.connection, operator.place
        scope = RESOURCES[place.view].scopes(place)[0]
        error = connection.inventory.freshness(scope).error
        if truth is None:
            return error is not None
        if operator.keys() != truth or error is not None:
            return False
        if not truth:
            return without_rows(RESOURCES[place.view], connection.inventory, place) != "◐ Loading…"
        return all(self.told(scope, arn) for arn in truth)

    def told(self, scope: Scope, arn: str) -> bool:
        """Whether the details of one resource agree with AWS."""
        connection = self.operator.connection
        item = connection.inventory.get(scope, arn)
        if connection.model.gone(arn):
            return item is not None and item.gone
        if item is None or not item.described or item.gone:
            return False
        known = next(
            (c.tasks[arn] for c in connection.model.clusters.values() if arn in c.tasks), None
        )
        return known is None or (item.last_status, item.group) == (known.last, known.group)

    def state(self) -> str:
        operator = self.operator
        scopes = RESOURCES[operator.place.view].scopes(operator.place)
        every = [(str(scope), operator.connection.inventory.freshness(scope)) for scope in scopes]
        return "; ".join(f"{scope}: {fresh}" for scope, fresh in every)

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        try:
            self.check()
            for connection in self.operator.connections.values():
                model = connection.model
                model.latency, model.failing, model.throttling = (0.0, 0.25), 0.0, 0.0
                model.page = 100
                connection.refresher.idle(False)
            self.settle()
            for region, place in list(self.operator.visited)[-4:][::-1]:
                self.at_once(self.operator.go, place, self.operator.connections[region])
                self.settle()
            self.rest()
        finally:
            self.run(self.close())
            self.loop.close()
            asyncio.set_event_loop(None)

    def rest(self) -> None:
        """When no list is watched, no call is under way, and none exceeded the token bucket."""
        for connection in self.operator.connections.values():
            self.at_once(connection.refresher.look_at)
            self.at_once(connection.refresher.watch, [])
        self.run(asyncio.sleep(40))
        for connection in self.operator.connections.values():
            assert connection.model.under_way == 0, "a call is under way, and nobody wants it"
            assert connection.model.beyond == 0, (
                f"{connection.model.beyond} calls beyond the budget"
            )
            busy = [s for s, fresh in connection.inventory._freshness.items() if fresh.loading]
            assert not busy, f"for ever loading: {busy}"
            assert not any(pool.in_flight for pool in connection.inventory._objects.pools.values())
        for job in self.jobs:
            assert job.done(), "somebody waits for ever"
            assert job.cancelled() or job.exception() is None, job

    async def close(self) -> None:
        for connection in self.operator.connections.values():
            await connection.refresher.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for job in others:
            job.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def task_scope(cluster: str, service: str) -> Scope:
    return RESOURCES["tasks"].scopes(Place("tasks", cluster=cluster, service=service))[0]


@pytest.mark.exhaustive
def test_lists_say_the_truth_whatever_happens_in_which_order() -> None:
    Truth.steps = 0
    run_state_machine_as_test(
        Truth,
        settings=settings(
            max_examples=max(1, STEPS // STEPS_EACH),
            stateful_step_count=STEPS_EACH,
            deadline=None,
            derandomize=not EXHAUSTIVE,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{Truth.steps} steps")
    assert Truth.steps >= STEPS * 0.8
