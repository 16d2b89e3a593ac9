"""Launch types, capacity providers and addresses of tasks: Spot, managed instances, IPv6."""

from __future__ import annotations

import json
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.aws.parse import ecs as parse
from ecs_tui.aws.parse.capacity_provider import capacity_provider
from ecs_tui.model.capacity_provider import CapacityProvider
from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import facts, names, running_app, screen_text, select
from tests.support.dialogs import copied
from tests.support.limits import until
from tests.support.odd_aws import OddAccount, container, denied, interface
from tests.support.stub_aws import StubAws

SIX = "2600:1f18:6a3:9d00:1:2:3:4"


@pytest.fixture
def odd(odd: OddAccount) -> OddAccount:
    """The cluster has Fargate's capacity providers."""
    odd.cluster(capacityProviders=["FARGATE", "FARGATE_SPOT"])
    return odd


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"launchType": "FARGATE"}, "FARGATE"),
        ({"launchType": "FARGATE", "capacityProviderName": "FARGATE"}, "FARGATE"),
        ({"launchType": "FARGATE", "capacityProviderName": "FARGATE_SPOT"}, "FARGATE_SPOT"),
        ({"launchType": "EC2", "capacityProviderName": "My-ASG"}, "My-ASG"),
        ({"capacityProviderName": "My-ASG"}, "My-ASG"),
        ({"launchType": "EXTERNAL"}, "EXTERNAL"),
        (
            {"launchType": "MANAGED_INSTANCES", "capacityProviderName": "mi"},
            "mi (MANAGED_INSTANCES)",
        ),
        ({}, ""),
    ],
)
def test_what_a_task_runs_on(raw: Any, words: str) -> None:
    assert parse.task({"taskArn": "arn", **raw}).launch == words


def strategy(*items: tuple[str, int, int]) -> list[dict[str, Any]]:
    return [{"capacityProvider": name, "base": base, "weight": w} for name, base, w in items]


def service(odd: OddAccount, name: str, *items: tuple[str, int, int]) -> None:
    made = odd.service(name, capacityProviderStrategy=strategy(*items))
    del made["launchType"]


async def to_services(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await until(lambda: names(app) == ["stub"], "clusters")
    await pilot.press("enter")
    await until(lambda: app.browser.place.view == "services" and names(app), "services")
    await until(lambda: all(row.service.described for row in app.browser.table.rows), "facts")


def shows(app: EcsTuiApp, name: str, words: str) -> bool:
    lines = [line for line in screen_text(app).split("\n") if f" {name} " in line]
    return any(words in line for line in lines)


@pytest.mark.asyncio
async def test_lists_details_and_filter_tell_spot(stub: StubAws, odd: OddAccount) -> None:
    service(odd, "spotted", ("FARGATE", 1, 1), ("FARGATE_SPOT", 0, 4))
    odd.service("plain")
    odd.task("spotted", capacityProviderName="FARGATE_SPOT")
    odd.task("spotted", capacityProviderName="FARGATE")
    async with running_app(stub.account(), (200, 40), refresh=600, cache=False) as (app, pilot):
        await to_services(app, pilot)
        await until(lambda: shows(app, "spotted", "FARGATE+FARGATE_SPOT"), "both")
        await until(lambda: shows(app, "plain", " FARGATE "), "a launch type")
        await pilot.press("slash", *"launch:spot", "enter")
        await until(lambda: names(app) == ["spotted"], "filtered")
        asked = stub.calls["ecs:DescribeCapacityProviders"]
        assert asked == 0, "the names of AWS's own tell what they are"
        await pilot.press("d")
        await until(
            lambda: facts(app).get("capacity provider FARGATE_SPOT") == "weight 4", "the weights"
        )
        assert facts(app)["capacity provider FARGATE"] == "base 1, weight 1"
        await pilot.press("d", "enter")
        await until(lambda: len(names(app)) == 2, "its tasks")
        await until(lambda: " FARGATE_SPOT " in screen_text(app), "one on Spot")
        await pilot.press("slash", *"launch:spot", "enter")
        await until(lambda: len(names(app)) == 1, "found")
        await pilot.press("d")
        await until(lambda: facts(app).get("capacity provider") == "FARGATE_SPOT", "in its details")
        assert facts(app)["launch type"] == "FARGATE"


@pytest.mark.asyncio
async def test_providers_of_managed_instances_are_asked_for_by_cluster(
    stub: StubAws, odd: OddAccount
) -> None:
    service(odd, "managed", ("my-mi", 0, 1))
    service(odd, "scaled", ("my-asg", 0, 1))
    service(odd, "lost", ("nobody-knows", 0, 1))
    others = [{"name": f"p{n}", "type": "EC2_AUTOSCALING", "status": "ACTIVE"} for n in range(20)]
    odd.providers["stub"] = [
        *others,
        {"name": "my-asg", "type": "EC2_AUTOSCALING", "status": "ACTIVE"},
        {"name": "my-mi", "type": "MANAGED_INSTANCES", "status": "ACTIVE", "cluster": "stub",
         "updateStatus": "UPDATE_FAILED", "updateStatusReason": "no such role"},
    ]  # fmt: skip
    async with running_app(stub.account(), (200, 40), refresh=600, cache=False) as (app, pilot):
        await to_services(app, pilot)
        await until(lambda: shows(app, "managed", "my-mi (MANAGED_INSTANCES)"), "what it is")
        await until(lambda: shows(app, "scaled", " my-asg "), "its name alone")
        await until(lambda: shows(app, "lost", "nobody-knows (not in this cluster)"), "unknown")
        sent = [json.loads(b) for name, b in stub.bodies if name == "ecs:DescribeCapacityProviders"]
        assert [body["cluster"] for body in sent] == ["stub"] * 3, "22 in pages of 10"
        assert [body.get("nextToken") for body in sent] == [None, "10", "20"]
        await pilot.press("slash", *"launch:managed", "enter")
        await until(lambda: names(app) == ["managed"], "filtered")
        await pilot.press("d")
        words = "weight 1, MANAGED_INSTANCES, ACTIVE, UPDATE_FAILED, no such role"
        await until(lambda: words in screen_text(app), "all of it")
        await pilot.press("d", "escape", "escape")
        await until(lambda: app.browser.place.view == "clusters", "clusters")
        await pilot.press("d")
        await until(lambda: "capacity provider my-mi" in facts(app), "in the cluster's details too")
        assert stub.calls["ecs:DescribeCapacityProviders"] == 3, "one answer for all that name one"


@pytest.mark.asyncio
async def test_providers_that_may_not_be_read_say_so_in_the_cell(
    stub: StubAws, odd: OddAccount
) -> None:
    service(odd, "managed", ("my-mi", 0, 1))
    stub.faults["ecs:DescribeCapacityProviders"] = denied
    async with running_app(stub.account(), (200, 40), refresh=600, cache=False) as (app, pilot):
        await to_services(app, pilot)
        await until(lambda: shows(app, "managed", "my-mi (type not read)"), "the cell")
        assert "✖" not in screen_text(app)
        await pilot.press("d")
        await until(
            lambda: "not read: Access denied: ecs:DescribeCapacityProviders" in screen_text(app),
            "why",
        )
        stub.heal()
        odd.providers["stub"] = [{"name": "my-mi", "type": "MANAGED_INSTANCES"}]
        await pilot.press("r")
        await until(lambda: shows(app, "managed", "my-mi (MANAGED_INSTANCES)"), "r asks again")


@pytest.mark.asyncio
async def test_a_task_with_ipv6_only_has_an_address(stub: StubAws, odd: OddAccount) -> None:
    odd.service("six", 2)
    one = odd.task("six", attachments=[interface(ipv6Address=SIX)])
    one["containers"] = [
        container(one["taskArn"], networkInterfaces=[{"attachmentId": "a", "ipv6Address": SIX}])
    ]
    both = odd.task("six", attachments=[interface(privateIPv4Address="10.9.8.7", ipv6Address=SIX)])
    async with running_app(stub.account(), (220, 40), refresh=600, cache=False) as (app, pilot):
        await to_services(app, pilot)
        await pilot.press("enter")
        await until(lambda: len(names(app)) == 2, "its tasks")
        await until(lambda: f" {SIX} " in screen_text(app), "in the list")
        assert " 10.9.8.7 " in screen_text(app)
        await pilot.press("slash", *"private-ip:2600", "enter")
        await until(lambda: names(app) == [one["taskArn"][-32:]], "filtered")
        assert await copied(app, pilot, "IPv6") == SIX
        await pilot.press("d")
        await until(lambda: facts(app).get("IPv6 address") == SIX, "in the details")
        await pilot.press("d", "enter")
        await until(lambda: names(app) == ["app"], "its container")
        assert await copied(app, pilot, "IPv6") == SIX
        await pilot.press("escape", "escape")
        select(app, both["taskArn"][-32:])
        assert await copied(app, pilot, "IP") == "10.9.8.7"
        await pilot.press("colon", *SIX)
        await until(lambda: len(app.browser.prompt.matches) == 2, "found by its address")


def test_an_address_is_read_from_the_interface_or_the_containers() -> None:
    of_container: Any = {
        "taskArn": "arn",
        "containers": [{"name": "app", "networkInterfaces": [{"ipv6Address": SIX}]}],
    }
    task = parse.task(of_container)
    assert (task.address, task.ipv6, task.private_ip) == (SIX, SIX, "")
    assert task.containers[0].addresses == (SIX,)


def test_a_capacity_provider_is_read_as_aws_tells_it() -> None:
    raw = {"name": "mi", "type": "MANAGED_INSTANCES", "status": "ACTIVE",
           "updateStatus": "UPDATE_FAILED", "updateStatusReason": "why"}  # fmt: skip
    expected = CapacityProvider("mi", "MANAGED_INSTANCES", "ACTIVE", "UPDATE_FAILED", "why")
    assert capacity_provider(raw) == expected
