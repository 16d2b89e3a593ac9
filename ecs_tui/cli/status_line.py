"""A line on stderr that says what a long job is doing; only on a terminal."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys

from ecs_tui.system.echo import showable


class StatusLine:
    """The line; it is erased before anything else is printed."""

    def __init__(self) -> None:
        stream = sys.stderr
        self._shown = ""
        self._enabled = (
            stream is not None
            and stream.isatty()
            and os.environ.get("TERM") not in (None, "", "dumb")
        )

    def show(self, words: str) -> None:
        """Show words in place of those before, cut at the terminal's width."""
        if self._enabled and words != self._shown:
            self._shown = words
            width = max(1, shutil.get_terminal_size().columns - 1)
            self._write(f"\r\x1b[K{showable(words)[:width]}")

    def erase(self) -> None:
        """Erase the line."""
        if self._shown:
            self._shown = ""
            self._write("\r\x1b[K")

    @staticmethod
    def _write(text: str) -> None:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()
