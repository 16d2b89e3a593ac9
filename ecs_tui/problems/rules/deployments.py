"""Deployments that failed, were rolled back, do not get on, or wait for a person."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta

from ecs_tui.model.problem import Evidence, Problem, Severity
from ecs_tui.model.rules.deployment_words import plain_words
from ecs_tui.model.service import Deployment
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.text import counted, span
from ecs_tui.problems import sources
from ecs_tui.problems.causes import STOP_CAUSES, CauseGroup, ended_at, grouped
from ecs_tui.problems.facts import ServiceFacts
from ecs_tui.problems.rules.base import (
    Rule,
    deploying_since,
    event_evidence,
    recent,
    service_problem,
    unsettled,
    usual_duration,
)

ROLLED_BACK = timedelta(hours=12)
"""For how long a service says that its last deployment was rolled back."""
EXPIRES_SOON = timedelta(minutes=15)
"""Before the end of a pause hook, what waits is urgent."""
BAKE_GRACE = timedelta(minutes=10)
"""How long the bake time of a deployment may last beyond its setting."""
_SOURCE = "ecs:DescribeServices"
_DEPLOYMENT_SOURCE = "ecs:DescribeServiceDeployments"


def failed(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """The last deployment failed and was not rolled back.

    It does not fire for a deployment in progress, nor once a later one has completed.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    primary, current = facts.service.primary, facts.current
    over = current is not None and current.status in ("STOPPED", "ROLLBACK_FAILED")
    if not (primary is not None and primary.rollout_state == "FAILED") and not over:
        return
    reason = (primary.rollout_reason if primary is not None else "") or (
        current.status_reason if current is not None else ""
    )
    cause, why = _end_cause(current, reason)
    tasks = _by_tasks(facts, cause, primary.task_definition if primary else "")
    if tasks is not None:
        cause, why = tasks.cause.id, tasks.words
    if over and current is not None and current.status == "STOPPED" and cause == "stopped":
        return  # somebody stopped it, as StopServiceDeployment does with ABORT
    at = (current.ended_at if current is not None else None) or (
        primary.updated_at if primary is not None else None
    )
    yield service_problem(
        facts, "deployment-failed", cause, severity=Severity.FAILING,
        what="the last deployment failed", why=why, since=at, last=at,
        evidence=(
            *_of_primary(primary), *_of_current(current),
            *event_evidence(e for e in unsettled(facts) if "deployment" in e.message),
        ),
        advice="Roll back to the revision before, or deploy a corrected one.",
        commands=("rollback", "deployments", "stopped", "logs"), source=sources.CIRCUIT_BREAKER,
        state=primary.id if primary is not None else "",
    )  # fmt: skip


def _end_cause(current: ServiceDeployment | None, reason: str) -> tuple[str, str]:
    """The id of why a deployment ended, and the words."""
    low = reason.casefold()
    if current is not None:
        low += f" {current.status_reason} {current.rollback.reason if current.rollback else ''}".casefold()
        if current.alarms is not None and (
            current.alarms.triggered or current.alarms.triggered_names
        ):
            names = ", ".join(current.alarms.triggered_names or current.alarms.names)
            return "deployment-alarm", f"alarm {names}" if names else "a CloudWatch alarm"
        if current.breaker is not None and current.breaker.triggered:
            return (
                "circuit-breaker-rollback",
                f"{counted(current.breaker.failures, 'task')} failed to start",
            )
        if any(hook.status in ("FAILED", "TIMED_OUT") for hook in current.hooks):
            return "hook-failed", "a lifecycle hook failed or timed out"
    if "alarm" in low:
        return "deployment-alarm", "a CloudWatch alarm"
    if "circuit breaker" in low or "failed to start" in low:
        return "circuit-breaker-rollback", "tasks failed to start"
    if "hook" in low:
        return "hook-failed", "a lifecycle hook failed or timed out"
    if "stopped by" in low or "user" in low or "stopservicedeployment" in low:
        return "stopped", "it was stopped"
    return "deployment-failed", reason


def _by_tasks(facts: ServiceFacts, cause: str, revision: str) -> CauseGroup | None:
    """Why the tasks of the deployment ended, if that is still known and nothing else ended it.

    Args:
        cause: What ended the deployment.
        revision: The ARN of the revision that failed; "" for any but the present one.
    """
    if cause not in ("circuit-breaker-rollback", "deployment-failed"):
        return None
    began = facts.current.created_at if facts.current is not None else None
    present = facts.service.task_definition
    tasks = [
        task
        for task in facts.stopped or ()
        if (task.task_definition == revision if revision else task.task_definition != present)
        and (began is None or (at := ended_at(task)) is None or at >= began)
    ]
    return next((group for group in grouped(tasks) if group.cause.ours), None)


def rolled_back(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """The last deployment is being rolled back, or was within the last 12 hours.

    It does not fire once a later deployment has been successful, nor once a rollback is done that a
    person asked for: that is what ended the problem.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
    """
    current, old = facts.current, facts.service.rolled_back
    going = current is not None and current.going_back
    done = current is not None and current.status == "ROLLBACK_SUCCESSFUL"
    if old is None and not going and not done:
        return
    if done and current is not None and not recent(current.ended_at, now, ROLLED_BACK):
        return
    primary = facts.service.primary
    cause, why = _end_cause(current, primary.rollout_reason if primary is not None else "")
    if done and cause == "stopped":
        return
    tasks = _by_tasks(facts, cause, old.task_definition if old is not None else "")
    at = None
    if current is not None:
        at = current.rollback.started_at if current.rollback is not None else current.ended_at
    if at is None and primary is not None:
        at = primary.created_at
    if tasks is not None:
        cause, why, at = tasks.cause.id, tasks.words, tasks.first or at
    rolled = old.task_definition.rsplit("/", 1)[-1] if old is not None else ""
    what = "the last deployment was rolled back" if done else f"rolling back {rolled}".rstrip()
    yield service_problem(
        facts, "rolled-back", "circuit-breaker-rollback" if cause == "deployment-failed" else cause,
        severity=Severity.NOTICE if done else Severity.DEGRADED,
        what=what, why=why, since=at, last=at,
        evidence=(
            *_of_primary(old), *_of_current(current),
            *event_evidence(e for e in facts.every_event if "roll" in e.message.casefold()),
        ),
        advice="Find out why its tasks failed before it is deployed again.",
        commands=("deployments", "stopped", "logs"), source=sources.CIRCUIT_BREAKER,
        state=current.arn if current is not None else "",
    )  # fmt: skip


def failing(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """Tasks of the deployment in progress fail: the circuit breaker counts, or is off.

    It does not fire without a failed task.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    primary = facts.service.primary
    if primary is None or not primary.failed or primary.rollout_state not in ("IN_PROGRESS", ""):
        return
    settings = facts.service.deployment_settings
    on = settings is not None and settings.breaker
    breaker = facts.current.breaker if facts.current is not None else None
    limit = breaker.threshold if breaker is not None and breaker.threshold else threshold(primary)
    words = (
        f"{primary.failed} of {limit} before the circuit breaker" if on else "circuit breaker off"
    )
    yield service_problem(
        facts, "deployment-failing", "deployment-failing", severity=Severity.FAILING,
        what=f"{counted(primary.failed, 'task')} of the deployment failed", why=words,
        since=primary.created_at, last=primary.updated_at, count=primary.failed,
        evidence=(*_of_primary(primary), *_of_current(facts.current), *event_evidence(unsettled(facts))),
        advice="Look at the tasks that stopped; roll back if the revision is wrong.",
        commands=("stopped", "logs", "rollback", "deployments"), source=sources.CIRCUIT_BREAKER,
        state=primary.id,
    )  # fmt: skip


def threshold(deployment: Deployment) -> int:
    """How many failed tasks the circuit breaker allows: half of the desired count, 3 to 200.

    Source: "Failure threshold" in
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    return min(200, max(3, math.ceil(deployment.desired / 2)))


def stuck(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """A deployment is in progress for much longer than those of this service usually take.

    It does not fire while it waits at a pause hook or in its bake time, which have rules of their own.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html
    """
    began, current = deploying_since(facts), facts.current
    primary = facts.service.primary
    if began is None or primary is None:
        return
    if current is not None and (current.waiting is not None or current.stage == "BAKE_TIME"):
        return
    allowed = max(timedelta(minutes=30), usual_duration(facts))
    if now - began <= allowed:
        return
    stage = f", in {current.stage}" if current is not None and current.stage else ""
    yield service_problem(
        facts, "deployment-stuck", "deployment-stuck", severity=Severity.DEGRADED,
        what=f"deploying for {span((now - began).total_seconds())}{stage}",
        why=f"{primary.running} of {primary.desired} tasks of {_revision(primary)} run",
        since=began, last=primary.updated_at,
        evidence=(*_of_primary(primary), *_of_current(current), *event_evidence(unsettled(facts))),
        advice="Look at the events; roll back if it cannot end.",
        commands=("events", "deployments", "rollback"), source=sources.DEPLOYMENTS,
        state=primary.id,
    )  # fmt: skip


def waiting(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """A deployment waits at a pause hook for a person, or a hook failed.

    It does not fire for a hook that is over, nor for one that calls a function and still runs.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
    """
    current = facts.current
    hook = current.waiting if current is not None else None
    if current is None or hook is None:
        return
    ends, end = hook.expires_at, hook.timeout_action.casefold() or "an action of its own"
    soon = ends is not None and ends - now <= EXPIRES_SOON
    left = "" if ends is None else f"{end} in {span((ends - now).total_seconds())}"
    yield service_problem(
        facts, "hook-waiting", "paused-hook",
        severity=Severity.DEGRADED if soon else Severity.NOTICE,
        what=f"the deployment waits for a person{f', in {current.stage}' if current.stage else ''}",
        why=left, since=current.updated_at or current.started_at,
        evidence=_of_current(current),
        advice="Continue it or roll it back.", commands=("deployments", "waiting"),
        source=sources.PAUSE_HOOKS, detail=hook.id, state=hook.id,
    )  # fmt: skip


def bake_time(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """A deployment is in its bake time for longer than its setting says.

    It does not fire within the bake time and ten minutes after it.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
    """
    current = facts.current
    if current is None or current.over or current.stage != "BAKE_TIME":
        return
    settings = current.settings or facts.service.deployment_settings
    minutes = settings.bake_minutes if settings is not None else None
    began = current.updated_at or current.started_at
    if began is None or now - began <= timedelta(minutes=minutes or 0) + BAKE_GRACE:
        return
    yield service_problem(
        facts, "bake-time", "bake-time", severity=Severity.NOTICE,
        what=f"in bake time for {span((now - began).total_seconds())}",
        why=f"its setting is {minutes} min" if minutes is not None else "",
        since=began, evidence=_of_current(current),
        advice="Look at the alarms of the deployment; roll back if it cannot end.",
        commands=("deployments", "events"), source=sources.BLUE_GREEN, state=current.arn,
    )  # fmt: skip


def _revision(deployment: Deployment) -> str:
    return deployment.task_definition.rsplit("/", 1)[-1]


def _of_primary(deployment: Deployment | None) -> tuple[Evidence, ...]:
    if deployment is None:
        return ()
    counts = f"{deployment.running} of {deployment.desired} running, {deployment.failed} failed"
    state = plain_words(deployment.rollout_state or deployment.status)
    reason = f": {deployment.rollout_reason}" if deployment.rollout_reason else ""
    words = f"deployment of {_revision(deployment)} {state}, {counts}{reason}"
    return (Evidence("deployment", words, deployment.created_at, _SOURCE),)


def _of_current(current: ServiceDeployment | None) -> tuple[Evidence, ...]:
    """The service deployment, its hooks, circuit breaker, alarms and rollback."""
    if current is None:
        return ()
    stage = f" ({plain_words(current.stage)})" if current.stage else ""
    reason = f": {current.status_reason}" if current.status_reason else ""
    words = [
        (
            f"service deployment {plain_words(current.status)}{stage}{reason}",
            current.created_at,
        )
    ]
    words += [
        (f"hook {plain_words(hook.target_type)} {plain_words(hook.status)}", hook.expires_at)
        for hook in current.hooks
        if hook.status != "SUCCEEDED"
    ]
    if current.breaker is not None and current.breaker.status != "DISABLED":
        breaker = current.breaker
        state = plain_words(breaker.status)
        text = f"circuit breaker {state}, {breaker.failures} of {breaker.threshold}"
        words.append((text, None))
    if current.alarms is not None and current.alarms.triggered_names:
        words.append((f"alarms {', '.join(current.alarms.triggered_names)}", None))
    if current.rollback is not None:
        words.append((f"rollback: {current.rollback.reason}", current.rollback.started_at))
    return tuple(Evidence("deployment", text, at, _DEPLOYMENT_SOURCE) for text, at in words)


ENDS = (
    "deployment-failed", "circuit-breaker-rollback", "deployment-alarm", "hook-failed", *STOP_CAUSES,
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    Rule(
        "deployment-failed", "The last deployment failed.", sources.CIRCUIT_BREAKER,
        (*ENDS, "stopped"), of_service=failed, explains=frozenset({"below-desired", "start-impaired"}),
    ),
    Rule(
        "rolled-back", "The last deployment is being, or was, rolled back.", sources.CIRCUIT_BREAKER,
        (*ENDS, "stopped"), of_service=rolled_back,
    ),
    Rule(
        "deployment-failing", "Tasks of the deployment in progress fail.", sources.CIRCUIT_BREAKER,
        ("deployment-failing",), of_service=failing, explains=frozenset({"below-desired", "deployment-stuck"}),
    ),
    Rule(
        "deployment-stuck", "A deployment takes much longer than usual.", sources.DEPLOYMENTS,
        ("deployment-stuck",), of_service=stuck, explains=frozenset({"below-desired"}),
    ),
    Rule(
        "hook-waiting", "A deployment waits for a person.", sources.PAUSE_HOOKS, ("paused-hook",),
        of_service=waiting, explains=frozenset({"below-desired", "deployment-stuck"}),
    ),
    Rule(
        "bake-time", "The bake time lasts longer than its setting.", sources.BLUE_GREEN,
        ("bake-time",), of_service=bake_time, explains=frozenset({"deployment-stuck"}),
    ),
)  # fmt: skip
