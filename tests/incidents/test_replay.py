"""Incidents in the store: does it load each from the stub, and does it hold what AWS answered?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.incident_replay import NOTHING, Replay
from tests.support.incident_store import StoredIncident, stored
from tests.support.incidents import Incident, Json, load, operation_model, paths
from tests.support.stub_aws import Reply, StubAws

EVERY = paths("sick", "healthy", "later")
LOADED_BY = {
    "ecs:ListClusters", "ecs:DescribeClusters", "ecs:ListServices", "ecs:DescribeServices",
    "ecs:ListTasks", "ecs:DescribeTasks", "ecs:ListContainerInstances",
    "ecs:DescribeContainerInstances",
}  # fmt: skip
"""The operations with which the store fills its lists."""


def listed(incident: Incident, operation: str, member: str, cluster: str, **asked: str) -> set[str]:
    return {
        arn
        for each in incident.of(operation)
        if each.asked == {"cluster": cluster, **asked}
        for arn in each.content[member]
    }


def differences(loaded: StoredIncident) -> list[str]:
    """Where the lists of the store are not those of the answers."""
    incident, inventory, found = loaded.incident, loaded.inventory, []

    def compare(what: str, has: set[str], should: set[str]) -> None:
        if has != should:
            found.append(f"{incident.name}: {what}: {has ^ should}")

    for each in incident.of("ecs:ListClusters"):
        compare(
            "clusters", {item.arn for item in inventory.clusters}, {*each.content["clusterArns"]}
        )
    for cluster in inventory.clusters:
        name = cluster.name
        services = listed(incident, "ecs:ListServices", "serviceArns", name)
        compare("services", {item.arn for item in inventory.services(name)}, services)
        tasks = {
            status: listed(incident, "ecs:ListTasks", "taskArns", name, desiredStatus=status)
            for status in ("RUNNING", "STOPPED")
        }
        stopped = {item.arn for item in inventory.tasks(name, stopped=True)}
        running = {item.arn for item in inventory.tasks(name)}
        compare("tasks", running | stopped, tasks["RUNNING"] | tasks["STOPPED"])
        compare("running tasks", tasks["RUNNING"] - running, set())
        instances = listed(incident, "ecs:ListContainerInstances", "containerInstanceArns", name)
        compare("instances", {item.arn for item in inventory.instances(name)}, instances)
        found += [
            f"{incident.name}: {item.arn} is not described"
            for scope in loaded.scopes()
            for item in inventory.of(scope)
            if not item.described
        ]
    return found


def counts(loaded: StoredIncident) -> list[str]:
    """Where a service of the store has other numbers, events or deployments than its answer."""
    found = []
    for answer in loaded.incident.of("ecs:DescribeServices"):
        for raw in answer.content["services"]:
            name = raw["serviceName"]
            service = loaded.inventory.service(str(answer.asked["cluster"]), name)
            assert service is not None
            has = (service.desired, service.running, service.pending, len(service.deployments))
            should = (
                raw["desiredCount"], raw["runningCount"], raw["pendingCount"],
                len(raw["deployments"]),
            )  # fmt: skip
            if has != should:
                found.append(f"{loaded.incident.name}: {name}: {has} != {should}")
            moment = loaded.incident.moment
            if any(item.at is None or item.at > moment for item in service.events):
                found.append(f"{loaded.incident.name}: {name}: an event after the moment")
    return found


@pytest.mark.asyncio
async def test_the_store_holds_what_aws_answers(stub: StubAws) -> None:
    account, found = stub.account(timeout_seconds=10), list[str]()
    for path in EVERY:
        async with stored(stub, account, load(path)) as loaded:
            found += differences(loaded) + counts(loaded)
            found += [f"{path.stem}: {name} was refused" for name in loaded.replay.refused]
            found += [f"{path.stem}: {name} was called" for name in stub.calls.keys() - LOADED_BY]
    await account.close()
    assert not found, "\n".join(found)


@pytest.fixture
def replay(stub: StubAws) -> Replay:
    return Replay(stub, load(named("load-balancer-404")))


def named(name: str) -> Path:
    return next(path for path in EVERY if path.stem == name)


def answered(replay: Replay, operation: str, **request: object) -> Json:
    made = replay.answer(operation, dict(request))
    assert not isinstance(made, Reply), made.body
    return made


def test_a_describe_call_gets_what_it_names(replay: Replay) -> None:
    (every,) = load(named("load-balancer-404")).of("ecs:DescribeTasks")
    first = every.content["tasks"][0]["taskArn"]
    gone = "arn:aws:ecs:us-east-1:111122223333:task/prod/0"
    found = answered(replay, "ecs:DescribeTasks", cluster="prod", tasks=[first[-32:], gone])
    assert [task["taskArn"] for task in found["tasks"]] == [first]
    assert found["failures"] == [{"arn": gone, "reason": "MISSING"}]


def test_a_describe_call_may_not_name_too_many(replay: Replay) -> None:
    refused = replay.answer("ecs:DescribeServices", {"cluster": "prod", "services": ["s"] * 11})
    assert isinstance(refused, Reply)
    assert b"at most 10" in refused.body


@pytest.mark.parametrize("service", ["storefront", "orders"])
def test_tasks_are_listed_by_service(replay: Replay, service: str) -> None:
    asked = {"cluster": "prod", "serviceName": service, "desiredStatus": "RUNNING"}
    arns = answered(replay, "ecs:ListTasks", **asked)["taskArns"]
    found = answered(replay, "ecs:DescribeTasks", cluster="prod", tasks=arns)["tasks"]
    assert len(found) == 4
    assert {task["group"] for task in found} == {f"service:{service}"}


def test_a_service_that_does_not_exist_has_no_tasks(replay: Replay) -> None:
    refused = replay.answer(
        "ecs:ListTasks", {"cluster": "prod", "serviceName": "no"} | {"desiredStatus": "STOPPED"}
    )
    assert isinstance(refused, Reply)
    assert b"ServiceNotFoundException" in refused.body


def test_each_target_group_has_its_own_health(replay: Replay) -> None:
    groups = [
        str(each.asked["TargetGroupArn"])
        for each in load(named("load-balancer-404")).of("elbv2:DescribeTargetHealth")
    ]
    states = [
        [
            each["TargetHealth"]["State"]
            for each in answered(replay, "elbv2:DescribeTargetHealth", TargetGroupArn=group)[
                "TargetHealthDescriptions"
            ]
        ]
        for group in groups
    ]
    assert states == [["healthy", "healthy", "healthy", "unhealthy"], ["healthy"] * 4]


def test_what_did_not_scale_must_be_asked_for(stub: StubAws) -> None:
    replay = Replay(stub, load(named("scaling-at-maximum")))
    operation, asked = (
        "application-autoscaling:DescribeScalingActivities",
        {"ServiceNamespace": "ecs"},
    )
    plain = answered(replay, operation, **asked)["ScalingActivities"]
    every = answered(replay, operation, **asked, IncludeNotScaledActivities=True)
    assert [each for each in every["ScalingActivities"] if each not in plain]
    assert not answered(replay, operation, **asked, ResourceId="service/prod/orders")[
        "ScalingActivities"
    ]


def test_logs_are_of_the_streams_that_are_asked_for(stub: StubAws) -> None:
    incident = load(named("out-of-memory-new-revision"))
    replay = Replay(stub, incident)
    group = {"logGroupName": "/ecs/checkout"}
    events = answered(replay, "logs:FilterLogEvents", **group)["events"]
    stream = events[-1]["logStreamName"]
    found = answered(replay, "logs:GetLogEvents", **group, logStreamName=stream, limit=1)
    assert [each["message"] for each in found["events"]] == [events[-1]["message"]]
    since = events[-1]["timestamp"]
    assert (
        answered(replay, "logs:FilterLogEvents", **group, startTime=since)["events"] == events[-1:]
    )
    assert not answered(replay, "logs:FilterLogEvents", logGroupName="/ecs/search")["events"]
    assert since < incident.moment.timestamp() * 1000


def test_an_unknown_operation_is_refused_and_noted(replay: Replay) -> None:
    assert isinstance(replay.answer("ecs:ListAttributes", {"cluster": "prod"}), Reply)
    assert replay.refused == ["ecs:ListAttributes"]


@pytest.mark.parametrize("operation", NOTHING)
def test_the_answers_of_nothing_have_members_of_aws(operation: str) -> None:
    shape = operation_model(operation).output_shape
    assert NOTHING[operation].keys() <= shape.members.keys()  # type: ignore[union-attr]
