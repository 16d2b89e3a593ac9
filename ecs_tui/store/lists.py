"""The lists, made from memberships and objects; restoring snapshots; listeners for changes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from ecs_tui.model.task import Task
from ecs_tui.store.membership import Memberships
from ecs_tui.store.names import ended
from ecs_tui.store.objects import Objects
from ecs_tui.store.scope import Changed, Freshness, Kind, Listener, Scope, calls
from ecs_tui.store.snapshot import Part, SnapshotCache, portions

T = TypeVar("T")


class Lists:
    """Objects and memberships, and the lists that they make.

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
        self._memory: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self._held: dict[str, frozenset[str]] = {}
        self._from_snapshot: set[tuple[tuple[Kind, str], str]] = set()
        self._services_listed: defaultdict[str, set[str]] = defaultdict(set)
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

    def derived(self, name: Hashable, basis: tuple[Any, ...], make: Callable[[], T]) -> T:
        """The result of `make`, cached while `basis` is the same."""
        known = self._memory.get(name)
        if known is None or known[0] != basis:
            known = self._memory[name] = (basis, make())
        value: T = known[1]
        return value

    # -- lists

    def of(self, scope: Scope) -> list[Any]:
        """The objects in a list, in AWS's order."""
        basis = (self._objects.version(scope.within), self.freshness(scope).asked_at is None)
        return list(self.derived(scope, basis, lambda: self._make(scope)))

    def _make(self, scope: Scope) -> list[Any]:
        items = self._objects.pools[scope.within].items
        own = [items[key] for key in self._members.of(scope)]
        if scope.kind is not Kind.TASK:
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
            whole = self._members.of(Scope(Kind.TASK, scope.cluster))
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
        return len(self._members.of(scope))

    @property
    def size(self) -> int:
        """The number of loaded objects."""
        return sum(len(pool.items) for pool in self._objects.pools.values())

    # -- tasks, from all lists

    def known_tasks(self, cluster: str) -> list[Task]:
        """The running tasks of a cluster: those of its list, or all loaded ones if it is not listed."""
        whole = Scope(Kind.TASK, cluster)

        def make() -> list[Task]:
            items = self._objects.pools[whole.within].items
            if self.freshness(whole).asked_at is None:
                return [item for item in items.values() if not item.stopping and not item.gone]
            found = (items[key] for key in self._members.of(whole))
            return [item for item in found if not item.stopping and not item.gone]

        name = ("known tasks", cluster)
        return list(self.derived(name, (self.tasks_version(cluster),), make))

    def service_tasks(self, cluster: str, service: str) -> list[Task]:
        """The running tasks that a service started ("": standalone tasks).

        Decided by their group, among the newer of the service's and the cluster's list. Used for
        the service's row and for names, not for its list.
        """

        def make() -> list[Task]:
            found = self._objects.of_service(cluster, service)
            named = self._members.of(self._newest(cluster, service))
            known = self.freshness(Scope(Kind.TASK, cluster)).asked_at is not None
            return [
                item
                for key, item in found.items()
                if (key in named or not known) and not item.stopping and not item.gone
            ]

        name, basis = ("tasks of", cluster, service), self.tasks_version(cluster, service)
        return list(self.derived(name, (basis,), make))

    def _newest(self, cluster: str, service: str) -> Scope:
        own, whole = Scope(Kind.TASK, cluster, service), Scope(Kind.TASK, cluster)
        asked = self.freshness(own).asked_at
        newer = asked is not None and asked > (self.freshness(whole).asked_at or 0.0)
        return own if newer else whole

    def _answered(self, scope: Scope, asked_at: float) -> None:
        """A List call that started then is complete: it may be the newest now."""
        services: Iterable[str] = ()
        if scope.kind is Kind.TASK and not scope.stopped:
            listed = self._services_listed[scope.cluster]
            if scope.service:
                listed.add(scope.service)
            services = (scope.service,) if scope.service else tuple(listed)
        before = {service: self._newest(scope.cluster, service) for service in services}
        self.freshness(scope).asked_at = asked_at
        for service, newest in before.items():
            if self._newest(scope.cluster, service) != newest:
                self._objects.touch(scope.within, service)

    def tasks_version(self, cluster: str, service: str = "") -> int:
        """A number that changes with every change of a task of the cluster or service."""
        return self._objects.version((Kind.TASK, cluster), service)

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
            cluster = self._objects.cluster_of(arn)
            within = (Kind.TASK, cluster or "")
            scope = Scope(*within)
            if not self._members.named(within, arn) and not self._holds(scope, arn):
                self._objects.remove(within, arn)

    def _holds(self, scope: Scope, arn: str) -> bool:
        return scope.kind is Kind.TASK and any(arn in held for held in self._held.values())

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
            self._memory.pop(key, None)

    # -- snapshots

    def restore(self, cache: SnapshotCache) -> None:
        """Show the last snapshot of the cluster list, if nothing is loaded yet.

        Raises:
            DamagedSnapshot: The file is ignored.
        """
        read = cache.read("")
        if read is not None:
            saved_at, parts = read
            self._mark_saved(saved_at, Scope(Kind.CLUSTER))
            for part in list(parts):
                self._merge_snapshot("", part)

    async def restore_cluster(self, cache: SnapshotCache, cluster: str) -> None:
        """Show the last snapshot of a cluster, in portions, if nothing is loaded yet.

        Raises:
            DamagedSnapshot: The whole file is ignored.
        """
        read = cache.read(cluster)
        if read is None:
            return
        saved_at, parts = read
        found = await portions(parts)
        self._mark_saved(saved_at, Scope(Kind.SERVICE, cluster), Scope(Kind.TASK, cluster))
        for part in found:
            self._merge_snapshot(cluster, part)
            await asyncio.sleep(0)

    def _mark_saved(self, saved_at: float, *scopes: Scope) -> None:
        for scope in scopes:
            if self.freshness(scope).fetched_at is None:
                self.freshness(scope).saved_at = saved_at

    def _merge_snapshot(self, cluster: str, part: Part) -> None:
        rows: tuple[tuple[Kind, Sequence[Any]], ...] = (
            (Kind.CLUSTER, part.clusters),
            (Kind.SERVICE, part.services),
            (Kind.TASK, part.tasks),
        )
        for kind, items in rows:
            scope = Scope(kind, cluster)
            known = self._objects.pools[scope.within].items
            # A list that AWS has answered meanwhile is newer than the snapshot.
            listed = self.freshness(scope).listed_at is not None
            taken = []
            for item in items:
                old = known.get(item.arn)
                if old is None and listed:
                    continue
                if old is None or (item.described and not old.described):
                    self._from_snapshot.add((scope.within, item.arn))
                    self._objects.keep(scope.within, item.arn, item)
                    taken.append(item.arn)
            if not listed:
                taken += self._members.add(scope, [item.arn for item in items])
            self._touch_members(scope, taken)
            if taken:
                self._publish(scope, taken)

    def drop_other_account(self, account: str, region: str) -> int:
        """The account ID and region are known now: drop what a snapshot of another account showed.

        Returns the number of removed objects.
        """
        wrong: dict[tuple[Kind, str], list[str]] = {}
        for within, arn in self._from_snapshot:
            if arn.split(":")[3:5] != [region, account]:
                wrong.setdefault(within, []).append(arn)
        for within, arns in wrong.items():
            for scope in self._members.scopes(within):
                self._dropped(scope, self._members.remove(scope, arns), moved=False)
        self._from_snapshot.clear()
        return sum(len(arns) for arns in wrong.values())

    def snapshot(self, cluster: str = "") -> Part | None:
        """The content of a snapshot of the cluster list or a cluster; None before it was listed."""
        scope = Scope(Kind.SERVICE if cluster else Kind.CLUSTER, cluster)
        if self.freshness(scope).listed_at is None:
            return None
        if not cluster:
            return Part(clusters=self.of(scope))
        return Part(services=self.of(scope), tasks=self.known_tasks(cluster))


def still_running(task: Task) -> bool:
    """Whether a task that is stopping has not stopped yet."""
    return task.described and not task.gone and not ended(task)
