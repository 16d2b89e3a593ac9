"""The list of container instances of a cluster."""

from __future__ import annotations

from ecs_tui.model.rules.health import instance_sign
from ecs_tui.resources.base import GONE, Cell, Column, Resource, dimmed, plain, signed
from ecs_tui.store.inventory import Kind, Scope

INSTANCES = Resource(
    name="instances",
    kind="instance",
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
        ),
        Column(
            "agent",
            "AGENT",
            lambda row, _: (
                Cell("·", "off")
                if not row.described
                else Cell(
                    f"{row.agent_version} {'connected' if row.agent_connected else 'disconnected'}",
                    "fine" if row.agent_connected else "bad",
                )
            ),
            lambda row: row.agent_version,
            priority=0,
        ),
        Column(
            "running",
            "RUNNING",
            lambda row, _: plain(row.running_tasks),
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
            lambda row, _: plain(f"{row.cpu_free}/{row.cpu_total}"),
            lambda row: row.cpu_free,
            right=True,
            priority=2,
        ),
        Column(
            "memory",
            "MEM FREE MIB",
            lambda row, _: plain(f"{row.memory_free}/{row.memory_total}"),
            lambda row: row.memory_free,
            right=True,
            priority=2,
        ),
    ),
    scopes=lambda place: (Scope(Kind.INSTANCE, place.cluster),),
    rows=lambda inventory, place: inventory.instances(place.cluster),
    key=lambda row: row.arn,
    name_of=lambda row: row.ec2_id or row.id,
    enter=lambda place, row: None,
    empty="No container instances (Fargate-only cluster).",
)
