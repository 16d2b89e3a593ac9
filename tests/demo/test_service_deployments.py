"""The deployments API of the demo: each state, stopping, continuing, rolling back, in AWS's shapes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.ecs.exceptions import InvalidParameterException, ServiceNotFoundException

from ecs_tui.demo import cases, service_deployments, traffic_shift
from ecs_tui.demo.deployment_records import image_digest
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.service_deployments import (
    DeploymentConflict,
    ServiceDeploymentNotFound,
    continue_deployment,
    describe_deployments,
    describe_revisions,
    list_deployments,
    stop_deployment,
)
from ecs_tui.system import wall_clock
from tests.support.demo_backend import filled, pass_time, stopped, valid, view

CLUSTER = "deployment-cases"


@pytest.fixture(scope="module")
def ecs() -> Iterator[DemoEcsBackend]:
    with wall_clock.restored():
        yield filled("111100000019", cases=True)


def briefs(ecs: DemoEcsBackend, name: str, cluster: str = CLUSTER, **more: Any) -> list[Any]:
    found = list_deployments(ecs, {"cluster": cluster, "service": name, **more})
    valid("ecs", "ListServiceDeployments", {"serviceDeployments": found})
    return found


def newest(ecs: DemoEcsBackend, name: str, cluster: str = CLUSTER) -> dict[str, Any]:
    now = wall_clock.now()
    ecs.converge(now)
    arn = briefs(ecs, name, cluster)[0]["serviceDeploymentArn"]
    found, failures = describe_deployments(ecs, [arn], now)
    answer = {"serviceDeployments": found, "failures": failures}
    valid("ecs", "DescribeServiceDeployments", answer)
    assert not failures
    return found[0]


@pytest.mark.parametrize(
    ("name", "status", "stage", "weight", "hook"),
    [
        ("rolling", "IN_PROGRESS", None, None, None),
        ("counting-up", "IN_PROGRESS", None, None, None),
        ("rolled-back", "ROLLBACK_SUCCESSFUL", None, None, None),
        ("failed", "STOPPED", None, None, None),
        ("alarm-rollback", "ROLLBACK_SUCCESSFUL", None, None, None),
        ("baking", "IN_PROGRESS", "BAKE_TIME", 100.0, None),
        ("paused", "IN_PROGRESS", "POST_TEST_TRAFFIC_SHIFT", 0.0, ("PAUSE", "AWAITING_ACTION")),
        ("paused-continues", "IN_PROGRESS", "PRE_SCALE_UP", 0.0, ("PAUSE", "AWAITING_ACTION")),
        ("hook-runs", "IN_PROGRESS", "POST_SCALE_UP", 0.0, ("AWS_LAMBDA", "IN_PROGRESS")),
        ("canary", "IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT", 10.0, None),
        ("linear", "IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT", 40.0, None),
    ],
)
def test_each_case_is_in_its_state(
    ecs: DemoEcsBackend, name: str, status: str, stage: str | None, weight: Any, hook: Any
) -> None:
    found = newest(ecs, name)
    target = found["targetServiceRevision"]
    assert (found["status"], found.get("lifecycleStage")) == (status, stage)
    assert target.get("requestedProductionTrafficWeight") == weight
    hooks = [(item["targetType"], item["status"]) for item in found.get("lifecycleHookDetails", ())]
    assert hooks == ([hook] if hook else [])
    service = view(ecs, ecs.services[f"{CLUSTER}:{name}"])
    assert ("currentServiceDeployment" in service) is (status == "IN_PROGRESS")
    if weight is not None:
        [source] = found["sourceServiceRevisions"]
        assert source["requestedProductionTrafficWeight"] == 100.0 - weight


def test_every_case_is_in_the_table() -> None:
    mark = test_each_case_is_in_its_state.pytestmark[0]  # type: ignore[attr-defined]
    names = {case.service.name for case in cases.DEPLOYMENTS}
    assert {row[0] for row in mark.args[1]} == names - {"code-deploy"}


def test_the_circuit_breaker_counts_failures_up_to_its_threshold(ecs: DemoEcsBackend) -> None:
    counting = newest(ecs, "counting-up")["deploymentCircuitBreaker"]
    assert counting["status"] == "MONITORING" and 0 < counting["failureCount"] < 100000
    rolled_back = newest(ecs, "rolled-back")
    assert rolled_back["deploymentCircuitBreaker"]["status"] == "TRIGGERED"
    assert rolled_back["deploymentCircuitBreaker"]["failureCount"] == 3
    assert "circuit breaker" in rolled_back["rollback"]["reason"]
    source = rolled_back["sourceServiceRevisions"][0]
    assert rolled_back["rollback"]["serviceRevisionArn"] == source["arn"]
    assert source["runningTaskCount"] == 3
    failed = newest(ecs, "failed")
    assert failed["stoppedAt"] == failed["finishedAt"] and "rollback" not in failed
    assert {task["stopCode"] for task in stopped(ecs, f"{CLUSTER}:failed")} == {"TaskFailedToStart"}


def test_an_alarm_is_named_by_the_deployment_that_it_has_ended(ecs: DemoEcsBackend) -> None:
    alarms = newest(ecs, "alarm-rollback")["alarms"]
    assert alarms["status"] == "TRIGGERED"
    assert alarms["triggeredAlarmNames"] == ["alarm-rollback-5xx"]


def test_revisions_differ_in_image_memory_and_environment(ecs: DemoEcsBackend) -> None:
    found = newest(ecs, "baking")
    arns = [found["targetServiceRevision"]["arn"], found["sourceServiceRevisions"][0]["arn"]]
    revisions, failures = describe_revisions(ecs, [*arns, f"{arns[0]}9"])
    answer = {"serviceRevisions": revisions, "failures": failures}
    valid("ecs", "DescribeServiceRevisions", answer)
    assert failures == [{"arn": f"{arns[0]}9", "reason": "MISSING"}]
    (new,), (old,) = (item["containerImages"] for item in revisions)
    assert new["image"].endswith(":2026.12") and old["image"].endswith(":2026.11")
    assert new["imageDigest"] == image_digest(new["image"])
    definitions = [
        ecs.describe_task_definition(item["taskDefinition"]).container_definitions[0]
        for item in revisions
    ]
    assert [item["memory"] for item in definitions] == [768, 512]
    assert [len(item["environment"]) for item in definitions] == [1, 0]


def test_a_deployment_of_codedeploy_is_task_sets_and_no_service_deployment(
    ecs: DemoEcsBackend,
) -> None:
    service = view(ecs, ecs.services[f"{CLUSTER}:code-deploy"])
    assert service["deployments"] == [] and briefs(ecs, "code-deploy") == []
    sets = {item["status"]: item["runningCount"] for item in service["taskSets"]}
    assert sets == {"ACTIVE": 3, "PRIMARY": 3}


def test_a_pause_is_continued_and_the_deployment_goes_through_its_stages(
    ecs: DemoEcsBackend,
) -> None:
    arn = newest(ecs, "paused-continues")["serviceDeploymentArn"]
    [hook] = newest(ecs, "paused-continues")["lifecycleHookDetails"]
    assert hook["timeoutAction"] == "CONTINUE"
    asked = {"serviceDeploymentArn": arn, "hookId": hook["hookId"]}
    assert continue_deployment(ecs, asked, wall_clock.now()) == arn
    with pytest.raises(InvalidParameterException, match="not awaiting an action"):
        continue_deployment(ecs, asked, wall_clock.now())
    stages = []
    for _ in range(30):
        pass_time(ecs, 1)
        stages.append(newest(ecs, "paused-continues")["lifecycleStage"])
    assert list(dict.fromkeys(stages)) == list(
        traffic_shift.STAGES[: traffic_shift.STAGES.index("BAKE_TIME") + 1]
    )
    pass_time(ecs, 11 * 60, pace=10)
    ended = newest(ecs, "paused-continues")
    assert ended["status"] == "SUCCESSFUL"
    assert ended["targetServiceRevision"]["requestedProductionTrafficWeight"] == 100.0
    service = view(ecs, ecs.services[f"{CLUSTER}:paused-continues"])
    assert (service["runningCount"], len(service["deployments"])) == (3, 1)


def test_a_pause_that_times_out_does_what_its_hook_says(ecs: DemoEcsBackend) -> None:
    found = newest(ecs, "paused")
    [hook] = found["lifecycleHookDetails"]
    left = hook["expiresAt"].timestamp() - wall_clock.now()
    assert 0 < left <= 3600 and hook["timeoutAction"] == "ROLLBACK"
    pass_time(ecs, left + 30, pace=20)
    found = newest(ecs, "paused")
    assert found["status"] == "ROLLBACK_SUCCESSFUL"
    assert found["lifecycleHookDetails"][0]["status"] == "TIMED_OUT"
    assert found["statusReason"] == traffic_shift.HOOK_TIMED_OUT
    assert view(ecs, ecs.services[f"{CLUSTER}:paused"])["runningCount"] == 3


@pytest.mark.parametrize(("name", "before"), [("counting-up", "2026.11"), ("canary", "2026.11")])
def test_a_deployment_is_rolled_back_by_request(
    ecs: DemoEcsBackend, name: str, before: str
) -> None:
    arn = newest(ecs, name)["serviceDeploymentArn"]
    asked = {"serviceDeploymentArn": arn, "stopType": "ROLLBACK"}
    assert stop_deployment(ecs, asked, wall_clock.now()) == arn
    assert newest(ecs, name)["status"].startswith("ROLLBACK_")
    with pytest.raises(DeploymentConflict):
        stop_deployment(ecs, asked, wall_clock.now())
    pass_time(ecs, 120, pace=2)
    found = newest(ecs, name)
    assert found["status"] == "ROLLBACK_SUCCESSFUL"
    assert found["statusReason"] == service_deployments.BY_REQUEST
    service = view(ecs, ecs.services[f"{CLUSTER}:{name}"])
    assert service["runningCount"] == service["desiredCount"] and len(service["deployments"]) == 1
    definition = ecs.describe_task_definition(service["taskDefinition"])
    assert definition.container_definitions[0]["image"].endswith(before)


def test_an_aborted_deployment_stays_where_it_is(ecs: DemoEcsBackend) -> None:
    found = newest(ecs, "linear")
    arn = found["serviceDeploymentArn"]
    asked = {"serviceDeploymentArn": arn, "stopType": "ABORT"}
    stop_deployment(ecs, asked, wall_clock.now())
    assert newest(ecs, "linear")["status"] == "STOPPED"


def test_lists_are_filtered_and_the_newest_is_first(ecs: DemoEcsBackend) -> None:
    found = briefs(ecs, "web", "prod")
    assert [item["status"] for item in found] == ["SUCCESSFUL"] * 3
    times = [item["createdAt"] for item in found]
    assert times == sorted(times, reverse=True)
    assert briefs(ecs, "web", "prod", status=["STOPPED"]) == []
    after = {"after": times[1].timestamp() - 1}
    assert len(briefs(ecs, "web", "prod", createdAt=after)) == 2
    for item in found:
        [revision], _ = describe_revisions(ecs, [item["targetServiceRevisionArn"]])
        assert ecs.describe_task_definition(revision["taskDefinition"]).family == "web"


def test_what_is_not_there_is_an_error_or_a_failure(ecs: DemoEcsBackend) -> None:
    with pytest.raises(ServiceNotFoundException):
        briefs(ecs, "nobody", "prod")
    arn = briefs(ecs, "web", "prod")[0]["serviceDeploymentArn"]
    found, failures = describe_deployments(ecs, [f"{arn}x"], wall_clock.now())
    assert (found, failures) == ([], [{"arn": f"{arn}x", "reason": "MISSING"}])
    with pytest.raises(ServiceDeploymentNotFound):
        stop_deployment(ecs, {"serviceDeploymentArn": f"{arn}x"}, wall_clock.now())
    with pytest.raises(DeploymentConflict):
        stop_deployment(ecs, {"serviceDeploymentArn": arn}, wall_clock.now())
    asked = {"serviceDeploymentArn": arn, "hookId": "x"}
    with pytest.raises(InvalidParameterException, match="was not found"):
        continue_deployment(ecs, asked, wall_clock.now())
    with pytest.raises(InvalidParameterException, match="more than 20"):
        describe_deployments(ecs, [arn] * 21, wall_clock.now())
    with pytest.raises(InvalidParameterException, match="empty"):
        describe_revisions(ecs, [])
