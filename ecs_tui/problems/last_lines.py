"""The last lines of the container that explains a task's end, and the causes that only lines tell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ecs_tui.model.log_event import LogEvent
from ecs_tui.model.log_source import LogSource
from ecs_tui.model.rules.ends import culprit
from ecs_tui.model.rules.log_sources import sources_of
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.problems.causes import ended_at
from ecs_tui.store.log_access import LogsApi

LINES = 20
"""Lines before an exit that are read."""
AFTER_EXIT_MS = 5_000
"""Milliseconds after an exit until which lines count: the last ones are written while it ends."""
_BY_LINE: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "architecture-mismatch",
        re.compile(r"exec format error", re.IGNORECASE),
        "the image is for another CPU architecture",
    ),
    (
        "entrypoint-not-found",
        re.compile(r"^exec [^ ]{1,200}: (no such file|permission denied)", re.IGNORECASE),
        "the program is not in the image or not executable",
    ),
)
"""(cause, what a line contains, in a few words) where ECS itself returns only an exit status."""
MAX_CHARACTERS = 2_000


def lines_source(task: Task, definition: TaskDefinition) -> LogSource | None:
    """Where the lines are of the container that explains the task's end; None without containers."""
    found = culprit(task)
    name = found.name if found is not None else ""
    its = [each for each in sources_of(task, definition) if name in ("", each.container)]
    return next((each for each in its if each.readable), its[0] if its else None)


async def last_events(api: LogsApi, source: LogSource, task: Task) -> list[LogEvent]:
    """The last lines before the task's end, in order: one call.

    Raises:
        AwsError: They cannot be read.
    """
    if source.group is None:
        return []
    end = ended_at(task)
    page = await api.page(
        source.group,
        (source.stream,) if source.stream else (),
        "" if source.stream else source.prefix,
        until=None if end is None else int(end.timestamp() * 1000) + AFTER_EXIT_MS,
        limit=LINES,
        newest_first=True,
    )
    return sorted(page.events, key=lambda event: event.written)[-LINES:]


def line_cause(lines: Sequence[str]) -> tuple[str, str, str] | None:
    """(cause, in a few words, the line) that the last lines tell; None for most of them."""
    for line in reversed(lines):
        for cause, pattern, words in _BY_LINE:
            if pattern.search(line[:MAX_CHARACTERS]):
                return cause, words, line
    return None
