"""Runs the checks on one task: each check runs as soon as its facts are known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from ecs_tui.doctor.checks import CHECKS, Check, containers_of
from ecs_tui.doctor.facts import Facts, TaskFact
from ecs_tui.doctor.gather import Gatherer
from ecs_tui.model.finding import Finding


class Doctor:
    """Runs all checks once on one task.

    Args:
        gatherer: Gathers the facts.
        container: The name of the container to check; "" for all of the task's.
        last_exit_reason: Why the last session ended, without control codes; "" if unknown.
    """

    def __init__(self, gatherer: Gatherer, container: str = "", last_exit_reason: str = "") -> None:
        self._gatherer, self._container = gatherer, container
        self.facts: Facts = gatherer.facts
        self.facts.last_exit_reason = last_exit_reason
        self.facts.container = container
        self.findings: list[Finding] = []

    async def run_exec_check(self) -> AsyncIterator[list[Finding]]:
        """Run the checks; yields new findings. `findings` has all, in the order of `CHECKS`."""
        waiting = list(CHECKS)
        async with aclosing(self._gatherer.run()) as facts:  # type: ignore[type-var]
            async for _ in facts:
                ready = [check for check in waiting if self._can(check)]
                waiting = [check for check in waiting if check not in ready]
                found = [finding for check in ready for finding in self._ask(check)]
                if found:
                    self.findings += found
                    self.findings.sort(key=_place)
                    yield found

    def _can(self, check: Check) -> bool:
        return self.facts.known(TaskFact) and all(map(self.facts.known, check.waits_for))

    def _ask(self, check: Check) -> list[Finding]:
        if not check.each or TaskFact in self.facts.errors:
            return [check.answer(self.facts)]
        names = containers_of(self.facts.task, self._container)
        return [check.answer(self.facts, name) for name in names]


_ORDER = {check.id: number for number, check in enumerate(CHECKS)}


def _place(finding: Finding) -> tuple[int, str]:
    return _ORDER[finding.check], finding.container
