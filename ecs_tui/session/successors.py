"""Replacement tasks: looked for while a session's task is stopping or gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from ecs_tui.errors import EcsTuiError
from ecs_tui.session.shell_session import ShellSession
from ecs_tui.session.task_watch import successor
from ecs_tui.system import crash

log = logging.getLogger("ecs_tui.session")

SUCCESSORS_SECONDS = 3.0
"""Minimum seconds between two searches for replacement tasks."""


class SuccessorSearch:
    """Finds the container of a session in the task that replaces a stopping or gone one."""

    def __init__(self) -> None:
        self._looked_at: float | None = None
        self._job: asyncio.Task[None] | None = None

    @property
    def in_flight(self) -> bool:
        """Whether a search is under way."""
        return self._job is not None and not self._job.done()

    def look(self, sessions: Sequence[ShellSession], now: float) -> None:
        """Search for the sessions that need it, at most every 3 s; one search at a time.

        Args:
            now: Monotonic seconds.
        """
        wanting = [shell for shell in sessions if shell.wants_successor]
        if not wanting or self.in_flight:
            return
        if self._looked_at is None or now - self._looked_at > SUCCESSORS_SECONDS:
            self._looked_at = now
            self._job = asyncio.create_task(self._find(wanting))
            self._job.add_done_callback(self._found)

    @staticmethod
    async def _find(sessions: Sequence[ShellSession]) -> None:
        for shell in sessions:
            target, tasks = shell.target, shell.tasks
            if tasks is None:
                continue
            try:
                known = await tasks.tasks_of_service(target.cluster, target.service)
            except EcsTuiError as error:  # tried again at the next look
                log.info("no replacement task of %s is known: %s", target.words, error)
                continue
            found = successor(target, known)
            if found is not None and shell.wants_successor:
                shell.replaced_by(found)

    @staticmethod
    def _found(job: asyncio.Task[None]) -> None:
        if not job.cancelled() and (error := job.exception()) is not None:
            crash.report("the search for replacement tasks", error)

    def close(self) -> None:
        """End the search that is under way."""
        if self._job is not None:
            self._job.cancel()
