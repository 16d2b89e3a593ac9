"""The type of a check: its title, the facts it needs, and the function that returns its result."""

from __future__ import annotations

from collections.abc import Callable

from ecs_tui.doctor.facts import (
    DefinitionFact,
    Fact,
    Facts,
    InstanceFact,
    TaskFact,
    permission_of,
)
from ecs_tui.errors import AccessDenied, EcsTuiError
from ecs_tui.model.finding import Finding, Outcome
from ecs_tui.record import dataclass

PASS, WARN, FAIL, UNKNOWN, SKIP = (
    Outcome.PASS,
    Outcome.WARN,
    Outcome.FAIL,
    Outcome.UNKNOWN,
    Outcome.SKIP,
)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of a check's function: outcome, evidence, advice, and the id of a fix."""

    outcome: Outcome
    evidence: str = ""
    advice: str = ""
    fix: str = ""


def not_asked(error: EcsTuiError) -> str:
    """Text for why a fact is unknown: the missing permission, or the error."""
    if isinstance(error, AccessDenied):
        return f"can't check: missing permission {permission_of(error)}"
    return str(error)


CheckFunction = Callable[[Facts, str], CheckResult]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        id: Its name in `--json` and in tests.
        question: Its title, as a statement: "Task running".
        needs: The facts that it needs: if one failed, the outcome is unknown.
        function: Takes the facts and a container's name, returns the result.
        each: Whether it runs once for each container, instead of once for the task.
        decisive: Whether exec does not work if it fails.
        also: Facts that it waits for, but does not need: they may have failed.
        unknown_decides: Whether an unknown outcome makes the result for exec unknown.
        starts: Whether it only predicts if the agent can start: it passes if the agent has started.
        linux: Whether it applies to Linux containers only.
    """

    id: str
    question: str
    needs: tuple[type[Fact], ...]
    function: CheckFunction
    each: bool = False
    decisive: bool = True
    also: tuple[type[Fact], ...] = ()
    unknown_decides: bool = True
    starts: bool = False
    linux: bool = False

    @property
    def waits_for(self) -> tuple[type[Fact], ...]:
        """The facts that must be known, or have failed, before the check runs."""
        # These two tell which containers count, and whether they are Windows containers.
        counted = (DefinitionFact,) if self.each or self.linux else ()
        system = (InstanceFact,) if self.linux else ()
        return self.needs + self.also + counted + system

    def answer(self, facts: Facts, container: str = "") -> Finding:
        """Run the check. If a needed fact failed: unknown, with the missing permission."""
        failed = next((facts.errors[need] for need in self.needs if need in facts.errors), None)
        if failed is not None:
            permission = permission_of(failed) if isinstance(failed, AccessDenied) else ""
            advice = f"Request {permission}, or ask someone who has it to run this."
            found = CheckResult(UNKNOWN, not_asked(failed), advice if permission else "")
        else:
            found = self._result(facts, container)
        unknown = found.outcome is UNKNOWN
        return Finding(
            self.id,
            self.question,
            found.outcome,
            found.evidence,
            found.advice,
            found.fix,
            container,
            self.decisive and not (unknown and not self.unknown_decides),
        )

    def _result(self, facts: Facts, container: str) -> CheckResult:
        known = facts.get(TaskFact) is not None
        if container and known and (why := facts.why_no_matter(container)):
            return CheckResult(SKIP, why)
        if self.linux and facts.windows:
            return CheckResult(SKIP, "a Windows container")
        found = self.function(facts, container)
        if self.starts and found.outcome in (FAIL, UNKNOWN) and facts.agent_runs(container):
            return CheckResult(PASS, f"{found.evidence}; but the exec agent has started")
        return found
