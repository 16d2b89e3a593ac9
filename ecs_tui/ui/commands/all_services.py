"""The command that lists all services of all open clusters and accounts."""

from __future__ import annotations

from ecs_tui.resources.all_services import ALL_SERVICES
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace


class AllServices(Command):
    """List all services of all clusters in all open accounts."""

    id, title, group = "all-services", "all services", "Places"

    async def run(self, context: Context, workspace: Workspace) -> None:
        workspace.go(ALL_SERVICES.at(""))
