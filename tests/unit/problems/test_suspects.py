"""Which services deserve further calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ecs_tui.model.scalable_target import ScalableTarget
from ecs_tui.model.scaling_activity import ScalingActivity
from ecs_tui.model.service import DeploymentSettings, HookSettings, Service
from ecs_tui.model.task import Task
from ecs_tui.problems.suspects import suspicion
from tests.support.problem_facts import (
    NOW,
    STEADY,
    container,
    deployment,
    event,
    rollout,
    running,
    service,
    stopped,
)

PAUSES = DeploymentSettings(hooks=(HookSettings("PAUSE"),))
DEPLOYING = deployment("IN_PROGRESS", 3)
CASES: list[tuple[str, Service, Sequence[Task], Sequence[Task], ScalableTarget | None]] = [
    ("", service(), (), (), None),
    ("", service(events=(event(1, STEADY),)), (), (running(1, container()),), ScalableTarget(2, 8)),
    ("", service(DEPLOYING), (), (), None),
    ("", service(running=1, status="DRAINING"), (), (), None),
    ("", service(), (stopped(1, 3, code="UserInitiated"),), (), None),
    ("below", service(running=3), (), (), None),
    ("deployment failed", service(deployment("IN_PROGRESS", failed=1)), (), (), None),
    (
        "event",
        service(events=(event(1, "(service web) was unable to place a task."),)),
        (),
        (),
        None,
    ),
    ("ended", service(), (stopped(1, 3, container(1)),), (), None),
    ("deployment in progress", service(deployment("IN_PROGRESS", 30)), (), (), None),
    ("deployment in progress", service(DEPLOYING, deployment_settings=PAUSES), (), (), None),
    ("unhealthy", service(), (), (running(1, health="UNHEALTHY"),), None),
    ("maximum", service(), (), (), ScalableTarget(2, 4)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0] or "none")
def test_a_service_is_a_suspect_for_a_reason(
    case: tuple[str, Service, Sequence[Task], Sequence[Task], ScalableTarget | None],
) -> None:
    word, of, its_stopped, its_running, scalable = case
    found = suspicion(of, its_stopped, its_running, scalable, NOW)
    assert word in found
    assert bool(word) is bool(found)


def test_a_recent_deployment_is_asked_for_once_and_a_bad_one_stays() -> None:
    recent = service(deployment(minutes=30), current_deployment="arn:d")
    assert suspicion(recent, (), (), None, NOW) == "its last deployment"
    for status, bad in (("SUCCESSFUL", False), ("ROLLBACK_SUCCESSFUL", True), ("STOPPED", True)):
        last = replace(rollout(status), arn="arn:d")
        assert bool(suspicion(recent, (), (), None, NOW, deployment=last)) is bad
    other = replace(rollout("SUCCESSFUL"), arn="arn:earlier")
    assert suspicion(recent, (), (), None, NOW, deployment=other)
    old = service(deployment(minutes=3000), current_deployment="arn:d")
    assert not suspicion(old, (), (), None, NOW)
    told = service(
        deployment(minutes=600, rollout_reason="ECS deployment circuit breaker: rollback")
    )
    assert suspicion(told, (), (), None, NOW)


def test_a_scaling_activity_that_failed_makes_a_suspect() -> None:
    failed = ScalingActivity("a", "service/prod/web", status="Failed")
    assert suspicion(service(), (), (), None, NOW, activities=(failed,))
    done = ScalingActivity("b", "service/prod/web", status="Successful")
    assert not suspicion(service(), (), (), None, NOW, activities=(done, failed))
