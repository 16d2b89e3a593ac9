"""The clusters of several profiles and regions in one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ecs_tui.errors import EcsTuiError
from ecs_tui.inventory.inventory import Inventory, Kind, Scope
from ecs_tui.model.health import Sign
from ecs_tui.ui.views.base import Cell, Column, Place, View, plain, signed
from ecs_tui.ui.views.clusters import CLUSTERS, ClusterRow, cluster_row


@dataclass(frozen=True, slots=True)
class FleetRow:
    """A cluster seen through `pair` (`profile@region`); without a cluster, what is the matter."""

    pair: str
    row: ClusterRow | None
    error: EcsTuiError | None = None
    words: str = ""

    @property
    def key(self) -> str:
        """Its identity."""
        return f"{self.pair} {self.row.arn if self.row else ''}"

    @property
    def name(self) -> str:
        """The cluster's name."""
        return self.row.name if self.row else ""


def merged(homes: Sequence[tuple[str, Inventory]]) -> list[FleetRow]:
    """The rows of several inventories; one that fails has a row that says so."""
    rows = []
    for pair, inventory in homes:
        fresh = inventory.freshness(Scope(Kind.CLUSTER))
        clusters = inventory.clusters
        if fresh.error is not None:
            rows.append(FleetRow(pair, None, fresh.error, str(fresh.error)))
        elif not clusters:
            empty = inventory.is_empty(Scope(Kind.CLUSTER))
            words = "no clusters here" if empty else "loading …"
            rows.append(FleetRow(pair, None, None, words))
        for cluster in clusters:
            rows.append(_row(pair, inventory, cluster_row(inventory, cluster)))
    return rows


def _row(pair: str, inventory: Inventory, row: ClusterRow) -> FleetRow:
    """The same object as long as the cluster's row is the same."""
    return inventory.derived(f"fleet {row.arn}", (pair, row), lambda: FleetRow(pair, row))


def _cluster(row: FleetRow, now: datetime) -> Cell:
    if row.row is not None:
        return plain(row.name)
    if row.error is None:
        return Cell(row.words, "off")
    return signed(Sign.BAD, row.words)


def _through(column: Column) -> Column:
    """A column of the clusters' list, empty where there is no cluster."""
    return Column(
        column.key,
        column.title,
        lambda row, now: column.cell(row.row, now) if row.row else Cell(""),
        lambda row: (row.row is not None, column.sort(row.row) if row.row else 0),
        right=column.right,
        priority=max(1, column.priority),
        widest=column.widest,
    )


FLEET = View(
    name="accounts",
    kind="cluster",
    columns=(
        Column("pair", "ACCOUNT", lambda row, _: plain(row.pair), lambda row: row.pair, priority=0),
        Column("name", "CLUSTER", _cluster, lambda row: row.name, priority=0, widest=76),
        *(_through(column) for column in CLUSTERS.columns if column.key != "name"),
    ),
    scopes=lambda place: (Scope(Kind.CLUSTER),),
    rows=lambda inventory, place: [],
    key=lambda row: row.key,
    name_of=lambda row: row.name or row.pair,
    enter=lambda place, row: Place("services", cluster=row.name) if row.row else None,
    merged=merged,
    empty="No account is open. ctrl+p chooses profiles, ctrl+r regions.",
)
