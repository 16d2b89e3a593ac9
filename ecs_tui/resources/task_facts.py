"""The facts about a task for its details: running, waiting, draining or stopped."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.exec_readiness import container_readiness, task_readiness
from ecs_tui.model.rules.stopping import StopTimes, time_left_words
from ecs_tui.model.rules.waiting import starting_for, waiting_facts
from ecs_tui.model.task import Task
from ecs_tui.resources.facts import Fact, tag_facts, when
from ecs_tui.resources.own_targets import own_target_facts
from ecs_tui.store.inventory import Inventory


def task_facts(
    row: Task, times: StopTimes | None, inventory: Inventory, now: datetime
) -> list[Fact]:
    """The facts about a task.

    Args:
        times: How long a draining task may take to stop; None for other tasks.
    """
    facts: list[Fact] = [
        *([("time left", time_left_words(row, times, now))] if times is not None else []),
        *_why_stopped(row, now),
        ("shell", task_readiness(row)),
        ("exec enabled", "on" if row.exec_enabled else "off"),
        ("status", f"{row.last_status} (desired {row.desired_status})"),
        ("health", row.health),
        *own_target_facts(row, inventory, now),
        ("connectivity", row.connectivity),
        ("group", row.group),
        *_origin(row, inventory),
        ("task definition", row.revision),
        ("launch type", row.launch_type),
        ("capacity provider", row.capacity_provider),
        ("platform", f"{row.platform_family} {row.platform_version}".strip()),
        ("zone", row.zone),
        ("private IP", row.private_ip),
        ("IPv6 address", row.ipv6),
        ("subnet", row.subnet),
        ("cpu / memory", f"{row.cpu} / {row.memory}"),
        ("instance", short_name(row.container_instance_arn)),
        ("created", when(row.created_at, now)),
        ("started", when(row.started_at, now)),
        *([] if row.stopping else _containers(row)),
        ("arn", row.arn),
        *tag_facts(row),
    ]
    if starting_for(row, now) is None:
        return facts
    service = inventory.service(short_name(row.cluster_arn), row.service)
    return [*waiting_facts(row, service, now), *facts]


def _origin(row: Task, inventory: Inventory) -> list[Fact]:
    """What started the task, and whether its task definition or service has changed since."""
    found: list[Fact] = [("started by", row.started_by)]
    if row.rule:
        found = [("started by", f"EventBridge rule {row.rule} ({row.started_by})")]
    definition = inventory.known_definition(row.task_definition)
    if definition is not None and definition.status not in ("", "ACTIVE"):
        found.append(("definition status", definition.status))
    service = inventory.service(short_name(row.cluster_arn), row.service) if row.service else None
    since = service.created_at if service is not None else None
    if since is not None and row.created_at is not None and row.created_at < since:
        found.append(("service", f"an earlier {row.service}: this task is older than the service"))
    return found


def _why_stopped(row: Task, now: datetime) -> list[Fact]:
    """Why a task is stopping or has stopped, with its containers' exit codes."""
    if not row.stopping:
        return []
    return [
        ("stopped reason", row.stopped_reason),
        ("stop code", row.stop_code),
        *_containers(row),
        ("stopping", when(row.stopping_at, now)),
        ("stopped", when(row.stopped_at, now)),
    ]


def _containers(row: Task) -> list[Fact]:
    found: list[Fact] = []
    for item in row.containers:
        words = [item.last_status.lower()]
        if item.exit_code is not None:
            words.append(f"exit {item.exit_code}")
        if item.reason:
            words.append(item.reason)
        if not row.stopping and item.last_status != "STOPPED":
            words.append(str(container_readiness(row, item)))
        found.append((f"container {item.name}", ", ".join(words)))
    return found
