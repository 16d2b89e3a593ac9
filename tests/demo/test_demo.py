"""The demo account: AWS's shapes, pages, starts and stops of tasks, ExecuteCommand's errors."""

from __future__ import annotations

import asyncio
import ipaddress
import json
from typing import Any

import aiohttp
import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import OperationModel

from ecs_tui.demo.ecs import NOT_ENABLED
from ecs_tui.demo.lifecycle import TaskLifecycle
from tests.support.demo import Demo, demo_account
from tests.support.members import unknown_members


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


def raw(demo: Demo, ecs: Any, operation: str, **params: Any) -> dict[str, Any]:
    """The answer as sent, before botocore drops members that it does not know."""
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
    cluster = ecs.describe_clusters(clusters=["batch"])["clusters"][0]["clusterArn"]
    daemons = ecs.list_daemons(clusterArn=cluster)["daemonSummariesList"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("ListClusters", {}),
        ("ListDaemons", {"clusterArn": cluster}),
        ("DescribeDaemon", {"daemonArn": daemons[0]["daemonArn"]}),
        (
            "DescribeClusters",
            {"clusters": ["prod", "batch"], "include": ["CONFIGURATIONS", "TAGS"]},
        ),
        ("DescribeServices", {"cluster": "prod", "services": services, "include": ["TAGS"]}),
        ("DescribeTasks", {"cluster": "prod", "tasks": running + stopped, "include": ["TAGS"]}),
        ("DescribeTasks", {"cluster": "batch", "tasks": batch}),
        ("DescribeServices", {"cluster": "batch", "services": ["train"]}),
        ("DescribeCapacityProviders", {"cluster": "batch"}),
        ("DescribeContainerInstances", {"cluster": "batch", "containerInstances": instances}),
        ("DescribeTaskDefinition", {"taskDefinition": "web", "include": ["TAGS"]}),
    ]
    for operation, params in calls:
        model: OperationModel = ecs.meta.service_model.operation_model(operation)
        answer = raw(demo, ecs, operation, **params)
        assert answer
        assert model.output_shape is not None
        assert list(unknown_members(model.output_shape, answer)) == [], operation


def test_the_account_has_the_cases_that_matter(ecs: Any) -> None:
    clusters = ecs.list_clusters()["clusterArns"]
    assert [arn.rsplit("/", 1)[-1] for arn in clusters] == [
        "prod",
        "staging",
        "batch",
        "exec-cases",
    ]
    names = [
        arn for cluster in clusters for arn in ecs.list_services(cluster=cluster)["serviceArns"]
    ]
    tasks = [arn for cluster in clusters for arn in ecs.list_tasks(cluster=cluster)["taskArns"]]
    assert len(names) >= 25
    assert len(tasks) >= 110


def tasks_of(ecs: Any, cluster: str, **which: str) -> list[dict[str, Any]]:
    arns = ecs.list_tasks(cluster=cluster, **which)["taskArns"]
    found: list[dict[str, Any]] = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    return found


def test_a_spot_service_is_told_as_aws_does(ecs: Any) -> None:
    (service,) = ecs.describe_services(cluster="prod", services=["thumbnails"])["services"]
    assert "launchType" not in service and "launchType" not in service["deployments"][0]
    strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    assert service["capacityProviderStrategy"] == strategy
    tasks = tasks_of(ecs, "prod", serviceName="thumbnails")
    pairs = {(task["launchType"], task["capacityProviderName"]) for task in tasks}
    assert pairs == {("FARGATE", "FARGATE_SPOT")}


def test_tasks_with_ipv6_only_have_no_ipv4_address(ecs: Any) -> None:
    tasks = tasks_of(ecs, "prod", serviceName="resolver")
    assert len(tasks) == 2
    for task in tasks:
        details = {item["name"]: item["value"] for item in task["attachments"][0]["details"]}
        assert {"subnetId", "networkInterfaceId", "macAddress"} < set(details)
        assert not {"privateIPv4Address", "privateDnsName"} & set(details)
        address = ipaddress.IPv6Address(details["ipv6Address"])
        (interface,) = task["containers"][0]["networkInterfaces"]
        assert ipaddress.IPv6Address(interface["ipv6Address"]) == address
        assert "privateIpv4Address" not in interface


def test_a_scheduled_rule_has_started_a_task(ecs: Any) -> None:
    (task,) = tasks_of(ecs, "prod", startedBy="events-rule/nightly-report")
    assert (task["group"], task["lastStatus"]) == ("family:reports", "RUNNING")


def test_a_task_without_a_place_waits_and_its_service_says_why(ecs: Any) -> None:
    (task,) = tasks_of(ecs, "batch", serviceName="train")
    assert (task["lastStatus"], task["capacityProviderName"]) == ("PROVISIONING", "batch-gpu")
    of_a_place = {"containerInstanceArn", "availabilityZone", "startedAt", "connectivity"}
    assert not of_a_place & set(task)
    (service,) = ecs.describe_services(cluster="batch", services=["train"])["services"]
    assert (service["runningCount"], service["pendingCount"]) == (0, 1)
    assert service["events"][0]["message"].startswith(
        "(service train) was unable to place a task because no container instance met all of its "
    )
    assert service["deployments"][0]["rolloutState"] == "IN_PROGRESS"


def test_capacity_providers_are_those_of_the_cluster(ecs: Any) -> None:
    def of(cluster: str) -> dict[str, str]:
        found = ecs.describe_capacity_providers(cluster=cluster)["capacityProviders"]
        return {item["name"]: item["type"] for item in found}

    assert of("prod") == {"FARGATE": "FARGATE", "FARGATE_SPOT": "FARGATE_SPOT"}
    assert of("batch") == {"batch-gpu": "EC2_AUTOSCALING", "batch-managed": "MANAGED_INSTANCES"}


def test_limits_of_the_api_are_kept(ecs: Any) -> None:
    services = ecs.list_services(cluster="prod")["serviceArns"]
    with pytest.raises(ClientError, match="more than 10"):
        ecs.describe_services(cluster="prod", services=services[:11])
    page = ecs.list_tasks(cluster="prod", maxResults=10)
    assert len(page["taskArns"]) == 10
    more = ecs.list_tasks(cluster="prod", maxResults=10, nextToken=page["nextToken"])
    assert not set(page["taskArns"]) & set(more["taskArns"])


def test_a_life_goes_through_ecs_states_in_order() -> None:
    lifecycle = TaskLifecycle(created_at=100, start_takes=3, agent_takes=2, stop_at=200)
    seen = list(dict.fromkeys(lifecycle.status(t / 4) for t in range(400, 900)))
    assert seen == [
        "PROVISIONING", "PENDING", "ACTIVATING", "RUNNING",
        "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED",
    ]  # fmt: skip
    assert not lifecycle.agent_running(104.9)
    assert lifecycle.agent_running(105)


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
    """Open a channel with a token; returns the first message, or the close code."""

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
