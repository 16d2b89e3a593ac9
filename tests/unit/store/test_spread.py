"""One list over all clusters: all services are loaded within the call budget, and stay fresh."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from ecs_tui.store.inventory import EVERY_CLUSTER, Inventory, Kind, Scope
from ecs_tui.store.refresher import Refresher
from ecs_tui.store.spread import MAX_LISTS, Spread
from tests.support.aws_model import AwsModel, ModelAccount, client_error
from tests.support.virtual_time import run

EVERY = 10.0
EVERYWHERE = (Scope(Kind.SERVICE, EVERY_CLUSTER), Scope(Kind.CLUSTER))


class Clusters(AwsModel):
    """A model that counts List calls under way, and denies the services of some clusters.

    Attributes:
        denied: Clusters whose services may not be listed.
        lists: ListServices calls, by cluster.
        described: DescribeServices calls, by service ARN.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__("us-east-1", clock, 1)
        self.latency = (0.05, 0.15)
        self.denied: set[str] = set()
        self.lists: Counter[str] = Counter()
        self.described: Counter[str] = Counter()
        self.listing = self.most_listing = 0

    async def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation != "ListServices":
            self.described.update(params.get("services", ()))
            return await super().answer(operation, params)
        self.lists[params["cluster"]] += 1
        self.listing += 1
        self.most_listing = max(self.most_listing, self.listing)
        try:
            if params["cluster"] in self.denied:
                raise client_error(operation, "AccessDeniedException", "not authorized")
            return await super().answer(operation, params)
        finally:
            self.listing -= 1

    def fill(self, clusters: int, services: int) -> list[str]:
        """Clusters with as many services each; returns the ARNs of all services."""
        arns = []
        for number in range(clusters):
            self.add_cluster(f"c{number:03}")
            arns += [self.add_service(f"c{number:03}", f"s{n:02}").arn for n in range(services)]
        return arns


def in_virtual_time(work: Callable[[Clusters, Inventory, Refresher], Awaitable[None]]) -> None:
    async def with_inventory() -> None:
        model = Clusters(asyncio.get_running_loop().time)
        inventory = Inventory(ModelAccount(model))
        refresher = Refresher(inventory, EVERY)
        try:
            await work(model, inventory, refresher)
        finally:
            await refresher.close()

    run(with_inventory())


def loaded(inventory: Inventory) -> list[Any]:
    scopes = inventory.in_every_cluster(Kind.SERVICE)
    return [item for scope in scopes for item in inventory.of(scope) if item.described]


def test_the_services_of_a_hundred_clusters_are_loaded_within_the_budget() -> None:
    async def work(model: Clusters, inventory: Inventory, refresher: Refresher) -> None:
        arns = model.fill(100, 20)
        refresher.look_at(*EVERYWHERE)
        await asyncio.sleep(30)
        assert {item.arn for item in loaded(inventory)} == set(arns)
        assert model.beyond == 0, "calls beyond the token bucket"
        assert model.most_listing <= MAX_LISTS
        assert set(model.lists.values()) == {1}
        fresh = inventory.freshness(EVERYWHERE[0])
        assert fresh.listed_at is not None and fresh.fetched_at is not None

    in_virtual_time(work)


def test_at_rest_it_costs_the_same_however_many_clusters_there_are() -> None:
    costs = []
    for clusters in (30, 120):

        async def work(
            model: Clusters, inventory: Inventory, refresher: Refresher, count: int = clusters
        ) -> None:
            model.fill(count, 20)
            refresher.look_at(*EVERYWHERE)
            await asyncio.sleep(60)
            before = len(model.calls)
            await asyncio.sleep(300)
            costs.append((len(model.calls) - before) / 5)
            assert model.beyond == 0
            assert len(loaded(inventory)) == 20 * count

        in_virtual_time(work)
    assert max(costs) <= 240, f"{costs} calls a minute"
    assert costs[1] <= 1.3 * costs[0]


def test_what_is_on_the_screen_is_loaded_first_and_refreshed_as_in_any_list() -> None:
    async def work(model: Clusters, inventory: Inventory, refresher: Refresher) -> None:
        arns = model.fill(60, 20)
        refresher.look_at(*EVERYWHERE)
        await asyncio.sleep(40)
        model.described.clear()
        refresher.see(arns[605:610])
        await asyncio.sleep(100)
        for arn in arns[605:610]:
            assert 9 <= model.described[arn] <= 11
        others = Counter({arn: model.described[arn] for arn in arns if arn not in arns[605:610]})
        assert max(others.values()) <= 3
        model.lists.clear()
        refresher.refresh_now()
        await asyncio.sleep(15)
        assert set(model.lists) == set(model.clusters), "all are listed again"

    in_virtual_time(work)


def test_a_cluster_that_is_denied_costs_its_rows_only_and_is_asked_seldom() -> None:
    async def work(model: Clusters, inventory: Inventory, refresher: Refresher) -> None:
        arns = model.fill(5, 3)
        model.denied = {"c001"}
        refresher.look_at(*EVERYWHERE)
        await asyncio.sleep(10)
        missing = {arn for arn in arns if "/c001/" in arn}
        assert {item.arn for item in loaded(inventory)} == set(arns) - missing
        assert inventory.freshness(Scope(Kind.SERVICE, "c001")).error is not None
        whole = inventory.freshness(EVERYWHERE[0])
        assert whole.error is None and whole.fetched_at is not None, "the others are there"
        await asyncio.sleep(120)
        model.lists.clear()
        await asyncio.sleep(300)
        assert model.lists["c001"] <= 7, "each pause is longer, up to a minute"
        model.denied = set()
        await asyncio.sleep(80)
        assert {item.arn for item in loaded(inventory)} == set(arns)

    in_virtual_time(work)


def test_clusters_and_services_come_and_go() -> None:
    async def work(model: Clusters, inventory: Inventory, refresher: Refresher) -> None:
        model.fill(3, 2)
        refresher.look_at(*EVERYWHERE)
        await asyncio.sleep(10)
        model.add_cluster("new")
        added = model.add_service("new", "web").arn
        model.delete_service("c000", "s00")
        del model.clusters["c002"]
        await asyncio.sleep(40)
        names = sorted(item.arn.split("/", 1)[1] for item in loaded(inventory))
        assert names == ["c000/s01", "c001/s00", "c001/s01", "new/web"]
        assert added in {item.arn for item in loaded(inventory)}

    in_virtual_time(work)


def test_when_the_list_is_left_its_calls_end() -> None:
    async def work(model: Clusters, inventory: Inventory, refresher: Refresher) -> None:
        model.fill(100, 5)
        refresher.look_at(*EVERYWHERE)
        await asyncio.sleep(2)
        refresher.look_at(Scope(Kind.CLUSTER))
        await asyncio.sleep(1)
        before = sum(model.lists.values())
        assert 0 < before < 100
        await asyncio.sleep(60)
        assert sum(model.lists.values()) == before
        refresher.look_at(*EVERYWHERE)
        await asyncio.sleep(30)
        assert len(loaded(inventory)) == 500, "it goes on where it was"

    in_virtual_time(work)


BESIDE = (Scope(Kind.CLUSTER), EVERYWHERE[0])
"""The list of clusters, which only counts the services."""


def test_beside_the_list_of_clusters_services_are_loaded_slowly() -> None:
    async def work(model: Clusters, inventory: Inventory, refresher: Refresher) -> None:
        arns = model.fill(30, 20)
        refresher.look_at(*BESIDE)
        await asyncio.sleep(0.5)
        refresher.see([cluster.arn for cluster in inventory.clusters[20:25]])
        await asyncio.sleep(9.5)
        assert len(model.calls) <= 45, "at most four calls a second"
        names = [arn.split("/")[1] for arn in model.described]
        assert set(names[20:60]) <= {"c020", "c021", "c022", "c023", "c024"}, (
            "what is seen is first"
        )
        await asyncio.sleep(40)
        assert {item.arn for item in loaded(inventory)} == set(arns)
        await asyncio.sleep(60)
        before = len(model.calls)
        await asyncio.sleep(300)
        assert (len(model.calls) - before) / 5 <= 45, "calls a minute, clusters included"
        assert len(model.described) == 600 and min(model.described.values()) >= 2, "it stays fresh"
        assert model.beyond == 0

    in_virtual_time(work)


def test_from_the_clusters_to_all_services_and_back_the_pace_changes() -> None:
    async def work(model: Clusters, inventory: Inventory, refresher: Refresher) -> None:
        arns = model.fill(60, 20)
        refresher.look_at(*BESIDE)
        await asyncio.sleep(5)
        assert 0 < len(loaded(inventory)) < 200
        refresher.look_at(*EVERYWHERE)
        await asyncio.sleep(20)
        assert {item.arn for item in loaded(inventory)} == set(arns)
        refresher.look_at(*BESIDE)
        await asyncio.sleep(60)
        before = len(model.calls)
        await asyncio.sleep(300)
        assert (len(model.calls) - before) / 5 <= 45

    in_virtual_time(work)


def test_beside_the_clusters_those_without_services_are_not_asked_and_denied_ones_seldom() -> None:
    async def work(model: Clusters, inventory: Inventory, refresher: Refresher) -> None:
        model.fill(3, 2)
        for name in ("empty", "none"):
            model.add_cluster(name)
        model.denied = {"c001"}
        refresher.look_at(*BESIDE)
        await asyncio.sleep(30)
        assert set(model.lists) == {"c000", "c001", "c002"}
        assert inventory.freshness(BESIDE[0]).error is None
        model.lists.clear()
        await asyncio.sleep(600)
        assert model.lists["c001"] <= 11, "once a minute"

    in_virtual_time(work)


def test_clusters_that_were_never_listed_come_first() -> None:
    async def work(model: Clusters, inventory: Inventory, _: Refresher) -> None:
        model.fill(4, 1)
        await inventory.load(Scope(Kind.CLUSTER))
        scopes = inventory.in_every_cluster(Kind.SERVICE)
        await inventory.load(scopes[0])
        spread = Spread(inventory, Kind.SERVICE, EVERY)
        now = asyncio.get_running_loop().time() + 1000
        assert spread.lists_due(now, 0.0, 1.0) == scopes[1:4]
        spread.lists(scopes[1], True)
        assert spread.lists_due(now, 0.0, 1.0) == scopes[2:4]
        spread.lists(scopes[1], False)
        spread.ended(scopes[1], now, failed=True)
        assert spread.lists_due(now, 0.0, 1.0) == [*scopes[2:4], scopes[0]]

    in_virtual_time(work)
