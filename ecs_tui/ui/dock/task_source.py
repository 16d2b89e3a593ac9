"""The tasks of sessions, as a connection's inventory knows them."""

from __future__ import annotations

from collections.abc import Sequence

from ecs_tui.model.arn import short_name
from ecs_tui.model.task import Task
from ecs_tui.store.inventory import Inventory, Kind, Scope

_MAX_DESCRIBED = 100
"""Tasks that one DescribeTasks call takes, by the API reference. One call a search is enough."""


class InventoryTasks:
    """The `TaskSource` of the sessions of one connection."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory

    def task(self, arn: str) -> Task | None:
        """The task as it was described last, or None."""
        return self._inventory.task(arn)

    async def tasks_of_service(self, cluster: str, service: str) -> Sequence[Task]:
        """List and describe the tasks of a service now; where AWS refuses, what is known stays."""
        inventory, name = self._inventory, short_name(cluster)
        scope = Scope(Kind.TASK, name, service)
        await inventory.list_names(scope)
        arns = [task.arn for task in inventory.tasks(name, service)]
        if arns:
            await inventory.describe(scope, arns[:_MAX_DESCRIBED])
        return inventory.tasks(name, service)
