"""What needs attention in the list shown, counted from the store; recounted only when it changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ecs_tui.model.rules.attention import NOTHING, Attention, ServiceSigns, Tally, attention
from ecs_tui.model.rules.exec_readiness import Verdict
from ecs_tui.model.rules.health import service_sign, shell_sign
from ecs_tui.resources.base import Place
from ecs_tui.resources.clusters import ClusterRow, cluster_row
from ecs_tui.resources.services import ServiceRow, service_rows
from ecs_tui.store.inventory import (
    LARGE_CLUSTER_SERVICES,
    Inventory,
    Kind,
    Scope,
    clock,
)

RECOUNT_SECONDS = 2.0
"""Seconds between two counts of a large cluster's services."""


def attention_at(place: Place, inventories: Sequence[Inventory]) -> Attention:
    """What needs attention at a place.

    In a cluster, its services are counted; in lists of several clusters, the services that are
    loaded. No call is made for these numbers.

    Args:
        place: The place.
        inventories: The loaded data of the connections that are shown.
    """
    if place.cluster:
        return _of_cluster(inventories[0], place.cluster)
    every = place.view == "all-services"
    return sum((_of_all(each) if every else _of_clusters(each) for each in inventories), NOTHING)


def _of_cluster(inventory: Inventory, cluster: str) -> Attention:
    scope = Scope(Kind.SERVICE, cluster)
    listed = inventory.freshness(scope).listed_at is not None

    def make() -> Attention:
        rows = service_rows(inventory, cluster)
        there = [_signs(row) for row in rows if not row.gone]
        return attention(there, listed=listed) if there or listed else Attention()

    basis = (inventory.version(scope), inventory.tasks_version(cluster), listed)
    if inventory.count(scope) > LARGE_CLUSTER_SERVICES:  # they change all the time
        tick = int(clock() // RECOUNT_SECONDS)
        now = basis
        basis = inventory.derived(("attention basis", cluster), (tick,), lambda: now)
    return inventory.derived(("attention", cluster), basis, make)


def _signs(row: ServiceRow) -> ServiceSigns:
    service, readiness = row.service, row.readiness
    if not service.described:
        return ServiceSigns(row.name, None, None, shell_known=False)
    idle = service.desired == 0 and service.running == 0
    unknown = readiness.verdict is Verdict.UNKNOWN
    shell = None if idle or unknown else shell_sign(readiness, row.agents)
    return ServiceSigns(row.name, service_sign(service), shell, shell_known=not unknown)


def _of_all(inventory: Inventory) -> Attention:
    """Of all services: the clusters may not be listed yet."""
    scopes = inventory.in_every_cluster(Kind.SERVICE)
    found = sum((_of_cluster(inventory, scope.cluster) for scope in scopes), NOTHING)
    return found if _listed(inventory) else found + Attention()


def _listed(inventory: Inventory) -> bool:
    return inventory.freshness(Scope(Kind.CLUSTER)).listed_at is not None


def _of_clusters(inventory: Inventory) -> Attention:
    """Services that fail, are below their desired count or deploy, and the first cluster of each."""
    rows = [cluster_row(inventory, each) for each in inventory.clusters]
    rows = [row for row in rows if not row.gone]
    complete = _listed(inventory) and all(row.failing is not None and row.counted for row in rows)

    def tally(count: Callable[[ClusterRow], int | None]) -> Tally:
        counts = {row.name: count(row) or 0 for row in rows}
        first = min((cluster for cluster, number in counts.items() if number), default="")
        return Tally(sum(counts.values()), first, complete)

    return Attention(
        tally(lambda row: row.failing),
        tally(lambda row: row.below),
        tally(lambda row: row.deploying),
    )
