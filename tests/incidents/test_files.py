"""The files of incidents: are they complete, in AWS's shapes, and do their answers agree with each other?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from tests.support.incidents import (
    FOLDER,
    Incident,
    Json,
    causes,
    load,
    operation_model,
    paths,
    relative,
)

SICK, HEALTHY, LATER = paths("sick"), paths("healthy"), paths("later")
EVERY = [*SICK, *HEALTHY, *LATER]
STARTING = ("PROVISIONING", "PENDING", "ACTIVATING")
KEPT = timedelta(hours=1)
"""How long ECS keeps a stopped task."""
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "long": int, "boolean": bool, "double": (float, int),
}  # fmt: skip


@pytest.fixture(params=EVERY, ids=[path.stem for path in EVERY])
def incident(request: pytest.FixtureRequest) -> Incident:
    return load(request.param)


def wrong(shape: Shape | None, value: Any, path: str) -> Iterator[str]:
    """What botocore would not understand, or silently drop."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, item in value.items():
            if name in shape.members:
                yield from wrong(shape.members[name], item, f"{path}.{name}")
            else:
                yield f"{path}.{name}: AWS sends no such member"
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for number, item in enumerate(value):
            yield from wrong(shape.member, item, f"{path}[{number}]")
    elif isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from wrong(shape.value, item, f"{path}.{key}")
    elif shape is None or shape.type_name == "timestamp" or _is_time(shape, value):
        relative(value)
    elif not isinstance(value, _TYPES.get(shape.type_name, ())):
        yield f"{path}: {value!r} is no {shape.type_name}"
    elif isinstance(shape, StringShape) and shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"


def _is_time(shape: Shape, value: Any) -> bool:
    """CloudWatch Logs has numbers of milliseconds."""
    return shape.type_name == "long" and isinstance(value, str)


def objects(incident: Incident, operation: str, member: str) -> list[Json]:
    return [each for answer in incident.of(operation) for each in answer.content[member]]


def tasks_of(incident: Incident, service: Json) -> list[Json]:
    return [
        task
        for task in objects(incident, "ecs:DescribeTasks", "tasks")
        if task["group"] == f"service:{service['serviceName']}"
        and task["clusterArn"] == service["clusterArn"]
    ]


def texts(value: Any) -> Iterator[str]:
    """Every text in an answer."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def test_there_are_enough_of_them() -> None:
    assert len(SICK) >= 24
    assert len(HEALTHY) >= 6
    assert len(LATER) >= 8
    expected = [found.cause for path in SICK if (found := load(path).expected) is not None]
    assert len(expected) == len(SICK)
    assert len(set(expected)) >= 20
    assert all(load(path).expected is None for path in HEALTHY)


def test_what_is_expected_is_in_the_answers(incident: Incident) -> None:
    assert incident.path.stem == incident.name
    assert incident.story
    assert incident.sources
    assert all(source.startswith("https://") for source in incident.sources)
    assert incident.moment.utcoffset() == timedelta(0)
    expected = incident.expected
    if expected is None:
        return
    assert expected.cause in causes()
    found = [text for answer in incident.answers for text in texts(answer.content)]
    assert any(expected.evidence in text for text in found), expected.evidence
    assert expected.since is None or expected.since in found
    (cluster,) = (
        each
        for each in objects(incident, "ecs:DescribeClusters", "clusters")
        if each["clusterName"] == expected.cluster
    )
    if expected.service is not None:
        (service,) = (
            each
            for each in objects(incident, "ecs:DescribeServices", "services")
            if each["serviceName"] == expected.service
            and each["clusterArn"] == cluster["clusterArn"]
        )
        ran = {each["name"] for task in tasks_of(incident, service) for each in task["containers"]}
        assert expected.container in {None, *ran}


def test_answers_have_the_shapes_of_aws(incident: Incident) -> None:
    found = [
        words
        for answer in incident.answers
        for words in wrong(
            operation_model(answer.operation).output_shape, answer.content, answer.operation
        )
    ]
    assert not found, "\n".join(found)


def test_answers_fit_what_is_asked(incident: Incident) -> None:
    for answer in incident.answers:
        shape = operation_model(answer.operation).input_shape
        members = shape.members if isinstance(shape, StructureShape) else {}
        assert answer.asked.keys() <= members.keys(), answer.operation


def test_lists_name_what_is_described(incident: Incident) -> None:
    for kind, listed, key in (
        ("Services", "serviceArns", "serviceArn"),
        ("Tasks", "taskArns", "taskArn"),
        ("ContainerInstances", "containerInstanceArns", "containerInstanceArn"),
        ("Clusters", "clusterArns", "clusterArn"),
    ):
        member = kind[0].lower() + kind[1:]
        described = [each[key] for each in objects(incident, f"ecs:Describe{kind}", member)]
        names = [arn for each in incident.of(f"ecs:List{kind}") for arn in each.content[listed]]
        assert names == described
        assert len(names) == len(set(names))


def test_services_count_their_tasks(incident: Incident) -> None:
    for service in objects(incident, "ecs:DescribeServices", "services"):
        tasks = tasks_of(incident, service)
        running = [task for task in tasks if task["lastStatus"] == "RUNNING"]
        starting = [task for task in tasks if task["lastStatus"] in STARTING]
        assert (len(running), len(starting)) == (service["runningCount"], service["pendingCount"])
        first, deployments = service["deployments"][0], service["deployments"]
        assert first["taskDefinition"] == service["taskDefinition"]
        assert first["desiredCount"] == service["desiredCount"]
        for each in deployments:
            mine = [task for task in running if task["startedBy"] == each["id"]]
            assert len(mine) == each["runningCount"], each["taskDefinition"]
        assert sum(each["pendingCount"] for each in deployments) == service["pendingCount"]
        events = [relative(each["createdAt"]) for each in service["events"]]
        assert events == sorted(events, reverse=True), "the newest is first"
        assert all(relative(service["createdAt"]) <= at <= timedelta(0) for at in events)


def test_tasks_live_in_order(incident: Incident) -> None:
    instances = objects(incident, "ecs:DescribeContainerInstances", "containerInstances")
    on: dict[str, int] = {}
    for task in objects(incident, "ecs:DescribeTasks", "tasks"):
        steps = ("createdAt", "pullStartedAt", "pullStoppedAt", "startedAt", "stoppingAt",
                 "stoppedAt")  # fmt: skip
        times = [relative(task[step]) for step in steps if step in task]
        assert times == sorted(times), task["taskArn"]
        assert times[-1] <= timedelta(0)
        stopped = task["lastStatus"] == "STOPPED"
        assert stopped == ("stoppedAt" in task)
        assert not stopped or (relative(task["stoppedAt"]) >= -KEPT and task["stopCode"])
        if task["lastStatus"] == "RUNNING" and "containerInstanceArn" in task:
            on[task["containerInstanceArn"]] = on.get(task["containerInstanceArn"], 0) + 1
        elif task["lastStatus"] == "RUNNING":
            assert task["launchType"] == "FARGATE"
    counted = {each["containerInstanceArn"]: each["runningTasksCount"] for each in instances}
    assert counted == {arn: on.get(arn, 0) for arn in counted}


def test_the_readme_has_every_folder() -> None:
    folders = {path.name for path in FOLDER.iterdir() if any(path.glob("*.json"))}
    words = Path(FOLDER / "README.md").read_text("utf-8")
    assert all(f"`{name}/`" in words for name in folders)


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("-14m30s", -870), ("+1d19h", 154_800), ("-0.5s", -0.5), ("-2h", -7200)],
)
def test_relative_times(words: str, seconds: float) -> None:
    assert relative(words).total_seconds() == seconds


@pytest.mark.parametrize("words", ["14m", "-", "", "-1x", "2026-03-04T03:12:00Z", "-5m3h"])
def test_other_times_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match="not a relative time"):
        relative(words)
