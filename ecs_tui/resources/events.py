"""Events of a service, the newest first: a feed that keeps what ECS no longer returns."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.ecs import service_events
from ecs_tui.model.arn import cluster_name, short_name
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.rules.waiting import tells_failure
from ecs_tui.model.service import EventOfService
from ecs_tui.model.text import age_of, clean, iso
from ecs_tui.resources.base import TONES, Cell, Column, Place, Resource, plain
from ecs_tui.resources.facts import Fact, when
from ecs_tui.resources.flat import (
    CLUSTER_COLUMN,
    Listing,
    Row,
    TableColumn,
    value_of,
    with_nulls,
)
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.source import Scope, Source

_TASK = re.compile(r"\(task ([0-9a-f-]{32,36})\)")
"""From "Amazon ECS service event messages" in the ECS developer guide."""

SOURCE = Source(
    "event",
    lambda account, scope, newest: service_events(account, scope.cluster, scope.service, newest),
    key=lambda item: item.id,
    at=lambda item: item.at,
)


def task_in(message: str) -> str:
    """The ID of the first task that a message names, or ""."""
    found = _TASK.search(message)
    return found.group(1) if found is not None else ""


def _enter(place: Place, row: EventOfService) -> Place | None:
    """The containers of the task that the event names."""
    task = task_in(row.message)
    if not task:
        return None
    base, _, _ = row.service_arn.rpartition(":")
    # ARNs in the old format have no cluster: those of the service and of its tasks alike.
    path = f"{place.cluster}/{task}" if cluster_name(row.service_arn) else task
    return Place(
        "containers", cluster=place.cluster, service=place.service, task_arn=f"{base}:task/{path}"
    )


def _words(row: EventOfService) -> str:
    """The message without the service's name, which all of them begin with."""
    return re.sub(r"^\(service [^)]*\)\s*", "", row.message)


def _message(row: EventOfService, _: datetime) -> Cell:
    tone = TONES[Sign.BAD] if tells_failure(row) else ""
    return Cell(clean(_words(row)), tone, sentence=True)


def _time(row: EventOfService, now: datetime) -> Cell:
    """The local time; with the date if it is not today's."""
    if row.at is None:
        return Cell("")
    then, today = row.at.astimezone(), now.astimezone().date()
    return Cell(f"{then:%H:%M:%S}" if then.date() == today else f"{then:%Y-%m-%d %H:%M:%S}")


def _facts(row: EventOfService, _: Inventory, now: datetime) -> list[Fact]:
    return [
        ("event", row.message),
        ("time", when(row.at, now)),
        ("task", task_in(row.message)),
        ("service", short_name(row.service_arn)),
        ("id", row.id),
    ]


async def _pages(
    account: Account, cluster: str, service: str
) -> AsyncIterator[list[tuple[str, EventOfService]]]:
    async for page in service_events(account, cluster, service):
        yield [(short_name(cluster), event) for event in page]


def _flat(found: tuple[str, EventOfService]) -> Row:
    cluster, event = found
    return with_nulls(
        {
            "clusterName": cluster,
            "serviceName": short_name(event.service_arn),
            "serviceArn": event.service_arn,
            "id": event.id,
            "createdAt": iso(event.at),
            "message": event.message,
        }
    )


_NEVER = datetime.fromtimestamp(0, UTC)

EVENTS = Resource(
    name="events",
    kind="event",
    row=EventOfService,
    within="service",
    source=SOURCE,
    columns=(
        Column("time", "TIME", _time, lambda row: row.at or _NEVER, priority=0),
        Column(
            "age",
            "AGE",
            lambda row, now: plain(age_of(row.at, now)),
            lambda row: -(row.at or _NEVER).timestamp(),
            right=True,
            live=True,
            priority=1,
        ),
        Column("event", "EVENT", _message, _words, priority=0, widest=120),
    ),
    scopes=lambda place: (Scope(SOURCE, place.cluster, place.service),),
    rows=lambda inventory, place: inventory.of(Scope(SOURCE, place.cluster, place.service)),
    key=lambda row: row.id,
    name_of=lambda row: row.id,
    enter=_enter,
    facts=_facts,
    listing=Listing(
        _pages,
        _flat,
        (
            CLUSTER_COLUMN,
            TableColumn("SERVICE", value_of("serviceName"), shrinks=True),
            TableColumn("TIME", value_of("createdAt")),
            TableColumn("EVENT", value_of("message"), shrinks=True),
        ),
        blank=("", EventOfService("", None, "")),
        by="service",
        whole=False,
    ),
    in_order=True,
    empty="No events.",
)
