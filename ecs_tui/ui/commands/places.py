"""Commands that go to a list: one for each resource that says what it shows, without a key.

Resources whose command has a key, or is more than a jump, have it in another file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecs_tui.resources import RESOURCES, Resource
from ecs_tui.ui.commands.base import Action

if TYPE_CHECKING:
    from ecs_tui.ui.main_screen import Browser


class GoToList(Action):
    """Go to a list of the cluster or the service at the cursor."""

    resource: Resource
    group = "Lists"

    @property
    def help(self) -> str:
        """The resource's own words."""
        return self.resource.about

    def obstacle(self, browser: Browser) -> str:
        within = self.resource.within
        if within and not browser.current_cluster():
            return "Select a cluster first."
        if within == "service" and browser.current_service() is None:
            return "Select a service first."
        return ""

    async def run(self, browser: Browser) -> None:
        service = browser.current_service() if self.resource.within == "service" else None
        place = self.resource.at(browser.current_cluster(), service.name if service else "")
        browser.go(place, connection=browser.current_connection())


def go_to_lists(taken: frozenset[str]) -> tuple[Action, ...]:
    """The commands of all resources with a description whose name is not in `taken`."""
    return tuple(
        type(
            f"GoTo{name}", (GoToList,),
            {"resource": resource, "name": name, "title": name.replace("-", " ")},
        )()
        for name, resource in RESOURCES.items()
        if resource.about and name not in taken
    )  # fmt: skip
