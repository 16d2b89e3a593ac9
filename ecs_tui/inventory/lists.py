"""What stands in each list, from memberships and objects; snapshots of them; who hears of changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from ecs_tui.inventory.cache import Part, SnapshotCache, portions
from ecs_tui.inventory.membership import Memberships
from ecs_tui.inventory.names import ended
from ecs_tui.inventory.objects import Objects
from ecs_tui.inventory.scope import Changed, Freshness, Kind, Listener, Scope, calls
from ecs_tui.model.task import Task

T = TypeVar("T")


class Lists:
    """Objects and memberships, and the lists that they make.

    Which list a thing stands in is what the List call of that list answered, in its order. Two
    exceptions: the stopped tasks of a service are those that either of two List calls names, and
    a task among the stopped ones that has not stopped yet stands among the running ones.

    `changes` counts how often anything became another.
    """

    def __init__(self) -> None:
        self._objects = Objects()
        self._members = Memberships()
        self._freshness: dict[Scope, Freshness] = {}
        self._listeners: list[Listener] = []
        self._memory: dict[Hashable, tuple[tuple[Any, ...], Any]] = {}
        self._held: dict[str, frozenset[str]] = {}
        self._old: set[tuple[tuple[Kind, str], str]] = set()
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
        """How fresh the scope's data is."""
        return self._freshness.setdefault(scope, Freshness())

    def derived(self, name: Hashable, basis: tuple[Any, ...], make: Callable[[], T]) -> T:
        """What `make` returns, kept for as long as `basis` is the same."""
        known = self._memory.get(name)
        if known is None or known[0] != basis:
            known = self._memory[name] = (basis, make())
        value: T = known[1]
        return value

    # -- lists

    def of(self, scope: Scope) -> list[Any]:
        """What stands in a list, in the order in which AWS named it."""
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
                if not serves(item) and (not group or item.group in ("", group))
            }
            stands |= {
                item.arn: item
                for item in self._others(scope)
                if not serves(item) and item.group == group and item.arn not in stands
            }
            return list(stands.values())
        if scope.service and self.freshness(scope).asked_at is None:
            # Until this list's own call has answered: what the cluster's list told of it.
            of_service = self._objects.of_service(scope.cluster, scope.service)
            whole = self._members.of(Scope(Kind.TASK, scope.cluster))
            own += [t for key, t in of_service.items() if key in whole and key not in found]
            found |= dict.fromkeys(item.arn for item in own)
        for item in self._others(scope):
            if item.arn not in found and serves(item) and self._belongs(item, scope):
                found[item.arn] = None
                own.append(item)
        return own

    def _others(self, scope: Scope) -> Iterator[Task]:
        """What the other calls named that have a say in a list of tasks."""
        items = self._objects.pools[scope.within].items
        for call in calls(scope)[1:]:
            for key in self._members.of(call):
                yield items[key]

    @staticmethod
    def _belongs(item: Task, scope: Scope) -> bool:
        return not scope.service or item.service == scope.service

    def is_empty(self, scope: Scope) -> bool:
        """Whether AWS has said, since somebody arrived at this list, that nothing stands in it."""
        if self.of(scope) or not all(self.freshness(call).answered for call in calls(scope)):
            return False
        return not any(
            key in self._objects.pools[scope.within].waiting
            for call in calls(scope)[1:]
            for key in self._members.of(call)
        )

    def count(self, scope: Scope) -> int:
        """About how many things a list has, without looking at each."""
        return len(self._members.of(scope))

    @property
    def size(self) -> int:
        """How many objects are known."""
        return sum(len(pool.items) for pool in self._objects.pools.values())

    # -- what is known of tasks, whichever list told it

    def known_tasks(self, cluster: str) -> list[Task]:
        """The running tasks of a cluster: those of its list, or, unlisted, all that are known."""
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
        """The running tasks known to be started by a service ("": by none).

        By their group, among those that the newer one of the service's and the cluster's list
        names: for the service's row and for names, not for its list.
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

    def tasks_version(self, cluster: str, service: str = "") -> Hashable:
        """Something that is another thing whenever a task of the cluster or service is."""
        version = self._objects.version((Kind.TASK, cluster), service)
        return version, self._newest(cluster, service).service

    def _touch_members(self, scope: Scope, keys: Iterable[str]) -> None:
        """Keys have come into a list or left it."""
        items = self._objects.pools[scope.within].items
        for key in keys:
            self._objects.touch(scope.within, getattr(items.get(key), "service", ""))
            self._objects.touch(scope.within, scope.service)

    def not_ended(self, scope: Scope) -> list[str]:
        """Of a list of stopped tasks those that have not come to their end."""
        items = self._objects.pools[scope.within].items

        def make() -> list[str]:
            return [key for key in self._members.of(scope) if serves(items[key])]

        basis = (self._objects.version(scope.within),)
        return list(self.derived(("not ended", scope), basis, make))

    # -- what goes

    def hold(self, who: str, arns: Iterable[str]) -> None:
        """Keep these tasks also while no list names them: shells are open in them, or one looks."""
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
        """A list does not name these any more; what none names is forgotten."""
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

    # -- from disk and to it

    def restore(self, cache: SnapshotCache) -> None:
        """Show the last snapshot of the clusters, where nothing is known yet.

        Raises:
            DamagedSnapshot: The file is ignored.
        """
        read = cache.read("")
        if read is not None:
            saved_at, parts = read
            self._date_back(saved_at, Scope(Kind.CLUSTER))
            for part in list(parts):
                self._take_back("", part)

    async def restore_cluster(self, cache: SnapshotCache, cluster: str) -> None:
        """Show the last snapshot of one cluster, where nothing is known yet, in portions.

        Raises:
            DamagedSnapshot: The file is ignored, whole.
        """
        read = cache.read(cluster)
        if read is None:
            return
        saved_at, parts = read
        found = await portions(parts)
        self._date_back(saved_at, Scope(Kind.SERVICE, cluster), Scope(Kind.TASK, cluster))
        for part in found:
            self._take_back(cluster, part)
            await asyncio.sleep(0)

    def _date_back(self, saved_at: float, *scopes: Scope) -> None:
        for scope in scopes:
            if self.freshness(scope).fetched_at is None:
                self.freshness(scope).saved_at = saved_at

    def _take_back(self, cluster: str, part: Part) -> None:
        rows: tuple[tuple[Kind, Sequence[Any]], ...] = (
            (Kind.CLUSTER, part.clusters),
            (Kind.SERVICE, part.services),
            (Kind.TASK, part.tasks),
        )
        for kind, items in rows:
            scope = Scope(kind, cluster)
            known = self._objects.pools[scope.within].items
            # A list that AWS has answered meanwhile knows better what exists.
            listed = self.freshness(scope).listed_at is not None
            taken = []
            for item in items:
                old = known.get(item.arn)
                if old is None and listed:
                    continue
                if old is None or (item.described and not old.described):
                    self._old.add((scope.within, item.arn))
                    self._objects.keep(scope.within, item.arn, item)
                    taken.append(item.arn)
            if not listed:
                taken += self._members.add(scope, [item.arn for item in items])
            self._touch_members(scope, taken)
            if taken:
                self._publish(scope, taken)

    def distrust(self, account: str, region: str) -> int:
        """The account id and region are known now: forget what a snapshot of others showed.

        Returns how many objects are gone.
        """
        wrong: dict[tuple[Kind, str], list[str]] = {}
        for within, arn in self._old:
            if arn.split(":")[3:5] != [region, account]:
                wrong.setdefault(within, []).append(arn)
        for within, arns in wrong.items():
            for scope in self._members.scopes(within):
                self._dropped(scope, self._members.remove(scope, arns), moved=False)
        self._old.clear()
        return sum(len(arns) for arns in wrong.values())

    def snapshot(self, cluster: str = "") -> Part | None:
        """What is worth keeping of the clusters, or of one cluster; None before it was listed."""
        scope = Scope(Kind.SERVICE if cluster else Kind.CLUSTER, cluster)
        if self.freshness(scope).listed_at is None:
            return None
        if not cluster:
            return Part(clusters=self.of(scope))
        return Part(services=self.of(scope), tasks=self.known_tasks(cluster))


def serves(task: Task) -> bool:
    """Whether a task that is on its way out has not come to its end yet."""
    return task.described and not task.gone and not ended(task)
