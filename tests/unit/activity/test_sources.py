"""What each source of the timeline makes of AWS's answers, and what it says when it may not look."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecs_tui.activity import layers, registry
from ecs_tui.activity.sources import (
    alarms,
    definitions,
    deployments,
    events,
    exits,
    scaling,
    targets,
)
from ecs_tui.activity.timeline import Timeline
from ecs_tui.errors import AccessDenied
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.task import Task
from ecs_tui.resources.activity import ActivityEntry, activity_place, details_text, flat_entry
from ecs_tui.resources.activity_source import (
    ActivityAnswer,
    ActivityAsk,
    ActivitySource,
    ActivityTarget,
)
from tests.support.stub_aws import ARN, CLUSTER, DEFINITION, SERVICE, SERVICE_RAW, TASKS, StubAws
from tests.support.stub_aws import error_reply as refused

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
AT = NOW.timestamp()
GROUP = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/1"
WEB = ActivityTarget("stub", "web")
REVISION = f"{ARN}:service-revision/stub/web/"
DEPLOYMENT = f"{ARN}:service-deployment/stub/web/d1"


async def read(
    stub: StubAws,
    source: ActivitySource,
    target: ActivityTarget = WEB,
    hours: float = 1,
    **known: Any,
) -> ActivityAnswer:
    account = stub.account()
    ask = ActivityAsk(account, target, NOW - timedelta(hours=hours), NOW, NOW, **known)
    try:
        return await source.read(ask)
    finally:
        await ask.close()
        await account.close()


def service(stub: StubAws, **more: Any) -> None:
    stub.answers["ecs:DescribeServices"] = {"services": [{**SERVICE_RAW, **more}]}


@pytest.mark.asyncio
async def test_events_without_the_services_name_those_about_health_apart(stub: StubAws) -> None:
    task = "a" * 32
    service(stub, events=[
        {"id": "3", "createdAt": AT - 10, "message": f"(service web) (port 80) is unhealthy in (target-group {GROUP}) due to (reason Request timed out)."},
        {"id": "2", "createdAt": AT - 20, "message": f"(service web) has started 1 tasks: (task {task})."},
        {"id": "1", "createdAt": AT - 7200, "message": "(service web) has reached a steady state."},
        {"id": "0", "message": "(service web) was unable to place a task."},
    ])  # fmt: skip
    (event,) = (await read(stub, events.EVENT_SOURCE)).entries
    assert (event.what, event.thing) == (f"has started 1 tasks: (task {task}).", task)
    assert event.place is not None and event.place.task_arn == TASKS[0]
    (health,) = (await read(stub, events.HEALTH_SOURCE)).entries
    assert health.sign is Sign.BAD and health.what.startswith("(port 80) is unhealthy")


@pytest.mark.asyncio
async def test_targets_and_containers_that_are_unhealthy_now(stub: StubAws) -> None:
    service(stub, loadBalancers=[{"targetGroupArn": GROUP, "containerName": "app"}], events=[])
    stub.answers["elbv2:DescribeTargetHealth"] = {"TargetHealthDescriptions": [
        {"Target": {"Id": "10.0.0.1", "Port": "80"}, "TargetHealth": {"State": "unhealthy", "Reason": "Target.Timeout"}},
        {"Target": {"Id": "10.0.0.2", "Port": "80"}, "TargetHealth": {"State": "healthy"}},
    ]}  # fmt: skip
    stub.answers["ecs:DescribeTasks"] = {"tasks": [{
        "taskArn": TASKS[0], "clusterArn": CLUSTER, "group": "service:web", "lastStatus": "RUNNING",
        "healthStatus": "UNHEALTHY", "containers": [{"name": "app", "healthStatus": "UNHEALTHY"}],
    }]}  # fmt: skip
    found = (await read(stub, events.HEALTH_SOURCE)).entries
    assert [each.what for each in found] == [
        "target 10.0.0.1:80 of web is unhealthy: Target.Timeout",
        "app of task aaaaaaaa is unhealthy",
    ]
    assert all(each.seen and each.at == NOW for each in found) and targets.MAX_GROUPS > 1
    stub.faults["elbv2:DescribeTargetHealth"] = lambda op: refused(op, "AccessDenied", "no")
    answer = await read(stub, events.HEALTH_SOURCE)
    assert "targets: not allowed to look (elasticloadbalancing:DescribeTargetHealth)" in answer.note
    assert len(answer.entries) == 1, "the containers all the same"


def stopped(number: int, seconds: float, **more: Any) -> dict[str, Any]:
    return {
        "taskArn": f"{ARN}:task/stub/{number:032x}", "clusterArn": CLUSTER, "group": "service:web",
        "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "taskDefinitionArn": DEFINITION,
        "stopCode": "EssentialContainerExited", "startedAt": AT + seconds - 20,
        "stoppedAt": AT + seconds, "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"}],
        **more,
    }  # fmt: skip


@pytest.mark.asyncio
async def test_exits_of_one_cause_are_one_entry_at_the_first(stub: StubAws) -> None:
    tasks = [stopped(1, -600), stopped(2, -300), stopped(3, -30)]
    tasks.append(stopped(4, -100, stopCode="ServiceSchedulerInitiated", containers=[]))
    tasks.append(stopped(5, -9000))
    stub.answers["ecs:ListTasks"] = lambda body: {"taskArns": [each["taskArn"] for each in tasks]}
    stub.answers["ecs:DescribeTasks"] = {"tasks": tasks}
    told, crashed = sorted((await read(stub, exits.SOURCE)).entries, key=lambda each: each.count)
    assert crashed.count == 3 and crashed.sign is Sign.BAD
    assert crashed.at == NOW - timedelta(seconds=600) and crashed.until == NOW - timedelta(
        seconds=30
    )
    assert crashed.words.startswith("web:7: app exit 137 OutOfMemoryError ×3, the last at ")
    assert crashed.place is not None and crashed.place.logs is not None
    assert crashed.place.logs.at == round((AT - 30) * 1000), "the log lines before the last exit"
    assert told.sign is Sign.OFF and "stopped by the service's scheduler" in told.what
    assert (await read(stub, exits.SOURCE, hours=6)).note == exits.FORGETS
    old = Task(
        "arn:old", "old", CLUSTER, "service:web", "STOPPED", stopped_at=NOW - timedelta(hours=5)
    )
    answer = await read(stub, exits.SOURCE, hours=6, remembered=[old])
    assert sum(each.count for each in answer.entries) == 6, "also what ECS has forgotten"


@pytest.mark.asyncio
@pytest.mark.parametrize("honours", [None, "ignores it", "answers nothing"])
async def test_exits_of_a_service_are_its_own_whatever_ecs_makes_of_its_name(
    stub: StubAws, honours: str | None
) -> None:
    tasks = [
        stopped(1, -600),
        stopped(2, -300, group="service:api"),
        stopped(3, -30, group="family:x"),
    ]
    by_arn = {each["taskArn"]: each for each in tasks}

    def listed(body: str) -> dict[str, Any]:
        arns = list(by_arn)
        if "serviceName" in json.loads(body) and honours != "ignores it":
            arns = arns[:1] if honours is None else []
        return {"taskArns": arns}

    stub.answers["ecs:ListTasks"] = listed
    stub.answers["ecs:DescribeTasks"] = lambda body: {
        "tasks": [by_arn[arn] for arn in json.loads(body)["tasks"]]
    }
    answer = await read(stub, exits.SOURCE)
    assert [each.service for each in answer.entries] == ["web"]
    whole = await read(stub, exits.SOURCE, ActivityTarget("stub"))
    assert {each.service for each in whole.entries} == {"web", "api", ""}


@pytest.mark.asyncio
async def test_scaling_that_failed_or_could_not_be(stub: StubAws) -> None:
    def activity(number: int, **more: Any) -> dict[str, Any]:
        return {
            "ActivityId": str(number),
            "ResourceId": "service/stub/web",
            "StartTime": AT - number,
            **more,
        }

    stub.answers["application-autoscaling:DescribeScalingActivities"] = {"ScalingActivities": [
        activity(1, Description="Setting desired count to 4.", StatusCode="Successful", Cause="monitor alarm x"),
        activity(2, StatusCode="Successful", NotScaledReasons=[{"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 10}]),
        activity(3, Description="Setting desired count to 5.", StatusCode="Failed", StatusMessage="denied"),
        activity(9000, Description="old"),
    ]}  # fmt: skip
    found = (await read(stub, scaling.SOURCE)).entries
    assert [(each.what, each.sign) for each in found] == [
        ("Setting desired count to 4", Sign.FINE),
        ("did not scale: already at its maximum of 10", Sign.WARNING),
        ("Setting desired count to 5: denied", Sign.BAD),
    ]
    assert dict(found[0].details)["cause"] == "monitor alarm x"
    alone = ActivityTarget("stub", "", TASKS[0])
    assert "not scaled" in (await read(stub, scaling.SOURCE, alone)).note


@pytest.mark.asyncio
async def test_changes_of_the_alarms_about_it(stub: StubAws) -> None:
    assert (await read(stub, alarms.SOURCE)).note == "no alarm is about it"
    dimensions = [{"Name": "ClusterName", "Value": "stub"}, {"Name": "ServiceName", "Value": "web"}]
    stub.answers["cloudwatch:DescribeAlarms"] = {"MetricAlarms": [
        {"AlarmName": "cpu", "StateValue": "ALARM", "MetricName": "CPUUtilization", "Dimensions": dimensions,
         "ComparisonOperator": "GreaterThanThreshold", "Threshold": 80.0},
        {"AlarmName": "else", "StateValue": "OK", "Dimensions": []},
    ]}  # fmt: skip
    stub.answers["cloudwatch:DescribeAlarmHistory"] = {"AlarmHistoryItems": [{
        "AlarmName": "cpu", "Timestamp": AT - 5,
        "HistoryData": '{"oldState":{"stateValue":"OK"},"newState":{"stateValue":"ALARM","stateReason":"why"}}',
    }]}  # fmt: skip
    stub.calls.clear()
    (entry,) = (await read(stub, alarms.SOURCE)).entries
    assert entry.what == "cpu OK → ALARM (CPUUtilization > 80)" and entry.sign is Sign.BAD
    assert dict(entry.details)["reason"] == "why"
    assert stub.calls["cloudwatch:DescribeAlarmHistory"] == 1


def revision(number: int) -> dict[str, Any]:
    return {
        "serviceRevisionArn": f"{REVISION}{number}", "taskDefinition": f"{ARN}:task-definition/web:{number}",
        "serviceArn": SERVICE, "clusterArn": CLUSTER,
    }  # fmt: skip


def definition(number: int) -> dict[str, Any]:
    return {
        "taskDefinitionArn": f"{ARN}:task-definition/web:{number}", "family": "web", "revision": number,
        "registeredAt": AT - 60 * number, "registeredBy": f"arn:aws:sts::1:assumed-role/deploy/alice{number}",
        "containerDefinitions": [{"name": "app", "image": f"web:{number}", "essential": True}],
    }  # fmt: skip


@pytest.mark.asyncio
async def test_deployments_with_their_differences(stub: StubAws) -> None:
    stub.answers["ecs:ListServiceDeployments"] = {"serviceDeployments": [
        {"serviceDeploymentArn": DEPLOYMENT, "status": "ROLLBACK_SUCCESSFUL", "createdAt": AT - 900},
    ]}  # fmt: skip
    stub.answers["ecs:DescribeServiceDeployments"] = {"serviceDeployments": [{
        "serviceDeploymentArn": DEPLOYMENT, "serviceArn": SERVICE, "clusterArn": CLUSTER,
        "status": "ROLLBACK_SUCCESSFUL", "createdAt": AT - 900, "startedAt": AT - 900, "finishedAt": AT - 300,
        "rollback": {"reason": "the circuit breaker"},
        "sourceServiceRevisions": [{"arn": f"{REVISION}7", "requestedTaskCount": 2}],
        "targetServiceRevision": {"arn": f"{REVISION}8"},
    }]}  # fmt: skip
    stub.answers["ecs:DescribeServiceRevisions"] = {"serviceRevisions": [revision(7), revision(8)]}
    stub.answers["ecs:DescribeTaskDefinition"] = lambda body: {
        "taskDefinition": definition(8 if "web:8" in body else 7)
    }
    begun, ended = sorted(
        (await read(stub, deployments.SOURCE)).entries, key=lambda each: str(each.at)
    )
    assert begun.what == "deployment began: app image web:7 → web:8"
    assert begun.place is None and ("app image", "web:7 → web:8") in begun.details
    assert ended.what == "deployment rolled back after 10 min: the circuit breaker"
    stub.faults["ecs:DescribeServiceRevisions"] = lambda op: refused(
        op, "AccessDeniedException", "no"
    )
    begun, _ = sorted((await read(stub, deployments.SOURCE)).entries, key=lambda each: str(each.at))
    assert "not read: Access denied" in begun.what, "never as if nothing differed"


@pytest.mark.asyncio
async def test_who_registered_the_definitions(stub: StubAws) -> None:
    stub.answers["ecs:DescribeTaskDefinition"] = {"taskDefinition": definition(7)}
    (entry,) = (await read(stub, definitions.SOURCE)).entries
    assert (entry.who, entry.what) == ("alice7", "registered task definition web:7")


@pytest.mark.asyncio
async def test_all_sources_share_their_answers_and_one_failure_is_only_its_own(
    stub: StubAws,
) -> None:
    stub.faults["cloudwatch:DescribeAlarms"] = lambda op: refused(op, "AccessDenied", "no")
    account = stub.account()
    timeline = Timeline(registry.SOURCES)
    told: list[bool] = []
    ask = ActivityAsk(account, WEB, NOW - timedelta(hours=1), NOW, NOW)
    await timeline.read(ask, lambda: told.append(timeline.loading))
    await account.close()
    assert len(told) == len(registry.SOURCES) and not timeline.loading
    assert stub.calls["ecs:DescribeServices"] <= 2, "the service, and its events"
    assert timeline.words("alarms") == "not allowed to look (cloudwatch:DescribeAlarms)"
    assert [type(error) for _, error in timeline.failed()] == [AccessDenied]
    assert {source.layer for source in registry.SOURCES} == set(layers.LAYER_NAMES)


# -- the timeline


def entry(key: str, minutes: int, layer: str = "events", **more: Any) -> ActivityEntry:
    return ActivityEntry(key, layer, NOW - timedelta(minutes=minutes), "ECS", key, **more)


def source(reader: Callable[[ActivityAsk], Awaitable[ActivityAnswer]]) -> ActivitySource:
    return ActivitySource("events", "test", reader)


@pytest.mark.asyncio
async def test_what_aws_forgets_stays_and_what_was_seen_keeps_its_first_time(stub: StubAws) -> None:
    answers = [
        ActivityAnswer([entry("old", 30), entry("ill", 5, "health", seen=True)]),
        ActivityAnswer([entry("new", 1), entry("ill", 0, "health", seen=True)], "of 2 services"),
    ]

    async def reader(ask: ActivityAsk) -> ActivityAnswer:
        return answers.pop(0)

    timeline, account = Timeline([source(reader)]), stub.account()
    for _ in range(2):
        await timeline.read(ActivityAsk(account, WEB, NOW, NOW, NOW))
    shown = timeline.shown(("events", "health"), NOW - timedelta(hours=1), NOW)
    assert [each.key for each in shown] == ["new", "ill", "old"]
    assert shown[1].at == NOW - timedelta(minutes=5)
    assert timeline.counts(NOW - timedelta(minutes=10), NOW)["events"] == 1
    assert [each.key for each in timeline.shown(("health",), NOW - timedelta(hours=1), NOW)] == [
        "ill"
    ]
    assert timeline.words("events") == "of 2 services"
    await account.close()


@pytest.mark.asyncio
async def test_a_source_with_a_bug_does_not_take_the_others_with_it(
    stub: StubAws, crashes: list[Any]
) -> None:
    async def broken(ask: ActivityAsk) -> ActivityAnswer:
        raise KeyError("bug")

    async def fine(ask: ActivityAsk) -> ActivityAnswer:
        return ActivityAnswer([entry("a", 1)])

    timeline, account = Timeline([source(broken), source(fine)]), stub.account()
    await timeline.read(ActivityAsk(account, WEB, NOW, NOW, NOW))
    await account.close()
    assert timeline.counts(NOW - timedelta(hours=1), NOW)["events"] == 1
    assert len(crashes) == 1 and len(list(timeline.failed())) == 1
    crashes.clear()


def test_an_entry_for_people_and_for_programs() -> None:
    made = entry("a\x1b[2J", 1, details=(("cause\n", "b\x07"), ("empty", "")), count=2, until=NOW)
    text = details_text(made, NOW)
    assert "\x1b" not in text and "\x07" not in text and "empty" not in text
    flat = flat_entry(made)
    assert flat["count"] == 2 and flat["sign"] == "ok" and "empty" not in flat["details"]
    assert activity_place("c", around=NOW).around == round(AT * 1000)
