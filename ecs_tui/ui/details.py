"""The facts about one row for the detail pane, as names and values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ecs_tui.aws.account import ENVIRONMENT_KEYS, Account
from ecs_tui.aws.configuration import Setting
from ecs_tui.model.arn import short_name, target_group_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import Container
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.rules.exec_readiness import container_readiness, task_readiness
from ecs_tui.model.rules.health import deployment_words
from ecs_tui.model.rules.stopping import time_left_words
from ecs_tui.model.rules.waiting import starting_for, waiting_facts
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, clean
from ecs_tui.resources.accounts import AccountClusterRow
from ecs_tui.resources.clusters import ClusterRow
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.resources.services import ServiceRow
from ecs_tui.resources.tasks import DrainingTask
from ecs_tui.store.capacity import provider_words, providers_lookup
from ecs_tui.store.draining import stop_lookups
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup, LookupResult
from ecs_tui.ui.two_columns import two_columns

Fact = tuple[str, object]


def details(row: Any, inventory: Inventory, now: datetime, width: int = 0) -> str:
    """The facts about `row` as text, at most `width` cells wide; 0 for no limit."""
    return two_columns(facts_about(row, inventory, now), width)


def facts_about(
    row: Any, inventory: Inventory, now: datetime, more: Sequence[Fact] = ()
) -> list[tuple[str, str]]:
    """The facts about a row as (name, value), cleaned for the screen, the most important first.

    Args:
        row: A row of any view.
        inventory: The loaded data of the row's account.
        now: The time from which ages are counted.
        more: Facts to add at the end.
    """
    # Some names are untrusted too: tag keys and container names.
    return [
        (clean(name), clean(str(value)))
        for name, value in (*_facts(row, inventory, now), *more)
        if value not in ("", None)
    ]


def lookups_for(row: Any, inventory: Inventory) -> list[Lookup]:
    """The additional lookups that the details of a row need."""
    if isinstance(row, AccountClusterRow) and row.row is not None:
        row = row.row
    if isinstance(row, ClusterRow):
        return [providers_lookup(row.name)] if row.described else []
    if isinstance(row, ServiceRow) and row.service.strategy:
        return [providers_lookup(short_name(row.service.cluster_arn))]
    if isinstance(row, Task) and row.draining:
        return stop_lookups(inventory, row)
    return []


def _facts(row: Any, inventory: Inventory, now: datetime) -> list[Fact]:
    if isinstance(row, AccountClusterRow):
        of_cluster = _facts(row.row, inventory, now) if row.row is not None else []
        return [("account", row.label), ("problem", row.error or ""), *of_cluster]
    if isinstance(row, ClusterRow):
        ready = (
            f"shell ready in {row.ready} of {row.containers} containers" if row.containers else ""
        )
        answer = inventory.lookups.answer(providers_lookup(row.name))
        return [
            ("shell", ready), *_cluster(row.cluster, answer), *_connection(inventory.account)
        ]  # fmt: skip
    if isinstance(row, ServiceRow):
        cluster = short_name(row.service.cluster_arn)
        answer = inventory.lookups.answer(providers_lookup(cluster))
        return [("shell", row.readiness), *_service(row.service, answer, now)]
    if isinstance(row, Task):
        facts = _task(row, inventory, now)
        if starting_for(row, now) is None:
            return facts
        service = inventory.service(short_name(row.cluster_arn), row.service)
        return [*waiting_facts(row, service, now), *facts]
    if isinstance(row, ContainerRow):
        return _container(row.task, row.container, row, now)
    if isinstance(row, ContainerInstance):
        return _instance(row, now)
    return []


def _connection(account: Account) -> list[Fact]:
    """The profile, the credentials and the region in use, and where each is configured."""
    profile, region = account.profile_setting, account.region_setting
    if account.is_demo:
        return []
    keys = "AWS_ACCESS_KEY_ID" if account.name == ENVIRONMENT_KEYS else profile.value
    login = f" (login of {account.login.words})" if account.login else ""
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


def _cluster(row: Cluster, providers: LookupResult | None) -> list[Fact]:
    exec_configuration, missing = row.exec_configuration, _not_read(row, "CONFIGURATIONS")
    return [
        ("arn", row.arn),
        ("status", row.status),
        ("services", row.active_services),
        ("tasks", f"{row.running_tasks} running, {row.pending_tasks} pending"),
        ("instances", row.instances),
        ("exec logging", missing or row.exec_logging),
        ("exec KMS key", exec_configuration.kms_key_id if exec_configuration else missing),
        *_capacity(row.capacity_providers, providers),
        *[(name, value) for name, value in row.settings.items()],
        *_tags(row),
    ]


def _capacity(names: Sequence[str], providers: LookupResult | None) -> list[Fact]:
    """A cluster's capacity providers: those in its description, then others that AWS returned."""
    known: dict[str, Any] = (providers.value or {}) if providers is not None else {}
    found: list[Fact] = [
        (f"capacity provider {name}", provider_words(name, providers) or name)
        for name in dict.fromkeys((*names, *known))
    ]
    if providers is not None and providers.error is not None and not names:
        found.append(("capacity providers", f"not read: {providers.error}"))
    return found


def _launch(row: Service, providers: LookupResult | None) -> list[Fact]:
    """The launch type, or how tasks are spread over capacity providers."""
    if not row.strategy:
        return [("launch type", row.launch_type)]
    found: list[Fact] = []
    for item in row.strategy:
        words = [f"base {item.base}"] if item.base else []
        words += [f"weight {item.weight}", provider_words(item.provider, providers)]
        found.append(
            (f"capacity provider {item.provider}", ", ".join(word for word in words if word))
        )
    return found


def _service(row: Service, providers: LookupResult | None, now: datetime) -> list[Fact]:
    network = row.network
    sign, words = deployment_words(row)
    facts: list[Fact] = [
        ("arn", row.arn),
        ("status", row.status),
        ("tasks", f"{row.running} running, {row.pending} pending, {row.desired} desired"),
        ("exec enabled", "on" if row.exec_enabled else "off"),
        ("deployment", f"{sign} {words}" if words else ""),
        ("task definition", row.revision),
        *_launch(row, providers),
        ("platform", row.platform_version),
        ("scheduling", row.scheduling),
        ("controller", row.controller),
        ("propagate tags", row.propagate_tags),
        ("created", _when(row.created_at, now)),
    ]
    if network:
        facts += [
            ("subnets", " ".join(network.subnets)),
            ("security groups", " ".join(network.security_groups)),
            ("public IP", network.public_ip),
        ]
    for item in row.deployments:
        facts.append(
            (
                f"{item.status.lower()} deployment",
                f"{item.rollout_state.lower()} {short_name(item.task_definition)}: "
                f"{item.running}/{item.desired} running, {item.failed} failed"
                + (f". {item.rollout_reason}" if item.rollout_reason else ""),
            )
        )
    for task_set in row.task_sets:
        facts.append(
            (
                f"{task_set.status.lower()} task set",
                f"{task_set.stability.lower()} {short_name(task_set.task_definition)}: "
                f"{task_set.running}/{task_set.desired} running, {task_set.scale:g}%",
            )
        )
    groups = [("target group", target_group_name(arn)) for arn in row.every_target_group]
    return [*facts, *groups, *_tags(row)]


def _task(row: Task, inventory: Inventory, now: datetime) -> list[Fact]:
    return [
        *_time_left(row, now),
        *_why_stopped(row, now),
        ("shell", task_readiness(row)),
        ("exec enabled", "on" if row.exec_enabled else "off"),
        ("status", f"{row.last_status} (desired {row.desired_status})"),
        ("health", row.health),
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
        ("created", _when(row.created_at, now)),
        ("started", _when(row.started_at, now)),
        *([] if row.stopping else _containers(row)),
        ("arn", row.arn),
        *_tags(row),
    ]


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


def _time_left(row: Task, now: datetime) -> list[Fact]:
    """The remaining time of a draining task."""
    if not isinstance(row, DrainingTask):
        return []
    return [("time left", time_left_words(row, row.times, now))]


def _why_stopped(row: Task, now: datetime) -> list[Fact]:
    """Why a task is stopping or has stopped, with its containers' exit codes."""
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
        ("shell", view.readiness),
        ("status", row.last_status),
        ("health", row.health),
        ("exec agent", f"{agent.status} {agent.reason}".strip() if agent else "none"),
        ("agent since", _when(agent.started_at, now) if agent else ""),
        *[
            (f"agent {item.name}", f"{item.status} {item.reason}".strip())
            for item in row.agents
            if item is not agent
        ],
        *([] if stopped else ended),
        ("image", row.image),
        ("digest", row.image_digest),
        ("runtime id", row.runtime_id),
        ("ports", " ".join(str(port) for port in view.ports)),
        ("addresses", " ".join(row.addresses)),
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
        ("docker", row.docker_version.removeprefix("DockerVersion: ")),
        ("type", row.instance_type),
        ("zone", row.zone),
        ("tasks", f"{row.running_tasks} running, {row.pending_tasks} pending"),
        ("cpu free", f"{row.cpu_free} of {row.cpu_total}"),
        ("memory free", f"{row.memory_free} of {row.memory_total} MiB"),
        ("registered", _when(row.registered_at, now)),
    ]
