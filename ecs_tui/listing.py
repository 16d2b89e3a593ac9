"""`ecs-tui ls`: flat lists for people and for pipes."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from typing import Any

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.echo import echo, echo_json
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import Container
from ecs_tui.model.exec_status import container_readiness, task_readiness
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.words import clean, iso

Row = dict[str, Any]
_TABLE = {
    "clusters": (
        "name",
        "status",
        "active_services",
        "running_tasks",
        "pending_tasks",
        "instances",
        "exec_logging",
    ),
    "services": (
        "cluster",
        "name",
        "status",
        "running",
        "desired",
        "pending",
        "rollout_state",
        "revision",
        "launch_type",
        "exec_enabled",
    ),
    "tasks": (
        "cluster",
        "service",
        "id",
        "last_status",
        "health",
        "exec_enabled",
        "exec",
        "revision",
        "zone",
        "private_ip",
    ),
    "containers": (
        "cluster",
        "task_id",
        "name",
        "last_status",
        "health",
        "agent_status",
        "exec",
        "exec_reason",
        "image",
    ),
}


def cluster_row(cluster: Cluster) -> Row:
    """A cluster as one flat object."""
    return {
        "name": cluster.name,
        "arn": cluster.arn,
        "status": cluster.status,
        "active_services": cluster.active_services,
        "running_tasks": cluster.running_tasks,
        "pending_tasks": cluster.pending_tasks,
        "instances": cluster.instances,
        "exec_logging": cluster.exec_logging,
    }


def service_row(service: Service) -> Row:
    """A service as one flat object."""
    primary = service.primary
    return {
        "cluster": short_name(service.cluster_arn),
        "cluster_arn": service.cluster_arn,
        "name": service.name,
        "arn": service.arn,
        "status": service.status,
        "running": service.running,
        "desired": service.desired,
        "pending": service.pending,
        "rollout_state": primary.rollout_state if primary else None,
        "failed_tasks": primary.failed if primary else None,
        "revision": service.revision,
        "task_definition_arn": service.task_definition,
        "launch_type": service.launch_type,
        "deployment_controller": service.controller,
        "task_sets": [
            {
                "id": item.id,
                "status": item.status,
                "stability_status": item.stability,
                "scale": item.scale,
                "computed_desired_count": item.desired,
                "running_count": item.running,
                "pending_count": item.pending,
                "task_definition_arn": item.task_definition,
            }
            for item in service.task_sets
        ],
        "exec_enabled": service.exec_enabled,
        "propagate_tags": service.propagate_tags,
        "created_at": iso(service.created_at),
    }


def task_row(task: Task) -> Row:
    """A task as one flat object."""
    readiness = task_readiness(task)
    return {
        "cluster": short_name(task.cluster_arn),
        "cluster_arn": task.cluster_arn,
        "service": task.service,
        "id": task.id,
        "arn": task.arn,
        "last_status": task.last_status,
        "desired_status": task.desired_status,
        "health": task.health,
        "exec_enabled": task.exec_enabled,
        "exec": str(readiness.verdict),
        "exec_reason": readiness.reason,
        "revision": task.revision,
        "task_definition_arn": task.task_definition,
        "launch_type": task.launch_type,
        "platform_version": task.platform_version,
        "zone": task.zone,
        "private_ip": task.private_ip,
        "started_at": iso(task.started_at),
        "stopped_reason": task.stopped_reason,
    }


def container_row(task: Task, container: Container) -> Row:
    """A container as one flat object."""
    readiness = container_readiness(task, container)
    agent = container.exec_agent
    return {
        "cluster": short_name(task.cluster_arn),
        "cluster_arn": task.cluster_arn,
        "service": task.service,
        "task_id": task.id,
        "task_arn": task.arn,
        "name": container.name,
        "arn": container.arn,
        "runtime_id": container.runtime_id,
        "last_status": container.last_status,
        "health": container.health,
        "exec": str(readiness.verdict),
        "exec_reason": readiness.reason,
        "agent_status": agent.status if agent else None,
        "agent_reason": agent.reason if agent else None,
        "agent_started_at": iso(agent.started_at) if agent else None,
        "image": container.image,
        "exit_code": container.exit_code,
    }


async def rows(account: Account, kind: str, cluster: str, service: str) -> AsyncIterator[list[Row]]:
    """Pages of rows of `kind`, over one cluster or all of them."""
    clusters: list[str] = [cluster] if cluster else []
    if not cluster:
        async for page in ecs.list_clusters(account):
            clusters += page
    if kind == "clusters":
        for start in range(0, len(clusters), 100):
            found = await ecs.describe_clusters(account, clusters[start : start + 100])
            yield [cluster_row(item) for item in found]
        return
    for name in clusters:
        if kind == "services":
            async for page in ecs.list_services(account, name):
                wanted = [
                    arn for arn in page if not service or short_name(arn) == short_name(service)
                ]
                for start in range(0, len(wanted), ecs.SERVICES_A_CALL):
                    batch = wanted[start : start + ecs.SERVICES_A_CALL]
                    described = await ecs.describe_services(account, name, batch)
                    yield [service_row(item) for item in described]
            continue
        async for page in ecs.list_tasks(account, name, service):
            tasks = await ecs.describe_tasks(account, name, page) if page else []
            if kind == "tasks":
                yield [task_row(task) for task in tasks]
            else:
                yield [container_row(task, item) for task in tasks for item in task.containers]


async def print_listing(
    account: Account, kind: str, cluster: str, service: str, *, as_json: bool
) -> int:
    """Print the list to stdout; returns the exit status."""
    try:
        found = [row async for page in rows(account, kind, cluster, service) for row in page]
    finally:
        await account.close()
    if as_json:
        echo_json(found)
        return 0
    width = (
        shutil.get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else 0
    )
    for line in table(found, _TABLE[kind], width):
        echo(line)
    return 0


def table(found: list[Row], columns: tuple[str, ...], width: int = 0) -> list[str]:
    """The rows as lines of aligned columns, cut to `width` cells (0: not cut)."""
    body = [[_text(row[column]) for column in columns] for row in found]
    heads = [column.upper() for column in columns]
    widths = [
        max(len(heads[i]), *(len(line[i]) for line in body)) if body else len(heads[i])
        for i in range(len(columns))
    ]
    lines = []
    for cells in [heads, *body]:
        line = "  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True))
        lines.append(line.rstrip()[:width] if width else line.rstrip())
    return lines


def _text(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "on" if value else "off"
    return clean(str(value))
