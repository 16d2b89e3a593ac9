"""Commands that change something in ECS: each makes a plan, and `operate` does the rest.

The modules of operations and their dialogs are imported at their first use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.exec_readiness import likely_container
from ecs_tui.model.task import Task
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.store.connections import Connection
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.commands.reason import ask_reason
from ecs_tui.ui.context import Context, Workspace

if TYPE_CHECKING:
    from ecs_tui.operations.plan import Plan
    from ecs_tui.operations.run_task import RunRequest

OUTCOME_SECONDS = 20.0
"""Seconds for which the outcome of a plan is shown whose dialog has been left."""


def teller(workspace: Workspace, connection: Connection) -> Callable[[str], None]:
    """A function that shows the outcome of a plan as a note, and refreshes its lists."""

    def tell(words: str) -> None:
        connection.refresher.refresh_now()
        workspace.note(words, OUTCOME_SECONDS, news=True)

    return tell


async def operate(workspace: Workspace, connection: Connection, plan: Plan) -> bool:
    """Show a plan in its dialog, where it is confirmed, carried out and followed.

    If it ends with a task in which a shell can be opened, and the operator wants it, the shell is
    opened.

    Args:
        workspace: Shows the dialog and notes.
        connection: The connection of what is changed; the current one may be another by then.
        plan: The plan.

    Returns:
        Whether it was carried out.
    """
    from ecs_tui.ui.dialogs.plan import PlanScreen

    tell = teller(workspace, connection)
    result = await workspace.ask(PlanScreen(connection.account, plan, tell))
    if result is None:
        return False
    connection.refresher.refresh_now()
    if result.task is not None:
        await open_ready(workspace, connection, result.task, stop_after=result.stop_after)
    return True


async def open_ready(
    workspace: Workspace,
    connection: Connection,
    task: Task,
    name: str = "",
    *,
    stop_after: bool = False,
) -> None:
    """Open a shell in a task that an operation has made ready.

    Args:
        workspace: Opens the shell.
        connection: The task's connection.
        task: The task.
        name: The container's name; "" for the most likely one.
        stop_after: Whether to stop the task when the shell ends.
    """
    container = (task.container(name) if name else None) or likely_container(task)
    if container is not None:
        target = await workspace.shells.choice.target(connection, task, container)
        reason = await ask_reason(workspace, connection, target)
        if reason is not None:
            workspace.shells.open(
                target, connection=connection, stop_after=stop_after, purpose=reason
            )


class _OnService(Command):
    group, operation = "Operate", "ecs:UpdateService"
    mutates = waits = True

    def obstacle(self, context: Context) -> str:
        marked = sum(context.resource.service_of(row) is not None for row in context.rows)
        if marked > 1:
            return f"This changes one service, and {marked} are marked."
        return "" if context.service else "Select a service first."


class ForceDeployment(_OnService):
    """Force a new deployment of the service with the same settings."""

    id, title, footer = "deploy", "redeploy", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.operations.services import read_deployment_plan

        connection, service = context.connection, context.service
        if service is not None:
            plan = await read_deployment_plan(connection.account, context.cluster, service.name)
            await operate(workspace, connection, plan)


class Scale(_OnService):
    """Scale the service: set its desired count."""

    id, title, footer = "scale", "scale", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Ask for the count, then show the plan."""
        from ecs_tui.operations.services import read_scale_plan, refuse_daemons
        from ecs_tui.ui.dialogs.scale import ScaleScreen

        account, service = context.connection.account, context.service
        if service is None:
            return
        refuse_daemons(service)
        count = await workspace.ask(ScaleScreen(service))
        if count is not None:
            plan = await read_scale_plan(account, context.cluster, service.name, count)
            await operate(workspace, context.connection, plan)


class StopTasks(Command):
    """Stop the task, or all marked tasks."""

    id, title, group, footer = "stop", "stop task", "Operate", True
    operation = "ecs:StopTask"
    mutates = waits = True

    def obstacle(self, context: Context) -> str:
        tasks = _tasks(context)
        if not tasks:
            return "Select a task first."
        if all(task.stopping for task in tasks):
            one = len(tasks) == 1
            what = "The task is" if one else "The marked tasks are"
            return f"{what} stopped or stopping already."
        return ""

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Plan for the tasks that were marked when the key was pressed, else for the selected one."""
        from ecs_tui.operations.tasks import read_stop_plan

        arns = [task.arn for task in _tasks(context)]
        plan = await read_stop_plan(context.connection.account, context.cluster, arns)
        await operate(workspace, context.connection, plan)


def _tasks(context: Context) -> list[Task]:
    """The tasks of the marked rows, else of the row under the cursor, each once."""
    found: dict[str, Task] = {}
    for row in context.rows:
        task = row.task if isinstance(row, ContainerRow) else row
        if isinstance(task, Task):
            found.setdefault(task.arn, task)
    return list(found.values())


class RunTask(Command):
    """Run a standalone task, by default one like those of the service or of the task."""

    id, title, group, footer = "run-task", "run task", "Operate", True
    operation = "ecs:RunTask"
    mutates = waits = True

    def obstacle(self, context: Context) -> str:
        return "" if context.cluster else "Select a cluster first."

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Ask what to run, then show the plan; if it cannot be made, ask again and say why."""
        from ecs_tui.operations.run_task import read_run_plan
        from ecs_tui.ui.dialogs.run_task import RunTaskScreen

        connection = context.connection
        request = await workspace.ask(RunTaskScreen(_request_like(context)))
        while request is not None:
            try:
                plan = await read_run_plan(connection.account, request)
            except EcsTuiError as error:
                request = await workspace.ask(RunTaskScreen(request, str(error)))
            else:
                await operate(workspace, connection, plan)
                return


def _request_like(context: Context) -> RunRequest:
    """What the form starts with: a task like those of the service, else like the selected one."""
    from ecs_tui.operations.run_task import RunRequest

    service, tasks = context.service, _tasks(context)
    tags = service.tags if service else tasks[0].tags if tasks else {}
    return RunRequest(
        context.cluster,
        short_name(context.definition) or (service.revision if service else ""),
        like=service.name if service else tasks[0].service if tasks else "",
        exec_enabled=True,
        tags={key: value for key, value in tags.items() if not key.startswith("aws:")},
    )


OPERATE: tuple[Command, ...] = (ForceDeployment(), Scale(), StopTasks(), RunTask())
