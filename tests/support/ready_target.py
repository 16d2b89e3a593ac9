"""A task in which a session can be opened."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.model.rules.exec_readiness import newest_ready_task
from ecs_tui.session.target import Target
from ecs_tui.store.inventory import Inventory, Kind, Scope


async def ready_target(account: Account, cluster: str = "prod", service: str = "orders") -> Target:
    """The first container of the service's newest task that is ready for exec."""
    inventory = Inventory(account)
    await inventory.load(Scope(Kind.TASK, cluster, service))
    task = newest_ready_task(inventory.tasks(cluster, service))
    assert task is not None, f"no task of {service} is ready"
    return Target.of(task, task.containers[0])
