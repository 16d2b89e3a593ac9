"""Commands of the doctor: the exec check, access, and operator policies.

The doctor's modules are imported at their first use: they are a tenth of all imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.model.arn import short_name
from ecs_tui.model.task import Task
from ecs_tui.session.plugin import BUILTIN, PluginChoice, find_plugin
from ecs_tui.store.connections import Connection
from ecs_tui.ui.commands.base import Action

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser


class ExecCheck(Action):
    """Check why ECS Exec works or fails here, with fixes."""

    name, keys, shown, title, footer, group = "doctor", ("D",), "D", "doctor", True, "Shells"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        if browser.place.view not in ("services", "tasks", "containers"):
            return "Open a cluster first; the doctor checks services, tasks and containers."
        return "" if browser.table.current is not None else "No row selected."

    async def run(self, browser: Browser) -> None:
        """Check the task that a shell would open in, else the first loaded task of the service."""
        connection, place = browser.current_connection(), browser.place
        service = browser.current_service()
        task, name = await browser.shell_task()
        if task is None and service is not None:
            every = connection.inventory.tasks(place.cluster, service.name)
            task = every[0] if every else None
        if task is None:
            browser.note("This service has no task to check.")
        else:
            await open_doctor(browser, connection, task, name)


async def open_doctor(
    browser: Browser, connection: Connection, task: Task, container: str, error: str = ""
) -> None:
    """Open the doctor for a task, and then the shell that it returns.

    Args:
        browser: The main screen.
        connection: The task's connection; the current one may be another by then.
        task: The task.
        container: The container to check; "" for all of the task's.
        error: AWS's error for the shell that failed, or "".
    """
    from ecs_tui.doctor.exec_check import Doctor
    from ecs_tui.doctor.facts import Gatherer, PluginFact
    from ecs_tui.ui.dialogs.doctor import DoctorScreen

    settings = browser.settings

    async def plugin() -> PluginFact:
        found = await find_plugin(PluginChoice(settings.plugin), settings.plugin_path)
        return PluginFact(found.words, found is BUILTIN, found.warning)

    def make() -> Doctor:
        gatherer = Gatherer(
            connection.account,
            short_name(task.cluster_arn),
            task.arn,
            containers=(container,) if container else (),
            caller=connection.caller,
            plugin=plugin,
        )
        return Doctor(
            gatherer, container, last_exit_reason=browser.last_exit_reason.get(task.arn, "")
        )

    where = f"{task.service}/" if task.service else ""
    title = f"{where}{task.id[:12]}" + (f" · {container}" if container else "")
    screen = DoctorScreen(connection.account, title, make, container, error)
    wanted = await browser.app.push_screen_wait(screen)
    if wanted is None:
        return
    name = wanted.container
    found = wanted.task.container(name) if name else None
    found = found or (wanted.task.containers[0] if wanted.task.containers else None)
    if found is not None:
        target = await browser.shells.choice.target(connection, wanted.task, found)
        browser.shells.open(target, connection=connection, stop_after=wanted.stop_after)


class Access(Action):
    """Who can exec where (IAM policy simulator)."""

    name, keys, shown, title, group = "access", ("I",), "I", "access", "Shells"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.current_cluster() else "Select a cluster first."

    async def run(self, browser: Browser) -> None:
        """Open the access dialog for the tasks of the service, else of the cluster."""
        from ecs_tui.ui.dialogs.access import AccessScreen

        connection = browser.current_connection()
        what = browser.place.service or browser.current_cluster()
        tasks = await browser.tasks_in_view()
        screen = AccessScreen(
            connection.access,
            what,
            tasks,
            connection.inventory.service,
            connection.caller,
            connection.account,
        )
        await browser.app.push_screen_wait(screen)


class Policy(Action):
    """Generate an operator policy by tag, cluster and container."""

    name, title, group = "policy", "policy", "Shells"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.current_cluster() else "Select a cluster first."

    async def run(self, browser: Browser) -> None:
        from ecs_tui.ui.dialogs.policy import PolicyScreen

        connection, name = browser.current_connection(), browser.current_cluster()
        tasks = await browser.tasks_in_view()
        cluster = connection.inventory.cluster(name)
        await browser.app.push_screen_wait(PolicyScreen(tasks, cluster, connection.account.region))


DOCTOR: tuple[Action, ...] = (ExecCheck(), Access(), Policy())
