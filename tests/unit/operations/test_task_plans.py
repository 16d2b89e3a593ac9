"""Plans to stop and to run tasks, and how far they have come: pure tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from ecs_tui.aws.api.ecs_changes import Failure
from ecs_tui.errors import AccessDenied, EcsTuiError, WrongUsage
from ecs_tui.model.capacity_provider import StrategyItem
from ecs_tui.model.task import Task
from ecs_tui.operations.calls import failure_words
from ecs_tui.operations.run_task import (
    RunRequest,
    check,
    parse_strategy,
    parse_tags,
    plan_run,
    run_progress,
)
from ecs_tui.operations.tasks import MAX_NAMED, plan_stop, stop_progress
from tests.support.operation_case import DEFINITION, PROD, SERVICE, STAGING, container, task

ALONE = task("c", group="family:migrate")
GONE = task("d", desired_status="STOPPED", last_status="DEACTIVATING")


# -- stop


def test_stopping_one_task() -> None:
    plan = plan_stop(STAGING, [task("a")], {})
    assert plan.title == "Stop task web/aaaaaaaaaaaa in staging"
    assert plan.effects == (
        "Containers get SIGTERM, then SIGKILL after their stop timeout. Open exec sessions in them "
        "will end.",
        "Service web will start a replacement for each.",
    )
    (call,) = plan.calls
    assert call.parameters == {
        "cluster": "staging", "task": task("a").arn, "reason": "stopped with ecs-tui",
    }  # fmt: skip
    assert plan.confirm == "y"
    assert plan_stop(PROD, [task("a")], {}).typed == "aaaaaa"


def test_stopping_several_tasks_names_each_and_what_replaces_them() -> None:
    plan = plan_stop(STAGING, [task("a"), task("b", group="service:api"), ALONE, GONE], {}, "drill")
    assert plan.title == "Stop 3 tasks in staging"
    text = "\n".join(plan.effects)
    assert "Stops web/aaaaaaaaaaaa, api/bbbbbbbbbbbb, family:migrate/cccccccccccc." in text
    assert "Services api, web will start a replacement for each." in text
    assert "Nothing will replace the standalone task." in text
    assert "Task web/dddddddddddd is stopped or stopping already: it is left out." in text
    assert [call.parameters["reason"] for call in plan.calls] == ["drill"] * 3
    assert plan_stop(PROD, [task("a"), task("b")], {}).typed == "main"
    two = plan_stop(STAGING, [ALONE, replace(ALONE, arn="x", id="e" * 32)], {})
    assert "Nothing will replace the 2 standalone tasks." in two.effects


def test_many_tasks_are_counted() -> None:
    many = [task("a", arn=f"arn/{n}", id=f"{n:032}") for n in range(MAX_NAMED + 2)]
    assert plan_stop(STAGING, many, {}).effects[0].endswith(" and 2 more.")


def test_protection_is_said_before() -> None:
    until = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    text = "\n".join(plan_stop(STAGING, [task("a"), task("b")], {task("a").arn: until}).effects)
    assert "Task web/aaaaaaaaaaaa is protected from scale-in until 2026-01-02 03:04 UTC" in text
    assert "bbbbbbbbbbbb is protected" not in text
    endless = plan_stop(STAGING, [task("a")], {task("a").arn: None}).effects[-1]
    assert "is protected from scale-in: it is probably at work" in endless
    denied = plan_stop(STAGING, [task("a")], AccessDenied("Access denied: ecs:GetTaskProtection."))
    assert denied.effects[-1].endswith("is unknown: Access denied: ecs:GetTaskProtection.")


def test_what_is_not_stopped() -> None:
    daemon = task("e", group="daemon:agent")
    with pytest.raises(EcsTuiError, match="drain its instance"):
        plan_stop(STAGING, [task("a"), daemon], {})
    with pytest.raises(EcsTuiError, match="The task is stopped or stopping already"):
        plan_stop(STAGING, [GONE], {})
    with pytest.raises(EcsTuiError, match="All tasks are stopped"):
        plan_stop(STAGING, [GONE, replace(GONE, id="f" * 32)], {})


@pytest.mark.parametrize(
    ("tasks", "outcome", "words"),
    [
        ([task("a", last_status="STOPPED"), task("b", last_status="DEACTIVATING")], "",
         "1/2 tasks stopped · web/bbbbbbbbbbbb deactivating"),
        ([task("a", last_status="STOPPED")], "done", "2/2 tasks stopped."),
        ([], "done", "2/2 tasks stopped."),
    ],
)  # fmt: skip
def test_how_many_are_stopped(tasks: list[Task], outcome: str, words: str) -> None:
    progress = stop_progress(2, tasks)
    assert (progress.outcome, progress.words) == (outcome, words)


# -- run


def run(request: RunRequest, **definition: Any) -> dict[str, Any]:
    like = SERVICE if request.like else None
    plan = plan_run(request, STAGING, replace(DEFINITION, **definition), like)
    return dict(plan.calls[0].parameters)


def test_a_task_like_those_of_a_service() -> None:
    request = RunRequest("staging", "web", 2, "web", exec_enabled=True, tags={"b": "2", "a": "1"})
    plan = plan_run(request, STAGING, DEFINITION, SERVICE)
    assert plan.title == "Run 2 tasks of web:7 in staging"
    assert plan.calls[0].parameters == {
        "cluster": "staging", "taskDefinition": "web:7", "count": 2, "startedBy": "ecs-tui",
        "enableExecuteCommand": True, "launchType": "FARGATE", "platformVersion": "1.4.0",
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"],
                "assignPublicIp": "DISABLED",
            }
        },
        "tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}],
    }  # fmt: skip
    assert plan.effects == (
        "Starts 2 standalone tasks in staging, outside any service or load balancer. They run until "
        "they end or are stopped.",
        "Uses the launch type FARGATE. Platform version 1.4.0.",
        "Uses the network of service web: subnet-1, subnet-2; sg-1; without a public IP address.",
        "ECS Exec is enabled.",
        "Tags: a=1, b=2.",
    )
    assert plan_run(request, PROD, DEFINITION, SERVICE).typed == "main"


def test_where_a_task_runs() -> None:
    spot = replace(
        SERVICE, strategy=(StrategyItem("FARGATE_SPOT", 0, 1),), launch_type="FARGATE_SPOT"
    )
    plan = plan_run(RunRequest("staging", "web", like="web"), STAGING, DEFINITION, spot)
    asked = plan.calls[0].parameters
    assert asked["capacityProviderStrategy"] == [
        {"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}
    ]
    assert "launchType" not in asked and asked["platformVersion"] == "1.4.0"
    on_ec2 = run(RunRequest("staging", "web", like="web", launch_type="EC2"))
    assert on_ec2["launchType"] == "EC2" and "platformVersion" not in on_ec2
    bridge = run(RunRequest("staging", "web"), network_mode="bridge")
    assert not {"launchType", "capacityProviderStrategy", "networkConfiguration"} & set(bridge)
    assert "networkConfiguration" not in run(
        RunRequest("staging", "web", like="web"), network_mode="bridge"
    )


def test_a_network_that_is_not_known() -> None:
    with pytest.raises(EcsTuiError, match="network mode awsvpc") as refused:
        run(RunRequest("staging", "web"))
    assert "Name a service" in refused.value.next_step
    with pytest.raises(EcsTuiError, match="Service web has no network"):
        plan_run(
            RunRequest("staging", "web", like="web"), STAGING, DEFINITION,
            replace(SERVICE, network=None),
        )  # fmt: skip


def test_exec_without_a_task_role_is_warned_of() -> None:
    request = RunRequest("staging", "web", like="web", exec_enabled=True)
    plan = plan_run(request, STAGING, replace(DEFINITION, task_role_arn=""), SERVICE)
    assert any("has no task role" in words for words in plan.effects)
    off = plan_run(replace(request, exec_enabled=False), STAGING, DEFINITION, SERVICE)
    assert "ECS Exec is disabled: no shell can be opened in it." in off.effects


@pytest.mark.parametrize(
    "request_",
    [
        RunRequest("c", "d", 0), RunRequest("c", "d", 11),
        RunRequest("c", "d", launch_type="EC2", strategy=(StrategyItem("a"),)),
    ],
)  # fmt: skip
def test_requests_that_contradict_themselves(request_: RunRequest) -> None:
    with pytest.raises(WrongUsage):
        check(request_)
    check(RunRequest("c", "d", 10))


def test_tags_and_strategies_from_words() -> None:
    assert parse_tags(["a=1", "b=", "c=x=y"]) == {"a": "1", "b": "", "c": "x=y"}
    assert parse_strategy(["FARGATE_SPOT:4:1", "gpu", "big:2"]) == (
        StrategyItem("FARGATE_SPOT", 1, 4), StrategyItem("gpu", 0, 1), StrategyItem("big", 0, 2),
    )  # fmt: skip
    for wrong in ("a", "=b", "", "aws:x=1"):
        with pytest.raises(WrongUsage):
            parse_tags([wrong])
    for wrong in ("", "a:b", "a:1:2:3", "a b", "a:-1", "a:9999999"):
        with pytest.raises(WrongUsage):
            parse_strategy([wrong])


UP = task("a", group="family:web", exec_enabled=True, containers=(container(),))
STARTING = replace(UP, id="b" * 32, containers=(container("PENDING"),))
BROKEN = replace(UP, id="c" * 32, containers=(container("STOPPED"),))
PENDING = replace(UP, id="d" * 32, last_status="PENDING", containers=())


def ended(code: int) -> Task:
    return replace(
        UP, id="e" * 32, last_status="STOPPED", desired_status="STOPPED",
        stopped_reason="Essential container in task exited", containers=(container("", code),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("tasks", "exec_enabled", "outcome", "words"),
    [
        ([UP, UP], True, "done", "2/2 tasks running · exec agents 2/2."),
        ([UP, STARTING], True, "", "2/2 tasks running · exec agents 1/2 · 1 agent starting"),
        ([UP, STARTING], False, "done", "2/2 tasks running."),
        ([UP, PENDING], True, "", "1/2 tasks running · exec agents 1/1 · 1 pending"),
        ([UP, BROKEN], True, "failed", "No shell can be opened: exec agent has stopped."),
        ([UP], True, "failed", "1/2 tasks running"),
        ([UP, ended(0)], True, "done", "stopped: Essential container in task exited (app exit 0)"),
        ([UP, ended(1)], True, "failed", "(app exit 1)"),
        ([ended(0), ended(0)], False, "done", "0/2 tasks running"),
    ],
)
def test_how_many_run(tasks: list[Task], exec_enabled: bool, outcome: str, words: str) -> None:
    progress = run_progress(2, tasks, exec_enabled)
    assert (progress.outcome, words in progress.words) == (outcome, True), progress
    assert (progress.ready is not None) == (UP in tasks)


@pytest.mark.parametrize(
    ("failures", "words"),
    [
        ([], "no reason given"),
        ([Failure("arn:x/i-1", "RESOURCE:ENI")],
         "RESOURCE:ENI (no container instance has a network interface left for a task) on i-1"),
        ([Failure("x/1", "RESOURCE:ENI"), Failure("x/2", "RESOURCE:ENI"), Failure("x/3", "AGENT")],
         "RESOURCE:ENI (no container instance has a network interface left for a task) on 2 "
         "resources; AGENT (the agent of the container instance is not connected) on 3"),
        ([Failure("", "Capacity is unavailable at this time.")],
         "Capacity is unavailable at this time."),
        ([Failure("", "ATTRIBUTE", "missing gpu\x1b[31m")],
         "ATTRIBUTE (no container instance has an attribute that the task definition requires): "
         "missing gpu�[31m"),
    ],
)  # fmt: skip
def test_why_tasks_were_not_started(failures: list[Failure], words: str) -> None:
    assert failure_words(failures) == words
