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
from ecs_tui.ui.commands.base import Action

if TYPE_CHECKING:
    from ecs_tui.operations.plan import Plan
    from ecs_tui.ui.main_screen import Browser

OUTCOME_SECONDS = 20.0
"""Seconds for which the outcome of a plan is shown whose dialog has been left."""


def teller(browser: Browser, connection: Connection) -> Callable[[str], None]:
    """A function that shows the outcome of a plan as a note, and refreshes its lists."""

    def tell(words: str) -> None:
        connection.refresher.refresh_now()
        browser.note(words, OUTCOME_SECONDS, news=True)

    return tell


async def operate(browser: Browser, connection: Connection, plan: Plan) -> bool:
    """Show a plan in its dialog, where it is confirmed, carried out and followed.

    If it ends with a task in which a shell can be opened, and the operator wants it, the shell is
    opened.

    Args:
        browser: The main screen.
        connection: The connection of what is changed; the current one may be another by then.
        plan: The plan.

    Returns:
        Whether it was carried out.
    """
    from ecs_tui.ui.dialogs.plan import PlanScreen

    tell = teller(browser, connection)
    result = await browser.app.push_screen_wait(PlanScreen(connection.account, plan, tell))
    if result is None:
        return False
    connection.refresher.refresh_now()
    if result.task is not None:
        await open_ready(browser, connection, result.task, stop_after=result.stop_after)
    return True


async def open_ready(
    browser: Browser,
    connection: Connection,
    task: Task,
    name: str = "",
    *,
    stop_after: bool = False,
) -> None:
    """Open a shell in a task that an operation has made ready.

    Args:
        browser: The main screen.
        connection: The task's connection.
        task: The task.
        name: The container's name; "" for the most likely one.
        stop_after: Whether to stop the task when the shell ends.
    """
    container = (task.container(name) if name else None) or likely_container(task)
    if container is not None:
        target = await browser.shells.choice.target(connection, task, container)
        browser.shells.open(target, connection=connection, stop_after=stop_after)


class _OnService(Action):
    group = "Operate"
    mutates = True
    asks = True

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.current_service() else "Select a service first."


class ForceDeployment(_OnService):
    """Force a new deployment of the service with the same settings."""

    name, keys, shown, title = "deploy", ("f",), "f", "redeploy"

    async def run(self, browser: Browser) -> None:
        from ecs_tui.operations.services import read_deployment_plan

        connection, cluster = browser.current_connection(), browser.place.cluster
        service = browser.current_service()
        if service is not None:
            plan = await read_deployment_plan(connection.account, cluster, service.name)
            await operate(browser, connection, plan)


class Scale(_OnService):
    """Scale the service: set its desired count."""

    name, keys, shown, title = "scale", ("u",), "u", "scale"

    async def run(self, browser: Browser) -> None:
        """Ask for the count, then show the plan."""
        from ecs_tui.operations.services import read_scale_plan, refuse_daemons
        from ecs_tui.ui.dialogs.scale import ScaleScreen

        connection, cluster = browser.current_connection(), browser.place.cluster
        service = browser.current_service()
        if service is None:
            return
        refuse_daemons(service)
        count = await browser.app.push_screen_wait(ScaleScreen(service))
        if count is not None:
            plan = await read_scale_plan(connection.account, cluster, service.name, count)
            await operate(browser, connection, plan)


class StopTasks(Action):
    """Stop the task."""

    name, keys, shown, title, group = "stop", ("S",), "S", "stop task", "Operate"
    mutates = True
    asks = True

    def obstacle(self, browser: Browser) -> str:
        if not _tasks(browser):
            return "Select a task first."
        return "The task is stopped or stopping already." if _all_stopping(browser) else ""

    async def run(self, browser: Browser) -> None:
        from ecs_tui.operations.tasks import read_stop_plan

        connection, cluster = browser.current_connection(), browser.place.cluster
        arns = [task.arn for task in _tasks(browser)]
        plan = await read_stop_plan(connection.account, cluster, arns)
        await operate(browser, connection, plan)


def _tasks(browser: Browser) -> list[Task]:
    """The selected tasks: of the row under the cursor."""
    row = browser.table.current
    if isinstance(row, ContainerRow):
        return [row.task]
    return [row] if isinstance(row, Task) else []


def _all_stopping(browser: Browser) -> bool:
    return all(task.stopping for task in _tasks(browser))


class RunTask(Action):
    """Run a standalone task, by default one like those of the service or of the task."""

    name, keys, shown, title, group = "run-task", ("T",), "T", "run task", "Operate"
    mutates = True
    asks = True

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.current_cluster() else "Select a cluster first."

    async def run(self, browser: Browser) -> None:
        """Ask what to run, then show the plan; if it cannot be made, ask again and say why."""
        from ecs_tui.operations.run_task import RunRequest, read_run_plan
        from ecs_tui.ui.dialogs.run_task import RunTaskScreen

        connection, cluster = browser.current_connection(), browser.current_cluster()
        service, tasks = browser.current_service(), _tasks(browser)
        definition = short_name(browser.current_definition())
        like = service.name if service else tasks[0].service if tasks else ""
        tags = service.tags if service else tasks[0].tags if tasks else {}
        filled = RunRequest(
            cluster,
            definition or (service.revision if service else ""),
            like=like,
            exec_enabled=True,
            tags={key: value for key, value in tags.items() if not key.startswith("aws:")},
        )
        request = await browser.app.push_screen_wait(RunTaskScreen(filled))
        while request is not None:
            try:
                plan = await read_run_plan(connection.account, request)
            except EcsTuiError as error:
                again = RunTaskScreen(request, str(error))
                request = await browser.app.push_screen_wait(again)
            else:
                await operate(browser, connection, plan)
                return


OPERATE: tuple[Action, ...] = (ForceDeployment(), Scale(), StopTasks(), RunTask())
