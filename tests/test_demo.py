"""The pretend account: AWS's shapes, paging, a life that moves, ExecuteCommand's errors, tokens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import aiohttp
import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ListShape, OperationModel, Shape, StructureShape

from ecs_tui.demo.ecs import NOT_ENABLED
from ecs_tui.demo.lifecycle import Life
from tests.support import Demo, demo_account


@pytest.fixture(scope="module")
def ecs(demo: Demo) -> Any:
    env = demo.environment
    return boto3.client(
        "ecs",
        endpoint_url=demo.endpoint,
        region_name=demo.region,
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
    )


def strangers(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """Members of an answer that the service model does not name."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for key, item in value.items():
            if key not in shape.members:
                yield f"{path}.{key}"
            else:
                yield from strangers(shape.members[key], item, f"{path}.{key}")
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for item in value:
            yield from strangers(shape.member, item, f"{path}[]")


def raw(demo: Demo, ecs: Any, operation: str, **params: Any) -> dict[str, Any]:
    """The answer as it stands on the wire, before botocore drops what it does not know."""
    bodies: list[bytes] = []
    name = f"after-call.ecs.{operation}"
    ecs.meta.events.register(name, lambda http_response, **_: bodies.append(http_response.content))
    getattr(ecs, xform_name(operation))(**params)
    answer: dict[str, Any] = json.loads(bodies[0])
    return answer


def test_answers_have_only_members_that_the_model_names(demo: Demo, ecs: Any) -> None:
    services = ecs.list_services(cluster="prod")["serviceArns"][:10]
    running = ecs.list_tasks(cluster="prod")["taskArns"][:50]
    stopped = ecs.list_tasks(cluster="prod", desiredStatus="STOPPED")["taskArns"]
    assert stopped
    batch = ecs.list_tasks(cluster="batch")["taskArns"][:20]
    instances = ecs.list_container_instances(cluster="batch")["containerInstanceArns"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("ListClusters", {}),
        (
            "DescribeClusters",
            {"clusters": ["prod", "batch"], "include": ["CONFIGURATIONS", "TAGS"]},
        ),
        ("DescribeServices", {"cluster": "prod", "services": services, "include": ["TAGS"]}),
        ("DescribeTasks", {"cluster": "prod", "tasks": running + stopped, "include": ["TAGS"]}),
        ("DescribeTasks", {"cluster": "batch", "tasks": batch}),
        ("DescribeContainerInstances", {"cluster": "batch", "containerInstances": instances}),
        ("DescribeTaskDefinition", {"taskDefinition": "web", "include": ["TAGS"]}),
    ]
    for operation, params in calls:
        model: OperationModel = ecs.meta.service_model.operation_model(operation)
        answer = raw(demo, ecs, operation, **params)
        assert answer
        assert model.output_shape is not None
        assert list(strangers(model.output_shape, answer)) == [], operation


def test_the_account_has_the_cases_that_matter(ecs: Any) -> None:
    clusters = ecs.list_clusters()["clusterArns"]
    assert [arn.rsplit("/", 1)[-1] for arn in clusters] == ["prod", "staging", "batch", "clinic"]
    names = [
        arn for cluster in clusters for arn in ecs.list_services(cluster=cluster)["serviceArns"]
    ]
    tasks = [arn for cluster in clusters for arn in ecs.list_tasks(cluster=cluster)["taskArns"]]
    assert len(names) >= 25
    assert len(tasks) >= 110


def test_limits_of_the_api_are_kept(ecs: Any) -> None:
    services = ecs.list_services(cluster="prod")["serviceArns"]
    with pytest.raises(ClientError, match="more than 10"):
        ecs.describe_services(cluster="prod", services=services[:11])
    page = ecs.list_tasks(cluster="prod", maxResults=10)
    assert len(page["taskArns"]) == 10
    more = ecs.list_tasks(cluster="prod", maxResults=10, nextToken=page["nextToken"])
    assert not set(page["taskArns"]) & set(more["taskArns"])


def test_a_life_goes_through_ecs_states_in_order() -> None:
    life = Life(created_at=100, start_takes=3, agent_takes=2, stop_at=200)
    seen = list(dict.fromkeys(life.status(t / 4) for t in range(400, 900)))
    assert seen == [
        "PROVISIONING", "PENDING", "ACTIVATING", "RUNNING",
        "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED",
    ]  # fmt: skip
    assert not life.agent_running(104.9)
    assert life.agent_running(105)


def task_of(ecs: Any, service: str) -> str:
    return str(ecs.list_tasks(cluster="prod", serviceName=service)["taskArns"][0])


def try_exec(ecs: Any, task: str, container: str = "app", **more: Any) -> Any:
    wanted = {"cluster": "prod", "command": "/bin/sh", "interactive": True, **more}
    return ecs.execute_command(task=task, container=container, **wanted)


@pytest.mark.parametrize("service", ["reports", "invoices", "legacy-api", "vault", "notifier"])
def test_exec_where_it_cannot_work_gives_awss_own_words(ecs: Any, service: str) -> None:
    with pytest.raises(ClientError) as caught:
        try_exec(ecs, task_of(ecs, service))
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidParameterException"
    assert error["Message"] == NOT_ENABLED


def test_exec_errors_for_wrong_names(ecs: Any) -> None:
    with pytest.raises(ClientError, match="Cluster not found"):
        try_exec(ecs, task_of(ecs, "web"), cluster="nowhere")
    with pytest.raises(ClientError, match="task was not found"):
        try_exec(ecs, "0" * 32)
    with pytest.raises(ClientError, match="container name"):
        try_exec(ecs, task_of(ecs, "web"), "nothing")


def open_channel(url: str, token: str) -> Any:
    """What the gateway does with a token: the first message, or the close code."""

    async def go() -> Any:
        async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
            await socket.send_str(json.dumps({"TokenValue": token}))
            first = await socket.receive(timeout=10)
            return first.type if first.type is aiohttp.WSMsgType.BINARY else socket.close_code

    return asyncio.run(go())


def test_a_token_works_once_and_only_for_its_session(ecs: Any) -> None:
    task = task_of(ecs, "web")
    mine, other = try_exec(ecs, task)["session"], try_exec(ecs, task)["session"]
    assert open_channel(mine["streamUrl"], other["tokenValue"]) == 1008
    assert open_channel(mine["streamUrl"], "") == 1008
    assert open_channel(mine["streamUrl"], mine["tokenValue"]) is aiohttp.WSMsgType.BINARY
    assert open_channel(mine["streamUrl"], mine["tokenValue"]) == 1008


def test_a_denied_operation_is_denied_in_awss_words() -> None:
    with demo_account("--deny", "ecs:ListServices") as demo:
        client = boto3.client(
            "ecs", endpoint_url=demo.endpoint, region_name=demo.region,
            aws_access_key_id=demo.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=demo.environment["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip
        with pytest.raises(ClientError) as caught:
            client.list_services(cluster="prod")
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
