"""Objects of which only the name is known, and matching Describe answers to keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ecs_tui.model.arn import short_name
from ecs_tui.model.service import Service
from ecs_tui.store.source import Scope


def named(scope: Scope, key: str, known: Any | None) -> Any:
    """The object for a name that a List call returned: the loaded one, or one with only a name."""
    return scope.kind.named(scope, key, known)


def missing(scope: Scope, key: str, known: Any | None) -> Any:
    """An object that List returns but Describe does not."""
    return replace(known or named(scope, key, None), gone=True)


def answers(scope: Scope, keys: Sequence[str], found: Sequence[Any]) -> dict[str, Any]:
    """The objects of a Describe answer by the requested keys.

    An object without a cluster belongs to the requested one. If its ARN has another format than
    the requested one (long and short ones coexisted for years), it is matched by name.
    """
    key_of = scope.kind.key
    by_key = {key_of(item): item for item in found}
    rest = {short_name(key): item for key, item in by_key.items() if key not in set(keys)}
    told = {}
    for key in keys:
        item = by_key.get(key) or rest.get(short_name(key))
        if item is None:
            continue
        if key_of(item) != key:
            item = replace(item, arn=key)
        told[key] = within_cluster(item, scope)
    return told


def within_cluster(item: Any, scope: Scope) -> Any:
    """`item` with its cluster's ARN: its own ARN in the old format does not contain the cluster."""
    if not scope.kind.in_cluster or getattr(item, "cluster_arn", None) != "":
        return item
    return replace(item, cluster_arn=cluster_arn(scope.kind.key(item), scope.cluster))


def newest_service(found: Iterable[Service]) -> Service | None:
    """Of services with the same name, the existing one, else the one deleted last."""

    def rank(item: Service) -> tuple[bool, float]:
        created = item.created_at.timestamp() if item.created_at else 0.0
        return item.status != "INACTIVE", created

    return max(found, key=rank, default=None)


def ended(item: Any) -> bool:
    """Whether a task is known to have stopped."""
    return bool(item.last_status == "STOPPED")


def cluster_arn(arn: str, cluster: str) -> str:
    """The ARN of a cluster (by name or ARN), in the account of an object's ARN."""
    return f"{arn.rsplit(':', 1)[0]}:cluster/{short_name(cluster)}"
