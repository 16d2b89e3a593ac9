"""The services of tasks by the tasks' IDs: events of CloudTrail name the task only."""

from __future__ import annotations

from collections.abc import Iterator

from ecs_tui.model.task import Task
from ecs_tui.store.inventory import Inventory


class TaskServices:
    """Looks them up among the loaded tasks, running and stopped.

    Args:
        inventory: The loaded data.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._made_at = -1
        self._services: dict[str, str] = {}
        self._clusters: set[str] = set()

    def include(self, cluster: str) -> None:
        """Look in a cluster too, also if the list of clusters is not loaded."""
        self._clusters.add(cluster)

    def of(self, task: str) -> str:
        """The service of a task, "" if it was not loaded at the last look or the task has none."""
        return self._services.get(task, "")

    def look(self) -> bool:
        """Look at the loaded tasks again; returns whether there are services of more tasks.

        What was known stays known: ECS forgets a stopped task within the hour.
        """
        if self._inventory.changes == self._made_at:
            return False
        self._made_at, before = self._inventory.changes, len(self._services)
        self._services |= {each.id: each.service for each in self._tasks() if each.service}
        return len(self._services) > before

    def _tasks(self) -> Iterator[Task]:
        names = {*self._clusters, *(each.name for each in self._inventory.clusters)}
        for name in names:
            yield from self._inventory.known_tasks(name)
            yield from self._inventory.tasks(name, stopped=True)
