"""The newest objects by key, separate for each kind and cluster, and which must be described."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from ecs_tui.model.task import Task
from ecs_tui.record import dataclass
from ecs_tui.store.shared import Shared
from ecs_tui.store.source import Source, Within

_NO_TASKS: Mapping[str, Task] = {}


@dataclass(slots=True)
class Pool:
    """The objects of one kind in one cluster, by key.

    Attributes:
        described_at: When each was last described (monotonic seconds).
        waiting: Those to describe: new ones, and ones known to be outdated.
        in_flight: The unanswered Describe calls, by the key of each object they describe.
    """

    items: dict[str, Any] = field(default_factory=dict)
    described_at: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)
    in_flight: dict[str, Shared] = field(default_factory=dict)


class Objects:
    """All pools; tasks also by the service that started them; a version for each of both."""

    def __init__(self) -> None:
        self.pools: defaultdict[Within, Pool] = defaultdict(Pool)
        self._by_service: dict[tuple[str, str], dict[str, Task]] = {}
        self._within_by_task: dict[str, Within] = {}
        self._withins: dict[Within, Within] = {}
        self._versions: dict[tuple[Source, str, str], int] = {}

    def keep(self, within: Within, key: str, item: Any) -> None:
        """Store a new object, or a newer state of one."""
        kind, cluster = within
        pool = self.pools[within]
        if kind.by_status:
            self._leave_service(within, pool.items.get(key))
            self._by_service.setdefault((cluster, item.service), {})[key] = item
            self._within_by_task[key] = self._withins.setdefault(within, within)
        pool.items[key] = item
        if key not in pool.described_at:
            pool.waiting[key] = None
        self.touch(within, getattr(item, "service", ""))

    def remove(self, within: Within, key: str) -> None:
        """Remove an object."""
        pool = self.pools[within]
        item = pool.items.pop(key, None)
        pool.waiting.pop(key, None)
        pool.described_at.pop(key, None)
        if item is None:
            return
        if within[0].by_status:
            self._leave_service(within, item)
            self._within_by_task.pop(key, None)
        self.touch(within, getattr(item, "service", ""))

    def _leave_service(self, within: Within, item: Task | None) -> None:
        if item is not None:
            self._by_service[within[1], item.service].pop(item.arn, None)
            self.touch(within, item.service)

    def touch(self, within: Within, service: str = "") -> None:
        """Count a change in a cluster and in one of its services."""
        for key in {(*within, ""), (*within, service)}:
            self._versions[key] = self._versions.get(key, 0) + 1

    def version(self, within: Within, service: str = "") -> int:
        """A number that changes with every change."""
        return self._versions.get((*within, service), 0)

    def of_service(self, cluster: str, service: str) -> Mapping[str, Task]:
        """The tasks whose group is this service ("": those without one)."""
        return self._by_service.get((cluster, service), _NO_TASKS)

    def within_of(self, task_arn: str) -> Within | None:
        """The kind and the cluster of a task; None for an unknown one."""
        return self._within_by_task.get(task_arn)

    def cluster_of(self, task_arn: str) -> str | None:
        """The cluster of a task."""
        within = self.within_of(task_arn)
        return None if within is None else within[1]
