"""Kinds of objects, and scopes: how the objects of a list are listed, described and keyed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic

from ecs_tui.aws.account import Account
from ecs_tui.record import dataclass

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    ItemT = TypeVar("ItemT", default=Any)
else:
    from typing import TypeVar

    ItemT = TypeVar("ItemT")
"""The class of the objects of a kind. Where it is not given (`Scope`, `Source`), it may be any: the
loader and the refresher treat all kinds alike."""

EVERY_CLUSTER = "*"
"""As the cluster of a scope: all clusters of the account. No cluster's name may contain it."""


def _known(scope: Scope, key: str, known: ItemT | None) -> ItemT:
    assert known is not None, f"{scope.kind}: List returns whole objects"
    return known


def _nothing(_: object) -> Mapping[str, float]:
    return {}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Source(Generic[ItemT]):
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
    key: Callable[[ItemT], str] = attrgetter("arn")
    describe: Callable[[Account, str, Sequence[str]], Awaitable[Sequence[ItemT]]] | None = None
    batch: int = 100
    named: Callable[[Scope[ItemT], str, ItemT | None], ItemT] = _known
    in_cluster: bool = True
    by_status: bool = False
    at: Callable[[ItemT], datetime | None] | None = None
    moves: Callable[[ItemT], bool] = lambda item: False
    measures: Callable[[ItemT], Mapping[str, float]] = _nothing
    model: type[ItemT] | None = None
    saved: Callable[[ItemT], ItemT] = lambda item: item

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __str__(self) -> str:
        return self.name


Within = tuple[Source, str]
"""A kind and a cluster: a key is unique within them (`FARGATE` is in many clusters)."""


@dataclass(frozen=True, slots=True)
class Scope(Generic[ItemT]):
    """What a list shows: a kind of object, its cluster and service, running or stopped."""

    kind: Source[ItemT]
    cluster: str = ""
    service: str = ""
    stopped: bool = False

    @property
    def within(self) -> Within:
        """The kind and the cluster, within which a key is unique (old ARNs lack the cluster)."""
        return self.kind, self.cluster
