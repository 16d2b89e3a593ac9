"""Accounts with unusual resources: the dashboard lists them all, with no more calls than needed."""

from __future__ import annotations

import time
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.doctor.exec_check import Doctor
from ecs_tui.doctor.facts import DefinitionFact
from ecs_tui.doctor.gather import Gatherer
from ecs_tui.resources.services import ServiceRow
from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import facts, names, running_app, screen_text, select
from tests.support.limits import until
from tests.support.odd_aws import HOUR, OddAccount, container
from tests.support.stub_aws import StubAws, error_reply

HOSTILE = "\x1b[2J\x1b]0;x\x07[bold red]\u202eשלום漢字\u200d"
"""Control sequences, Rich markup, right-to-left text, wide characters."""


def dashboard(stub: StubAws, size: tuple[int, int] = (160, 45)) -> Any:
    return running_app(stub.account(), size, refresh=600, cache=False)


async def into(
    app: EcsTuiApp, pilot: Pilot[None], key: str = "enter", cluster: str = "stub"
) -> None:
    await until(lambda: cluster in names(app), "clusters")
    select(app, cluster)
    await pilot.press(key)
    await until(lambda: app.browser.place.view != "clusters", "a list")


def described(app: EcsTuiApp) -> bool:
    rows = app.browser.table.rows
    things = [row.service if isinstance(row, ServiceRow) else row for row in rows]
    return all(thing.described for thing in things)


async def details_of(app: EcsTuiApp, pilot: Pilot[None], *words: str) -> str:
    """Open the details of the row under the cursor and wait for words in them."""
    if not app.browser.details_open:
        await pilot.press("d")
    for word in words:
        await until(lambda word=word: word in screen_text(app), word)
    return screen_text(app)


@pytest.mark.asyncio
@pytest.mark.parametrize("key", ["enter", "N"])
async def test_five_thousand_tasks(stub: StubAws, odd: OddAccount, key: str) -> None:
    odd.service("big", 5000)
    for _ in range(5000):
        odd.task("big")
    async with dashboard(stub) as (app, pilot):
        await into(app, pilot, key)
        if key == "enter":
            await until(lambda: names(app) and described(app), "the service")
            assert stub.calls["ecs:DescribeTasks"] <= 1, "not all tasks for one row"
            await pilot.press("enter")
        await until(lambda: len(names(app)) == 5000, "all names", 60)
        tasks = app.browser.table.rows
        await until(lambda: all(row.described for row in app.browser.table.rows), "facts", 60)
        assert len(tasks) == 5000
        assert 50 <= stub.calls["ecs:DescribeTasks"] <= 53, "batches of 100, a few by what is seen"
        assert odd.too_many == []
        await pilot.press("G")
        assert app.browser.table.cursor == 4999
        await until(lambda: odd_id(5000) in screen_text(app), "the last one")


def odd_id(number: int) -> str:
    return f"{number:032x}"[:12]


@pytest.mark.asyncio
async def test_a_service_whose_name_is_used_again(stub: StubAws, odd: OddAccount) -> None:
    """For a while AWS describes the deleted service too, with the same ARN."""
    for order in (("INACTIVE", "ACTIVE"), ("ACTIVE", "INACTIVE")):
        odd.services["stub"].clear()
        odd.tasks["stub"].clear()
        for status in order:
            old = status == "INACTIVE"
            created = time.time() - (48 if old else 1) * HOUR
            odd.service("web", 0 if old else 1, status=status, createdAt=created)
        odd.task("web", createdAt=time.time() - HOUR / 2)
        odd.task(
            "web", createdAt=time.time() - 47 * HOUR, lastStatus="STOPPED",
            desiredStatus="STOPPED", stoppedReason="(service web) was deleted", startedBy="ecs-svc/0",
        )  # fmt: skip
        async with dashboard(stub) as (app, pilot):
            await into(app, pilot)
            await until(lambda: names(app) == ["web"] and described(app), "one row")
            service = app.browser.table.rows[0].service
            assert (service.status, service.running) == ("ACTIVE", 1)
            await pilot.press("enter")
            await until(
                lambda: len(names(app)) == 2 and described(app),
                "its task, and below it one that ECS lists as its",
            )
            assert [task.last_status for task in app.browser.table.rows] == ["RUNNING", "STOPPED"]
            await details_of(app, pilot, "group")
            assert "service" not in facts(app)
            await pilot.press("x")
            await until(lambda: "was deleted" in screen_text(app), "the old one's stopped task")
            await details_of(app, pilot, "an earlier web: this task is older than the service")


@pytest.mark.asyncio
async def test_a_service_that_is_being_deleted(stub: StubAws, odd: OddAccount) -> None:
    odd.service("going", 0, status="DRAINING", runningCount=3)
    odd.task("going")
    async with dashboard(stub, (80, 24)) as (app, pilot):
        await into(app, pilot)
        await until(lambda: "◐ going" in screen_text(app), "it moves")
        await until(lambda: "draining: 3 tasks" in screen_text(app), "and says why")
        assert "steady" not in screen_text(app) and "scaled to 0" not in screen_text(app)
        await pilot.press("slash", *"deployment:draining", "enter")
        await until(lambda: names(app) == ["going"], "filtered")


@pytest.mark.asyncio
async def test_a_task_of_a_scheduled_rule(stub: StubAws, odd: OddAccount) -> None:
    rule = "events-rule/nightly-report-with-a-long-name"
    odd.cluster(runningTasksCount=1)
    odd.task(startedBy=rule, group="family:report")
    async with dashboard(stub) as (app, pilot):
        await into(app, pilot)
        await until(lambda: "No services. Press N" in screen_text(app), "where")
        await pilot.press("N")
        await until(lambda: len(names(app)) == 1, "the task")
        await until(lambda: "family:report" in screen_text(app), "what it is of")
        await details_of(
            app, pilot, "EventBridge rule nightly-report-with-a-long-name", f"({rule})"
        )


@pytest.mark.asyncio
@pytest.mark.parametrize("status", ["INACTIVE", "DELETE_IN_PROGRESS"])
async def test_a_definition_that_is_gone_or_going(
    stub: StubAws, odd: OddAccount, status: str
) -> None:
    """Its tasks go on running; the list and the exec check work."""
    odd.service("web", 1)
    task = odd.task("web")
    odd.definition("web", status=status)
    async with dashboard(stub) as (app, pilot):
        await into(app, pilot)
        await until(lambda: names(app) and described(app), "the service")
        await pilot.press("enter")
        await until(lambda: len(names(app)) == 1 and described(app), "its task")
        assert "● 0000" in screen_text(app)
        await pilot.press("enter")
        await until(lambda: names(app) == ["app"], "its container")
        known = app.browser.inventory.known_definition
        await until(lambda: known(task["taskDefinitionArn"]), "the definition")
        await pilot.press("escape")
        await pilot.press("d")
        await until(lambda: facts(app).get("definition status") == status, "in the details")
    account = stub.account()
    doctor = Doctor(Gatherer(account, "stub", task["taskArn"]))
    async for _ in doctor.run_exec_check():
        pass
    assert doctor.facts.definition.status == status
    assert DefinitionFact not in doctor.facts.errors
    await account.close()


@pytest.mark.asyncio
async def test_clusters_in_every_state(stub: StubAws, odd: OddAccount) -> None:
    states = ("PROVISIONING", "DEPROVISIONING", "FAILED", "INACTIVE")
    for status in states:
        odd.cluster(status.lower(), status)
    async with dashboard(stub) as (app, pilot):
        await until(lambda: len(names(app)) == 5 and described(app), "clusters")
        for sign, status in zip("◐◐✖○", states, strict=True):
            await until(lambda s=sign, w=status: f"{s} {w.lower()}" in screen_text(app), status)
        stub.faults["ecs:ListServices"] = lambda name: error_reply(
            name, "ClusterNotFoundException", "Cluster not found."
        )
        await into(app, pilot, cluster="inactive")
        await until(
            lambda: "○ The cluster inactive is INACTIVE: it has been deleted." in screen_text(app),
            "no mistake of the operator's",
        )


@pytest.mark.asyncio
async def test_things_without_what_they_always_have(stub: StubAws, odd: OddAccount) -> None:
    """A service without deployments, a task without containers, a cluster without counts."""
    for name, running in (("none", 3), ("few", 1), ("down", 0)):
        made = odd.service(name, 3, runningCount=running)
        del made["deployments"]
    bare = odd.task("none")
    del bare["containers"], bare["attachments"], bare["startedAt"]
    async with dashboard(stub) as (app, pilot):
        await into(app, pilot)
        await until(lambda: len(names(app)) == 3 and described(app), "services")
        await until(lambda: "○ no deployment" in screen_text(app), "of the first")
        assert "▲ 1 of 3 running" in screen_text(app) and "✖ 0 of 3 running" in screen_text(app)
        assert "steady" not in screen_text(app)
        select(app, "none")
        await pilot.press("enter")
        await until(lambda: len(names(app)) == 1 and described(app), "the task")
        await until(lambda: "unknown: no containers reported" in screen_text(app), "it says so")
        await pilot.press("enter")
        words = "No containers: ECS no longer knows this task."
        await until(lambda: words in screen_text(app), "nothing to open")


@pytest.mark.asyncio
async def test_ten_containers_with_two_managed_agents_each(stub: StubAws, odd: OddAccount) -> None:
    odd.service("many")
    task = odd.task("many")
    agents = [
        {"name": "SomethingNewAgent", "lastStatus": "STOPPED", "reason": "not today"},
        {"name": "ExecuteCommandAgent", "lastStatus": "RUNNING"},
    ]
    task["containers"] = [
        container(task["taskArn"], f"c{number}", managedAgents=agents) for number in range(10)
    ]
    async with dashboard(stub) as (app, pilot):
        await into(app, pilot)
        await until(lambda: "ready 10/10 containers" in screen_text(app), "the exec agents count")
        await pilot.press("enter")
        await until(
            lambda: "AGENTS" in screen_text(app) and "10/10" in screen_text(app), "in the task too"
        )
        await pilot.press("enter")
        await until(lambda: len(names(app)) == 10, "all containers")
        await details_of(app, pilot, "STOPPED not today")
        assert facts(app)["agent SomethingNewAgent"] == "STOPPED not today"


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=str)
async def test_fifty_tags_with_hostile_and_long_keys(
    stub: StubAws, odd: OddAccount, size: tuple[int, int]
) -> None:
    tags = [{"key": f"tag-{number:02}", "value": "v" * 256} for number in range(47)]
    tags += [{"key": "k" * 128, "value": "long"}, {"key": HOSTILE, "value": HOSTILE},
             {"key": "größe-שלום-漢字", "value": "ünïcode ✓"}]  # fmt: skip
    odd.service("tagged", tags=tags)
    async with dashboard(stub, size) as (app, pilot):
        await into(app, pilot)
        await until(lambda: names(app) and described(app), "the service")
        await pilot.press("d")
        pane = app.browser.details
        await until(lambda: pane.virtual_size.height > 100, "all of them")

        def fits() -> bool:
            width = pane.scrollable_content_region.width
            return max(map(len, pane._text.split("\n"))) <= width

        await until(fits, "it is wrapped again beside its scroll bar")
        lines = pane._text.split("\n")
        assert "".join(lines).count("k") >= 128 and "[bold red]" in "".join(lines)
        assert all(line.isprintable() for line in lines)
        starts = [line.index("v" * 8) for line in lines if "v" * 8 in line]
        assert len(set(starts)) == 1, "values stand in one column"
        assert starts[0] <= 30
        for _ in range(120):
            await pilot.press("J")
        await until(lambda: "tag tag-46" in screen_text(app), "the last one is reached")
