"""One exec session as the operator knows it: target, command, task, recording, news about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Literal, Protocol

from ecs_tui.aws.account import Account
from ecs_tui.config.settings import Settings
from ecs_tui.config.state import saved_file
from ecs_tui.model.arn import short_name
from ecs_tui.model.command import Origin, ShellCommand
from ecs_tui.model.recording_fact import RecordingFact
from ecs_tui.model.text import clock
from ecs_tui.record import dataclass
from ecs_tui.session.aws_recording import read_recording
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.recording import Recording
from ecs_tui.session.session import Session
from ecs_tui.session.state import State
from ecs_tui.session.target import Target
from ecs_tui.session.task_watch import TaskSource, notice_about
from ecs_tui.system import crash

WATCH_ENDED_SECONDS = 60.0
"""Seconds for which the task of an ended shell is still watched: its state may show why."""


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What all sessions have in common.

    Attributes:
        plugin: The choice of the session client.
        plugin_path: The configured path of the client, or "".
        record: Names of clusters whose sessions are recorded; `*` stands for all.
        record_input: Whether a recording has the keys too.
    """

    plugin: PluginChoice = PluginChoice.AUTO
    plugin_path: str = ""
    record: tuple[str, ...] = ()
    record_input: bool = False

    @classmethod
    def of(cls, settings: Settings) -> SessionOptions:
        """The options that these settings ask for."""
        return cls(
            PluginChoice(settings.plugin),
            settings.plugin_path,
            tuple(settings.record),
            settings.record_input,
        )


NoticeKind = Literal["warning", "recording", "idle", "task", "successor"]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about a session that the operator should know.

    Attributes:
        kind: What it is about.
        words: A few words, or a sentence if it is a warning or about a recording.
    """

    kind: NoticeKind
    words: str


class SessionListener(Protocol):
    """Is told what happens to a session, in the event loop's thread.

    What a method raises is reported as an unexpected error. Neither the session nor another
    listener notices it.
    """

    def session_output(self, shell: ShellSession, data: bytes) -> None:
        """The remote end has printed `data`."""

    def session_changed(self, shell: ShellSession) -> None:
        """Its state, its connection, its recording or what is known of its task has changed."""

    def session_noticed(self, shell: ShellSession, notice: Notice) -> None:
        """There is news about it."""

    def session_ended(self, shell: ShellSession) -> None:
        """It has ended; `shell.session` says how."""


class ShellSession:
    """A shell, or another command, in a container: from its first call to its end, and after it.

    It draws nothing and needs no screen. `SessionManager.open` makes one.

    Args:
        account: The account to call.
        target: The container.
        command: What to run in it.
        options: What all sessions have in common.
        tasks: Where its task is looked up; None if nobody watches it.
        purpose: Why it is opened, as the operator gave it, or "".

    Attributes:
        session: The client's process, and the session at AWS.
        nickname: The name that the operator gave it, or "".
        task_notice: How its task or container is ending or has ended; "" while it runs.
        successor: The same container in the replacement task, once that is ready for a shell.
        missing: A sentence that the image lacks the program of its command, or "".
        offered: The shell to open instead; "" if none is left to try.
        proved: Whether its command is known to start.
        recorded: What is known about its recording by AWS.
    """

    def __init__(
        self,
        account: Account,
        target: Target,
        command: ShellCommand,
        options: SessionOptions,
        tasks: TaskSource | None = None,
        purpose: str = "",
    ) -> None:
        self.account, self.target, self.command = account, target, command
        self.purpose = purpose
        self.recorded = RecordingFact("unknown")
        self.tasks = tasks
        self.session = Session(
            account,
            target,
            command.line,
            self._output,
            self._changed,
            plugin=options.plugin,
            plugin_path=options.plugin_path,
            reason=purpose,
        )
        self.nickname = self.task_notice = self.missing = self.offered = ""
        self.successor: Target | None = None
        self.proved = False
        self._options = options
        self._listeners: list[SessionListener] = []
        self._opening: asyncio.Task[None] | None = None
        self._task_known = self._warned = self._told_idle = False

    # -- listeners

    def listen(self, listener: SessionListener) -> Callable[[], None]:
        """Tell `listener` what happens from now on; returns a function that ends this."""
        self._listeners.append(listener)

        def stop() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return stop

    def _tell(self, tell: Callable[[SessionListener], None]) -> None:
        for listener in tuple(self._listeners):
            try:
                tell(listener)
            except Exception as error:
                crash.report(f"{type(listener).__name__}, a listener of a session", error)

    def _output(self, data: bytes) -> None:
        self._tell(lambda listener: listener.session_output(self, data))

    def _changed(self) -> None:
        session = self.session
        if session.plugin is not None and session.plugin.warning and not self._warned:
            self._warned = True
            self.notice("warning", session.plugin.warning)
        if session.state is State.CLOSED:
            self._tell(lambda listener: listener.session_ended(self))
        self.changed()

    def changed(self) -> None:
        """Tell the listeners that something about it has changed."""
        self._tell(lambda listener: listener.session_changed(self))

    def notice(self, kind: NoticeKind, words: str) -> None:
        """Tell the listeners some news."""
        self._tell(lambda listener: listener.session_noticed(self, Notice(kind, words)))

    # -- its life

    def start(self) -> None:
        """Open the session in a task of its own, once; record it if the options say so."""
        if self._opening is not None or not self.alive:
            return
        if "*" in self._options.record or short_name(self.target.cluster) in self._options.record:
            self.record(True)
        self._opening = asyncio.create_task(self.session.start())
        self._opening.add_done_callback(self._opened)

    @staticmethod
    def _opened(opening: asyncio.Task[None]) -> None:
        if not opening.cancelled() and (error := opening.exception()) is not None:
            crash.report("the opening of a session", error)

    async def read_recorded(self) -> None:
        """Ask AWS whether it is recorded, and tell the listeners."""
        target = self.target
        self.recorded = await read_recording(
            self.account, target.cluster, target.task_arn, target.container
        )
        self.changed()

    async def end(self) -> None:
        """End it: cancel its opening, end its client, terminate the session at AWS.

        Returns within about two seconds, even if the session hangs or AWS does not answer.
        """
        if self._opening is not None and not self._opening.done():
            self._opening.cancel()
            await asyncio.wait({self._opening})
        await self.session.close()

    @property
    def words(self) -> str:
        """Its nickname, else container, service and task."""
        return self.nickname or self.target.words

    @property
    def alive(self) -> bool:
        """Whether the session has not ended."""
        return self.session.state is not State.CLOSED

    @property
    def replaced(self) -> bool:
        """Whether its task is stopping or gone and the replacement task is ready."""
        return bool(self.task_notice) and self.successor is not None

    @property
    def reopens(self) -> Target:
        """The container of the next session, in the replacement task if there is one."""
        successor = self.successor
        return successor if self.task_notice and successor is not None else self.target

    @property
    def next_command(self) -> ShellCommand:
        """The command of the next session: the shell that is offered, else the same one again."""
        return ShellCommand(self.offered, Origin.FALLBACK) if self.offered else self.command

    # -- watching it

    def look(self, now: float) -> None:
        """Keep it alive if that is on, and look at idleness and task; call this once a second.

        Args:
            now: Monotonic seconds.
        """
        self.session.look(now)
        self._look_at_idleness(now)
        self._look_at_task()

    def _look_at_idleness(self, now: float) -> None:
        session = self.session
        left = session.activity.countdown(now) if session.live else None
        if left is None or session.keep_alive:
            self._told_idle = False
        elif not self._told_idle:
            self._told_idle = True
            self.notice("idle", f"idle, ECS closes it in {clock(left)}")

    def _look_at_task(self) -> None:
        if self.tasks is None:
            return
        task = self.tasks.task(self.target.task_arn)
        self._task_known = self._task_known or task is not None
        notice = notice_about(task, self.target.container, known=self._task_known)
        if task is None and self.task_notice:
            return  # it is no longer listed; the known reason stays
        before, self.task_notice = self.task_notice, notice
        if notice and notice != before:
            self.notice("task", notice)

    def wants_task(self, now: float) -> bool:
        """Whether its task should be refreshed: it is open, has just ended, or waits to be replaced.

        Args:
            now: Monotonic seconds.
        """
        ended = now - (self.session.closed_at or now)
        waits = bool(self.task_notice) and self.successor is None
        return self.alive or ended < WATCH_ENDED_SECONDS or waits

    @property
    def wants_successor(self) -> bool:
        """Whether a replacement task is looked for: one of a service's tasks ends or has ended."""
        watched = self.tasks is not None and bool(self.target.service)
        return watched and bool(self.task_notice) and self.successor is None

    def replaced_by(self, target: Target) -> None:
        """Note that `target` is the same container in the replacement task, and ready."""
        self.successor = target
        self.notice("successor", f"replacement task {target.task_id[:7]} is ready")
        self.changed()

    # -- recording

    def record(self, on: bool) -> None:
        """Start a recording, or finish the current one; a notice names the file."""
        if on:
            self._start_recording()
        else:
            if self.session.recording is not None:
                self.notice("recording", f"Recording saved to {self.session.recording.path}")
            self.session.record(None)
        self.changed()

    def _start_recording(self) -> None:
        target = self.target
        what = f"{short_name(target.cluster)} {target.task_id} {target.container}"
        path = saved_file("cast", what, datetime.now())
        columns, rows = self.session.size
        try:
            recording = Recording(
                path,
                columns,
                rows,
                what,
                with_input=self._options.record_input,
                about=self._about(),
            )
        except OSError as error:
            self.notice("recording", f"Could not start recording: {path} ({error.strerror}).")
            return
        self.session.record(recording)
        self.notice("recording", f"Recording to {path}")

    def _about(self) -> dict[str, str]:
        """Members of the recording's header: what it is a recording of, and why it was opened."""
        target = self.target
        found = {
            "cluster": short_name(target.cluster),
            "service": target.service,
            "task": target.task_arn,
            "container": target.container,
            "session": self.session.session_id,
            "reason": self.purpose,
        }
        return {name: value for name, value in found.items() if value}
