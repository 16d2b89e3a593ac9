"""Files of frames: each a length (4 bytes, big-endian) and a body, read and written one by one.

The bodies of one file may be tens of megabytes together; never more than one is in memory.
"""

from __future__ import annotations

import struct
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

from ecs_tui.system.atomic_file import open_regular, write_private_parts

_LENGTH = struct.Struct(">I")


class IncompleteFrame(Exception):
    """A file ends within a frame."""


class _TooLarge(Exception):
    """The frames are more than a file may have."""


def read_frames(path: Path, limit: int) -> Generator[bytes]:
    """The bodies in a file; it is opened when the first one is asked for.

    Args:
        limit: Maximum size of the file in bytes.

    Raises:
        OSError: It cannot be read, is not a regular file, or is larger than `limit` (EFBIG).
        IncompleteFrame: It ends within a frame.
    """
    with open_regular(path, limit) as file:
        left = limit
        while head := file.read(_LENGTH.size):
            length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else limit
            left -= _LENGTH.size + length
            # A damaged length must not allocate gigabytes.
            body = file.read(length) if left >= 0 else b""
            if len(body) < length:
                raise IncompleteFrame
            yield body


def write_frames(path: Path, bodies: Iterable[bytes], limit: int) -> bool:
    """Write a file atomically (mode 0600); returns False, and writes none, if it would be too large.

    Args:
        limit: Maximum size of the file in bytes.

    Raises:
        OSError: It cannot be written. Whatever `bodies` raises; then nothing is written.
    """
    try:
        write_private_parts(path, _framed(bodies, limit))
    except _TooLarge:
        return False
    return True


def _framed(bodies: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for body in bodies:
        size += _LENGTH.size + len(body)
        if size > limit:
            raise _TooLarge
        yield _LENGTH.pack(len(body))
        yield body
