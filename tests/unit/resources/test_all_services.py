"""The list of all services: what is loaded, what is not yet, and what cannot be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.errors import AccessDenied
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.service import Service
from ecs_tui.resources.all_services import ALL_SERVICES, AllServicesRow, merged
from ecs_tui.store.inventory import Inventory, Kind, Scope

BASE = "arn:aws:ecs:eu-west-1:1"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
CLUSTERS = Scope(Kind.CLUSTER)
pytestmark = pytest.mark.asyncio


def inventory(*clusters: str) -> Inventory:
    """An inventory that knows these clusters by name."""
    made = Inventory(Account(None, "eu-west-1", credentials=Credentials("a", "b")))
    arns = [f"{BASE}:cluster/{name}" for name in clusters]
    made._name(CLUSTERS, arns)
    made._described(CLUSTERS, arns, [Cluster(a, a.split("/")[1], "ACTIVE") for a in arns])
    return made


def fill(made: Inventory, cluster: str, *names: str, old: bool = False) -> None:
    """ECS has listed and described these services of a cluster; `old`: ARNs without the cluster."""
    scope = Scope(Kind.SERVICE, cluster)
    arns = [
        f"{BASE}:service/{name}" if old else f"{BASE}:service/{cluster}/{name}" for name in names
    ]
    made._name(scope, arns)
    cluster_arn = f"{BASE}:cluster/{cluster}"
    services = [
        Service(arn, name, cluster_arn, "ACTIVE", 1, 1)
        for arn, name in zip(arns, names, strict=True)
    ]
    made._described(scope, arns, services)
    fresh = made.freshness(scope)
    fresh.asked_at = fresh.listed_at = 1.0


def words(rows: list[AllServicesRow]) -> list[str]:
    return [f"{row.cluster}/{row.name}" for row in rows]


async def test_services_of_all_clusters_and_accounts_and_what_is_not_loaded() -> None:
    here, there = inventory("one", "two", "three"), inventory("prod")
    fill(here, "one", "api", "web")
    rows = merged([("a@x", here), ("b@y", there)])
    assert words(rows) == [
        "one/api", "one/web", "/services of 2 of 3 clusters not loaded yet",
        "/services of 1 of 1 cluster not loaded yet",
    ]  # fmt: skip
    assert [row.label for row in rows] == ["a@x", "a@x", "a@x", "b@y"]
    assert ALL_SERVICES.count is not None
    assert ALL_SERVICES.count(rows) == "2+", "notices are no services, and tell of more"
    assert (ALL_SERVICES.count(rows[:2]), ALL_SERVICES.count(rows[2:])) == ("2", "")
    assert len({row.key for row in rows}) == len(rows)
    fill(here, "two", "web")
    fill(here, "three")
    fill(there, "prod", "pay")
    rows = merged([("a@x", here), ("b@y", there)])
    assert words(rows) == ["one/api", "one/web", "two/web", "prod/pay"]


async def test_a_cluster_that_cannot_be_read_has_a_row_with_the_reason() -> None:
    made = inventory("one", "secret")
    fill(made, "one", "web")
    made.freshness(Scope(Kind.SERVICE, "secret")).list_error = AccessDenied("Access denied: \x1b.")
    rows = merged([("a@x", made)])
    assert words(rows) == ["one/web", "secret/Access denied: \x1b."]
    cell = ALL_SERVICES.columns[0].cell(rows[1], NOW)
    assert (cell.text, cell.tone, cell.sentence) == ("✖ Access denied: �.", "bad", True)
    ranks = [ALL_SERVICES.rank(row) for row in rows]
    assert ranks[1] < ranks[0]
    assert ALL_SERVICES.enter(ALL_SERVICES.at(""), rows[1]) is None
    assert ALL_SERVICES.cluster_of(rows[1]) == "" and ALL_SERVICES.service_of(rows[1]) is None


async def test_clusters_that_are_not_known_yet_are_said() -> None:
    made = inventory()
    assert words(merged([("a@x", made)])) == ["/loading clusters…"]
    made.freshness(CLUSTERS).list_error = AccessDenied("No.")
    assert words(merged([("a@x", made)])) == ["/No."]


async def test_old_arns_that_are_the_same_in_two_clusters_are_two_rows() -> None:
    made = inventory("one", "two")
    fill(made, "one", "web", old=True)
    fill(made, "two", "web", old=True)
    rows = merged([("a@x", made)])
    assert words(rows) == ["one/web", "two/web"]
    assert rows[0].arn == rows[1].arn and rows[0].key != rows[1].key
    again = merged([("a@x", made)])
    assert all(old is new for old, new in zip(rows, again, strict=True)), "nothing has changed"
    place = ALL_SERVICES.enter(ALL_SERVICES.at(""), rows[1])
    assert place is not None and (place.view, place.cluster, place.service) == (
        "tasks",
        "two",
        "web",
    )


async def test_deleted_clusters_are_left_out_and_no_service_at_all_is_said() -> None:
    made = inventory("one", "gone")
    arn = f"{BASE}:cluster/gone"
    made._described(CLUSTERS, [arn], [Cluster(arn, "gone", "INACTIVE")])
    assert [scope.cluster for scope in made.in_every_cluster(Kind.SERVICE)] == ["one"]
    place = ALL_SERVICES.at("")
    assert ALL_SERVICES.is_empty is not None
    assert not ALL_SERVICES.is_empty(made, place)
    fill(made, "one")
    assert ALL_SERVICES.is_empty(made, place)
    assert merged([("a@x", made)]) == []
