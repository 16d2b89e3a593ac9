"""`ecs-tui exec`: one session on the user's terminal; stdout has only the remote output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import shlex
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator

import click

from ecs_tui.aws.account import Account
from ecs_tui.cli.arguments import WithCommand, target_and_command
from ecs_tui.cli.find import find_container, find_target
from ecs_tui.cli.subcommand import Invocation, Subcommand
from ecs_tui.config.settings import Settings
from ecs_tui.config.shell_memory import ShellMemory
from ecs_tui.model.arn import short_name
from ecs_tui.model.command import Origin
from ecs_tui.model.container import Container
from ecs_tui.model.reference import Reference
from ecs_tui.model.rules.exec_readiness import Verdict, container_readiness
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.session.command_choice import command_for, image_lacks, missing_program
from ecs_tui.session.escape import Escape, Tilde
from ecs_tui.session.platform import on_windows
from ecs_tui.session.plugin import PluginChoice
from ecs_tui.session.plugin_output import without_closing_line
from ecs_tui.session.session import Ending, Session, State, Target
from ecs_tui.system.crash import run_job
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus, of_signal
from ecs_tui.system.pty import get_size

_HELD_BACK_BYTES = 256
"""Bytes at the end of the output that are searched for the plugin's closing line."""


def run(invocation: Invocation, *, words: tuple[str, ...], reason: str) -> int:
    """Run a session in the container that the words name; returns the exit status."""
    reference, command = target_and_command(click.get_current_context(), words)
    line = shlex.join(command)  # "": the container's default shell
    account = invocation.account(reference)
    return run_job(run_shell(account, invocation.settings, reference, line, clean(reason)))


SUBCOMMAND = Subcommand(
    name="exec",
    help="""Open a shell or run COMMAND in a container.

    TARGET is SERVICE[/CONTAINER] (its newest healthy task) or TASK[/CONTAINER] (a task ID
    or an ID prefix). An ARN or console URL of a service, task or container replaces CLUSTER
    TARGET.

    Exit status: COMMAND's own if known; otherwise 0 the session ended normally, 1 it failed, was
    closed by you or AWS, or nothing matches, 3 a call to AWS failed or the connection was lost.
    """,
    run=run,
    parameters=(
        click.Argument(["words"], nargs=-1, metavar="CLUSTER TARGET [CONTAINER] [-- COMMAND...]"),
        click.Option(["--reason"], default="", metavar="TEXT",
                     help="Why, for this computer's session log; require_reason of [policy] may "
                     "demand it."),
    ),
    command_class=WithCommand,
)  # fmt: skip


class _Stdout:
    """Writes remote output; if `filtered`, it holds back what may be the plugin's closing line.

    Args:
        on_gone: Called once when stdout cannot be written any more, with SIGPIPE or SIGHUP.
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
        elif b"Exiting session with" not in self._held[-_HELD_BACK_BYTES:]:
            text = self._held.rstrip(b"\r\n")
            self._emit(text)
            self._held = self._held[len(text) :]

    def finish(self) -> None:
        self._emit(without_closing_line(self._held))
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
            except OSError:  # EIO: the terminal is gone; ENOSPC: the disk is full; others
                self._gone = True
                self._on_gone(signal.SIGHUP)


async def run_shell(
    account: Account, settings: Settings, reference: Reference, command: str, reason: str = ""
) -> int:
    """Run a session until it ends; returns the exit status for the process.

    It is 128 + n after signal n, else that of `exit_status`.

    Args:
        command: The command line to run; "" for the container's default shell.
        reason: Why, for the session log.

    Raises:
        EcsTuiError: The target was not found, or the session could not be started.
    """
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    connection_problem = ""
    closing: list[asyncio.Future[None]] = []  # references, so that they are not collected early
    hung_up: list[int] = []
    session: Session | None = None

    def hang_up(number: int) -> None:
        hung_up.append(number)
        if session is not None:
            closing.append(asyncio.ensure_future(session.close()))

    out = _Stdout(hang_up)

    def changed() -> None:
        nonlocal connection_problem
        assert session is not None
        if session.connection_problem != connection_problem and session.state is not State.CLOSED:
            connection_problem = session.connection_problem
            echo(f"\necs-tui: {connection_problem or 'reconnected'}", err=True, raw=True)
        if session.state is State.CLOSED:
            ended.set()

    try:
        found = await find_target(account, reference)
        task, chosen = found.task, find_container(found.task, found.container)
        if found.note:
            echo(f"ecs-tui: {found.note}", err=True)
        if found.chosen:  # the log of a script should show which of a service's tasks it was
            where = f"container {clean(chosen.name)} of task {task.id}"
            echo(f"ecs-tui: {clean(task.service)}: {where}", err=True)
        readiness = container_readiness(task, chosen)
        if readiness.verdict is Verdict.NO:
            echo(f"ecs-tui: warning: {readiness.reason}", err=True)
        target, line = await _command(account, settings, task, chosen, command)
        session = opened = Session(
            account,
            target,
            line,
            out.write,
            changed,
            plugin=PluginChoice(settings.plugin),
            plugin_path=settings.plugin_path,
            reason=reason,
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
        for words in _missing(opened, settings):
            echo(f"ecs-tui: {words}", err=True)
        if opened.plugin is not None and opened.plugin.warning:
            echo(f"ecs-tui: {opened.plugin.warning}", err=True)
        return of_signal(hung_up[0]) if hung_up else exit_status(opened)
    finally:
        if session is not None:
            await session.close()  # also terminates the session in AWS
        await account.close()


async def _command(
    account: Account, settings: Settings, task: Task, container: Container, given: str
) -> tuple[Target, str]:
    """The container as a target, and the command line to run there."""
    target = Target.of(task, container)
    if given:
        return target, given

    memory = ShellMemory.load()
    command = command_for(target, settings.shell, memory)
    if command.origin is Origin.PLATFORM:
        windows = await on_windows(account, task)
        target = Target.of(task, container, windows=windows)
        command = command_for(target, settings.shell, memory)
    elif command.origin is Origin.REMEMBERED:
        echo(f"ecs-tui: {clean(command.words)} (use -- COMMAND for another)", err=True)
    return target, command.line


def _missing(session: Session, settings: Settings) -> list[str]:
    """The message if the image lacks the command's program: what is missing, what to try; or []."""
    if not image_lacks(session):
        return []
    target, missing = session.target, missing_program(session, [session.command])
    if not missing.left:
        return [clean(f"{missing.what} {missing.advice}")]
    words = ["ecs-tui"]
    for flag, value in (("--profile", settings.profile), ("--region", settings.region)):
        words += [flag, value] if value else []
    words += ["exec", short_name(target.cluster), target.task_id, target.container, "--"]
    return [clean(f"{missing.what} Try: {shlex.join(words)} {missing.left[0]}")]


def exit_status(session: Session) -> int:
    """The process's exit status for a session that has ended.

    The command's own if it is known (agents report it for some session types only, the system's
    plugin never does); else 0 if the session ended normally, 3 if the connection was lost, 70 if
    the built-in client failed, the plugin's own if the plugin failed, and 1 otherwise.
    """
    if session.exit_status is not None:
        return session.exit_status
    if session.ending is Ending.EXITED:
        return ExitStatus.YES
    if session.ending is Ending.LOST:
        return ExitStatus.NOT_ASKED
    if session.ending is Ending.FAILED:
        builtin = session.plugin is not None and session.plugin.builtin
        return ExitStatus.OUR_FAULT if builtin else session.client_status or ExitStatus.NO
    return ExitStatus.NO


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
                echo("\n~. disconnects   ~~ sends a tilde", err=True, raw=True)
        elif tilde is not None:  # end of input on a raw terminal: it has been closed
            loop.remove_reader(0)
            hang_up(signal.SIGHUP)
        else:
            loop.remove_reader(0)
            session.write(b"\x04")

    try:
        loop.add_reader(0, readable)
    except (OSError, ValueError):  # a regular file or /dev/null cannot be watched: read it all now
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
        # An error means that the terminal is gone. TCSADRAIN would wait for its output buffer.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, before)
