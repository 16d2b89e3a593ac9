"""The evidence of one problem as text: what the rules saw, the last lines before an exit, what a deployment
changed. Names, reasons and lines come from AWS and from containers: all of them are cleaned here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.log_event import LogEvent
from ecs_tui.model.problem import Evidence, SeenProblem
from ecs_tui.model.rules.deployment_words import plain_words
from ecs_tui.model.rules.ends import culprit
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, clean
from ecs_tui.problems.last_lines import last_events, lines_source
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.log_access import LogsApi
from ecs_tui.store.service_history import (
    deployment_changes,
    has_service_deployments,
    history,
    history_scope,
    revision_pair,
    revisions_of,
)
from ecs_tui.store.surroundings import why_unknown

_ID = re.compile(
    r"(?<![\w/-])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8,32})(?![\w-])"
)
"""A task's ID, or its first characters; no instance's, whose name must stay."""


def evidence_text(seen: SeenProblem, now: datetime) -> list[str]:
    """The problem and what the rules saw, as lines.

    Args:
        seen: The problem.
        now: The time from which ages are counted.
    """
    problem = seen.problem
    dated = "" if seen.dated else " (first seen then; AWS does not date it)"
    lines = [
        f"{problem.thing.kind} {problem.thing.words}: {problem.sentence}",
        "",
        f"since     {_time(seen.since)} ({age_of(seen.since, now)} ago){dated}",
        f"severity  {problem.severity.word}",
        f"cause     {problem.cause}",
        f"next      {problem.advice}",
    ]
    if problem.last is not None and problem.last != problem.since:
        lines.append(f"last      {_time(problem.last)} ({age_of(problem.last, now)} ago)")
    if seen.times > 1:
        lines.append(f"began     {seen.times} times: it comes and goes")
    if seen.note:
        lines.append(f"note      {seen.note}")
    lines += ["", "EVIDENCE"]
    for each, more in folded(problem.evidence):
        at = _time(each.at) if each.at is not None else "no time given    "
        lines.append(f"{at}  {each.kind:<10}  {each.words}  [{each.source}]")
        if more:
            lines.append(f"{'':14}  {'':10}  and {_like_it(more)}")
    lines += ["", f"rule      {problem.rule}: {problem.source}"]
    return [clean(line) for line in lines]


def folded(evidence: Iterable[Evidence]) -> list[tuple[Evidence, list[Evidence]]]:
    """Evidence with what says the same of other tasks or at other times, in the order of the first."""
    found: dict[tuple[str, str, str], list[Evidence]] = {}
    for each in evidence:
        alike = (each.kind, each.source, _ID.sub("…", each.words))
        found.setdefault(alike, []).append(each)
    return [(first, more) for first, *more in found.values()]


def _like_it(more: Sequence[Evidence]) -> str:
    """`2 more like it, 11-30 00:11:21 to 11-30 00:11:54`."""
    times = sorted(each.at for each in more if each.at is not None)
    words = f"{len(more)} more like it"
    if not times:
        return words
    first, last = _time(times[0]), _time(times[-1])
    return f"{words}, {first}" if first == last else f"{words}, {first} to {last}"


def _time(at: datetime | None) -> str:
    return f"{at.astimezone():%m-%d %H:%M:%S}" if at is not None else ""


def stopped_task_of(inventory: Inventory, seen: SeenProblem) -> Task | None:
    """The stopped task that shows a problem best: the first one that its evidence names."""
    for each in seen.problem.evidence:
        task = inventory.task(each.task_arn) if each.task_arn else None
        if task is not None and task.last_status == "STOPPED":
            return task
    return None


async def further_evidence(
    inventory: Inventory, logs: Callable[[str], LogsApi], seen: SeenProblem
) -> AsyncIterator[list[str]]:
    """What must be asked for the evidence: parts as lines, each as soon as it is there.

    Args:
        inventory: The loaded data of the problem's connection.
        logs: Returns the calls in a region (`LogAccounts.of`).
        seen: The problem.
    """
    task = stopped_task_of(inventory, seen)
    if task is not None:
        yield [clean(line) for line in await _last_lines(inventory, logs, task)]
    if seen.problem.thing.kind == "service":
        yield [clean(line) for line in await _changes(inventory, seen)]


async def _last_lines(
    inventory: Inventory, logs: Callable[[str], LogsApi], task: Task
) -> list[str]:
    """The lines just before the exit of the container that explains it: at most two calls."""
    found = culprit(task)
    name = found.name if found is not None else ""
    head = f"LAST LINES of {name or 'the containers'} in task {task.id[:8]}"
    try:
        definition = await inventory.task_definition(task.task_definition)
    except EcsTuiError as error:
        return ["", head, f"its task definition: {why_unknown(error)}"]
    source = lines_source(task, definition)
    if source is None or source.group is None:
        words = source.words if source is not None else "The task definition has no such container."
        return ["", head, words]
    try:
        events = await last_events(logs(source.group.region), source, task)
    except EcsTuiError as error:
        return ["", head, why_unknown(error)]
    if not events:
        return ["", head, f"no lines in {source.group.name}, stream {source.stream}"]
    return ["", head, *(_line(event) for event in events)]


def _line(event: LogEvent) -> str:
    at = event.at
    return f"{at.astimezone():%H:%M:%S}  {event.message}" if at is not None else event.message


async def _changes(inventory: Inventory, seen: SeenProblem) -> list[str]:
    """The last deployment of the service and what it changed: at most five calls."""
    thing = seen.problem.thing
    service = inventory.service(thing.cluster, thing.name)
    if service is None or not has_service_deployments(service):
        return []
    scope = history_scope(thing.cluster, thing.name)
    head = "LAST DEPLOYMENT"
    try:
        await inventory.load(scope)
        found = history(inventory, thing.cluster, thing.name)
        if not found or not found[0].described:
            error = inventory.freshness(scope).error
            return ["", head, why_unknown(error) if error is not None else "none is known"]
        last = found[0]
        await inventory.service_revisions(revisions_of(last))
        for revision in revision_pair(inventory, last):
            if revision is not None:
                await inventory.task_definition(revision.task_definition)
    except EcsTuiError as error:
        return ["", head, why_unknown(error)]
    changes = deployment_changes(inventory, last)
    lines = [
        "",
        head,
        f"{_time(last.created_at)}  {plain_words(last.status)}  {last.status_reason}".rstrip(),
    ]
    if changes is None:
        return [*lines, "what it changed is not known: the revision before is not there"]
    if not changes:
        return [*lines, "it changed nothing: the same revision was deployed again"]
    return [
        *lines,
        *(
            f"{each.thing} {each.name}: {each.before or '–'} → {each.after or '–'}"
            for each in changes
        ),
    ]
