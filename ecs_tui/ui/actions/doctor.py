"""Why one cannot exec here, and who may: the doctor, access, policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.doctor.doctor import Doctor
from ecs_tui.doctor.facts import Gatherer, PluginFact
from ecs_tui.model.arn import short_name
from ecs_tui.model.task import Task
from ecs_tui.session.plugin import BUILTIN, PluginChoice, find_plugin
from ecs_tui.session.session import Target
from ecs_tui.ui.actions.base import Action
from ecs_tui.ui.screens.access import AccessScreen
from ecs_tui.ui.screens.doctor import DoctorScreen
from ecs_tui.ui.screens.policy import PolicyScreen

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser


class Examine(Action):
    """Ask the doctor: every reason why exec works or not on this task, and the cures."""

    name, keys, shown, title, footer, group = "doctor", ("D",), "D", "doctor", True, "Shells"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        """It needs something with a task."""
        if browser.place.view not in ("services", "tasks", "containers"):
            return "Go into a cluster first: the doctor looks at a service, a task or a container."
        return "" if browser.table.current is not None else "Nothing is selected."

    async def run(self, browser: Browser) -> None:
        """Examine the task that a shell would open in, else any that the service has."""
        task, name = await browser.shell_task()
        service = browser.current_service()
        if task is None and service is not None:
            every = browser.inventory.tasks(browser.place.cluster, service.name)
            task = every[0] if every else None
        if task is None:
            browser.note("This service has no task that could be looked at.")
        else:
            await examine(browser, task, name)


async def examine(browser: Browser, task: Task, container: str, error: str = "") -> None:
    """Show the doctor on a task, and open the shell that it may lead to."""
    settings = browser.settings

    async def plugin() -> PluginFact:
        found = await find_plugin(PluginChoice(settings.plugin), settings.plugin_path)
        return PluginFact(found.words, found is BUILTIN, found.warning)

    def make() -> Doctor:
        gatherer = Gatherer(
            browser.account,
            short_name(task.cluster_arn),
            task.arn,
            containers=(container,) if container else (),
            caller=browser.caller,
            plugin=plugin,
        )
        return Doctor(gatherer, container, said=browser.said.get(task.arn, ""))

    where = f"{task.service}/" if task.service else ""
    title = f"{where}{task.id[:12]}" + (f" · {container}" if container else "")
    screen = DoctorScreen(browser.account, title, make, container, error)
    wanted = await browser.app.push_screen_wait(screen)
    if wanted is None:
        return
    name = wanted.container
    found = wanted.task.container(name) if name else None
    found = found or (wanted.task.containers[0] if wanted.task.containers else None)
    if found is not None:
        browser.shells.open(Target.of(wanted.task, found), stop_after=wanted.stop_after)


class Access(Action):
    """Who may exec where: by IAM's own simulator, for you or for another role or user."""

    name, keys, shown, title, group = "access", ("I",), "I", "access", "Shells"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        """It needs a cluster."""
        return "" if browser.current_cluster() else "Choose a cluster first."

    async def run(self, browser: Browser) -> None:
        """Show the view over the tasks in sight, or over the cluster's."""
        tasks = await browser.tasks_in_view()
        what = browser.place.service or browser.current_cluster()
        screen = AccessScreen(
            browser.access, what, tasks, browser.inventory.service, browser.caller, browser.account
        )
        await browser.app.push_screen_wait(screen)


class Policy(Action):
    """Make a policy for operators by tag, cluster and container, and see whom it reaches."""

    name, title, group = "policy", "policy", "Shells"
    asks = True

    def obstacle(self, browser: Browser) -> str:
        """It needs a cluster."""
        return "" if browser.current_cluster() else "Choose a cluster first."

    async def run(self, browser: Browser) -> None:
        """Show the generator."""
        tasks = await browser.tasks_in_view()
        cluster = browser.inventory.cluster(browser.current_cluster())
        await browser.app.push_screen_wait(PolicyScreen(tasks, cluster, browser.account.region))


DOCTOR: tuple[Action, ...] = (Examine(), Access(), Policy())
