"""Container instances of a cluster."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ecs_tui.aws.api import ecs
from ecs_tui.model.arn import short_name
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.rules.health import instance_sign
from ecs_tui.model.text import iso
from ecs_tui.resources.base import (
    GONE,
    Cell,
    Column,
    Place,
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
    itself,
    pages_of,
    value_of,
    with_nulls,
)
from ecs_tui.store.inventory import Inventory, Kind


def _facts(row: ContainerInstance, _: Inventory, now: datetime) -> list[Fact]:
    return [
        ("arn", row.arn),
        ("ec2 instance", row.ec2_id),
        ("status", row.status),
        ("agent", f"{row.agent_version} {'connected' if row.agent_connected else 'disconnected'}"),
        ("docker", row.docker_version.removeprefix("DockerVersion: ")),
        ("type", row.instance_type),
        ("zone", row.zone),
        ("tasks", f"{row.running_tasks} running, {row.pending_tasks} pending"),
        ("cpu free", f"{row.cpu_free} of {row.cpu_total}"),
        ("memory free", f"{row.memory_free} of {row.memory_total} MiB"),
        ("registered", when(row.registered_at, now)),
    ]


def _flat(instance: ContainerInstance) -> Row:
    return with_nulls(
        {
            "clusterName": short_name(instance.cluster_arn),
            "clusterArn": instance.cluster_arn,
            "containerInstanceId": instance.id,
            "containerInstanceArn": instance.arn,
            "ec2InstanceId": instance.ec2_id,
            "status": instance.status,
            "agentConnected": instance.agent_connected,
            "versionInfo": {
                "agentVersion": instance.agent_version,
                "dockerVersion": instance.docker_version,
            },
            "runningTasksCount": instance.running_tasks,
            "pendingTasksCount": instance.pending_tasks,
            "remainingResources": _resources(instance.cpu_free, instance.memory_free),
            "registeredResources": _resources(instance.cpu_total, instance.memory_total),
            "attributes": [
                {"name": name, "value": value}
                for name, value in (
                    ("ecs.instance-type", instance.instance_type),
                    ("ecs.availability-zone", instance.zone),
                    ("ecs.os-type", instance.os_type),
                )
                if value
            ],
            "registeredAt": iso(instance.registered_at),
        }
    )


def _resources(cpu: int, memory: int) -> list[Row]:
    """CPU in units and memory in MiB, in ECS's format."""
    return [{"name": "CPU", "integerValue": cpu}, {"name": "MEMORY", "integerValue": memory}]


def _agent(row: Row) -> object:
    connected = "connected" if row["agentConnected"] else "disconnected"
    return f"{row['versionInfo']['agentVersion'] or ''} {connected}".strip()


def _attribute(name: str) -> Callable[[Row], object]:
    return lambda row: next(
        (item["value"] for item in row["attributes"] if item["name"] == name), None
    )


def _free(resource: str) -> Callable[[Row], object]:
    def of(row: Row) -> object:
        free, total = (
            next(item["integerValue"] for item in row[kind] if item["name"] == resource)
            for kind in ("remainingResources", "registeredResources")
        )
        return f"{free}/{total}"

    return of


_LISTING: Listing[ContainerInstance] = Listing(
    pages_of(Kind.INSTANCE),
    _flat,
    (
        CLUSTER_COLUMN,
        TableColumn(
            "INSTANCE", lambda row: row["ec2InstanceId"] or row["containerInstanceId"], shrinks=True
        ),
        TableColumn("STATUS", value_of("status")),
        TableColumn("AGENT", _agent),
        TableColumn("RUNNING", value_of("runningTasksCount")),
        TableColumn("TYPE", _attribute("ecs.instance-type"), priority=1),
        TableColumn("ZONE", _attribute("ecs.availability-zone"), priority=2),
        TableColumn("CPU_FREE", _free("CPU"), priority=3),
        TableColumn("MIB_FREE", _free("MEMORY"), priority=4),
    ),
    blank=ContainerInstance("", "", ""),
    ours=frozenset({"containerInstanceId"}),
    tagged=itself,
    words="container instances",
)


def _known(row: ContainerInstance, value: object) -> Cell:
    """A number; `·` while the instance is not described."""
    return plain(value) if row.described else Cell("·", "off")


INSTANCES: Resource[ContainerInstance] = Resource(
    name="instances",
    kind="instance",
    row=ContainerInstance,
    about="List container instances.",
    source=Kind.INSTANCE,
    columns=dimmed(
        Column(
            "id",
            "  INSTANCE",
            lambda row, _: signed(instance_sign(row), row.ec2_id or row.id[:12]),
            lambda row: row.ec2_id,
            priority=0,
        ),
        Column(
            "status",
            "STATUS",
            lambda row, _: plain(GONE if row.gone else row.status.lower()),
            lambda row: row.status,
            normal=("active",),
        ),
        Column(
            "agent",
            "AGENT",
            lambda row, _: (
                Cell("·", "off")
                if not row.described
                else Cell(
                    f"{row.agent_version} {'connected' if row.agent_connected else 'disconnected'}",
                    "" if row.agent_connected else "bad",
                )
            ),
            lambda row: row.agent_version,
            priority=0,
        ),
        Column(
            "running",
            "RUNNING",
            lambda row, _: _known(row, row.running_tasks),
            lambda row: row.running_tasks,
            right=True,
        ),
        Column(
            "type", "TYPE", lambda row, _: plain(row.instance_type), lambda row: row.instance_type
        ),
        Column("zone", "ZONE", lambda row, _: plain(row.zone), lambda row: row.zone, priority=2),
        Column(
            "cpu",
            "CPU FREE",
            lambda row, _: _known(row, f"{row.cpu_free}/{row.cpu_total}"),
            lambda row: row.cpu_free,
            right=True,
            priority=2,
        ),
        Column(
            "memory",
            "MEM FREE MIB",
            lambda row, _: _known(row, f"{row.memory_free}/{row.memory_total}"),
            lambda row: row.memory_free,
            right=True,
            priority=2,
        ),
    ),
    scopes=in_cluster(Kind.INSTANCE),
    rows=stored(Kind.INSTANCE),
    key=lambda row: row.arn,
    name_of=lambda row: row.ec2_id or row.id,
    enter=lambda place, row: Place("tasks", cluster=place.cluster, instance=row.arn),
    facts=_facts,
    raw=RawView(
        lambda row: f"instance {row.ec2_id or row.id}",
        lambda account, cluster, row: ecs.raw_description(account, "instance", cluster, row.arn),
    ),
    listing=_LISTING,
    rank=lambda row: rank_of(instance_sign(row)),
    empty="No container instances (Fargate-only cluster).",
)
