"""Commands about deployments: roll a service back, answer a pause, list all that wait for a person.

The modules of operations and their dialogs are imported at their first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.rules.deployment_words import waiting_words
from ecs_tui.system import wall_clock
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.commands.operate import operate
from ecs_tui.ui.context import Context, Workspace

if TYPE_CHECKING:
    from ecs_tui.operations.plan import Plan
    from ecs_tui.operations.rollback import RollbackOptions
    from ecs_tui.operations.service_deployments import UnderWay


class _OnDeployment(Command):
    group, mutates, waits = "Operate", True, True

    def obstacle(self, context: Context) -> str:
        marked = sum(context.resource.service_of(row) is not None for row in context.rows)
        if marked > 1:
            return f"This changes one service, and {marked} are marked."
        return "" if context.service else "Select a service first."


class RollBack(_OnDeployment):
    """Roll back the service: stop its deployment, or deploy an earlier revision again."""

    id, title, footer, operation = "rollback", "roll back", True, "ecs:UpdateService"

    async def run(self, context: Context, workspace: Workspace) -> None:
        """A deployment in progress is rolled back; else ask to which revision. Then show the plan."""
        from ecs_tui.operations.rollback import RollbackOptions, read_rollback

        connection, service = context.connection, context.service
        if service is None:
            return
        found = await read_rollback(connection.account, context.cluster, service.name)
        if isinstance(found, RollbackOptions):
            plan = await _earlier(workspace, found)
        else:
            plan = await _under_way(workspace, found)
        if plan is not None:
            await operate(workspace, connection, plan)


async def _earlier(workspace: Workspace, found: RollbackOptions) -> Plan | None:
    """The plan for the revision that is chosen; if it cannot be deployed, say why and ask again."""
    from ecs_tui.operations.rollback import plan_rollback
    from ecs_tui.ui.dialogs.rollback import RollbackScreen

    while True:
        choice = await workspace.ask(RollbackScreen(found, wall_clock.moment()))
        if choice is None:
            return None
        try:
            return plan_rollback(found, choice)
        except EcsTuiError as error:
            workspace.note(str(error))


async def _under_way(workspace: Workspace, found: UnderWay) -> Plan | None:
    """The plan that rolls back a deployment; of one that waits for a person, the chosen answer."""
    from ecs_tui.operations.service_deployments import plan_answer, plan_stop
    from ecs_tui.ui.dialogs.choose import ChooseScreen

    hook = found.deployment.waiting
    if hook is None:
        return plan_stop(found)
    title = f"The deployment of {found.target} {waiting_words(hook, wall_clock.moment())}"
    back = f"Roll back to {found.before}" if found.before else "Roll back"
    choices = [("CONTINUE", f"Continue with {found.target}"), ("ROLLBACK", back)]
    answer = await workspace.ask(ChooseScreen(title, choices, "ROLLBACK"))
    if answer is None:
        return None
    return plan_answer(found, "CONTINUE" if answer == "CONTINUE" else "ROLLBACK")


class ContinueDeployment(_OnDeployment):
    """Continue the deployment that waits at a pause."""

    id, title, operation = "continue", "continue", "ecs:ContinueServiceDeployment"

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.operations.aws_command import connection_options
        from ecs_tui.operations.service_deployments import plan_answer, read_under_way

        connection, service = context.connection, context.service
        if service is None:
            return
        account = connection.account
        found = await read_under_way(
            account, context.cluster, service.name, connection_options(account)
        )
        if found is None:
            raise EcsTuiError(f"No deployment of {service.name} is in progress.")
        await operate(workspace, connection, plan_answer(found, "CONTINUE"))


class Waiting(Command):
    """List all deployments that wait for a person, of all clusters and accounts that are open."""

    id, title, group = "waiting", "waiting", "Places"
    aliases: ClassVar[tuple[str, ...]] = ("pauses",)

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.resources.waiting import WAITING

        workspace.go(WAITING.at(""))


DEPLOYMENT_COMMANDS: tuple[Command, ...] = (RollBack(), ContinueDeployment(), Waiting())
