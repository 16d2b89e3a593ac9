"""Service auto scaling that cannot do what it should, and alarms of a service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import takewhile

from ecs_tui.model.alarm import Alarm
from ecs_tui.model.problem import Evidence, Problem, Severity
from ecs_tui.model.scaling_activity import ScalingActivity
from ecs_tui.problems import sources
from ecs_tui.problems.facts import ServiceFacts
from ecs_tui.problems.rules.base import Rule, recent, service_problem

CEILING = timedelta(hours=6)
"""How old the newest activity may be that found the service at its maximum: AWS does not repeat it."""
_SOURCE = "application-autoscaling:DescribeScalingActivities"
_ERROR_METRICS = (
    "5XX",
    "UnHealthyHostCount",
    "TargetResponseTime",
    "Error",
    "Fault",
    "RejectedConnection",
)
"""Parts of the names of metrics whose alarms are about errors or latency, not about load."""


def at_ceiling(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """Auto scaling wants more tasks than its maximum.

    It does not fire for a service that is at its maximum and does not need more.
    Source: NotScaledReason AlreadyAtMaxCapacity,
    https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
    """
    found = _recent(facts, now, CEILING)
    since_change = takewhile(lambda each: each.not_scaled or each.status != "Successful", found)
    ceiling = [each for each in since_change if each.at_ceiling]
    range_ = facts.scalable
    high: list[Alarm] = []
    if range_ is not None and facts.service.desired >= range_.most:
        high = [each for each in facts.alarms or () if each.in_alarm and "AlarmHigh" in each.name]
    if not ceiling and not high:
        return
    most = next(
        (reason.most for each in ceiling for reason in each.not_scaled if reason.most is not None),
        facts.scalable.most if facts.scalable is not None else None,
    )
    if most is not None and facts.service.desired < most:
        return
    times = [each.started_at for each in ceiling if each.started_at is not None]
    if not times:
        times = [each.since for each in high if each.since is not None]
    number = f" of {most} tasks" if most is not None else ""
    yield service_problem(
        facts, "scaling-ceiling", "scaling-at-maximum", severity=Severity.DEGRADED,
        what=f"at the maximum{number}", why="auto scaling wants more",
        since=min(times, default=None), last=max(times, default=None), count=max(1, len(ceiling)),
        evidence=(*map(_of_activity, ceiling), *map(_of_alarm, high)),
        advice="Raise the maximum of its auto scaling, or find what loads it.",
        commands=("activity", "metrics"), source=sources.SCALING_ACTIVITIES, state=str(most),
    )  # fmt: skip


def _recent(facts: ServiceFacts, now: datetime, within: timedelta) -> list[ScalingActivity]:
    return [each for each in facts.activities or () if recent(each.started_at, now, within)]


def scaling_failed(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """The last scaling activities failed: the scaling was denied or not fulfilled.

    It does not fire once a later activity was successful.
    Source: StatusCode, StatusMessage in
    https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingActivity.html
    """
    failed: list[ScalingActivity] = []
    for each in facts.activities or ():
        if each.status == "Successful" and not each.not_scaled:
            break
        # What found nothing to change has the status Failed too.
        if each.failed and not each.not_scaled and recent(each.started_at, now, timedelta(hours=6)):
            failed.append(each)
    if not failed:
        return
    times = [each.started_at for each in failed if each.started_at is not None]
    yield service_problem(
        facts, "scaling-failed", "scaling-failed", severity=Severity.DEGRADED,
        what="auto scaling cannot change the count", why=failed[0].message,
        since=min(times, default=None), last=max(times, default=None), count=len(failed),
        evidence=tuple(map(_of_activity, failed)),
        advice="Check the role of Application Auto Scaling and the reason that it gives.",
        commands=("activity",), source=sources.SCALING_ACTIVITIES, state=failed[0].message,
    )  # fmt: skip


def _of_activity(each: ScalingActivity) -> Evidence:
    reasons = ", ".join(reason.code for reason in each.not_scaled)
    words = ". ".join(
        w.rstrip(".") for w in (each.description, reasons, each.message, each.cause) if w
    )
    return Evidence("scaling", f"{each.status}: {words}", each.started_at, _SOURCE)


def suspended(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """Auto scaling may not raise the count, while the service is at or below what it needs.

    It does not fire where scaling in only is suspended, nor for a service without an alarm in ALARM.
    Source: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
    """
    scalable = facts.scalable
    if scalable is None or not scalable.out_suspended:
        return
    high = [each for each in facts.alarms or () if each.in_alarm and "AlarmHigh" in each.name]
    if not high:
        return
    yield service_problem(
        facts, "scaling-suspended", "scaling-suspended", severity=Severity.DEGRADED,
        what="scaling out is suspended", why=f"alarm {high[0].name} wants more tasks",
        since=high[0].since, evidence=tuple(map(_of_alarm, high)),
        advice="Resume scaling out, or raise the desired count.", commands=("activity", "scale"),
        source=sources.AUTO_SCALING,
    )  # fmt: skip


def alarms(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """Alarms about errors or latency of the service, or that its deployments watch, are in ALARM.

    It does not fire for alarms that only drive auto scaling, nor for alarms about load.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
    """
    settings = facts.service.deployment_settings
    watched = frozenset(settings.alarms) if settings is not None else frozenset[str]()
    found = [each for each in facts.alarms or () if each.in_alarm and _matters(each, watched)]
    if not found:
        return
    times = [each.since for each in found if each.since is not None]
    yield service_problem(
        facts, "alarm", "alarm", severity=Severity.DEGRADED,
        what=f"alarm {found[0].name}" + (f" and {len(found) - 1} more" if len(found) > 1 else ""),
        why=" ".join(word for word in (found[0].metric, found[0].condition) if word),
        since=min(times, default=None), last=max(times, default=None), count=len(found),
        evidence=tuple(map(_of_alarm, found)),
        advice="Look at the metrics and the logs around the time of the alarm.",
        commands=("metrics", "logs", "activity"), source=sources.ALARMS,
        state=",".join(sorted(each.name for each in found)),
    )  # fmt: skip


def _matters(alarm: Alarm, watched: frozenset[str]) -> bool:
    if alarm.name in watched:
        return True
    if alarm.name.startswith("TargetTracking-"):
        return False
    return any(part in alarm.metric for part in _ERROR_METRICS)


def _of_alarm(alarm: Alarm) -> Evidence:
    return Evidence(
        "alarm", f"alarm {alarm.name}: {alarm.reason}", alarm.since, "cloudwatch:DescribeAlarms"
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "scaling-ceiling", "Auto scaling wants more tasks than its maximum.",
        sources.SCALING_ACTIVITIES, ("scaling-at-maximum",), of_service=at_ceiling,
    ),
    Rule(
        "scaling-failed", "Scaling activities failed.", sources.SCALING_ACTIVITIES,
        ("scaling-failed",), of_service=scaling_failed,
    ),
    Rule(
        "scaling-suspended", "Scaling out is suspended while an alarm wants more tasks.",
        sources.AUTO_SCALING, ("scaling-suspended",), of_service=suspended,
    ),
    Rule(
        "alarm", "Alarms about errors or latency of a service are in ALARM.", sources.ALARMS,
        ("alarm",), of_service=alarms,
    ),
)  # fmt: skip
