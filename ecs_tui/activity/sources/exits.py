"""Exits: tasks that stopped, those of one service and cause together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ecs_tui.activity.layers import EXITS
from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.ends import end_words
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.task import Task
from ecs_tui.model.text import span
from ecs_tui.resources.activity import NEVER, ActivityEntry
from ecs_tui.resources.activity_source import (
    MAX_STOPPED,
    ActivityAnswer,
    ActivityAsk,
    ActivitySource,
)
from ecs_tui.resources.logs import logs_place

TOLD = {
    "UserInitiated": "stopped by a person or a program",
    "ServiceSchedulerInitiated": "stopped by the service's scheduler",
    "SpotInterruption": "Spot capacity was taken back",
    "TerminationNotice": "its instance ends",
    "InfrastructureHealth": "its infrastructure was unhealthy",
}
"""`stopCode` in words, for tasks that did not fail themselves (API reference, StopCode)."""
FORGETS = "ECS forgets a stopped task after about an hour"


async def _read(ask: ActivityAsk) -> ActivityAnswer:
    stopped = await ask.stopped_tasks()
    found = [task for task in stopped if ask.within(_end(task))]
    note = ""
    if ask.more_stopped:
        note = f"of the first {MAX_STOPPED} stopped tasks"
    elif (ask.now - ask.since).total_seconds() > 3600:
        note = FORGETS
    return ActivityAnswer(_grouped(found), note)


def _end(task: Task) -> datetime | None:
    return task.execution_stopped_at or task.stopped_at or task.stopping_at


def _grouped(tasks: Iterable[Task]) -> list[ActivityEntry]:
    """An entry for each service and cause, at the first exit: what changed just before explains it."""
    groups: dict[tuple[str, str, str], list[Task]] = {}
    for task in tasks:
        groups.setdefault((task.service, _cause(task), task.task_definition), []).append(task)
    return [_entry(sorted(each, key=lambda task: _end(task) or NEVER)) for each in groups.values()]


def _cause(task: Task) -> str:
    return end_words(task) or TOLD.get(task.stop_code, task.stopped_reason or "stopped")


def _entry(tasks: list[Task]) -> ActivityEntry:
    first, last = tasks[0], tasks[-1]
    cause, failed = _cause(first), bool(end_words(first))
    bad = failed or first.stop_code in ("SpotInterruption", "InfrastructureHealth")
    start, end = first.started_at, _end(first)
    ran = f" (ran {span((end - start).total_seconds())})" if start and end else ""
    revision = short_name(first.task_definition)
    one = f"task {first.id[:8]} of {revision}: {cause}{ran}"
    return ActivityEntry(
        key=f"exit {first.service} {cause} {first.task_definition}",
        layer=EXITS.name,
        at=end,
        who="ECS",
        what=one if len(tasks) == 1 else f"{revision}: {cause}",
        sign=Sign.BAD if bad else Sign.OFF,
        service=first.service,
        thing=last.id if len(tasks) > 1 else first.id,
        details=(
            ("reason", first.stopped_reason),
            ("stop code", first.stop_code),
            *_containers(last),
            ("tasks", " ".join(task.id[:8] for task in tasks[-10:]) if len(tasks) > 1 else ""),
        ),
        place=logs_place(short_name(last.cluster_arn), last.service, (last,)),
        until=_end(last) if len(tasks) > 1 else None,
        count=len(tasks),
    )


def _containers(task: Task) -> list[tuple[str, str]]:
    found = []
    for item in task.containers:
        code = "" if item.exit_code is None else f"exit {item.exit_code}"
        words = ", ".join(word for word in (code, item.reason) if word)
        if words:
            found.append((f"container {item.name}", words))
    return found


SOURCE = ActivitySource(EXITS.name, "stopped tasks", _read, FORGETS)
