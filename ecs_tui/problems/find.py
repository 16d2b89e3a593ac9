"""Finds the problems in the facts of a cluster: all rules, symptoms added to their causes, worst first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from ecs_tui.model.problem import AffectedThing, Problem, worst_first
from ecs_tui.problems.facts import ClusterFacts, ServiceFacts
from ecs_tui.problems.rules.all import BY_ID, RULES
from ecs_tui.problems.rules.base import MAX_EVIDENCE

_SAID = frozenset({"below-desired", "deployment-failing", "deployment-failed", "rolled-back"})
"""Rules whose words are added to those of the problem that explains theirs."""
_ORDER = {rule.id: number for number, rule in enumerate(RULES)}


def find(facts: ClusterFacts, now: datetime) -> list[Problem]:
    """The problems of a cluster and of its services, worst first.

    Args:
        facts: What is known of the cluster.
        now: The time from which ages are counted.
    """
    found = find_in_cluster(facts, now)
    for service in facts.services:
        found += find_in_service(service, now)
    return in_order(found)


def in_order(found: Iterable[Problem]) -> list[Problem]:
    """Problems, worst first; those of one thing stay together, the first one's cause first."""
    by_thing: dict[AffectedThing, list[Problem]] = {}
    for problem in found:
        by_thing.setdefault(problem.thing, []).append(problem)
    groups = [sorted(each, key=_first_cause) for each in by_thing.values()]
    groups.sort(key=lambda each: min(map(worst_first, each)))
    return [problem for each in groups for problem in each]


def find_in_cluster(facts: ClusterFacts, now: datetime) -> list[Problem]:
    """The problems of the cluster's instances, capacity providers and standalone tasks."""
    found: list[Problem] = []
    for rule in RULES:
        if rule.of_cluster is not None:
            found += rule.of_cluster(facts, now)
    return found


def find_in_service(facts: ServiceFacts, now: datetime) -> list[Problem]:
    """The problems of one service, the first one's cause first.

    A problem that another rule explains is no line of its own: its evidence is added to that of the
    first problem that explains it.
    """
    if not facts.service.described or facts.service.gone or facts.service.status == "INACTIVE":
        return []
    found: list[Problem] = []
    for rule in RULES:
        if rule.of_service is not None:
            found += rule.of_service(facts, now)
    return _explained(sorted(found, key=_first_cause))


def _first_cause(problem: Problem) -> tuple[int, int, int]:
    return problem.severity, _ORDER[problem.rule], -problem.count


def _explained(found: Sequence[Problem]) -> list[Problem]:
    """Without the problems that others explain, whose evidence and severity those take over."""
    kept: dict[int, Problem] = dict(enumerate(found))
    for number, problem in enumerate(found):
        by = _explaining(problem, found)
        if by is None:
            continue
        del kept[number]
        kept[by] = _with_symptom(kept.get(by, found[by]), problem)
    return list(kept.values())


def _explaining(problem: Problem, found: Sequence[Problem]) -> int | None:
    """Which of the problems explains one, and is not explained itself."""
    for number, other in enumerate(found):
        if other.rule != problem.rule and _explains(other, problem):
            if _is_explained(other, found):
                continue
            return number
    return None


def _explains(one: Problem, other: Problem) -> bool:
    """Whether a problem explains another one of the same thing.

    Events that repeat why a task could not start are no problem besides the tasks; tasks that
    cannot be placed because their instance is gone are a symptom of that; and so is an alarm about
    errors or latency that went off with tasks that end or are unhealthy, not long before.
    """
    if other.rule in BY_ID[one.rule].explains:
        return True
    if other.rule == "alarm" and one.rule in _ALARMING:
        began, alarmed = one.since, other.since
        return began is None or alarmed is None or began - alarmed <= ALARM_BEFORE
    if (one.rule, other.rule) != ("crash-loop", "placement"):
        return False
    return other.cause in (one.cause, "placement", "image-pull") or one.cause in _LOST


ALARM_BEFORE = timedelta(minutes=10)
"""How long before the first task ended, or was unhealthy, an alarm may have gone off because of it."""
_ALARMING = frozenset({"crash-loop", "unhealthy-targets", "unhealthy-containers"})
"""Rules whose problems make errors and latency."""
_LOST = frozenset({"instance-lost", "spot-interruption", "task-retirement"})
"""Causes that take capacity away."""


def _is_explained(problem: Problem, found: Iterable[Problem]) -> bool:
    return any(
        other.rule != problem.rule and _explains(other, problem) and not _explains(problem, other)
        for other in found
    )


def _with_symptom(cause: Problem, symptom: Problem) -> Problem:
    known = set(cause.evidence)
    more = tuple(each for each in symptom.evidence if each not in known)
    words = cause.what
    if symptom.rule == "deployment-failing" and symptom.count == cause.count:
        words = f"{cause.what}, the deployment fails"  # not the same number twice
    elif symptom.rule in _SAID and symptom.what not in words:
        words = f"{cause.what}, {symptom.what}"
    return replace(
        cause,
        what=words,
        severity=min(cause.severity, symptom.severity),
        evidence=(*cause.evidence, *more)[:MAX_EVIDENCE],
    )
