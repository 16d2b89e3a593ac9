"""Lists that come from a descriptor alone, by keys on the demo account, and in `ls`."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.resources import Place
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import facts, names, open_services, running_app, screen_text, select
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.limits import until

pytestmark = pytest.mark.asyncio
WIDE = (180, 40)


def command(demo: Demo, *argv: str) -> subprocess.CompletedProcess[str]:
    return run_command({**os.environ, **demo.environment}, "ls", *argv)


def ls(demo: Demo, *argv: str) -> Any:
    """The rows of `ecs-tui ls … --json` on the demo account."""
    done = command(demo, *argv, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


async def go(app: EcsTuiApp, pilot: Pilot[None], cluster: str, name: str) -> None:
    """Select a cluster, and go to one of its lists by its name in `:`."""
    app.browser.go(Place())
    await until(lambda: cluster in names(app), cluster)
    select(app, cluster)
    await pilot.press("colon", *name, "enter")
    await until(lambda: app.browser.view.name == name and names(app), name)


async def test_capacity_providers_with_one_arn_in_two_clusters(demo: Demo) -> None:
    async with running_app(demo.account(), WIDE) as (app, pilot):
        await go(app, pilot, "prod", "capacity-providers")
        assert names(app) == ["FARGATE", "FARGATE_SPOT"]
        await go(app, pilot, "staging", "capacity-providers")
        assert names(app) == ["FARGATE", "FARGATE_SPOT"]
        own = [row.arn for row in app.browser.table.rows]
        assert [row.cluster for row in app.browser.table.rows] == ["staging"] * 2
        await pilot.press("escape", "escape")
        await go(app, pilot, "prod", "capacity-providers")
        assert [row.cluster for row in app.browser.table.rows] == ["prod"] * 2
        assert [row.arn for row in app.browser.table.rows] == own, "AWS has one ARN for both"
        await go(app, pilot, "batch", "capacity-providers")
        assert names(app) == ["batch-gpu", "batch-managed"]
        assert "enabled, target 90%" in screen_text(app)
        select(app, "batch-gpu")
        await pilot.press("d")
        await until(lambda: facts(app).get("draining") == "enabled", "details")
        assert facts(app)["auto scaling group"] == "ecs-batch-gpu"
        await pilot.press("y")
        await until(lambda: '"name": "batch-gpu"' in screen_text(app), "AWS's own description")
        await pilot.press("escape", "c")
        await until(lambda: "capacity-provider/batch-gpu" in screen_text(app), "what to copy")
        await pilot.press("escape")


async def test_capacity_providers_on_the_command_line(demo: Demo) -> None:
    rows = ls(demo, "capacity-providers")
    fargate = [row["clusterName"] for row in rows if row["name"] == "FARGATE"]
    assert {"prod", "staging"} <= set(fargate) and len(set(fargate)) == len(fargate)
    managed = next(row for row in rows if row["name"] == "batch-managed")
    assert managed["managedInstancesProvider"]["infrastructureOptimization"] == {
        "scaleInAfter": 300
    }
    assert ls(demo, "capacity-providers", "--cluster", "batch") == [
        row for row in rows if row["clusterName"] == "batch"
    ]
    done = command(demo, "capacity-providers", "--output", "csv")
    assert [row["name"] for row in csv.DictReader(io.StringIO(done.stdout, newline=""))] == [
        row["name"] for row in rows
    ]
    done = command(demo, "capacity-providers", "--service", "web")
    assert (done.returncode, "belong to a cluster" in done.stderr) == (2, True)


async def test_daemons(demo: Demo) -> None:
    async with running_app(demo.account(), WIDE) as (app, pilot):
        await go(app, pilot, "batch", "daemons")
        await until(lambda: all(row.described for row in app.browser.table.rows), "described")
        worst_first = ["security-agent", "log-shipper"]
        await until(lambda: names(app) == worst_first, "one instance is without it")
        select(app, "security-agent")
        await pilot.press("d")
        await until(lambda: facts(app).get("status") == "ACTIVE", "details")
        assert facts(app)["revision 1"] == "3 running on batch-managed, 1 instance without it"
        await pilot.press("y")
        await until(lambda: '"totalWithoutDaemonCount": 1' in screen_text(app), "AWS's own")
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")
        app.browser.go(Place("daemons", cluster="prod"))
        await until(lambda: "No managed daemons in this cluster." in screen_text(app), "none")
    rows = ls(demo, "daemons")
    assert {row["clusterName"] for row in rows} == {"batch"}
    assert [row["daemonArn"].split("/")[-1] for row in rows] == ["log-shipper", "security-agent"]
    heads, first = command(demo, "daemons").stdout.splitlines()[:2]
    assert heads.split() == ["CLUSTER", "DAEMON", "STATUS", "RUNNING", "WITHOUT"]
    assert first.split() == ["batch", "log-shipper", "ACTIVE", "4", "0"]


async def test_container_instances_by_name(demo: Demo) -> None:
    async with running_app(demo.account(), WIDE) as (app, pilot):
        await go(app, pilot, "batch", "instances")
        count = len(names(app))
        await until(lambda: all(row.described for row in app.browser.table.rows), "described")
        assert not app.browser.table.rows[app.browser.table.order[0]].agent_connected
    rows = ls(demo, "instances", "--cluster", "batch")
    assert len(rows) == count


async def test_the_events_of_a_service_are_a_list_that_leads_to_tasks(demo: Demo) -> None:
    async with running_app(demo.account(), WIDE) as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        select(app, "checkout")
        await pilot.press("w")
        await until(lambda: browser.view.name == "events" and names(app), "events")
        rows = [browser.table.rows[index] for index in browser.table.order]
        assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
        at = next(index for index, row in enumerate(rows) if "(task " in row.message)
        browser.table.cursor = at
        await pilot.press("d")
        await until(lambda: facts(app).get("service") == "checkout", "details")
        task = facts(app)["task"]
        await pilot.press("escape", "enter")
        await until(lambda: browser.place.task_arn.endswith(task), "the task")
        await until(lambda: names(app) == ["app", "envoy"], "its containers")
        await pilot.press("escape")
        await until(lambda: browser.view.name == "events", "back")
        assert browser.table.cursor == at
    told = ls(demo, "events", "--cluster", "prod", "--service", "checkout")
    assert {row.id for row in rows} <= {row["id"] for row in told}
    assert told[0]["serviceName"] == "checkout"
    done = command(demo, "events", "--cluster", "prod")
    assert (done.returncode, "those of one service" in done.stderr) == (2, True)


async def test_events_that_come_while_one_looks_are_added(demo: Demo) -> None:
    async with running_app(demo.account(), WIDE, refresh=1) as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        select(app, "worker")
        await pilot.press("w")
        await until(lambda: browser.view.name == "events" and names(app), "events")
        first = set(names(app))
        await until(lambda: set(names(app)) > first, "a new one", 60)
        assert len(names(app)) == len(set(names(app)))


async def test_all_services_of_all_clusters_without_opening_them(demo: Demo) -> None:
    account = demo.account()
    async with running_app(account, WIDE, accounts=["@eu-west-1"], refresh=600) as (app, pilot):
        browser = app.browser
        await until(lambda: {"prod", "prod-eu"} <= set(names(app)), "both regions")
        await pilot.press("0")
        await until(lambda: browser.view.name == "all-services", "the list")
        await until(
            lambda: (
                (rows := browser.table.rows)
                and all(row.row and row.row.service.described for row in rows)
                and {"prod", "staging", "batch", "prod-eu"} <= {row.cluster for row in rows}
            ),
            "all services of all clusters",
            60,
        )
        told = {(row.cluster, row.name) for row in browser.table.rows}
        assert {("prod", "web"), ("staging", "web"), ("prod-eu", "web-eu")} <= told
        rows = [browser.table.rows[index] for index in browser.table.order]
        ranks = [browser.view.rank(row) for row in rows]
        assert ranks == sorted(ranks) and len(set(ranks)) > 1, "the worst are first"
        assert ranks[names(app).index("worker")] == 0
        for connection in browser.connections.all:
            for scope in connection.inventory.in_every_cluster(Kind.SERVICE):
                tasks = Scope(Kind.TASK, scope.cluster)
                assert connection.inventory.freshness(tasks).asked_at is None, "not opened"
        select(app, "web-eu")
        await pilot.press("d")
        await until(lambda: facts(app).get("cluster") == "prod-eu", "details")
        assert facts(app)["account"].endswith("@eu-west-1")
        await pilot.press("y")
        await until(lambda: '"serviceName": "web-eu"' in screen_text(app), "AWS's own")
        await pilot.press("escape")
        await until(lambda: app.screen is browser, "closed")
        await pilot.press("escape", "enter")
        await until(lambda: browser.place.service == "web-eu", "its tasks")
        assert browser.account.region == "eu-west-1"
        await until(lambda: names(app), "tasks")
        await pilot.press("escape")
        await until(lambda: browser.view.name == "all-services" and names(app), "back")
    listed = ls(demo, "services")
    here = {(row["clusterName"], row["serviceName"]) for row in listed}
    assert here == {pair for pair in told if pair[0] != "prod-eu"}


async def test_stopped_tasks_say_when_and_why_the_newest_first(demo: Demo) -> None:
    async with running_app(demo.account(), WIDE) as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        select(app, "worker")
        await pilot.press("enter", "x")
        await until(lambda: browser.view.name == "stopped-tasks" and len(names(app)) > 1, "some")
        await until(lambda: all(row.described for row in browser.table.rows), "described")
        await until(lambda: "OutOfMemoryError: Container killed" in screen_text(app), "the cause")
        rows = [browser.table.rows[index] for index in browser.table.order]
        ends = [row.stopped_at for row in rows]
        assert ends == sorted(ends, reverse=True)
        await pilot.press("x")
        await until(lambda: browser.view.name == "tasks", "the running ones")
    told = ls(demo, "stopped-tasks", "--cluster", "prod", "--service", "worker")
    assert {row["lastStatus"] for row in told} == {"STOPPED"}
    groups = {row["group"] for row in told}
    assert groups == {"service:worker"}, "the account, as ECS, ignores the name for stopped tasks"
    assert any(each["exitCode"] == 137 for row in told for each in row["containers"])


async def test_a_failing_service_says_why_in_its_row(demo: Demo) -> None:
    async with running_app(demo.account(), WIDE) as (app, pilot):
        await open_services(app, pilot)
        cause = "failing: app exit 137 OutOfMemoryError, "
        await until(lambda: cause in screen_text(app), "the cause without opening anything")
        await until(lambda: names(app)[0] == "worker", "the worst first")
        app.browser.table.cursor = 0
        await pilot.press("d")
        await until(lambda: facts(app).get("tasks fail"), "and in its details")


async def test_clusters_tell_how_many_of_their_loaded_services_fail(demo: Demo) -> None:
    async with running_app(demo.account(), WIDE) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("escape")
        await until(lambda: app.browser.view.name == "clusters" and names(app), "clusters")
        await until(lambda: names(app)[0] == "prod", "worker is failing there")
        row = next(row for row in app.browser.table.rows if row.name == "prod")
        assert row.failing and row.failing >= 1
        other = next(row for row in app.browser.table.rows if row.name == "staging")
        assert other.failing is None, "its services were not loaded"
