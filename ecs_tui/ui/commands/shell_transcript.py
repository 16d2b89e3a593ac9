"""The command of a shell that goes to its transcript and its event."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ecs_tui.model.transcript import TranscriptRef
from ecs_tui.resources.transcript import transcript_place
from ecs_tui.system import wall_clock
from ecs_tui.ui.commands.dock import DockCommand
from ecs_tui.ui.context import Context, Workspace

if TYPE_CHECKING:
    from ecs_tui.ui.dock.pane import ShellPane


class ShellTranscript(DockCommand):
    """Its transcript, which AWS writes when the session has ended, and its event in CloudTrail."""

    id, title = "shell-transcript", "transcript and event"

    def obstacle(self, context: Context) -> str:
        if context.pane is not None and not context.pane.session.session_id:
            return "This session has not been opened yet."
        return super().obstacle(context)

    async def act(self, pane: ShellPane, context: Context, workspace: Workspace) -> None:
        target = pane.target
        ref = TranscriptRef(
            pane.session.session_id,
            target.cluster,
            task=target.task_arn,
            container=target.container,
            began=wall_clock.now() - (time.monotonic() - pane.session.started_at),
            ended=0.0 if pane.alive else wall_clock.now(),
            open=pane.alive,
        )
        workspace.go(transcript_place(ref), connection=pane.context.connection)
        workspace.focus_list()
