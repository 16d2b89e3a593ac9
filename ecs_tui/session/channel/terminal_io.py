"""The client's own terminal or pipes: raw while the session lasts, read in pieces, written whole."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import termios
import tty
from collections.abc import Callable, Iterator

WRITE = 64 * 1024
"""Bytes that are collected before they are written, at most."""
END_OF_INPUT = b"\x04"
"""What a person types to end a shell."""


@contextlib.contextmanager
def raw(fd: int) -> Iterator[None]:
    """Set the terminal behind `fd` raw and restore it afterwards; nothing where it is none."""
    if not os.isatty(fd):
        yield
        return
    before = termios.tcgetattr(fd)
    try:
        tty.setraw(fd)
        yield
    finally:
        # Of a terminal that is gone there is nothing to restore.
        with contextlib.suppress(termios.error):
            termios.tcsetattr(fd, termios.TCSADRAIN, before)


class Input:
    """Reads `fd` while it may; the end of the input is typed as ctrl+d, once.

    Args:
        size: Bytes read at once, at most.
        on_input: Takes what was read.
    """

    def __init__(self, fd: int, size: int, on_input: Callable[[bytes], None]) -> None:
        self._fd, self._size, self._on_input = fd, size, on_input
        self._loop = asyncio.get_running_loop()
        self._reading = False
        self._ended = False

    def start(self) -> None:
        """Read from now on."""
        if not self._reading and not self._ended:
            self._reading = True
            try:
                self._loop.add_reader(self._fd, self._readable)
            except OSError:  # a regular file: epoll does not take it
                self._loop.call_soon(self._read_file)

    def stop(self) -> None:
        """Read no more for now."""
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


class Output:
    """Writes to `fd`; what arrives in one turn of the loop is written in one go.

    Args:
        on_gone: Called when nobody reads any more.
    """

    def __init__(self, fd: int, on_gone: Callable[[], None]) -> None:
        self._fd, self._on_gone = fd, on_gone
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()

    def write(self, data: bytes) -> None:
        """Write `data`, soon."""
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting += data
        if len(self._waiting) >= WRITE:
            self.flush()

    def flush(self) -> None:
        """Write what waits, now."""
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
