"""Every fact about one row, as lines of `name  value`, for the detail pane."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.cells import cell_len, set_cell_size

from ecs_tui.aws.account import ENVIRONMENT_KEYS, Account
from ecs_tui.aws.configuration import Setting
from ecs_tui.inventory.inventory import Inventory
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import Container
from ecs_tui.model.exec_status import container_readiness, task_readiness
from ecs_tui.model.instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.words import age_of, clean
from ecs_tui.ui.views.clusters import ClusterRow
from ecs_tui.ui.views.containers import ContainerRow
from ecs_tui.ui.views.services import ServiceRow

Fact = tuple[str, object]


def details(row: Any, inventory: Inventory, now: datetime) -> str:
    """The facts about `row` as text."""
    if isinstance(row, ClusterRow):
        ready = f"{row.ready} of {row.containers} containers ready" if row.containers else ""
        facts = [("exec", ready), *_cluster(row.cluster), *_connection(inventory.account)]
    elif isinstance(row, ServiceRow):
        facts = [("exec", row.readiness), *_service(row.service, now)]
    elif isinstance(row, Task):
        facts = _task(row, now)
    elif isinstance(row, ContainerRow):
        facts = _container(row.task, row.container, row, now)
    elif isinstance(row, ContainerInstance):
        facts = _instance(row, now)
    else:
        return ""
    # Names too come from outside: those of tags and containers.
    lines = [(clean(name), clean(str(value))) for name, value in facts if value not in ("", None)]
    width = max(cell_len(name) for name, _ in lines)
    return "\n".join(f"{set_cell_size(name, width)}  {value}" for name, value in lines)


def _connection(account: Account) -> list[Fact]:
    """The keys and the region in use, and where each came from."""
    profile, region = account.profile_setting, account.region_setting
    if account.pretend:
        return []
    keys = "AWS_ACCESS_KEY_ID" if account.name == ENVIRONMENT_KEYS else profile.value
    login = f", by the login of {account.login.words}" if account.login else ""
    return [
        ("profile", _from(profile)),
        ("keys", f"{keys}{login}"),
        ("region", _from(region)),
    ]


def _from(setting: Setting) -> str:
    return f"{setting.value} ({setting.origin})" if setting.origin else f"{setting.value} (chosen)"


def _when(then: datetime | None, now: datetime) -> str:
    if then is None:
        return ""
    return f"{then.astimezone():%Y-%m-%d %H:%M:%S} ({age_of(then, now)} ago)"


def _tags(row: Cluster | Service | Task) -> list[Fact]:
    tags: list[Fact] = [(f"tag {key}", value) for key, value in sorted(row.tags.items())]
    return tags or [("tags", _not_read(row, "TAGS") or "none")]


def _not_read(row: Cluster | Service | Task, extra: str) -> str:
    return f"not read: {row.not_read[extra]}" if extra in row.not_read else ""


def _cluster(row: Cluster) -> list[Fact]:
    exec_configuration = row.exec_configuration
    return [
        ("arn", row.arn),
        ("status", row.status),
        ("services", row.active_services),
        ("tasks", f"{row.running_tasks} running, {row.pending_tasks} pending"),
        ("instances", row.instances),
        ("exec logging", _not_read(row, "CONFIGURATIONS") or row.exec_logging),
        ("exec KMS key", exec_configuration.kms_key_id if exec_configuration else ""),
        ("capacity", ", ".join(row.capacity_providers)),
        *[(name, value) for name, value in row.settings.items()],
        *_tags(row),
    ]


def _service(row: Service, now: datetime) -> list[Fact]:
    network = row.network
    facts: list[Fact] = [
        ("arn", row.arn),
        ("status", row.status),
        ("tasks", f"{row.running} running, {row.pending} pending, {row.desired} desired"),
        ("exec enabled", "on" if row.exec_enabled else "off"),
        ("definition", row.revision),
        ("launch type", row.launch_type),
        ("platform", row.platform_version),
        ("scheduling", row.scheduling),
        ("controller", row.controller),
        ("propagate tags", row.propagate_tags),
        ("created", _when(row.created_at, now)),
    ]
    if network:
        facts += [
            ("subnets", " ".join(network.subnets)),
            ("groups", " ".join(network.security_groups)),
            ("public ip", network.public_ip),
        ]
    for item in row.deployments:
        facts.append(
            (
                f"{item.status.lower()} deployment",
                f"{item.rollout_state.lower()} {short_name(item.task_definition)}: "
                f"{item.running}/{item.desired} running, {item.failed} failed",
            )
        )
    for task_set in row.task_sets:
        facts.append(
            (
                f"{task_set.status.lower()} task set",
                f"{task_set.stability.lower()} {short_name(task_set.task_definition)}: "
                f"{task_set.running}/{task_set.desired} running, {task_set.scale:g} %",
            )
        )
    return facts + _tags(row)


def _task(row: Task, now: datetime) -> list[Fact]:
    return [
        *_why_stopped(row, now),
        ("exec", task_readiness(row)),
        ("exec enabled", "on" if row.exec_enabled else "off"),
        ("status", f"{row.last_status} (desired {row.desired_status})"),
        ("health", row.health),
        ("connectivity", row.connectivity),
        ("group", row.group),
        ("definition", row.revision),
        ("launch type", row.launch_type),
        ("platform", f"{row.platform_family} {row.platform_version}".strip()),
        ("zone", row.zone),
        ("private ip", row.private_ip),
        ("subnet", row.subnet),
        ("cpu / memory", f"{row.cpu} / {row.memory}"),
        ("instance", short_name(row.container_instance_arn)),
        ("started by", row.started_by),
        ("created", _when(row.created_at, now)),
        ("started", _when(row.started_at, now)),
        *([] if row.stopping else _containers(row)),
        ("arn", row.arn),
        *_tags(row),
    ]


def _why_stopped(row: Task, now: datetime) -> list[Fact]:
    """What one looks for in a task that stops or has stopped, and its containers' exit codes."""
    if not row.stopping:
        return []
    return [
        ("stopped reason", row.stopped_reason),
        ("stop code", row.stop_code),
        *_containers(row),
        ("stopping", _when(row.stopping_at, now)),
        ("stopped", _when(row.stopped_at, now)),
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


def _container(task: Task, row: Container, view: ContainerRow, now: datetime) -> list[Fact]:
    agent = row.exec_agent
    stopped = row.last_status == "STOPPED"
    ended: list[Fact] = [("exit code", row.exit_code), ("reason", row.reason)]
    return [
        *(ended if stopped else []),
        *([("stopped reason", task.stopped_reason)] if task.stopping else []),
        ("name", row.name),
        ("exec", view.readiness),
        ("status", row.last_status),
        ("health", row.health),
        ("exec agent", f"{agent.status} {agent.reason}".strip() if agent else "none"),
        ("agent since", _when(agent.started_at, now) if agent else ""),
        *([] if stopped else ended),
        ("image", row.image),
        ("digest", row.image_digest),
        ("runtime id", row.runtime_id),
        ("ports", " ".join(str(port) for port in view.ports)),
        ("private ip", " ".join(row.private_ips)),
        ("cpu / memory", f"{row.cpu} / {row.memory}"),
        ("arn", row.arn),
        ("task", task.arn),
    ]


def _instance(row: ContainerInstance, now: datetime) -> list[Fact]:
    return [
        ("arn", row.arn),
        ("ec2 instance", row.ec2_id),
        ("status", row.status),
        ("agent", f"{row.agent_version} {'connected' if row.agent_connected else 'disconnected'}"),
        ("docker", row.docker_version),
        ("type", row.instance_type),
        ("zone", row.zone),
        ("tasks", f"{row.running_tasks} running, {row.pending_tasks} pending"),
        ("cpu free", f"{row.cpu_free} of {row.cpu_total}"),
        ("memory free", f"{row.memory_free} of {row.memory_total} MiB"),
        ("registered", _when(row.registered_at, now)),
    ]
