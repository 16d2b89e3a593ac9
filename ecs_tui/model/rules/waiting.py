"""How long a task has been starting or stopping, and the service event that explains it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from ecs_tui.model.service import Service, ServiceEvent
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, span

STARTING = {"PROVISIONING", "PENDING", "ACTIVATING"}
"""The states before RUNNING: "Task lifecycle" in the ECS developer guide."""
LONG_START_SECONDS = 180.0
"""Seconds after which a slow start is explained: most tasks run within one or two minutes."""
_FAILURE = re.compile(
    r"\b(unable to|failed|throttled|unhealthy|circuit breaker|unavailable|does not exist"
    r"|insufficient|reached the limit|above your limit)\b",
    re.IGNORECASE,
)
"""From "Amazon ECS service event messages" in the ECS developer guide."""
_STEADY = "has reached a steady state"


def starting_for(task: Task, now: datetime) -> float | None:
    """Seconds for which a task has been starting; None if it is not starting, or unknown."""
    if task.last_status not in STARTING or task.stopping or task.created_at is None:
        return None
    return max(0.0, (now - task.created_at).total_seconds())


def started_words(task: Task, now: datetime) -> str:
    """The column STARTED: the age of a started task, otherwise how long it has been waiting."""
    if task.started_at is not None:
        return age_of(task.started_at, now)
    seconds = starting_for(task, now)
    return "" if seconds is None else f"waiting {age_of(task.created_at, now)}"


def waiting_words(task: Task, now: datetime) -> str:
    """`pending for 2 h 3 min`, and the state of its image pull; "" for other tasks."""
    state = task.last_status.casefold()
    if task.last_status == "STOPPED":
        return ""
    if task.stopping:
        since = task.stopping_at
        return "" if since is None else f"{state} for {span((now - since).total_seconds())}"
    seconds = starting_for(task, now)
    if seconds is None:
        return ""
    return f"{state} for {span(seconds)}" + _pull_words(task, now)


def _pull_words(task: Task, now: datetime) -> str:
    began, ended = task.pull_started_at, task.pull_stopped_at
    if began is None:
        return ""
    if ended is None:
        return f", pulling its image for {span((now - began).total_seconds())}"
    return f", image pulled in {span((ended - began).total_seconds())}"


def failing_event(service: Service) -> ServiceEvent | None:
    """The service's newest event about a failure; None if it has been steady since.

    Events do not say which task they are about.
    """
    for event in service.events:  # the newest first
        if tells_steady(event):
            return None
        if tells_failure(event):
            return event
    return None


def tells_steady(event: ServiceEvent) -> bool:
    """Whether an event says that the service is steady, judged by its words."""
    return _STEADY in event.message


def tells_failure(event: ServiceEvent) -> bool:
    """Whether an event is about a failure, judged by its words."""
    return _FAILURE.search(event.message) is not None


def telling_events(newest_first: Iterable[ServiceEvent]) -> tuple[ServiceEvent, ...]:
    """The newest events, up to the first that says whether the service is steady or fails.

    `failing_event` looks at no others.
    """
    found: list[ServiceEvent] = []
    for event in newest_first:
        found.append(event)
        if tells_steady(event) or tells_failure(event):
            break
    return tuple(found)


def event_words(event: ServiceEvent, now: datetime) -> str:
    """`4 min ago: (service web) was unable to place a task …`."""
    when = "" if event.at is None else f"{span((now - event.at).total_seconds())} ago: "
    return when + event.message


def waiting_facts(task: Task, service: Service | None, now: datetime) -> list[tuple[str, object]]:
    """Rows for the details of a starting task: for how long, and after minutes why."""
    facts: list[tuple[str, object]] = [("waiting", waiting_words(task, now))]
    if (starting_for(task, now) or 0.0) >= LONG_START_SECONDS and service is not None:
        event = failing_event(service)
        facts.append(("service event", event_words(event, now) if event else ""))
    return facts
