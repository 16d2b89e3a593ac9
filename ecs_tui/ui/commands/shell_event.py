"""The event of a shell in CloudTrail: what the record says about it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

from ecs_tui.system import wall_clock
from ecs_tui.ui.commands.dock import DockCommand
from ecs_tui.ui.context import Context, Workspace

if TYPE_CHECKING:
    from ecs_tui.ui.dock.pane import ShellPane

BEFORE = timedelta(minutes=2)
"""How much earlier than the session the event is looked for: clocks differ."""


class ShellEvent(DockCommand):
    """The shell's own event in CloudTrail, some minutes after it was opened."""

    id, title, waits = "shell-event", "event", True

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        from ecs_tui.store.sessions_inside import read_openers
        from ecs_tui.ui.dialogs.text import TextScreen

        session = pane.shell.session
        if not session.session_id:
            workspace.note("ECS has opened no session yet.")
            return
        now = wall_clock.moment()
        opened = now - timedelta(seconds=time.monotonic() - session.started_at)
        workspace.note("Looking for the event in CloudTrail…")
        found = await read_openers(pane.shell.account, (opened - BEFORE).isoformat(), now)
        event = found.get(session.session_id)
        if event is None:
            workspace.note("CloudTrail does not have the event yet: it takes some minutes.", 12)
            return
        record = event.record

        async def whole() -> object:
            return record

        await workspace.show(TextScreen(f"Event of {pane.shell.words}", whole, raw=True))
