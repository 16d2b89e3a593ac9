"""The deployments API: pages, descriptions, what is refused; every member that is read is AWS's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.session import get_session

from ecs_tui.aws.api.ecs_changes import continue_service_deployment, stop_service_deployment
from ecs_tui.aws.api.service_deployments import (
    describe_service_deployments,
    describe_service_revisions,
    list_service_deployments,
)
from ecs_tui.aws.parse.service_deployment import (
    deployment_brief,
    service_deployment,
    service_revision,
)
from ecs_tui.aws.parse.service_parts import deployment_settings
from ecs_tui.aws.parse.task_definition import task_definition
from ecs_tui.errors import AwsError
from ecs_tui.model.service_deployment import (
    AlarmMonitor,
    CircuitBreaker,
    HookRun,
    RevisionTasks,
    Rollback,
)
from ecs_tui.model.service_revision import ContainerImage
from ecs_tui.model.task_definition import HealthCheck
from tests.support.members import unknown_members
from tests.support.stub_aws import ARN, StubAws, error_reply

AT = datetime(2026, 1, 2, tzinfo=UTC)
DEPLOYMENT = f"{ARN}:service-deployment/stub/web/d1"
OLD, NEW = f"{ARN}:service-revision/stub/web/1", f"{ARN}:service-revision/stub/web/2"
CONFIGURATION: dict[str, Any] = {
    "strategy": "CANARY", "minimumHealthyPercent": 50, "maximumPercent": 200, "bakeTimeInMinutes": 15,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
    "alarms": {"enable": True, "rollback": True, "alarmNames": ["5xx"]},
    "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10},
    "lifecycleHooks": [
        {"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
         "timeoutConfiguration": {"timeoutInMinutes": 60, "action": "ROLLBACK"}},
        {"hookTargetArn": "arn:aws:lambda:f", "lifecycleStages": ["POST_SCALE_UP"]},
    ],
}  # fmt: skip
DESCRIBED: dict[str, Any] = {
    "serviceDeploymentArn": DEPLOYMENT, "serviceArn": f"{ARN}:service/stub/web",
    "clusterArn": f"{ARN}:cluster/stub", "createdAt": AT, "startedAt": AT, "updatedAt": AT,
    "finishedAt": AT, "stoppedAt": AT, "status": "IN_PROGRESS", "statusReason": "why",
    "sourceServiceRevisions": [{"arn": OLD, "requestedTaskCount": 4, "runningTaskCount": 4,
                                "requestedProductionTrafficWeight": 95.0}],
    "targetServiceRevision": {"arn": NEW, "requestedTaskCount": 4, "runningTaskCount": 2,
                              "pendingTaskCount": 1, "requestedTestTrafficWeight": 100.0,
                              "requestedProductionTrafficWeight": 5},
    "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
    "lifecycleHookDetails": [{"hookId": "h1", "targetType": "PAUSE", "status": "AWAITING_ACTION",
                              "expiresAt": AT, "timeoutAction": "ROLLBACK"}],
    "deploymentConfiguration": CONFIGURATION,
    "rollback": {"reason": "alarm", "startedAt": AT, "serviceRevisionArn": OLD},
    "deploymentCircuitBreaker": {"status": "MONITORING", "failureCount": 4, "threshold": 10},
    "alarms": {"status": "TRIGGERED", "alarmNames": ["5xx"], "triggeredAlarmNames": ["5xx"]},
}  # fmt: skip
REVISION: dict[str, Any] = {
    "serviceRevisionArn": NEW, "serviceArn": f"{ARN}:service/stub/web",
    "clusterArn": f"{ARN}:cluster/stub", "taskDefinition": f"{ARN}:task-definition/web:8",
    "capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 2}],
    "platformVersion": "1.4.0", "platformFamily": "Linux", "createdAt": AT, "guardDutyEnabled": True,
    "loadBalancers": [{"targetGroupArn": "tg:blue", "containerName": "app", "containerPort": 80,
                       "advancedConfiguration": {"alternateTargetGroupArn": "tg:green",
                                                 "productionListenerRule": "rule:p",
                                                 "testListenerRule": "rule:t"}}],
    "serviceRegistries": [{"registryArn": "srv", "containerName": "app", "containerPort": 80}],
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"], "securityGroups": ["sg"],
                                                     "assignPublicIp": "DISABLED"}},
    "containerImages": [{"containerName": "app", "image": "web:8", "imageDigest": "sha256:1"}],
    "serviceConnectConfiguration": {
        "enabled": True, "namespace": "shop",
        "services": [{"portName": "http", "discoveryName": "web",
                      "clientAliases": [{"dnsName": "web.shop", "port": 80}]}],
    },
    "volumeConfigurations": [{"name": "data", "managedEBSVolume": {
        "volumeType": "gp3", "sizeInGiB": 20, "encrypted": True}}],
    "vpcLatticeConfigurations": [{"targetGroupArn": "lattice:tg"}],
    "resolvedConfiguration": {"loadBalancers": [{"productionListenerRule": "rule:p"}]},
    "ecsManagedResources": {"ingressPaths": [{"endpoint": "web.example"}]},
    "overrides": {"runtimePlatform": {"cpuArchitecture": "ARM64"}},
}  # fmt: skip


def test_the_answers_of_these_tests_have_awss_members_only() -> None:
    model = get_session().get_service_model("ecs")
    assert list(unknown_members(model.shape_for("ServiceDeployment"), DESCRIBED)) == []
    assert list(unknown_members(model.shape_for("ServiceRevision"), REVISION)) == []


def test_every_member_of_a_deployment() -> None:
    found = service_deployment(DESCRIBED)
    assert (found.id, found.service, found.status, found.stage) == (
        "d1", "web", "IN_PROGRESS", "POST_TEST_TRAFFIC_SHIFT",
    )  # fmt: skip
    assert found.sources == (RevisionTasks(OLD, 4, 4, 0, None, 95.0),)
    assert found.target == RevisionTasks(NEW, 4, 2, 1, 100.0, 5.0)
    assert found.hooks == (HookRun("h1", "PAUSE", "", "AWAITING_ACTION", AT, "ROLLBACK"),)
    assert found.waiting is found.hooks[0]
    assert found.rollback == Rollback("alarm", AT, OLD)
    assert found.breaker == CircuitBreaker("MONITORING", 4, 10)
    assert found.alarms == AlarmMonitor("TRIGGERED", ("5xx",), ("5xx",))
    assert found.alarms.triggered and not found.breaker.triggered
    assert (found.strategy, found.replaced, found.described) == ("CANARY", (OLD,), True)
    assert (found.created_at, found.ended_at, found.status_reason) == (AT, AT, "why")


def test_the_configuration() -> None:
    found = deployment_settings({"deploymentConfiguration": CONFIGURATION})
    assert found is not None
    assert (found.canary_percent, found.canary_bake_minutes, found.bake_minutes) == (5.0, 10, 15)
    assert (found.alarms, found.alarm_rollback) == (("5xx",), True)
    pause, function = found.hooks
    assert (pause.target_type, pause.timeout_minutes, pause.timeout_action) == (
        "PAUSE",
        60,
        "ROLLBACK",
    )
    assert (function.target_type, function.target_arn) == ("AWS_LAMBDA", "arn:aws:lambda:f")
    off = {**CONFIGURATION, "alarms": {"enable": False, "alarmNames": ["5xx"], "rollback": True}}
    without = deployment_settings({"deploymentConfiguration": off})
    assert without is not None and (without.alarms, without.alarm_rollback) == ((), False)
    assert deployment_settings({}) is None


def test_every_member_of_a_revision() -> None:
    found = service_revision(REVISION)
    assert (found.id, found.revision) == ("2", "web:8")
    (balancer,) = found.load_balancers
    assert balancer.target_groups == ("tg:blue", "tg:green")
    assert (balancer.production_rule, balancer.test_rule) == ("rule:p", "rule:t")
    assert found.image("app") == ContainerImage("app", "web:8", "sha256:1")
    assert found.image("no") is None
    assert found.connect is not None and found.connect.services[0].aliases[0].dns_name == "web.shop"
    assert found.network is not None and found.network.subnets == ("a",)
    assert (found.capacity[0].provider, found.registries[0].port) == ("FARGATE_SPOT", 80)
    assert (found.volumes[0].gib, found.lattice, found.cpu_architecture) == (
        20, ("lattice:tg",), "ARM64",
    )  # fmt: skip
    assert (found.listener_rules, found.endpoints) == (("rule:p",), ("web.example",))
    assert found.guard_duty and found.created_at == AT


@pytest.mark.parametrize("wrong", [None, "text", 7, [], [None], {"a": 1}])
def test_members_of_a_wrong_type_count_as_missing(wrong: object) -> None:
    every = dict.fromkeys(DESCRIBED, wrong)
    found = service_deployment({**every, "serviceDeploymentArn": DEPLOYMENT})
    assert found.arn == DEPLOYMENT and found.created_at is None
    revision = service_revision({**dict.fromkeys(REVISION, wrong), "serviceRevisionArn": NEW})
    assert revision.arn == NEW and revision.images == ()
    brief = deployment_brief({**every, "serviceDeploymentArn": DEPLOYMENT})
    assert not brief.described


def test_a_container_definition_keeps_what_comparisons_need_and_no_values() -> None:
    raw: Any = {
        "taskDefinitionArn": "d", "family": "web", "revision": 8, "cpu": "512", "memory": "1024",
        "runtimePlatform": {"cpuArchitecture": "ARM64"},
        "containerDefinitions": [{
            "name": "app", "image": "web:8", "cpu": 256, "memory": 512, "memoryReservation": 128,
            "environment": [{"name": "A", "value": "secret-value"}],
            "secrets": [{"name": "DB", "valueFrom": "arn:db"}],
            "healthCheck": {"command": ["CMD", "true"], "interval": 30, "retries": 3},
        }],
    }  # fmt: skip
    found = task_definition(raw, None)
    app = found.containers[0]
    assert (found.cpu, found.memory, found.architecture) == ("512", "1024", "ARM64")
    assert (app.cpu, app.memory, app.memory_reservation) == (256, 512, 128)
    assert (app.secret_names, app.secret_sources) == (("DB",), ("arn:db",))
    assert app.health_check == HealthCheck(("CMD", "true"), 30, None, 3, None)
    assert "secret-value" not in repr(found)


@pytest.mark.asyncio
async def test_pages_up_to_a_number_and_descriptions(stub: StubAws) -> None:
    def page(body: str) -> Any:
        asked = json.loads(body)
        assert (asked["cluster"], asked["service"], asked["maxResults"]) == ("stub", "web", 3)
        first = 2 if "nextToken" in asked else 0
        briefs = [
            {"serviceDeploymentArn": f"{DEPLOYMENT}{first + number}", "status": "SUCCESSFUL",
             "targetServiceRevisionArn": NEW}
            for number in range(2)
        ]  # fmt: skip
        return {"serviceDeployments": briefs, "nextToken": f"more{first}"}

    stub.answers["ecs:ListServiceDeployments"] = page
    account = stub.account()
    try:
        pages = [page async for page in list_service_deployments(account, "stub", "web", 3)]
        assert [item.arn[-1] for each in pages for item in each] == ["0", "1", "2"]
        assert pages[0][0].target == RevisionTasks(NEW) and not pages[0][0].described
        described = {
            **DESCRIBED,
            **{key: 1767312000.0 for key, at in DESCRIBED.items() if at is AT},
        }
        described["rollback"] = {"reason": "alarm"}
        described["lifecycleHookDetails"] = [{"hookId": "h1", "status": "AWAITING_ACTION"}]
        stub.answers["ecs:DescribeServiceDeployments"] = {"serviceDeployments": [described]}
        (found,) = await describe_service_deployments(account, "stub", [DEPLOYMENT])
        assert found.waiting is not None and found.created_at is not None
        asked: list[int] = []

        def revisions(body: str) -> Any:
            arns = json.loads(body)["serviceRevisionArns"]
            asked.append(len(arns))
            return {"serviceRevisions": [{"serviceRevisionArn": arn} for arn in arns]}

        stub.answers["ecs:DescribeServiceRevisions"] = revisions
        arns = [f"{NEW}{number}" for number in range(25)]
        assert [item.arn for item in await describe_service_revisions(account, arns)] == arns
        assert asked == [20, 5], "a call takes twenty"
    finally:
        await account.close()


@pytest.mark.asyncio
async def test_stop_and_continue_send_what_was_decided(stub: StubAws) -> None:
    bodies: list[Any] = []

    def answer(body: str) -> Any:
        bodies.append(json.loads(body))
        return {"serviceDeploymentArn": DEPLOYMENT}

    stub.answers["ecs:StopServiceDeployment"] = answer
    stub.answers["ecs:ContinueServiceDeployment"] = answer
    account = stub.account()
    try:
        await stop_service_deployment(account, DEPLOYMENT, "ROLLBACK")
        await continue_service_deployment(account, DEPLOYMENT, "h1", "CONTINUE")
        assert bodies == [
            {"serviceDeploymentArn": DEPLOYMENT, "stopType": "ROLLBACK"},
            {"serviceDeploymentArn": DEPLOYMENT, "hookId": "h1", "action": "CONTINUE"},
        ]
        stub.answers["ecs:StopServiceDeployment"] = lambda _: error_reply(
            "ecs:StopServiceDeployment", "ConflictException", "It is over."
        )
        with pytest.raises(AwsError) as caught:
            await stop_service_deployment(account, DEPLOYMENT, "ROLLBACK")
        assert caught.value.code == "ConflictException"
    finally:
        await account.close()
