"""The page of a service: its tabs, each of which is a place, and the service that they show."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.model.service import Service
from ecs_tui.resources.base import Column, Place, plain
from ecs_tui.resources.services import SERVICES, ServiceRow, service_lookups, service_row
from ecs_tui.store.inventory import Inventory, Kind, Scope, calls
from ecs_tui.store.lookups import Lookup
from ecs_tui.store.names import newest_service
from ecs_tui.store.service_history import history_scope
from ecs_tui.store.source import Source

TABS = ("overview", "tasks", "events", "deployments", "definition", "metrics", "logs")
"""The views of a place that are tabs of a service's page, from left to right."""
NO_SERVICE = "○ This service does not exist."


async def _page(account: Account, scope: Scope, _: str) -> AsyncIterator[list[Service]]:
    """One page: the service, or nothing if there is no such service (any more)."""
    found = newest_service(await ecs.describe_services(account, scope.cluster, [scope.service]))
    yield [] if found is None else [found]


SHOWN_SERVICE = Source("shown service", _page, moves=Kind.SERVICE.moves)
"""The one service that a page is about: a call for it alone, however many the cluster has."""


def shown_scope(place: Place) -> Scope:
    """The scope of the service that a place names."""
    return Scope(SHOWN_SERVICE, place.cluster, place.service)


def shown_service(inventory: Inventory, place: Place) -> Service | None:
    """The service that a place names, as it was described last, for its page or in a list.

    None if it is not loaded, or if ECS has answered its page that it does not exist.
    """
    if not place.service:
        return None
    scope, listing = shown_scope(place), Scope(Kind.SERVICE, place.cluster)
    own = next(iter(inventory.of(scope)), None)
    listed = inventory.service(place.cluster, place.service)
    if own is None and inventory.freshness(scope).answered:
        return None if listed is None or listed.gone else replace(listed, gone=True)
    if own is None or listed is None or not listed.described:
        return own or listed
    newer = inventory.described_at(scope, own.arn) >= inventory.described_at(listing, listed.arn)
    return own if newer else listed


def without_service(inventory: Inventory, place: Place) -> str:
    """Why a tab has no rows, if ECS has answered that its service does not exist; else ""."""
    if not has_tabs(place) or not inventory.freshness(shown_scope(place)).answered:
        return ""
    found = shown_service(inventory, place)
    if found is None:
        return NO_SERVICE
    if found.gone or found.status == "INACTIVE":
        return f"○ The service {place.service} has been deleted."
    return ""


def has_tabs(place: Place) -> bool:
    """Whether a place is a tab of the page of a service; logs are if they are those of all its tasks."""
    named = place.logs is not None and any(
        (place.logs.tasks, place.logs.services, place.logs.containers)
    )
    return bool(place.service) and not place.task_arn and place.view in TABS and not named


def tab_places(place: Place) -> tuple[Place, ...]:
    """The places of all tabs of the page that a place belongs to; () if it is no tab."""
    if not has_tabs(place):
        return ()
    return tuple(Place(view, cluster=place.cluster, service=place.service) for view in TABS)


def same_page(one: Place, other: Place) -> bool:
    """Whether two places are the same, or tabs of one page."""
    return one == other or (
        has_tabs(one)
        and has_tabs(other)
        and (one.cluster, one.service) == (other.cluster, other.service)
    )


def _rows(inventory: Inventory, place: Place) -> list[ServiceRow]:
    service = shown_service(inventory, place)
    return [] if service is None else [service_row(inventory, place.cluster, service)]


def _lookups(inventory: Inventory, place: Place, seen: Sequence[ServiceRow]) -> list[Lookup]:
    """Why its tasks fail, its capacity providers, and what surrounds it: deployments, targets …"""
    from ecs_tui.resources.service_overview import overview_lookups  # not at the start

    own = [lookup for row in seen for lookup in service_lookups(row, inventory)]
    own += [lookup for row in seen for lookup in overview_lookups(inventory, row.service)]
    return [*SERVICES.lookups(inventory, place, seen), *own]


OVERVIEW = replace(
    SERVICES,
    name="overview",
    about="",
    within="service",
    source=SHOWN_SERVICE,
    listed=False,
    columns=(
        Column("name", "SERVICE", lambda row, _: plain(row.name), lambda row: row.name, priority=0),
    ),
    scopes=lambda place: (
        shown_scope(place),
        *calls(Scope(Kind.TASK, place.cluster, place.service)),
        history_scope(place.cluster, place.service),
    ),
    rows=_rows,
    enter=lambda place, row: Place("tasks", cluster=place.cluster, service=place.service),
    listing=None,
    lookups=_lookups,
    empty=NO_SERVICE,
)
"""What the operator wants to know first: state and why, tasks, deployment, network, exec."""

DEFINITION = replace(
    OVERVIEW,
    name="definition",
    scopes=lambda place: (shown_scope(place),),
    enter=lambda place, row: None,
    lookups=SERVICES.lookups,
)
"""The service's task definition, as AWS describes it."""

METRICS = replace(DEFINITION, name="metrics")
"""CPU, memory, tasks, requests, errors and latency over time."""
