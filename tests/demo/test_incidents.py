"""The scripted incidents: healthy at first, then with symptoms that fit together, until the cure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from ecs_tui.demo.alarms import alarms_of, view_of
from ecs_tui.demo.balancing import target_health
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.incident import SECONDS, ScriptedIncident, incident_named
from ecs_tui.demo.incidents import (
    CLUSTER,
    INCIDENTS,
    capacity,
    checkout,
    dependency,
    memory,
    secret,
)
from ecs_tui.demo.service_deployments import (
    describe_revisions,
    list_deployments,
    stop_deployment,
)
from ecs_tui.system import wall_clock
from tests.support.demo_backend import filled, pass_time, stopped, view

MODULES = (checkout, memory, capacity, secret, dependency)


@dataclass(frozen=True)
class Expected:
    """What is there at the end of the script.

    Attributes:
        ill: The service whose tasks end, and their stop code; "" if none end.
        alarms: Those that have gone off, at least.
        words: In an event of the culprit's.
        completed: Whether the deployment that has caused it is complete.
    """

    ill: tuple[str, str]
    alarms: tuple[str, ...]
    words: str
    completed: bool = False


EXPECTED = {
    "checkout": Expected(
        ("checkout", "ServiceSchedulerInitiated"), ("shop-checkout-5xx",), "is unhealthy in"
    ),
    "memory": Expected(
        ("catalog", "EssentialContainerExited"),
        ("shop-catalog-memory", "shop-catalog-5xx"),
        "is unable to consistently start tasks",
    ),
    "capacity": Expected(
        ("", ""), ("shop-search-latency-p99",), "has insufficient memory available"
    ),
    "secret": Expected(
        ("payments", "TaskFailedToStart"), ("shop-payments-5xx",), "has started 1 tasks"
    ),
    "dependency": Expected(
        ("checkout", "ServiceSchedulerInitiated"),
        ("shop-checkout-5xx", "shop-payments-latency-p99"),
        "has reached a steady state",
        completed=True,
    ),
}


@pytest.fixture
def clock() -> Iterator[None]:
    with wall_clock.restored():
        yield


def test_each_incident_has_a_module_of_its_name() -> None:
    assert [incident_named(name) for name in INCIDENTS] == [each.INCIDENT for each in MODULES]
    assert [incident_named(name).name for name in INCIDENTS] == list(INCIDENTS) == list(EXPECTED)
    for name in INCIDENTS:
        incident = incident_named(name)
        assert all(step.at < SECONDS / 2 for _, step in incident.steps)
        services = {service.name for service in incident.cluster.services}
        named = {symptom.on for symptom in incident.symptoms} | {incident.culprit}
        assert named <= services


def alarmed(ecs: DemoEcsBackend) -> set[str]:
    now = wall_clock.now()
    views = [view_of(alarm, ecs.region_name, ecs.account_id, now) for alarm in alarms_of(ecs, now)]
    return {view["AlarmName"] for view in views if view["StateValue"] == "ALARM"}


def is_healthy(ecs: DemoEcsBackend, incident: ScriptedIncident) -> bool:
    """Whether all services run what they want to, with healthy targets, and no alarm is on."""
    now = wall_clock.now()
    for spec in incident.cluster.services:
        service = ecs.services[f"{CLUSTER}:{spec.name}"]
        found = view(ecs, service)
        targets = [item["TargetHealth"]["State"] for item in target_health(ecs, service, now)]
        if found["runningCount"] != spec.desired or targets != ["healthy"] * spec.desired:
            return False
    return not alarmed(ecs)


def roll_back(ecs: DemoEcsBackend, name: str) -> None:
    """As an operator does it: stop the deployment, or deploy the revision before."""
    newest, before = list_deployments(ecs, {"cluster": CLUSTER, "service": name})[:2]
    if newest["status"] == "IN_PROGRESS":
        asked = {"serviceDeploymentArn": newest["serviceDeploymentArn"]}
        stop_deployment(ecs, asked, wall_clock.now())
        return
    [revision], _ = describe_revisions(ecs, [before["targetServiceRevisionArn"]])
    wanted: dict[str, Any] = {"task_definition": revision["taskDefinition"]}
    ecs.update_service({"cluster": CLUSTER, "service": name, **wanted})


@pytest.mark.parametrize("name", INCIDENTS)
def test_an_incident_begins_develops_and_ends(name: str, clock: None) -> None:
    incident, expected = incident_named(name), EXPECTED[name]
    ecs = filled(f"1111000001{list(INCIDENTS).index(name):02}", incident=name)
    pass_time(ecs, 8)
    assert is_healthy(ecs, incident)
    pass_time(ecs, SECONDS - 8)
    culprit = view(ecs, ecs.services[f"{CLUSTER}:{incident.culprit}"])
    rollout = culprit["deployments"][0]["rolloutState"]
    assert rollout == ("COMPLETED" if expected.completed else "IN_PROGRESS")
    assert any(expected.words in item["message"] for item in culprit["events"])
    assert set(expected.alarms) <= alarmed(ecs)
    if expected.ill[0]:
        ended = stopped(ecs, f"{CLUSTER}:{expected.ill[0]}")
        assert expected.ill[1] in {task["stopCode"] for task in ended}
    roll_back(ecs, incident.culprit)
    pass_time(ecs, 150)
    assert is_healthy(ecs, incident)
    pass_time(ecs, 120)
    assert is_healthy(ecs, incident)  # and it does not come back


def test_a_long_time_without_a_call_is_played_too(clock: None) -> None:
    ecs = filled("111100000110", incident="memory")
    wall_clock.advance(SECONDS)
    ecs.converge(wall_clock.now())
    assert stopped(ecs, f"{CLUSTER}:catalog")
    assert "shop-catalog-memory" in alarmed(ecs)
