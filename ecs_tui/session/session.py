"""An exec session: calls ExecuteCommand, runs the plugin on a PTY, tracks state and end."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections.abc import Callable

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.errors import EcsTuiError, SessionError
from ecs_tui.model.text import clean
from ecs_tui.session.activity import KEEP_ALIVE_SECONDS, SessionActivity
from ecs_tui.session.channel import report
from ecs_tui.session.client_reports import ClientReports
from ecs_tui.session.plugin import Plugin, PluginChoice, command_line, find_plugin
from ecs_tui.session.plugin_output import TAIL_BYTES, FirstLine, closed_by_remote, closing_text
from ecs_tui.session.recording import Recording
from ecs_tui.session.remote import RemoteSession
from ecs_tui.session.session_log import note_session
from ecs_tui.session.state import Ending, State
from ecs_tui.session.target import Target
from ecs_tui.system.pty import PtyProcess

__all__ = ["Ending", "Session", "State", "Target"]

log = logging.getLogger("ecs_tui.session")

_MAX_TYPED_AHEAD_BYTES = 64 * 1024
"""Maximum bytes of input kept until the session is open."""
_SILENT_SECONDS = 3.0
"""Seconds after which early input is sent even if there was no output."""
_NICENESS = 3
_TERMINATE_SECONDS = 1.0
"""Maximum seconds that `close` waits for ssm:TerminateSession, which continues after that."""


class Session:
    """A session from ExecuteCommand to its end.

    Call `start` to open it. All methods must be called in the event loop's thread.

    Args:
        account: The account to call.
        target: The container.
        command: What to run in it, for example `/bin/sh`.
        on_output: Called with remote output.
        on_state: Called after each change of `state`.
        plugin: The choice of `--plugin`.
        plugin_path: The configured path, or "".
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
        reason: str = "",
        columns: int = 80,
        rows: int = 24,
    ) -> None:
        self.account, self.target, self.command = account, target, command
        self.state = State.OPENING
        self.reason = ""
        self.error: EcsTuiError | None = None
        self.ending: Ending | None = None
        self.exit_status: int | None = None
        """The command's exit status, if the agent reported it."""
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
        self.purpose = reason
        self._remote = RemoteSession(account, target, command, reason)
        self._ended = asyncio.Event()
        self._typed_ahead = b""
        self._reports = ClientReports(self._reported)
        self.activity = SessionActivity()
        self.recording: Recording | None = None
        self.keep_alive = False
        self.encrypted = False
        self.connection_problem = ""
        """The connection problem that the built-in client reports, "" for none."""

    @property
    def session_id(self) -> str:
        """The session's id, "" until ECS has answered."""
        return self._remote.session_id

    async def start(self) -> None:
        """Open the session. Failures end it with `error` and `reason` set; no `EcsTuiError` is raised.

        If it fails after ECS opened a session, that session is terminated.
        """
        try:
            await self._open()
        except EcsTuiError as error:
            self.error = error
            self._remote.terminate()
            self._close(Ending.FAILED, str(error))
        except Exception:
            self._remote.terminate()
            self._close(Ending.FAILED, "an unexpected error")
            raise
        except BaseException:  # most of all a cancellation
            self._remote.terminate()
            self._close(Ending.HERE, "cancelled")
            raise

    async def _open(self) -> None:
        self.plugin = await find_plugin(self._choice, self._plugin_path)
        if self._closing:
            return
        started = await self._remote.open()
        note_session("opened", self.account, self.target, self.session_id, reason=self.purpose)
        environ = {**os.environ, **await self.account.child_environment()}
        endpoint = await self._ssm_endpoint()
        if not self._closing:
            self._spawn(started, environ, endpoint)

    async def _ssm_endpoint(self) -> str:
        """The endpoint for resuming the session; "" if the client finds it itself.

        The built-in client reads the same configuration; AWS's plugin ignores FIPS and `services`.
        """
        assert self.plugin is not None
        if self.plugin.builtin:
            return self.account.endpoint_url or ""
        return await self.account.endpoint("ssm")

    def _spawn(self, started: ecs.StartedSession, environ: dict[str, str], endpoint: str) -> None:
        """Start the client.

        Raises:
            SessionError: The client failed to start.
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
            ssm_endpoint=endpoint,
            environ=environ,
        )
        theirs = -1
        try:
            if self.plugin.builtin:
                theirs = self._reports.open()
            self._pty = PtyProcess(
                command.argv,
                command.env,
                self._output,
                self._exited,
                columns=self._size[0],
                rows=self._size[1],
                # The remote PTY processes output already; the system plugin leaves OPOST on here.
                cooked_output=False,
                # Low priority, so that a flood of output does not delay keys in the dashboard.
                niceness=_NICENESS,
                descriptor=theirs,
                output_apart=self.plugin.builtin,
            )
        except OSError as error:
            self._reports.close()
            raise SessionError(
                f"{self.plugin.words} could not be started: {error.strerror}.",
                "Try --plugin builtin.",
            ) from error
        finally:
            if theirs >= 0:
                os.close(theirs)
        if self._paused:
            self._pty.pause()
        # A program may wait for input without printing anything.
        asyncio.get_running_loop().call_later(_SILENT_SECONDS, self._type_what_waited)

    def write(self, data: bytes) -> None:
        """Send `data`. Input before the first output is kept until then; input after the end is
        dropped."""
        if self.state is State.OPENING:
            self._typed_ahead = (self._typed_ahead + data)[:_MAX_TYPED_AHEAD_BYTES]
        elif self._pty is not None and self.live:
            self.activity.typed(time.monotonic())
            if self.recording is not None:
                self.recording.input(data)
            self._pty.write(data)

    @property
    def live(self) -> bool:
        """Whether it is open, even if stalled."""
        return self.state in (State.OPEN, State.STALLED)

    def send_keep_alive(self) -> None:
        """Send traffic that no program notices, so that ECS does not end the session as idle.

        Sends the terminal's size: the built-in client does so on SIGWINCH; for the system plugin
        the size has to change for a moment.
        """
        if self._pty is None or not self.live:
            return
        columns, rows = self._size
        if self.plugin is not None and self.plugin.builtin:
            self._pty.signal(signal.SIGWINCH)
        else:
            self._pty.resize(columns, max(1, rows - 1))
            # The plugin polls the size twice a second.
            asyncio.get_running_loop().call_later(0.8, self._pty.resize, columns, rows)
        self.activity.traffic_at = time.monotonic()

    def look(self, now: float) -> None:
        """Send keep-alive traffic if it is on and due; call this about once a second."""
        if self.keep_alive and self.live and now - self.activity.traffic_at > KEEP_ALIVE_SECONDS:
            self.send_keep_alive()

    def record(self, recording: Recording | None) -> None:
        """Switch to this recording, or to none; finishes the old one."""
        if self.recording is not None:
            self.recording.close()
        self.recording = recording

    def resize(self, columns: int, rows: int) -> None:
        """Set the terminal's size, in cells."""
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
        """Pause reading output."""
        self._paused = True
        if self._pty is not None:
            self._pty.pause()

    def resume(self) -> None:
        """Resume reading output."""
        self._paused = False
        if self._pty is not None:
            self._pty.resume()

    async def close(self) -> None:
        """Disconnect: end the client and terminate the session at AWS.

        Returns when both are done, within about two seconds even if the session hangs.
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
                        log.warning("client process %s did not end after SIGKILL", self._pty.pid)
            self._close(Ending.HERE, "closed by you")
        await self._remote.terminated(_TERMINATE_SECONDS)

    async def termination_error(self) -> EcsTuiError | None:
        """Wait for TerminateSession; returns its error, or None."""
        await self._remote.terminated()
        return self._remote.termination_error

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
        self.activity.received(time.monotonic())
        if self.recording is not None:
            self.recording.output(data)
        self._on_output(data)

    def _type_what_waited(self) -> None:
        """Send input that was typed early: the client has set up its terminal by now."""
        if self._typed_ahead and self._pty is not None:
            self._pty.write(self._typed_ahead)
        self._typed_ahead = b""

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
            self.connection_problem = f"not responding for {clean(item.words)} s"
        elif item.event == report.RESUMING:
            self.connection_problem = f"connection lost, reconnecting (attempt {clean(item.words)})"
        elif item.event in (report.RESUMED, report.ANSWERING):
            self.connection_problem = ""
        if self.live:
            self.state = State.STALLED if self.connection_problem else State.OPEN
        self._on_state()

    def _exited(self, status: int) -> None:
        self.client_status = status
        self._reports.read()  # its last reports may still be in the pipe
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
            return Ending.EXITED, "exited"
        words = self.plugin.words if self.plugin else "plugin"
        return Ending.FAILED, f"{words} ended (status {status})"

    def _close(self, ending: Ending, reason: str) -> None:
        if self.state is not State.CLOSED:
            self.state = State.CLOSED
            self.ending, self.reason = ending, reason
            note_session(
                "ended", self.account, self.target, self.session_id,
                ending=ending.value, reason=clean(reason),
            )  # fmt: skip
            self._reports.close()
            self.record(None)
            self.closed_at = time.monotonic()
            self._on_state()
