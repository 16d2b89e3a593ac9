"""Objects of which only the name is known, and matching Describe answers to keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.store.scope import Kind, Scope


def named(scope: Scope, key: str, known: Any | None) -> Any:
    """The object for a name that a List call returned: the loaded one, or one with only a name."""
    if scope.kind is Kind.CLUSTER:
        return known or Cluster(key, short_name(key), described=False)
    cluster_arn = _cluster_arn(key, scope.cluster)
    if scope.kind is Kind.SERVICE:
        return known or Service(key, short_name(key), cluster_arn, described=False)
    if scope.kind is Kind.INSTANCE:
        return known or ContainerInstance(key, short_name(key), cluster_arn, described=False)
    # Service and desired status are shown from the start; neither decides in which list it
    # is.
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
    """An object that List returns but Describe does not."""
    return replace(known or named(scope, key, None), gone=True)


def answers(scope: Scope, keys: Sequence[str], found: Sequence[Any]) -> dict[str, Any]:
    """The objects of a Describe answer by the requested keys.

    An object without a cluster belongs to the requested one. If its ARN has another format than
    the requested one (long and short ones coexisted for years), it is matched by name.
    """
    if scope.kind is Kind.SERVICE:
        found = _without_predecessors(found)
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


def _without_predecessors(found: Sequence[Service]) -> list[Service]:
    """Of services with the same name, the existing one: a deleted one is returned for a while.

    Both have the same ARN.
    """
    by_arn: dict[str, list[Service]] = {}
    for item in found:
        by_arn.setdefault(item.arn, []).append(item)
    return [newest for each in by_arn.values() if (newest := newest_service(each)) is not None]


def newest_service(found: Iterable[Service]) -> Service | None:
    """Of services with the same name, the existing one, else the one deleted last."""

    def rank(item: Service) -> tuple[bool, float]:
        created = item.created_at.timestamp() if item.created_at else 0.0
        return item.status != "INACTIVE", created

    return max(found, key=rank, default=None)


def ended(item: Any) -> bool:
    """Whether a task is known to have stopped."""
    return bool(item.last_status == "STOPPED")


def _cluster_arn(arn: str, cluster: str) -> str:
    return f"{arn.rsplit(':', 1)[0]}:cluster/{short_name(cluster)}"
