"""The findings of the doctor's checks, and the result of all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ecs_tui.record import dataclass


class Outcome(StrEnum):
    """The result of one check."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIP = "not applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result for one container, or for the whole task if `container` is "".

    Attributes:
        check: The check's id.
        question: What the check is about, as a statement: "Task running".
        outcome: The result.
        evidence: The value found, and where.
        advice: What to do about it, in words; "" for nothing.
        fix: The id of a fix that can be run or copied, or "".
        decisive: Whether ECS Exec depends on it.
    """

    check: str
    question: str
    outcome: Outcome
    evidence: str = ""
    advice: str = ""
    fix: str = ""
    container: str = ""
    decisive: bool = True


class Health(StrEnum):
    """The result of all findings together."""

    READY = "ready"
    NOT_READY = "not ready"
    UNKNOWN = "unknown"


def health_by_container(findings: Iterable[Finding]) -> dict[str, Health]:
    """The result for each container; findings about the task count for every container."""
    findings = list(findings)
    names = dict.fromkeys(item.container for item in findings if item.container)
    return {
        name: overall_health(item for item in findings if item.container in ("", name))
        for name in names
    }


def overall_health(findings: Iterable[Finding]) -> Health:
    """Not ready if anything decisive failed, unknown if anything decisive is unknown."""
    outcomes = {item.outcome for item in findings if item.decisive}
    if Outcome.FAIL in outcomes:
        return Health.NOT_READY
    return Health.UNKNOWN if Outcome.UNKNOWN in outcomes else Health.READY
