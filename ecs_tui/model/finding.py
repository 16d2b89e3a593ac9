"""What a check of the doctor says, and how all of them together are judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The answer of one check."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIP = "does not apply"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer for one container, or for the whole task where `container` is "".

    Attributes:
        check: The check's id.
        question: What was asked.
        outcome: The answer.
        evidence: The value that was seen, and where.
        advice: What to do about it, in words; "" where there is nothing to do.
        cure: The id of a cure that can be run or copied, or "".
        decisive: Whether exec depends on it.
    """

    check: str
    question: str
    outcome: Outcome
    evidence: str = ""
    advice: str = ""
    cure: str = ""
    container: str = ""
    decisive: bool = True


class Health(StrEnum):
    """The sum of all findings."""

    READY = "ready"
    NOT_READY = "not ready"
    UNKNOWN = "could not tell"


EXIT_STATUS = {Health.READY: 0, Health.NOT_READY: 1, Health.UNKNOWN: 3}


def judge_each(findings: Iterable[Finding]) -> dict[str, Health]:
    """The sum for each container that was asked about; what concerns the task counts for all."""
    findings = list(findings)
    names = dict.fromkeys(item.container for item in findings if item.container)
    return {
        name: judge(item for item in findings if item.container in ("", name)) for name in names
    }


def judge(findings: Iterable[Finding]) -> Health:
    """Not ready if anything decisive failed, unknown if anything decisive is unknown."""
    outcomes = {item.outcome for item in findings if item.decisive}
    if Outcome.FAIL in outcomes:
        return Health.NOT_READY
    return Health.UNKNOWN if Outcome.UNKNOWN in outcomes else Health.READY
