"""Commands about access: the exec check, who can exec where, and operator policies.

The doctor's modules are imported at their first use: they are a tenth of all imports.
"""

from __future__ import annotations

from ecs_tui.model.task import Task
from ecs_tui.store.connections import Connection
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.ui.commands.base import Command, needs_resource
from ecs_tui.ui.commands.open_check import open_doctor
from ecs_tui.ui.commands.shell import WITH_TASKS, shell_task
from ecs_tui.ui.context import Context, Workspace


class ExecCheck(Command):
    """Check why ECS Exec works or fails here, with fixes."""

    id, title, footer, group = "exec-check", "exec check", True, "Shells"
    aliases = ("doctor",)
    fits = WITH_TASKS
    misfit = "Open a cluster first; the exec check is for services, tasks and containers."
    waits = needs_row = True

    def obstacle(self, context: Context) -> str:
        return needs_resource(context)

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Check the task that a shell would open in, else the first loaded task of the service."""
        service = context.service
        task, name = await shell_task(context)
        if task is None and service is not None:
            every = context.inventory.tasks(context.cluster, service.name)
            task = every[0] if every else None
        if task is None:
            workspace.note("This service has no task to check.")
        else:
            await open_doctor(context, workspace, task, name)


async def _tasks(connection: Connection, cluster: str, service: str) -> list[Task]:
    """The running tasks of a service, or of the whole cluster if `service` is ""."""
    inventory = connection.inventory
    if inventory.freshness(Scope(Kind.TASK, cluster)).fetched_at is None:
        await inventory.load(Scope(Kind.TASK, cluster, service))
    return inventory.tasks(cluster, service)


class Access(Command):
    """Who can exec where (IAM policy simulator)."""

    id, title, group, waits = "access", "access", "Shells", True

    def obstacle(self, context: Context) -> str:
        return "" if context.cluster else "Select a cluster first."

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Open the access dialog for the tasks of the service, else of the cluster."""
        from ecs_tui.ui.dialogs.access import AccessScreen

        connection, service = context.connection, context.place.service
        screen = AccessScreen(
            connection.access,
            service or context.cluster,
            await _tasks(connection, context.cluster, service),
            connection.inventory.service,
            connection.caller,
            connection.account,
        )
        await workspace.ask(screen)


class OperatorPolicy(Command):
    """Generate an operator policy by tag, cluster and container."""

    id, title, group, waits = "policy", "policy", "Shells", True

    def obstacle(self, context: Context) -> str:
        return "" if context.cluster else "Select a cluster first."

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.ui.dialogs.policy import PolicyScreen

        connection, name = context.connection, context.cluster
        tasks = await _tasks(connection, name, context.place.service)
        cluster = connection.inventory.cluster(name)
        await workspace.ask(PolicyScreen(tasks, cluster, connection.account.region))


DOCTOR: tuple[Command, ...] = (ExecCheck(), Access(), OperatorPolicy())
