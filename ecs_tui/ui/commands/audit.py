"""Commands of the audit: show the timeline of what is selected."""

from __future__ import annotations

from typing import Any

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.task import Task
from ecs_tui.resources import Place
from ecs_tui.resources.audit import AUDIT_VIEW
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.resources.sessions import SESSIONS_VIEW, SessionRow
from ecs_tui.store.connections import Connection
from ecs_tui.ui.commands.base import Command, needs_resource
from ecs_tui.ui.context import Context, Workspace


def place_of_audit(context: Context) -> Place:
    """The place with the timeline of what is selected, else of the whole account."""
    if context.place.view == AUDIT_VIEW:
        return context.place
    row: Any = context.row
    if isinstance(row, SessionRow):
        target = row.session.target
        return Place(AUDIT_VIEW, cluster=target.cluster, task_arn=target.task)
    task = row.task if isinstance(row, ContainerRow) else row
    if isinstance(task, Task):
        cluster = short_name(task.cluster_arn)
        return Place(AUDIT_VIEW, cluster=cluster, service=task.service, task_arn=task.arn)
    service = context.service
    if service is not None:
        cluster = short_name(service.cluster_arn)
        return Place(AUDIT_VIEW, cluster=cluster, service=service.name)
    return Place(AUDIT_VIEW, cluster=context.cluster, service=context.place.service)


class Audit(Command):
    """Audit: who was in the selected container, task, service or cluster, and what let them in."""

    id, title, group, aliases = "audit", "audit", "Inspect", ("timeline",)

    def obstacle(self, context: Context) -> str:
        if context.place.view == AUDIT_VIEW:
            return "It is shown already."
        return needs_resource(context)

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.go(place_of_audit(context), connection=context.connection)


class AuditAll(Command):
    """Audit of all open accounts and regions."""

    id, title, group = "audit-all", "audit of all", "Inspect"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.go(Place(AUDIT_VIEW), connection=context.connection)


class EndSession(Command):
    """End the selected session, or the marked ones: another's is confirmed by typing who that is."""

    id, title, group, footer = "end-session", "end session", "Operate", True
    fits, misfit = (SESSIONS_VIEW,), "Sessions are listed with :sessions."
    needs_row = mutates = waits = True
    operation = "ssm:TerminateSession"

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.operations.sessions import plan_end
        from ecs_tui.ui.commands.operate import operate

        plan = plan_end(context.connection.account, context.rows)
        await operate(workspace, context.connection, plan)


class LeftSessions(Command):
    """End sessions that an earlier run of this program left open, after a crash."""

    id, title, group = "left-sessions", "left sessions", "Operate"
    mutates = waits = True

    async def run(self, context: Context, workspace: Workspace) -> None:
        if not await end_left(context.connection, workspace):
            workspace.note("No earlier run of this program has left a session open.")


async def end_left(connection: Connection, workspace: Workspace) -> bool:
    """Offer to end the sessions that an earlier run left open; returns whether there are any.

    Those that Session Manager no longer lists have ended.
    """
    from ecs_tui.resources.left_sessions import left_rows

    rows = await left_rows(connection)
    if not rows:
        return False
    from ecs_tui.operations.sessions import plan_end
    from ecs_tui.ui.commands.operate import operate

    await operate(workspace, connection, plan_end(connection.account, rows))
    return True


async def offer_left(workspace: Workspace, connection: Connection) -> None:
    """At the start: offer to end what an earlier run left open. No call is made if there is nothing."""
    if connection.account.read_only:
        return
    try:
        await end_left(connection, workspace)
    except EcsTuiError as error:
        workspace.note(f"Sessions of an earlier run may still be open: {error}", news=True)


AUDIT_COMMANDS: tuple[Command, ...] = (Audit(), AuditAll(), EndSession(), LeftSessions())
