"""Runs commands: the one place that checks whether they are possible."""

from __future__ import annotations

from collections.abc import Callable

from textual.screen import Screen

from ecs_tui.errors import EcsTuiError
from ecs_tui.ui.commands.base import Command, refusal
from ecs_tui.ui.context import Context, Workspace

_ERROR_SECONDS = 15.0


class Runner:
    """Runs a command on the context of its key press, in a worker if it waits.

    Args:
        screen: Owns the workers.
        workspace: What commands may do.
        drawn: Called when a command is done.
    """

    def __init__(
        self, screen: Screen[None], workspace: Workspace, drawn: Callable[[], None]
    ) -> None:
        self._screen, self._workspace, self._drawn = screen, workspace, drawn

    async def perform(self, command: Command, context: Context) -> None:
        """Run a command, or note why it is not possible."""
        if words := refusal(command, context):
            self._workspace.note(words)
        elif command.waits:
            self._screen.run_worker(self._run(command, context), group="action")
        else:
            await self._run(command, context)

    async def _run(self, command: Command, context: Context) -> None:
        try:
            await command.run(context, self._workspace)
        except EcsTuiError as error:
            self._workspace.note(str(error), _ERROR_SECONDS)
        self._drawn()
