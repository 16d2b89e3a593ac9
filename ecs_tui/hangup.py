"""The end of a process that is told to end: by a signal, or because its terminal is gone.

It ends in an orderly way where that is possible, and within `LONGEST` seconds in any case: a thread
that waits for nothing else ends the process, and behind it the kernel's own alarm.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

ORDERLY = 4.0
"""Seconds for an orderly end: sessions, caches, threads."""
LONGEST = 4.8
"""Seconds after which the kernel ends the process, whatever its threads hold."""
SIGNALS = (signal.SIGHUP, signal.SIGTERM)


class Ending:
    """Hears the signals that end the process, and makes sure that it does end.

    It listens from when it is made, in the main thread, to the end of the process.

    Args:
        on_end: Called once, in the thread that called `begin` or in a signal handler: it must not
            block or take a lock.
        last: Called in a thread of its own just before the process is ended by force.

    Attributes:
        status: The exit status once it is known that the process ends (128 + n for signal n).
    """

    def __init__(self, on_end: Callable[[], None], last: Callable[[], None]) -> None:
        self._on_end, self._last = on_end, last
        self.status: int | None = None
        self._wake, self._tell = os.pipe()
        os.set_blocking(self._tell, False)
        # Started before it is needed: a signal handler can start no thread safely.
        threading.Thread(target=self._watch, name="ending", daemon=True).start()
        for number in SIGNALS:
            signal.signal(number, self._signalled)

    def begin(self, status: int) -> None:
        """The process ends, with this exit status. Any thread, signal handlers too."""
        if self.status is None:
            self.status = status
            os.write(self._tell, b"!")
            self._on_end()

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.begin(128 + number)

    def _watch(self) -> None:
        os.read(self._wake, 1)
        # SIGALRM has its default action: it needs neither this thread nor the interpreter's lock.
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        time.sleep(ORDERLY)
        self._last()
        os._exit(self.status or 0)
