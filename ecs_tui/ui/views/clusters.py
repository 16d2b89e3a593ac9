"""The list of clusters."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.inventory.inventory import Kind, Scope
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.health import cluster_sign
from ecs_tui.ui.views.base import Cell, Column, Place, View, plain, signed


def _count(value: int, cluster: Cluster) -> Cell:
    return Cell(str(value) if cluster.described else "·", "" if value else "off")


def _status(cluster: Cluster, _: datetime) -> Cell:
    return signed(cluster_sign(cluster), cluster.status.lower() or "…")


CLUSTERS = View(
    name="clusters",
    kind="cluster",
    columns=(
        Column("name", "CLUSTER", lambda row, _: plain(row.name), lambda row: row.name, priority=0),
        Column("status", "STATUS", _status, lambda row: row.status, priority=0),
        Column(
            "services",
            "SERVICES",
            lambda row, _: _count(row.active_services, row),
            lambda row: row.active_services,
            right=True,
        ),
        Column(
            "running",
            "RUNNING",
            lambda row, _: _count(row.running_tasks, row),
            lambda row: row.running_tasks,
            right=True,
        ),
        Column(
            "pending",
            "PENDING",
            lambda row, _: _count(row.pending_tasks, row),
            lambda row: row.pending_tasks,
            right=True,
        ),
        Column(
            "instances",
            "INSTANCES",
            lambda row, _: _count(row.instances, row),
            lambda row: row.instances,
            right=True,
            priority=2,
        ),
        Column(
            "logging",
            "EXEC LOGGING",
            lambda row, _: plain(row.exec_logging),
            lambda row: row.exec_logging,
            priority=2,
        ),
    ),
    scopes=lambda place: (Scope(Kind.CLUSTER),),
    rows=lambda inventory, place: inventory.clusters,
    key=lambda row: row.arn,
    name_of=lambda row: row.name,
    enter=lambda place, row: Place("services", cluster=row.name),
    empty="This account has no clusters in this region. Choose another with --region.",
)
