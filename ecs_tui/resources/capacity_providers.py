"""Capacity providers of a cluster: what its tasks can run on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.model.arn import short_name
from ecs_tui.model.capacity_provider import MANAGED_INSTANCES, CapacityProvider
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.text import span
from ecs_tui.resources.base import (
    Cell,
    Column,
    RawView,
    Resource,
    in_cluster,
    plain,
    rank_of,
    signed,
    stored,
)
from ecs_tui.resources.facts import Fact
from ecs_tui.resources.flat import (
    CLUSTER_COLUMN,
    Listing,
    Row,
    TableColumn,
    pages_of,
    value_of,
    with_nulls,
)
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.source import Scope, Source

_RAW = ecs.RawCall("describe_capacity_providers", "capacityProviders", "capacityProviders")


async def _pages(account: Account, scope: Scope, _: str) -> AsyncIterator[list[CapacityProvider]]:
    found = await ecs.describe_capacity_providers(account, scope.cluster)
    yield [replace(item, cluster=short_name(scope.cluster)) for item in found]


SOURCE: Source[CapacityProvider] = Source(
    "capacity provider",
    _pages,
    key=lambda item: item.name,
    moves=lambda item: item.update_status.endswith("_IN_PROGRESS"),
)


def _sign(row: CapacityProvider) -> Sign:
    if row.update_status.endswith("_FAILED"):
        return Sign.BAD
    if row.update_status.endswith("_IN_PROGRESS"):
        return Sign.MOVING
    moving = row.status in ("PROVISIONING", "DEPROVISIONING")
    return Sign.MOVING if moving else Sign.FINE if row.status == "ACTIVE" else Sign.OFF


def _scaling(row: CapacityProvider) -> str:
    """How its instances are scaled; "" on Fargate, which has none."""
    if row.type == MANAGED_INSTANCES:
        after = row.scale_in_after
        return "by ECS" if after is None else f"by ECS, in after {span(after)}"
    if not row.scaling:
        return ""
    target = "" if row.target is None else f", target {row.target}%"
    return f"{row.scaling.lower()}{target}" if row.scaling == "ENABLED" else row.scaling.lower()


def _update(row: CapacityProvider, _: datetime) -> Cell:
    words = row.update_status.lower().replace("_", " ")
    return Cell(plain(words).text, "bad" if _sign(row) is Sign.BAD else "")


def _facts(row: CapacityProvider, _: Inventory, now: datetime) -> list[Fact]:
    return [
        ("update", row.update_status),
        ("reason", row.update_reason),
        ("name", row.name),
        ("type", row.type),
        ("status", row.status),
        ("cluster", row.cluster),
        ("scaling", _scaling(row)),
        ("auto scaling group", row.group_arn.rsplit("/", 1)[-1]),
        ("termination protection", row.termination_protection.lower()),
        ("draining", row.draining.lower()),
        ("infrastructure role", short_name(row.role_arn)),
        ("repairs", row.repairs.lower()),
        ("arn", row.arn),
    ]


def _flat(row: CapacityProvider) -> Row:
    group = {
        "autoScalingGroupArn": row.group_arn,
        "managedScaling": {"status": row.scaling, "targetCapacity": row.target},
        "managedTerminationProtection": row.termination_protection,
        "managedDraining": row.draining,
    }
    managed = {
        "infrastructureRoleArn": row.role_arn,
        "autoRepairConfiguration": {"actionsStatus": row.repairs},
        "infrastructureOptimization": {"scaleInAfter": row.scale_in_after},
    }
    return with_nulls(
        {
            "clusterName": row.cluster,
            "capacityProviderArn": row.arn,
            "name": row.name,
            "type": row.type,
            "status": row.status,
            "updateStatus": row.update_status,
            "updateStatusReason": row.update_reason,
            "autoScalingGroupProvider": group if row.group_arn else None,
            "managedInstancesProvider": managed if row.role_arn else None,
        }
    )


def _group(row: Row) -> object:
    group = row["autoScalingGroupProvider"]
    return short_name(group["autoScalingGroupArn"]) if group else None


CAPACITY_PROVIDERS: Resource[CapacityProvider] = Resource(
    name="capacity-providers",
    kind="capacity provider",
    row=CapacityProvider,
    about="List the cluster's capacity providers.",
    source=SOURCE,
    columns=(
        Column(
            "name",
            "  CAPACITY PROVIDER",
            lambda row, _: signed(_sign(row), row.name),
            lambda row: row.name,
            priority=0,
            middle=True,
        ),
        Column(
            "status",
            "STATUS",
            lambda row, _: plain(row.status.lower()),
            lambda row: row.status,
            normal=("active",),
        ),
        Column("type", "TYPE", lambda row, _: plain(row.type), lambda row: row.type, priority=0),
        Column(
            "scaling",
            "SCALING",
            lambda row, _: plain(_scaling(row)),
            lambda row: _scaling(row),
            normal=("",),
        ),
        Column(
            "group",
            "AUTO SCALING GROUP",
            lambda row, _: plain(row.group_arn.rsplit("/", 1)[-1]),
            lambda row: row.group_arn,
            priority=2,
            middle=True,
            normal=("",),
        ),
        Column("update", "UPDATE", _update, lambda row: row.update_status, priority=2),
    ),
    scopes=in_cluster(SOURCE),
    rows=stored(SOURCE),
    key=lambda row: row.name,
    name_of=lambda row: row.name,
    enter=lambda place, row: None,
    facts=_facts,
    raw=RawView(
        lambda row: f"capacity provider {row.name}",
        lambda account, cluster, row: ecs.described_raw(
            account, _RAW, "capacity provider", cluster, row.name
        ),
    ),
    listing=Listing(
        pages_of(SOURCE),
        _flat,
        (
            CLUSTER_COLUMN,
            TableColumn("CAPACITY_PROVIDER", value_of("name"), shrinks=True),
            TableColumn("TYPE", value_of("type")),
            TableColumn("STATUS", value_of("status")),
            TableColumn("UPDATE", value_of("updateStatus"), priority=2),
            TableColumn("AUTO_SCALING_GROUP", _group, shrinks=True, priority=1),
        ),
        blank=CapacityProvider(""),
    ),
    rank=lambda row: rank_of(_sign(row)),
    empty="No capacity providers in this cluster.",
)
