"""The policy at the gate: what it blocks, in which cluster, whoever calls; nothing reaches AWS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.aws.api import ecs, ecs_changes, iam
from ecs_tui.aws.api.ssm import terminate_session
from ecs_tui.aws.pace import Pace
from ecs_tui.aws.read_only import as_iam_writes, cluster_of, refuse
from ecs_tui.config.policy import CallPolicy
from ecs_tui.errors import ReadOnly, SettingsError
from tests.support.stub_aws import ARN, ROLE, TASKS, StubAws

TASK_ID = "a" * 32


@asynccontextmanager
async def account_with(stub: StubAws, policy: CallPolicy) -> AsyncIterator[Account]:
    keys = Credentials("a", "b")
    made = Account(None, "us-east-1", stub.endpoint, credentials=keys, policy=policy)
    try:
        yield made
    finally:
        await made.close()


CALLS: dict[str, Callable[[Account], Awaitable[Any]]] = {
    "ecs:StopTask": lambda a: ecs_changes.stop_task(a, "prod-eu", TASKS[0], "a test"),
    "ecs:ExecuteCommand": lambda a: ecs.execute_command(a, "prod-eu", TASKS[0], "app", "sh"),
    "ecs:UpdateService": lambda a: ecs_changes.update_service(a, "prod-eu", "web", desiredCount=1),
    "ecs:RunTask": lambda a: ecs_changes.run_task(a, cluster="prod-eu", taskDefinition="web"),
    "ecs:TagResource": lambda a: ecs_changes.tag_resource(
        a, f"{ARN}:task/prod-eu/{TASK_ID}", {"team": "web"}
    ),
    "ecs:DescribeServices": lambda a: ecs.describe_services(a, "prod-eu", ["web"]),
    "ssm:TerminateSession": lambda a: terminate_session(a, "s-1"),
    "iam:SimulatePrincipalPolicy": lambda a: iam.simulate(a, ROLE, ["ecs:StopTask"], ["*"]),
}
CASES: list[tuple[CallPolicy, set[str]]] = [
    (CallPolicy(), set()),
    (CallPolicy(confirm_by_name=("prod*",)), set()),
    (CallPolicy(deny=("ecs:StopTask",)), {"ecs:StopTask"}),
    (CallPolicy(deny=("ecs:Describe*", "iam:*")), {"ecs:DescribeServices", "iam:SimulatePrincipalPolicy"}),
    (
        CallPolicy(allow=("ecs:ExecuteCommand", "ssm:*")),
        {"ecs:StopTask", "ecs:UpdateService", "ecs:RunTask", "ecs:TagResource"},
    ),
    (CallPolicy(allow=("ecs:*", "ssm:*"), deny=("ecs:Run*",)), {"ecs:RunTask"}),
    (
        CallPolicy(clusters_read_only=("prod*",)),
        {"ecs:StopTask", "ecs:ExecuteCommand", "ecs:UpdateService", "ecs:RunTask", "ecs:TagResource"},
    ),
    (CallPolicy(clusters_read_only=("staging",)), set()),
    (
        CallPolicy(read_only=True),
        {
            "ecs:StopTask", "ecs:ExecuteCommand", "ecs:UpdateService", "ecs:RunTask",
            "ecs:TagResource", "ssm:TerminateSession",
        },
    ),
]  # fmt: skip


@pytest.mark.asyncio
@pytest.mark.parametrize(("policy", "blocked"), CASES)
async def test_what_a_policy_blocks_does_not_reach_aws(
    stub: StubAws, policy: CallPolicy, blocked: set[str]
) -> None:
    async with account_with(stub, policy) as account:
        other = account.sibling(None, "eu-west-1", Pace())
        for name, call in CALLS.items():
            for each in (account, other):
                if name in blocked:
                    with pytest.raises(ReadOnly, match=name) as caught:
                        await call(each)
                    assert caught.value.operation == name
                    assert caught.value.next_step
                else:
                    await call(each)
        for name in CALLS:
            assert (stub.calls[name] == 0) is (name in blocked), name
        await other.close()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "policy",
    [
        CallPolicy(deny=("ecs:StopTask",)),
        CallPolicy(clusters_read_only=("prod",)),
        CallPolicy(allow=("ecs:RunTask",)),
    ],
)
async def test_botocores_own_client_blocks_it_too(stub: StubAws, policy: CallPolicy) -> None:
    async with account_with(stub, policy) as account:
        client = await account.ecs()
        with pytest.raises(ReadOnly):
            await client.stop_task(cluster="prod", task="t")
        assert stub.calls["ecs:StopTask"] == 0


@pytest.mark.asyncio
async def test_a_misspelt_operation_blocks_every_call_of_its_service(stub: StubAws) -> None:
    async with account_with(stub, CallPolicy(deny=("ecs:StopTasks",))) as account:
        with pytest.raises(SettingsError, match="'ecs:StopTasks', which matches no operation"):
            await ecs_changes.stop_task(account, "prod", "t", "a test")
        with pytest.raises(SettingsError):
            await ecs.describe_services(account, "prod", ["web"])
        await account.caller(alias=False)
    assert not [name for name in stub.calls if name.startswith("ecs:")]


@pytest.mark.asyncio
async def test_a_command_can_ask_beforehand(stub: StubAws) -> None:
    policy = CallPolicy(deny=("ecs:RunTask",), clusters_read_only=("prod*",))
    async with account_with(stub, policy) as account:
        for operation, cluster, words in (
            ("ecs:StopTask", "prod-eu", "Cluster prod-eu is read-only: ecs:StopTask was blocked."),
            ("ecs:RunTask", "test", "ecs:RunTask was blocked by the policy."),
        ):
            refused = account.refusal(operation, cluster)
            assert refused is not None and refused.what == words
        assert account.refusal("ecs:StopTask", "test") is None
        assert account.refusal("ecs:DescribeTasks", "prod-eu") is None
        assert account.refusal("ecs:RegisterTaskDefinition") is None
        assert account.refusal("ecs:StopTask") is not None, "the cluster is not known"


OLD_TASK = f"{ARN}:task/{TASK_ID}"


@pytest.mark.parametrize(
    ("operation", "params", "cluster"),
    [
        ("ecs:StopTask", {"cluster": "prod", "task": "t"}, "prod"),
        ("ecs:StopTask", {"cluster": f"{ARN}:cluster/prod"}, "prod"),
        ("ecs:StopTask", {"task": "t"}, None),
        ("ecs:StopTask", {"cluster": ""}, None),
        ("ecs:CreateCluster", {"clusterName": "prod"}, "prod"),
        ("ecs:TagResource", {"resourceArn": f"{ARN}:service/prod/web", "tags": []}, "prod"),
        ("ecs:TagResource", {"resourceArn": f"{ARN}:cluster/prod"}, "prod"),
        ("ecs:TagResource", {"resourceArn": f"{ARN}:task-definition/web:7"}, ""),
        ("ecs:TagResource", {"resourceArn": f"{ARN}:capacity-provider/own"}, ""),
        ("ecs:TagResource", {"resourceArn": OLD_TASK}, None),
        ("ecs:TagResource", {"resourceArn": f"{ARN}:service/web"}, None),
        ("ecs:StopServiceDeployment",
         {"serviceDeploymentArn": f"{ARN}:service-deployment/prod/web/x"}, "prod"),
        ("ecs:UpdateDaemon", {"daemonArn": f"{ARN}:daemon/prod/agent"}, "prod"),
        ("ecs:RegisterTaskDefinition", {"family": "web"}, ""),
        ("ssm:StartSession", {"Target": f"ecs:my_prod_{TASK_ID}_{TASK_ID}-1"}, "my_prod"),
        ("ssm:StartSession", {"Target": "i-1"}, None),
        ("ssm:TerminateSession", {"SessionId": "s"}, ""),
        ("kms:GenerateDataKey", {"KeyId": "k"}, ""),
        ("application-autoscaling:RegisterScalableTarget",
         {"ResourceId": "service/prod/web"}, "prod"),
        ("application-autoscaling:RegisterScalableTarget", {"ResourceId": "table/x"}, ""),
    ],
)  # fmt: skip
def test_the_cluster_of_a_call(
    operation: str, params: dict[str, object], cluster: str | None
) -> None:
    service, name = operation.split(":")
    assert cluster_of(service, name, params) == cluster
    refused = refuse(CallPolicy(clusters_read_only=("*prod",)), service, name, params)
    assert (refused is None) is (cluster == ""), "what is not known is blocked"


def test_the_prefixes_of_iam() -> None:
    assert as_iam_writes("elbv2", "DescribeRules") == "elasticloadbalancing:DescribeRules"
    assert as_iam_writes("ecs", "RunTask") == "ecs:RunTask"
    assert as_iam_writes("elbv2") == "elasticloadbalancing"
    denied = CallPolicy(deny=("elasticloadbalancing:*",))
    assert refuse(denied, "elbv2", "DescribeTargetHealth", {}) is not None
