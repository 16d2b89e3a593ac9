"""The page of the AWS console about a row, or about the list that is shown."""

from __future__ import annotations

from ecs_tui.model.arn import cluster_name, short_name
from ecs_tui.model.capacity_provider import CapacityProvider
from ecs_tui.model.console import ecs_page
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.service import EventOfService, Service
from ecs_tui.model.task import Task
from ecs_tui.resources.accounts import AccountClusterRow
from ecs_tui.resources.all_services import AllServicesRow
from ecs_tui.resources.base import Place
from ecs_tui.resources.clusters import ClusterRow
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.resources.services import ServiceRow

_OF_SERVICE = {"tasks": "tasks", "stopped-tasks": "tasks", "events": "events",
               "deployments": "deployments"}  # fmt: skip
_OF_CLUSTER = {"tasks": "tasks", "stopped-tasks": "tasks", "instances": "infrastructure",
               "capacity-providers": "infrastructure"}  # fmt: skip
"""The console's tabs by the names of our lists."""


def console_link(region: str, row: object, place: Place) -> str:
    """The address of the page about a row; of the place without a row that has a page.

    Args:
        region: The region of the row's connection.
        row: A row of any list, or None.
        place: The place shown.

    Returns:
        The address, or "" in a partition whose console has no public address.
    """
    return ecs_page(region, _of_row(row) or _of_place(place))


def definition_link(region: str, arn: str) -> str:
    """The address of the page of a task definition, by ARN or `family:revision`."""
    family, _, revision = short_name(arn).partition(":")
    rest = (revision, "containers") if revision else ()
    return ecs_page(region, ("task-definitions", family, *rest))


def _of_row(row: object) -> tuple[str, ...]:
    match row:
        case (
            AccountClusterRow(row=ClusterRow() as inner) | AllServicesRow(row=ServiceRow() as inner)
        ):
            return _of_row(inner)
        case ClusterRow():
            return ("clusters", row.name, "services")
        case ServiceRow():
            return (*_service(row.service), "health")
        case Task():
            return _task(row)
        case ContainerRow():
            return (*_task(row.task), "containers", row.container.name)
        case ContainerInstance():
            cluster = short_name(row.cluster_arn)
            return ("clusters", cluster, "infrastructure", "container-instances", row.id)
        case CapacityProvider(cluster=str(cluster)) if cluster:
            return ("clusters", cluster, "infrastructure")
        case EventOfService(service_arn=str(arn)) if cluster_name(arn):
            return ("clusters", cluster_name(arn), "services", short_name(arn), "events")
    return ()


def _service(service: Service) -> tuple[str, ...]:
    return ("clusters", short_name(service.cluster_arn), "services", service.name)


def _task(task: Task) -> tuple[str, ...]:
    return ("clusters", short_name(task.cluster_arn), "tasks", task.id, "configuration")


def _of_place(place: Place) -> tuple[str, ...]:
    if place.task_arn and place.cluster:
        return ("clusters", place.cluster, "tasks", short_name(place.task_arn), "configuration")
    if place.service:
        tab = _OF_SERVICE.get(place.view, "health")
        return ("clusters", place.cluster, "services", place.service, tab)
    if place.cluster:
        return ("clusters", place.cluster, _OF_CLUSTER.get(place.view, "services"))
    return ("clusters",)
