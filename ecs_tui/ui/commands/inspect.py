"""Commands that inspect a row: details, raw description, events, deployments, definition, copy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, ClassVar

from ecs_tui.aws.api import ecs
from ecs_tui.model.arn import short_name, target_group_name
from ecs_tui.model.service import Service
from ecs_tui.model.text import age_of
from ecs_tui.resources.events import EVENTS
from ecs_tui.ui.commands.base import Command, needs_resource
from ecs_tui.ui.context import Context, Workspace
from ecs_tui.ui.copying import copyable
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.text import TextScreen

_Source = tuple[str, Callable[[], Awaitable[Any]]]


def _raw_source(context: Context) -> _Source:
    """(title, fetcher) of AWS's raw description of the selected row."""
    row: Any = context.row
    raw, account, cluster = context.resource.raw, context.connection.account, context.cluster
    assert raw is not None
    fetch = raw.fetch
    return raw.title(row), lambda: fetch(account, cluster, row)


def _definition_source(context: Context) -> _Source:
    """(title, fetcher) of the raw task definition of the selected row."""
    arn, account = context.definition, context.connection.account
    return (
        f"task definition {short_name(arn)}",
        lambda: ecs.raw_description(account, "task-definition", "", arn),
    )


def _deployments_text(service: Service) -> str:
    """A service's deployments, newest first, then its task sets."""
    now = datetime.now(UTC)
    lines = []
    for item in service.deployments:
        lines += [
            f"{item.status}  {item.rollout_state}  {short_name(item.task_definition)}",
            f"  {item.running} running, {item.pending} pending, {item.desired} desired, "
            f"{item.failed} failed",
            f"  started {age_of(item.created_at, now)} ago   {item.id}",
            f"  {item.rollout_reason}",
            "",
        ]
    for task_set in service.task_sets:
        lines += [
            f"{task_set.status}  {task_set.stability}  {short_name(task_set.task_definition)}",
            f"  {task_set.running} running, {task_set.pending} pending, {task_set.desired} desired "
            f"({task_set.scale:g}% of the service)",
            f"  started {age_of(task_set.created_at, now)} ago   {task_set.id}"
            + (f"   {task_set.external_id}" if task_set.external_id else ""),
            *(f"  target group {target_group_name(arn)}" for arn in task_set.target_groups),
            "",
        ]
    return "\n".join(lines) or "No deployments and no task sets."


class _OnRow(Command):
    group = "Inspect"
    needs_row = True


class ToggleDetails(_OnRow):
    """Toggle details."""

    id, title, footer, aliases = "details", "details", True, ("describe",)

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.toggle_details()


class _Scroll(Command):
    group = "Inspect"
    direction: ClassVar[int] = 1

    def obstacle(self, context: Context) -> str:
        return "" if context.details_open else "Details are closed. Press {details} to open them."

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.scroll_details(self.direction)


class DetailsDown(_Scroll):
    """Scroll the details down."""

    id, title, footer = "details-down", "scroll", True


class DetailsUp(_Scroll):
    """Scroll the details up."""

    id, title, direction = "details-up", "scroll up", -1


class Raw(_OnRow):
    """View the raw description as JSON (again: YAML)."""

    id, title, footer = "raw", "JSON", True

    def obstacle(self, context: Context) -> str:
        missing = "" if context.resource.raw is not None else "AWS has no description of this row."
        return needs_resource(context) or missing

    async def run(self, context: Context, workspace: Workspace) -> None:
        title, fetch = _raw_source(context)
        await workspace.show(TextScreen(title, fetch, raw=True))


class _OnService(Command):
    group = "Inspect"

    def obstacle(self, context: Context) -> str:
        return "" if context.service else "Select a service first."


class Events(_OnService):
    """List service events, the newest first."""

    id, title, footer = "events", "events", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        service = context.service
        if service is not None:
            place = EVENTS.at(context.cluster, service.name)
            workspace.go(place, connection=context.connection)


class Deployments(_OnService):
    """Service deployments."""

    id, title = "deployments", "deployments"

    async def run(self, context: Context, workspace: Workspace) -> None:
        service = context.service
        if service is not None:
            text = _deployments_text(service)
            await workspace.show(TextScreen(f"Deployments of {service.name}", text))


class Definition(Command):
    """Task definition (JSON)."""

    id, title, group = "definition", "task def", "Inspect"

    def obstacle(self, context: Context) -> str:
        return "" if context.definition else "No task definition for this row."

    async def run(self, context: Context, workspace: Workspace) -> None:
        title, fetch = _definition_source(context)
        await workspace.show(TextScreen(title, fetch, raw=True))


class Copy(_OnRow):
    """Copy the ARN, name, addresses or an AWS CLI command of the selected row."""

    id, title, waits = "copy", "copy", True

    def obstacle(self, context: Context) -> str:
        return needs_resource(context)

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Ask what to copy; it goes to the outer terminal's clipboard (OSC 52)."""
        found = copyable(context.row, context.connection.account)
        if not found:
            workspace.note("Nothing to copy from this row.")
            return
        width = max(len(item.name) for item in found)
        choices = [(item.name, f"{item.name:<{width}}  {item.text}") for item in found]
        chosen = await workspace.ask(ChooseScreen("Copy what?", choices, "ARN"))
        for item in found:
            if item.name == chosen:
                workspace.copy(item.text)
                workspace.note(f"Copied {item.text}")
                return


INSPECT: tuple[Command, ...] = (
    ToggleDetails(), DetailsDown(), DetailsUp(), Raw(), Events(), Deployments(), Definition(), Copy(),
)  # fmt: skip
