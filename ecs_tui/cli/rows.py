"""The resources that `ecs-tui ls` lists: for each its keys, the columns of its table, its pages."""

from __future__ import annotations

from dataclasses import dataclass

from ecs_tui.cli import pages
from ecs_tui.cli.columns import RowFormat
from ecs_tui.cli.flat_rows import cluster_row, container_row, instance_row, service_row, task_row
from ecs_tui.cli.output import Row
from ecs_tui.cli.tables import TABLES
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import Container
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task


@dataclass(frozen=True, slots=True)
class ListedResource:
    """How one resource is listed.

    Attributes:
        rows: What its rows consist of.
        pages: Yields its rows, of one cluster.
        of_service: Whether they belong to services, so that one can be named.
    """

    rows: RowFormat
    pages: pages.Pages
    of_service: bool = True


def _listing(
    name: str, empty: Row, source: pages.Pages, *, of_service: bool = True
) -> ListedResource:
    words = "container instances" if name == "instances" else name
    return ListedResource(
        RowFormat(words, tuple(empty), TABLES[name], tagged=True), source, of_service=of_service
    )


_NO_TASK = Task("", "", "")
LISTINGS: dict[str, ListedResource] = {
    "clusters": _listing(
        "clusters", cluster_row(Cluster("", "")), pages.clusters, of_service=False
    ),
    "services": _listing("services", service_row(Service("", "", "")), pages.services),
    "tasks": _listing("tasks", task_row(_NO_TASK), pages.tasks),
    "containers": _listing(
        "containers", container_row(_NO_TASK, Container("", "", "", "")), pages.containers
    ),
    "instances": _listing(
        "instances", instance_row(ContainerInstance("", "", "")), pages.instances, of_service=False
    ),
}
"""By the name of the resource, as in `ecs_tui.resources.RESOURCES`."""
