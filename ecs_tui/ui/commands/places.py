"""Commands that go to a list: one for each resource that says what it shows, without a key.

Resources whose command has a key, or is more than a jump, have it in another file.
"""

from __future__ import annotations

from ecs_tui.config.key_text import KeyText
from ecs_tui.resources import RESOURCES, Resource
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace


class GoToList(Command):
    """Go to a list of the cluster or the service at the cursor."""

    group = "Places"
    resource: Resource

    @property
    def help(self) -> KeyText:
        """The resource's own words."""
        return KeyText(self.resource.about)

    def obstacle(self, context: Context) -> str:
        within = self.resource.within
        if within and not context.cluster:
            return "Select a cluster first."
        if within == "service" and context.service is None:
            return "Select a service first."
        return ""

    async def run(self, context: Context, workspace: Workspace) -> None:
        service = context.service if self.resource.within == "service" else None
        place = self.resource.at(context.cluster, service.name if service else "")
        workspace.go(place, connection=context.connection)


def go_to_lists(taken: frozenset[str]) -> tuple[Command, ...]:
    """The commands of all resources with a description whose name is not in `taken`."""
    return tuple(
        type(
            f"GoTo{name}", (GoToList,),
            {"resource": resource, "id": name, "title": name.replace("-", " ")},
        )()
        for name, resource in RESOURCES.items()
        if resource.about and name not in taken
    )  # fmt: skip
