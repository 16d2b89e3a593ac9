"""The command that lists all services of all open clusters and accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.resources.all_services import ALL_SERVICES
from ecs_tui.ui.commands.base import Action

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser


class AllServices(Action):
    """List all services of all clusters in all open accounts."""

    name, keys, shown, title, group = "all-services", ("0",), "0", "all services", "Lists"

    async def run(self, browser: Browser) -> None:
        browser.go(ALL_SERVICES.at(""))
