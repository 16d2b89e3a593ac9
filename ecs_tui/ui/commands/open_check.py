"""Opens the exec check of a task: for its command, and where a shell is refused.

The doctor's modules are imported at their first use: they are a tenth of all imports.
"""

from __future__ import annotations

from ecs_tui.model.arn import short_name
from ecs_tui.model.task import Task
from ecs_tui.resources.problems import problem_lines
from ecs_tui.ui.commands.operate import open_ready, teller
from ecs_tui.ui.context import Context, Workspace


async def open_doctor(
    context: Context, workspace: Workspace, task: Task, container: str, error: str = ""
) -> None:
    """Open the exec check of a task, and then the shell that it returns.

    Args:
        context: Its connection is the task's.
        workspace: Shows the dialog and opens the shell.
        task: The task.
        container: The container to check; "" for all of the task's.
        error: AWS's error for the shell that failed, or "".
    """
    from ecs_tui.doctor.exec_check import Doctor
    from ecs_tui.doctor.facts import PluginFact
    from ecs_tui.doctor.gather import Gatherer
    from ecs_tui.session.plugin import BUILTIN, PluginChoice, find_plugin
    from ecs_tui.ui.dialogs.doctor import DoctorScreen

    connection, settings = context.connection, context.settings

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
        last = workspace.shells.last_exit_reason.get(task.arn, "")
        return Doctor(gatherer, container, last_exit_reason=last)

    where = f"{task.service}/" if task.service else ""
    title = f"{where}{task.id[:12]}" + (f" · {container}" if container else "")
    tell = teller(workspace, connection)
    wrong = problem_lines(connection.inventory, short_name(task.cluster_arn), task.service)
    screen = DoctorScreen(
        connection.account, title, make, container, error, wrong=wrong, tell=tell
    )  # fmt: skip
    wanted = await workspace.ask(screen)
    if wanted is None:
        return
    await open_ready(
        workspace, connection, wanted.task, wanted.container, stop_after=wanted.stop_after
    )
