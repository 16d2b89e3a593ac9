"""The folder of the pretend containers' files: new each time, ours alone, and swept afterwards."""

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
NEW = 60.0
"""Seconds in which a folder without a lock may still be getting one."""


class DemoFolder:
    """A folder that did not exist before (0700); locked for as long as this process lives."""

    def __init__(self) -> None:
        sweep()
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = os.open(self.path / LOCK, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def remove(self) -> None:
        """Delete it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def sweep() -> None:
    """Delete what killed servers of this user have left; what is another's is not touched."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            found = path.lstat()
            ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
            if ours and found.st_mode & 0o077 == 0 and not _in_use(path, found.st_mtime):
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:
            continue  # its own server has removed it meanwhile


def _in_use(path: Path, changed_at: float) -> bool:
    try:
        lock = os.open(path / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return time.time() - changed_at < NEW
    except OSError:
        return True  # no lock of ours
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
