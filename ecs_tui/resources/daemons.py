"""Managed daemons of a cluster: ECS runs a task of each on every managed instance."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.aws.api import ecs
from ecs_tui.aws.api.daemons import DAEMONS_PER_CALL, describe_daemons, list_daemons
from ecs_tui.model.arn import short_name
from ecs_tui.model.daemon import Daemon
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.text import age_of, counted, iso
from ecs_tui.resources.base import (
    GONE,
    Cell,
    Column,
    RawView,
    Resource,
    dimmed,
    in_cluster,
    plain,
    rank_of,
    signed,
    stored,
)
from ecs_tui.resources.facts import Fact, when
from ecs_tui.resources.flat import (
    CLUSTER_COLUMN,
    Listing,
    Row,
    TableColumn,
    name_in,
    pages_of,
    value_of,
    with_nulls,
)
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.names import cluster_arn
from ecs_tui.store.source import Source

_RAW = ecs.RawCall("describe_daemon", "daemonArn", "daemon", in_cluster=False, one=True)

SOURCE: Source[Daemon] = Source(
    "daemon",
    lambda account, scope, _: list_daemons(account, scope.cluster),
    describe=describe_daemons,
    batch=DAEMONS_PER_CALL,
    named=lambda scope, key, known: (
        known or Daemon(key, short_name(key), cluster_arn(key, scope.cluster), described=False)
    ),
    moves=lambda item: item.deploying or item.status == "DELETE_IN_PROGRESS",
)


def _sign(row: Daemon) -> Sign:
    if not row.described or row.gone:
        return Sign.OFF
    if row.without:
        return Sign.WARNING
    if row.deploying or row.status == "DELETE_IN_PROGRESS":
        return Sign.MOVING
    return Sign.FINE if row.status == "ACTIVE" else Sign.OFF


def _state(row: Daemon) -> str:
    if row.status == "DELETE_IN_PROGRESS":
        return "being deleted"
    return "deploying" if row.deploying else row.status.lower()


def _providers(row: Daemon) -> str:
    return " ".join(dict.fromkeys(short_name(item.provider) for item in row.revisions))


def _count(value: int, row: Daemon, tone: str = "") -> Cell:
    return Cell(str(value) if row.described else "·", tone if value else "off")


def _status(row: Daemon, _: datetime) -> Cell:
    return plain(GONE if row.gone else _state(row) or "…")


def _facts(row: Daemon, _: Inventory, now: datetime) -> list[Fact]:
    revisions: list[Fact] = [
        (
            f"revision {short_name(item.arn)}",
            f"{item.running} running on {short_name(item.provider)}"
            + (f", {counted(item.without, 'instance')} without it" if item.without else ""),
        )
        for item in row.revisions
    ]
    return [
        ("status", row.status),
        ("running", f"{row.running} on instances, {row.without} instances without it"),
        *revisions,
        ("last deployment", short_name(row.deployment_arn)),
        ("created", when(row.created_at, now)),
        ("updated", when(row.updated_at, now)),
        ("arn", row.arn),
    ]


def _flat(row: Daemon) -> Row:
    return with_nulls(
        {
            "clusterName": short_name(row.cluster_arn),
            "clusterArn": row.cluster_arn,
            "daemonArn": row.arn,
            "status": row.status,
            "currentRevisions": [
                {
                    "arn": item.arn,
                    "capacityProviders": [
                        {
                            "arn": item.provider,
                            "runningCount": item.running,
                            "withoutDaemonCount": item.without,
                        }
                    ],
                }
                for item in row.revisions
            ],
            "deploymentArn": row.deployment_arn,
            "createdAt": iso(row.created_at),
            "updatedAt": iso(row.updated_at),
        }
    )


def _sum(key: str, row: Row) -> int:
    found = (each for item in row["currentRevisions"] for each in item["capacityProviders"])
    return sum(each[key] for each in found)


DAEMONS: Resource[Daemon] = Resource(
    name="daemons",
    kind="daemon",
    row=Daemon,
    about="List the cluster's managed daemons.",
    source=SOURCE,
    columns=dimmed(
        Column(
            "name",
            "  DAEMON",
            lambda row, _: signed(_sign(row), row.name),
            lambda row: row.name,
            priority=0,
            middle=True,
        ),
        Column("status", "STATUS", _status, _state, normal=("active",)),
        Column(
            "running",
            "RUNNING",
            lambda row, _: _count(row.running, row),
            lambda row: row.running,
            right=True,
            priority=0,
        ),
        Column(
            "without",
            "INSTANCES WITHOUT",
            lambda row, _: _count(row.without, row, "warning"),
            lambda row: row.without,
            right=True,
            normal=("0",),
        ),
        Column(
            "providers",
            "CAPACITY PROVIDERS",
            lambda row, _: plain(_providers(row)),
            _providers,
            priority=2,
            middle=True,
        ),
        Column(
            "age",
            "AGE",
            lambda row, now: plain(age_of(row.created_at, now)),
            lambda row: -(row.created_at.timestamp() if row.created_at else 0),
            right=True,
            live=True,
            priority=3,
        ),
    ),
    scopes=in_cluster(SOURCE),
    rows=stored(SOURCE),
    key=lambda row: row.arn,
    name_of=lambda row: row.name,
    enter=lambda place, row: None,
    facts=_facts,
    raw=RawView(
        lambda row: f"daemon {row.name}",
        lambda account, _, row: ecs.described_raw(account, _RAW, "daemon", "", row.arn),
    ),
    listing=Listing(
        pages_of(SOURCE),
        _flat,
        (
            CLUSTER_COLUMN,
            TableColumn("DAEMON", name_in("daemonArn"), shrinks=True),
            TableColumn("STATUS", value_of("status")),
            TableColumn("RUNNING", lambda row: _sum("runningCount", row)),
            TableColumn("WITHOUT", lambda row: _sum("withoutDaemonCount", row), priority=1),
        ),
        blank=Daemon("", "", ""),
    ),
    rank=lambda row: rank_of(_sign(row)),
    empty="No managed daemons in this cluster.",
)
