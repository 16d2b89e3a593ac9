"""Changes in the demo account: in AWS's shapes and words, valid for botocore, with the demo's clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from ecs_tui.demo import deployments, protection, responses, run_task, scaling
from ecs_tui.demo.ecs import DemoEcsBackend, demo_ecs_backends
from ecs_tui.demo.scheduler import ServiceScheduler
from ecs_tui.demo.server import ACCOUNT, REGION
from ecs_tui.demo.tasks import BROKEN
from tests.support.demo import Demo

MODEL: Any = botocore.session.get_session().get_service_model("ecs")


@pytest.fixture
def ecs(demo: Demo) -> Any:
    keys = demo.environment
    return boto3.client(
        "ecs", endpoint_url=demo.endpoint, region_name=demo.region,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip


def valid(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer, checked against the output of the operation in botocore's model."""
    body = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
    report = ParamValidator().validate(body, MODEL.operation_model(operation).output_shape)
    assert not report.has_errors(), report.generate_report()
    return body


def network(ecs: Any, cluster: str = "prod", service: str = "orders") -> dict[str, Any]:
    answer = ecs.describe_services(cluster=cluster, services=[service])
    found: dict[str, Any] = answer["services"][0]["networkConfiguration"]
    return found


def refusal(call: Any, **parameters: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def test_lists_come_in_pages(ecs: Any) -> None:
    whole = ecs.list_tasks(cluster="prod")["taskArns"]
    assert 5 < len(whole) <= responses.PAGE_SIZE
    found: list[str] = []
    more: dict[str, str] = {}
    while True:
        page = valid("ListTasks", ecs.list_tasks(cluster="prod", maxResults=4, **more))
        assert len(page["taskArns"]) <= 4
        found += page["taskArns"]
        if "nextToken" not in page:
            break
        more = {"nextToken": page["nextToken"]}
    assert found == whole
    code, words = refusal(ecs.list_tasks, cluster="prod", nextToken="never given")
    assert (code, words) == ("InvalidParameterException", "Invalid token.")


def test_run_task_starts_tasks_and_says_who_started_them(ecs: Any) -> None:
    answer = valid(
        "RunTask",
        ecs.run_task(
            cluster="prod", taskDefinition="orders", count=2, launchType="FARGATE",
            networkConfiguration=network(ecs), enableExecuteCommand=True, startedBy="ecs-tui",
            tags=[{"key": "team", "value": "shop"}],
        ),
    )  # fmt: skip
    assert answer["failures"] == [] and len(answer["tasks"]) == 2
    for each in answer["tasks"]:
        assert (each["lastStatus"], each["startedBy"], each["group"]) == (
            "PROVISIONING", "ecs-tui", "family:orders",
        )  # fmt: skip
        assert each["tags"] == [{"key": "team", "value": "shop"}]
    arn = answer["tasks"][0]["taskArn"]
    stopped = valid("StopTask", ecs.stop_task(cluster="prod", task=arn, reason="a drill"))["task"]
    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "a drill")
    plain = ecs.stop_task(cluster="prod", task=answer["tasks"][1]["taskArn"])["task"]
    assert plain["stoppedReason"] == "Task stopped by user"


def test_spot_has_little_capacity(ecs: Any) -> None:
    answer = valid(
        "RunTask",
        ecs.run_task(
            cluster="prod", taskDefinition="thumbnails", count=4, networkConfiguration=network(ecs),
            capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT"}],
        ),
    )  # fmt: skip
    assert len(answer["tasks"]) == run_task.SPOT_PLACES
    assert {each["capacityProviderName"] for each in answer["tasks"]} == {"FARGATE_SPOT"}
    (failure,) = answer["failures"]
    assert failure["reason"].startswith("Capacity is unavailable at this time.")


def test_a_task_that_is_too_large_for_every_instance(ecs: Any) -> None:
    answer = valid("RunTask", ecs.run_task(cluster="batch", taskDefinition="batch-train"))
    assert answer["tasks"] == []
    reasons = sorted(failure["reason"] for failure in answer["failures"])
    assert reasons == ["AGENT", *["RESOURCE:MEMORY"] * 4]
    assert all(":container-instance/" in failure["arn"] for failure in answer["failures"])


def test_the_network_interfaces_of_instances_are_used_up(ecs: Any) -> None:
    ecs.register_task_definition(
        family="adhoc", networkMode="awsvpc", requiresCompatibilities=["EC2"],
        containerDefinitions=[{"name": "app", "image": "app:1", "memory": 64}],
    )  # fmt: skip
    asked = {"cluster": "batch", "taskDefinition": "adhoc", "networkConfiguration": network(ecs)}
    first = ecs.run_task(**asked, count=10)
    assert (len(first["tasks"]), first["failures"]) == (10, [])
    second = valid("RunTask", ecs.run_task(**asked, count=10))
    assert len(second["tasks"]) == 4 * run_task.TASK_INTERFACES - 10
    assert {failure["reason"] for failure in second["failures"]} == {"RESOURCE:ENI", "AGENT"}


def test_requests_that_run_task_refuses(ecs: Any) -> None:
    code = "InvalidParameterException"
    assert refusal(ecs.run_task, cluster="prod", taskDefinition="orders") == (
        code, "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    )  # fmt: skip
    assert refusal(
        ecs.run_task, cluster="prod", taskDefinition="orders", launchType="EC2",
        networkConfiguration=network(ecs),
    ) == (code, "Task definition does not support launch_type EC2.")  # fmt: skip
    both = refusal(
        ecs.run_task, cluster="prod", taskDefinition="orders", launchType="FARGATE",
        capacityProviderStrategy=[{"capacityProvider": "FARGATE"}],
    )  # fmt: skip
    assert both[1].startswith("Specifying both a launch type and capacity provider strategy")
    assert refusal(ecs.run_task, cluster="prod", taskDefinition="none")[0] == "ClientException"
    assert refusal(
        ecs.run_task, cluster="prod", taskDefinition="orders", count=11,
        networkConfiguration=network(ecs),
    )[0] == code  # fmt: skip


def test_protected_tasks_are_not_scaled_in(ecs: Any) -> None:
    arns = ecs.list_tasks(cluster="staging", serviceName="orders")["taskArns"]
    assert len(arns) == 2
    on = valid(
        "UpdateTaskProtection",
        ecs.update_task_protection(
            cluster="staging", tasks=arns, protectionEnabled=True, expiresInMinutes=1
        ),
    )
    assert [each["protectionEnabled"] for each in on["protectedTasks"]] == [True, True]
    alone = next(
        each["taskArn"]
        for each in ecs.describe_tasks(
            cluster="prod", tasks=ecs.list_tasks(cluster="prod", family="orders")["taskArns"]
        )["tasks"]
        if each["group"] == "family:orders"
    )
    read = valid("GetTaskProtection", ecs.get_task_protection(cluster="staging", tasks=arns))
    assert all(each["expirationDate"].timestamp() > time.time() for each in read["protectedTasks"])
    assert ecs.get_task_protection(cluster="prod", tasks=[alone, "f" * 32])["failures"] == [
        {"arn": alone, "reason": "TASK_NOT_VALID"}, {"arn": "f" * 32, "reason": "MISSING"},
    ]  # fmt: skip
    service = ecs.update_service(cluster="staging", service="orders", desiredCount=1)["service"]
    assert (service["desiredCount"], service["runningCount"]) == (1, 2)
    assert (
        "unable to scale in due to (reason 1 tasks are protected" in service["events"][0]["message"]
    )
    ecs.update_task_protection(cluster="staging", tasks=arns, protectionEnabled=False)
    after = ecs.describe_services(cluster="staging", services=["orders"])["services"][0]
    assert after["runningCount"] == 1


def test_updates_that_ecs_refuses(ecs: Any) -> None:
    more: dict[str, Any] = {"cluster": "staging", "taskDefinition": "staging-orders"}
    ecs.create_service(**more, serviceName="by-hand", desiredCount=0, launchType="FARGATE",
                       deploymentController={"type": "EXTERNAL"})  # fmt: skip
    assert refusal(
        ecs.update_service, cluster="staging", service="by-hand", forceNewDeployment=True
    ) == (
        "InvalidParameterException",
        "Cannot force a new deployment on services with a EXTERNAL deployment controller.",
    )
    ecs.create_service(**more, serviceName="each", schedulingStrategy="DAEMON", launchType="EC2")
    code, words = refusal(ecs.update_service, cluster="staging", service="each", desiredCount=2)
    assert (code, words[:30]) == ("InvalidParameterException", "The daemon scheduling strategy")
    described = valid(
        "DescribeServices", ecs.describe_services(cluster="staging", services=["by-hand", "each"])
    )["services"]
    assert described[0]["deploymentController"] == {"type": "EXTERNAL"}
    assert described[1]["schedulingStrategy"] == "DAEMON"
    ecs.delete_service(cluster="staging", service="by-hand", force=True)
    assert refusal(ecs.update_service, cluster="staging", service="by-hand", desiredCount=1) == (
        "ServiceNotActiveException", "Service was not ACTIVE.",
    )  # fmt: skip


def test_some_services_are_scaled_automatically(demo: Demo) -> None:
    keys = demo.environment
    client = boto3.client(
        "application-autoscaling", endpoint_url=demo.endpoint, region_name=demo.region,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip
    found = client.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    ranges = {each["ResourceId"]: (each["MinCapacity"], each["MaxCapacity"]) for each in found}
    assert ranges == {f"service/{name}": span for name, span in scaling.SCALED.items()}
    assert not any(each["SuspendedState"]["DynamicScalingInSuspended"] for each in found)


# -- deployments over time, in this process


@pytest.fixture
def backend(keys: tuple[str, str]) -> DemoEcsBackend:
    return demo_ecs_backends[ACCOUNT][REGION]


def broken(backend: DemoEcsBackend, name: str, **breaker: bool) -> None:
    """Deploy a revision of a service of staging whose container exits."""
    definition = backend.describe_task_definition(f"staging-{name}")
    containers = [{**each, "image": f"app:{BROKEN}"} for each in definition.container_definitions]
    made = backend.register_task_definition(
        f"staging-{name}", containers, network_mode="awsvpc",
        requires_compatibilities=["FARGATE"], cpu="512", memory="1024",
    )  # fmt: skip
    backend.update_service(
        {
            "cluster": "staging", "service": name, "task_definition": made.arn,
            "deployment_configuration": {"deploymentCircuitBreaker": breaker},
        }
    )  # fmt: skip


def pass_time(
    backend: ServiceScheduler,
    seconds: int,
    until: Callable[[], bool] = lambda: False,
    since: int = 0,
) -> int:
    """Let the scheduler run once a second, until something holds; returns the seconds passed."""
    begun = time.time()
    for second in range(since, since + seconds):
        if until():
            return second
        backend.converge(begun + second)
    return since + seconds


@pytest.mark.parametrize(("name", "rollback"), [("checkout", False), ("orders", True)])
def test_a_deployment_whose_tasks_exit_fails(
    backend: DemoEcsBackend, name: str, rollback: bool
) -> None:
    state = backend.service_states[f"staging:{name}"]
    before = state.primary
    broken(backend, name, enable=True, rollback=rollback)
    failing = state.primary
    assert failing.rollout == "IN_PROGRESS" and failing is not before
    passed = pass_time(backend, 60, lambda: failing.rollout != "IN_PROGRESS")
    assert (failing.rollout, failing.reason) == (
        "FAILED", "ECS deployment circuit breaker: tasks failed to start.",
    )  # fmt: skip
    assert failing.failed >= deployments.threshold(2) == 3
    messages = [event["message"] for event in state.events]
    assert f"(deployment {failing.id}) deployment failed: tasks failed to start." in str(messages)
    if not rollback:
        assert state.primary is failing
        count = failing.failed
        pass_time(backend, 40)
        assert failing.failed <= count + 1, "no more tasks are started"
        return
    back = state.primary
    assert back.task_definition == before.task_definition and back.reason == (
        f"ECS deployment circuit breaker: rolling back to deploymentId {back.id}."
    )
    (view,) = backend.services_view([backend.services[f"staging:{name}"]])
    assert [(each["status"], each["rolloutState"]) for each in view["deployments"]][:2] == [
        ("PRIMARY", "IN_PROGRESS"), ("ACTIVE", "FAILED"),
    ]  # fmt: skip
    pass_time(backend, 80, since=passed)
    assert state.deployments == [back] and (back.rollout, back.failed) == ("COMPLETED", 0)


def test_without_the_breaker_ecs_goes_on_trying(backend: DemoEcsBackend) -> None:
    broken(backend, "payments", enable=False)
    pass_time(backend, 40)
    primary = backend.service_states["staging:payments"].primary
    assert (primary.rollout, primary.failed > 3) == ("IN_PROGRESS", True)


def test_protection_ends_by_itself(backend: DemoEcsBackend) -> None:
    task = backend.by_service["staging:web"][0]
    asked = {"cluster": "staging", "tasks": [task.task_arn]}
    protection.protect(backend, {**asked, "protectionEnabled": True})
    state = backend.task_states[task.task_arn]
    assert state.protected_until > time.time() + 60 * protection.DEFAULT_MINUTES - 60
    state.protected_until = time.time() - 1
    assert protection.protection(backend, asked)[0][0]["protectionEnabled"] is False


def test_what_the_demo_answers_has_members_of_the_api_only(backend: DemoEcsBackend) -> None:
    """Before it is sent: clients leave members out that they do not know."""
    asked = {
        "cluster": "batch", "taskDefinition": "batch-ingest", "count": 2,
        "enableExecuteCommand": True, "tags": [{"key": "a", "value": "b"}],
    }  # fmt: skip
    tasks, failures = run_task.run_tasks(backend, asked)
    views = [backend.task_view_of(task) for task in tasks]
    assert valid("RunTask", {"tasks": views, "failures": failures})["tasks"] == views
    _, why = run_task.run_tasks(backend, {"cluster": "batch", "taskDefinition": "batch-train"})
    assert len(why) == 5 and valid("RunTask", {"tasks": [], "failures": why})
    service = backend.services["staging:orders"]
    valid("UpdateService", {"service": backend.services_view([service])[0]})
    stopped = backend.stop_task("batch", tasks[0].task_arn, "a drill")
    valid("StopTask", {"task": backend.task_view_of(stopped)})
    with pytest.raises(AssertionError, match="Unknown parameter"):
        valid("StopTask", {"task": {"nonsense": 1}})
