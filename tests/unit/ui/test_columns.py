"""Every column of every list: its text, its colour, and how it sorts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import EXEC_AGENT, ManagedAgent
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.service import Deployment, Service
from ecs_tui.model.task import Task
from ecs_tui.resources import Resource
from ecs_tui.resources.accounts import ACCOUNT_CLUSTERS, AccountClusterRow
from ecs_tui.resources.all_services import ALL_SERVICES
from ecs_tui.resources.capacity_providers import CAPACITY_PROVIDERS
from ecs_tui.resources.clusters import CLUSTERS, ClusterRow
from ecs_tui.resources.container_instances import INSTANCES
from ecs_tui.resources.containers import CONTAINERS
from ecs_tui.resources.daemons import DAEMONS
from ecs_tui.resources.events import EVENTS
from ecs_tui.resources.services import SERVICES
from ecs_tui.resources.stopped_tasks import STOPPED_TASKS
from ecs_tui.resources.tasks import TASKS
from ecs_tui.store.inventory import Inventory
from ecs_tui.ui.details import facts_about
from tests.support.list_rows import (
    ARN,
    CLUSTER,
    CLUSTER_ARN,
    CONTAINER,
    INSTANCE,
    NOW,
    SERVICE,
    TASK,
    THEN,
    container_row,
    service_row,
)


def shown(view: Resource, row: Any) -> dict[str, tuple[str, str]]:
    cells = {column.key: column.cell(row, NOW) for column in view.columns}
    return {key: (cell.text, cell.tone) for key, cell in cells.items()}


def order(view: Resource, row: Any) -> dict[str, Any]:
    return {column.key: column.sort(row) for column in view.columns}


def test_a_cluster() -> None:
    row = ClusterRow(CLUSTER, 3, 4)
    assert shown(CLUSTERS, row) == {
        "name": ("prod", ""), "status": ("● active", ""), "failing": ("·", "off"),
        "deploying": ("·", "off"), "services": ("4", ""), "running": ("12", ""), "pending": ("1", ""), "instances": ("2", ""),
        "exec": ("▲ 3/4 ready", "warning"), "logging": ("exec", ""),
    }  # fmt: skip
    assert order(CLUSTERS, row) == {
        "name": "prod", "status": "ACTIVE", "failing": -1, "deploying": -1, "services": 4,
        "running": 12, "pending": 1,
        "instances": 2, "exec": 0.75, "logging": "exec",
    }  # fmt: skip
    sick = shown(CLUSTERS, ClusterRow(CLUSTER, 4, 4, failing=2, below=0, deploying=1))
    assert (sick["failing"], sick["deploying"]) == (("2", "bad"), ("1", "moving"))
    well = shown(CLUSTERS, ClusterRow(CLUSTER, 4, 4, failing=0, below=0, deploying=0))
    assert (well["failing"], well["deploying"]) == (("0", "off"), ("0", "off"))
    partly = shown(CLUSTERS, ClusterRow(CLUSTER, 4, 4, 2, 0, 0, counted=False))
    assert (partly["failing"], partly["deploying"]) == (("2+", "bad"), ("·", "off")), "no 0 yet"
    assert shown(CLUSTERS, ClusterRow(CLUSTER, 4, 4))["exec"] == ("● 4/4 ready", "")
    assert shown(CLUSTERS, ClusterRow(CLUSTER, 0, 4))["exec"] == ("○ 0/4 ready", "off")
    unknown = ClusterRow(Cluster(CLUSTER_ARN, "prod", described=False), 0, 0)
    assert shown(CLUSTERS, unknown)["exec"] == ("·", "off")
    assert shown(CLUSTERS, unknown)["status"] == ("○ …", "off")
    assert shown(CLUSTERS, unknown)["services"] == ("·", "off")
    assert order(CLUSTERS, unknown)["exec"] == -1.0
    nothing = shown(CLUSTERS, ClusterRow(Cluster(CLUSTER_ARN, "prod", "ACTIVE"), 0, 0))
    assert nothing["running"] == ("0", "off")
    gone = shown(CLUSTERS, ClusterRow(replace(CLUSTER, gone=True), 3, 4))
    assert gone["status"] == ("○ gone?", "off")
    assert {tone for _, tone in gone.values()} == {"off"}


def test_a_cluster_of_one_of_several_accounts() -> None:
    inventory = Inventory(Account())
    row = AccountClusterRow("dev@eu-west-1", ClusterRow(CLUSTER, 3, 4), inventory)
    cells = shown(ACCOUNT_CLUSTERS, row)
    assert cells.pop("account") == ("dev@eu-west-1", "")
    assert cells == shown(CLUSTERS, row.row)
    assert row.name == "prod"
    assert row.key == replace(row, label="dev@eu-central-1").key, "known later, the region"
    assert row.key != replace(row, inventory=Inventory(Account())).key
    empty = AccountClusterRow("dev@eu-west-1", None, inventory, None, "loading…")
    assert shown(ACCOUNT_CLUSTERS, empty)["name"] == ("loading…", "off")
    assert {
        cell
        for key, cell in shown(ACCOUNT_CLUSTERS, empty).items()
        if key not in ("account", "name")
    } == {("", "")}
    assert order(ACCOUNT_CLUSTERS, empty)["services"] < order(ACCOUNT_CLUSTERS, row)["services"]
    assert (empty.name, ACCOUNT_CLUSTERS.name_of(empty)) == ("", "dev@eu-west-1")


def test_a_service() -> None:
    row = service_row(SERVICE, TASK, agents=(1, 1))
    assert shown(SERVICES, row) == {
        "name": ("● web", ""), "status": ("active", ""), "tasks": ("3/3", ""),
        "deployment": ("● steady", ""), "exec_on": ("on", ""),
        "exec": ("● ready 1/1 containers", ""), "revision": ("web:7", ""),
        "launch": ("FARGATE", ""), "age": ("2h", ""),
        **dict.fromkeys(("alarm", "lb", "cpu", "memory", "scale"), ("·", "off")),
    }  # fmt: skip
    assert order(SERVICES, row) == {
        "name": "web", "status": "ACTIVE", "tasks": (0, 3), "deployment": (4, "steady"),
        "exec_on": True, "exec": "ready", "revision": "web:7", "launch": "FARGATE",
        "age": -THEN.timestamp(),
        **dict.fromkeys(("alarm", "lb", "cpu", "memory", "scale"), float("-inf")),
    }  # fmt: skip
    few = shown(SERVICES, service_row(replace(SERVICE, running=2, pending=1)))
    assert few["tasks"] == ("2/3 +1", "warning")
    off = shown(SERVICES, service_row(replace(SERVICE, exec_enabled=False)))
    assert off["exec_on"] == ("off", "off")
    assert off["exec"][0].startswith("○ no: exec is disabled")
    some = shown(SERVICES, service_row(SERVICE, replace(TASK, exec_enabled=False), agents=(0, 2)))
    assert some["exec"][0].startswith("○ no 0/2: ")
    unknown = shown(SERVICES, service_row(Service("arn", "web", CLUSTER_ARN, described=False)))
    assert [unknown[key] for key in ("name", "status", "tasks", "deployment", "exec_on", "age")] == [
        ("○ web", "off"), ("…", ""), ("·", "off"), ("○ …", "off"), ("·", "off"), ("", ""),
    ]  # fmt: skip
    gone = shown(SERVICES, service_row(replace(SERVICE, gone=True)))
    assert (gone["status"], gone["tasks"]) == (("gone?", "off"), ("gone?", "off"))


def test_a_task() -> None:
    assert shown(TASKS, TASK) == {
        "id": ("● 0123456789ab", ""), "status": ("running", ""),
        "health": ("healthy", ""), "exec_on": ("on", ""),
        "agents": ("1/1", ""), "exec": ("● ready", ""), "service": ("web", ""),
        "revision": ("web:7", ""), "launch": ("FARGATE", ""), "zone": ("eu-west-1a", ""),
        "ip": ("10.0.0.7", ""), "started": ("2h", ""),
    }  # fmt: skip
    assert order(TASKS, TASK) == {
        "id": TASK.id, "status": "RUNNING", "health": "HEALTHY", "exec_on": True,
        "agents": (1, 1), "exec": "ready", "service": "web", "revision": "web:7",
        "launch": "FARGATE", "zone": "eu-west-1a", "ip": "10.0.0.7",
        "started": -THEN.timestamp(),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "cells"),
    [
        ({"health": "UNHEALTHY"}, {"health": ("unhealthy", "bad"), "id": ("✖ 0123456789ab", "bad")}),
        ({"health": "UNKNOWN"}, {"health": ("unknown", "off")}),
        ({"exec_enabled": False}, {"exec_on": ("off", "off")}),
        ({"group": "family:job"}, {"service": ("family:job", "")}),
        ({"capacity_provider": "FARGATE_SPOT"}, {"launch": ("FARGATE_SPOT", "")}),
        ({"private_ip": "", "ipv6": "2600::7"}, {"ip": ("2600::7", "")}),
        ({"containers": ()}, {"agents": ("-", "off")}),
        (
            {"containers": (CONTAINER, replace(CONTAINER, agents=(ManagedAgent(EXEC_AGENT, "STOPPED"),)))},
            {"agents": ("1/2", "warning")},
        ),
        (
            {"desired_status": "STOPPED"},
            {"status": ("draining (time not known)", "moving")},
        ),
        (
            {"desired_status": "STOPPED", "last_status": "STOPPING"},
            {"status": ("draining, stopping (time not known)", "moving")},
        ),
        (
            {"last_status": "STOPPED", "stop_code": "TaskFailedToStart", "stopped_reason": "no ENI"},
            {"status": ("stopped", ""), "exec": ("✖ no ENI", "bad")},
        ),
        (
            {"gone": True},
            {"status": ("gone?", "off"), "exec": ("no longer known to ECS", "off")},
        ),
    ],
)  # fmt: skip
def test_a_task_in_other_states(changes: dict[str, Any], cells: dict[str, tuple[str, str]]) -> None:
    found = shown(TASKS, replace(TASK, **changes))
    assert {key: found[key] for key in cells} == cells


def test_a_stopped_task() -> None:
    killed = replace(CONTAINER, last_status="STOPPED", exit_code=137, reason="OutOfMemoryError")
    envoy = replace(CONTAINER, name="envoy", last_status="STOPPED", exit_code=0)
    task = replace(
        TASK, last_status="STOPPED", desired_status="STOPPED", containers=(envoy, killed),
        stop_code="EssentialContainerExited", stopped_at=NOW - timedelta(minutes=2),
        stopped_reason="Essential container in task exited",
    )  # fmt: skip
    assert shown(STOPPED_TASKS, task) == {
        "id": ("✖ 0123456789ab", "bad"), "service": ("web", ""), "stopped": ("2m", ""),
        "ran": ("1 h 58 min", ""), "code": ("EssentialContainerExited", ""),
        "container": ("app", ""), "exit": ("137", "bad"), "reason": ("OutOfMemoryError", "bad"),
        "revision": ("web:7", ""), "source": ("ECS", ""),
    }  # fmt: skip
    scaled = replace(
        task, containers=(envoy,), stop_code="ServiceSchedulerInitiated", started_at=None,
        stopped_reason="Scaling activity",
    )  # fmt: skip
    found = shown(STOPPED_TASKS, scaled)
    assert [found[key] for key in ("id", "ran", "container", "exit", "reason")] == [
        ("○ 0123456789ab", "off"), ("never started", "off"), ("", ""), ("0", ""),
        ("Scaling activity", ""),
    ]  # fmt: skip
    later = replace(task, stopped_at=NOW)
    unknown = Task(ARN, TASK.id, CLUSTER_ARN, described=False)
    every = sorted([unknown, task, later], key=STOPPED_TASKS.rank)
    assert every == [later, task, unknown], "the newest first"
    assert shown(STOPPED_TASKS, unknown)["ran"] == ("·", "off")


def test_a_task_of_which_only_the_name_is_known() -> None:
    found = shown(TASKS, Task(ARN, TASK.id, CLUSTER_ARN, described=False))
    assert [found[key] for key in ("status", "health", "agents", "started")] == [
        ("…", ""), ("·", "off"), ("·", "off"), ("", ""),
    ]  # fmt: skip


def test_a_container() -> None:
    row = container_row(TASK, CONTAINER)
    assert shown(CONTAINERS, row) == {
        "name": ("● app", ""), "status": ("running", ""), "health": ("healthy", ""),
        "agent": ("● running 3m", ""), "exec": ("● ready", ""),
        "ports": ("80/tcp 32768→443/tcp", ""), "exit": ("", ""), "image": ("web:7", ""),
        "runtime": ("0123-4567", ""),
    }  # fmt: skip
    assert order(CONTAINERS, row) == {
        "name": "app", "status": "RUNNING", "health": "HEALTHY", "agent": "RUNNING",
        "exec": "ready", "ports": [80, 443], "exit": 0, "image": CONTAINER.image,
        "runtime": "0123-4567",
    }  # fmt: skip
    assert row.arn == f"{ARN}/app"


@pytest.mark.parametrize(
    ("agents", "cell"),
    [
        ((), ("○ none", "off")),
        ((ManagedAgent(EXEC_AGENT, "PENDING"),), ("◐ pending", "moving")),
        ((ManagedAgent(EXEC_AGENT, "STOPPED", "oom", THEN),), ("✖ stopped: oom", "bad")),
        ((ManagedAgent("other", "RUNNING"),), ("○ none", "off")),
    ],
)
def test_the_agent_of_a_container(agents: tuple[ManagedAgent, ...], cell: tuple[str, str]) -> None:
    container = replace(CONTAINER, agents=agents)
    assert shown(CONTAINERS, container_row(TASK, container))["agent"] == cell
    if not agents:
        off = replace(TASK, exec_enabled=False)
        words = shown(CONTAINERS, container_row(off, container))["agent"]
        assert words == ("○ exec was disabled when the task started", "off")


@pytest.mark.parametrize(
    ("code", "cell"), [(None, ("", "")), (0, ("0", "")), (137, ("137", "bad"))]
)
def test_the_exit_code_of_a_container(code: int | None, cell: tuple[str, str]) -> None:
    container = replace(CONTAINER, last_status="STOPPED", exit_code=code)
    assert shown(CONTAINERS, container_row(TASK, container))["exit"] == cell


def test_an_instance() -> None:
    assert shown(INSTANCES, INSTANCE) == {
        "id": ("● i-0abc", ""), "status": ("active", ""),
        "agent": ("1.90.0 connected", ""), "running": ("5", ""), "type": ("m7g.large", ""),
        "zone": ("eu-west-1a", ""), "cpu": ("512/2048", ""), "memory": ("900/7800", ""),
    }  # fmt: skip
    assert order(INSTANCES, INSTANCE) == {
        "id": "i-0abc", "status": "ACTIVE", "agent": "1.90.0", "running": 5,
        "type": "m7g.large", "zone": "eu-west-1a", "cpu": 512, "memory": 900,
    }  # fmt: skip
    lost = shown(INSTANCES, replace(INSTANCE, agent_connected=False))
    assert lost["agent"] == ("1.90.0 disconnected", "bad")
    unknown = shown(INSTANCES, ContainerInstance(ARN, INSTANCE.id, CLUSTER_ARN, described=False))
    assert (unknown["id"], unknown["agent"]) == (("○ 0123456789ab", "off"), ("·", "off"))
    assert {unknown[key] for key in ("running", "cpu", "memory")} == {("·", "off")}, "not 0"
    gone = shown(INSTANCES, replace(INSTANCE, gone=True))
    assert gone["status"] == ("gone?", "off")


@pytest.mark.parametrize(
    ("view", "always"),
    [
        (CLUSTERS, ["name", "status"]),
        (SERVICES, ["name", "tasks", "deployment", "exec"]),
        (TASKS, ["id", "status", "exec"]),
        (CONTAINERS, ["name", "status", "agent", "exec"]),
        (INSTANCES, ["id", "agent"]),
        (STOPPED_TASKS, ["id", "stopped", "exit", "reason"]),
        (CAPACITY_PROVIDERS, ["name", "type"]),
        (DAEMONS, ["name", "running"]),
        (EVENTS, ["time", "event"]),
        (ALL_SERVICES, ["name", "cluster", "tasks", "deployment"]),
        (ACCOUNT_CLUSTERS, ["account", "name"]),
    ],
)
def test_however_narrow_these_columns_stay(view: Resource, always: list[str]) -> None:
    assert [column.key for column in view.columns if column.priority == 0] == always
    titles = [column.title.strip() for column in view.columns]
    assert len(set(titles)) == len(titles)
    assert all(title == title.upper() for title in titles)


def test_titles_of_services_and_tasks() -> None:
    """Filters use the same words: `deployment:deploying`."""
    titles = [[column.title.strip() for column in view.columns] for view in (SERVICES, TASKS)]
    assert titles == [
        ["SERVICE", "STATUS", "TASKS", "DEPLOYMENT", "ALARM", "LB", "CPU", "MEM", "SCALE", "EXEC",
         "SHELL", "REVISION", "LAUNCH", "AGE"],
        ["TASK", "STATUS", "HEALTH", "EXEC", "AGENTS", "SHELL", "SERVICE", "REVISION", "LAUNCH",
         "ZONE", "PRIVATE IP", "STARTED"],
    ]  # fmt: skip


def test_deployments_are_sorted_by_how_bad_they_are() -> None:
    """Rollbacks come first, then deployments, then steady services."""
    old = Deployment("1", "PRIMARY", "IN_PROGRESS", "rolling back to 1", 3, 3, 0, 0, "web:6")
    failed = Deployment("2", "ACTIVE", "FAILED", "", 0, 0, 0, 9, "web:7")
    states = {
        "down": {"running": 0},
        "rolled back": {"deployments": (old, failed)},
        "rolling": {"deployments": (replace(old, rollout_reason=""),)},
        "off": {"desired": 0, "running": 0},
        "steady": {},
    }
    rows = {name: service_row(replace(SERVICE, **more)) for name, more in states.items()}  # type: ignore[arg-type]
    column = next(column for column in SERVICES.columns if column.key == "deployment")
    assert sorted(rows, key=lambda name: column.sort(rows[name])) == list(states)
    words = {name: column.cell(row, NOW).text for name, row in rows.items()}
    assert words["rolled back"] == "▲ rolling back: 9 failed on revision 7"


def test_a_failing_service_says_why_its_tasks_fail() -> None:
    column = next(column for column in SERVICES.columns if column.key == "deployment")

    def words(cause: str, **changes: Any) -> tuple[str, str]:
        cell = column.cell(replace(service_row(replace(SERVICE, **changes)), cause=cause), NOW)
        return cell.text, cell.tone

    bad = Deployment("1", "PRIMARY", "IN_PROGRESS", "", 3, 0, 0, 40, "web:8")
    assert words("app exit 1", deployments=(bad,)) == (
        "✖ failing: app exit 1, 40 failed tasks",
        "bad",
    )
    assert words("app exit 1", running=0) == ("✖ 0 of 3 running: app exit 1", "bad")
    assert words("", running=0) == ("✖ 0 of 3 running", "bad")


def test_details_tell_a_rollback_and_why() -> None:
    old = Deployment("1", "PRIMARY", "IN_PROGRESS", "rolling back to 1", 3, 3, 0, 0, "web:6")
    failed = Deployment("2", "ACTIVE", "FAILED", "tasks failed to start", 0, 0, 0, 9, "web:7")
    service = replace(SERVICE, deployments=(old, failed))
    facts = dict(facts_about(service_row(service), Inventory(Account()), NOW))
    assert facts["deployment"] == "▲ rolling back: 9 failed on revision 7"
    assert facts["active deployment"].endswith("9 failed. tasks failed to start")
