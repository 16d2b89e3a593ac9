"""The merged list: the clusters of several profiles and regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.rules.health import Sign
from ecs_tui.resources.base import Cell, Column, Place, Resource, plain, signed
from ecs_tui.resources.clusters import CLUSTERS, ClusterRow, cluster_row
from ecs_tui.store.inventory import Inventory, Kind, Scope


@dataclass(frozen=True, slots=True)
class AccountClusterRow:
    """A cluster of one connection; without a cluster, the state of the connection.

    Attributes:
        label: `profile@region`, as far as it was known when the row was made.
        row: The cluster, or None.
        inventory: The loaded data of the connection, and its identity: the label changes once the
            region is known.
        error: Why the clusters could not be listed, or None.
        words: What is shown in place of a cluster.
    """

    label: str
    row: ClusterRow | None
    inventory: Inventory = field(compare=False)
    error: EcsTuiError | None = None
    words: str = ""

    @property
    def key(self) -> str:
        """The row's identity in the list."""
        return f"{self.label} {self.row.arn if self.row else ''}"

    @property
    def name(self) -> str:
        """The cluster's name, "" without a cluster."""
        return self.row.name if self.row else ""


def merged(accounts: Sequence[tuple[str, Inventory]]) -> list[AccountClusterRow]:
    """The rows for (label, inventory) of each connection; a failed one has a row with its error."""
    rows = []
    for label, inventory in accounts:
        fresh = inventory.freshness(Scope(Kind.CLUSTER))
        clusters = inventory.clusters
        if fresh.error is not None:
            rows.append(AccountClusterRow(label, None, inventory, fresh.error, str(fresh.error)))
        elif not clusters:
            empty = inventory.is_empty(Scope(Kind.CLUSTER))
            words = "no clusters" if empty else "loading…"
            rows.append(AccountClusterRow(label, None, inventory, None, words))
        for cluster in clusters:
            rows.append(_row(label, inventory, cluster_row(inventory, cluster)))
    return rows


def _row(label: str, inventory: Inventory, row: ClusterRow) -> AccountClusterRow:
    """The row of a cluster; the same object until the cluster's own row changes."""
    made = AccountClusterRow(label, row, inventory)
    return inventory.derived(f"account cluster {row.arn}", (label, row), lambda: made)


def _cluster(row: AccountClusterRow, now: datetime) -> Cell:
    if row.row is not None:
        return plain(row.name)
    if row.error is None:
        return Cell(row.words, "off")
    return replace(signed(Sign.BAD, row.words), sentence=True)


def _of_cluster(column: Column) -> Column:
    """A column of the cluster list, empty in rows without a cluster."""
    return Column(
        column.key,
        column.title,
        lambda row, now: column.cell(row.row, now) if row.row else Cell(""),
        lambda row: (row.row is not None, column.sort(row.row) if row.row else 0),
        right=column.right,
        priority=max(1, column.priority),
        widest=column.widest,
        middle=column.middle,
    )


ACCOUNT_CLUSTERS = Resource(
    name="accounts",
    kind="cluster",
    columns=(
        Column(
            "account",
            "ACCOUNT",
            lambda row, _: plain(row.label),
            lambda row: row.label,
            priority=0,
            middle=True,
        ),
        Column(
            "name", "CLUSTER", _cluster, lambda row: row.name, priority=0, widest=76, middle=True
        ),
        *(_of_cluster(column) for column in CLUSTERS.columns if column.key != "name"),
    ),
    scopes=lambda place: (Scope(Kind.CLUSTER),),
    rows=lambda inventory, place: [],
    key=lambda row: row.key,
    name_of=lambda row: row.name or row.label,
    enter=lambda place, row: Place("services", cluster=row.name) if row.row else None,
    merged=merged,
    empty="Nothing open. Press ctrl+p for profiles, ctrl+r for regions.",
)
