"""The file of this program's own session log: JSON lines, appended only, readable by this user only."""

from __future__ import annotations

import os
from pathlib import Path

from ecs_tui.system.atomic_file import append_private, private_folder, state_folder

MAX_READ_BYTES = 4 << 20
"""Bytes that are read from the end of the file: about 15,000 sessions."""


def session_log_path() -> Path:
    """The file."""
    return state_folder() / "session-log.jsonl"


def append_line(line: str) -> None:
    """Append a line with one write, so that lines of several processes do not mix.

    Raises:
        OSError: It cannot be written.
    """
    path = session_log_path()
    private_folder(path.parent)
    handle = append_private(path)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def stamp() -> tuple[int, int]:
    """A value that changes with the file: its size and when it was written; zeros without one."""
    try:
        found = session_log_path().stat()
    except OSError:
        return (0, 0)
    return (found.st_size, found.st_mtime_ns)


def read_lines() -> list[str]:
    """The last lines, the oldest first; none if there is no file or it cannot be read."""
    try:
        handle = os.open(
            session_log_path(), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        )
    except OSError:
        return []
    with os.fdopen(handle, "rb") as file:
        try:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MAX_READ_BYTES))
            data = file.read(MAX_READ_BYTES)
        except OSError:  # a pipe or a device
            return []
    lines = data.decode("utf-8", "replace").splitlines()
    return lines[1:] if size > MAX_READ_BYTES else lines
