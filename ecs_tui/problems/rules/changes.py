"""What was changed just before a problem began: secrets, parameters, certificates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ecs_tui.model.problem import Evidence, Problem, Severity
from ecs_tui.model.text import span
from ecs_tui.problems import sources
from ecs_tui.problems.causes import grouped
from ecs_tui.problems.facts import ServiceFacts
from ecs_tui.problems.rules.base import LOOK_BACK, Rule, service_problem, steady_at

BEFORE = timedelta(minutes=30)
"""How long before the first failure a change may be and still be its likely cause."""


def changed_before(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """A secret, parameter or certificate that the service uses was changed just before tasks failed.

    It does not fire for a change after the first failure, nor without a failure. The text is careful:
    the order of two events is no proof.
    Source: a container gets the value of a secret when it starts,
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
    """
    began = _began(facts, now)
    if began is None:
        return
    near = [
        each for each in facts.changes or () if timedelta() <= began - each.at <= BEFORE
    ]  # fmt: skip
    if not near:
        return
    last = max(near, key=lambda each: each.at)
    before = span((began - last.at).total_seconds())
    yield service_problem(
        facts, "changed-before", "secret-changed",
        severity=Severity.FAILING if facts.below else Severity.DEGRADED,
        what=f"{last.kind} {last.name} was changed {before} before tasks failed",
        why=" by ".join(word for word in (last.words, last.by) if word),
        since=last.at, last=began, count=len(near),
        evidence=tuple(
            Evidence("change", f"{each.words} {each.name} {each.by}".strip(), each.at, each.source)
            for each in near
        ),
        advice="Check the value and who may read it; running tasks keep the old one.",
        commands=("activity", "definition", "logs"), source=sources.SECRETS,
        detail=last.name, state=last.at.isoformat(),
    )  # fmt: skip


def _began(facts: ServiceFacts, now: datetime) -> datetime | None:
    """When tasks of the service began to fail, if they still do."""
    steady = steady_at(facts)
    firsts = [
        group.first
        for group in grouped(facts.stopped or ())
        if group.first is not None and group.last is not None and group.cause.ours
        and now - group.last <= LOOK_BACK and not (steady and steady > group.last and not facts.below)
    ]  # fmt: skip
    return min(firsts, default=None)


RULES: tuple[Rule, ...] = (
    Rule(
        "changed-before", "A secret, parameter or certificate was changed just before tasks failed.",
        sources.SECRETS, ("secret-changed",),
        of_service=changed_before,
    ),
)  # fmt: skip
