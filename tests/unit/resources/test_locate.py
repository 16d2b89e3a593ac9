"""Where a reference is shown, by its words alone and by what is loaded; without calls."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from ecs_tui.errors import NotFound, WrongUsage
from ecs_tui.model.address import Reference
from ecs_tui.resources import Place
from ecs_tui.resources.locate import AT_ONCE, Located, known_place, loaded_place, locate
from ecs_tui.store.inventory import Inventory, Kind, Scope
from tests.support.stub_aws import ARN, StubAws
from tests.support.stub_clusters import StubClusters

ID = "77".ljust(32, "0")
TASK = f"{ARN}:task/prod/{ID}"
IN = {"region": "us-east-1", "account": "111122223333"}
GROUP = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0123456789abcdef"
WEB = Place("tasks", cluster="prod", service="web")


@pytest.mark.parametrize(
    ("reference", "located"),
    [
        (Reference("prod"), Located(Place("services", cluster="prod"))),
        (Reference("prod", tab="tasks"), Located(Place("tasks", cluster="prod"))),
        (Reference("prod", tab="instances"), Located(Place("instances", cluster="prod"))),
        (Reference("prod", tab="events"), Located(Place("services", cluster="prod"))),
        (Reference("prod", "web"), Located(WEB)),
        (Reference("prod", "web", tab="events"), Located(replace(WEB, view="events"))),
        (Reference("prod", "web", tab="deployments"), Located(WEB)),
        (Reference("prod", provider="spot"), Located(Place("capacity-providers", "prod"), "spot")),
        (Reference("prod", daemon="agent"), Located(Place("daemons", "prod"))),
        (Reference("prod", daemon="agent", **IN),
         Located(Place("daemons", "prod"), f"{ARN}:daemon/prod/agent")),
        (Reference(definition="web:7"), Located(None, definition="web:7")),
        (Reference(provider="spot"), None), (Reference("", "web"), None),
        (Reference("prod", task=ID), None), (Reference("prod", instance=ID), None),
        (Reference(name="7700000"), None), (Reference(target_group=GROUP), None),
    ],
)  # fmt: skip
def test_what_the_words_say(reference: Reference, located: Located | None) -> None:
    assert known_place(reference) == located


@pytest_asyncio.fixture
async def inventory(stub: StubAws, clusters: StubClusters) -> AsyncIterator[Inventory]:
    """The loaded data of a cluster with a service and a task."""
    made = clusters.add("prod")
    made.service("web", loadBalancers=[{"targetGroupArn": GROUP, "containerName": "app"}])
    made.task("77", "web")
    found = Inventory(stub.account())
    for scope in (Scope(Kind.CLUSTER), Scope(Kind.SERVICE, "prod"), Scope(Kind.TASK, "prod")):
        await found.load(scope)
    stub.calls.clear()
    yield found
    await found.close()
    await found.account.close()


AT_TASK = Place("containers", cluster="prod", service="web", task_arn=TASK)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("reference", "located"),
    [
        (Reference("prod", task=TASK), Located(AT_TASK)),
        (Reference("prod", task=ID), Located(AT_TASK)), (Reference(task=ID), Located(AT_TASK)),
        (Reference("prod", task=ID, container="app"), Located(AT_TASK, f"{TASK}/app")),
        (Reference("prod", task=ID, container_arn=f"{ARN}:container/prod/{ID}/app"),
         Located(AT_TASK, f"{TASK}/app")),
        (Reference("staging", task=ID), None), (Reference(task="f" * 32), None),
        (Reference(target_group=GROUP), Located(WEB)),
        (Reference(target_group=f"{GROUP}0"), None), (Reference(log_group="/ecs/web"), None),
    ],
)  # fmt: skip
async def test_what_the_loaded_data_say(
    stub: StubAws, inventory: Inventory, reference: Reference, located: Located | None
) -> None:
    assert loaded_place(inventory, reference) == located
    assert not stub.calls


@pytest.mark.asyncio
async def test_a_container_that_the_task_does_not_have(inventory: Inventory) -> None:
    with pytest.raises(NotFound, match=r"has no container nope\. Containers: app\."):
        loaded_place(inventory, Reference("prod", task=ID, container="nope"))


@pytest.mark.asyncio
async def test_a_search_begins_with_the_cluster_on_the_screen_and_tells_how_far_it_is(
    stub: StubAws, clusters: StubClusters
) -> None:
    for number in range(20):
        clusters.add(f"c{number:02}")
    clusters.clusters["c19"].task("77", "web")
    account = stub.account()
    told: list[tuple[int, int]] = []
    try:
        await locate(account, Reference(task=ID), ("c19",), lambda *each: told.append(each))
        assert told == [(0, 20)]
        assert stub.calls["ecs:DescribeTasks"] == AT_ONCE
        await locate(account, Reference(task=ID), (), lambda *each: told.append(each))
        assert told[1:] == [(0, 20), (8, 20), (16, 20)]
        with pytest.raises(
            WrongUsage, match="old format contains neither the task nor the cluster"
        ):
            await locate(account, Reference(container_arn=f"{ARN}:container/{ID}"))
    finally:
        await account.close()
