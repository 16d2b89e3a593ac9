"""What a rule is, and what several rules need: the newest steady state, times, a problem of a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from ecs_tui.model.problem import Evidence, Problem
from ecs_tui.model.rules.waiting import tells_steady
from ecs_tui.model.service import Deployment, ServiceEvent
from ecs_tui.problems.facts import ClusterFacts, ServiceFacts
from ecs_tui.record import dataclass

LOOK_BACK = timedelta(hours=1)
"""For how long events and stopped tasks count; ECS keeps stopped tasks for about as long."""
USUAL_DEPLOYMENT = timedelta(minutes=10)
"""How long a deployment may take whose service has no earlier ones to compare with."""
MAX_EVIDENCE = 12
"""Pieces of evidence of a problem."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `of_service` or `of_cluster` finds its problems.

    Attributes:
        id: Its id.
        about: What it finds, in a few words, for docs/problems.md.
        source: The AWS page that it goes by.
        causes: The ids of the causes that it names.
        explains: Ids of rules whose problems of the same thing are symptoms of its own: their
            evidence is added to it, and they are not listed besides.
    """

    id: str
    about: str
    source: str
    causes: tuple[str, ...]
    of_service: Callable[[ServiceFacts, datetime], Iterable[Problem]] | None = None
    of_cluster: Callable[[ClusterFacts, datetime], Iterable[Problem]] | None = None
    explains: frozenset[str] = frozenset()


def steady_at(facts: ServiceFacts) -> datetime | None:
    """When the service last reached a steady state, as far as its events are known."""
    return next((event.at for event in facts.every_event if tells_steady(event)), None)


def unsettled(facts: ServiceFacts) -> tuple[ServiceEvent, ...]:
    """Its events since it was last steady, the newest first."""
    found: list[ServiceEvent] = []
    for event in facts.every_event:
        if tells_steady(event):
            break
        found.append(event)
    return tuple(found)


def deploying_since(facts: ServiceFacts) -> datetime | None:
    """When the deployment in progress began; None without one."""
    primary = facts.service.primary
    if primary is None or not in_progress(facts, primary):
        return None
    return primary.created_at


def in_progress(facts: ServiceFacts, primary: Deployment) -> bool:
    """Whether the primary deployment is in progress, rather than only old tasks leaving."""
    return primary.rollout_state == "IN_PROGRESS" or (
        not primary.rollout_state and facts.service.deploying
    )


def usual_duration(facts: ServiceFacts) -> timedelta:
    """How long a deployment of this service may take: three times the median of earlier ones.

    At least `USUAL_DEPLOYMENT`, and with the bake times that its configuration has.
    """
    took = sorted(
        each.finished_at - began
        for each in facts.deployments or ()
        if each.status == "SUCCESSFUL"
        and each.finished_at is not None
        and (began := each.started_at or each.created_at) is not None
    )
    median = took[len(took) // 2] if took else timedelta()
    return max(USUAL_DEPLOYMENT, 3 * median) + baking(facts)


def baking(facts: ServiceFacts) -> timedelta:
    """How long a deployment waits by its own configuration."""
    settings = facts.service.deployment_settings
    if settings is None:
        return timedelta()
    minutes = (settings.bake_minutes or 0) + (settings.canary_bake_minutes or 0)
    if settings.step_percent:
        minutes += round(100 / settings.step_percent) * (settings.step_bake_minutes or 0)
    return timedelta(minutes=minutes)


def recent(at: datetime | None, now: datetime, within: timedelta = LOOK_BACK) -> bool:
    """Whether something happened not long ago; what has no time counts as recent."""
    return at is None or now - at <= within


def event_evidence(events: Iterable[ServiceEvent]) -> tuple[Evidence, ...]:
    """Events as evidence, in their order."""
    return tuple(
        Evidence("event", event.message, event.at, "ecs:DescribeServices") for event in events
    )


def service_problem(facts: ServiceFacts, rule: str, cause: str, **more: object) -> Problem:
    """A problem of the service itself; `more` are further fields of `Problem`."""
    given: dict[str, object] = {"rule": rule, "cause": cause, "thing": facts.thing, **more}
    evidence = given.get("evidence", ())
    assert isinstance(evidence, tuple)
    given["evidence"] = evidence[:MAX_EVIDENCE]
    return _problem(**given)


_problem: Callable[..., Problem] = Problem
