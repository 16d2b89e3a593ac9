"""Every fault at every operation raises an error of the program, or leaves cells empty."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from ecs_tui import errors
from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ec2, ecs, ecs_changes, iam, kms, logs
from ecs_tui.aws.api import ssm as sessions
from ecs_tui.errors import EcsTuiError
from tests.support.limits import limit, sample
from tests.support.stub_aws import (
    ANSWERS,
    CLUSTER,
    DAEMON_DEFINITION,
    DEFINITION,
    FAULTS,
    INSTANCE,
    MILD,
    ROLE,
    SERVICE,
    TASKS,
    TOKEN,
    Reply,
    StubAws,
    body_of,
    is_json,
    stub_aws,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _pages(pages: AsyncIterator[list[str]]) -> list[str]:
    return [name async for page in pages for name in page]


OPERATIONS: dict[str, Callable[[Account], Awaitable[object]]] = {
    "ecs:ListClusters": lambda a: _pages(ecs.list_clusters(a)),
    "ecs:DescribeClusters": lambda a: ecs.describe_clusters(a, [CLUSTER]),
    "ecs:ListServices": lambda a: _pages(ecs.list_services(a, "stub")),
    "ecs:DescribeServices": lambda a: ecs.describe_services(a, "stub", [SERVICE]),
    "ecs:ListTasks": lambda a: _pages(ecs.list_tasks(a, "stub")),
    "ecs:DescribeTasks": lambda a: ecs.describe_tasks(a, "stub", TASKS),
    "ecs:ListContainerInstances": lambda a: _pages(ecs.list_instances(a, "stub")),
    "ecs:DescribeContainerInstances": lambda a: ecs.describe_instances(a, "stub", [INSTANCE]),
    "ecs:DescribeTaskDefinition": lambda a: ecs.describe_task_definition(a, DEFINITION),
    "ecs:ExecuteCommand": lambda a: ecs.execute_command(a, "stub", TASKS[0], "app", "/bin/sh"),
    "ecs:UpdateService": lambda a: ecs_changes.update_service(
        a, "stub", "web", forceNewDeployment=True
    ),
    "ecs:StopTask": lambda a: ecs_changes.stop_task(a, "stub", TASKS[0], "test"),
    "ecs:RunTask": lambda a: ecs_changes.run_task(a, cluster="stub", taskDefinition=DEFINITION),
    "ecs:TagResource": lambda a: ecs_changes.tag_resource(a, TASKS[0], {"a": "b"}),
    "ssm:TerminateSession": lambda a: sessions.terminate_session(a, "s"),
    "ssm:ResumeSession": lambda a: sessions.resume_session(a, "s"),
    "kms:GenerateDataKey": lambda a: sessions.generate_data_key(a, "alias/k", 64, {"a": "b"}),
    "sts:GetCallerIdentity": lambda a: a.caller(alias=False),
    "iam:ListAccountAliases": lambda a: a.caller(),
    "iam:GetRole": lambda a: iam.principal_of(
        a, errors_caller("arn:aws:sts::111122223333:assumed-role/web/me")
    ),
    "iam:GetInstanceProfile": lambda a: iam.instance_profile_role(
        a, "arn:aws:iam::111122223333:instance-profile/web"
    ),
    "iam:SimulatePrincipalPolicy": lambda a: iam.simulate(a, ROLE, ["ecs:ExecuteCommand"], ["*"]),
    "ec2:DescribeSubnets": lambda a: ec2.network_path(a, "subnet-1", ["ssmmessages"]),
    "ec2:DescribeVpcEndpoints": lambda a: ec2.network_path(a, "subnet-1", ["ssmmessages"]),
    "ec2:DescribeRouteTables": lambda a: ec2.network_path(a, "subnet-1", ["ssmmessages"]),
    "ec2:DescribeInstances": lambda a: ec2.ec2_instance(a, "i-1"),
    "ec2:DescribeNetworkInterfaces": lambda a: ec2.public_address(a, "eni-1"),
    "logs:DescribeLogGroups": lambda a: logs.log_group(a, "/exec"),
    "kms:DescribeKey": lambda a: kms.key_of_alias(a, "alias/k"),
    "ecs:DescribeDaemonTaskDefinition": lambda a: ecs.describe_task_definition(
        a, DAEMON_DEFINITION
    ),
}


def errors_caller(arn: str) -> object:
    from ecs_tui.model.identity import Caller

    return Caller("111122223333", arn, "")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(served: StubAws) -> AsyncIterator[Account]:
    made = served.account(0.6)
    yield made
    served.heal()
    await made.close()


@pytest.fixture
def account(stub: StubAws, client: Account) -> Account:
    """One connection for all tests: failed calls must not affect later ones."""
    return client


async def test_the_table_of_operations_is_whole(stub: StubAws, account: Account) -> None:
    assert set(OPERATIONS) == set(ANSWERS)
    for name, call in OPERATIONS.items():
        before = stub.calls[name]
        await call(account)
        assert stub.calls[name] > before, name


# Its answer has no members.
_SILENT = {"ecs:TagResource"}
WANTED = {
    "html-200": errors.BadAnswer, "html-503": errors.BadAnswer, "empty": errors.BadAnswer,
    "null": errors.BadAnswer, "list": errors.BadAnswer, "truncated": errors.BadAnswer,
    "not-utf8": errors.BadAnswer, "deep": errors.BadAnswer, "500-mb": errors.BadAnswer,
    "reset": errors.NoNetwork, "never": errors.NoNetwork, "500": errors.AwsError,
    "expired": errors.ExpiredCredentials, "skew": errors.NoCredentials,
    "scp": errors.AccessDenied, "redirect": errors.BadAnswer,
    "unknown-operation": errors.AwsError, "wrong-types": errors.BadAnswer,
    "members-missing": errors.BadAnswer,
}  # fmt: skip
DEEP = {"iam:SimulatePrincipalPolicy", "ec2:DescribeInstances"}
"""Operations whose ids are deeper in the answer."""
SLOW = {"500-mb", "never", "reset", "500", "html-503"}
"""Faults after which botocore retries with a pause."""
CASES = [(fault, operation) for operation in OPERATIONS for fault in FAULTS]
QUICK = [case for case in CASES if case[0] not in SLOW]
LONG = [case for case in CASES if case[0] in SLOW]


@pytest.mark.exhaustive
@pytest.mark.parametrize(("fault", "operation"), sample(QUICK, 120) + sample(LONG, 14))
async def test_a_fault_is_a_sentence_or_costs_cells(
    stub: StubAws, account: Account, fault: str, operation: str
) -> None:
    stub.faults[operation] = FAULTS[fault]
    call = OPERATIONS[operation]
    answer: object = None
    error: EcsTuiError | None = None
    try:
        async with asyncio.timeout(limit(15)):
            answer = await call(account)
    except EcsTuiError as failure:
        error = failure
    if error is not None:
        assert fault not in MILD or operation in DEEP, error
        words = str(error)
        assert isinstance(error, WANTED.get(fault, EcsTuiError)), words
        assert words.isprintable() and len(words) < 700
        assert TOKEN not in words and "token=abc" not in words
        if fault in ("html-200", "html-503"):
            assert "Sign in" in words and "p{}" not in words
        if fault.startswith("html") or fault in ("empty", "null", "list", "deep", "500-mb"):
            assert operation in words and "HTTP " in words, words
        if fault == "skew":
            assert "1h behind" in words or "2h behind" in words, words
        if fault == "scp":
            assert operation in words and "service control policy" in words
    else:
        quiet = fault in MILD or operation == "iam:ListAccountAliases"
        assert quiet or (operation in _SILENT and fault in ("wrong-types", "members-missing")), (
            f"{operation} took {fault} for an answer: {answer!r}"
        )
        if fault == "members-missing-inside" and operation == "ecs:DescribeTasks":
            assert len(answer) == 2  # type: ignore[arg-type]
    stub.heal()
    await call(account)


async def test_a_large_answer_is_bounded(stub: StubAws, account: Account) -> None:
    await OPERATIONS["ecs:ListClusters"](account)
    stub.faults["ecs:ListClusters"] = FAULTS["500-mb"]
    stub.sent = 0
    tracemalloc.start()
    with pytest.raises(errors.BadAnswer, match="more than 16 MB"):
        await OPERATIONS["ecs:ListClusters"](account)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    gc.collect()
    assert peak < 100 * 2**20
    assert stub.sent < 200 * 2**20


async def test_one_wrong_thing_of_a_list_leaves_the_others(stub: StubAws, account: Account) -> None:
    tasks = ANSWERS["ecs:DescribeTasks"]["tasks"]
    for wrong in ({}, {"taskArn": 3}, "x", None, [], {"taskArn": "\ud800"}):
        body = body_of("ecs:DescribeTasks", {"tasks": [wrong, tasks[0]]})
        stub.faults["ecs:DescribeTasks"] = lambda _, body=body: Reply(200, body)  # type: ignore[misc]
        found = await ecs.describe_tasks(account, "stub", TASKS)
        assert [task.arn for task in found] == [TASKS[0]], wrong


@pytest.mark.parametrize("member", sorted(ANSWERS["ecs:DescribeTasks"]["tasks"][0]))
@pytest.mark.parametrize("value", [None, 7, 10**400, "x\x1b]52;c;x\x07", [], [None, 3], {}, True])
async def test_a_wrong_member_costs_one_cell(
    stub: StubAws, account: Account, member: str, value: object
) -> None:
    if member == "taskArn":
        return  # the task's ARN
    raw = {**ANSWERS["ecs:DescribeTasks"]["tasks"][0], member: value}
    body = body_of("ecs:DescribeTasks", {"tasks": [raw]})
    stub.faults["ecs:DescribeTasks"] = lambda _: Reply(200, body)
    (task,) = await ecs.describe_tasks(account, "stub", TASKS[:1])
    (whole,) = (await ecs_healthy(stub, account))[:1]
    others = {"containers", "attachments", "subnet", "private_ip"}
    for name in ("group", "last_status", "task_definition", "created_at", "exec_enabled"):
        if name.replace("_", "") not in member.lower() and name not in others:
            same = {"exec_enabled": "enableExecuteCommand", "task_definition": "taskDefinitionArn"}
            if same.get(name) != member:
                assert getattr(task, name) == getattr(whole, name)
    assert isinstance(task.group, str) and isinstance(task.containers, tuple)
    assert task.created_at is None or task.created_at.tzinfo is not None


async def ecs_healthy(stub: StubAws, account: Account) -> list[object]:
    stub.heal()
    return list(await ecs.describe_tasks(account, "stub", TASKS))


async def test_the_same_page_for_ever_is_an_error(stub: StubAws, account: Account) -> None:
    body = body_of("ecs:ListClusters", {"clusterArns": [CLUSTER], "nextToken": "n"})
    stub.faults["ecs:ListClusters"] = lambda _: Reply(200, body)
    with pytest.raises(errors.BadAnswer, match="the same nextToken"):
        await OPERATIONS["ecs:ListClusters"](account)
    assert is_json("ecs:ListClusters")


@pytest.mark.asyncio
@pytest.mark.parametrize("alias", ["3", "-prod", "a--b", "Prod", "<html>", "x" * 64])
async def test_a_text_that_is_no_alias_is_no_answer(alias: str) -> None:
    """Any XML element is a text; without the check it would be shown in the header."""
    with stub_aws() as stub:
        stub.answers["iam:ListAccountAliases"] = {"AccountAliases": [alias]}
        account = stub.account()
        with pytest.raises(errors.BadAnswer, match="AccountAliases"):
            await account.alias()
        stub.answers["iam:ListAccountAliases"] = {"AccountAliases": ["acme-prod-1"]}
        assert await account.alias() == "acme-prod-1"
        await account.close()
