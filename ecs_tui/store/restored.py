"""Lists that show a snapshot until AWS has answered."""

from __future__ import annotations

import asyncio
import sys

from ecs_tui.store.kinds import SAVED
from ecs_tui.store.lists import Lists
from ecs_tui.store.snapshot import SavedObjects, SnapshotCache, portions
from ecs_tui.store.source import Scope, Within


class RestoredLists(Lists):
    """Lists whose content can be saved in a snapshot, and shown again from one."""

    def __init__(self) -> None:
        super().__init__()
        self._from_snapshot: set[tuple[Within, str]] = set()

    def restore(self, cache: SnapshotCache) -> None:
        """Show the last snapshot of the cluster list, if nothing is loaded yet.

        Raises:
            DamagedSnapshot: The file is ignored.
        """
        read = cache.read("")
        if read is not None:
            saved_at, parts = read
            self._mark_saved(saved_at, "")
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
        self._mark_saved(saved_at, cluster)
        for part in found:
            self._merge_snapshot(cluster, part)
            await asyncio.sleep(0)

    def _mark_saved(self, saved_at: float, cluster: str) -> None:
        for scope in _scopes(cluster):
            if self.freshness(scope).fetched_at is None:
                self.freshness(scope).saved_at = saved_at

    def _merge_snapshot(self, cluster: str, part: SavedObjects) -> None:
        scope = Scope(part.kind, cluster)
        known = self._objects.pools[scope.within].items
        # A list that AWS has answered meanwhile is newer than the snapshot.
        listed = self.freshness(scope).listed_at is not None
        taken, keys = [], []
        for item in part.items:
            key = sys.intern(part.kind.key(item))  # as the key of a later answer
            keys.append(key)
            old = known.get(key)
            if old is None and listed:
                continue
            if old is None or (item.described and not old.described):
                self._from_snapshot.add((scope.within, key))
                self._objects.keep(scope.within, key, item)
                taken.append(key)
        if not listed:
            taken += self._members.add(scope, keys)
        self._touch_members(scope, taken)
        if taken:
            self._publish(scope, taken)

    def drop_other_account(self, account: str, region: str) -> int:
        """The account ID and region are known now: drop what a snapshot of another account showed.

        Returns the number of removed objects.
        """
        wrong: dict[Within, list[str]] = {}
        for within, arn in self._from_snapshot:
            if arn.split(":")[3:5] != [region, account]:
                wrong.setdefault(within, []).append(arn)
        for within, arns in wrong.items():
            for scope in self._members.scopes(within):
                self._dropped(scope, self._members.remove(scope, arns), moved=False)
        self._from_snapshot.clear()
        return sum(len(arns) for arns in wrong.values())

    def snapshot(self, cluster: str = "") -> list[SavedObjects] | None:
        """The content of a snapshot of the cluster list or a cluster; None before it was listed."""
        scopes = _scopes(cluster)
        if self.freshness(scopes[0]).listed_at is None:
            return None
        return [SavedObjects(scope.kind, self.known(scope)) for scope in scopes]


def _scopes(cluster: str) -> list[Scope]:
    """The lists in a snapshot of the cluster list ("") or of a cluster."""
    return [Scope(kind, cluster) for kind in SAVED.values() if kind.in_cluster == bool(cluster)]
