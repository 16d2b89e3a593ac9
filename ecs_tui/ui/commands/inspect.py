"""Commands that inspect a row: details, raw description, events, deployments, definition, copy.

The first rows need no dialog: each is imported where it opens.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from ecs_tui.aws.api import ecs
from ecs_tui.config.key_text import KeyText
from ecs_tui.model.arn import short_name
from ecs_tui.model.task import Task
from ecs_tui.resources import Place
from ecs_tui.resources.service_page import has_tabs, same_page
from ecs_tui.ui.commands.base import Command, needs_resource
from ecs_tui.ui.context import Context, Workspace

_Source = tuple[str, Callable[[], Awaitable[object]]]


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


class _OnRow(Command):
    group = "Inspect"
    needs_row = True


class ToggleDetails(_OnRow):
    """Toggle details."""

    id, title, footer, aliases = "details", "details", True, ("describe",)
    in_lists = True

    def obstacle(self, context: Context) -> str:
        return "The details are always shown here." if context.details_pinned else ""

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.toggle_details()


class _Scroll(Command):
    group = "Inspect"
    direction: ClassVar[int] = 1

    def obstacle(self, context: Context) -> str:
        if context.details_open:
            return ""
        return KeyText("Details are closed. Press {details} to open them.")

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
        from ecs_tui.ui.dialogs.text import TextScreen

        title, fetch = _raw_source(context)
        await workspace.show(TextScreen(title, fetch, raw=True))


class _Tab(Command):
    """A command that opens a tab of a service's page, from wherever a service is known."""

    group = "Inspect"
    view: ClassVar[str] = ""

    def obstacle(self, context: Context) -> str:
        name = _service_name(context)
        if context.place == self._place(context, name):
            return "It is shown already."
        return "" if name else "Select a service first."

    def _place(self, context: Context, service: str) -> Place:
        return Place(self.view, cluster=context.cluster, service=service)

    async def run(self, context: Context, workspace: Workspace) -> None:
        place = self._place(context, _service_name(context))
        workspace.go(place, connection=context.connection)


def _service_name(context: Context) -> str:
    """The service that is selected or that the place is about, or that of the selected task; or ""."""
    if context.service is not None:
        return context.service.name
    row = context.row
    return (
        row.service
        if isinstance(row, Task) and not context.place.service
        else context.place.service
    )


class Overview(_Tab):
    """Overview of the service: state and why, deployment, tasks, network, exec."""

    id, title, view = "overview", "overview", "overview"


class Events(_Tab):
    """Service events, the newest first."""

    id, title, footer, view = "events", "events", True, "events"


class Deployments(_Tab):
    """Deployments of the service, and its task sets."""

    id, title, view = "deployments", "deployments", "deployments"


class Metrics(_Tab):
    """Metrics of the service over time: CPU, memory, tasks, requests, errors, latency."""

    id, title, view = "metrics", "metrics", "metrics"


class Definition(Command):
    """Task definition (JSON): of a service on its page, of a task or container in a dialog."""

    id, title, group = "definition", "task def", "Inspect"

    def obstacle(self, context: Context) -> str:
        known = context.definition or _of_page(context)
        return "" if known else "No task definition for this row."

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.ui.dialogs.text import TextScreen

        place = _of_page(context)
        if place is None:
            title, fetch = _definition_source(context)
            await workspace.show(TextScreen(title, fetch, raw=True))
        elif context.place != place:
            workspace.go(place, connection=context.connection)


def _of_page(context: Context) -> Place | None:
    """The tab with the task definition, if the selected row or the page of a service has no other.

    A task, or a deployment, may have another revision than its service.
    """
    service = context.service
    if service is None:
        return None
    place = Place("definition", cluster=context.cluster, service=service.name)
    selected = context.row is not None and context.resource.service_of(context.row) is not None
    if not selected and not (has_tabs(context.place) and same_page(context.place, place)):
        return None
    return place if context.definition in ("", service.task_definition) else None


class Copy(_OnRow):
    """Copy the ARN, name, addresses, console link or an AWS CLI command of the selected row."""

    id, title, waits = "copy", "copy", True

    def obstacle(self, context: Context) -> str:
        return needs_resource(context)

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Ask what to copy; it goes to the outer terminal's clipboard (OSC 52)."""
        from ecs_tui.ui.copying import copyable
        from ecs_tui.ui.dialogs.choose import ChooseScreen

        found = copyable(context.row, context.connection.account, context.place)
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
    ToggleDetails(), DetailsDown(), DetailsUp(), Raw(), Overview(), Events(), Deployments(), Definition(), Metrics(),
    Copy(),
)  # fmt: skip
