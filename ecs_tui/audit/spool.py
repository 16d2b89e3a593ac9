"""The bytes of a transcript while it is shown: in a file without a name, cut into segments.

A transcript may have hundreds of megabytes, and it holds what people typed. So it is neither kept in
memory nor left on the disk: the file is private, has no name, and is gone when the program ends.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from typing import IO

from ecs_tui.record import dataclass
from ecs_tui.system.atomic_file import private_folder, state_folder

SEGMENT_BYTES = 64 * 1024
"""Bytes of a segment: rendered at once, so that the first screen does not wait long."""
MAX_SEGMENT_BYTES = 512 * 1024
"""Bytes up to which a segment goes on, while a full-screen program has the screen."""
MAX_SEGMENT_LINES = 3_000
_SCREEN = re.compile(rb"\x1b\[\?(?:[0-9]+;)*(?:47|1047|1049)(?:;[0-9]+)*([hl])")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a transcript that begins at the start of a line; `end` is not included."""

    start: int
    end: int


class TranscriptSpool:
    """The bytes of one transcript.

    Attributes:
        segments: Its parts so far, in order. The last one grows until `finish`.
        size: Bytes so far.
        complete: Whether all bytes are here.

    Raises:
        OSError: The file cannot be created.
    """

    def __init__(self) -> None:
        folder = state_folder() / "transcripts"
        private_folder(folder)
        self._file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115
        self.segments: list[Segment] = []
        self.size, self.complete = 0, False
        self._tail = bytearray()
        self._start = 0

    def append(self, data: bytes) -> None:
        """Add bytes.

        Raises:
            OSError: They cannot be written.
        """
        self._file.seek(0, os.SEEK_END)
        self._file.write(data)
        self.size += len(data)
        self._tail += data
        while (cut := _cut(self._tail)) is not None:
            self._add(cut)

    def finish(self) -> None:
        """There are no more bytes."""
        if self._tail:
            self._add(len(self._tail))
        self.complete = True

    def _add(self, length: int) -> None:
        self.segments.append(Segment(self._start, self._start + length))
        self._start += length
        del self._tail[:length]

    def read(self, number: int) -> bytes:
        """The bytes of a segment.

        Raises:
            OSError: They cannot be read.
        """
        segment = self.segments[number]
        self._file.seek(segment.start)
        return self._file.read(segment.end - segment.start)

    def pieces(self) -> Iterator[bytes]:
        """All bytes so far, segment by segment."""
        for number in range(len(self.segments)):
            yield self.read(number)

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()


def _cut(tail: bytearray) -> int | None:
    """Where a segment ends that begins with `tail`; None as long as more bytes are needed."""
    if len(tail) < SEGMENT_BYTES:
        return None
    lines = 0
    at = 0
    while at < SEGMENT_BYTES and lines < MAX_SEGMENT_LINES:
        newline = tail.find(b"\n", at)
        if newline < 0:
            break
        at, lines = newline + 1, lines + 1
    if at == 0:
        return len(tail) if len(tail) >= MAX_SEGMENT_BYTES else None
    # Not within a full-screen program: its screen would be drawn by half.
    while True:
        inside = False
        for found in _SCREEN.finditer(tail, 0, at):
            inside = found[1] == b"h"
        if not inside:
            return at
        left = next((each for each in _SCREEN.finditer(tail, at) if each[1] == b"l"), None)
        if left is not None and left.end() <= MAX_SEGMENT_BYTES:
            newline = tail.find(b"\n", left.end())
            return newline + 1 if newline >= 0 else left.end()
        return at if len(tail) >= MAX_SEGMENT_BYTES else None
