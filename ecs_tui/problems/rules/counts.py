"""Fewer tasks than desired, for longer than a start or a deployment explains."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ecs_tui.model.problem import Evidence, Problem, Severity
from ecs_tui.model.rules.waiting import tells_failure
from ecs_tui.problems import sources
from ecs_tui.problems.facts import ServiceFacts
from ecs_tui.problems.rules.base import (
    Rule,
    deploying_since,
    event_evidence,
    service_problem,
    unsettled,
    usual_duration,
)

GRACE = timedelta(minutes=4)
"""How long a service may be below its desired count without a deployment: most tasks start within one
or two minutes, and a task that fails is replaced."""


def below_desired(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """A service runs fewer tasks than desired, longer than its deployment or a start explains.

    It does not fire while a deployment is not older than those of this service usually take, nor in
    the first minutes after a change of the count, nor for a service that is being deleted.
    Source: the scheduler keeps the desired count,
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html
    """
    service = facts.service
    if not facts.below or service.status != "ACTIVE" or service.scheduling == "DAEMON":
        return
    since = _since(facts)
    waited = now - (since or facts.seen_below or now)
    deploying = deploying_since(facts)
    allowed = GRACE
    if deploying is not None:
        waited, allowed = now - deploying, usual_duration(facts)
    grace = timedelta(seconds=service.grace_seconds or 0)
    if waited <= allowed + grace:
        return
    missing = service.desired - service.running
    pending = f", {service.pending} starting" if service.pending else ""
    yield service_problem(
        facts,
        "below-desired",
        "below-desired",
        severity=Severity.FAILING if not service.running else Severity.DEGRADED,
        what=f"{service.running} of {service.desired} tasks run{pending}",
        since=since,
        count=missing,
        evidence=(
            Evidence(
                "deployment" if deploying else "capacity",
                f"runningCount {service.running}, pendingCount {service.pending}, "
                f"desiredCount {service.desired}",
                None, "ecs:DescribeServices",
            ),
            *event_evidence(event for event in unsettled(facts) if tells_failure(event)),
        ),
        advice="Look at the events and at the tasks that stopped.",
        commands=("events", "stopped", "deployments"),
        source=sources.SCHEDULER,
        state=f"{service.running}/{service.desired}",
    )  # fmt: skip


def _since(facts: ServiceFacts) -> datetime | None:
    """Since when, by AWS's times: its first event after it was last steady, else the deployment."""
    events = [event.at for event in unsettled(facts) if event.at is not None]
    if events:
        return min(events)
    return deploying_since(facts)


RULES: tuple[Rule, ...] = (
    Rule(
        "below-desired",
        "A service runs fewer tasks than desired for longer than its deployment explains.",
        sources.SCHEDULER, ("below-desired",), of_service=below_desired,
    ),
)  # fmt: skip
