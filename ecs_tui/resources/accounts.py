"""The merged list: the clusters of several profiles and regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime

from ecs_tui.aws.api import ecs
from ecs_tui.config.key_text import KeyText
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.rules.health import Sign
from ecs_tui.record import dataclass
from ecs_tui.resources.base import Cell, Column, Place, RawView, Resource, plain, rank_of, signed
from ecs_tui.resources.clusters import (
    CLUSTERS,
    ClusterRow,
    cluster_facts,
    cluster_lookups,
    cluster_rank,
    cluster_row,
)
from ecs_tui.resources.facts import Fact
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.lookups import Lookup


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
        """The row's identity in the list; the label is none, as it changes once the region is known."""
        return f"{id(self.inventory)} {self.arn}"

    @property
    def arn(self) -> str:
        """The cluster's ARN, "" without a cluster."""
        return self.row.arn if self.row else ""

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
    return replace(
        column,
        cell=lambda row, now: column.cell(row.row, now) if row.row else Cell(""),
        sort=lambda row: (row.row is not None, column.sort(row.row) if row.row else 0),
        priority=max(1, column.priority),
        live=False,
        normal=("", *column.normal),
    )


def _rank(row: AccountClusterRow) -> int:
    if row.row is not None:
        return cluster_rank(row.row)
    return rank_of(Sign.BAD if row.error is not None else Sign.OFF)


def _facts(row: AccountClusterRow, inventory: Inventory, now: datetime) -> list[Fact]:
    of_cluster = cluster_facts(row.row, inventory, now) if row.row is not None else []
    return [("account", row.label), ("problem", row.error or ""), *of_cluster]


def _lookups(row: AccountClusterRow, inventory: Inventory) -> list[Lookup]:
    return cluster_lookups(row.row, inventory) if row.row is not None else []


ACCOUNT_CLUSTERS: Resource[AccountClusterRow] = Resource(
    name="accounts",
    kind="cluster",
    row=AccountClusterRow,
    within="",
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
    beside=CLUSTERS.beside,
    rows=lambda inventory, place: [],
    key=lambda row: row.key,
    name_of=lambda row: row.name or row.label,
    enter=lambda place, row: Place("services", cluster=row.name) if row.row else None,
    facts=_facts,
    fact_lookups=_lookups,
    raw=RawView(
        lambda row: f"cluster {row.name}",
        lambda account, _, row: ecs.raw_description(account, "cluster", "", row.arn),
    ),
    rank=_rank,
    cluster_of=lambda row: row.name,
    merged=merged,
    empty=KeyText("Nothing open. Press {profiles} for profiles, {regions} for regions."),
)
