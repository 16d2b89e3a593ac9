"""The targets of a load balancer that one task is, for its details: state, reason, grace period."""

from __future__ import annotations

from datetime import datetime, timedelta

from ecs_tui.model.arn import short_name, target_group_name
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.service import Service
from ecs_tui.model.target_health import TargetHealth, targets_at
from ecs_tui.model.task import Task
from ecs_tui.model.text import span
from ecs_tui.resources.facts import Fact
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup
from ecs_tui.store.surroundings import known, target_lookup

_SIGNS = {"healthy": Sign.FINE, "initial": Sign.MOVING, "draining": Sign.MOVING, "unused": Sign.OFF}


def own_target_lookups(task: Task, inventory: Inventory) -> list[Lookup]:
    """The targets of its service's target groups, if the service is loaded; none of a stopped task."""
    service = _service(task, inventory)
    return [target_lookup(arn) for arn in service.every_target_group] if service else []


def own_target_facts(task: Task, inventory: Inventory, now: datetime) -> list[Fact]:
    """A fact for each target group in which the task is, or should be."""
    service = _service(task, inventory)
    if service is None:
        return []
    found: list[Fact] = []
    for arn in service.every_target_group:
        name = f"target in {target_group_name(arn)}"
        answer = known(inventory.lookups.answer(target_lookup(arn)))
        if answer.value is None:
            found.append((name, answer.words))
            continue
        own = targets_at(answer.value, _addresses(task, inventory))
        if not own and task.address:
            found.append((name, f"{Sign.OFF} not registered"))
        found += [(name, _words(target, service, task, now)) for target in own]
    return found


def _service(task: Task, inventory: Inventory) -> Service | None:
    """Its service, if that is loaded and the task has not stopped."""
    if not task.service or not task.described or task.last_status == "STOPPED":
        return None
    found = inventory.service(short_name(task.cluster_arn), task.service)
    return found if found is not None and found.described else None


def _addresses(task: Task, inventory: Inventory) -> list[str]:
    """What its targets are registered by: its addresses, or its EC2 instance."""
    cluster = short_name(task.cluster_arn)
    host = [
        item.ec2_id
        for item in inventory.instances(cluster)
        if item.arn == task.container_instance_arn
    ]
    return [task.private_ip, task.ipv6, *host]


def _words(target: TargetHealth, service: Service, task: Task, now: datetime) -> str:
    sign = _SIGNS.get(target.state, Sign.BAD if target.failing else Sign.WARNING)
    port = f" on port {target.port}" if target.port is not None else ""
    words = f"{sign} {target.state}{port}"
    if target.why and not target.healthy:
        words += f": {target.why}"
    grace = service.grace_seconds
    if grace and task.started_at is not None and not target.healthy:
        left = task.started_at + timedelta(seconds=grace) - now
        if left > timedelta():
            words += f" (ECS ignores it for {span(left.total_seconds())} yet, its grace period)"
    return words
