"""Commands for shells: open one, run a command, focus or move the dock.

The first rows need no dialog: each is imported where it opens.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ecs_tui.config.key_text import KeyText
from ecs_tui.model.command import ShellCommand, family_of
from ecs_tui.model.container import Container
from ecs_tui.model.rules.exec_readiness import (
    Verdict,
    container_readiness,
    likely_container,
    newest_ready_task,
)
from ecs_tui.model.rules.health import readiness_sign
from ecs_tui.model.task import Task
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.ui.commands.base import Command, needs_resource, refusal
from ecs_tui.ui.commands.open_check import open_doctor
from ecs_tui.ui.commands.reason import ask_reason
from ecs_tui.ui.context import Context, Workspace, cluster_of

if TYPE_CHECKING:
    from ecs_tui.session.target import Target

WITH_TASKS = (
    "services", "all-services", "tasks", "stopped-tasks", "containers",
    "overview", "events", "deployments", "definition", "metrics", "logs",
    "activity", "problems",
)  # fmt: skip
"""The lists whose rows are, or have, tasks in which a shell can be opened."""
_MAX_NAMED = 5
"""Marked rows that the question names."""


def each_row(context: Context) -> list[Context]:
    """The context of each marked row, else of the selected one, as if it alone were selected."""
    if all(row is context.row for row in context.rows):
        return [context]
    return [
        replace(
            context,
            connection=connection,
            row=row,
            rows=(row,),
            connections=(connection,),
            cluster=cluster_of(context.place, context.resource, row),
        )
        for row, connection in zip(context.rows, context.connections, strict=True)
    ]


async def shell_task(context: Context) -> tuple[Task | None, str]:
    """The task to open a shell in, or None; and the container, "" if it has to be chosen."""
    row, cluster = context.row, context.cluster
    if isinstance(row, ContainerRow):
        return row.task, row.container.name
    if isinstance(row, Task):
        return row, ""
    service = context.service
    if service is None:
        return None, ""
    inventory = context.inventory
    tasks = inventory.service_tasks(cluster, service.name)
    if not tasks:
        await inventory.load(Scope(Kind.TASK, cluster, service.name))
        tasks = inventory.tasks(cluster, service.name)
    return newest_ready_task(tasks), ""


class Shell(Command):
    """Open a shell (on a service: in its newest healthy task)."""

    id, title, footer, group = "shell", "shell", True, "Shells"
    fits = WITH_TASKS
    misfit = "Open a cluster first, then select a service, task or container."
    operation = "ecs:ExecuteCommand"
    mutates = waits = needs_row = True

    def obstacle(self, context: Context) -> str:
        return needs_resource(context)

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Open one in the selected row, or in each marked row if the operator agrees."""
        every = each_row(context)
        if len(every) > 1 and not await self._agreed(context, workspace):
            return
        for each in every:
            if words := refusal(self, each):
                workspace.note(words)
            else:
                await self._open(each, workspace)

    async def _agreed(self, context: Context, workspace: Workspace) -> bool:
        from ecs_tui.ui.dialogs.confirm import ConfirmScreen

        names = [context.resource.name_of(row) for row in context.rows]
        more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
        question = f"Open a shell in each of {len(names)} marked rows?"
        effect = f"{', '.join(names[:_MAX_NAMED])}{more}: each is a session of its own."
        agreed = await workspace.ask(ConfirmScreen(question, effect, "Open"))
        return agreed is True

    async def _open(self, context: Context, workspace: Workspace) -> None:
        """Find the container, confirm if a shell is unlikely to open, and open one."""
        task, container = await self._find(context, workspace)
        if task is None or container is None:
            return
        target = await workspace.shells.choice.target(context.connection, task, container)
        command = await self._command(workspace, target)
        if command is None:
            return
        reason = await ask_reason(workspace, context.connection, target)
        if reason is not None:
            workspace.shells.open(
                target, connection=context.connection, command=command, purpose=reason
            )

    async def _command(self, workspace: Workspace, target: Target) -> ShellCommand | None:
        return workspace.shells.choice.choose(target)

    async def _find(
        self, context: Context, workspace: Workspace
    ) -> tuple[Task | None, Container | None]:
        """(task, container) of the shell; (None, None) if there is none or it is cancelled."""
        task, name = await shell_task(context)
        if task is None:
            workspace.note("No running task in this service to open a shell in.")
            return None, None
        if not name:
            name = await self._choose(workspace, task)
        container = task.container(name) if name else None
        if container is None:
            return None, None
        readiness = container_readiness(task, container)
        if readiness.verdict in (Verdict.NO, Verdict.WAIT):
            from ecs_tui.ui.dialogs.refused import RefusedShellScreen

            answer = await workspace.ask(
                RefusedShellScreen(
                    f"Can't open a shell in {container.name} (task {task.id[:12]}): "
                    f"{readiness.reason}."
                )
            )
            if answer == "check":
                await open_doctor(context, workspace, task, container.name)
            if answer != "try":
                return None, None
        return task, container

    @staticmethod
    async def _choose(workspace: Workspace, task: Task) -> str:
        if len(task.containers) < 2:
            return task.containers[0].name if task.containers else ""
        from ecs_tui.ui.dialogs.choose import ChooseScreen

        likely = likely_container(task)
        choices = []
        for item in task.containers:
            readiness = container_readiness(task, item)
            choices.append((item.name, f"{readiness_sign(readiness)} {item.name}   {readiness}"))
        chosen = await workspace.ask(
            ChooseScreen("Select a container", choices, likely.name if likely else "")
        )
        return chosen or ""


class Exec(Shell):
    """Run one command that you type (ECS runs it without a shell)."""

    id, title, footer = "exec", "command", False

    async def _command(self, workspace: Workspace, target: Target) -> ShellCommand | None:
        return await workspace.shells.choice.ask(target)


class ForgetShell(Command):
    """Forget the shell and the commands remembered for this container or task family."""

    id, title, group = "forget-shell", "forget the shell", "Shells"

    def obstacle(self, context: Context) -> str:
        return "" if context.definition else "Select a service, task or container first."

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Forget those of the container, or of all containers of the family."""
        row = context.row
        container = row.container.name if isinstance(row, ContainerRow) else ""
        workspace.note(workspace.shells.choice.forget(family_of(context.definition), container))


class FocusDock(Command):
    """Focus the shell panel; its keys are the setting `prefix`."""

    id, title, group = "dock", "dock", "Shells"

    def obstacle(self, context: Context) -> str:
        return "" if context.shells else KeyText("No open shells. Press {shell} to open one.")

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.dock.focus_current()


class Split(Command):
    """Move the shell panel beside / below the list."""

    id, title, group = "split", "split", "Shells"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.shells.turn()


SHELL: tuple[Command, ...] = (Shell(), Exec(), ForgetShell(), FocusDock(), Split())
