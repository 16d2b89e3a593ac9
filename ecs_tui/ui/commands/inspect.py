"""Commands that inspect a row: details, raw description, events, deployments, definition, copy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from ecs_tui.aws.api import ecs
from ecs_tui.model.arn import short_name, target_group_name
from ecs_tui.model.service import Service
from ecs_tui.model.text import age_of
from ecs_tui.resources.accounts import AccountClusterRow
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.ui.commands.base import Action, needs_resource, needs_row
from ecs_tui.ui.copying import copyable
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.help import HelpScreen
from ecs_tui.ui.dialogs.text import TextScreen

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser

_Source = tuple[str, Callable[[], Awaitable[Any]]]


def _raw_source(browser: Browser) -> _Source:
    """(title, fetcher) of AWS's raw description of the selected row."""
    row: Any = browser.table.current
    view, account = browser.view, browser.current_connection().account
    if isinstance(row, AccountClusterRow):
        row = row.row
    key = row.task.arn if isinstance(row, ContainerRow) else row.arn
    cluster = browser.place.cluster
    return (
        f"{view.kind} {row.task.id if isinstance(row, ContainerRow) else view.name_of(row)}",
        lambda: ecs.raw_description(account, view.kind, cluster, key),
    )


def _definition_source(browser: Browser) -> _Source:
    """(title, fetcher) of the raw task definition of the selected row."""
    arn, account = browser.current_definition(), browser.current_connection().account
    return (
        f"task definition {short_name(arn)}",
        lambda: ecs.raw_description(account, "task-definition", "", arn),
    )


def _events_text(service: Service) -> str:
    """A service's events, newest first."""
    now = datetime.now(UTC)
    lines = [f"{age_of(item.at, now):>5} ago  {item.message}" for item in service.events]
    return "\n".join(lines) or "No events."


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


class _OnRow(Action):
    group = "Inspect"

    def obstacle(self, browser: Browser) -> str:
        return needs_row(browser)


class Describe(_OnRow):
    """Toggle details."""

    name, keys, shown, title, footer = "describe", ("d",), "d", "details", True

    async def run(self, browser: Browser) -> None:
        browser.toggle_details()


class _Scroll(Action):
    group = "Inspect"
    direction: ClassVar[int] = 1

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.details_open else "Details are closed. Press d to open them."

    async def run(self, browser: Browser) -> None:
        browser.scroll_details(self.direction)


class DetailsDown(_Scroll):
    """Scroll the details down."""

    name, keys, shown, title = "details-down", ("J",), "J", "scroll"
    footer = True


class DetailsUp(_Scroll):
    """Scroll the details up."""

    name, keys, shown, title, direction = "details-up", ("K",), "K", "scroll up", -1


class Raw(_OnRow):
    """View the raw description as JSON (y again: YAML)."""

    name, keys, shown, title, footer = "raw", ("y",), "y", "JSON", True

    def obstacle(self, browser: Browser) -> str:
        return super().obstacle(browser) or needs_resource(browser)

    async def run(self, browser: Browser) -> None:
        title, fetch = _raw_source(browser)
        await browser.app.push_screen(TextScreen(title, fetch, raw=True))


class _OnService(Action):
    group = "Inspect"

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.current_service() else "Select a service first."


class Events(_OnService):
    """Service events."""

    name, keys, shown, title, footer = "events", ("w",), "w", "events", True

    async def run(self, browser: Browser) -> None:
        service = browser.current_service()
        if service is not None:
            text = _events_text(service)
            await browser.app.push_screen(TextScreen(f"Events of {service.name}", text))


class Deployments(_OnService):
    """Service deployments."""

    name, keys, shown, title = "deployments", ("p",), "p", "deployments"

    async def run(self, browser: Browser) -> None:
        service = browser.current_service()
        if service is not None:
            text = _deployments_text(service)
            await browser.app.push_screen(TextScreen(f"Deployments of {service.name}", text))


class Definition(_OnRow):
    """Task definition (JSON)."""

    name, keys, shown, title = "definition", ("t",), "t", "task def"

    def obstacle(self, browser: Browser) -> str:
        return "" if browser.current_definition() else "No task definition for this row."

    async def run(self, browser: Browser) -> None:
        title, fetch = _definition_source(browser)
        await browser.app.push_screen(TextScreen(title, fetch, raw=True))


class Copy(_OnRow):
    """Copy the ARN, name, addresses or an AWS CLI command of the selected row."""

    name, keys, shown, title, asks = "copy", ("c",), "c", "copy", True

    def obstacle(self, browser: Browser) -> str:
        return super().obstacle(browser) or needs_resource(browser)

    async def run(self, browser: Browser) -> None:
        """Ask what to copy; it goes to the outer terminal's clipboard (OSC 52)."""
        found = copyable(browser.table.current, browser.current_connection().account)
        width = max(len(item.name) for item in found)
        choices = [(item.name, f"{item.name:<{width}}  {item.text}") for item in found]
        chosen = await browser.app.push_screen_wait(ChooseScreen("Copy what?", choices, "ARN"))
        for item in found:
            if item.name == chosen:
                browser.app.copy_to_clipboard(item.text)
                browser.note(f"Copied {item.text}")
                return


class Help(Action):
    """Show this help."""

    name, keys, shown, title, footer, group = (
        "help",
        ("question_mark",),
        "?",
        "help",
        True,
        "Inspect",
    )

    async def run(self, browser: Browser) -> None:
        await browser.app.push_screen(HelpScreen(browser.help_text()))


INSPECT: tuple[Action, ...] = (
    Describe(), DetailsDown(), DetailsUp(), Raw(), Events(), Deployments(), Definition(), Copy(), Help(),
)  # fmt: skip
