"""What is known of a thing by its name alone, and whose answer an answer of Describe is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ecs_tui.inventory.scope import Kind, Scope
from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task


def named(scope: Scope, key: str, known: Any | None) -> Any:
    """A thing that a List call has named: as it is known, else with its name only."""
    if scope.kind is Kind.CLUSTER:
        return known or Cluster(key, short_name(key), described=False)
    cluster_arn = _cluster_arn(key, scope.cluster)
    if scope.kind is Kind.SERVICE:
        return known or Service(key, short_name(key), cluster_arn, described=False)
    if scope.kind is Kind.INSTANCE:
        return known or ContainerInstance(key, short_name(key), cluster_arn, described=False)
    # Whose task it is and what it is meant to be show from the start; neither decides where it
    # stands.
    group = f"service:{scope.service}" if scope.service else ""
    desired = "STOPPED" if scope.stopped else "RUNNING"
    if known is None:
        return Task(
            key, short_name(key), cluster_arn, group, desired_status=desired, described=False
        )
    if group and not known.described and not known.group:
        return replace(known, group=group)
    return known


def missing(scope: Scope, key: str, known: Any | None) -> Any:
    """A thing that a List call names and that Describe does not know."""
    return replace(known or named(scope, key, None), gone=True)


def answers(scope: Scope, keys: Sequence[str], found: Sequence[Any]) -> dict[str, Any]:
    """What Describe answered, by the keys that were asked for.

    An answer without its cluster lives in the one that was asked. One under another form of the
    ARN (long and short ones were mixed for years) is found by its name.
    """
    by_key = {item.arn: item for item in found}
    rest = {short_name(item.arn): item for item in found if item.arn not in set(keys)}
    told = {}
    for key in keys:
        item = by_key.get(key) or rest.get(short_name(key))
        if item is None:
            continue
        if item.arn != key:
            item = replace(item, arn=key)
        if scope.kind is not Kind.CLUSTER and not item.cluster_arn:
            item = replace(item, cluster_arn=_cluster_arn(key, scope.cluster))
        told[key] = item
    return told


def ended(item: Any) -> bool:
    """Whether a task is known to have come to its end."""
    return bool(item.last_status == "STOPPED")


def _cluster_arn(arn: str, cluster: str) -> str:
    return f"{arn.rsplit(':', 1)[0]}:cluster/{short_name(cluster)}"
