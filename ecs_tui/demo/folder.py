"""The folder with the files of the demo's containers: new for each run, private, deleted later."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

PREFIX = "ecs-tui-demo-"
LOCK = ".in-use"
NEW_SECONDS = 60.0
"""Seconds for which a folder without a lock is kept: its server may not have locked it yet."""


class DemoFolder:
    """A new folder (mode 0700) with a lock that is held until this process ends."""

    def __init__(self) -> None:
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = os.open(self.path / LOCK, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Delete the folder and its contents."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep() -> None:
    """Delete folders left by killed servers of this user, but not those of other users."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            found = path.lstat()
            ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
            if ours and found.st_mode & 0o077 == 0 and not _in_use(path, found.st_mtime):
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:
            continue  # its server has just removed it


def _in_use(path: Path, changed_at: float) -> bool:
    try:
        lock = os.open(path / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return time.time() - changed_at < NEW_SECONDS
    except OSError:
        return True  # not a lock that we created
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
