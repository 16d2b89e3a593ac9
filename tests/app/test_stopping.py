"""How long a stopping task may take, by stop timeouts and deregistration delays."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.model.rules.stopping import StopTimes, draining_words, stop_seconds, time_left_words
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition
from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import names, running_app, screen_text
from tests.support.limits import until
from tests.support.odd_aws import OddAccount, denied, target_group
from tests.support.stub_aws import StubAws

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def definition(*containers: ContainerDefinition) -> TaskDefinition:
    return TaskDefinition("arn", "web", 1, containers=containers)


def container(name: str, timeout: int | None = None, *after: str) -> ContainerDefinition:
    return ContainerDefinition(name, stop_timeout=timeout, depends_on=after)


@pytest.mark.parametrize(
    ("containers", "seconds"),
    [
        ((), 0),
        ((container("app"),), 30),
        ((container("app", 120), container("log", 5)), 120),
        ((container("app", 0),), 0),
        ((container("app", 10, "log", "init"), container("log", 20), container("init", 5)), 30),
        ((container("a", 1, "b"), container("b", 2, "c"), container("c", 4)), 7),
        ((container("a", 1, "b"), container("b", 2, "a")), 3),
        ((container("a", 1, "gone"),), 1),
    ],
)
def test_containers_that_depend_on_each_other_stop_one_after_the_other(
    containers: tuple[ContainerDefinition, ...], seconds: int
) -> None:
    assert stop_seconds(definition(*containers)) == seconds


def stopping(last: str, ago: int | None) -> Task:
    since = None if ago is None else NOW - timedelta(seconds=ago)
    return Task("arn", "1", "c", last_status=last, desired_status="STOPPED", stopping_at=since)


@pytest.mark.parametrize(
    ("last", "ago", "times", "words"),
    [
        ("DEACTIVATING", 10, StopTimes(300, 30), "draining (up to 5m)"),
        ("DEACTIVATING", 10, StopTimes(0, 30), "draining (up to 20s)"),
        ("RUNNING", 0, StopTimes(10, 30), "draining (up to 40s)"),
        ("DEACTIVATING", 350, StopTimes(300, 30), "draining (20s overdue)"),
        ("DEACTIVATING", 10, StopTimes(None, 30), "draining (time not known)"),
        ("DEACTIVATING", 10, StopTimes(300, None), "draining (time not known)"),
        ("DEACTIVATING", None, StopTimes(300, 30), "draining (time not known)"),
        ("STOPPING", 10, StopTimes(300, 30), "draining, stopping (up to 30s)"),
        ("STOPPING", 310, StopTimes(300, 30), "draining, stopping (up to 20s)"),
        ("STOPPING", 10, StopTimes(None, 90), "draining, stopping (up to 1m)"),
        ("STOPPING", None, StopTimes(None, None), "draining, stopping (time not known)"),
        ("DEPROVISIONING", 10, StopTimes(300, 30), "draining, deprovisioning"),
    ],
)
def test_what_a_list_says(last: str, ago: int | None, times: StopTimes, words: str) -> None:
    assert draining_words(stopping(last, ago), times, NOW) == words


def test_the_details_say_what_it_is_made_of() -> None:
    task = stopping("DEACTIVATING", 10)
    assert time_left_words(task, StopTimes(60, 30), NOW) == (
        "up to 1m (deregistration delay 60 s, stop timeout 30 s)"
    )
    assert time_left_words(task, StopTimes(None, 30, "it was not read"), NOW) == (
        "not known: it was not read"
    )
    assert time_left_words(task, StopTimes(None, 30), NOW) == (
        "not known: deregistration delay not known, stop timeout 30 s"
    )
    late = replace(task, stopping_at=NOW - timedelta(seconds=100))
    assert time_left_words(late, StopTimes(60, 30), NOW).startswith("10s overdue")


def draining(odd: OddAccount, service: str, **more: Any) -> dict[str, Any]:
    """Add a task that has been draining for five seconds."""
    began = datetime.now(UTC).timestamp() - 5
    facts = {"desiredStatus": "STOPPED", "lastStatus": "DEACTIVATING", "stoppingAt": began}
    return odd.task(service, **facts, stoppedReason="Scaling activity initiated by x", **more)


@pytest.fixture
def odd(odd: OddAccount) -> OddAccount:
    """Two running tasks and a draining one, behind two target groups."""
    balancers = [
        {"targetGroupArn": target_group(1), "containerName": "app", "containerPort": 80,
         "advancedConfiguration": {"alternateTargetGroupArn": target_group(2)}}
    ]  # fmt: skip
    odd.service("web", 2, loadBalancers=balancers)
    odd.definition("web", {"name": "app", "image": "x", "stopTimeout": 60})
    odd.delays = {target_group(1): 20, target_group(2): 7200}
    for _ in range(2):
        odd.task("web")
    draining(odd, "web")
    return odd


async def to_tasks(app: EcsTuiApp, pilot: Pilot[None], count: int) -> None:
    """Go from the clusters to the tasks of the only service."""
    await until(lambda: names(app) == ["stub"], "clusters")
    await pilot.press("enter")
    await until(lambda: app.browser.place.view == "services" and names(app), "services")
    await until(lambda: all(row.service.described for row in app.browser.table.rows), "facts")
    await pilot.press("enter")
    await until(lambda: app.browser.place.view == "tasks", "tasks")
    await until(lambda: len(names(app)) == count, f"{count} tasks")


@pytest.mark.asyncio
async def test_a_draining_task_stands_among_the_running_ones_with_its_time(
    stub: StubAws, odd: OddAccount
) -> None:
    async with running_app(stub.account(), (140, 40), refresh=600, cache=False) as (app, pilot):
        await to_tasks(app, pilot, 3)
        await until(lambda: "draining (up to 2h)" in screen_text(app), "its time")
        await pilot.press("slash", *"status:draining", "enter")
        await until(lambda: len(names(app)) == 1, "found by the word")
        await pilot.press("d")
        words = "up to 2h (deregistration delay 7200 s, stop timeout 60 s)"
        await until(lambda: words in screen_text(app), "what it is made of")
        assert sorted(odd.asked) == [target_group(1), target_group(2)], "each once"
        assert stub.calls["ecs:DescribeTaskDefinition"] == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (
            "elbv2:DescribeTargetGroupAttributes",
            "target group tg-001 was not read: Access denied: "
            "elasticloadbalancing:DescribeTargetGroupAttributes",
        ),
        ("ecs:DescribeTaskDefinition", "its task definition was not read: Access denied: ecs:Desc"),
    ],
)
async def test_what_may_not_be_read_is_not_known_and_costs_nothing_else(
    stub: StubAws, odd: OddAccount, operation: str, words: str
) -> None:
    stub.faults[operation] = denied
    async with running_app(stub.account(), (200, 40), refresh=600, cache=False) as (app, pilot):
        await to_tasks(app, pilot, 3)
        await until(lambda: "draining (time not known)" in screen_text(app), "it says so")
        assert "✖" not in screen_text(app), "the list is none the worse"
        select_draining(app)
        await pilot.press("d")
        await until(lambda: words in screen_text(app), words)
        refused = stub.calls[operation]
        assert refused <= 2
        stub.heal()
        await pilot.press("r")
        await until(lambda: "draining (up to 2h)" in screen_text(app), "r asks again")


def select_draining(app: EcsTuiApp) -> None:
    table = app.browser.table
    rows = [table.rows[index] for index in table.order]
    table.cursor = next(at for at, row in enumerate(rows) if row.draining)


@pytest.mark.asyncio
async def test_in_the_list_of_all_tasks_its_service_is_asked_for_alone(
    stub: StubAws, odd: OddAccount
) -> None:
    odd.service("other", 1)
    async with running_app(stub.account(), (140, 40), refresh=600, cache=False) as (app, pilot):
        await until(lambda: names(app) == ["stub"], "clusters")
        await pilot.press("N")
        await until(lambda: len(names(app)) == 3, "all tasks")
        await until(lambda: "draining (up to 2h)" in screen_text(app), "its time")
        assert stub.calls["ecs:ListServices"] == 0
        assert stub.calls["ecs:DescribeServices"] == 1


@pytest.mark.asyncio
async def test_of_hundreds_of_target_groups_only_those_of_seen_tasks_are_asked_for(
    stub: StubAws, odd: OddAccount
) -> None:
    """A call takes one target group. Two are made at a time, for the tasks on the screen."""
    odd.services["stub"].clear()
    odd.tasks["stub"].clear()
    for number in range(300):
        balancer = {"targetGroupArn": target_group(number)}
        name = f"s{number:03}"
        odd.service(name, loadBalancers=[balancer])
        odd.definition(name)
        draining(odd, name)
    async with running_app(stub.account(), (140, 30), refresh=600, cache=False) as (app, pilot):
        await until(lambda: names(app) == ["stub"], "clusters")
        await pilot.press("enter")
        await until(lambda: len(names(app)) == 300, "services")
        await until(lambda: all(row.service.described for row in app.browser.table.rows), "facts")
        assert stub.calls["elbv2:DescribeTargetGroupAttributes"] == 0, "nothing is seen that drains"
        await pilot.press("N")
        await until(lambda: len(names(app)) == 300, "tasks")
        await until(lambda: screen_text(app).count("draining (up to 5m)") > 20, "those in view")
        page = app.browser.table.size.height
        assert len(odd.asked) == len(set(odd.asked)) <= page
        await until(lambda: not app.browser.inventory.lookups._jobs, "all are answered")
        assert len(odd.asked) <= page
