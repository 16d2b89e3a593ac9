"""The rules over model objects, as tables of cases."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.aws.parse import ecs as parse
from ecs_tui.model import text as words
from ecs_tui.model.arn import cluster_name, parse_arn, short_name
from ecs_tui.model.container import EXEC_AGENT, Container, ManagedAgent
from ecs_tui.model.identity import Caller
from ecs_tui.model.rules import exec_readiness as exec_status
from ecs_tui.model.rules import health
from ecs_tui.model.rules.exec_readiness import Verdict
from ecs_tui.model.service import Deployment, Service, TaskSet
from ecs_tui.model.task import Task
from ecs_tui.store.access import access_targets
from ecs_tui.store.inventory import Inventory
from ecs_tui.ui.details import details

ARN = "arn:aws:ecs:eu-west-1:123456789012:task/prod/0123456789abcdef"


def container(
    agent: str = "RUNNING", reason: str = "", name: str = "app", **more: object
) -> Container:
    agents = (ManagedAgent(EXEC_AGENT, agent, reason),) if agent else ()
    return Container(name, ARN, ARN, **{"last_status": "RUNNING", "agents": agents, **more})  # type: ignore[arg-type]


def task(*containers: Container, **more: object) -> Task:
    facts: dict[str, object] = {
        "last_status": "RUNNING",
        "desired_status": "RUNNING",
        "exec_enabled": True,
        "launch_type": "FARGATE",
        "platform_version": "1.4.0",
        "platform_family": "Linux",
        "connectivity": "CONNECTED",
        "containers": containers or (container(),),
        **more,
    }
    return Task(ARN, "0123456789abcdef", "arn:aws:ecs:eu-west-1:1:cluster/prod", **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("the_task", "verdict", "words_in_reason"),
    [
        (task(), Verdict.READY, ""),
        (task(container("PENDING")), Verdict.WAIT, "not ready yet"),
        (task(container("STOPPED", "agent exited")), Verdict.NO, "agent exited"),
        (task(container("STOPPED")), Verdict.NO, "stopped"),
        (task(container("")), Verdict.NO, "no exec agent"),
        (task(container("", last_status="PENDING")), Verdict.WAIT, "pending"),
        (task(container(last_status="STOPPED", exit_code=3)), Verdict.NO, "exit 3"),
        (task(container("STRANGE")), Verdict.UNKNOWN, "STRANGE"),
        (task(exec_enabled=False), Verdict.NO, "disabled when the task started"),
        (task(platform_version="1.3.0"), Verdict.READY, ""),
        (task(container("PENDING"), platform_version="1.3.0"), Verdict.NO, "1.3.0 (needs 1.4.0+)"),
        (task(platform_version="1.0.0", platform_family="Windows_Server"), Verdict.READY, ""),
        (task(platform_version="LATEST"), Verdict.READY, ""),
        (task(last_status="PENDING"), Verdict.WAIT, "pending"),
        (task(last_status="STOPPED", desired_status="STOPPED"), Verdict.NO, "stopped"),
        (task(desired_status="STOPPED"), Verdict.NO, "task stopping"),
        (task(connectivity="DISCONNECTED"), Verdict.NO, "disconnected"),
        (task(described=False), Verdict.UNKNOWN, "loading"),
    ],
)
def test_readiness_of_a_container(the_task: Task, verdict: Verdict, words_in_reason: str) -> None:
    found = exec_status.container_readiness(the_task, the_task.containers[0])
    assert found.verdict == verdict
    assert words_in_reason in found.reason


def test_a_task_is_as_ready_as_its_best_container_and_names_the_others() -> None:
    two = task(container(name="app"), container("STOPPED", name="envoy"))
    found = exec_status.task_readiness(two)
    assert (found.verdict, found.reason) == (Verdict.READY, "except envoy")
    assert exec_status.agent_counts([two]) == (1, 2)


def service(**more: object) -> Service:
    facts: dict[str, object] = {
        "status": "ACTIVE",
        "desired": 1,
        "running": 1,
        "exec_enabled": True,
    }
    return Service("arn", "web", "arn", **{**facts, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("the_service", "tasks", "verdict", "reason"),
    [
        (service(), [task()], Verdict.READY, ""),
        (service(), [task(exec_enabled=False)], Verdict.NO, "redeploy"),
        (service(exec_enabled=False), [], Verdict.NO, "exec is disabled"),
        (service(desired=0, running=0), [], Verdict.NO, "scaled to 0"),
        (service(running=0), [], Verdict.WAIT, "no task"),
        (service(), [], Verdict.UNKNOWN, "not checked yet"),
        (service(described=False), [], Verdict.UNKNOWN, "loading"),
    ],
)
def test_readiness_of_a_service(
    the_service: Service, tasks: list[Task], verdict: Verdict, reason: str
) -> None:
    found = exec_status.service_readiness(the_service, tasks)
    assert found.verdict == verdict
    assert reason in found.reason


def test_the_likely_container_is_ready_and_no_sidecar() -> None:
    picked = exec_status.likely_container(task(container(name="envoy"), container(name="shop")))
    assert picked is not None
    assert picked.name == "shop"


def test_the_newest_ready_task_wins() -> None:
    old = task(started_at=datetime(2026, 1, 1, tzinfo=UTC))
    new = task(started_at=datetime(2026, 1, 2, tzinfo=UTC))
    broken = task(container("STOPPED"), started_at=datetime(2026, 1, 3, tzinfo=UTC))
    assert exec_status.newest_ready_task([old, broken, new]) is new
    assert exec_status.newest_ready_task([]) is None


def deployment(state: str, running: int = 1, failed: int = 0) -> tuple[Deployment, ...]:
    return (Deployment("id", "PRIMARY", state, "", 2, running, 0, failed, "td:1"),)


@pytest.mark.parametrize(
    ("the_service", "sign", "words_"),
    [
        (service(deployments=deployment("COMPLETED")), "●", "steady"),
        (service(deployments=deployment("IN_PROGRESS")), "◐", "deploying 50%"),
        (service(deployments=deployment("IN_PROGRESS", 0, 6)), "✖", "6 failed"),
        (service(deployments=deployment("FAILED", 0, 6)), "✖", "failed"),
        (service(desired=0, running=0, deployments=deployment("COMPLETED")), "○", "scaled to 0"),
        (service(), "○", "no deployment"),
        (service(controller="EXTERNAL"), "○", "external: no task set"),
    ],
)
def test_deployment_words(the_service: Service, sign: str, words_: str) -> None:
    found = health.deployment_words(the_service)
    assert found[0] == sign
    assert words_ in found[1]


def task_set(stability: str = "STEADY_STATE", running: int = 2) -> TaskSet:
    return TaskSet("id", "PRIMARY", stability, 100.0, 2, running, 0, "td:1")


ROLLED_BACK = (
    Deployment(
        "1", "PRIMARY", "IN_PROGRESS", "ECS deployment circuit breaker: rolling back to "
        "deploymentId ecs-svc/1.", 2, 2, 0, 0, "td:41",
    ),
    Deployment("2", "ACTIVE", "FAILED", "tasks failed to start.", 0, 0, 0, 10, "td:42"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("the_service", "sign", "words_"),
    [
        (service(deployments=ROLLED_BACK), "▲", "rolling back: 10 failed on revision 42"),
        (service(deployments=ROLLED_BACK[:1]), "◐", "deploying 100%"),
        (service(desired=2, running=1, deployments=deployment("COMPLETED")), "▲", "1 of 2 running"),
        (service(desired=2, running=0, deployments=deployment("COMPLETED")), "✖", "0 of 2 running"),
        (service(controller="CODE_DEPLOY", task_sets=(task_set(),)), "●", "steady"),
        (
            service(controller="CODE_DEPLOY", task_sets=(task_set("STABILIZING", 1),)),
            "◐", "CodeDeploy: 1 of 2 running",
        ),
        (
            service(controller="CODE_DEPLOY", task_sets=(task_set(), task_set())),
            "◐", "CodeDeploy: 2 task sets",
        ),
        (
            service(desired=2, running=0, controller="EXTERNAL", task_sets=(task_set(running=0),)),
            "✖", "0 of 2 running",
        ),
    ],
)  # fmt: skip
def test_rollbacks_task_sets_and_too_few_tasks_in_words(
    the_service: Service, sign: str, words_: str
) -> None:
    assert health.deployment_words(the_service) == (sign, words_)


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("left_out", [{"desired_status": "STOPPED"}, {"described": False}])
def test_access_leaves_out_what_is_stopping_or_unknown_and_nothing_behind_it(
    at: int, left_out: dict[str, Any]
) -> None:
    tasks = [task(group=f"service:s{number}") for number in range(3)]
    tasks[at] = dataclasses.replace(tasks[at], **left_out)
    found = [target.service for target in access_targets(tasks)]
    assert found == [f"s{number}" for number in range(3) if number != at]


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("EssentialContainerExited", "✖"), ("TaskFailedToStart", "✖"), ("UserInitiated", "○"),
        ("ServiceSchedulerInitiated", "○"), ("SpotInterruption", "○"), ("", "○"),
    ],
)  # fmt: skip
def test_a_stopped_task_is_bad_by_its_stop_code(code: str, sign: str) -> None:
    raw: Any = {
        "taskArn": ARN, "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "stopCode": code,
        "stoppedReason": "why",
    }  # fmt: skip
    stopped = parse.task(raw)
    assert (stopped.stop_code, stopped.stopped_reason) == (code, "why")
    assert health.task_sign(stopped) == sign
    inventory = Inventory(Account())
    facts = dict(
        line.split(maxsplit=2)[::2]
        for line in details(stopped, inventory, datetime.now(UTC)).split("\n")
        if line.startswith("stop code")
    )
    assert facts == ({"stop": code} if code else {})
    assert health.task_sign(task()) == "●"


def test_arns() -> None:
    assert short_name(ARN) == "0123456789abcdef"
    assert cluster_name(ARN) == "prod"
    assert cluster_name("arn:aws:ecs:r:1:task/0123") == ""
    assert parse_arn("nonsense") is None
    assert str(parse_arn(ARN)) == ARN


@pytest.mark.parametrize(
    ("arn", "who"),
    [
        ("arn:aws:iam::1:user/team/alice", "alice"),
        ("arn:aws:sts::1:assumed-role/admin/alice", "admin/alice"),
        ("arn:aws:iam::1:root", "root"),
        ("odd", "odd"),
    ],
)
def test_who(arn: str, who: str) -> None:
    assert Caller("1", arn).who == who


@pytest.mark.parametrize(
    ("seconds", "text"), [(-5, "0s"), (5, "5s"), (60, "1m"), (7200, "2h"), (200000, "2d")]
)
def test_age(seconds: float, text: str) -> None:
    assert words.age(seconds) == text


@pytest.mark.parametrize("hostile", ["a\x1b[2Jb", "a\x07b", "a\u202eb", "a\nb", "a\x9bb"])
def test_clean_leaves_nothing_that_a_terminal_would_obey(hostile: str) -> None:
    assert words.clean(hostile).isprintable()
    assert words.clean(hostile)[0] == "a"


def test_clock() -> None:
    assert words.clock(65) == "01:05"
    assert words.clock(3661) == "1:01:01"
