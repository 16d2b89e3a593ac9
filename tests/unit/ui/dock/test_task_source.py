"""The tasks of sessions as the store of a connection knows them."""

from __future__ import annotations

import pytest

from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.ui.dock.task_source import InventoryTasks
from tests.support.demo import Demo


@pytest.mark.asyncio
async def test_tasks_are_listed_and_described_when_they_are_asked_for(demo: Demo) -> None:
    account = demo.account()
    inventory = Inventory(account)
    source = InventoryTasks(inventory)
    assert source.task("arn") is None
    cluster = next(iter(await _clusters(inventory)))
    found = await source.tasks_of_service(cluster, "orders")
    assert found and all(task.described and task.service == "orders" for task in found)
    assert source.task(found[0].arn) == found[0]
    assert await source.tasks_of_service("prod", "no-such-service") == []
    await inventory.close()
    await account.close()


async def _clusters(inventory: Inventory) -> list[str]:
    """The ARN of the cluster prod: the source takes an ARN as well as a name."""
    await inventory.load(Scope(Kind.CLUSTER))
    return [cluster.arn for cluster in inventory.clusters if cluster.name == "prod"]


@pytest.mark.asyncio
async def test_where_aws_refuses_what_is_known_stays(demo: Demo) -> None:
    account = demo.account()
    inventory = Inventory(account)
    source = InventoryTasks(inventory)
    known = await source.tasks_of_service("prod", "orders")
    demo.set_faults(deny=["ecs:ListTasks"])
    try:
        again = await source.tasks_of_service("prod", "orders")
        assert [task.arn for task in again] == [task.arn for task in known]
        assert await source.tasks_of_service("prod", "search") == []
    finally:
        demo.set_faults(deny=[])
        await inventory.close()
        await account.close()
