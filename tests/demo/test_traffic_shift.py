"""The stages of deployments that shift traffic, as functions of time."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_tui.demo import traffic_shift
from ecs_tui.demo.deployment_records import DeploymentRecord, RevisionRecord, record_id
from ecs_tui.demo.deployments import threshold
from ecs_tui.demo.traffic_shift import QUICK_SECONDS, STAGES, advance, begin, shift_steps

OLD, NEW = (RevisionRecord(str(number), f"web:{number}", 0.0, ()) for number in (1, 2))


def record(**configuration: Any) -> DeploymentRecord:
    made = DeploymentRecord("d", NEW, (OLD,), configuration, 1000.0, 1000.0)
    begin(made, 1000.0)
    return made


@pytest.mark.parametrize(
    ("configuration", "steps"),
    [
        ({"strategy": "BLUE_GREEN"}, [(100.0, QUICK_SECONDS)]),
        (
            {
                "strategy": "CANARY",
                "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10},
            },
            [(5.0, 600.0), (100.0, QUICK_SECONDS)],
        ),
        (
            {
                "strategy": "LINEAR",
                "linearConfiguration": {"stepPercent": 40.0, "stepBakeTimeInMinutes": 1},
            },
            [(40.0, 60.0), (80.0, 60.0), (100.0, QUICK_SECONDS)],
        ),
    ],
)
def test_traffic_is_shifted_in_the_steps_of_the_strategy(
    configuration: dict[str, Any], steps: list[tuple[float, float]]
) -> None:
    assert list(shift_steps(configuration)) == steps


def test_it_waits_until_all_tasks_run() -> None:
    made = record(strategy="BLUE_GREEN", bakeTimeInMinutes=5)
    assert not advance(made, 1100.0, scaled_up=False)
    assert made.stage == "SCALE_UP" and made.weight == 0.0
    assert not advance(made, 1100.0, scaled_up=True)
    assert made.stage == "BAKE_TIME" and made.weight == 100.0
    assert not advance(made, 1500.0, scaled_up=True)
    assert made.stage == "CLEAN_UP" == STAGES[-1]


@pytest.mark.parametrize(("action", "back"), [("ROLLBACK", True), ("CONTINUE", False)])
def test_a_pause_ends_as_its_timeout_says(action: str, back: bool) -> None:
    timeout = {"timeoutInMinutes": 10, "action": action}
    hook = {"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
            "timeoutConfiguration": timeout}  # fmt: skip
    made = record(strategy="BLUE_GREEN", bakeTimeInMinutes=60, lifecycleHooks=[hook])
    assert not advance(made, 1300.0, scaled_up=True)
    assert (made.stage, made.weight) == ("PRODUCTION_TRAFFIC_SHIFT", 0.0)
    assert made.hooks[0].status == "AWAITING_ACTION"
    assert advance(made, 1700.0, scaled_up=True) is back
    assert made.hooks[0].status == "TIMED_OUT"
    if not back:
        assert made.stage == "BAKE_TIME"


def test_a_function_returns_by_itself() -> None:
    hook = {"targetType": "AWS_LAMBDA", "hookTargetArn": "arn:aws:lambda:x:1:function:smoke",
            "lifecycleStages": ["POST_SCALE_UP"]}  # fmt: skip
    made = record(strategy="BLUE_GREEN", bakeTimeInMinutes=60, lifecycleHooks=[hook])
    advance(made, 1000.0 + 2 * QUICK_SECONDS, scaled_up=True)
    assert (made.stage, made.hooks[0].status) == ("POST_SCALE_UP", "IN_PROGRESS")
    advance(made, 1100.0, scaled_up=True)
    assert (made.stage, made.hooks[0].status) == ("BAKE_TIME", "SUCCEEDED")


def test_only_active_deployments_with_stages_shift_traffic() -> None:
    made = record(strategy="BLUE_GREEN")
    assert traffic_shift.shifts(made) and not traffic_shift.shifts(None)
    made.roll_back(1010.0, "because")
    assert not traffic_shift.shifts(made) and made.weight == 0.0
    made.succeed(1020.0, 3)
    assert made.status == "ROLLBACK_SUCCESSFUL" and not made.active


@pytest.mark.parametrize(
    ("desired", "wanted", "count"),
    [
        (1, None, 3), (10, None, 5), (1000, None, 200),
        (10, {"type": "COUNT", "value": 12}, 12),
        (10, {"type": "BOUNDED_PERCENT", "value": 10}, 3),
        (10, {"type": "UNBOUNDED_PERCENT", "value": 10}, 1),
        (1000, {"type": "UNBOUNDED_PERCENT", "value": 50}, 500),
    ],
)  # fmt: skip
def test_the_threshold_of_the_circuit_breaker(desired: int, wanted: Any, count: int) -> None:
    breaker = {"thresholdConfiguration": wanted} if wanted else {}
    assert threshold(desired, breaker) == count


def test_ids_are_as_long_as_aws_s_and_the_same_each_time() -> None:
    assert record_id("ecs-svc/1") == record_id("ecs-svc/1") != record_id("ecs-svc/2")
    assert len(record_id("ecs-svc/1")) == 21
