"""Where the lines of containers are, as tables over what definitions may say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from ecs_tui.aws.parse import log_configuration as parse
from ecs_tui.model import log_configuration, log_group, log_query, log_source
from ecs_tui.model.container import Container
from ecs_tui.model.log_configuration import LogConfiguration
from ecs_tui.model.log_source import LogGroupRef, LogPlace
from ecs_tui.model.rules.log_sources import (
    ends_of,
    insights_groups,
    previous_task,
    sources_of,
    whole_group,
)
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition

ID = "4a5a" + "0" * 28
ARN = f"arn:aws-cn:ecs:cn-north-1:111122223333:task/prod/{ID}"
T0 = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
GROUP = {"awslogs-group": "/web"}


def task(**more: object) -> Task:
    container = Container("app", "arn", ARN, "RUNNING", runtime_id="0123abcd")
    values: dict[str, object] = {
        "arn": ARN, "id": ID, "cluster_arn": "", "group": "service:web", "containers": (container,),
    }  # fmt: skip
    return Task(**(values | more))  # type: ignore[arg-type]


def definition(*logging: LogConfiguration) -> TaskDefinition:
    names = ("app", "log-router", "third")
    return TaskDefinition(
        "arn", "web", 7,
        containers=tuple(
            ContainerDefinition(name, logging=each)
            for name, each in zip(names, logging, strict=False)
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "group", "region", "stream"),
    [
        (GROUP | {"awslogs-stream-prefix": "ecs"}, "/web", "cn-north-1", f"ecs/app/{ID}"),
        (GROUP | {"awslogs-stream-prefix": "a/b/c"}, "/web", "cn-north-1", f"a/b/c/app/{ID}"),
        (GROUP | {"awslogs-region": "cn-northwest-1"}, "/web", "cn-northwest-1", "0123abcd"),
        (GROUP | {"awslogs-stream-prefix": ""}, "/web", "cn-north-1", "0123abcd"),
        (GROUP | {"awslogs-stream": "one"}, "/web", "cn-north-1", "one"),
    ],
)
def test_the_group_and_the_stream_of_awslogs(
    options: Mapping[str, str], group: str, region: str, stream: str
) -> None:
    (found,) = sources_of(task(), definition(LogConfiguration("awslogs", options)))
    assert found.place is LogPlace.CLOUDWATCH and found.readable
    assert found.group == LogGroupRef(group, region, "111122223333", "aws-cn")
    assert (found.stream, found.service, found.container) == (stream, "web", "app")
    assert found.group.identifier == {"logGroupName": "/web"}
    assert found.group.arn == f"arn:aws-cn:logs:{region}:111122223333:log-group:/web"
    assert found.has(stream) and not found.has(stream + "x")


def test_a_group_of_another_account_is_called_by_its_arn() -> None:
    arn = "arn:aws-cn:logs:cn-northwest-1:999999999999:log-group:/central:*"
    options = {"awslogs-group": arn, "awslogs-stream-prefix": "ecs"}
    (found,) = sources_of(task(), definition(LogConfiguration("awslogs", options)))
    assert found.group is not None and found.group.foreign
    assert found.group.identifier == {"logGroupIdentifier": arn.removesuffix(":*")}
    assert (found.group.name, found.group.region) == ("/central", "cn-northwest-1")


ROUTER = LogConfiguration("awslogs", GROUP | {"awslogs-stream-prefix": "x"}, (), "fluentbit")


@pytest.mark.parametrize(
    ("logging", "place", "words"),
    [
        (LogConfiguration(), LogPlace.NOWHERE, "has no log configuration"),
        (LogConfiguration("none"), LogPlace.NOWHERE, "has the log driver none"),
        (
            LogConfiguration("json-file"),
            LogPlace.ELSEWHERE,
            "stay in a file on its container instance",
        ),
        (LogConfiguration("splunk"), LogPlace.ELSEWHERE, "go to the log driver splunk"),
        (LogConfiguration("x\x1b[2J"), LogPlace.ELSEWHERE, "x�[2J"),
        (LogConfiguration("awslogs"), LogPlace.ELSEWHERE, "the option awslogs-group is missing"),
        (LogConfiguration("awslogs", {}, ("awslogs-group",)), LogPlace.ELSEWHERE, "is a secret"),
        (
            LogConfiguration("awslogs", GROUP, ("awslogs-stream-prefix",)),
            LogPlace.ELSEWHERE,
            "the option awslogs-stream-prefix is a secret",
        ),
        (
            LogConfiguration("awsfirelens", {"Name": "firehose", "delivery_stream": "edge"}),
            LogPlace.ELSEWHERE,
            "sends its lines through FireLens (container log-router) to firehose (edge)",
        ),
        (
            LogConfiguration("awsfirelens"),
            LogPlace.ELSEWHERE,
            "where the router's own configuration",
        ),
        (
            LogConfiguration("awsfirelens", {"Name": "cloudwatch", "log_group_name": "/$(tag)"}),
            LogPlace.ELSEWHERE,
            "to cloudwatch (/$(tag))",
        ),
    ],
)
def test_what_is_not_in_cloudwatch_is_said(
    logging: LogConfiguration, place: LogPlace, words: str
) -> None:
    first, router = sources_of(task(), definition(logging, ROUTER))
    assert (first.place, first.readable) == (place, False)
    assert words in first.words and first.words.isprintable() and first.words.endswith(".")
    assert router.readable


@pytest.mark.parametrize(
    ("options", "stream", "prefix"),
    [
        ({"log_stream_name": "one"}, "one", ""),
        ({"log_stream_prefix": "fire/"}, "", f"fire/app-firelens-{ID}"),
        ({}, "", f"app-firelens-{ID}"),
    ],
)
def test_firelens_to_cloudwatch_is_read_there(
    options: Mapping[str, str], stream: str, prefix: str
) -> None:
    logging = LogConfiguration(
        "awsfirelens",
        {
            "Name": "cloudwatch_logs",
            "log_group_name": "/fire",
            "region": "cn-northwest-1",
            **options,
        },
    )
    found = sources_of(task(), definition(logging, ROUTER), "app")
    assert [(each.stream, each.prefix) for each in found] == [(stream, prefix)]
    assert found[0].group is not None and found[0].group.region == "cn-northwest-1"
    assert "FireLens (container log-router) to the log group /fire" in found[0].words


def test_without_a_prefix_and_an_id_the_stream_is_not_known() -> None:
    bare = task(containers=(Container("app", "arn", ARN, "PENDING"),))
    (found,) = sources_of(bare, definition(LogConfiguration("awslogs", GROUP)))
    assert not found.readable and "ECS does not say its ID" in found.words


def test_options_that_may_be_secrets_are_not_kept() -> None:
    raw = {
        "logConfiguration": {
            "logDriver": "splunk",
            "options": {"splunk-token": "s3cret", "awslogs-group": "/web", "mode": 3},
            "secretOptions": [{"name": "splunk-url", "valueFrom": "arn"}],
        },
        "firelensConfiguration": {"type": "fluentbit"},
    }
    found = parse.log_configuration(raw)
    assert "s3cret" not in repr(found)
    assert (found.driver, found.hidden, found.router) == ("splunk", ("splunk-url",), "fluentbit")
    assert found.options["awslogs-group"] == "/web"
    assert parse.log_configuration({"logConfiguration": "odd"}) == LogConfiguration()
    assert "splunk-token" not in log_configuration.KEPT_OPTIONS


def stopped(number: int, **more: object) -> Task:
    moment = T0 + timedelta(minutes=number)
    values: dict[str, object] = {
        "arn": f"{ARN}{number}", "id": str(number), "created_at": moment,
        "stopped_at": moment + timedelta(seconds=50),
    }  # fmt: skip
    return task(**(values | more))


def test_the_task_before() -> None:
    tasks = [stopped(2), stopped(1), stopped(3, group="service:other")]
    assert previous_task(tasks) is tasks[2]
    assert previous_task(tasks, task(created_at=T0 + timedelta(minutes=5))) is tasks[0]
    assert previous_task(tasks, tasks[0]) is tasks[1]
    assert previous_task(tasks, tasks[1]) is None
    assert previous_task([]) is None


def test_ends_of_containers() -> None:
    containers = (
        Container("app", "", ARN, "STOPPED", exit_code=137, reason="OutOfMemoryError: killed"),
        Container("envoy", "", ARN, "STOPPED", exit_code=143),
        Container("init", "", ARN, "STOPPED"),
    )
    ended = stopped(1, containers=containers, execution_stopped_at=T0)
    ends = ends_of([ended, task()])
    assert [(each.container, each.words, each.failed) for each in ends] == [
        ("app", "exit 137 OutOfMemoryError", True), ("envoy", "exit 143", False),
    ]  # fmt: skip
    assert ends[0].at == T0.timestamp() * 1000


def test_groups_that_belong_to_no_task() -> None:
    found = whole_group(insights_groups("prod")[0], ARN)
    assert found.group is not None and found.has("any stream")
    assert found.group.name == "/aws/ecs/containerinsights/prod/performance"
    assert found.group.region == "cn-north-1"
    plain = whole_group("/x", "", "eu-west-1", "1")
    assert plain.group == LogGroupRef("/x", "eu-west-1", "1")


def test_the_plain_objects() -> None:
    assert log_group.LogStream("s").last_event == -1
    assert log_query.QueryStatus("Complete").ended and not log_query.QueryStatus("Running").ended
    assert log_source.ContainerExit("t", "c", 1, "exit 0").failed is False
