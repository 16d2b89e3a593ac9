"""Reports unexpected errors: writes a crash file for each and calls the listeners.

Nothing that is written or printed here contains the values of local variables.
"""

from __future__ import annotations

import asyncio
import logging
import platform
import sys
import threading
import traceback
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from ecs_tui import __version__
from ecs_tui.record import dataclass
from ecs_tui.system.atomic_file import state_folder, write_private
from ecs_tui.system.echo import echo
from ecs_tui.system.exit_status import ExitStatus
from ecs_tui.system.redact import redact

T = TypeVar("T")
EXIT_STATUS = ExitStatus.OUR_FAULT
MAX_FILES = 20
"""Maximum crash files; the oldest are deleted."""
MAX_TRACEBACK_CHARACTERS = 200_000
"""Maximum characters of a traceback in a crash file; the middle is cut out."""
_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS = 1.0, 60.0
_STEADY_SECONDS = 300.0
"""Seconds of running after which a job that fails is started again after the first pause."""
log = logging.getLogger("ecs_tui.system.crash")


@dataclass(frozen=True, slots=True)
class Crash:
    """One unexpected error.

    Attributes:
        job: The name of what failed.
        what: The error's type and message in one line, without secrets.
        then: What happens to the job next, as a sentence; may be "".
        path: The crash file, None if it could not be written.
        count: How often this error has occurred in this job.
        drawing: Whether it occurred while the screen was drawn.
    """

    job: str
    what: str
    then: str
    path: Path | None
    count: int
    drawing: bool = False

    def __str__(self) -> str:
        again = f" ({self.count} times)" if self.count > 1 else ""
        then = f" {self.then}" if self.then else ""
        file = f"Details: {self.path}" if self.path else "No crash file could be written."
        return f"Unexpected error in {self.job}{again}: {self.what}.{then} {file}"


Listener = Callable[[Crash], None]
_listeners: list[Listener] = []
_seen: dict[tuple[str, str, str], tuple[int, Path | None]] = {}
_lock = threading.Lock()


def listen(listener: Listener) -> Callable[[], None]:
    """Call `listener` in the reporting thread on each report; returns a function to remove it."""
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def report(job: str, error: BaseException, then: str = "") -> Crash:
    """Write an unexpected error to a crash file (the same error only once); call the listeners.

    Args:
        job: The name of what failed: "the refresher", "Browser.on_key".
        then: What happens to the job next: "Retrying in 4 s."
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    key = (job, type(error).__name__, where)
    with _lock:
        count, path = _seen.get(key, (0, None))
        if count == 0:
            path = _write(job, error)
        count += 1
        _seen[key] = (count, path)
    drawing = any(frame.filename.endswith("_compositor.py") for frame in frames)
    crash = Crash(job, summary(error), then, path, count, drawing)
    log.error("%s", crash)
    for listener in list(_listeners):
        listener(crash)
    return crash


def summary(error: BaseException) -> str:
    """Type and message of an error in one line of at most 200 characters, without secrets."""
    try:
        words = str(error)
    except Exception:  # its own __str__ failed: only the type is shown
        words = ""
    line = redact(" ".join(f"{type(error).__name__}: {words}".split()).rstrip(" :."))
    line = "".join(char if char.isprintable() else "�" for char in line)
    return line if len(line) <= 200 else f"{line[:199]}…"


def traceback_text(error: BaseException) -> str:
    """The traceback of an error and its causes: no local variables, no secrets."""
    lines: list[str] = []
    for part in traceback.TracebackException.from_exception(error, compact=True).format():
        for line in part.splitlines():
            # Paths may look like base64. A message is cut: it may quote a whole response.
            lines.append(line if line.startswith('  File "') else redact(line[:500]))
    text = "\n".join(lines) + "\n"
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)


def _write(job: str, error: BaseException) -> Path | None:
    now = datetime.now(UTC)
    head = (
        f"ecs-tui {__version__}, Python {platform.python_version()}, {sys.platform}\n"
        f"{now.isoformat(timespec='seconds')} in {job}\n\n"
    )
    folder = state_folder() / "crashes"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        path = folder / f"{now:%Y%m%d-%H%M%S-%f}.txt"
        text = traceback_text(error)
        if len(text) > MAX_TRACEBACK_CHARACTERS:
            half = MAX_TRACEBACK_CHARACTERS // 2
            text = f"{text[:half]}\n…\n{text[-half:]}"
        write_private(path, (head + text).encode("utf-8", "replace"))
        for old in sorted(folder.glob("*.txt"))[:-MAX_FILES]:
            old.unlink(missing_ok=True)
    except OSError as problem:
        log.warning("cannot write a crash file: %s", problem.strerror)
        return None
    return path


async def keep_running(job: str, make: Callable[[], Awaitable[None]]) -> None:
    """Run a job until it returns; if it fails, report the error and start it again.

    The pauses between are 1, 2, 4 … 60 s; after a run of more than 5 minutes, 1 s again.

    Args:
        job: Its name in reports.
        make: Creates the job's coroutine.
    """
    loop = asyncio.get_running_loop()
    pause = _FIRST_PAUSE_SECONDS
    while True:
        began = loop.time()
        try:
            await make()
        except Exception as error:
            if loop.time() - began > _STEADY_SECONDS:
                pause = _FIRST_PAUSE_SECONDS
            report(job, error, f"Retrying in {pause:.0f} s.")
        else:
            return
        await asyncio.sleep(pause)
        pause = min(_MAX_PAUSE_SECONDS, 2 * pause)


def run_job(job: Coroutine[object, None, T]) -> T:
    """`asyncio.run`, but uncaught errors in tasks and callbacks are reported instead of printed."""

    async def watched() -> T:
        asyncio.get_running_loop().set_exception_handler(in_loop)
        return await job

    return asyncio.run(watched())


def in_loop(loop: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
    """asyncio's exception handler: reports uncaught errors in tasks and callbacks."""
    error = context.get("exception")
    if not isinstance(error, BaseException):
        log.warning("asyncio: %s", context.get("message", ""))
        return
    task = context.get("future") or context.get("task")
    coroutine: object = task.get_coro() if isinstance(task, asyncio.Task) else None
    name = getattr(coroutine, "__qualname__", "a callback")
    report(name, error)


def install() -> None:
    """Report all uncaught errors, and keep the logs and warnings of libraries off the screen."""
    # Without a handler, Python prints every library's warnings to stderr, over the screen.
    logging.getLogger().addHandler(logging.NullHandler())
    if not sys.warnoptions:
        logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _in_thread
    sys.unraisablehook = _unraisable


def _uncaught(kind: type[BaseException], error: BaseException, trace: object) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    echo(f"ecs-tui: {report('ecs-tui', error)}", err=True)


def _in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and args.exc_type is not SystemExit:
        report(f"thread {args.thread.name if args.thread else ''}".strip(), args.exc_value)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    if args.exc_value is not None:
        report("a finalizer", args.exc_value)
