"""The command that opens the AWS console at the selected thing. It changes nothing in AWS.

The first rows need neither links nor dialogs: both are imported at their first use.
"""

from __future__ import annotations

from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace


def _link(context: Context) -> str:
    from ecs_tui.resources.console_links import console_link

    return console_link(context.connection.account.region, context.row, context.place)


class Console(Command):
    """Open the AWS console at the selected row; where no browser can be opened, copy the link."""

    id, title, group, waits = "console", "AWS console", "Inspect", True

    def obstacle(self, context: Context) -> str:
        from ecs_tui.model.console import partition_of_region

        if _link(context):
            return ""
        region = context.connection.account.region
        if not region:
            return "The region is not known yet."
        return f"The console of partition {partition_of_region(region)} has no public address."

    async def run(self, context: Context, workspace: Workspace) -> None:
        """Open it, or show the link and copy it: over ssh, or without a display."""
        from ecs_tui.system.browser import open_browser
        from ecs_tui.ui.dialogs.link import LinkScreen

        link = _link(context)
        endpoint = context.connection.account.endpoint_url
        if not endpoint and await open_browser(link):
            workspace.note(f"Opened in the browser: {link}")
            return
        why = "No browser can be opened from here. The link is copied."
        if endpoint:
            why = f"The link is copied. This account is not AWS's, but that of {endpoint}."
        workspace.copy(link)
        choice = await workspace.ask(LinkScreen(link, "", False, title="AWS console", why=why))
        if choice == "copy":
            workspace.copy(link)
            workspace.note("Link copied.")
