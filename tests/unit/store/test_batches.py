"""AWS's limits of pages and Describe calls, each reached and exceeded by one: nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ecs_tui.cli.find import newest_task
from ecs_tui.cli.ls import listed
from ecs_tui.cli.rows import ListQuery
from ecs_tui.doctor.exec_goals import ServiceReady
from ecs_tui.operations.calls import Applied
from ecs_tui.resources import LISTINGS
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.refresher import Refresher
from tests.support.aws_model import AwsModel, ModelAccount
from tests.support.virtual_time import run

CASES = [
    (Kind.CLUSTER, 100, "DescribeClusters", "clusters"),
    (Kind.SERVICE, 10, "DescribeServices", "services"),
    (Kind.TASK, 100, "DescribeTasks", "tasks"),
    (Kind.INSTANCE, 100, "DescribeContainerInstances", "containerInstances"),
]
"""(kind, most resources of one call, the call, its parameter). Source: ECS API reference."""

ARNS = {
    Kind.CLUSTER: "clusterArn", Kind.SERVICE: "serviceArn", Kind.TASK: "taskArn",
    Kind.INSTANCE: "containerInstanceArn",
}  # fmt: skip


class Recording(AwsModel):
    """A model that records how many resources each call names; it refuses too many."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__("us-east-1", clock, 1)
        self.latency = (0.0, 0.01)
        self.sizes: dict[str, list[int]] = {}
        self.add_cluster("big")

    async def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        lists = [len(value) for key, value in params.items()
                 if isinstance(value, list) and key != "include"]  # fmt: skip
        self.sizes.setdefault(operation, []).append(sum(lists))
        return await super().answer(operation, params)

    def fill(self, kind: Kind, count: int) -> set[str]:
        """Make so many resources of a kind; returns their ARNs."""
        cluster = self.clusters["big"]
        if kind is Kind.CLUSTER:
            for number in range(1, count):
                self.add_cluster(f"c{number:03}")
            return {item.arn for item in self.clusters.values()}
        if kind is Kind.SERVICE:
            return {self.add_service("big", f"s{number:03}").arn for number in range(count)}
        if kind is Kind.TASK:
            self.add_service("big", "web")
            return {self.start("big", "service:web").arn for _ in range(count)}
        cluster.instances = [
            self.arn("container-instance", "big", f"{n:032x}") for n in range(count)
        ]
        return set(cluster.instances)


def in_virtual_time(work: Callable[[Recording], Awaitable[None]]) -> None:
    async def with_model() -> None:
        await work(Recording(asyncio.get_running_loop().time))

    run(with_model())


def expected(count: int, most: int) -> list[int]:
    """How many resources each call must name."""
    return [min(most, count - start) for start in range(0, count, most)]


def scope_of(kind: Kind) -> Scope:
    return Scope(kind) if kind is Kind.CLUSTER else Scope(kind, "big")


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize(("kind", "most", "call", "parameter"), CASES)
def test_a_list_that_is_loaded_is_whole(
    kind: Kind, most: int, call: str, parameter: str, over: int
) -> None:
    async def work(model: Recording) -> None:
        arns = model.fill(kind, most + over)
        inventory = Inventory(ModelAccount(model))
        await inventory.load(scope_of(kind))
        found = inventory.of(scope_of(kind))
        assert {item.arn for item in found} == arns
        assert all(item.described for item in found if hasattr(item, "described"))
        assert model.sizes[call] == expected(most + over, most)

    in_virtual_time(work)


@pytest.mark.parametrize(("kind", "most", "call", "parameter"), CASES)
def test_a_list_that_is_looked_at_is_whole(
    kind: Kind, most: int, call: str, parameter: str
) -> None:
    async def work(model: Recording) -> None:
        arns = model.fill(kind, 2 * most + 1)
        inventory = Inventory(ModelAccount(model))
        refresher = Refresher(inventory, 600.0)
        scope = scope_of(kind)
        refresher.look_at(scope)
        await asyncio.sleep(20)
        assert {item.arn for item in inventory.of(scope)} == arns
        assert all(inventory.described_at(scope, arn) for arn in arns)
        assert sum(model.sizes[call]) == len(arns), "each is asked for once"
        await refresher.close()

    in_virtual_time(work)


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize(("kind", "most", "call", "parameter"), CASES)
def test_the_command_lines_list_is_whole(
    kind: Kind, most: int, call: str, parameter: str, over: int
) -> None:
    async def work(model: Recording) -> None:
        arns = model.fill(kind, most + over)
        account = ModelAccount(model)
        cluster = "" if kind is Kind.CLUSTER else "big"
        name = "instances" if kind is Kind.INSTANCE else parameter
        found = [
            row
            async for page in listed(ListQuery(account, LISTINGS[name]), name, cluster)
            for row in page
        ]
        assert sorted(row[ARNS[kind]] for row in found) == sorted(arns)
        assert model.sizes[call] == expected(most + over, most)

    in_virtual_time(work)


@pytest.mark.parametrize("over", [0, 1])
def test_the_command_lines_containers_come_from_every_page_of_every_cluster(over: int) -> None:
    async def work(model: Recording) -> None:
        model.fill(Kind.CLUSTER, 100 + over)
        last = [*model.clusters][-1]
        wanted = {model.start(name, "family:x").arn for name in ("big", last)}
        query = ListQuery(ModelAccount(model), LISTINGS["tasks"])
        found = [row async for page in listed(query, "tasks", "") for row in page]
        assert {row["taskArn"] for row in found} == wanted
        assert len(model.sizes["ListTasks"]) == 100 + over

    in_virtual_time(work)


def test_of_a_services_many_tasks_all_are_looked_at_for_the_newest_one() -> None:
    async def work(model: Recording) -> None:
        model.fill(Kind.TASK, 101)
        account = ModelAccount(model)
        task = await newest_task(account, "big", "web")
        assert task.group == "service:web"
        progress = await ServiceReady("big", "web", task.arn).look(account, Applied(), 0.0)
        assert "/0 running · exec agents" in progress.words
        assert model.sizes["DescribeTasks"] == [100, 1, 100]

    in_virtual_time(work)
