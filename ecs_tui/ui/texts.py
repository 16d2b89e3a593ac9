"""Longer texts about the selected row: raw descriptions, events, deployments, help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ecs_tui.aws import ecs
from ecs_tui.model.arn import short_name
from ecs_tui.model.service import Service
from ecs_tui.model.words import age_of

if TYPE_CHECKING:
    from ecs_tui.ui.actions.base import Action
    from ecs_tui.ui.screens.browser import Browser

Source = tuple[str, Callable[[], Awaitable[Any]]]


def raw_source(browser: Browser) -> Source:
    """Title and fetcher of AWS's own description of the selected row."""
    row: Any = browser.table.current
    view = browser.view
    key = row.task.arn if browser.place.view == "containers" else view.key(row)
    cluster = browser.place.cluster
    return (
        f"{view.kind} {view.name_of(row)}",
        lambda: ecs.raw_description(browser.account, view.kind, cluster, key),
    )


def definition_source(browser: Browser) -> Source:
    """Title and fetcher of the task definition of the selected row."""
    arn = browser.current_definition()
    return (
        f"task definition {short_name(arn)}",
        lambda: ecs.raw_description(browser.account, "task-definition", "", arn),
    )


def events_text(service: Service) -> str:
    """A service's events, newest first."""
    now = datetime.now(UTC)
    lines = [f"{age_of(item.at, now):>5} ago  {item.message}" for item in service.events]
    return "\n".join(lines) or "This service has no events."


def deployments_text(service: Service) -> str:
    """A service's deployments, newest first."""
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
            f"({task_set.scale:g} % of the service)",
            f"  started {age_of(task_set.created_at, now)} ago   {task_set.id}"
            + (f"   {task_set.external_id}" if task_set.external_id else ""),
            *(f"  target group {name}" for name in task_set.target_groups),
            "",
        ]
    return "\n".join(lines) or "This service has no deployments and no task sets."


def help_text(actions: Iterable[Action], prefix: str) -> str:
    """All keys by group, from the actions that run; `prefix` is how the prefix is written."""
    actions = list(actions)
    lines: list[str] = []
    for group in dict.fromkeys(action.group for action in actions):
        lines.append(group)
        for action in actions:
            if action.group == group:
                lines.append(f"  {action.shown or ':' + action.name:<12} {action.help}")
        lines.append("")
    return "\n".join(lines).replace("{prefix}", prefix)
