"""Objects of which only the name is known, and matching Describe answers to keys."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ecs_tui.model.arn import short_name
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.store.source import ItemT, Scope


def named(scope: Scope[ItemT], key: str, known: ItemT | None) -> ItemT:
    """The object for a name that a List call returned: the loaded one, or one with only a name."""
    return scope.kind.named(scope, key, known)


def missing(scope: Scope[ItemT], key: str, known: ItemT | None) -> ItemT:
    """An object that List returns but Describe does not."""
    return _changed(known or named(scope, key, None), gone=True)


def answers(scope: Scope[ItemT], keys: Sequence[str], found: Sequence[ItemT]) -> dict[str, ItemT]:
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
            item = _changed(item, arn=key)
        told[key] = within_cluster(item, scope)
    return told


def within_cluster(item: ItemT, scope: Scope[ItemT]) -> ItemT:
    """`item` with its cluster's ARN: its own ARN in the old format does not contain the cluster."""
    if not scope.kind.in_cluster or getattr(item, "cluster_arn", None) != "":
        return item
    return _changed(item, cluster_arn=cluster_arn(scope.kind.key(item), scope.cluster))


def _changed(item: ItemT, **fields: object) -> ItemT:
    """A copy with other fields: every object of the store is a dataclass, which the types do not say."""
    of_dataclass: Any = item
    made: ItemT = replace(of_dataclass, **fields)
    return made


def newest_service(found: Iterable[Service]) -> Service | None:
    """Of services with the same name, the existing one, else the one deleted last."""

    def rank(item: Service) -> tuple[bool, float]:
        created = item.created_at.timestamp() if item.created_at else 0.0
        return item.status != "INACTIVE", created

    return max(found, key=rank, default=None)


def ended(item: Task) -> bool:
    """Whether a task is known to have stopped."""
    return item.last_status == "STOPPED"


def cluster_arn(arn: str, cluster: str) -> str:
    """The ARN of a cluster (by name or ARN), in the account of an object's ARN."""
    return sys.intern(f"{arn.rsplit(':', 1)[0]}:cluster/{short_name(cluster)}")
