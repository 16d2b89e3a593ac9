"""What a check is: a question, the facts it looks at, and a judgement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ecs_tui.doctor.facts import Fact, Facts, permission_of
from ecs_tui.errors import AccessDenied
from ecs_tui.model.finding import Finding, Outcome

PASS, WARN, FAIL, UNKNOWN, SKIP = (
    Outcome.PASS,
    Outcome.WARN,
    Outcome.FAIL,
    Outcome.UNKNOWN,
    Outcome.SKIP,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judgement returns: outcome, evidence, advice, and the id of a cure."""

    outcome: Outcome
    evidence: str = ""
    advice: str = ""
    cure: str = ""


Judgement = Callable[[Facts, str], Answer]


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        id: Its name in `--json` and in tests.
        question: What it asks, as a person would.
        needs: The facts without which it cannot answer.
        judge: Facts and a container's name to an answer.
        each: Whether it is asked of each container, or once for the task.
        decisive: Whether a failure keeps exec from working.
        also: Facts that it waits for, and answers without where they cannot be had.
        unknown_decides: Whether not knowing the answer means that nobody can tell about exec.
        starts: Whether it only predicts if the agent can start: an agent that runs overrules it.
        linux: Whether it is about Linux containers only.
    """

    id: str
    question: str
    needs: tuple[Fact, ...]
    judge: Judgement
    each: bool = False
    decisive: bool = True
    also: tuple[Fact, ...] = ()
    unknown_decides: bool = True
    starts: bool = False
    linux: bool = False

    @property
    def waits_for(self) -> tuple[Fact, ...]:
        """The facts that must be known, or have failed, before it answers."""
        # Which containers count, and whether they are Windows', others tell.
        counted = (Fact.DEFINITION,) if self.each or self.linux else ()
        system = (Fact.INSTANCE,) if self.linux else ()
        return self.needs + self.also + counted + system

    def answer(self, facts: Facts, container: str = "") -> Finding:
        """The finding; unknown, with the permission that is missing, where a fact failed."""
        failed = next((facts.errors[need] for need in self.needs if need in facts.errors), None)
        if failed is not None:
            permission = permission_of(failed)
            if isinstance(failed, AccessDenied):
                found = Answer(
                    UNKNOWN,
                    f"you may not look: {permission} is missing",
                    f"Ask for {permission}, or have somebody look who has it.",
                )
            else:
                found = Answer(UNKNOWN, str(failed))
        else:
            found = self._judged(facts, container)
        unknown = found.outcome is UNKNOWN
        return Finding(
            self.id,
            self.question,
            found.outcome,
            found.evidence,
            found.advice,
            found.cure,
            container,
            self.decisive and not (unknown and not self.unknown_decides),
        )

    def _judged(self, facts: Facts, container: str) -> Answer:
        if container and Fact.TASK in facts.values and (why := facts.why_no_matter(container)):
            return Answer(SKIP, why)
        if self.linux and facts.windows:
            return Answer(SKIP, "a Windows container")
        found = self.judge(facts, container)
        if self.starts and found.outcome in (FAIL, UNKNOWN) and facts.agent_runs(container):
            return Answer(PASS, f"{found.evidence}; but the exec agent has started")
        return found
