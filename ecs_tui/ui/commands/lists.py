"""Commands for the columns and groups of lists.

The first rows need no dialog: each is imported where it opens.
"""

from __future__ import annotations

from ecs_tui.resources.tags import has_tags, known_tags
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace


class _OfTags(Command):
    group = "Lists"
    waits = True

    def obstacle(self, context: Context) -> str:
        return "" if has_tags(context.resource) else "The rows of this list have no tags."


class TagColumns(_OfTags):
    """Choose the tags that have a column in this list."""

    id, title, aliases = "tags", "tag columns", ("tag-columns",)

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.ui.dialogs.tags import TagColumnsScreen

        lists, name = workspace.lists, context.resource.name
        chosen, known = lists.columns(name), known_tags(workspace.table.rows)
        if not (known or chosen):
            workspace.note("No row of this list has a tag.")
            return
        title = f"Tags that have a column in the list of {name.replace('-', ' ')}"
        keys = await workspace.ask(TagColumnsScreen(title, known, chosen))
        if keys is not None:
            lists.choose(name, keys)
            workspace.rearrange()


class GroupByTag(_OfTags):
    """Group the rows of this list by a tag, or no longer."""

    id, title = "group", "group"

    async def run(self, context: Context, workspace: Workspace) -> None:
        from ecs_tui.ui.dialogs.choose import ChooseScreen

        lists, name = workspace.lists, context.resource.name
        now, known = lists.group(name), known_tags(workspace.table.rows)
        if not (known or now):
            workspace.note("No row of this list has a tag.")
            return
        keys = list(dict.fromkeys([*([now] if now else []), *(key for key, _, _ in known)]))
        choices = [("", "No groups"), *((key, f"tag:{key}") for key in keys)]
        key = await workspace.ask(ChooseScreen("Group the rows by", choices, now))
        if key is not None:
            lists.group_by(name, key)
            workspace.rearrange()


LISTS: tuple[Command, ...] = (TagColumns(), GroupByTag())
