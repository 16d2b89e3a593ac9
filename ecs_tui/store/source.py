"""Kinds of objects, and scopes: how the objects of a list are listed, described and keyed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecs_tui.aws.account import Account

EVERY_CLUSTER = "*"
"""As the cluster of a scope: all clusters of the account. No cluster's name may contain it."""


def _arn(item: Any) -> str:
    return str(item.arn)


def _nothing(_: Any) -> Mapping[str, float]:
    return {}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Source:
    """A kind of object: where the objects of its lists come from. Two are equal if they are the same.

    Attributes:
        name: Its id, as in snapshots.
        pages: Yields the pages of a List call: keys, or whole objects if there is no `describe`.
            The last argument is the key of the newest known entry of a feed, else "".
        key: The key of an object, unique within its cluster.
        describe: Returns the objects with the given keys in a cluster; at most `batch` keys.
        batch: Maximum objects per Describe call.
        named: The object for a key that a List call returned: the known one, or one with a name only.
        in_cluster: Whether its objects belong to a cluster.
        by_status: Whether its objects are also listed by service and by desired status, as tasks are.
        at: The time of an object. Its lists are then feeds, which only grow.
        moves: Whether an object's state is likely to change soon.
        measures: The values of an object of which series are kept, by name.
        model: The class of its objects if snapshots contain them, else None.
        saved: An object as snapshots contain it.
    """

    name: str
    pages: Callable[[Account, Scope, str], AsyncIterator[list[Any]]]
    key: Callable[[Any], str] = _arn
    describe: Callable[[Account, str, Sequence[str]], Awaitable[Sequence[Any]]] | None = None
    batch: int = 100
    named: Callable[[Scope, str, Any | None], Any] = lambda scope, key, known: known
    in_cluster: bool = True
    by_status: bool = False
    at: Callable[[Any], datetime | None] | None = None
    moves: Callable[[Any], bool] = lambda item: False
    measures: Callable[[Any], Mapping[str, float]] = _nothing
    model: type | None = None
    saved: Callable[[Any], Any] = lambda item: item

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __str__(self) -> str:
        return self.name


Within = tuple[Source, str]
"""A kind and a cluster: a key is unique within them (`FARGATE` is in many clusters)."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a list shows: a kind of object, its cluster and service, running or stopped."""

    kind: Source
    cluster: str = ""
    service: str = ""
    stopped: bool = False

    @property
    def within(self) -> Within:
        """The kind and the cluster, within which a key is unique (old ARNs lack the cluster)."""
        return self.kind, self.cluster
