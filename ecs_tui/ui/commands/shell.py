"""Commands for shells: open one, run a command, focus or move the dock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.model.command import Command, family_of
from ecs_tui.model.container import Container
from ecs_tui.model.rules.exec_readiness import (
    Verdict,
    container_readiness,
    likely_container,
)
from ecs_tui.model.rules.health import readiness_sign
from ecs_tui.model.task import Task
from ecs_tui.session.session import Target
from ecs_tui.ui.commands.base import Action
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.confirm import ConfirmScreen

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser


class Shell(Action):
    """Open a shell (on a service: in its newest healthy task)."""

    name, keys, shown, title, footer, group = "shell", ("s",), "s", "shell", True, "Shells"
    mutates = True
    asks = True

    def obstacle(self, browser: Browser) -> str:
        if browser.place.view not in ("services", "tasks", "containers"):
            return "Open a cluster first, then select a service, task or container."
        return "" if browser.table.current is not None else "No row selected."

    async def run(self, browser: Browser) -> None:
        """Find the container, confirm if a shell is unlikely to open, and open one."""
        connection = browser.current_connection()
        task, container = await self._find(browser)
        if task is None or container is None:
            return
        target = await browser.shells.choice.target(connection, task, container)
        command = await self._command(browser, target)
        if command is not None:
            browser.shells.open(target, connection=connection, command=command)

    async def _command(self, browser: Browser, target: Target) -> Command | None:
        return browser.shells.choice.choose(target)

    async def _find(self, browser: Browser) -> tuple[Task | None, Container | None]:
        """(task, container) of the shell; (None, None) if there is none or it is cancelled."""
        task, name = await browser.shell_task()
        if task is None:
            browser.note("No running task in this service to open a shell in.")
            return None, None
        if not name:
            name = await self._choose(browser, task)
        container = task.container(name) if name else None
        if container is None:
            return None, None
        readiness = container_readiness(task, container)
        if readiness.verdict in (Verdict.NO, Verdict.WAIT):
            again = await browser.app.push_screen_wait(
                ConfirmScreen(
                    f"Can't open a shell in {container.name} (task {task.id[:12]}): "
                    f"{readiness.reason}.",
                    "ECS reports that this won't work. Try anyway?",
                    "Try",
                )
            )
            if not again:
                return None, None
        return task, container

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
            ChooseScreen("Select a container", choices, likely.name if likely else "")
        )
        return chosen or ""


class Exec(Shell):
    """Run a command you type instead of the default shell (ECS runs it without a shell)."""

    name, keys, shown, title, footer = "exec", ("e",), "e", "command", False

    async def _command(self, browser: Browser, target: Target) -> Command | None:
        return await browser.shells.choice.ask(target)


class ForgetShell(Action):
    """Forget the shell and the commands remembered for this container or task family."""

    name, title, group = "forget-shell", "forget the shell", "Shells"

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.current_definition() else "Select a service, task or container first."

    async def run(self, browser: Browser) -> None:
        """Forget those of the container, or of all containers of the family."""
        family = family_of(browser.current_definition())
        row, container = browser.table.current, ""
        if row is not None and browser.place.view == "containers":
            container = row.container.name
        browser.note(browser.shells.choice.forget(family, container))


class FocusDock(Action):
    """Focus the shell panel."""

    name, shown, title, group = "dock", "{prefix}", "dock", "Shells"

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.dock.panes else "No open shells. Press s to open one."

    async def run(self, browser: Browser) -> None:
        browser.dock.focus_current()


class Split(Action):
    """Move the shell panel beside / below the list."""

    name, keys, shown, title, group = "split", ("v",), "v", "split", "Shells"

    async def run(self, browser: Browser) -> None:
        browser.shells.turn()


SHELL: tuple[Action, ...] = (Shell(), Exec(), ForgetShell(), FocusDock(), Split())
