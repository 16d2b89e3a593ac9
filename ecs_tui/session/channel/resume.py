"""Resuming a session after its connection broke: calls ssm:ResumeSession until it succeeds."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.ssm import Resumed, resume_session
from ecs_tui.errors import AwsError, BadAnswer, NoNetwork, Throttled
from ecs_tui.session.channel import report

RESUME_SECONDS = 180.0
"""Seconds after which resuming is given up."""
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.2, 5.0
LOST = "The connection to the session was lost."
_TRANSIENT = ("InternalServerError", "InternalFailure", "ServiceUnavailable")
"""AWS error codes after which the call is retried."""


class NotResumed(Exception):
    """The session cannot be resumed; the text says why.

    Args:
        ended: Whether the session has ended at AWS.
    """

    def __init__(self, words: str, *, ended: bool = False) -> None:
        super().__init__(words)
        self.ended = ended


class Resumption:
    """The attempts since the session's last message.

    Args:
        session_id: The session's id.
        open_account: Creates an account for AWS calls; the credentials on disk may have changed.
        reporter: Reports each attempt, and success.
    """

    def __init__(
        self,
        session_id: str,
        open_account: Callable[[], AbstractAsyncContextManager[Account]],
        reporter: report.Reporter,
    ) -> None:
        self._session_id, self._open_account = session_id, open_account
        self._reporter = reporter
        self._clock = asyncio.get_running_loop().time
        self._tries = 0
        self._broken_at = 0.0

    def alive(self) -> None:
        """A message has arrived on a new connection: reset the attempts."""
        if self._tries:
            self._tries = 0
            self._reporter.say(report.RESUMED)

    async def again(self) -> Resumed:
        """Resume; returns the new token and URL.

        Raises:
            NotResumed: After `RESUME_SECONDS` seconds, or if AWS says that the session has ended.
        """
        why = ""
        async with self._open_account() as account:
            while True:
                await self._pause()
                self._reporter.say(report.RESUMING, str(self._tries))
                if self._clock() > self._broken_at + RESUME_SECONDS:
                    words = f"{LOST} No answer for {RESUME_SECONDS:.0f} s."
                    raise NotResumed(f"{words} {why}".strip())
                try:
                    resumed = await resume_session(account, self._session_id)
                except BadAnswer as error:
                    # A proxy or gateway answered instead of AWS: the session may still be open.
                    why = str(error)
                    continue
                except (NoNetwork, Throttled):
                    why = ""
                    continue
                except AwsError as error:
                    if error.code in _TRANSIENT:
                        continue
                    raise NotResumed(f"{LOST} It cannot be resumed: {error}") from error
                if resumed is None:
                    raise NotResumed(f"{LOST} The session has ended.", ended=True)
                return resumed

    async def _pause(self) -> None:
        """No pause before the first attempt; then twice as long before each."""
        self._tries += 1
        if self._tries == 1:
            self._broken_at = self._clock()
            return
        pause = min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(self._tries - 2, 16))
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))
