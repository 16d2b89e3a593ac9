"""One plan carried out against the stub of AWS: results, refusals, faults while it is followed."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import Any

import pytest
import pytest_asyncio

from ecs_tui import errors
from ecs_tui.aws.account import Account
from ecs_tui.aws.api import autoscaling, ecs_changes
from ecs_tui.errors import EcsTuiError, NotFound, ResourceGone, WrongUsage
from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.operations.calls import Call, make_call, make_calls
from ecs_tui.operations.follow import Progress
from ecs_tui.operations.reading import read_cluster, read_definition
from ecs_tui.operations.run_task import RunRequest, read_run_plan
from ecs_tui.operations.running import Running
from ecs_tui.operations.services import read_deployment_plan, read_scale_plan
from ecs_tui.operations.tasks import read_stop_plan
from tests.support.limits import until
from tests.support.stub_aws import ANSWERS, FAULTS, SERVICE_RAW, TASKS, StubAws, error_reply

pytestmark = pytest.mark.asyncio
SCALABLE = "application-autoscaling:DescribeScalableTargets"


@pytest_asyncio.fixture
async def account(stub: StubAws) -> Any:
    made = stub.account()
    yield made
    await made.close()


def service(stub: StubAws, **members: Any) -> None:
    """The stub's service has these members from now on, also in the answer of UpdateService."""
    raw = {**copy.deepcopy(SERVICE_RAW), **members}
    stub.answers["ecs:DescribeServices"] = {"services": [raw]}
    stub.answers["ecs:UpdateService"] = {"service": raw}


def stopped(stub: StubAws, *letters: str) -> None:
    """Those of the two tasks are STOPPED."""
    tasks = copy.deepcopy(ANSWERS["ecs:DescribeTasks"]["tasks"])
    for each in tasks:
        if each["taskArn"][-1] in letters:
            each |= {"lastStatus": "STOPPED", "desiredStatus": "STOPPED"}
    stub.answers["ecs:DescribeTasks"] = {"tasks": tasks}


def sent(stub: StubAws, operation: str) -> list[dict[str, Any]]:
    """The bodies of all calls of an operation."""
    return [json.loads(body) for name, body in stub.bodies if name == operation]


# -- what plans read


async def test_a_deployment_of_the_stub(stub: StubAws, account: Account) -> None:
    plan = await read_deployment_plan(account, "stub", "web")
    running = Running(account, plan)
    await running.run(poll=0.01)
    assert (running.state, running.outcome) == ("over", "done")
    assert sent(stub, "ecs:UpdateService") == [
        {"cluster": "stub", "service": "web", "forceNewDeployment": True}
    ]
    assert running.summary == (
        "● Start a new deployment of stub/web: new tasks 0/2 running · old tasks 0. The deployment "
        "is completed."
    )


@pytest.mark.parametrize(
    ("members", "error", "words"),
    [
        ({"status": "INACTIVE"}, EcsTuiError, "web is INACTIVE: it has been deleted"),
        ({"status": "DRAINING"}, EcsTuiError, "web is DRAINING: it is being deleted"),
        ({"deploymentController": {"type": "EXTERNAL"}}, EcsTuiError, "not deployed by ECS"),
    ],
)
async def test_services_that_are_not_deployed(
    stub: StubAws, account: Account, members: Any, error: type[Exception], words: str
) -> None:
    service(stub, **members)
    with pytest.raises(error, match=words):
        await read_deployment_plan(account, "stub", "web")
    assert stub.calls["ecs:UpdateService"] == 0


async def test_things_that_do_not_exist(stub: StubAws, account: Account) -> None:
    stub.answers["ecs:DescribeServices"] = {"services": []}
    with pytest.raises(NotFound, match='Service "nope" not found in cluster stub') as missing:
        await read_deployment_plan(account, "stub", "nope")
    assert "ecs-tui ls services --cluster stub" in missing.value.next_step
    stub.answers["ecs:DescribeClusters"] = {"clusters": []}
    with pytest.raises(ResourceGone, match='Cluster "nope" not found in us-east-1'):
        await read_cluster(account, "nope")
    stub.reset()
    with pytest.raises(NotFound, match="Task ffff not found in cluster stub"):
        await read_stop_plan(account, "stub", ["ffff"])
    stub.faults["ecs:DescribeTaskDefinition"] = lambda op: error_reply(
        op, "ClientException", "Unable to describe task definition."
    )
    with pytest.raises(NotFound, match='Task definition "nope" not found in us-east-1'):
        await read_definition(account, "nope")


async def test_an_inactive_definition_starts_nothing(stub: StubAws, account: Account) -> None:
    answer = copy.deepcopy(ANSWERS["ecs:DescribeTaskDefinition"])
    answer["taskDefinition"]["status"] = "INACTIVE"
    stub.answers["ecs:DescribeTaskDefinition"] = answer
    with pytest.raises(EcsTuiError, match="web:7 is INACTIVE: no task can be started"):
        await read_definition(account, "web:7")


async def test_without_permission_to_read_tags_only_the_name_counts(
    stub: StubAws, account: Account
) -> None:
    stub.faults["ecs:DescribeClusters"] = FAULTS["scp"]
    plan = await read_deployment_plan(account, "stub", "web")
    assert plan.confirm == "y"
    assert any("tags of cluster stub could not be read" in words for words in plan.effects)


async def test_the_range_of_auto_scaling(stub: StubAws, account: Account) -> None:
    assert await autoscaling.scalable_target(account, "stub", "web") is None
    target = {
        "ServiceNamespace": "ecs", "ResourceId": "service/stub/web", "MinCapacity": 2,
        "MaxCapacity": 5, "SuspendedState": {"DynamicScalingInSuspended": True},
    }  # fmt: skip
    stub.answers[SCALABLE] = {"ScalableTargets": [target]}
    found = await autoscaling.scalable_target(account, "stub", "web")
    assert found == ScalableTarget(2, 5, True, False)
    assert sent(stub, SCALABLE)[-1]["ResourceIds"] == ["service/stub/web"]
    plan = await read_scale_plan(account, "stub", "web", 9)
    assert any("between 2 and 5 tasks: 9 is above" in words for words in plan.effects)
    stub.faults[SCALABLE] = FAULTS["scp"]
    plan = await read_scale_plan(account, "stub", "web", 9)
    unknown = f"manages its desired count is unknown: Access denied: {SCALABLE}"
    assert any(unknown in words for words in plan.effects)


async def test_counts_that_are_not_possible(stub: StubAws, account: Account) -> None:
    with pytest.raises(WrongUsage, match="-1"):
        await read_scale_plan(account, "stub", "web", -1)
    service(stub, schedulingStrategy="DAEMON")
    with pytest.raises(EcsTuiError, match="DAEMON"):
        await read_scale_plan(account, "stub", "web", 3)


async def test_protected_tasks(stub: StubAws, account: Account) -> None:
    stub.answers["ecs:GetTaskProtection"] = {
        "protectedTasks": [
            {"taskArn": TASKS[0], "protectionEnabled": True, "expirationDate": 1764000000.0},
            {"taskArn": TASKS[1], "protectionEnabled": False},
        ],
        "failures": [],
    }
    assert list(await ecs_changes.protected_tasks(account, "stub", TASKS)) == [TASKS[0]]
    plan = await read_stop_plan(account, "stub", list(TASKS))
    said = [words for words in plan.effects if "is protected" in words]
    assert len(said) == 1 and "2025-11-24 16:00 UTC" in said[0]
    stub.faults["ecs:GetTaskProtection"] = FAULTS["scp"]
    plan = await read_stop_plan(account, "stub", list(TASKS))
    assert any("is unknown: Access denied: ecs:GetTaskProtection" in each for each in plan.effects)


# -- carrying out


async def test_several_tasks_are_stopped_and_each_result_is_told(
    stub: StubAws, account: Account
) -> None:
    plan = await read_stop_plan(account, "stub", list(TASKS), "drill")
    stopped(stub, "a", "b")

    def refuse_one(body: str) -> Any:
        if TASKS[1] in body:
            return error_reply("ecs:StopTask", "AccessDeniedException", "not this one")
        return ANSWERS["ecs:StopTask"]

    stub.answers["ecs:StopTask"] = refuse_one
    running = Running(account, plan)
    await running.run(poll=0.01)
    assert running.outcome == "failed" and running.changed
    assert running.words == "1/1 tasks stopped. 1 of 2 calls failed."
    assert "● task web/aaaaaaaaaaaa: accepted" in running.said
    assert any(
        each.startswith("✖ task web/bbbbbbbbbbbb: Access denied: ecs:StopTask")
        for each in running.said
    )
    assert [body["reason"] for body in sent(stub, "ecs:StopTask")] == ["drill", "drill"]


async def test_one_refused_call_ends_it(stub: StubAws, account: Account) -> None:
    plan = await read_deployment_plan(account, "stub", "web")
    for fault, kind in (("scp", errors.AccessDenied), ("expired", errors.ExpiredCredentials)):
        stub.faults["ecs:UpdateService"] = FAULTS[fault]
        running = Running(account, plan)
        await running.run()
        assert (running.state, running.outcome, running.changed) == ("over", "failed", False)
        assert isinstance(running.error, kind)
        assert running.said[-1].startswith("✖ ")


async def test_if_all_of_several_are_refused_nothing_is_followed(
    stub: StubAws, account: Account
) -> None:
    plan = await read_stop_plan(account, "stub", list(TASKS))
    stub.faults["ecs:StopTask"] = FAULTS["scp"]
    stub.calls.clear()
    running = Running(account, plan)
    await running.run()
    assert running.words == "None of 2 calls was accepted."
    assert isinstance(running.error, errors.AccessDenied)
    assert stub.calls == {"ecs:StopTask": 2}


async def test_what_concerns_all_calls_is_tried_once(stub: StubAws, account: Account) -> None:
    calls = [
        Call("ecs:StopTask", {"cluster": "stub", "task": arn, "reason": "x"}, arn[-1])
        for arn in (*TASKS, TASKS[0])
    ]
    stub.faults["ecs:StopTask"] = FAULTS["expired"]
    with pytest.raises(errors.ExpiredCredentials):
        await make_calls(account, calls)
    assert stub.calls["ecs:StopTask"] == 1
    stub.heal()
    answers = iter((ANSWERS["ecs:StopTask"], FAULTS["expired"]("ecs:StopTask")))
    stub.answers["ecs:StopTask"] = lambda _: next(answers)
    told: list[str] = []
    applied = await make_calls(account, calls, told.append)
    assert (len(applied.accepted), len(applied.refused)) == (1, 1)
    assert told[-1] == "1 further call not made."


async def test_a_call_that_no_plan_makes_is_refused(account: Account) -> None:
    with pytest.raises(EcsTuiError, match="is not a call that plans make"):
        await make_call(account, Call("ecs:DeleteCluster", {}))


async def test_without_waiting_it_is_over_once_it_is_accepted(
    stub: StubAws, account: Account
) -> None:
    plan = await read_deployment_plan(account, "stub", "web")
    stub.calls.clear()
    running = Running(account, plan)
    await running.run(wait=False)
    assert (running.outcome, running.words) == ("done", "Accepted by ECS.")
    assert stub.calls == {"ecs:UpdateService": 1}


async def test_a_plan_without_calls_changes_nothing_and_waits(
    stub: StubAws, account: Account
) -> None:
    plan = await read_scale_plan(account, "stub", "web", 2)
    assert plan.confirm == "none"
    running = Running(account, plan)
    await running.run(poll=0.01)
    assert (running.outcome, running.changed) == ("done", False)
    assert stub.calls["ecs:UpdateService"] == 0


async def test_tasks_that_were_not_started_are_named(stub: StubAws, account: Account) -> None:
    request = RunRequest("stub", "web", 2, exec_enabled=True)
    plan = await read_run_plan(account, request)
    failure = {"arn": "arn:aws:ecs:r:1:container-instance/i-1", "reason": "RESOURCE:MEMORY"}
    first = {**ANSWERS["ecs:DescribeTasks"]["tasks"][0], "group": "family:web"}
    stub.answers["ecs:RunTask"] = {"tasks": [first], "failures": [failure]}
    stub.answers["ecs:DescribeTasks"] = {"tasks": [first]}
    running = Running(account, plan)
    await running.run(poll=0.01)
    words = "RESOURCE:MEMORY (no container instance has enough memory left) on i-1"
    assert f"✖ 1 task not started: {words}" in running.said
    assert (running.outcome, running.words) == (
        "failed", "1/2 tasks running · exec agents 1/1. 1 task not started.",
    )  # fmt: skip
    assert running.ready is not None and running.ready.arn == TASKS[0]
    stub.answers["ecs:RunTask"] = {"tasks": [], "failures": [failure, {**failure, "arn": "x/i-2"}]}
    none = Running(account, plan)
    await none.run()
    assert none.words == f"ECS did not start a task: {words.replace('i-1', '2 resources')}."
    assert not none.changed


# -- following


async def test_a_new_task_may_be_unknown_for_a_moment(stub: StubAws, account: Account) -> None:
    plan = await read_run_plan(account, RunRequest("stub", "web", exec_enabled=True))
    looks = iter(({"tasks": []}, {"tasks": []}))
    there = {"tasks": ANSWERS["ecs:DescribeTasks"]["tasks"][:1]}  # as many as are asked for
    stub.answers["ecs:DescribeTasks"] = lambda _: next(looks, there)
    running = Running(account, plan)
    await running.run(poll=0.01)
    assert running.outcome == "done"
    assert "1 task not described by ECS yet" in running.said


async def test_faults_on_the_way_do_not_end_it(stub: StubAws, account: Account) -> None:
    plan = await read_deployment_plan(account, "stub", "web")
    applied = await plan.apply(account)
    stub.faults["ecs:DescribeServices"] = FAULTS["html-503"]
    said: list[Progress] = []
    async for progress in plan.follow(account, applied, poll=0.01):
        said.append(progress)
        stub.heal()
    assert said[0].words.endswith("Trying again.") and said[-1].outcome == "done"


async def test_what_cannot_be_followed_is_accepted_all_the_same(
    stub: StubAws, account: Account
) -> None:
    plan = await read_deployment_plan(account, "stub", "web")
    stub.faults["ecs:DescribeServices"] = FAULTS["scp"]
    running = Running(account, plan)
    await running.run(poll=0.01)
    assert (running.outcome, running.changed) == ("unknown", True)
    assert running.words.startswith("ECS has accepted it, but it cannot be followed: Access denied")


async def test_it_stops_asking_when_it_is_cancelled(stub: StubAws, account: Account) -> None:
    service(
        stub,
        deployments=[
            {"id": "d-1", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "desiredCount": 2}
        ],
    )
    plan = await read_deployment_plan(account, "stub", "web")
    running = Running(account, plan)
    job = asyncio.create_task(running.run(poll=0.01))
    await until(lambda: stub.calls["ecs:DescribeServices"] > 3, "it is followed")
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    calls = stub.calls["ecs:DescribeServices"]
    await account.caller(alias=False)  # a later call has been answered
    assert stub.calls["ecs:DescribeServices"] == calls
