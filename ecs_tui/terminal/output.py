"""Writes output in a separate thread, so that the event loop never waits for the terminal."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable

MAX_QUEUED_BYTES = 512 * 1024
"""Bytes in the queue above which output is dropped; the screen is drawn again later."""
_STOP_SECONDS = 0.02
"""Seconds without progress after which the process may have been stopped (SIGSTOP); as long the
main thread gets then to say so, before anything is written."""


class OutputQueue(threading.Thread):
    """Writes queued data, in order, until it is closed or the terminal is gone.

    Args:
        fd: Descriptor of the terminal.
        on_lost: Called once, in this thread, when the terminal is gone (EIO and the like).
        on_caught_up: Called in this thread when the queue is empty after data was dropped: the
            screen must be drawn again.
    """

    def __init__(
        self, fd: int, on_lost: Callable[[], None], on_caught_up: Callable[[], None]
    ) -> None:
        super().__init__(name="terminal-output", daemon=True)
        self._fd, self._on_lost, self._on_caught_up = fd, on_lost, on_caught_up
        self._waiting: deque[tuple[int, bytes]] = deque()  # (drops before, data)
        self._size = 0
        self._dropped = False
        self._closed = False
        self._lost = False
        self._drops = 0
        self._active = 0.0  # when data was last queued or about to be written
        self._changed = threading.Condition()

    def write(self, data: bytes, *, always: bool = False) -> None:
        """Queue `data`; drops it if the queue is too long, unless `always`."""
        with self._changed:
            if self._closed or self._lost:
                return
            if self._size > MAX_QUEUED_BYTES and not always:
                self._dropped = True
                return
            if not self._size:
                self._active = time.monotonic()
            self._waiting.append((self._drops, data))
            self._size += len(data)
            self._changed.notify_all()

    def drop_old(self) -> None:
        """Drop what is queued and the rest of what is being written. Takes no lock, for signal
        handlers of the thread that calls `write`."""
        self._drops += 1

    def close(self, seconds: float) -> bool:
        """Accept no more data; returns whether all of it was written within `seconds`."""
        end = time.monotonic() + seconds
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            while self._size and not self._lost and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            return not self._size

    def run(self) -> None:
        """Write until closed and empty, or until the terminal is gone."""
        while (queued := self._next()) is not None:
            drops, data = queued
            try:
                self._write(data, drops)
            except OSError:
                with self._changed:
                    self._lost = True
                    self._waiting.clear()
                    self._size = 0
                    self._changed.notify_all()
                self._on_lost()
                return
            with self._changed:
                self._size -= len(data)
                caught_up = self._dropped and not self._size
                self._dropped = self._dropped and not caught_up
                self._changed.notify_all()
            if caught_up:
                self._on_caught_up()

    def _next(self) -> tuple[int, bytes] | None:
        with self._changed:
            while not self._waiting:
                if self._closed:
                    return None
                self._changed.wait()
            return self._waiting.popleft()

    def _write(self, data: bytes, drops: int) -> None:
        view = memoryview(data)
        while view and not self._is_old(drops):
            try:
                view = view[os.write(self._fd, view) :]
            except BlockingIOError:  # another program has set the terminal non-blocking
                with contextlib.suppress(InterruptedError):
                    select.select([], [self._fd], [])

    def _is_old(self, drops: int) -> bool:
        """Whether data was queued before the last `drop_old`: the screen may be a shell's."""
        if time.monotonic() - self._active > _STOP_SECONDS:
            time.sleep(_STOP_SECONDS)
        self._active = time.monotonic()
        return drops != self._drops
