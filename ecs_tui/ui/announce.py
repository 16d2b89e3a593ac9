"""How new problems announce themselves: a note, the terminal's title, its bell, the operator's command."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence

from ecs_tui.config.sections import ProblemSettings
from ecs_tui.model.problem import SeenProblem, Severity
from ecs_tui.model.text import clean, counted
from ecs_tui.system.child import start_child

log = logging.getLogger("ecs_tui.announce")
COMMAND_SECONDS = 30.0
"""Seconds after which the operator's command is ended."""
MAX_COMMANDS = 10
"""Problems of one moment for which the command is run: an outage has hundreds."""


def wanted(new: Sequence[SeenProblem], settings: ProblemSettings) -> list[SeenProblem]:
    """Those of the new problems that are severe enough to announce themselves."""
    least = Severity[settings.severity.upper()]
    return [each for each in new if each.problem.severity <= least]


def toast_words(new: Sequence[SeenProblem]) -> str:
    """The note about new problems: the worst one, and how many more."""
    first = new[0].problem
    more = f" (and {counted(len(new) - 1, 'more problem')})" if len(new) > 1 else ""
    return clean(f"{first.thing.words}: {first.sentence}") + more


def title_words(counts: Mapping[Severity, int]) -> str:
    """The terminal's title: `ecs-tui`, with the number of problems before it."""
    failing, degraded = counts[Severity.FAILING], counts[Severity.DEGRADED]
    parts = [f"{failing} failing"] if failing else []
    parts += [f"{degraded} degraded"] if degraded else []
    return f"({', '.join(parts)}) ecs-tui" if parts else "ecs-tui"


def facts_of(seen: SeenProblem) -> dict[str, str]:
    """The environment variables that the operator's command gets. Texts of AWS are cleaned."""
    problem = seen.problem
    facts = {
        "PROBLEM_ACCOUNT": seen.label,
        "PROBLEM_CLUSTER": problem.thing.cluster,
        "PROBLEM_KIND": problem.thing.kind,
        "PROBLEM_NAME": problem.thing.name,
        "PROBLEM_ARN": problem.thing.arn,
        "PROBLEM_SEVERITY": problem.severity.word,
        "PROBLEM_RULE": problem.rule,
        "PROBLEM_CAUSE": problem.cause,
        "PROBLEM_WHAT": problem.what,
        "PROBLEM_WHY": problem.why,
        "PROBLEM_SINCE": seen.since.isoformat(),
        "PROBLEM_COUNT": str(problem.count),
    }
    return {name: clean(value) for name, value in facts.items()}


async def run_command(argv: Sequence[str], new: Sequence[SeenProblem]) -> str:
    """Run the operator's command for each new problem, one after the other; no shell is involved.

    Returns:
        What went wrong, in a sentence; "" if nothing did.
    """
    for each in new[:MAX_COMMANDS]:
        try:
            child = await start_child(argv, env={**os.environ, **facts_of(each)}, own_session=True)
        except OSError as error:
            return f"[problems] command {clean(argv[0])} cannot be started: {error.strerror}."
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                status = await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()
            return f"[problems] command {clean(argv[0])} was ended after {COMMAND_SECONDS:.0f} s."
        finally:
            if child.returncode is None:
                child.kill()
        if status:
            return f"[problems] command {clean(argv[0])} ended with status {status}."
    return ""
