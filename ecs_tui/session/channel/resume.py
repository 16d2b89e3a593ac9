"""Going on with a session whose connection has broken: ssm:ResumeSession until it answers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from ecs_tui.aws.account import Account
from ecs_tui.aws.sessions import Resumed, resume_session
from ecs_tui.errors import AwsError, BadAnswer, NoNetwork, Throttled
from ecs_tui.session.channel import report

RESUME_FOR = 180.0
"""Seconds for which a broken connection is tried to be resumed."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LOST = "The connection to the session was lost."
_TRANSIENT = ("InternalServerError", "InternalFailure", "ServiceUnavailable")
"""Codes with which AWS asks to be asked again."""


class NotResumed(Exception):
    """There is no going on; the text says why.

    Args:
        ended: Whether the session has ended at the far end.
    """

    def __init__(self, words: str, *, ended: bool = False) -> None:
        super().__init__(words)
        self.ended = ended


class Resumption:
    """The tries since a session was last alive.

    Args:
        session_id: The session's id.
        open_account: Makes a way to call AWS; the credentials on disk change while a session lives.
        reporter: Is told of each try and of success.
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
        """The other end has said something on a new connection."""
        if self._tries:
            self._tries = 0
            self._reporter.say(report.RESUMED)

    async def again(self) -> Resumed:
        """What to go on with.

        Raises:
            NotResumed: After `RESUME_FOR` seconds, or when AWS says that there is none.
        """
        why = ""
        async with self._open_account() as account:
            while True:
                await self._pause()
                self._reporter.say(report.RESUMING, str(self._tries))
                if self._clock() > self._broken_at + RESUME_FOR:
                    words = f"{LOST} Nobody answered for {RESUME_FOR:.0f} s."
                    raise NotResumed(f"{words} {why}".strip())
                try:
                    resumed = await resume_session(account, self._session_id)
                except BadAnswer as error:
                    # A proxy or a gateway that answers instead: the session may live all the time.
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
                    raise NotResumed(f"{LOST} The session has ended meanwhile.", ended=True)
                return resumed

    async def _pause(self) -> None:
        """Not before the first try; twice as long before each further one."""
        self._tries += 1
        if self._tries == 1:
            self._broken_at = self._clock()
            return
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._tries - 2, 16))
        await asyncio.sleep(pause * random.uniform(0.8, 1.2))
