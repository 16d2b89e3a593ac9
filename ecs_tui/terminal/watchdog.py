"""Tells a worker that hangs from one that only gets too little CPU time on a busy machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from ecs_tui.record import dataclass

MAX_BUSY_SECONDS = 2.0
"""Maximum seconds of CPU time that a worker may use for a reply."""
MAX_SILENT_SECONDS = 30.0
"""Seconds without a reply after which a worker counts as hanging whatever CPU time it used."""
MAX_UNMEASURED_SECONDS = 5.0
"""The same if the system does not report CPU times."""
_STOPPED = "TtZX"
"""States in proc(5): stopped, traced, zombie, dead."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The state of a process as in proc(5), and the seconds of CPU time that it has used."""

    state: str
    seconds: float


def usage(pid: int) -> Usage | None:
    """State and CPU time of a process; None if the system does not report them (not Linux)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may contain ")" too
    ticks = int(fields[11]) + int(fields[12])
    return Usage(fields[0], ticks / os.sysconf("SC_CLK_TCK"))


class Watchdog:
    """Watches one worker. Call `hangs` several times a second while a reply is due.

    Args:
        used: Returns the worker's state and CPU time, as `usage` does.
        clock: Seconds, monotonic.
    """

    def __init__(
        self, used: Callable[[], Usage | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._used, self._clock = used, clock
        self._answered_at = clock()
        self._fresh = True
        self._before = 0.0

    def answered(self) -> None:
        """The worker has replied, or a reply is due from now on."""
        self._answered_at = self._clock()
        self._fresh = True

    def hangs(self) -> bool:
        """Whether the worker hangs and must be replaced."""
        used = self._used()
        if self._fresh:
            self._fresh = False
            self._before = used.seconds if used is not None else 0.0
        silent = self._clock() - self._answered_at
        if silent <= MAX_BUSY_SECONDS:
            return False
        if used is None:
            return silent > MAX_UNMEASURED_SECONDS
        if used.state in _STOPPED or silent > MAX_SILENT_SECONDS:
            return True
        return used.seconds - self._before > MAX_BUSY_SECONDS
