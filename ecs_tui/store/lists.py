"""The lists, made from memberships and objects; feeds and series; listeners for changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ecs_tui.model.task import Task
from ecs_tui.store.feed import EntryFeed
from ecs_tui.store.membership import Memberships
from ecs_tui.store.names import ended
from ecs_tui.store.objects import Objects
from ecs_tui.store.scope import Changed, Freshness, Listener, calls
from ecs_tui.store.series import Series
from ecs_tui.store.source import ItemT, Scope, Within

T = TypeVar("T")
MAX_FEEDS = 32
"""Maximum feeds; those that were not read for the longest time are dropped first."""


class Lists:
    """Objects and memberships, and the lists that they make; feeds, and series of numbers.

    A list contains what its List call returned, in that order. Two exceptions: the stopped tasks
    of a service are those that either of two List calls returns, and a task with desired status
    STOPPED that has not stopped yet is in the list of running tasks.

    `changes` counts all changes.
    """

    def __init__(self) -> None:
        self._objects = Objects()
        self._members = Memberships()
        self._freshness: dict[Scope, Freshness] = {}
        self._listeners: list[Listener] = []
        self._memory: dict[Hashable, tuple[tuple[object, ...], Any]] = {}
        self._held: dict[str, frozenset[str]] = {}
        self._services_listed: defaultdict[Within, set[str]] = defaultdict(set)
        self._feeds: dict[Scope, EntryFeed[Any]] = {}
        self._series: dict[tuple[Within, str], dict[str, Series]] = {}
        self.changes = 0

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` on each change; returns a function that stops it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _publish(self, scope: Scope, keys: Iterable[str] = ()) -> None:
        changed = Changed(scope, frozenset(keys))
        self.changes += bool(changed.keys)
        for listener in list(self._listeners):
            listener(changed)

    def freshness(self, scope: Scope) -> Freshness:
        """The freshness of the scope's data."""
        found = self._freshness.get(scope)
        if found is None:
            found = self._freshness[scope] = Freshness()
        return found

    def derived(self, name: Hashable, basis: tuple[object, ...], make: Callable[[], T]) -> T:
        """The result of `make`, cached while `basis` is the same."""
        known = self._memory.get(name)
        if known is None or known[0] != basis:
            known = self._memory[name] = (basis, make())
        value: T = known[1]
        return value

    # -- lists

    def of(self, scope: Scope[ItemT]) -> list[ItemT]:
        """The objects in a list, in AWS's order; the entries of a feed, the newest first."""
        if scope.kind.at is not None:
            feed = self.feed(scope)
            return list(self.derived(scope, (feed.version,), feed.newest_first))
        basis = (self._objects.version(scope.within), self.freshness(scope).asked_at is None)
        return list(self.derived(scope, basis, lambda: self._make(scope)))

    def _make(self, scope: Scope[ItemT]) -> list[ItemT]:
        items = self._objects.pools[scope.within].items
        own = [items[key] for key in self._members.of(scope)]
        if not scope.kind.by_status:
            return own
        found = dict.fromkeys(self._members.of(scope))
        if scope.stopped:
            group = f"service:{scope.service}" if scope.service else ""
            stands = {
                item.arn: item
                for item in own
                if not still_running(item) and (not group or item.group in ("", group))
            }
            stands |= {
                item.arn: item
                for item in self._others(scope)
                if not still_running(item) and item.group == group and item.arn not in stands
            }
            return list(stands.values())
        if scope.service and self.freshness(scope).asked_at is None:
            # Until this list's own call has answered, use the cluster's list.
            of_service = self._objects.of_service(scope.cluster, scope.service)
            whole = self._members.of(replace(scope, service=""))
            own += [t for key, t in of_service.items() if key in whole and key not in found]
            found |= dict.fromkeys(item.arn for item in own)
        for item in self._others(scope):
            if item.arn not in found and still_running(item) and self._belongs(item, scope):
                found[item.arn] = None
                own.append(item)
        return own

    def _others(self, scope: Scope) -> Iterator[Task]:
        """What the other List calls that count for a list of tasks returned."""
        items = self._objects.pools[scope.within].items
        for call in calls(scope)[1:]:
            for key in self._members.of(call):
                yield items[key]

    @staticmethod
    def _belongs(item: Task, scope: Scope) -> bool:
        return not scope.service or item.service == scope.service

    def is_empty(self, scope: Scope) -> bool:
        """Whether AWS has answered, since the list was opened, that it is empty."""
        if self.of(scope) or not all(self.freshness(call).answered for call in calls(scope)):
            return False
        return not any(
            key in self._objects.pools[scope.within].waiting
            for call in calls(scope)[1:]
            for key in self._members.of(call)
        )

    def count(self, scope: Scope) -> int:
        """The approximate length of a list, without going through it."""
        if scope.kind.at is not None:
            return len(self.feed(scope))
        return len(self._members.of(scope))

    @property
    def size(self) -> int:
        """The number of loaded objects."""
        return sum(len(pool.items) for pool in self._objects.pools.values())

    # -- feeds and series

    def feed(self, scope: Scope[ItemT]) -> EntryFeed[ItemT]:
        """The feed of a scope; a new one if it was never read, or not for a long time."""
        feed = self._feeds.pop(scope, None)
        if feed is None:
            assert scope.kind.at is not None, f"{scope.kind} is not a feed"
            feed = EntryFeed(scope.kind.key, scope.kind.at)
        while len(self._feeds) >= MAX_FEEDS:
            oldest = next(iter(self._feeds))
            del self._feeds[oldest]
            self._memory.pop(oldest, None)
        self._feeds[scope] = feed
        return feed

    def series(self, scope: Scope, key: str, name: str) -> Series | None:
        """The values of a number of an object (`Source.measures`), None before the first."""
        return self._series.get((scope.within, key), {}).get(name)

    def _measure(self, scope: Scope, key: str, item: object, at: float) -> None:
        for name, value in scope.kind.measures(item).items():
            kept = self._series.setdefault((scope.within, key), {})
            kept.setdefault(name, Series()).add(at, value)

    # -- tasks, from all lists

    def known(self, scope: Scope[ItemT]) -> list[ItemT]:
        """The objects of a list as far as they are loaded.

        Of tasks, the running ones: those of the cluster's list, or all loaded ones if it is not
        listed. Of all other kinds, the list.
        """
        if not scope.kind.by_status:
            return self.of(scope)

        def make() -> list[ItemT]:
            items = self._objects.pools[scope.within].items
            if self.freshness(scope).asked_at is None:
                return [item for item in items.values() if not item.stopping and not item.gone]
            found = (items[key] for key in self._members.of(scope))
            return [item for item in found if not item.stopping and not item.gone]

        return list(self.derived(("known", scope), (self.version(scope),), make))

    def version(self, scope: Scope) -> int:
        """A number that changes with every change of an object of a cluster, or of a service's."""
        return self._objects.version(scope.within, scope.service)

    def row(self, scope: Scope, key: str, basis: tuple[object, ...], make: Callable[[], T]) -> T:
        """The row of an object: the same until `basis` changes, forgotten with the object."""
        return self.derived((scope.within, key), basis, make)

    def _newest(self, scope: Scope, service: str) -> Scope:
        """Of the running tasks of a service, or of its whole cluster, the newer list."""
        own = replace(scope, service=service, stopped=False)
        whole = replace(own, service="")
        asked = self.freshness(own).asked_at
        newer = asked is not None and asked > (self.freshness(whole).asked_at or 0.0)
        return own if newer else whole

    def _answered(self, scope: Scope, asked_at: float) -> None:
        """A List call that started then is complete: it may be the newest now."""
        services: Iterable[str] = ()
        if scope.kind.by_status and not scope.stopped:
            listed = self._services_listed[scope.within]
            if scope.service:
                listed.add(scope.service)
            services = (scope.service,) if scope.service else tuple(listed)
        before = {service: self._newest(scope, service) for service in services}
        self.freshness(scope).asked_at = asked_at
        for service, newest in before.items():
            if self._newest(scope, service) != newest:
                self._objects.touch(scope.within, service)

    def _touch_members(self, scope: Scope, keys: Iterable[str]) -> None:
        """Count a change of a list's keys."""
        items = self._objects.pools[scope.within].items
        for key in keys:
            self._objects.touch(scope.within, getattr(items.get(key), "service", ""))
            self._objects.touch(scope.within, scope.service)

    def not_ended(self, scope: Scope) -> list[str]:
        """Those of a list of stopped tasks that have not stopped yet."""
        items = self._objects.pools[scope.within].items

        def make() -> list[str]:
            return [key for key in self._members.of(scope) if still_running(items[key])]

        basis = (self._objects.version(scope.within),)
        return list(self.derived(("not ended", scope), basis, make))

    # -- removing

    def hold(self, who: str, arns: Iterable[str]) -> None:
        """Keep these tasks even if no list contains them: a shell is open in them, or a page shows them."""
        old, self._held[who] = self._held.get(who, frozenset()), frozenset(arns)
        for arn in old - self._held[who]:
            within = self._objects.within_of(arn)
            if within is None or self._members.named(within, arn):
                continue
            if not self._holds(Scope(*within), arn):
                self._objects.remove(within, arn)

    def _holds(self, scope: Scope, key: str) -> bool:
        return scope.kind.by_status and any(key in held for held in self._held.values())

    def _dropped(self, scope: Scope, keys: Sequence[str], moved: bool) -> None:
        """A list no longer contains these; remove those that no list contains."""
        self._touch_members(scope, keys)
        if moved:
            self._objects.touch(scope.within)
        gone = [
            key
            for key in keys
            if not self._members.named(scope.within, key) and not self._holds(scope, key)
        ]
        self._forget(scope, gone)
        if keys or moved:
            self._publish(scope, keys)

    def _forget(self, scope: Scope, keys: Iterable[str]) -> None:
        for key in keys:
            self._objects.remove(scope.within, key)
            self._memory.pop((scope.within, key), None)
            self._series.pop((scope.within, key), None)


def still_running(task: Task) -> bool:
    """Whether a task that is stopping has not stopped yet."""
    return task.described and not task.gone and not ended(task)
