"""A service deployment in words: its state, stages, traffic, circuit breaker, alarms, pauses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median

from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.service import DeploymentSettings
from ecs_tui.model.service_deployment import STAGES, HookRun, RevisionTasks, ServiceDeployment
from ecs_tui.model.text import clock, counted, span

_STATUSES = {
    "PENDING": (Sign.MOVING, "pending"),
    "IN_PROGRESS": (Sign.MOVING, "in progress"),
    "SUCCESSFUL": (Sign.FINE, "successful"),
    "STOP_REQUESTED": (Sign.MOVING, "stopping"),
    "STOPPED": (Sign.BAD, "stopped"),
    "ROLLBACK_REQUESTED": (Sign.WARNING, "rollback requested"),
    "ROLLBACK_IN_PROGRESS": (Sign.WARNING, "rolling back"),
    "ROLLBACK_SUCCESSFUL": (Sign.WARNING, "rolled back"),
    "ROLLBACK_FAILED": (Sign.BAD, "rollback failed"),
}
WAITS = "waits for you"
"""The state of a deployment that waits at a pause hook."""
USUAL_COUNT = 3
"""Successful deployments from which it is said how long one usually takes."""


def status_words(deployment: ServiceDeployment) -> tuple[Sign, str]:
    """The sign and the status of a deployment; one that waits for a person says so."""
    if not deployment.status:
        return Sign.OFF, "gone?" if deployment.gone else ""
    if deployment.waiting is not None:
        return Sign.WARNING, WAITS
    sign, words = _STATUSES.get(deployment.status, (Sign.OFF, plain_words(deployment.status)))
    breaker = deployment.breaker
    if sign is Sign.MOVING and breaker is not None and breaker.failures:
        return Sign.BAD, words
    return sign, words


def plain_words(name: str) -> str:
    """One of AWS's names in small letters: `PRODUCTION_TRAFFIC_SHIFT` as `production traffic shift`."""
    return name.replace("_", " ").lower()


def waiting_words(hook: HookRun, now: datetime) -> str:
    """How long a hook waits yet, and what happens then: `rolls back by itself in 12:30`.

    Source: "ContinueServiceDeployment" and DeploymentLifecycleHookDetail in the ECS API reference.
    """
    ends = {"ROLLBACK": "rolls back", "CONTINUE": "continues"}.get(hook.timeout_action, "")
    if hook.expires_at is None:
        return f"{ends} by itself at an unknown time" if ends else "waits without a known end"
    left = (hook.expires_at - now).total_seconds()
    ends = ends or "ends"
    return f"{ends} by itself in {clock(left)}" if left > 0 else f"{ends} by itself now"


def stage_words(deployment: ServiceDeployment) -> str:
    """The stage and its number, `bake time (9 of 10)`; "" without one."""
    stage = deployment.stage
    if not stage:
        return ""
    if stage not in STAGES:
        return plain_words(stage)
    return f"{plain_words(stage)} ({STAGES.index(stage) + 1} of {len(STAGES)})"


def stage_rail(deployment: ServiceDeployment) -> str:
    """All stages, with those that are done, the present one, and those to come; "" without stages."""
    if deployment.stage not in STAGES:
        return ""
    at = STAGES.index(deployment.stage)
    ended = deployment.status == "SUCCESSFUL"
    signs = [
        Sign.FINE if number < at or ended else Sign.MOVING if number == at else Sign.OFF
        for number in range(len(STAGES))
    ]
    if not ended and (deployment.over or deployment.going_back):
        signs[at] = Sign.BAD
    steps = zip(signs, STAGES, strict=True)
    return " › ".join(f"{sign} {plain_words(stage)}" for sign, stage in steps)


def strategy_words(settings: DeploymentSettings | None) -> str:
    """The strategy with its steps: `canary: 10%, after 5 min the rest; bake time 10 min`."""
    if settings is None or not settings.strategy:
        return ""
    words = settings.strategy.replace("_", "/").lower()
    if settings.canary_percent is not None:
        words += f": {settings.canary_percent:g}%"
        if settings.canary_bake_minutes is not None:
            words += f", after {settings.canary_bake_minutes} min the rest"
    elif settings.step_percent is not None:
        words += f": {settings.step_percent:g}%"
        if settings.step_bake_minutes is not None:
            words += f" every {settings.step_bake_minutes} min"
    if settings.bake_minutes:
        words += f"; bake time {settings.bake_minutes} min"
    return words


def hook_words(settings: DeploymentSettings) -> tuple[str, ...]:
    """The lifecycle hooks of a configuration, a few words each."""
    found = []
    for hook in settings.hooks:
        what = "pause" if hook.target_type == "PAUSE" else f"function {_function(hook.target_arn)}"
        stages = ", ".join(map(plain_words, hook.stages))
        limit = ""
        if hook.timeout_minutes is not None:
            then = {"ROLLBACK": "roll back", "CONTINUE": "continue"}.get(hook.timeout_action, "end")
            limit = f", after {span(60 * hook.timeout_minutes)} {then}"
        found.append(f"{what} at {stages}{limit}" if stages else f"{what}{limit}")
    return tuple(found)


def _function(arn: str) -> str:
    """The name in a Lambda function's ARN, `…:function:NAME`."""
    return arn.split(":function:", 1)[-1] or "?"


def traffic_words(tasks: RevisionTasks) -> str:
    """The tasks and the traffic of a revision: `2 of 4 running, 1 pending, 10% of the traffic`."""
    words = [f"{tasks.running} of {tasks.requested} running"]
    if tasks.pending:
        words.append(f"{tasks.pending} pending")
    if tasks.production_weight is not None:
        words.append(f"{tasks.production_weight:g}% of the traffic")
    if tasks.test_weight:
        words.append(f"{tasks.test_weight:g}% of the test traffic")
    return ", ".join(words)


def breaker_words(deployment: ServiceDeployment) -> str:
    """`4 of 10 failed tasks before the circuit breaker ends it`; "" if it is off or unknown."""
    breaker = deployment.breaker
    if breaker is None or breaker.status == "DISABLED":
        return ""
    if breaker.triggered:
        return f"triggered at {counted(breaker.failures, 'failed task')}"
    if not breaker.threshold:
        return counted(breaker.failures, "failed task")
    words = f"{breaker.failures} of {breaker.threshold} failed tasks"
    return words if deployment.over else f"{words} before it ends the deployment"


def alarm_words(deployment: ServiceDeployment) -> str:
    """The alarms that watch a deployment, the triggered ones first; "" for none."""
    alarms = deployment.alarms
    if alarms is None or alarms.status == "DISABLED" or not (alarms.names or alarms.triggered):
        return ""
    if alarms.triggered_names:
        return f"triggered: {', '.join(alarms.triggered_names)}"
    return f"{plain_words(alarms.status)}: {', '.join(alarms.names)}"


def reason_words(deployment: ServiceDeployment, now: datetime) -> str:
    """What matters most about a deployment: a pause with its end, else an alarm, else AWS's reason."""
    if (hook := deployment.waiting) is not None:
        at = stage_words(deployment)
        return f"{waiting_words(hook, now)}{f', at {at}' if at else ''}"
    alarms, rollback = deployment.alarms, deployment.rollback
    if alarms is not None and alarms.triggered_names:
        return f"alarm {', '.join(alarms.triggered_names)}"
    if rollback is not None and rollback.reason:
        return rollback.reason
    return deployment.status_reason


def seconds_taken(deployment: ServiceDeployment, now: datetime) -> float | None:
    """Seconds from its start to its end, or until now; None if it has not started."""
    start = deployment.started_at or deployment.created_at
    if start is None:
        return None
    end = deployment.ended_at if deployment.over else now
    return max(0.0, (end - start).total_seconds()) if end is not None else None


def usual_seconds(deployments: Iterable[ServiceDeployment], now: datetime) -> float | None:
    """How long successful deployments usually take: the median in seconds; None of too few."""
    taken = [
        seconds
        for item in deployments
        if item.status == "SUCCESSFUL" and (seconds := seconds_taken(item, now)) is not None
    ]
    return median(taken) if len(taken) >= USUAL_COUNT else None


def source_of(deployment: ServiceDeployment) -> str:
    """The ARN of the revision before: of those that it replaces, the one with most tasks; ""."""
    target = deployment.target.arn if deployment.target is not None else ""
    others = [item for item in deployment.sources if item.arn != target]
    found = max(others, key=lambda item: (item.requested, item.running), default=None)
    return found.arn if found is not None else ""


def in_progress(deployments: Sequence[ServiceDeployment]) -> ServiceDeployment | None:
    """The newest one that is not over, or None."""
    known = (item for item in deployments if item.status and not item.over)
    return next(known, None)


def service_name(deployment: ServiceDeployment) -> str:
    """The name of its service, also from its own ARN: `…:service-deployment/CLUSTER/SERVICE/ID`."""
    if deployment.service_arn:
        return short_name(deployment.service_arn)
    parts = deployment.arn.rsplit(":", 1)[-1].split("/")
    return parts[2] if len(parts) == 4 else ""
