"""The store takes any kind of object: its loader and refresher know it by its source only."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ecs_tui.aws.account import Account
from ecs_tui.errors import AwsError
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.kinds import KINDS, SAVED
from ecs_tui.store.lists import MAX_FEEDS
from ecs_tui.store.loader import Loader
from ecs_tui.store.reading import read
from ecs_tui.store.refresher import Refresher
from ecs_tui.store.restored import RestoredLists
from ecs_tui.store.source import Source
from tests.support.aws_model import AwsModel, ModelAccount
from tests.support.virtual_time import run

SHARED = "arn:x:ecs:::provider/SHARED"
EVERY = 10.0


@dataclass(frozen=True)
class Provider:
    """An object whose ARN is the same in every cluster."""

    arn: str
    cluster: str
    state: str = "ACTIVE"


@dataclass(frozen=True)
class Note:
    """An entry of a feed."""

    id: str
    at: datetime


class World:
    """What the sources of these tests return: whole objects by cluster, and notes by service."""

    def __init__(self) -> None:
        self.states: dict[str, dict[str, str]] = {}
        self.notes: list[Note] = []
        self.cursors: list[str] = []
        self.lists = 0
        self.failing = False
        self.providers = Source("provider", self._providers)
        self.feed = Source("note", self._notes, key=lambda each: each.id, at=lambda each: each.at)

    async def _providers(
        self, _: Account, scope: Scope, after: str
    ) -> AsyncIterator[list[Provider]]:
        assert after == ""
        self.lists += 1
        if self.failing:
            raise AwsError("No.")
        yield [Provider(arn, scope.cluster, state)
               for arn, state in self.states.get(scope.cluster, {}).items()]  # fmt: skip

    async def _notes(self, _: Account, scope: Scope, after: str) -> AsyncIterator[list[Note]]:
        self.cursors.append(after)
        yield self.notes[-3:][::-1]


def in_virtual_time(work: Callable[[World, Inventory, Refresher], Awaitable[None]]) -> None:
    async def with_inventory() -> None:
        model = AwsModel("us-east-1", asyncio.get_running_loop().time, 1)
        inventory = Inventory(ModelAccount(model))
        refresher = Refresher(inventory, EVERY)
        try:
            await work(World(), inventory, refresher)
        finally:
            await refresher.close()

    run(with_inventory())


def test_one_arn_stands_in_two_clusters_with_its_state_in_each() -> None:
    async def work(world: World, inventory: Inventory, _: Refresher) -> None:
        world.states = {"one": {SHARED: "ACTIVE"}, "two": {SHARED: "INACTIVE"}}
        one, two = Scope(world.providers, "one"), Scope(world.providers, "two")
        await inventory.load(one)
        await inventory.load(two)
        assert [item.state for item in inventory.of(one)] == ["ACTIVE"]
        assert [item.state for item in inventory.of(two)] == ["INACTIVE"]
        del world.states["two"][SHARED]
        await inventory.load(two)
        assert inventory.of(two) == [] and inventory.is_empty(two)
        assert [item.state for item in inventory.of(one)] == ["ACTIVE"], "only there it is gone"

    in_virtual_time(work)


def test_whole_objects_are_listed_again_and_never_described() -> None:
    async def work(world: World, inventory: Inventory, refresher: Refresher) -> None:
        scope, changed = Scope(world.providers, "one"), list[frozenset[str]]()
        world.states = {"one": {"a": "ACTIVE", "b": "ACTIVE"}}
        refresher.look_at(scope)
        refresher.see(["a"])
        await asyncio.sleep(1)
        assert [item.arn for item in inventory.of(scope)] == ["a", "b"]
        assert inventory.undescribed(scope) == []
        inventory.listen(lambda each: changed.append(each.keys) if each.keys else None)
        world.states["one"] |= {"b": "INACTIVE"}
        await asyncio.sleep(EVERY + 1)
        assert changed == [frozenset("b")]
        lists = world.lists
        await asyncio.sleep(60)
        assert 5 <= world.lists - lists <= 7

    in_virtual_time(work)


def test_a_failed_list_of_whole_objects_changes_nothing() -> None:
    async def work(world: World, inventory: Inventory, refresher: Refresher) -> None:
        scope = Scope(world.providers, "one")
        world.states = {"one": {"a": "ACTIVE"}}
        refresher.look_at(scope)
        await asyncio.sleep(1)
        world.failing = True
        await asyncio.sleep(EVERY + 1)
        assert [item.arn for item in inventory.of(scope)] == ["a"]
        assert inventory.freshness(scope).error is not None
        world.failing = False
        await asyncio.sleep(3 * EVERY)
        assert inventory.freshness(scope).error is None

    in_virtual_time(work)


def test_a_feed_grows_while_it_is_looked_at_and_is_asked_for_what_is_new() -> None:
    async def work(world: World, inventory: Inventory, refresher: Refresher) -> None:
        scope = Scope(world.feed, "one", "web")
        at = [datetime(2026, 1, 1, second=second, tzinfo=UTC) for second in range(10)]
        refresher.look_at(scope)
        await asyncio.sleep(1)
        assert inventory.is_empty(scope)
        for number in range(6):
            world.notes.append(Note(str(number), at[number]))
            if number % 2:
                await asyncio.sleep(EVERY + 1)
        assert [each.id for each in inventory.of(scope)] == ["5", "4", "3", "2", "1", "0"]
        assert inventory.count(scope) == 6
        assert list(dict.fromkeys(world.cursors)) == ["", "1", "3"]

    in_virtual_time(work)


def test_feeds_that_are_no_longer_read_are_dropped() -> None:
    async def work(world: World, inventory: Inventory, _: Refresher) -> None:
        world.notes = [Note("1", datetime(2026, 1, 1, tzinfo=UTC))]
        scopes = [Scope(world.feed, "one", f"s{number}") for number in range(MAX_FEEDS + 1)]
        for scope in scopes:
            await inventory.load(scope)
            assert inventory.count(scopes[0]) == 1, "it is still read"
        assert len(inventory.of(scopes[0])) == 1
        assert inventory.of(scopes[1]) == []

    in_virtual_time(work)


def test_a_row_is_made_again_only_when_what_it_is_made_of_changes() -> None:
    async def work(world: World, inventory: Inventory, _: Refresher) -> None:
        scope, made = Scope(world.providers, "one"), list[int]()

        def row(basis: int) -> int:
            return inventory.row(scope, "a", (basis,), lambda: made.append(basis) or basis)  # type: ignore[func-returns-value]

        assert [row(1), row(1), row(2), row(2)] == [1, 1, 2, 2]
        assert made == [1, 2]

    in_virtual_time(work)


def test_the_running_tasks_of_a_service_are_a_series() -> None:
    async def work(_: World, inventory: Inventory, refresher: Refresher) -> None:
        model: Any = inventory.account._client._model  # type: ignore[attr-defined]
        model.add_cluster("one")
        arn = model.add_service("one", "web").arn
        scope = Scope(Kind.SERVICE, "one")
        assert inventory.series(scope, arn, "running") is None
        refresher.look_at(scope)
        refresher.see([arn])
        await asyncio.sleep(3 * EVERY + 5)
        series = inventory.series(scope, arn, "running")
        assert series is not None
        times = [at for at, _ in series.points()]
        assert 3 <= len(times) <= 5 and times == sorted(times)
        model.delete_service("one", "web")
        await asyncio.sleep(2 * EVERY)
        assert inventory.series(scope, arn, "running") is None, "it went with the service"

    in_virtual_time(work)


def test_reading_yields_pages_without_keeping_them() -> None:
    async def work(world: World, inventory: Inventory, _: Refresher) -> None:
        model: Any = inventory.account._client._model  # type: ignore[attr-defined]
        model.add_cluster("one")
        model.page = 7
        arns = [model.add_service("one", f"s{number:02}").arn for number in range(23)]
        model.clusters["one"].services["s00"].bare = True
        pages = [page async for page in read(inventory.account, Scope(Kind.SERVICE, "one"))]
        assert [len(page) for page in pages] == [7, 7, 7, 2]
        assert [item.arn for page in pages for item in page] == arns
        assert {item.cluster_arn for page in pages for item in page} == {model.clusters["one"].arn}
        world.states = {"one": {"a": "ACTIVE"}}
        whole = [page async for page in read(inventory.account, Scope(world.providers, "one"))]
        assert whole == [[Provider("a", "one")]]
        assert inventory.size == 0

    in_virtual_time(work)


def test_the_kinds_say_what_snapshots_contain() -> None:
    assert [kind.name for kind in KINDS] == ["cluster", "service", "task", "instance"]
    assert list(SAVED) == ["cluster", "service", "task"]
    assert [kind.in_cluster for kind in SAVED.values()] == [False, True, True]
    assert issubclass(Inventory, Loader) and issubclass(Loader, RestoredLists)
    assert str(Kind.TASK) == "task" and repr(Kind.TASK) == "<task>"
