"""What the overview of a service says besides its own facts: deployment, targets, alarms, scaling …"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from ecs_tui.model.arn import short_name, target_group_name
from ecs_tui.model.rules.deployment_words import (
    WAITS,
    alarm_words,
    breaker_words,
    in_progress,
    seconds_taken,
    stage_rail,
    status_words,
    traffic_words,
    waiting_words,
)
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.rules.revision_changes import summary
from ecs_tui.model.scaling_activity import ScalingActivity
from ecs_tui.model.service import Service
from ecs_tui.model.service_deployment import RevisionTasks, ServiceDeployment
from ecs_tui.model.target_health import TargetHealth, targets_at
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, span
from ecs_tui.resources.facts import Fact
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup
from ecs_tui.store.service_history import (
    definition_lookups,
    deployment_changes,
    has_service_deployments,
    history,
    history_scope,
    revisions_lookup,
)
from ecs_tui.store.surroundings import (
    ALARMS,
    SCALABLE_TARGETS,
    activities_lookup,
    alarms_of,
    known,
    policies_lookup,
    scaling_of,
    target_lookup,
    why_unknown,
)

MAX_TARGETS = 24
"""Targets that are shown one by one; the others are counted."""
MAX_ACTIVITIES = 3
"""Scaling activities that are shown, the newest."""
SHOWN_REVISIONS = 2
"""Deployments whose changes are read: the present one, and the one before."""
_TARGET_SIGNS = {
    "healthy": Sign.FINE, "initial": Sign.MOVING, "unhealthy": Sign.BAD,
    "unhealthy.draining": Sign.BAD, "draining": Sign.MOVING, "unavailable": Sign.WARNING,
}  # fmt: skip


def overview_lookups(inventory: Inventory, service: Service) -> list[Lookup]:
    """What the sections need besides the service, its tasks and its deployments."""
    cluster = short_name(service.cluster_arn)
    newest = history(inventory, cluster, service.name)[:SHOWN_REVISIONS]
    described = [item for item in newest if item.described]
    return [
        *revisions_lookup(described),
        *definition_lookups(inventory, described),
        *map(target_lookup, service.every_target_group),
        ALARMS,
        SCALABLE_TARGETS,
        activities_lookup(cluster, service.name),
        policies_lookup(cluster, service.name),
    ]


def overview_sections(
    inventory: Inventory, service: Service, tasks: Sequence[Task], now: datetime
) -> Mapping[str, list[Fact]]:
    """Facts by the title of the section in which they are shown.

    Args:
        inventory: The loaded data of the service's account.
        service: The service.
        tasks: Its running tasks, as far as they are loaded.
        now: The time from which ages are counted.
    """
    cluster = short_name(service.cluster_arn)
    return {
        "State": _pause(inventory, cluster, service, now),
        "Deployment": _deployment(inventory, cluster, service, now),
        "Tasks": _zones(service, tasks),
        "Load balancing": _load_balancing(inventory, service, tasks),
        "Alarms": _alarms(inventory, cluster, service, now),
        "Auto scaling": _scaling(inventory, cluster, service, now),
        "Service Connect": _connect(service),
    }


# -- deployment


def _pause(inventory: Inventory, cluster: str, service: Service, now: datetime) -> list[Fact]:
    """That its deployment waits for a person, and what happens at the end."""
    present = in_progress(history(inventory, cluster, service.name))
    hook = present.waiting if present is not None else None
    return [(WAITS, waiting_words(hook, now))] if hook is not None else []


def _deployment(inventory: Inventory, cluster: str, service: Service, now: datetime) -> list[Fact]:
    if not has_service_deployments(service):
        return []
    found = history(inventory, cluster, service.name)
    error = inventory.freshness(history_scope(cluster, service.name)).error
    if not found:
        return [("history", why_unknown(error))] if error is not None else []
    present = in_progress(found)
    if present is None:
        return _last(inventory, found[0], now)
    sign, words = status_words(present)
    facts: list[Fact] = [("service deployment", f"{sign} {words}")]
    facts += [
        ("stages", stage_rail(present)),
        ("to", _revision(inventory, present.target)),
        *(("from", _revision(inventory, each)) for each in present.sources),
        ("failures", breaker_words(present)),
        ("alarms", alarm_words(present)),
        ("rollback", present.rollback.reason if present.rollback is not None else ""),
        ("changes", _changed(inventory, present)),
        ("takes", _span(seconds_taken(present, now))),
    ]
    return facts


def _last(inventory: Inventory, last: ServiceDeployment, now: datetime) -> list[Fact]:
    """The newest deployment, which is over."""
    if not last.status:
        return []
    sign, words = status_words(last)
    took = _span(seconds_taken(last, now))
    said = [
        f"{sign} {words}",
        f"{age_of(last.ended_at, now)} ago" if last.ended_at else "",
        f"took {took}" if took else "",
    ]
    why = "" if last.status == "SUCCESSFUL" else last.status_reason
    if last.rollback is not None and last.rollback.reason:
        why = last.rollback.reason
    return [
        ("last deployment", ", ".join(word for word in said if word)),
        ("why", why),
        ("it changed", _changed(inventory, last)),
    ]


def _changed(inventory: Inventory, deployment: ServiceDeployment) -> str:
    changes = deployment_changes(inventory, deployment)
    return summary(changes) if changes is not None else ""


def _revision(inventory: Inventory, tasks: RevisionTasks | None) -> str:
    if tasks is None:
        return ""
    revision = inventory.known_revision(tasks.arn)
    name = revision.revision if revision is not None else f"revision {short_name(tasks.arn)}"
    return f"{name}: {traffic_words(tasks)}"


def _span(seconds: float | None) -> str:
    return "" if seconds is None else span(seconds)


# -- tasks


def _zones(service: Service, tasks: Sequence[Task]) -> list[Fact]:
    """How the tasks are spread over availability zones, and whether ECS keeps them so."""
    counts = Counter(task.zone for task in tasks if task.zone and task.last_status == "RUNNING")
    words = ", ".join(f"{count} in {zone}" for zone, count in sorted(counts.items()))
    if counts and max(counts.values()) - min(counts.values()) > 1:
        words += " (uneven)"
    return [("zones", words), ("zone rebalancing", _on(service.zone_rebalancing))]


def _on(value: str) -> str:
    return {"ENABLED": "on", "DISABLED": "off"}.get(value, value.lower())


# -- load balancing


def _load_balancing(inventory: Inventory, service: Service, tasks: Sequence[Task]) -> list[Fact]:
    facts: list[Fact] = []
    to = {arn: f"{each.container}:{each.port}" for each in service.load_balancers
          for arn in each.target_groups if each.container}  # fmt: skip
    for arn in service.every_target_group:
        answer = known(inventory.lookups.answer(target_lookup(arn)))
        name = f"{target_group_name(arn)}:"
        if answer.value is None:
            words = f"{name} {to.get(arn, '')} {answer.words}"
            facts.append(("target group", " ".join(words.split())))
            continue
        healthy = sum(target.healthy for target in answer.value)
        words = f"{name} {healthy} of {len(answer.value)} healthy"
        facts.append(("target group", f"{words}, {to[arn]}" if arn in to else words))
        shown = sorted(answer.value, key=_worst_first)
        for why, targets in groupby(shown[:MAX_TARGETS], key=lambda target: target.why):
            facts += [_target(target, tasks) for target in targets]
            facts.append(("  why", why))
        if len(shown) > MAX_TARGETS:
            facts.append(("", f"{len(shown) - MAX_TARGETS} more targets"))
    facts += [("load balancer", each.name) for each in service.load_balancers if each.name]
    if service.grace_seconds and facts:
        facts.append(("grace period", span(service.grace_seconds)))
    return facts


def _worst_first(target: TargetHealth) -> tuple[bool, bool, str, str]:
    """Those that fail for the same reason stand together: it is said once."""
    return target.healthy, not target.failing, target.why, target.id


def _target(target: TargetHealth, tasks: Sequence[Task]) -> Fact:
    """A target, with the task behind it."""
    sign = _TARGET_SIGNS.get(target.state, Sign.OFF)
    port = f":{target.port}" if target.port is not None else ""
    behind = next((task.id[:12] for task in tasks if targets_at([target], [task.address])), "")
    words = [f"{sign} {target.state}", f"task {behind}" if behind else ""]
    return f"  {target.id}{port}", "  ".join(word for word in words if word)


# -- alarms


def _alarms(inventory: Inventory, cluster: str, service: Service, now: datetime) -> list[Fact]:
    found = alarms_of(inventory, cluster, service)
    if found.value is None:
        # Alarms of other accounts and regions are never asked for: without any, nothing is said.
        return [("alarms", found.words)] if found.error is not None else []
    signs = {"ALARM": Sign.BAD, "OK": Sign.FINE}
    facts: list[Fact] = []
    for alarm in found.value:
        since = f" for {age_of(alarm.since, now)}" if alarm.since is not None else ""
        words = f"{signs.get(alarm.state, Sign.OFF)} {alarm.state}{since}"
        facts.append((alarm.name, f"{words}  {alarm.reason}" if alarm.in_alarm else words))
    return facts


# -- auto scaling


def _scaling(inventory: Inventory, cluster: str, service: Service, now: datetime) -> list[Fact]:
    found = scaling_of(inventory, cluster, service.name)
    if found.value is None:
        return [("auto scaling", found.words)] if found.error is not None else []
    target = found.value.target
    if target is None:
        return []
    words = f"{target.least} to {target.most} tasks"
    if service.desired >= target.most:
        words += f", {Sign.WARNING} at its maximum"
    elif service.desired <= target.least:
        words += ", at its minimum"
    facts: list[Fact] = [("limits", words), ("suspended", "yes" if target.suspended else "")]
    policies = known(inventory.lookups.answer(policies_lookup(cluster, service.name)))
    for policy in policies.value or ():
        keeps = f"keeps {policy.metric} at {policy.target:g}" if policy.target is not None else ""
        facts.append((f"policy {policy.name}", keeps or ", ".join(policy.steps) or policy.kind))
    if policies.error is not None and policies.value is None:
        facts.append(("policies", policies.words))
    activities = known(inventory.lookups.answer(activities_lookup(cluster, service.name)))
    if activities.value is None:
        return [*facts, ("activities", activities.words if activities.error is not None else "")]
    shown = activities.value[:MAX_ACTIVITIES]
    return [*facts, *(("activity", _activity(each, now)) for each in shown)]


def _activity(activity: ScalingActivity, now: datetime) -> str:
    reasons = ", ".join(reason.code for reason in activity.not_scaled)
    status = f"{Sign.BAD} {activity.status}" if activity.failed else activity.status
    words = [
        f"{age_of(activity.started_at, now)} ago" if activity.started_at is not None else "",
        status,
        activity.description,
        reasons,
        activity.message if activity.failed else "",
    ]
    return "  ".join(word for word in words if word)


# -- Service Connect


def _connect(service: Service) -> list[Fact]:
    connect = service.connect
    if connect is None or not connect.enabled:
        return []
    facts: list[Fact] = [("namespace", short_name(connect.namespace))]
    for each in connect.services:
        aliases = [f"{alias.dns_name or each.discovery_name or each.port_name}:{alias.port}"
                   for alias in each.aliases]  # fmt: skip
        facts.append((f"port {each.port_name}", " ".join(aliases) or each.discovery_name))
    return facts
