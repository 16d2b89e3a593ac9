"""Shells: open one, go to the dock, arrange it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.model.exec_status import (
    Verdict,
    container_readiness,
    likely_container,
)
from ecs_tui.model.health import readiness_sign
from ecs_tui.model.task import Task
from ecs_tui.session.session import Target
from ecs_tui.ui.actions.base import Action
from ecs_tui.ui.screens.choose import ChooseScreen
from ecs_tui.ui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    from ecs_tui.ui.screens.browser import Browser


class Shell(Action):
    """Open a shell: in the container, the task's, or the service's newest healthy task's."""

    name, keys, shown, title, footer, group = "shell", ("s",), "s", "shell", True, "Shells"
    mutates = True
    asks = True

    def obstacle(self, browser: Browser) -> str:
        """It needs something with containers."""
        if browser.place.view not in ("services", "tasks", "containers"):
            return "Go into a cluster first: a shell opens on a service, a task or a container."
        return "" if browser.table.current is not None else "Nothing is selected."

    async def run(self, browser: Browser) -> None:
        """Find the container, say what stands in the way, open."""
        task, name = await browser.shell_task()
        if task is None:
            browser.note("No task of this service is running: there is nothing to open a shell in.")
            return
        if not name:
            name = await self._choose(browser, task)
        container = task.container(name) if name else None
        if container is None:
            return
        readiness = container_readiness(task, container)
        if readiness.verdict in (Verdict.NO, Verdict.WAIT):
            again = await browser.app.push_screen_wait(
                ConfirmScreen(
                    f"No shell in {container.name} of {task.id[:12]}: {readiness.reason}.",
                    "By what ECS says this cannot work. Try all the same?",
                    "Try",
                )
            )
            if not again:
                return
        browser.shells.open(Target.of(task, container))

    @staticmethod
    async def _choose(browser: Browser, task: Task) -> str:
        if len(task.containers) < 2:
            return task.containers[0].name if task.containers else ""
        likely = likely_container(task)
        choices = []
        for item in task.containers:
            readiness = container_readiness(task, item)
            choices.append((item.name, f"{readiness_sign(readiness)} {item.name}   {readiness}"))
        chosen = await browser.app.push_screen_wait(
            ChooseScreen("Which container?", choices, likely.name if likely else "")
        )
        return chosen or ""


class Dock(Action):
    """Go to the shells in the dock."""

    name, shown, title, group = "dock", "{prefix}", "dock", "Shells"

    def obstacle(self, browser: Browser) -> str:
        """There must be one."""
        return "" if browser.dock.panes else "No shell is open; s opens one."

    async def run(self, browser: Browser) -> None:
        """Focus the current one."""
        browser.dock.focus_current()


class Split(Action):
    """Put the dock beside the list, or below it."""

    name, keys, shown, title, group = "split", ("v",), "v", "split", "Shells"

    async def run(self, browser: Browser) -> None:
        """The other way."""
        browser.shells.turn()


SHELL: tuple[Action, ...] = (Shell(), Dock(), Split())
