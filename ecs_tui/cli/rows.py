"""The resources that `ecs-tui ls` lists: for each its keys, the columns of its table, its pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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

By = Literal["", "cluster", "service"]
"""What rows can be restricted to: nothing (they are clusters), a cluster, or a service too."""


@dataclass(frozen=True, slots=True)
class ListedResource:
    """How one resource is listed.

    Attributes:
        rows: What its rows consist of.
        pages: Yields its rows, of one cluster.
        by: What it can be restricted to.
    """

    rows: RowFormat
    pages: pages.Pages
    by: By


def _listed(
    name: str, empty: Row, source: pages.Pages, by: By = "service", words: str = ""
) -> ListedResource:
    return ListedResource(
        RowFormat(words or name, tuple(empty), TABLES[name], tagged=True), source, by
    )


_NO_TASK = Task("", "", "")
_EMPTY_CONTAINER = container_row(_NO_TASK, Container("", "", "", ""))
_EMPTY_INSTANCE = instance_row(ContainerInstance("", "", ""))
LISTINGS: dict[str, ListedResource] = {
    "clusters": _listed("clusters", cluster_row(Cluster("", "")), pages.clusters, ""),
    "services": _listed("services", service_row(Service("", "", "")), pages.services),
    "tasks": _listed("tasks", task_row(_NO_TASK), pages.tasks),
    "containers": _listed("containers", _EMPTY_CONTAINER, pages.containers),
    "instances": _listed(
        "instances", _EMPTY_INSTANCE, pages.instances, "cluster", "container instances"
    ),
}
"""By the name of the resource, as in `ecs_tui.resources.RESOURCES`."""
