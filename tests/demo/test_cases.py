"""The services that fail: how their tasks end, what the events say, and what else shows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ecs_tui.demo import cases, failure, health, script, state_events
from ecs_tui.demo.balancing import target_health
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.system import wall_clock
from tests.support.demo_backend import filled, stopped, valid, view


@pytest.fixture(scope="module")
def ecs() -> Iterator[DemoEcsBackend]:
    with wall_clock.restored():
        yield filled("111100000020", cases=True)


EXITED, NOT_STARTED = "EssentialContainerExited", "TaskFailedToStart"
SCHEDULER = "ServiceSchedulerInitiated"


@pytest.mark.parametrize(
    ("name", "code", "exit_code", "reason"),
    [
        ("out-of-memory", EXITED, 137, "OutOfMemoryError: Container killed due to memory usage"),
        ("exit-1", EXITED, 1, ""),
        ("exit-139", EXITED, 139, ""),
        ("stop-timeout", EXITED, 137, ""),
        ("command-not-found", EXITED, 127, "CannotStartContainerError"),
        ("image-pull", NOT_STARTED, None, "CannotPullContainerError"),
        ("secret-denied", NOT_STARTED, None, "AccessDeniedException"),
        ("secret-missing", NOT_STARTED, None, "can't find the specified secret"),
        ("registry-unreachable", NOT_STARTED, None, "i/o timeout"),
        ("log-group-missing", NOT_STARTED, None, "failed to validate logger args"),
        ("network-interface", NOT_STARTED, None, "network interface provisioning"),
        ("unhealthy-target", SCHEDULER, 143, "Task failed ELB health checks in (target-group arn:"),
        ("target-timeout", SCHEDULER, 143, "Task failed ELB health checks in (target-group arn:"),
        ("unhealthy-container", SCHEDULER, 143, "Task failed container health checks"),
        ("spot", "SpotInterruption", 143, "Your Spot Task was interrupted."),
        ("infrastructure", "InfrastructureHealth", None, "underlying infrastructure"),
        ("digests", "InfrastructureHealth", None, "underlying infrastructure"),
        ("recovered", EXITED, 137, "OutOfMemoryError"),
    ],
)
def test_tasks_end_in_the_way_of_the_case(
    ecs: DemoEcsBackend, name: str, code: str, exit_code: int | None, reason: str
) -> None:
    found = [
        task
        for task in stopped(ecs, f"failure-cases:{name}")
        if "Scaling activity" not in task["stoppedReason"]
    ]
    assert found and {task["stopCode"] for task in found} == {code}
    for task in found:
        container = task["containers"][0]
        assert container.get("exitCode") == exit_code
        assert reason in f"{task['stoppedReason']} {container.get('reason', '')}"
        assert ("startedAt" in task) is (code != NOT_STARTED and exit_code != 127)


@pytest.mark.parametrize(
    ("cluster", "name", "words"),
    [
        ("failure-cases", "no-capacity", failure.NO_CAPACITY),
        ("failure-cases", "vcpu-quota", failure.QUOTA),
        ("failure-cases", "throttled", failure.THROTTLED),
        ("failure-cases", "spot", failure.NO_CAPACITY),
        ("instance-cases", "no-cpu", failure.NO_CPU),
        ("instance-cases", "no-memory", failure.NO_MEMORY),
        ("instance-cases", "port-in-use", failure.PORT_IN_USE),
        ("instance-cases", "attribute", failure.ATTRIBUTE),
        ("instance-cases", "agent-disconnected", failure.AGENT),
        ("instance-cases", "provider-empty", failure.NO_INSTANCES_IN_PROVIDER),
    ],
)
def test_a_service_that_cannot_place_tasks_says_why_once(
    ecs: DemoEcsBackend, cluster: str, name: str, words: str
) -> None:
    ecs.converge(wall_clock.now())
    service = view(ecs, ecs.services[f"{cluster}:{name}"])
    messages = [item["message"] for item in service["events"]]
    assert messages.count(f"(service {name}) {words}") == 1
    assert service["runningCount"] < service["desiredCount"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("unhealthy-target", "Target.ResponseCodeMismatch"), ("target-timeout", "Target.Timeout")],
)
def test_targets_of_a_failing_version_are_unhealthy(
    ecs: DemoEcsBackend, name: str, reason: str
) -> None:
    service = ecs.services[f"failure-cases:{name}"]
    found = target_health(ecs, service, wall_clock.now())
    valid("elbv2", "DescribeTargetHealth", {"TargetHealthDescriptions": found})
    kinds = {(h["State"], h.get("Reason")) for h in (item["TargetHealth"] for item in found)}
    assert ("unhealthy", reason) in kinds and ("healthy", None) in kinds
    messages = [item["message"] for item in view(ecs, service)["events"]]
    group = service.load_balancers[0]["targetGroupArn"]
    assert any(f"is unhealthy in (target-group {group}) due to" in text for text in messages)


def test_one_tag_has_two_digests(ecs: DemoEcsBackend) -> None:
    now = wall_clock.now()
    tasks = [ecs.view_of(task, now) for task in ecs.by_service["failure-cases:digests"]]
    running = [task["containers"][0] for task in tasks if task["lastStatus"] == "RUNNING"]
    assert len({item["imageDigest"] for item in running}) == 2
    assert len({item["image"] for item in running}) == 1


def test_a_container_that_is_killed_has_said_why(ecs: DemoEcsBackend) -> None:
    assert all(seconds <= 8 for each in WAYS for seconds, _, _ in each.lines)
    assert "OutOfMemoryError" in failure.OUT_OF_MEMORY.lines[-1][2]


WAYS = [item for item in vars(failure).values() if isinstance(item, failure.TaskFailure)]


def test_some_instances_are_disconnected_or_draining(ecs: DemoEcsBackend) -> None:
    found = list(ecs.container_instances["instance-cases"].values())
    assert [item.status for item in found].count("DRAINING") == 1
    assert [item.agent_connected for item in found].count(False) == 1


def test_retirement_is_announced_for_one_service(ecs: DemoEcsBackend) -> None:
    now = wall_clock.now()
    asked = {"filter": {"services": ["ECS"], "eventStatusCodes": ["upcoming"]}}
    found = health.describe_events(ecs, asked, now)
    [event] = valid("health", "DescribeEvents", found)["events"]
    entities = health.describe_affected_entities(
        ecs, {"filter": {"eventArns": [event["arn"]]}}, now
    )
    valid("health", "DescribeAffectedEntities", entities)
    assert [item["entityValue"] for item in entities["entities"]] == ["failure-cases|retired"]
    assert health.describe_events(ecs, {"filter": {"services": ["EC2"]}}, now) == {"events": []}


def test_every_case_is_tested_and_has_its_own_name() -> None:
    names = [
        (cluster, case.service.name) for cluster in cases.CASES for case in cases.CASES[cluster]
    ]
    assert len(set(names)) == len(names)
    assert {cluster.name for cluster in cases.CASE_CLUSTERS} == set(cases.CASES)
    assert state_events.group_name("shop").endswith("/shop/performance")
    assert script.STEP_SECONDS == 1.0
