"""The newest known things by key, each kind of each cluster apart, and what is due of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecs_tui.inventory.scope import Kind
from ecs_tui.inventory.shared import Shared
from ecs_tui.model.task import Task

_NO_TASKS: Mapping[str, Task] = {}


@dataclass(slots=True)
class Pool:
    """The things of one kind in one cluster, by key.

    Attributes:
        described_at: When (monotonic seconds) Describe last answered about each.
        waiting: Those that Describe must be asked about: new ones, and ones known to be old.
        asking: Those that it is being asked about.
    """

    items: dict[str, Any] = field(default_factory=dict)
    described_at: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, None] = field(default_factory=dict)
    asking: dict[str, Shared] = field(default_factory=dict)


class Objects:
    """All pools; tasks besides by the service that started them, with versions of both."""

    def __init__(self) -> None:
        self.pools: defaultdict[tuple[Kind, str], Pool] = defaultdict(Pool)
        self._by_service: dict[tuple[str, str], dict[str, Task]] = {}
        self._clusters: dict[str, str] = {}
        self._versions: dict[tuple[Kind, str, str], int] = {}

    def keep(self, within: tuple[Kind, str], key: str, item: Any) -> None:
        """Keep a new thing, or a newer state of one."""
        kind, cluster = within
        pool = self.pools[within]
        if kind is Kind.TASK:
            self._leave_service(cluster, pool.items.get(key))
            self._by_service.setdefault((cluster, item.service), {})[key] = item
            self._clusters[key] = cluster
        pool.items[key] = item
        if key not in pool.described_at:
            pool.waiting[key] = None
        self.touch(within, getattr(item, "service", ""))

    def remove(self, within: tuple[Kind, str], key: str) -> None:
        """Forget a thing."""
        kind, cluster = within
        pool = self.pools[within]
        item = pool.items.pop(key, None)
        pool.waiting.pop(key, None)
        pool.described_at.pop(key, None)
        if item is None:
            return
        if kind is Kind.TASK:
            self._leave_service(cluster, item)
            self._clusters.pop(key, None)
        self.touch(within, getattr(item, "service", ""))

    def _leave_service(self, cluster: str, item: Task | None) -> None:
        if item is not None:
            self._by_service[cluster, item.service].pop(item.arn, None)
            self.touch((Kind.TASK, cluster), item.service)

    def touch(self, within: tuple[Kind, str], service: str = "") -> None:
        """Something of a cluster, of one of its services, is not as it was."""
        for key in {(*within, ""), (*within, service)}:
            self._versions[key] = self._versions.get(key, 0) + 1

    def version(self, within: tuple[Kind, str], service: str = "") -> int:
        """A number that is another one after each change."""
        return self._versions.get((*within, service), 0)

    def of_service(self, cluster: str, service: str) -> Mapping[str, Task]:
        """The tasks whose group is this service ("": those without one)."""
        return self._by_service.get((cluster, service), _NO_TASKS)

    def cluster_of(self, task_arn: str) -> str | None:
        """The cluster in which a task is known."""
        return self._clusters.get(task_arn)
