"""Commands about logs: show those of what is selected, go to a time, search them in AWS."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ecs_tui.model.arn import short_name
from ecs_tui.model.log_target import LogTarget
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.resources import Place
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.resources.logs import LOGS_VIEW, insights_place, logs_place
from ecs_tui.resources.problems import ProblemRow
from ecs_tui.system import wall_clock
from ecs_tui.ui.commands.base import Command, needs_resource
from ecs_tui.ui.context import Context, Workspace

_WHOLE_CLUSTER = ("clusters", "accounts")
"""Lists whose rows are clusters."""


def place_of_logs(context: Context) -> Place | str:
    """The place with the logs of what is selected; else why there is none, in a sentence."""
    if context.place.view == LOGS_VIEW:
        return context.place
    if len(context.rows) > 1:
        return _of_marked(context)
    row: Any = context.row
    if isinstance(row, ContainerRow):
        return logs_place(
            short_name(row.task.cluster_arn), row.task.service, (row.task,), (row.container.name,)
        )
    if isinstance(row, Task):
        return logs_place(short_name(row.cluster_arn), row.service, (row,))
    if isinstance(row, ProblemRow) and row.stopped_task is not None:
        return logs_place(context.cluster, row.stopped_task.service, (row.stopped_task,))
    service = context.service
    if service is not None:
        return logs_place(short_name(service.cluster_arn), service.name)
    if context.cluster and (row is None or context.resource.name in _WHOLE_CLUSTER):
        return logs_place(context.cluster, context.place.service)
    return "Select a cluster, a service, a task or a container first."


def _of_marked(context: Context) -> Place | str:
    """The logs of the marked rows, which must be in one cluster."""
    rows = context.rows
    if len(set(context.connections)) > 1:
        return "The marked rows belong to several accounts. Logs are shown of one at a time."
    tasks = [row.task if isinstance(row, ContainerRow) else row for row in rows]
    services = [context.resource.service_of(row) for row in rows]
    known = [each for each in services if isinstance(each, Service)]
    if all(isinstance(each, Task) for each in tasks):
        clusters = {short_name(each.cluster_arn) for each in tasks}
        containers = [row.container.name for row in rows if isinstance(row, ContainerRow)]
        made = logs_place(clusters.pop(), "", tuple(tasks), tuple(dict.fromkeys(containers)))
    elif len(known) == len(rows):
        clusters = {short_name(each.cluster_arn) for each in known}
        named = LogTarget(services=tuple(each.name for each in known))
        made = Place(LOGS_VIEW, cluster=clusters.pop(), logs=named)
    else:
        return "Logs are shown of marked services, tasks or containers; of clusters, one at a time."
    return made if not clusters else "The marked rows belong to several clusters."


class Logs(Command):
    """Logs of a container, task, service, the marked rows or a cluster; of a stopped task its last lines."""

    id, title, footer, group = "logs", "logs", True, "Inspect"

    def obstacle(self, context: Context) -> str:
        if context.place.view == LOGS_VIEW:
            return "They are shown already."
        place = place_of_logs(context)
        return needs_resource(context) or (place if isinstance(place, str) else "")

    async def run(self, context: Context, workspace: Workspace) -> None:
        place = place_of_logs(context)
        if isinstance(place, Place):
            workspace.go(place, connection=context.connection)


class ContainerInsights(Command):
    """What Container Insights has written about the cluster: its own log groups."""

    id, title, group = "container-insights", "Container Insights", "Inspect"

    def obstacle(self, context: Context) -> str:
        return needs_resource(context) or ("" if context.cluster else "Select a cluster first.")

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.go(insights_place(context.cluster), connection=context.connection)


class LogTime(Command):
    """Go to a time in the logs."""

    id, title, group = "log-time", "go to a time", "Inspect"
    fits, misfit, waits = (LOGS_VIEW,), "Open logs first.", True

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.ui.dialogs.log_time import LogTimeScreen

        moment = await workspace.ask(LogTimeScreen(wall_clock.milliseconds()))
        if moment is not None:
            workspace.go(_at_time(context.place, moment), connection=context.connection)


class SearchLogs(Command):
    """Search the logs in AWS by Logs Insights: says first about what it scans, which AWS bills."""

    id, title, group, aliases = "search-logs", "search logs", "Inspect", ("insights",)
    waits = True

    def obstacle(self, context: Context) -> str:
        place = place_of_logs(context)
        return needs_resource(context) or (place if isinstance(place, str) else "")

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.ui.dialogs.search_logs import LogSearchTarget, SearchLogsScreen

        place = place_of_logs(context)
        if isinstance(place, str):
            return
        asked = SearchLogsScreen(
            LogSearchTarget(context.connection, place), wall_clock.milliseconds()
        )
        found = await workspace.ask(asked)
        if found is not None:
            workspace.go(_at_time(place, found.at), connection=context.connection)


def _at_time(place: Place, moment: int) -> Place:
    """The same logs at a time, in milliseconds since 1970."""
    return replace(place, logs=replace(place.logs or LogTarget(), at=moment))


LOG_COMMANDS: tuple[Command, ...] = (
    Logs(), ContainerInsights(), LogTime(), SearchLogs(),
)  # fmt: skip
