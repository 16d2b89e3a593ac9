"""Folders and files that only this user may read; files are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path


def private_folder(path: Path) -> None:
    """Make a folder (0700), with those that are missing above it.

    One of the program's own that exists already is made so too; other people's stay as they are.

    Raises:
        OSError: It cannot be made.
    """
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
        elif _is_ours(folder) and stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(0o700)


def _is_ours(folder: Path) -> bool:
    """Whether it is the program's state or cache folder, or one in it."""
    import platformdirs

    roots = (platformdirs.user_state_path("ecs-tui"), platformdirs.user_cache_path("ecs-tui"))
    return any(folder.is_relative_to(root) for root in roots)


def state_folder() -> Path:
    """Where files that outlive the program lie on this platform (XDG state)."""
    import platformdirs

    return Path(platformdirs.user_state_dir("ecs-tui"))


def write_private(path: Path, data: bytes) -> None:
    """Write a file (0600) whole or not at all.

    Raises:
        OSError: The folder or the file cannot be written.
    """
    private_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def read_regular(path: Path, limit: int) -> bytes:
    """The content of a regular file; a pipe or device is not waited for, but refused.

    Args:
        limit: Bytes above which the file is refused too.

    Raises:
        OSError: It cannot be read, is no regular file, or is larger.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        _regular(path, handle)
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return data


def append_private(path: Path) -> int:
    """A descriptor that appends to a regular file (0600), made where it is missing.

    Raises:
        OSError: It cannot be written, or is no regular file.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        handle = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a pipe that nobody reads
            raise _irregular(path) from error
        raise
    try:
        _regular(path, handle)
        os.fchmod(handle, 0o600)  # one that existed already too
    except OSError:
        os.close(handle)
        raise
    return handle


def _regular(path: Path, handle: int) -> None:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise _irregular(path)


def _irregular(path: Path) -> OSError:
    return OSError(errno.EINVAL, "it is no regular file", str(path))
