"""The list of clusters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecs_tui.model.cluster import Cluster
from ecs_tui.model.rules.exec_readiness import Verdict, container_readiness
from ecs_tui.model.rules.health import cluster_sign, share_sign
from ecs_tui.resources.base import GONE, Cell, Column, Place, Resource, dimmed, plain, signed
from ecs_tui.store.inventory import Inventory, Kind, Scope


@dataclass(frozen=True, slots=True)
class ClusterRow:
    """A cluster, with the exec readiness of its loaded tasks.

    Attributes:
        ready: How many of their containers are ready for a shell.
        containers: How many containers they have.
    """

    cluster: Cluster
    ready: int
    containers: int

    @property
    def arn(self) -> str:
        return self.cluster.arn

    @property
    def name(self) -> str:
        return self.cluster.name

    @property
    def described(self) -> bool:
        """Whether it has been described: otherwise only its name is known."""
        return self.cluster.described

    @property
    def gone(self) -> bool:
        """Whether ListClusters returns it and DescribeClusters does not."""
        return self.cluster.gone


def _rows(inventory: Inventory, _: Place) -> list[ClusterRow]:
    return [cluster_row(inventory, cluster) for cluster in inventory.clusters]


def cluster_row(inventory: Inventory, cluster: Cluster) -> ClusterRow:
    """The row of a cluster; the same object until the cluster or its tasks change."""

    def make() -> ClusterRow:
        verdicts = [
            container_readiness(task, container).verdict
            for task in inventory.known_tasks(cluster.name)
            if task.described
            for container in task.containers
        ]
        ready = sum(verdict == Verdict.READY for verdict in verdicts)
        return ClusterRow(cluster, ready, len(verdicts))

    return inventory.derived(cluster.arn, (cluster, inventory.tasks_version(cluster.name)), make)


def _count(value: int, row: ClusterRow) -> Cell:
    return Cell(str(value) if row.described else "·", "" if value else "off")


def _status(row: ClusterRow, _: datetime) -> Cell:
    words = GONE if row.gone else row.cluster.status.lower() or "…"
    return signed(cluster_sign(row.cluster), words)


def _exec(row: ClusterRow, _: datetime) -> Cell:
    if not row.containers:  # its tasks are not loaded, and no call is made for this number alone
        return Cell("·", "off")
    return signed(share_sign(row.ready, row.containers), f"{row.ready}/{row.containers} ready")


CLUSTERS = Resource(
    name="clusters",
    kind="cluster",
    columns=dimmed(
        Column(
            "name",
            "CLUSTER",
            lambda row, _: plain(row.name),
            lambda row: row.name,
            priority=0,
            middle=True,
        ),
        Column("status", "STATUS", _status, lambda row: row.cluster.status, priority=0),
        Column(
            "services",
            "SERVICES",
            lambda row, _: _count(row.cluster.active_services, row),
            lambda row: row.cluster.active_services,
            right=True,
        ),
        Column(
            "running",
            "RUNNING",
            lambda row, _: _count(row.cluster.running_tasks, row),
            lambda row: row.cluster.running_tasks,
            right=True,
        ),
        Column(
            "pending",
            "PENDING",
            lambda row, _: _count(row.cluster.pending_tasks, row),
            lambda row: row.cluster.pending_tasks,
            right=True,
        ),
        Column(
            "instances",
            "INSTANCES",
            lambda row, _: _count(row.cluster.instances, row),
            lambda row: row.cluster.instances,
            right=True,
            priority=2,
        ),
        Column(
            "exec",
            "SHELL",
            _exec,
            lambda row: row.ready / row.containers if row.containers else -1.0,
        ),
        Column(
            "logging",
            "EXEC LOGGING",
            lambda row, _: plain(row.cluster.exec_logging),
            lambda row: row.cluster.exec_logging,
            priority=2,
        ),
    ),
    scopes=lambda place: (Scope(Kind.CLUSTER),),
    rows=_rows,
    key=lambda row: row.arn,
    name_of=lambda row: row.name,
    enter=lambda place, row: Place("services", cluster=row.name),
    empty="No clusters in this region. Press ctrl+r to switch.",
)
