"""Folders and files that only this user may read; files are written whole or not at all."""

from __future__ import annotations

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
