"""The facts about a deployment for its details: a service deployment, an older form of one, a task set."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ecs_tui.model.arn import short_name, target_group_name
from ecs_tui.model.rules.deployment_words import (
    WAITS,
    alarm_words,
    breaker_words,
    hook_words,
    plain_words,
    seconds_taken,
    source_of,
    stage_rail,
    status_words,
    strategy_words,
    traffic_words,
    usual_seconds,
    waiting_words,
)
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.rules.revision_changes import RevisionChange, image_words
from ecs_tui.model.service import Deployment, TaskSet
from ecs_tui.model.service_deployment import RevisionTasks, ServiceDeployment
from ecs_tui.model.service_revision import ServiceRevision
from ecs_tui.model.text import span
from ecs_tui.resources.facts import Fact, when
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup
from ecs_tui.store.service_history import (
    definition_lookups,
    history,
    revision_pair,
    revisions_lookup,
)

VALUES_NOT_COMPARED = "Values of environment variables are never read, so they are not compared."


def deployment_facts(
    item: ServiceDeployment,
    inventory: Inventory,
    now: datetime,
    changes: Sequence[RevisionChange] | None,
) -> list[Fact]:
    """The facts about a service deployment.

    Args:
        item: The deployment.
        inventory: The loaded data of its account.
        now: The time from which ages are counted.
        changes: What it changes (`deployment_changes`).
    """
    sign, words = status_words(item)
    before, after = revision_pair(inventory, item)
    facts: list[Fact] = [
        ("status", f"{sign} {words}" if words else ""),
        ("reason", item.status_reason),
        *_pauses(item, now),
        ("stages", stage_rail(item)),
        ("strategy", strategy_words(item.settings)),
        ("to", _revision(after, item.target)),
        *(("from", _revision(inventory.known_revision(each.arn), each)) for each in item.sources),
        ("circuit breaker", breaker_words(item)),
        ("alarms", alarm_words(item)),
        *_rollback(item, inventory, now),
        *_changes(item, inventory, before, after, changes),
        *_images(after),
        ("started", when(item.started_at or item.created_at, now)),
        ("ended", when(item.ended_at, now)),
        ("took", _took(item, inventory, now)),
        *(("hook", each) for each in (hook_words(item.settings) if item.settings else ())),
        ("service deployment", item.id),
        ("service revision", short_name(item.target.arn) if item.target is not None else ""),
    ]
    return facts


def _pauses(item: ServiceDeployment, now: datetime) -> list[Fact]:
    """The hooks that have begun; one that waits for a person first of all."""
    found: list[Fact] = []
    if (waiting := item.waiting) is not None:
        found.append((WAITS, waiting_words(waiting, now)))
    for hook in item.hooks:
        if hook is waiting:
            continue
        kind = "pause" if hook.target_type == "PAUSE" else f"hook {short_name(hook.target_arn)}"
        found.append((kind.strip(), plain_words(hook.status)))
    return found


def _revision(revision: ServiceRevision | None, tasks: RevisionTasks | None) -> str:
    if tasks is None:
        return ""
    name = revision.revision if revision is not None else f"revision {short_name(tasks.arn)}"
    return f"{name}: {traffic_words(tasks)}"


def _rollback(item: ServiceDeployment, inventory: Inventory, now: datetime) -> list[Fact]:
    rollback = item.rollback
    if rollback is None:
        return []
    revision = inventory.known_revision(rollback.revision_arn)
    to = revision.revision if revision is not None else short_name(rollback.revision_arn)
    return [
        ("rollback", rollback.reason),
        ("rollback to", to),
        ("rollback since", when(rollback.started_at, now)),
    ]


def _changes(
    item: ServiceDeployment,
    inventory: Inventory,
    before: ServiceRevision | None,
    after: ServiceRevision | None,
    changes: Sequence[RevisionChange] | None,
) -> list[Fact]:
    if not item.described:
        return []
    if changes is not None:
        found: list[Fact] = [
            (f"{each.thing} {each.name}", f"{each.before} → {each.after}") for each in changes
        ]
        if not found:
            found = [("changes", f"nothing differs. {VALUES_NOT_COMPARED}")]
        return found
    if not source_of(item):
        return [("changes", "It replaces no revision.")]
    wanted = [*revisions_lookup([item]), *definition_lookups(inventory, [item])]
    if error := _failure(inventory, wanted):
        return [("changes", f"not read: {error}")]
    answered = all(inventory.lookups.answer(each) is not None for each in wanted)
    if answered and (before is None or after is None):
        return [("changes", "not known: AWS no longer has one of the two revisions.")]
    return [("changes", "loading…")]


def _failure(inventory: Inventory, wanted: Sequence[Lookup]) -> str:
    answers = (inventory.lookups.answer(each) for each in wanted)
    return next((str(each.error) for each in answers if each is not None and each.error), "")


def _images(revision: ServiceRevision | None) -> list[Fact]:
    if revision is None:
        return []
    return [
        (f"image of {each.container}", image_words(each.image, each.digest))
        for each in revision.images
    ]


def _took(item: ServiceDeployment, inventory: Inventory, now: datetime) -> str:
    seconds = seconds_taken(item, now)
    if seconds is None:
        return ""
    cluster = short_name(item.cluster_arn)
    usual = usual_seconds(history(inventory, cluster, item.service), now)
    words = span(seconds) if item.over else f"{span(seconds)} so far"
    return f"{words}; usually {span(usual)}" if usual is not None else words


def listed_facts(item: Deployment | TaskSet, sign: Sign, state: str, now: datetime) -> list[Fact]:
    """The facts about a deployment as DescribeServices returns it, or about a task set."""
    of_service = isinstance(item, Deployment)
    facts: list[Fact] = [
        ("deployment" if of_service else "task set", item.id),
        ("status", plain_words(item.status)),
        ("state", f"{sign} {state}" if state else ""),
        (
            "reason",
            item.rollout_reason
            if isinstance(item, Deployment)
            else f"{item.scale:g}% of the service",
        ),
        ("task definition", short_name(item.task_definition)),
        ("tasks", f"{item.running} running, {item.pending} pending, {item.desired} desired"),
        ("failed tasks", (item.failed or "") if isinstance(item, Deployment) else ""),
        ("started", when(item.created_at, now)),
    ]
    if isinstance(item, Deployment):
        return [*facts, ("changed", when(item.updated_at, now))]
    return [
        *facts,
        ("stable since", when(item.stable_at, now)),
        ("launch type", item.launch_type),
        ("external id", item.external_id),
        ("started by", item.started_by),
        *(("target group", target_group_name(arn)) for arn in item.target_groups),
    ]
