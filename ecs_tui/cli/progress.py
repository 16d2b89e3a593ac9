"""A line on stderr that says how far a long listing is; only on a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable

DELAY_SECONDS = 0.5
"""Seconds before the line is shown: a short listing needs none."""


class ProgressLine:
    """The line; it is erased before anything else is printed.

    Args:
        what: What is read, such as `services`.
        total: How many clusters there are.
        clock: Seconds, monotonic; given by tests.
    """

    def __init__(self, what: str, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._total, self._clock = what, total, clock
        self._done = 0
        self._shown = False
        self._begin = clock() + DELAY_SECONDS
        stream = sys.stderr
        self._enabled = (
            total > 1
            and stream is not None
            and stream.isatty()
            and os.environ.get("TERM") not in (None, "", "dumb")
        )

    def advance(self) -> None:
        """One more cluster has been read."""
        self._done += 1
        self.draw()

    def draw(self) -> None:
        """Show the line, after the delay."""
        if self._enabled and self._done < self._total and self._clock() >= self._begin:
            self._write(f"\r\x1b[KReading {self._what}: {self._done} of {self._total} clusters")
            self._shown = True

    def erase(self) -> None:
        """Erase the line."""
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = False

    @staticmethod
    def _write(text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()
