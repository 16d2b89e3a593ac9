"""`ecs-tui exec`: one session on the user's own terminal, nothing but the remote on stdout."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator

from ecs_tui.aws.account import Account
from ecs_tui.echo import echo
from ecs_tui.find import find_container, find_task
from ecs_tui.model.exec_status import Verdict, container_readiness
from ecs_tui.pty import get_size
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.plugin_output import without_goodbye
from ecs_tui.session.session import Ending, Session, State, Target
from ecs_tui.session.tilde import Escape, Tilde
from ecs_tui.settings import Settings

_HELD_BACK = 256


class _Stdout:
    """Writes the remote's bytes; of the system's plugin it holds back what may be its goodbye.

    Args:
        on_gone: Called once, with the signal that stands for it, when nobody reads any more.
    """

    def __init__(self, on_gone: Callable[[int], None]) -> None:
        self.filtered = False
        self._on_gone = on_gone
        self._gone = False
        self._held = b""

    def write(self, data: bytes) -> None:
        self._held += data
        if not self.filtered:
            self._emit(self._held)
            self._held = b""
        elif b"Exiting session with" not in self._held[-_HELD_BACK:]:
            text = self._held.rstrip(b"\r\n")
            self._emit(text)
            self._held = self._held[len(text) :]

    def finish(self) -> None:
        self._emit(without_goodbye(self._held))
        self._held = b""

    def _emit(self, data: bytes) -> None:
        view = memoryview(data)
        while view and not self._gone:
            try:
                view = view[os.write(1, view) :]
            except BlockingIOError:  # another program has set the terminal non-blocking
                select.select([], [1], [], 1.0)
            except BrokenPipeError:
                self._gone = True
                self._on_gone(signal.SIGPIPE)
            except OSError:  # EIO: the terminal is gone; ENOSPC and others: nothing more fits
                self._gone = True
                self._on_gone(signal.SIGHUP)


async def run_shell(
    account: Account, settings: Settings, cluster: str, task_name: str, container: str, command: str
) -> int:
    """Open the session and stay until it ends; returns the exit status for the process.

    That is the command's own where the far end tells it; see `exit_status` for the others.
    """
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    trouble = ""
    closing: list[asyncio.Future[None]] = []  # kept, or it could be collected before it is done
    hung_up: list[int] = []
    session: Session | None = None

    def hang_up(number: int) -> None:
        hung_up.append(number)
        if session is not None:
            closing.append(asyncio.ensure_future(session.close()))

    out = _Stdout(hang_up)

    def changed() -> None:
        nonlocal trouble
        assert session is not None
        if session.trouble != trouble and session.state is not State.CLOSED:
            trouble = session.trouble
            echo(f"\necs-tui: {trouble or 'going on'}", err=True, raw=True)
        if session.state is State.CLOSED:
            ended.set()

    try:
        task = await find_task(account, cluster, task_name)
        chosen = find_container(task, container)
        readiness = container_readiness(task, chosen)
        if readiness.verdict is Verdict.NO:
            echo(f"ecs-tui: this may fail: {readiness.reason}", err=True)
        target = Target.of(task, chosen)
        session = opened = Session(
            account,
            target,
            target.command(command),
            out.write,
            changed,
            plugin=PluginChoice(settings.plugin),
            plugin_path=settings.plugin_path,
        )
        if sys.stdout is not None and sys.stdout.isatty():
            opened.resize(*get_size(1))
            loop.add_signal_handler(signal.SIGWINCH, lambda: opened.resize(*get_size(1)))

        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, hang_up, number)
        with _raw_stdin():
            await opened.start()
            out.filtered = opened.plugin is not None and not opened.plugin.builtin
            if opened.state is not State.CLOSED:
                _read_stdin(loop, opened, closing, hang_up)
            await ended.wait()
        out.finish()
        if opened.error is not None:
            raise opened.error
        if opened.plugin is not None and opened.plugin.warning:
            echo(f"ecs-tui: {opened.plugin.warning}", err=True)
        return 128 + hung_up[0] if hung_up else exit_status(opened)
    finally:
        if session is not None:
            await session.close()  # AWS's side too, however this one ended
        await account.close()


def exit_status(session: Session) -> int:
    """The process's exit status for a session that has ended.

    The command's own where it is known (agents tell it of some session types only, the system's
    plugin never does); else 0 when it ended by itself, 3 when the connection was lost, 70 when the
    built-in client failed, and 1 for all else.
    """
    if session.exit_status is not None:
        return session.exit_status
    if session.ending is Ending.EXITED:
        return 0
    if session.ending is Ending.LOST:
        return 3
    if session.ending is Ending.FAILED:
        builtin = session.plugin is not None and session.plugin.builtin
        return 70 if builtin else session.client_status or 1
    return 1


def _read_stdin(
    loop: asyncio.AbstractEventLoop,
    session: Session,
    closing: list[asyncio.Future[None]],
    hang_up: Callable[[int], None],
) -> None:
    tilde = Tilde() if os.isatty(0) else None

    def readable() -> None:
        try:
            data = os.read(0, 65536)
        except BlockingIOError:
            return
        except OSError:  # EIO: the terminal is gone
            data = b""
        if data:
            escape = None
            if tilde is not None:
                data, escape = tilde.feed(data)
            session.write(data)
            if escape is Escape.END:
                loop.remove_reader(0)
                closing.append(asyncio.ensure_future(session.close()))
            elif escape is Escape.HELP:
                echo("\n~. ends this session   ~~ types a tilde", err=True, raw=True)
        elif tilde is not None:  # a raw terminal has no end of input but its own
            loop.remove_reader(0)
            hang_up(signal.SIGHUP)
        else:
            loop.remove_reader(0)
            session.write(b"\x04")

    try:
        loop.add_reader(0, readable)
    except (OSError, ValueError):  # a regular file or /dev/null: all of it at once
        with contextlib.suppress(OSError):
            while data := os.read(0, 65536):
                session.write(data)
        session.write(b"\x04")


@contextlib.contextmanager
def _raw_stdin() -> Iterator[None]:
    if not os.isatty(0):
        yield
        return
    before = termios.tcgetattr(0)
    try:
        tty.setraw(0)
        yield
    finally:
        # Of a terminal that is gone there is nothing to restore; DRAIN would wait for a full one.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, before)
