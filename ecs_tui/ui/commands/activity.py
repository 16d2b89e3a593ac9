"""The command of the timeline: show what happened around what is selected."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ecs_tui.model.arn import short_name
from ecs_tui.model.service import EventOfService
from ecs_tui.model.task import Task
from ecs_tui.resources import Place
from ecs_tui.resources.activity import ACTIVITY_VIEW, activity_place
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.ui.commands.base import Command, needs_resource
from ecs_tui.ui.context import Context, Workspace


def place_of_activity(context: Context) -> Place:
    """The timeline of what is selected, around its time if it has one.

    Of a task of a service it is the service's: what led to its end happened to the service.
    """
    row: Any = context.row
    task = row.task if isinstance(row, ContainerRow) else row
    if isinstance(task, Task):
        cluster, around = short_name(task.cluster_arn), _exit(task)
        arn = "" if task.service else task.arn
        return activity_place(cluster, task.service, arn, around)
    service, around = context.service, row.at if isinstance(row, EventOfService) else None
    if service is not None:
        return activity_place(short_name(service.cluster_arn), service.name, around=around)
    return activity_place(context.cluster, context.place.service, around=around)


def _exit(task: Task) -> datetime | None:
    """When a stopped task ended."""
    return task.execution_stopped_at or task.stopped_at if task.last_status == "STOPPED" else None


class ShowActivity(Command):
    """Activity: what happened around the selected thing, as one timeline in layers."""

    id, title, footer, group = "activity", "activity", True, "Inspect"

    def obstacle(self, context: Context) -> str:
        if context.place.view == ACTIVITY_VIEW:
            return "It is shown already."
        if not place_of_activity(context).cluster:
            return needs_resource(context) or "Select a cluster, a service or a task first."
        return ""

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.go(place_of_activity(context), connection=context.connection)


ACTIVITY_COMMANDS: tuple[Command, ...] = (ShowActivity(),)
