"""The lifecycle stages of blue/green, linear and canary deployments, as functions of time.

Source: "Lifecycle stages for Amazon ECS service deployments" in the developer guide, and the members
of DeploymentConfiguration in the API reference. The minutes are those of the configuration; what
takes AWS some seconds takes the demo `QUICK_SECONDS`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from ecs_tui.demo.deployment_records import DeploymentRecord, HookRecord, TimeoutAction

STAGES = (
    "PRE_SCALE_UP", "SCALE_UP", "POST_SCALE_UP", "TEST_TRAFFIC_SHIFT", "POST_TEST_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "CLEAN_UP",
)  # fmt: skip
QUICK_SECONDS = 3.0
LAMBDA_SECONDS = 5.0
"""How long a Lambda function that is a hook runs."""
DEFAULT_TIMEOUT_MINUTES = 1440
"""Of a hook without a timeout (DeploymentLifecycleHookTimeoutConfiguration)."""
HOOK_TIMED_OUT = "Service deployment rolled back because a lifecycle hook timed out."


def shifts(record: DeploymentRecord | None) -> bool:
    """Whether a deployment goes through these stages now."""
    if record is None or record.rollback is not None:
        return False
    return record.active and bool(record.stage)


def begin(record: DeploymentRecord, now: float) -> None:
    """Enter the first stage."""
    _enter(record, STAGES[0], now)


def advance(record: DeploymentRecord, now: float, *, scaled_up: bool) -> bool:
    """Go as far through the stages as the time allows.

    Args:
        record: It is changed.
        now: Seconds since 1970.
        scaled_up: Whether all tasks of the target revision run.

    Returns:
        Whether a hook has timed out whose action is to roll back.
    """
    while True:
        if _hooks(record, now):
            return True
        record.weight, record.test_weight = weights(record, now)
        if any(hook.open for hook in record.hooks) or record.stage == "CLEAN_UP":
            return False
        if record.stage == "SCALE_UP" and not scaled_up:
            return False
        end = record.stage_since + stage_seconds(record)
        if now < end:
            return False
        _enter(record, STAGES[STAGES.index(record.stage) + 1], end)


def scales_up(record: DeploymentRecord) -> bool:
    """Whether the tasks of the target revision are to run."""
    return STAGES.index(record.stage) >= STAGES.index("SCALE_UP")


def stage_seconds(record: DeploymentRecord) -> float:
    """How long the present stage lasts without its hooks."""
    if record.stage == "BAKE_TIME":
        return 60.0 * int(record.configuration.get("bakeTimeInMinutes") or 0)
    if record.stage == "PRODUCTION_TRAFFIC_SHIFT":
        return sum(seconds for _, seconds in shift_steps(record.configuration))
    return QUICK_SECONDS


def shift_steps(configuration: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """(percent of the traffic on the new revision, seconds for which it stays) of each step."""
    strategy = configuration.get("strategy")
    if strategy == "CANARY":
        canary = configuration.get("canaryConfiguration") or {}
        bake = 60.0 * int(canary.get("canaryBakeTimeInMinutes", 10))
        yield float(canary.get("canaryPercent", 5.0)), bake
    elif strategy == "LINEAR":
        linear = configuration.get("linearConfiguration") or {}
        step = float(linear.get("stepPercent", 10.0))
        percent = step
        while percent < 100.0:
            yield percent, 60.0 * int(linear.get("stepBakeTimeInMinutes", 6))
            percent += step
    yield 100.0, QUICK_SECONDS


def weights(record: DeploymentRecord, now: float) -> tuple[float, float]:
    """(percent of production traffic, percent of test traffic) of the target revision."""
    at = STAGES.index(record.stage)
    waits = any(hook.open for hook in record.hooks)
    test = at >= STAGES.index("TEST_TRAFFIC_SHIFT") and not (
        record.stage == "TEST_TRAFFIC_SHIFT" and waits
    )
    if at < STAGES.index("PRODUCTION_TRAFFIC_SHIFT"):
        return 0.0, 100.0 if test else 0.0
    if at > STAGES.index("PRODUCTION_TRAFFIC_SHIFT"):
        return 100.0, 100.0
    if waits:
        return 0.0, 100.0
    left = now - record.stage_since
    for percent, seconds in shift_steps(record.configuration):
        if left < seconds:
            return percent, 100.0
        left -= seconds
    return 100.0, 100.0


def _enter(record: DeploymentRecord, stage: str, now: float) -> None:
    record.stage, record.stage_since, record.updated_at = stage, now, now
    for number, hook in enumerate(record.configuration.get("lifecycleHooks") or ()):
        wanted = set(hook.get("lifecycleStages") or ())
        if stage == "PRODUCTION_TRAFFIC_SHIFT" and "PRE_PRODUCTION_TRAFFIC_SHIFT" in wanted:
            wanted.add(stage)
        if stage in wanted:
            record.hooks.append(_reach(record, hook, number, now))


def _reach(record: DeploymentRecord, hook: dict[str, Any], number: int, now: float) -> HookRecord:
    digest = hashlib.sha256(f"{record.id}{record.stage}{number}".encode()).hexdigest()
    hook_id = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    timeout = hook.get("timeoutConfiguration") or {}
    action: TimeoutAction = timeout.get("action") or "ROLLBACK"
    minutes = int(timeout.get("timeoutInMinutes") or DEFAULT_TIMEOUT_MINUTES)
    if hook.get("targetType") == "PAUSE":
        return HookRecord(hook_id, "PAUSE", "AWAITING_ACTION", now, now + 60.0 * minutes, action)
    arn = hook.get("hookTargetArn", "")
    return HookRecord(hook_id, "AWS_LAMBDA", "IN_PROGRESS", now, now + 60.0 * minutes, action, arn)


def _hooks(record: DeploymentRecord, now: float) -> bool:
    """Let hooks end by themselves; returns whether one asks to roll back."""
    back = False
    for hook in record.hooks:
        if not hook.open:
            continue
        if hook.target_type == "AWS_LAMBDA" and ":never-" not in hook.target_arn:
            # A function whose name begins with "never-" does not return.
            end = hook.since + LAMBDA_SECONDS
            if now >= end:
                hook.status = "SUCCEEDED"
                record.stage_since = record.updated_at = end
        elif hook.expires_at and now >= hook.expires_at:
            hook.status = "TIMED_OUT"
            record.stage_since = record.updated_at = hook.expires_at
            back = back or hook.timeout_action == "ROLLBACK"
    return back
