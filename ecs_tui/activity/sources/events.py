"""ECS's events of services; those about health checks are a layer of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ecs_tui.activity.layers import EVENTS, HEALTH, ActivityLayer
from ecs_tui.model.arn import cluster_name, short_name, with_target_group_names
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.rules.waiting import tells_failure
from ecs_tui.model.service import EventOfService
from ecs_tui.model.task import Task
from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.resources.activity_source import ActivityAnswer, ActivityAsk, ActivitySource
from ecs_tui.resources.base import Place
from ecs_tui.resources.events import task_in
from ecs_tui.store.surroundings import why_unknown

_HEALTH = re.compile(
    r"is unhealthy in|unhealthy status|failed (?:container|ELB) health checks|health checks? failed",
    re.IGNORECASE,
)
"""Events about health, by the words in "Amazon ECS service event messages" (ECS developer guide)."""
_NAME = re.compile(r"^\(service [^)]*\)\s*")
FEW_EVENTS = "of a whole cluster, only the newest events of each service"


def is_health(event: EventOfService) -> bool:
    """Whether an event is about a health check."""
    return _HEALTH.search(event.message) is not None


async def _read_events(ask: ActivityAsk) -> ActivityAnswer:
    found = [event for event in await ask.events() if not is_health(event)]
    note = "" if ask.target.service else FEW_EVENTS
    if ask.target.task_arn:
        task = short_name(ask.target.task_arn)
        found = [event for event in found if task in event.message] if not note else []
        note = note and "a task that belongs to no service has none"
    return ActivityAnswer(_entries(ask, found, EVENTS), note)


def _entries(
    ask: ActivityAsk, events: Iterable[EventOfService], layer: ActivityLayer
) -> list[ActivityEntry]:
    return [_entry(event, layer, ask.target.cluster) for event in events if ask.within(event.at)]


def _entry(event: EventOfService, layer: ActivityLayer, cluster: str) -> ActivityEntry:
    bad = tells_failure(event) or layer is HEALTH
    task = task_in(event.message)
    return ActivityEntry(
        key=f"event {event.id}",
        layer=layer.name,
        at=event.at,
        who="ECS",
        what=with_target_group_names(_NAME.sub("", event.message)),
        sign=Sign.BAD if bad else Sign.FINE,
        service=short_name(event.service_arn),
        thing=task,
        details=(("event", event.message),),
        place=_task_place(event, cluster, task),
    )


def _task_place(event: EventOfService, cluster: str, task: str) -> Place | None:
    """The containers of the task that the event names."""
    if not task:
        return None
    base, _, _ = event.service_arn.rpartition(":")
    path = (
        f"{cluster}/{task}" if cluster_name(event.service_arn) else task
    )  # old ARNs have no cluster
    service = short_name(event.service_arn)
    return Place("containers", cluster=cluster, service=service, task_arn=f"{base}:task/{path}")


async def _read_health(ask: ActivityAsk) -> ActivityAnswer:
    """Events about health, and the containers and targets that are unhealthy now."""
    entries = _entries(ask, filter(is_health, await ask.events()), HEALTH)
    missing: list[str] = []
    if ask.until >= ask.now:
        from ecs_tui.activity.sources.targets import unhealthy_targets
        from ecs_tui.errors import AwsError

        try:
            entries += await unhealthy_targets(ask)
        except AwsError as error:
            missing.append(f"targets: {why_unknown(error)}")
        try:
            entries += [
                _unhealthy(ask, task) for task in await ask.running_tasks() if _is_ill(task)
            ]
        except AwsError as error:
            missing.append(f"containers: {why_unknown(error)}")
    if not ask.target.service:
        missing.append(FEW_EVENTS)
    return ActivityAnswer(entries, "; ".join(missing))


def _is_ill(task: Task) -> bool:
    return task.health == "UNHEALTHY"


def _unhealthy(ask: ActivityAsk, task: Task) -> ActivityEntry:
    ill = ", ".join(item.name for item in task.containers if item.health == "UNHEALTHY")
    cluster = short_name(task.cluster_arn)
    return ActivityEntry(
        key=f"unhealthy {task.id}",
        layer=HEALTH.name,
        at=ask.now,
        who="ECS",
        what=f"{ill or 'the task'} of task {task.id[:8]} is unhealthy",
        sign=Sign.BAD,
        service=task.service,
        thing=task.id,
        place=Place("containers", cluster=cluster, service=task.service, task_arn=task.arn),
        seen=True,
    )


EVENT_SOURCE = ActivitySource(
    EVENTS.name, "service events", _read_events, "ECS keeps the last 100 events of a service"
)
HEALTH_SOURCE = ActivitySource(
    HEALTH.name, "health checks", _read_health,
    "ECS's events tell of the past; load balancers tell only what is now",
)  # fmt: skip
