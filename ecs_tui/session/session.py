"""One exec session: asks ECS for it, runs the plugin on a PTY, and says how it goes and ends."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable
from enum import StrEnum

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.errors import EcsTuiError, SessionError
from ecs_tui.model.words import clean
from ecs_tui.pty import PtyProcess
from ecs_tui.session.channel import report
from ecs_tui.session.life import KEEP_ALIVE_EVERY, Life
from ecs_tui.session.plugin import Plugin, PluginChoice, command_line, find_plugin
from ecs_tui.session.plugin_output import TAIL_BYTES, FirstLine, closed_by_remote, closing_text
from ecs_tui.session.recording import Recording
from ecs_tui.session.remote import RemoteSession
from ecs_tui.session.target import Target

__all__ = ["Ending", "Session", "State", "Target"]

log = logging.getLogger("ecs_tui.session")

_TYPED_AHEAD = 64 * 1024
_SILENT = 3.0
_NICENESS = 3
_TERMINATE_WITHIN = 1.0
"""Seconds for which `close` waits for ssm:TerminateSession; the call goes on after that."""


class State(StrEnum):
    """Where a session is in its life."""

    OPENING = "opening"
    OPEN = "open"
    STALLED = "stalled"
    CLOSED = "closed"


class Ending(StrEnum):
    """How a session has ended."""

    EXITED = "exited"
    """The far end closed it without a word: the command has ended."""
    TOLD = "told"
    """The far end closed it and said why, for example for idleness."""
    LOST = "lost"
    """The connection broke and could not be resumed."""
    HERE = "here"
    """It was closed from this side."""
    FAILED = "failed"
    """It was never opened, or its client ended by itself."""


class Session:
    """A session from ExecuteCommand to its end.

    Give it its listeners, then `start` it. All methods are for the event loop's thread.

    Args:
        account: The account to call.
        target: The container.
        command: What to run in it, for example `/bin/sh`.
        on_output: Called with the bytes the remote wrote.
        on_state: Called after each change of `state`.
        plugin: Which plugin to use.
        plugin_path: A configured path to one, or "".
        columns: Width of the terminal in cells.
        rows: Its height in cells.
    """

    def __init__(
        self,
        account: Account,
        target: Target,
        command: str,
        on_output: Callable[[bytes], None],
        on_state: Callable[[], None],
        *,
        plugin: PluginChoice = PluginChoice.AUTO,
        plugin_path: str = "",
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        self.account, self.target, self.command = account, target, command
        self.state = State.OPENING
        self.reason = ""
        self.error: EcsTuiError | None = None
        self.ending: Ending | None = None
        self.exit_status: int | None = None
        """The command's own exit status, where the far end told it."""
        self.client_status: int | None = None
        """The exit status of the client's process."""
        self.plugin: Plugin | None = None
        self.opened_at: float | None = None
        self.closed_at: float | None = None
        self.started_at = time.monotonic()
        self.bytes_out = 0
        self._choice, self._plugin_path = plugin, plugin_path
        self._on_output, self._on_state = on_output, on_state
        self._size = (columns, rows)
        self._pty: PtyProcess | None = None
        self._paused = False
        self._closing = False
        self._first_line = FirstLine()
        self._tail = b""
        self._remote_closed = False
        self._closed_text = self._lost_text = ""
        self._remote = RemoteSession(account, target, command)
        self._ended = asyncio.Event()
        self._typed_ahead = b""
        self._reports: int | None = None
        self._reading = report.Reading()
        self.life = Life()
        self.recording: Recording | None = None
        self.keep_alive = False
        self.encrypted = False
        self.trouble = ""
        """What the built-in client says of the connection while it is stalled."""

    @property
    def session_id(self) -> str:
        """The session's id, "" until ECS has answered."""
        return self._remote.session_id

    async def start(self) -> None:
        """Open the session. Failures end it with `error` and `reason` set; nothing is raised.

        However it fails, AWS's side of a session that was opened is ended.
        """
        try:
            await self._open()
        except EcsTuiError as error:
            self.error = error
            self._remote.terminate()
            self._close(Ending.FAILED, str(error))
        except BaseException:
            self._remote.terminate()
            self._close(Ending.HERE, "cancelled")
            raise

    async def _open(self) -> None:
        self.plugin = await find_plugin(self._choice, self._plugin_path)
        if self._closing:
            return
        started = await self._remote.open()
        # SSM's URL shows the plugin where to resume; AWS's own follows from the stream's host.
        environ = {**os.environ, **await self.account.child_environment()}
        if not self._closing:
            self._spawn(started, environ)

    def _spawn(self, started: ecs.StartedSession, environ: dict[str, str]) -> None:
        """Start the client.

        Raises:
            SessionError: It cannot be started.
        """
        assert self.plugin is not None
        if self.plugin.builtin:
            environ[report.VARIABLE] = "3"
        command = command_line(
            self.plugin,
            session_id=started.session_id,
            token=started.token,
            stream_url=started.stream_url,
            target=self.target.ssm_target,
            region=self.account.region,
            profile=self.account.profile or "",
            ssm_endpoint=self.account.endpoint_url or "",
            environ=environ,
        )
        theirs = -1
        try:
            if self.plugin.builtin:
                self._reports, theirs = os.pipe()
                os.set_blocking(self._reports, False)
            self._pty = PtyProcess(
                command.argv,
                command.env,
                self._output,
                self._exited,
                columns=self._size[0],
                rows=self._size[1],
                # The remote's PTY has done this already; the system's plugin leaves it on.
                cooked_output=False,
                # However much it prints, the dashboard's keys come first.
                niceness=_NICENESS,
                descriptor=theirs,
                output_apart=self.plugin.builtin,
            )
        except OSError as error:
            self._hear_no_more()
            raise SessionError(
                f"{self.plugin.words} could not be started: {error.strerror}.",
                "Try --plugin builtin.",
            ) from error
        finally:
            if theirs >= 0:
                os.close(theirs)
        if self._reports is not None:
            asyncio.get_running_loop().add_reader(self._reports, self._hear)
        if self._paused:
            self._pty.pause()
        # A program that waits for input without a word gets it all the same.
        asyncio.get_running_loop().call_later(_SILENT, self._type_what_waited)

    def write(self, data: bytes) -> None:
        """Type `data`. What is typed before the first output is kept until then; after the end it
        goes nowhere."""
        if self.state is State.OPENING:
            self._typed_ahead = (self._typed_ahead + data)[:_TYPED_AHEAD]
        elif self._pty is not None and self.live:
            self.life.typed(time.monotonic())
            if self.recording is not None:
                self.recording.input(data)
            self._pty.write(data)

    @property
    def live(self) -> bool:
        """Whether it is open, stalled or not."""
        return self.state in (State.OPEN, State.STALLED)

    def nudge(self) -> None:
        """Traffic that no program notices, so that ECS does not end the session as idle.

        The terminal's size goes out once more: the built-in client sends it on SIGWINCH; the
        system's plugin only when it is another one, for a moment.
        """
        if self._pty is None or not self.live:
            return
        columns, rows = self._size
        if self.plugin is not None and self.plugin.builtin:
            self._pty.signal(signal.SIGWINCH)
        else:
            self._pty.resize(columns, max(1, rows - 1))
            # The plugin looks at the size twice a second.
            asyncio.get_running_loop().call_later(0.8, self._pty.resize, columns, rows)
        self.life.traffic_at = time.monotonic()

    def look(self, now: float) -> None:
        """Once a second or so: keep the session alive where that was asked for."""
        if self.keep_alive and self.live and now - self.life.traffic_at > KEEP_ALIVE_EVERY:
            self.nudge()

    def record(self, recording: Recording | None) -> None:
        """Write to this recording from now on, or to none; the old one is finished."""
        if self.recording is not None:
            self.recording.close()
        self.recording = recording

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size, in cells."""
        if self.recording is not None and (columns, rows) != self._size:
            self.recording.resize(columns, rows)
        self._size = (columns, rows)
        if self._pty is not None:
            self._pty.resize(columns, rows)

    @property
    def size(self) -> tuple[int, int]:
        """(columns, rows) of the terminal."""
        return self._size

    def pause(self) -> None:
        """Read no more output for now."""
        self._paused = True
        if self._pty is not None:
            self._pty.pause()

    def resume(self) -> None:
        """Read output again."""
        self._paused = False
        if self._pty is not None:
            self._pty.resume()

    async def close(self) -> None:
        """End the session from this side: the plugin's child and AWS's end of it.

        Returns when both are done, within about two seconds however hung the session is.
        """
        if self.state is not State.CLOSED:
            self._closing = True
            self._remote.terminate()
            if self._pty is not None:
                self._pty.resume()
                self._pty.signal(signal.SIGTERM)
                if not await self._ends_within(0.6):
                    self._pty.signal(signal.SIGKILL)
                    self._pty.close()
                    if not await self._ends_within(0.4):
                        log.warning("plugin %s did not end after SIGKILL", self._pty.pid)
            self._close(Ending.HERE, "closed here")
        await self._remote.terminated(_TERMINATE_WITHIN)

    async def left(self) -> EcsTuiError | None:
        """Why AWS could not be told to end the session, once it is known; None where it was."""
        await self._remote.terminated()
        return self._remote.left

    async def _ends_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            return False
        return True

    def _output(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        data = self._first_line.cut(data)
        if not data:
            return
        if self.state is State.OPENING:
            self.state = State.OPEN
            self.opened_at = time.monotonic()
            self._on_state()
            self._type_what_waited()
        self.bytes_out += len(data)
        self.life.heard(time.monotonic())
        if self.recording is not None:
            self.recording.output(data)
        self._on_output(data)

    def _type_what_waited(self) -> None:
        """The client has its terminal set by now: what was typed ahead is not eaten by it."""
        if self._typed_ahead and self._pty is not None:
            self._pty.write(self._typed_ahead)
        self._typed_ahead = b""

    def _hear(self) -> None:
        """What the built-in client says about the connection."""
        if self._reports is None:
            return
        try:
            data = os.read(self._reports, 65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hear_no_more()
            return
        for item in self._reading.take(data):
            self._reported(item)

    def _reported(self, item: report.Report) -> None:
        if item.event == report.ENCRYPTED:
            self.encrypted = True
        elif item.event == report.CLOSED:
            self._remote_closed, self._closed_text = True, clean(item.words)
        elif item.event == report.LOST:
            self._lost_text = clean(item.words)
        elif item.event == report.EXIT:
            self.exit_status = int(item.words) & 0xFF if item.words.isdecimal() else None
        elif item.event == report.STALLED:
            self.trouble = f"nothing answers for {clean(item.words)} s"
        elif item.event == report.RESUMING:
            self.trouble = f"connection lost, resuming (try {clean(item.words)})"
        elif item.event in (report.RESUMED, report.ANSWERING):
            self.trouble = ""
        if self.live:
            self.state = State.STALLED if self.trouble else State.OPEN
        self._on_state()

    def _hear_no_more(self) -> None:
        if self._reports is not None:
            asyncio.get_running_loop().remove_reader(self._reports)
            os.close(self._reports)
            self._reports = None

    def _exited(self, status: int) -> None:
        self.client_status = status
        self._hear()  # what it said last may still be in the pipe
        self._ended.set()
        if self._closing:
            return
        if self.plugin is not None and not self.plugin.builtin:
            self._remote_closed = closed_by_remote(self._tail, self.session_id)
            self._closed_text = closing_text(self._tail, self.session_id)
        if not self._remote_closed:
            self._remote.terminate()
        self._close(*self._why_ended(status))

    def _why_ended(self, status: int) -> tuple[Ending, str]:
        if self._closed_text:
            return Ending.TOLD, self._closed_text
        if self._lost_text:
            return Ending.LOST, self._lost_text
        if self._remote_closed:
            return Ending.EXITED, "shell exited"
        words = self.plugin.words if self.plugin else "plugin"
        return Ending.FAILED, f"{words} ended (status {status})"

    def _close(self, ending: Ending, reason: str) -> None:
        if self.state is not State.CLOSED:
            self.state = State.CLOSED
            self.ending, self.reason = ending, reason
            self._hear_no_more()
            self.record(None)
            self.closed_at = time.monotonic()
            self._on_state()
