"""Files and folders that only this user can read; files are written atomically."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO


def private_folder(path: Path) -> None:
    """Create a folder and its missing parents (mode 0700).

    Existing folders of this program are set to 0700 too; other folders keep their modes.

    Raises:
        OSError: A folder cannot be created.
    """
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
        elif _is_ours(folder) and stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(0o700)


def _is_ours(folder: Path) -> bool:
    """Whether `folder` is this program's state or cache folder, or inside one of them."""
    import platformdirs

    roots = (platformdirs.user_state_path("ecs-tui"), platformdirs.user_cache_path("ecs-tui"))
    return any(folder.is_relative_to(root) for root in roots)


def state_folder() -> Path:
    """The folder for files that are kept between runs: the user state directory (XDG)."""
    import platformdirs

    return Path(platformdirs.user_state_dir("ecs-tui"))


def write_private(path: Path, data: bytes) -> None:
    """Write a file (mode 0600) atomically: a temporary file replaces it.

    Raises:
        OSError: The folder or the file cannot be written.
    """
    write_private_parts(path, (data,))


def write_private_parts(path: Path, parts: Iterable[bytes]) -> None:
    """Like `write_private`, in parts that are not all in memory at once.

    Raises:
        OSError: The folder or the file cannot be written. Whatever `parts` raises; then nothing is
            written.
    """
    private_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent)  # 0600
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_regular(path: Path, limit: int) -> bytes:
    """The content of a regular file; never blocks on a pipe or a device.

    Args:
        limit: Maximum size in bytes.

    Raises:
        OSError: It cannot be read, is not a regular file, or is larger than `limit`.
    """
    with open_regular(path, limit) as file:
        data = file.read(limit + 1)
    if len(data) > limit:  # it has grown
        raise _too_large(path)
    return data


def open_regular(path: Path, limit: int) -> BinaryIO:
    """Open a regular file for reading; never blocks on a pipe or a device.

    Args:
        limit: Maximum size in bytes, now.

    Raises:
        OSError: It cannot be read, is not a regular file, or is larger than `limit`.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        _regular(path, handle)
        if os.fstat(handle).st_size > limit:
            raise _too_large(path)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def append_private(path: Path) -> int:
    """Open a regular file (mode 0600) for appending; creates it if it is missing.

    Returns:
        The descriptor.

    Raises:
        OSError: It cannot be opened for writing, or is not a regular file.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    try:
        handle = os.open(path, flags, 0o600)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a pipe without a reader
            raise _irregular(path) from error
        raise
    try:
        _regular(path, handle)
        os.fchmod(handle, 0o600)  # an existing file may have another mode
    except OSError:
        os.close(handle)
        raise
    return handle


def _regular(path: Path, handle: int) -> None:
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise _irregular(path)


def _too_large(path: Path) -> OSError:
    return OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))


def _irregular(path: Path) -> OSError:
    return OSError(errno.EINVAL, "it is not a regular file", str(path))
