"""Whether a worker that owes an answer hangs, or has only not had its turn on a busy machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SILENCE = 2.0
"""Seconds of its own processor time that a worker may need for an answer."""
LONGEST_SILENCE = 30.0
"""Seconds after which it is given up even so: it waits for something that never comes."""
UNKNOWN_SILENCE = 5.0
"""The same where the system does not tell what a process has used."""
_STOPPED = "TtZX"


@dataclass(frozen=True, slots=True)
class Usage:
    """A process: its state as in proc(5), and the seconds of processor time that it has used."""

    state: str
    seconds: float


def usage(pid: int) -> Usage | None:
    """What a process has used, None where the system does not tell (only Linux does)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    ticks = int(fields[11]) + int(fields[12])
    return Usage(fields[0], ticks / os.sysconf("SC_CLK_TCK"))


class Watchdog:
    """Judges one worker. Ask it several times a second while an answer is owed.

    Args:
        used: What the worker has used, as `usage`.
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
        """It has answered, or owes an answer from now on."""
        self._answered_at = self._clock()
        self._fresh = True

    def hangs(self) -> bool:
        """Whether it is to be given up."""
        used = self._used()
        if self._fresh:
            self._fresh = False
            self._before = used.seconds if used is not None else 0.0
        silent = self._clock() - self._answered_at
        if silent <= SILENCE:
            return False
        if used is None:
            return silent > UNKNOWN_SILENCE
        if used.state in _STOPPED or silent > LONGEST_SILENCE:
            return True
        return used.seconds - self._before > SILENCE
