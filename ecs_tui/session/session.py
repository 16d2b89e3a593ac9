"""One exec session: asks ECS for it, runs the plugin on a PTY, and says how it goes and ends."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from ecs_tui.aws import ecs
from ecs_tui.aws.account import Account
from ecs_tui.aws.sessions import terminate_session
from ecs_tui.errors import AwsError, EcsTuiError, SessionError
from ecs_tui.model.arn import short_name
from ecs_tui.model.container import Container
from ecs_tui.model.task import Task
from ecs_tui.model.words import clean
from ecs_tui.pty import PtyProcess
from ecs_tui.session.channel import report
from ecs_tui.session.life import KEEP_ALIVE_EVERY, Life
from ecs_tui.session.plugin import Plugin, PluginChoice, command_line, find_plugin
from ecs_tui.session.recording import Recording

log = logging.getLogger("ecs_tui.session")

_BANNER = re.compile(rb"^\r*\n?Starting session with SessionId: [^\r\n]*\r*\n")
_GOODBYE = re.compile(rb"(?:\r*\n){0,2}Exiting session with sessionId: [^\r\n]*\.(?:\r*\n)*$")
_CLOSED_TEXT = re.compile(rb"SessionId: [\w-]+ : ([^\r\n]+)")
_LOST = re.compile(rb"The connection to the session was lost\.[^\r\n]*")
_TAIL = 2048
_BANNER_LENGTH = 200
_TYPED_AHEAD = 64 * 1024
_SILENT = 3.0
_NICENESS = 3


class State(StrEnum):
    """Where a session is in its life."""

    OPENING = "opening"
    OPEN = "open"
    STALLED = "stalled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Target:
    """The container to open a shell in."""

    cluster: str
    task_arn: str
    container: str
    runtime_id: str
    service: str = ""

    @classmethod
    def of(cls, task: Task, container: Container) -> Target:
        """A container of a task as ECS describes them."""
        return cls(task.cluster_arn, task.arn, container.name, container.runtime_id, task.service)

    @property
    def task_id(self) -> str:
        """The task's id."""
        return short_name(self.task_arn)

    @property
    def words(self) -> str:
        """`container · service/1a29421` for frames and lists."""
        where = f"{self.service}/" if self.service else ""
        return f"{self.container} · {where}{self.task_id[:7]}"

    @property
    def ssm_target(self) -> str:
        """The target as SSM writes it."""
        return f"ecs:{short_name(self.cluster)}_{self.task_id}_{self.runtime_id}"


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
        self.exit_status: int | None = None
        self.session_id = ""
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
        self._head: bytes | None = b""
        self._tail = b""
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

    async def start(self) -> None:
        """Open the session. Failures end it with `error` and `reason` set; nothing is raised."""
        try:
            self.plugin = await find_plugin(self._choice, self._plugin_path)
            started = await ecs.execute_command(
                self.account,
                self.target.cluster,
                self.target.task_arn,
                self.target.container,
                self.command,
            )
            self.session_id = started.session_id
            if self._closing:
                await self._terminate()
                self._close("cancelled")
                return
            await self._spawn(started)
        except EcsTuiError as error:
            self.error = error
            self._close(str(error))
        except asyncio.CancelledError:
            if self.session_id:
                await asyncio.shield(self._terminate())
            self._close("cancelled")
            raise

    async def _spawn(self, started: ecs.StartedSession) -> None:
        assert self.plugin is not None
        # SSM's URL shows the plugin where to resume; AWS's own follows from the stream's host.
        environ = {**os.environ, **await self.account.child_environment()}
        theirs = -1
        if self.plugin.builtin:
            self._reports, theirs = os.pipe()
            os.set_blocking(self._reports, False)
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
        try:
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
            await self._terminate()
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
        if self.state is State.CLOSED:
            return
        self._closing = True
        terminate = asyncio.create_task(self._terminate())
        if self._pty is not None:
            self._pty.resume()
            self._pty.signal(signal.SIGTERM)
            if not await self._ends_within(0.6):
                self._pty.signal(signal.SIGKILL)
                self._pty.close()
                if not await self._ends_within(0.4):
                    log.warning("plugin %s did not end after SIGKILL", self._pty.pid)
        self._close("closed here")
        try:
            async with asyncio.timeout(1):
                await terminate
        except TimeoutError:
            log.warning("ssm:TerminateSession for %s did not answer", self.session_id)

    async def _ends_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._ended.wait()
        except TimeoutError:
            return False
        return True

    async def _terminate(self) -> None:
        if not self.session_id:
            return
        try:
            await terminate_session(self.account, self.session_id)
        except AwsError as error:
            # The channel's own end usually does it too; it is worth a line, not a stop.
            log.warning("session %s: %s", self.session_id, error)

    def _output(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-_TAIL:]
        if self._head is not None:
            data = self._after_banner(self._head + data)
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

    def _after_banner(self, data: bytes) -> bytes:
        """Cut the plugin's first line; it is no output of the remote."""
        match = _BANNER.match(data)
        if match:
            self._head = None
            return data[match.end() :]
        start = data.lstrip(b"\r\n")[:21]
        if len(data) < _BANNER_LENGTH and b"Starting session with"[: len(start)] == start:
            self._head = data
            return b""
        self._head = None
        return data

    def _hear(self) -> None:
        """What the built-in client says about the connection."""
        assert self._reports is not None
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
        self.exit_status = status
        self._ended.set()
        if self._closing:
            return
        said = _CLOSED_TEXT.search(self._tail)
        if said:
            reason = clean(said.group(1).decode("utf-8", "replace")).strip()
        elif (lost := _LOST.search(self._tail)) is not None:
            reason = clean(lost.group(0).decode("utf-8", "replace")).strip()
        elif self.opened_at is None:
            reason = f"{self.plugin.words if self.plugin else 'plugin'} ended (status {status})"
        else:
            reason = "shell exited"
        self._close(reason)

    def _close(self, reason: str) -> None:
        if self.state is not State.CLOSED:
            self.state = State.CLOSED
            self.reason = reason
            self._hear_no_more()
            self.record(None)
            self.closed_at = time.monotonic()
            self._on_state()


def without_goodbye(data: bytes) -> bytes:
    """`data` without the plugin's last line, for `ecs-tui exec`'s clean stdout."""
    return _GOODBYE.sub(b"", data)
