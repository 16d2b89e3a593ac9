"""The client's terminal or pipes: raw mode, chunked reading, buffered writing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import termios
import tty
from collections.abc import Callable, Iterator

MAX_WRITE_BYTES = 64 * 1024
"""Maximum bytes that are buffered before they are written."""
END_OF_INPUT = b"\x04"
"""ctrl+d, which ends a shell."""


@contextlib.contextmanager
def raw(fd: int) -> Iterator[None]:
    """Set the terminal `fd` raw and restore it afterwards; no effect on other files."""
    if not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    try:
        tty.setraw(fd)
        yield
    finally:
        # A terminal that is gone cannot be restored.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(fd, termios.TCSADRAIN, before)


class TerminalInput:
    """Reads `fd` between `start` and `stop`; passes on the end of the input as ctrl+d, once.

    Args:
        size: Maximum bytes per read.
        on_input: Called with the bytes read.
    """

    def __init__(self, fd: int, size: int, on_input: Callable[[bytes], None]) -> None:
        self._fd, self._size, self._on_input = fd, size, on_input
        self._loop = asyncio.get_running_loop()
        self._reading = False
        self._ended = False

    def start(self) -> None:
        """Start reading."""
        if not self._reading and not self._ended:
            self._reading = True
            try:
                self._loop.add_reader(self._fd, self._readable)
            except OSError:  # a regular file, which epoll does not support
                self._loop.call_soon(self._read_file)

    def stop(self) -> None:
        """Pause reading."""
        if self._reading:
            self._reading = False
            with contextlib.suppress(OSError, ValueError):
                self._loop.remove_reader(self._fd)

    def _read_file(self) -> None:
        while self._reading and not self._ended:
            self._readable()

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, self._size)
        except BlockingIOError:
            return
        except OSError:  # EIO: the terminal is gone
            data = b""
        if not data:
            self._ended = True
            self.stop()
            data = END_OF_INPUT
        self._on_input(data)


class TerminalOutput:
    """Writes to `fd`; what is added during one iteration of the event loop is written at once.

    Args:
        on_gone: Called when the reader has closed its end.
    """

    def __init__(self, fd: int, on_gone: Callable[[], None]) -> None:
        self._fd, self._on_gone = fd, on_gone
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()

    def write(self, data: bytes) -> None:
        """Write `data` at the end of this iteration of the event loop."""
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting += data
        if len(self._waiting) >= MAX_WRITE_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write the buffer now."""
        view = memoryview(bytes(self._waiting))
        self._waiting.clear()
        while view:
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:
                select.select([], [self._fd], [], 1.0)
            except OSError:
                self._on_gone()
                return
