"""Child processes on a pseudo-terminal (PTY) of their own, for sessions and the demo's shells."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import struct
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

_FLOOD_BYTES = 1024
"""Bytes in one read from which output counts as a flood: more than the echo of a key. One read of a
PTY returns at most 4 KiB."""
_FLOOD_TURN_BYTES = 32 * 1024
"""Bytes of a flood that are read in one turn of the loop: less than a millisecond."""
_READ_BYTES = 256 * 1024
_BUFFER = memoryview(bytearray(_READ_BYTES))
"""One buffer for all PTYs of the process, which share an event loop. A new buffer for each read,
shortened to the data, would fragment the heap, and memory would grow."""


def _read(fd: int) -> bytes:
    return bytes(_BUFFER[: os.readv(fd, [_BUFFER])])


class _OutputHold:
    """What all PTYs of the process share: their floods of output delay the same event loop.

    Attributes:
        until: The time (monotonic seconds) until which floods are held back.
        flooding: The PTYs, by their `id`, whose last read was part of a flood.
    """

    until = 0.0
    flooding: ClassVar[set[int]] = set()


def hold_output(seconds: float) -> None:
    """Hold back floods of output for `seconds`, so that what a key changes is drawn first."""
    _OutputHold.until = time.monotonic() + seconds


def set_size(fd: int, columns: int, rows: int) -> None:
    """Set the size in cells of the terminal `fd` (TIOCSWINSZ)."""
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def get_size(fd: int) -> tuple[int, int]:
    """(columns, rows) of the terminal `fd`; (80, 24) if it has no size or is not a terminal."""
    try:
        rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8))
    except OSError:
        return 80, 24
    return columns or 80, rows or 24


def _wide_pipe() -> tuple[int, int]:
    """A pipe as (read end, non-blocking; write end), with a large buffer if the system allows it.

    Both descriptors are at least 10: dup2 of a descriptor onto itself would leave it close-on-exec.
    """
    ends = os.pipe()
    out, into = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    os.set_blocking(out, False)
    size = getattr(fcntl, "F_SETPIPE_SZ", None)
    if size is not None:  # Linux
        with contextlib.suppress(OSError):
            fcntl.fcntl(into, size, 4 * _READ_BYTES)
    return out, into


class PtyProcess:
    """A process whose stdin, stdout, stderr and controlling terminal are a new PTY.

    It is started with `posix_spawn`, which is safe in a process with threads. The child inherits
    only its standard streams and `descriptor`. It leads its own session, so a hangup of the
    terminal reaches every process that it started.

    Args:
        argv: Program (found on this process's PATH, not that in `env`) and arguments.
        env: The child's complete environment.
        on_output: Called in the event loop with the child's output, in order.
        on_exit: Called once with the exit status (128 + n for signal n), after the last output.
        columns: Width in cells.
        rows: Height in cells.
        cooked_output: Whether the PTY turns LF into CR LF (OPOST, a PTY's default).
        niceness: The child's nice value (setpriority).
        descriptor: Becomes the child's descriptor 3; -1 for none. It is not closed here.
        output_apart: Whether stdout and stderr are a pipe instead, from which more than a PTY's
            4 KiB can be read at once. For children that work without a terminal there.

    Raises:
        OSError: The program cannot be started.
    """

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        on_output: Callable[[bytes], None],
        on_exit: Callable[[int], None],
        columns: int = 80,
        rows: int = 24,
        *,
        cooked_output: bool = True,
        niceness: int = 0,
        descriptor: int = -1,
        output_apart: bool = False,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_output, self._on_exit = on_output, on_exit
        self._waiting = bytearray()
        self._paused = False
        self._flooding = False
        self._drained = False
        self._status: int | None = None
        self._reported = False
        master, slave = os.openpty()
        # Never 3 itself: dup2 of a descriptor onto itself would leave it close-on-exec.
        extra = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10) if descriptor >= 0 else -1
        out, into = _wide_pipe() if output_apart else (master, -1)
        try:
            set_size(master, columns, rows)
            if not cooked_output:
                modes = termios.tcgetattr(slave)
                modes[1] &= ~termios.OPOST
                termios.tcsetattr(slave, termios.TCSANOW, modes)
            name = os.ttyname(slave)
            os.set_blocking(master, False)
            self.pid = os.posix_spawnp(
                argv[0],
                list(argv),
                dict(env),
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, name, os.O_RDWR, 0),
                    (os.POSIX_SPAWN_DUP2, into if output_apart else 0, 1),
                    (os.POSIX_SPAWN_DUP2, into if output_apart else 0, 2),
                    *([(os.POSIX_SPAWN_DUP2, extra, 3)] if extra >= 0 else []),
                ],
                setsid=True,
                setsigmask=[],
                setsigdef=[signal.SIGINT, signal.SIGPIPE, signal.SIGTSTP, signal.SIGQUIT],
            )
        except BaseException:
            for fd in {master, out}:
                os.close(fd)
            raise
        finally:
            for fd in (slave, extra, into):
                if fd >= 0:
                    os.close(fd)
        if niceness:
            with contextlib.suppress(OSError):  # it has already exited
                os.setpriority(os.PRIO_PROCESS, self.pid, niceness)
        self._fd, self._out = master, out
        self._loop.add_reader(out, self._readable)
        threading.Thread(target=self._reap, name=f"reap-{self.pid}", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the child has not been reaped yet."""
        return self._status is None

    def write(self, data: bytes) -> None:
        """Write input for the child; what the PTY does not accept at once is buffered."""
        if self._fd < 0 or not data:
            return
        if self._waiting:
            self._waiting += data
            return
        try:
            sent = os.write(self._fd, data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return
        if sent < len(data):
            self._waiting += data[sent:]
            self._loop.add_writer(self._fd, self._writable)

    def resize(self, columns: int, rows: int) -> None:
        """Change the size in cells; the kernel sends SIGWINCH to the foreground process group."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                set_size(self._fd, max(1, columns), max(1, rows))

    def pause(self) -> None:
        """Stop reading: the child blocks once the PTY's buffer is full."""
        if not self._paused and not self._drained:
            self._paused = True
            self._loop.remove_reader(self._out)

    def resume(self) -> None:
        """Resume reading."""
        if self._paused:
            self._paused = False
            if not self._drained:
                self._loop.add_reader(self._out, self._readable)

    def signal(self, number: int) -> None:
        """Send a signal to the child's process group, if the child is still running."""
        if self._status is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def close(self) -> None:
        """Close the terminal and send SIGHUP to the child; no more output is reported."""
        self._finish_reading()
        if self._status is None:
            self.signal(signal.SIGHUP)
            self.signal(signal.SIGCONT)

    def _readable(self) -> None:
        if self._flooding and (wait := _OutputHold.until - time.monotonic()) > 0:
            self._set_flooding(False)
            self._loop.remove_reader(self._out)
            self._loop.call_later(wait, self._read_on)
            return
        try:
            data = _read(self._out)
        except BlockingIOError:
            return
        except OSError:  # EIO: no process has the slave open any more
            data = b""
        if data:
            self._set_flooding(len(data) >= _FLOOD_BYTES)
            self._on_output(data)
            if self._flooding and len(_OutputHold.flooding) == 1:
                self._read_flood()
            return
        self._finish_reading()

    def _set_flooding(self, on: bool) -> None:
        self._flooding = on
        (_OutputHold.flooding.add if on else _OutputHold.flooding.discard)(id(self))

    def _read_flood(self) -> None:
        """Read what a flood has written meanwhile, up to `_FLOOD_TURN_BYTES`, in this turn of the loop.

        One read of a PTY returns at most 4 KiB, and a turn for each costs more than the read. Where
        several PTYs flood, each reads once a turn: keys would wait for all of them.
        """
        size = 0
        while size < _FLOOD_TURN_BYTES and not (self._paused or self._drained):
            try:
                data = _read(self._out)
            except OSError:  # nothing for now, or the end, which the next turn finds
                return
            if not data:
                return
            size += len(data)
            self._on_output(data)

    def _read_on(self) -> None:
        if not self._paused and not self._drained:
            self._loop.add_reader(self._out, self._readable)

    def _finish_reading(self) -> None:
        if self._drained:
            return
        self._drained = True
        self._set_flooding(False)
        self._loop.remove_reader(self._out)
        self._loop.remove_writer(self._fd)
        for fd in {self._fd, self._out}:
            os.close(fd)
        self._fd = self._out = -1
        self._report()

    def _writable(self) -> None:
        try:
            sent = os.write(self._fd, self._waiting)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._waiting)
        del self._waiting[:sent]
        if not self._waiting:
            self._loop.remove_writer(self._fd)

    def _reap(self) -> None:
        try:
            _, status = os.waitpid(self.pid, 0)
            code = os.waitstatus_to_exitcode(status)
        except ChildProcessError:
            code = 0
        with contextlib.suppress(RuntimeError):  # the event loop is closed
            self._loop.call_soon_threadsafe(self._exited, code if code >= 0 else 128 - code)

    def _exited(self, status: int) -> None:
        self._status = status
        if self._paused:
            # The rest of the output is read after `resume`.
            return
        # A grandchild may keep the terminal open: read what is available, but do not wait.
        while not self._drained:
            try:
                data = _read(self._out)
            except OSError:
                data = b""
            if not data:
                self._finish_reading()
                break
            self._on_output(data)
            if self._paused:
                return
        self._report()

    def _report(self) -> None:
        if self._status is not None and self._drained and not self._reported:
            self._reported = True
            self._on_exit(self._status)
