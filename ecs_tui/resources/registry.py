"""The one list of all resources. Lists, details, `:` and `ls` look them up here."""

from __future__ import annotations

from collections.abc import Mapping

from ecs_tui.resources.accounts import ACCOUNT_CLUSTERS
from ecs_tui.resources.activity import ACTIVITY
from ecs_tui.resources.all_services import ALL_SERVICES
from ecs_tui.resources.audit import AUDIT
from ecs_tui.resources.base import Place, Resource
from ecs_tui.resources.capacity_providers import CAPACITY_PROVIDERS
from ecs_tui.resources.clusters import CLUSTERS
from ecs_tui.resources.container_instances import INSTANCES
from ecs_tui.resources.containers import CONTAINERS
from ecs_tui.resources.daemons import DAEMONS
from ecs_tui.resources.deployments import DEPLOYMENTS
from ecs_tui.resources.events import EVENTS
from ecs_tui.resources.flat import Listing
from ecs_tui.resources.logs import LOGS
from ecs_tui.resources.problems import PROBLEMS
from ecs_tui.resources.service_page import DEFINITION, METRICS, OVERVIEW, has_tabs
from ecs_tui.resources.service_tasks import SERVICE_TASKS
from ecs_tui.resources.services import SERVICES
from ecs_tui.resources.sessions import SESSIONS
from ecs_tui.resources.stopped_tasks import STOPPED_TASKS
from ecs_tui.resources.tasks import TASKS
from ecs_tui.resources.transcript import TRANSCRIPT
from ecs_tui.resources.waiting import WAITING

_ALL: tuple[Resource, ...] = (
    CLUSTERS,
    SERVICES,
    TASKS,
    STOPPED_TASKS,
    CONTAINERS,
    INSTANCES,
    CAPACITY_PROVIDERS,
    DAEMONS,
    EVENTS,
    OVERVIEW,
    DEPLOYMENTS,
    DEFINITION,
    METRICS,
    LOGS,
    ACTIVITY,
    PROBLEMS,
    TRANSCRIPT,
    ALL_SERVICES,
    ACCOUNT_CLUSTERS,
    WAITING,
    AUDIT,
    SESSIONS,
)
RESOURCES: dict[str, Resource] = {resource.name: resource for resource in _ALL}
"""All resources, by name."""
LISTINGS: Mapping[str, Listing] = {
    resource.name: resource.listing for resource in _ALL if resource.listing is not None
}
"""How `ls` lists each resource that it lists, by name."""
_BY_ROW: Mapping[type, Resource] = {resource.row: resource for resource in reversed(_ALL)}


def resource_at(place: Place) -> Resource:
    """The resource that a place shows."""
    if place.view == TASKS.name and place.stopped:
        return STOPPED_TASKS
    if place.view == TASKS.name and has_tabs(place):
        return SERVICE_TASKS
    return RESOURCES[place.view]


def resource_of(row: object) -> Resource | None:
    """The resource that a row belongs to, by the row's class; the first one of several."""
    return next((_BY_ROW[each] for each in type(row).__mro__ if each in _BY_ROW), None)
