"""All exec sessions of the program, from ExecuteCommand to their end; it needs no screen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from ecs_tui.aws.account import Account
from ecs_tui.model.command import ShellCommand
from ecs_tui.session.remote import wait_for_terminations
from ecs_tui.session.shell_session import SessionListener, SessionOptions, ShellSession
from ecs_tui.session.state import END_SECONDS
from ecs_tui.session.successors import SuccessorSearch
from ecs_tui.session.target import Target
from ecs_tui.session.task_watch import TaskSource
from ecs_tui.system import crash


class SessionManager:
    """Opens, watches and ends exec sessions. Call it in the event loop's thread only.

    Args:
        options: What all sessions have in common; None for the defaults.
        listener: Is told what happens to each of them, or None.
        clock: Monotonic seconds.

    Attributes:
        sessions: Those that were opened and not removed, also ended ones; the oldest first.
        successors: Looks for replacement tasks.
    """

    def __init__(
        self,
        options: SessionOptions | None = None,
        listener: SessionListener | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._options = options if options is not None else SessionOptions()
        self._listener, self._clock = listener, clock
        self.sessions: list[ShellSession] = []
        self.successors = SuccessorSearch()
        self._endings: dict[ShellSession, asyncio.Task[None]] = {}

    @property
    def live(self) -> list[ShellSession]:
        """The sessions that have not ended."""
        return [shell for shell in self.sessions if shell.alive]

    # -- opening

    def open(
        self,
        account: Account,
        target: Target,
        command: ShellCommand,
        *,
        tasks: TaskSource | None = None,
        start: bool = True,
        purpose: str = "",
    ) -> ShellSession:
        """Open a session. Why it fails stands in `error` and `reason` of its `session`.

        Args:
            account: The account to call.
            target: The container.
            command: What to run in it.
            tasks: Where its task is looked up; None if nobody watches it.
            start: Whether to begin now; else `ShellSession.start` does, when its output can be drawn.
            purpose: Why it is opened, as the operator gave it.
        """
        shell = self._made(account, target, command, tasks, purpose)
        self.sessions.append(shell)
        if start:
            shell.start()
        return shell

    def reopen(
        self, shell: ShellSession, command: ShellCommand | None = None, *, start: bool = True
    ) -> ShellSession:
        """Open a session in place of one that has ended, in the replacement task if there is one.

        Args:
            shell: The session that has ended. It is removed; its name is kept.
            command: What to run; None for `ShellSession.next_command`.
            start: As of `open`.

        Raises:
            ValueError: It has not ended, or was removed.
        """
        if shell.alive or shell not in self.sessions:
            raise ValueError(f"{shell.words} cannot be opened again")
        command = command or shell.next_command
        new = self._made(shell.account, shell.reopens, command, shell.tasks, shell.purpose)
        new.nickname, new.recorded = shell.nickname, shell.recorded
        self.sessions[self.sessions.index(shell)] = new
        if start:
            new.start()
        return new

    def _made(
        self,
        account: Account,
        target: Target,
        command: ShellCommand,
        tasks: TaskSource | None,
        purpose: str,
    ) -> ShellSession:
        shell = ShellSession(account, target, command, self._options, tasks, purpose)
        if self._listener is not None:
            shell.listen(self._listener)
        return shell

    # -- watching

    def tick(self) -> None:
        """Look at each session: keep-alive, idleness, task, replacement. Call this once a second.

        What goes wrong with one session is reported, and the others are looked at all the same.
        """
        now = self._clock()
        for shell in tuple(self.sessions):
            try:
                shell.look(now)
            except Exception as error:
                crash.report("the watch over a session", error)
        self.successors.look(self.sessions, now)

    # -- ending

    async def end(self, shell: ShellSession, within: float = END_SECONDS) -> None:
        """End a session, remove it, and have AWS terminate it.

        Args:
            shell: The session; nothing happens if it has been ended this way before.
            within: Seconds to wait. After that, its end goes on by itself.
        """
        await self._wait({self._ending(shell)}, within)

    async def end_all(self, within: float = END_SECONDS) -> None:
        """End every session at the same time, as `end` does.

        Args:
            within: Seconds to wait, also for AWS to confirm what it was told before.
        """
        began = self._clock()
        self.successors.close()
        for shell in tuple(self.sessions):
            self._ending(shell)
        await self._wait(set(self._endings.values()), within)
        await wait_for_terminations(max(0.0, within - (self._clock() - began)))

    @staticmethod
    async def _wait(endings: set[asyncio.Task[None]], within: float) -> None:
        if endings:
            await asyncio.wait(endings, timeout=within)

    def _ending(self, shell: ShellSession) -> asyncio.Task[None]:
        """The task that ends a session; started if it has not been."""
        if shell in self.sessions:
            self.sessions.remove(shell)
        if shell not in self._endings:
            ending = asyncio.create_task(shell.end())
            self._endings[shell] = ending
            ending.add_done_callback(lambda _: self._ended(shell))
        return self._endings[shell]

    def _ended(self, shell: ShellSession) -> None:
        ending = self._endings.pop(shell)
        if not ending.cancelled() and (error := ending.exception()) is not None:
            crash.report("the end of a session", error)
