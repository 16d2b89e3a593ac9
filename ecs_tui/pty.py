"""A child process on a pseudo-terminal of its own: ground that sessions and the demo stand on."""

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

_FLOOD = 1024
"""Bytes in one read (a PTY hands out 4 KiB at most) that are more than an echo."""
_READ = 256 * 1024
_BUFFER = memoryview(bytearray(_READ))
"""Read into by all terminals of the process, on one loop: a buffer for each read, cut to what
came, leaves holes in the heap, and memory grows."""


def _read(fd: int) -> bytes:
    return bytes(_BUFFER[: os.readv(fd, [_BUFFER])])


class _Courtesy:
    """Until when (monotonic seconds) floods of output wait, for all terminals of the process."""

    until = 0.0


def give_way(seconds: float) -> None:
    """A key is on its way to the screen: let floods of output wait so long."""
    _Courtesy.until = time.monotonic() + seconds


def set_size(fd: int, columns: int, rows: int) -> None:
    """Tell the terminal behind `fd` its size in cells (TIOCSWINSZ)."""
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def get_size(fd: int) -> tuple[int, int]:
    """(columns, rows) of the terminal behind `fd`; (80, 24) where it has none."""
    try:
        rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8))
    except OSError:
        return 80, 24
    return columns or 80, rows or 24


def _wide_pipe() -> tuple[int, int]:
    """(read end, non-blocking; write end), with room for a flood where the system lets us.

    Both numbers are above the standard ones: what is copied onto itself would be closed on exec.
    """
    ends = os.pipe()
    out, into = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    os.set_blocking(out, False)
    size = getattr(fcntl, "F_SETPIPE_SZ", None)
    if size is not None:  # Linux
        with contextlib.suppress(OSError):
            fcntl.fcntl(into, size, 4 * _READ)
    return out, into


class PtyProcess:
    """A process whose stdin, stdout, stderr and controlling terminal are one new PTY.

    It is made with `posix_spawn`: safe in a process with threads, and no descriptor but the
    terminal is inherited. The child leads its own session, so a hang-up of the terminal reaches
    everything it started.

    Args:
        argv: Program (found on `env`'s PATH) and arguments.
        env: The child's whole environment.
        on_output: Called with what the child wrote, in the loop, in order.
        on_exit: Called once with the exit status (128 + n for signal n), after the last output.
        columns: Width in cells.
        rows: Height in cells.
        cooked_output: Whether the PTY turns LF into CR LF (OPOST, as terminals are born).
        niceness: How much the child yields to others (setpriority).
        descriptor: Becomes the child's descriptor 3; -1 for none. It stays open here.
        output_apart: Whether stdout and stderr are a pipe instead: a terminal hands out 4 KiB at a
            time, a pipe whatever there is. For children that do not mind.

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
        # Never 3 itself: what is copied onto itself would stay closed on exec.
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
            with contextlib.suppress(OSError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, self.pid, niceness)
        self._fd, self._out = master, out
        self._loop.add_reader(out, self._readable)
        threading.Thread(target=self._reap, name=f"reap-{self.pid}", daemon=True).start()

    @property
    def alive(self) -> bool:
        """Whether the child has not been reaped yet."""
        return self._status is None

    def write(self, data: bytes) -> None:
        """Give the child input; what the PTY does not take at once is kept and sent later."""
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
        """Change the size; the kernel sends SIGWINCH to what runs in the foreground."""
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                set_size(self._fd, max(1, columns), max(1, rows))

    def pause(self) -> None:
        """Stop reading: the child blocks once the PTY's buffer is full."""
        if not self._paused and not self._drained:
            self._paused = True
            self._loop.remove_reader(self._out)

    def resume(self) -> None:
        """Read again."""
        if self._paused:
            self._paused = False
            if not self._drained:
                self._loop.add_reader(self._out, self._readable)

    def signal(self, number: int) -> None:
        """Send a signal to the child's whole process group, if it still lives."""
        if self._status is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)

    def close(self) -> None:
        """Hang up: close the terminal. The child gets SIGHUP. No more output is reported."""
        self._finish_reading()
        if self._status is None:
            self.signal(signal.SIGHUP)
            self.signal(signal.SIGCONT)

    def _readable(self) -> None:
        if self._flooding and (wait := _Courtesy.until - time.monotonic()) > 0:
            self._flooding = False
            self._loop.remove_reader(self._out)
            self._loop.call_later(wait, self._read_on)
            return
        try:
            data = _read(self._out)
        except BlockingIOError:
            return
        except OSError:  # EIO: the last holder of the slave is gone
            data = b""
        if data:
            self._flooding = len(data) >= _FLOOD
            self._on_output(data)
            return
        self._finish_reading()

    def _read_on(self) -> None:
        if not self._paused and not self._drained:
            self._loop.add_reader(self._out, self._readable)

    def _finish_reading(self) -> None:
        if self._drained:
            return
        self._drained = True
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
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
            self._loop.call_soon_threadsafe(self._exited, code if code >= 0 else 128 - code)

    def _exited(self, status: int) -> None:
        self._status = status
        if self._paused:
            # Somebody holds the flow; what is left is read when it goes on.
            return
        # A grandchild may hold the terminal open: read what is there, wait for no more.
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
