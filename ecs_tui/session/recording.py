"""A recording of a session as an asciicast file, version 2, that asciinema can play.

https://docs.asciinema.org/manual/asciicast/v2/

Input is recorded only if configured, and only what the remote end echoes: a password, typed while
echo is off, is never recorded.
"""

from __future__ import annotations

import codecs
import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ecs_tui.system.atomic_file import private_folder

ECHO_SECONDS = 1.0
"""Seconds within which an echo must arrive."""


class Recording:
    """An open recording; a new file (mode 0600) that is written during the session.

    Args:
        path: The file to create; its folder is created too.
        columns: Width of the terminal in cells.
        rows: Its height.
        title: The recording's title.
        with_input: Whether keys are recorded too.
        about: What it is a recording of and why the session was opened, for the member `ecs_tui` of the
            header; players ignore members that they do not know.
        clock: Seconds, monotonic.

    Raises:
        OSError: The file cannot be created.
    """

    def __init__(
        self,
        path: Path,
        columns: int,
        rows: int,
        title: str,
        *,
        with_input: bool = False,
        about: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        private_folder(path.parent)
        self.path, self.with_input = path, with_input
        self.error = ""
        self._clock, self._started = clock, clock()
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._typed = ""
        self._typed_at = 0.0
        self._whole = 0
        header = {
            "version": 2,
            "width": columns,
            "height": rows,
            "timestamp": int(time.time()),
            "title": title,
            "env": {"TERM": "xterm-256color"},
        }
        self._line(header | ({"ecs_tui": dict(about)} if about else {}))

    def output(self, data: bytes) -> None:
        """Record output of the remote end."""
        text = self._decoder.decode(data)
        if text:
            if self._typed:
                self._echoed(text)
            self._event("o", text)

    def input(self, data: bytes) -> None:
        """Record typed `data` once the remote end echoes it."""
        if not self.with_input:
            return
        now = self._clock()
        if now - self._typed_at > ECHO_SECONDS:
            self._typed = ""
        self._typed = (self._typed + data.decode("utf-8", "ignore"))[-4096:]
        self._typed_at = now

    def _echoed(self, text: str) -> None:
        """Write the typed keys with which the output starts; the others were not echoed."""
        typed, self._typed = self._typed, ""
        if self._clock() - self._typed_at > ECHO_SECONDS:
            return
        at = kept = lines = 0
        for char in typed:
            wanted = "\n" if char == "\r" else char
            found = text.find(wanted, at)
            if found < 0 or (found > at and char not in "\r\n"):
                break
            at, kept = found + 1, kept + 1
            if wanted == "\n":
                lines = kept
        if text[at : at + 1].isprintable() and at < len(text):
            kept = lines  # the rest of the line differs, so it was not echoed
        if kept:
            self._event("i", typed[:kept])
            self._typed = typed[kept:]

    def resize(self, columns: int, rows: int) -> None:
        """Record a new terminal size, in cells."""
        self._event("r", f"{columns}x{rows}")

    def close(self) -> None:
        """Finish the file."""
        rest = self._decoder.decode(b"", True)
        if rest:
            self._event("o", rest)
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _event(self, kind: str, text: str) -> None:
        self._line([round(self._clock() - self._started, 6), kind, text])

    def _line(self, value: object) -> None:
        if self._fd < 0:
            return
        line = memoryview((json.dumps(value, ensure_ascii=False) + "\n").encode())
        size = len(line)
        try:
            while line:
                line = line[os.write(self._fd, line) :]
            self._whole += size
        except OSError as error:
            # A full disk must not end the session; the pane shows that the recording has ended.
            self.error = error.strerror or str(error)
            self._drop_half_a_line()
            os.close(self._fd)
            self._fd = -1

    def _drop_half_a_line(self) -> None:
        """Remove a partially written line: players need complete lines."""
        with contextlib.suppress(OSError):  # the partial line stays; `error` is set
            os.ftruncate(self._fd, self._whole)
