"""The AWS side of a session: opened by ExecuteCommand, and always terminated."""

from __future__ import annotations

import asyncio
import logging

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.aws.api.ssm import terminate_session
from ecs_tui.aws.session_claim import claiming
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.arn import short_name
from ecs_tui.model.recording_fact import RecordingFact, SessionClaim
from ecs_tui.session.aws_recording import read_recording
from ecs_tui.session.target import Target

log = logging.getLogger("ecs_tui.session")

_PENDING: set[asyncio.Task[None]] = set()
"""Calls that no other code awaits, referenced here so that they are not garbage-collected."""


async def wait_for_terminations(seconds: float) -> None:
    """Wait for all pending TerminateSession calls, up to a time limit."""
    if _PENDING:
        await asyncio.wait(_PENDING, timeout=seconds)


class RemoteSession:
    """One session on the AWS side.

    Attributes:
        session_id: "" until ECS has answered.
        termination_error: The error of TerminateSession, None if it succeeded or was not needed.
    """

    def __init__(self, account: Account, target: Target, command: str, reason: str = "") -> None:
        self._account, self._target, self._command = account, target, command
        self._reason = reason
        self._opening: asyncio.Task[ecs.StartedSession] | None = None
        self._terminating: asyncio.Task[None] | None = None
        self.session_id = ""
        self.termination_error: EcsTuiError | None = None

    async def open(self) -> ecs.StartedSession:
        """Call ExecuteCommand.

        Raises:
            AwsError: ECS opened no session.
        """
        # A separate task: if the caller is cancelled, ECS still opens the session, and
        # only the answer says which session to terminate.
        self._opening = asyncio.create_task(self._execute())
        started = await asyncio.shield(self._opening)
        self.session_id = started.session_id
        return started

    async def _execute(self) -> ecs.StartedSession:
        account, target = self._account, self._target
        where = (target.cluster, target.task_arn, target.container)
        if not account.policy.rules_sessions:
            return await ecs.execute_command(account, *where, self._command)
        name = short_name(target.cluster)
        recording = RecordingFact("unknown", reason="It was not read.")
        if account.policy.needs_recording(name):
            # Read now: what the screen knows may be older than a change of the cluster.
            recording = await read_recording(account, *where)
        with claiming(SessionClaim(name, recording, self._reason)):
            return await ecs.execute_command(account, *where, self._command)

    def terminate(self) -> None:
        """Terminate it with one call, now or as soon as ECS has answered."""
        if self._terminating is None and self._opening is not None:
            self._terminating = asyncio.create_task(self._terminate(self._opening))
            _PENDING.add(self._terminating)
            self._terminating.add_done_callback(_PENDING.discard)

    async def terminated(self, seconds: float | None = None) -> None:
        """Wait at most `seconds` for the TerminateSession call, which continues after that."""
        if self._terminating is not None:
            _, waiting = await asyncio.wait({self._terminating}, timeout=seconds)
            if waiting:
                log.warning("ssm:TerminateSession for %s has not returned yet", self.session_id)

    async def _terminate(self, opening: asyncio.Task[ecs.StartedSession]) -> None:
        await asyncio.wait({opening})
        if opening.cancelled() or opening.exception() is not None:
            return  # `open` has raised it, and there is no session to terminate
        self.session_id = opening.result().session_id
        try:
            await terminate_session(self._account, self.session_id)
        except EcsTuiError as error:
            # Closing the channel usually terminates it too, so this is reported but does not block.
            self.termination_error = error
            log.warning("session %s: %s", self.session_id, error)
