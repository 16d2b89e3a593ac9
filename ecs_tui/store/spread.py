"""One list over all clusters of an account: which call is next, so that few are made at a time.

Each cluster has a List call of its own, and its objects have Describe calls. All clusters are listed in
turn; after that a fixed number of clusters and objects per interval is refreshed, however many there
are. What is on the screen comes first.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from ecs_tui.model.arn import cluster_name, short_name
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.source import EVERY_CLUSTER, Scope, Source

MAX_LISTS = 3
"""Maximum List calls in flight: the rest of the refresher's room describes what was listed."""
CLUSTERS_PER_INTERVAL = 10
"""Clusters that are listed again in one interval: 100 clusters take ten intervals."""
OBJECTS_PER_INTERVAL = 200
"""Objects off the screen that are described again in one interval: 20 calls for services."""
SCAN_SECONDS = 1.0
"""Seconds between two searches for old objects off the screen: they go through all objects."""
MOVING_SECONDS = 3.0
"""Seconds between refreshes of visible objects with a deployment or a task state in progress."""
MAX_PAUSE_SECONDS = 60.0
"""Maximum seconds between two attempts for a list or a cluster that fails."""
SLOW_FACTOR = 6.0
"""Factor on all intervals where another list shows only sums: a minute, as for clusters' own counts."""


class Spread:
    """What is due of the objects of one kind in all clusters.

    Args:
        inventory: Where the data is stored; it also knows the clusters.
        kind: The kind of the objects.
        every: Seconds between refreshes of visible objects.
        slow: Whether another list shows only sums of its objects.
    """

    def __init__(
        self, inventory: Inventory, kind: Source, every: float, *, slow: bool = False
    ) -> None:
        self._inventory, self._kind, self.slow = inventory, kind, slow
        self._every = every * SLOW_FACTOR if slow else every
        self._listing: set[Scope] = set()
        self._failures: dict[Scope, int] = {}
        self._not_before: dict[Scope, float] = {}
        self._scanned_at = 0.0

    def scopes(self) -> list[Scope]:
        """The lists of all clusters that exist; where only sums are shown, of those with services."""
        found = self._inventory.in_every_cluster(self._kind)
        if not self.slow:
            return found
        empty = {
            each.name
            for each in self._inventory.clusters
            if each.described and not each.active_services
        }
        return [scope for scope in found if scope.cluster not in empty]

    def lists_due(
        self, now: float, since: float, idle_factor: float, seen: Sequence[str] = ()
    ) -> list[Scope]:
        """The clusters to list, those that were never listed first.

        Args:
            now: Monotonic seconds.
            since: Lists older than this are due.
            idle_factor: The factor on all intervals while the operator is idle.
            seen: The ARNs of the clusters on the screen: they come before others of the same age.
        """
        scopes = self.scopes()
        turns = max(1.0, len(scopes) / CLUSTERS_PER_INTERVAL)
        pause = self._every * idle_factor * turns
        names = {short_name(arn) for arn in seen}
        found: list[tuple[float, bool, Scope]] = []
        for scope in scopes:
            at = self._inventory.freshness(scope).listed_at
            if scope in self._listing or now < self._not_before.get(scope, 0.0):
                continue
            if at is None or at < since or now - at > pause:
                age = at if at is not None else -1.0
                found.append((age, scope.cluster not in names, scope))
        found.sort(key=lambda each: each[:2])
        return [scope for _, _, scope in found[: max(0, MAX_LISTS - len(self._listing))]]

    def batches_due(
        self, seen: Sequence[str], now: float, since: float, idle_factor: float
    ) -> list[tuple[Scope, list[str]]]:
        """The keys to describe, each batch of one cluster, the most urgent first.

        Args:
            seen: The keys of the visible objects.
            now, since, idle_factor: As of `lists_due`.
        """
        inventory = self._inventory
        pause = self._every * idle_factor
        visible: dict[Scope, list[str]] = {}
        for key in seen:
            for scope in self._of(key):
                if self._is_due(scope, key, now, since, pause, MOVING_SECONDS):
                    visible.setdefault(scope, []).append(key)
        found = self._batches(visible.items())
        found += self._batches(
            (
                scope,
                [key for key in inventory.to_describe(scope) if key not in visible.get(scope, ())],
            )
            for scope in self.scopes()
            if now >= self._not_before.get(scope, 0.0)
        )
        if found or now - self._scanned_at < SCAN_SECONDS:
            return found
        self._scanned_at = now
        scopes = self.scopes()
        total = sum(inventory.count(scope) for scope in scopes)
        longer = pause * max(1.0, total / OBJECTS_PER_INTERVAL)
        return self._batches(
            (scope, [key for key in self._keys(scope)
                     if self._is_due(scope, key, now, since, longer, pause)])
            for scope in scopes
        )  # fmt: skip

    def lists(self, scope: Scope, under_way: bool) -> None:
        """A cluster's List call starts, or is over."""
        (self._listing.add if under_way else self._listing.discard)(scope)

    def ended(self, scope: Scope, now: float, *, failed: bool) -> None:
        """A call for a cluster is over; after a failure the next one waits, each time longer."""
        if not failed:
            self._failures.pop(scope, None)
            self._not_before.pop(scope, None)
            return
        count = self._failures[scope] = self._failures.get(scope, 0) + 1
        longest = max(MAX_PAUSE_SECONDS, self._every * len(self.scopes()) / CLUSTERS_PER_INTERVAL)
        pause = min(longest if self.slow else MAX_PAUSE_SECONDS, self._every * 2 ** (count - 1))
        self._not_before[scope] = now + pause * random.uniform(0.8, 1.2)

    def summarize(self) -> None:
        """Set the freshness of the list over all clusters: that of its oldest part.

        Clusters that cannot be read do not count: the list has a row for each of them.
        """
        whole = self._inventory.freshness(Scope(self._kind, EVERY_CLUSTER))
        every = [self._inventory.freshness(scope) for scope in self.scopes()]
        answered = [fresh for fresh in every if fresh.error is None]
        whole.list_error = every[0].error if every and not answered else None
        listed = [fresh.listed_at for fresh in answered]
        fetched = [fresh.fetched_at for fresh in answered]
        asked = [fresh.asked_at for fresh in answered]
        whole.listed_at = min((at for at in listed if at is not None), default=None)
        whole.fetched_at = min((at for at in fetched if at is not None), default=None)
        whole.asked_at = min((at for at in asked if at is not None), default=None)
        if None in listed:
            whole.listed_at = whole.asked_at = None

    def _of(self, key: str) -> list[Scope]:
        """The lists that contain a key; ARNs in the old format do not tell their cluster."""
        name = cluster_name(key)
        scopes = [Scope(self._kind, name)] if name else self.scopes()
        return [scope for scope in scopes if self._inventory.get(scope, key) is not None]

    def _keys(self, scope: Scope) -> list[str]:
        return [self._kind.key(item) for item in self._inventory.of(scope)]

    def _is_due(
        self, scope: Scope, key: str, now: float, since: float, pause: float, moving: float
    ) -> bool:
        if now < self._not_before.get(scope, 0.0) or self._inventory.in_flight(scope, key):
            return False
        at = self._inventory.described_at(scope, key)
        if not at or at < since:
            return True
        item = self._inventory.get(scope, key)
        if item is not None and self._kind.moves(item):
            pause = min(pause, moving)
        return now - at > pause

    def _batches(
        self, keys: Iterable[tuple[Scope, Sequence[str]]]
    ) -> list[tuple[Scope, list[str]]]:
        size = self._kind.batch
        return [
            (scope, list(of_scope[start : start + size]))
            for scope, of_scope in keys
            for start in range(0, len(of_scope), size)
        ]
