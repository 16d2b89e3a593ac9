"""Events of a service, the newest first: a feed that keeps what ECS no longer returns."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.ecs import service_events
from ecs_tui.model.arn import cluster_name, short_name, with_target_group_names
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.rules.waiting import tells_failure, tells_steady
from ecs_tui.model.service import EventOfService
from ecs_tui.model.text import age_of, clean, iso
from ecs_tui.record import dataclass
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
_VARIES = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{32}\b|\b\d[\d.:]*\b")
"""What differs in two events that say the same: IDs, numbers, addresses."""
MAX_TIMES = 12
"""Times of repeated events that the details show."""


@dataclass(frozen=True, slots=True)
class RepeatedEvent(EventOfService):
    """An event that was followed by others that say the same; the fields are those of the newest.

    Attributes:
        earlier: The others, the newest first.
    """

    earlier: tuple[EventOfService, ...] = ()

    @property
    def first(self) -> EventOfService:
        """The oldest of them, by which the row keeps its identity while more come."""
        return self.earlier[-1]


def folded(newest_first: Sequence[EventOfService]) -> list[EventOfService]:
    """The events, with a single row for those in a row that say the same.

    All that say that the service is steady say the same. Others do if they differ only in IDs and
    numbers and name no tasks.
    """
    found: list[EventOfService] = []
    for what, some in groupby(newest_first, key=_says):
        events = list(some)
        newest = events[0]
        if len(events) == 1 or not what:
            found += events
            continue
        values = (newest.id, newest.at, newest.message, newest.service_arn)
        found.append(RepeatedEvent(*values, earlier=tuple(events[1:])))
    return found


def _says(event: EventOfService) -> str:
    """What it says, "" if it names tasks: each of those leads to its task."""
    if tells_steady(event):
        return "steady"
    return "" if task_in(event.message) else _VARIES.sub("#", event.message)


def _key(row: EventOfService) -> str:
    return row.first.id if isinstance(row, RepeatedEvent) else row.id


def _rows(inventory: Inventory, place: Place) -> list[EventOfService]:
    """The same objects until the feed changes."""
    events = inventory.of(Scope(SOURCE, place.cluster, place.service))
    name = ("folded events", place.cluster, place.service)
    return list(inventory.derived(name, (tuple(events),), lambda: folded(events)))


def tasks_in(message: str) -> list[str]:
    """The IDs of all tasks that a message names."""
    return _TASK.findall(message)


SOURCE: Source[EventOfService] = Source(
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
    """The message without the service's name, which all of them begin with, and short names for ARNs."""
    return with_target_group_names(re.sub(r"^\(service [^)]*\)\s*", "", row.message))


def _message(row: EventOfService, _: datetime) -> Cell:
    tone = TONES[Sign.BAD] if tells_failure(row) else TONES[Sign.OFF] if tells_steady(row) else ""
    times = f"×{1 + len(row.earlier)} " if isinstance(row, RepeatedEvent) else ""
    return Cell(f"{times}{clean(_words(row))}", tone, sentence=True)


def _since(row: EventOfService, now: datetime) -> Cell:
    """Of repeated events, how long ago the first one was."""
    return plain(age_of(row.first.at, now) if isinstance(row, RepeatedEvent) else "")


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
        *_repeated(row, now),
        *(("task", task) for task in tasks_in(row.message)),
        ("service", short_name(row.service_arn)),
        ("id", row.id),
    ]


def _repeated(row: EventOfService, now: datetime) -> list[Fact]:
    """When the others were that say the same."""
    if not isinstance(row, RepeatedEvent):
        return []
    shown, more = row.earlier[:MAX_TIMES], len(row.earlier) - MAX_TIMES
    facts: list[Fact] = [
        ("times", f"{1 + len(row.earlier)} since {when(row.first.at, now)}"),
    ]
    facts += [("earlier", when(each.at, now)) for each in shown]
    return [*facts, ("earlier", f"{more} more" if more > 0 else "")]


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

EVENTS: Resource[EventOfService] = Resource(
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
        Column(
            "since",
            "SINCE",
            _since,
            lambda row: (
                -((row.first.at if isinstance(row, RepeatedEvent) else None) or _NEVER).timestamp()
            ),
            right=True,
            live=True,
            priority=2,
            normal=("",),
        ),
        Column("event", "EVENT", _message, _words, priority=0, widest=120),
    ),
    scopes=lambda place: (Scope(SOURCE, place.cluster, place.service),),
    rows=_rows,
    key=_key,
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
