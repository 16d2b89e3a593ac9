"""AWS's side of a session: opened by ExecuteCommand, and ended whatever happens on this side."""

from __future__ import annotations

import asyncio
import logging

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.aws.sessions import terminate_session
from ecs_tui.errors import EcsTuiError
from ecs_tui.session.target import Target

log = logging.getLogger("ecs_tui.session")

_LATE: set[asyncio.Task[None]] = set()
"""Calls that nobody waits for any more; a task that is not referenced may be collected."""


async def all_told(seconds: float) -> None:
    """Wait until AWS has been told of every session that it is to end, but not longer."""
    if _LATE:
        await asyncio.wait(_LATE, timeout=seconds)


class RemoteSession:
    """One session as AWS sees it.

    Attributes:
        session_id: "" until ECS has answered.
        left: Why AWS could not be told to end it, None where it was, or is not to end it.
    """

    def __init__(self, account: Account, target: Target, command: str) -> None:
        self._account, self._target, self._command = account, target, command
        self._asking: asyncio.Task[ecs.StartedSession] | None = None
        self._terminating: asyncio.Task[None] | None = None
        self.session_id = ""
        self.left: EcsTuiError | None = None

    async def open(self) -> ecs.StartedSession:
        """Ask ECS for the session.

        Raises:
            AwsError: ECS opened none.
        """
        # A task of its own: when the caller is cancelled, ECS opens the session all the same, and
        # only the answer says which one is to be ended.
        self._asking = asyncio.create_task(
            ecs.execute_command(
                self._account,
                self._target.cluster,
                self._target.task_arn,
                self._target.container,
                self._command,
            )
        )
        started = await asyncio.shield(self._asking)
        self.session_id = started.session_id
        return started

    def terminate(self) -> None:
        """Have AWS end it: one call, at once, or as soon as ECS has answered."""
        if self._terminating is None and self._asking is not None:
            self._terminating = asyncio.create_task(self._terminate(self._asking))
            _LATE.add(self._terminating)
            self._terminating.add_done_callback(_LATE.discard)

    async def terminated(self, seconds: float | None = None) -> None:
        """Wait until that call has been answered, but not longer; it goes on after that."""
        if self._terminating is not None:
            _, waiting = await asyncio.wait({self._terminating}, timeout=seconds)
            if waiting:
                log.warning("ssm:TerminateSession for %s takes long", self.session_id)

    async def _terminate(self, asking: asyncio.Task[ecs.StartedSession]) -> None:
        await asyncio.wait({asking})
        if asking.cancelled() or asking.exception() is not None:
            return  # `open` has raised it, and there is nothing to end
        self.session_id = asking.result().session_id
        try:
            await terminate_session(self._account, self.session_id)
        except EcsTuiError as error:
            # The channel's own end usually does it too: worth a sentence, not a stop.
            self.left = error
            log.warning("session %s: %s", self.session_id, error)
