"""Ends the process after SIGHUP or SIGTERM, or when its terminal is gone.

It shuts down cleanly if possible, and within `MAX_SECONDS` in any case: a thread that does nothing
else ends the process, and if that thread is blocked, the kernel's alarm does.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

ORDERLY_SECONDS = 4.0
"""Seconds for a clean shutdown: sessions, caches, threads."""
MAX_SECONDS = 4.8
"""Seconds after which the kernel ends the process, even if its threads are blocked."""
SIGNALS = (signal.SIGHUP, signal.SIGTERM)


class Shutdown:
    """Handles the signals that end the process, and makes sure that it ends.

    Create it in the main thread; it handles the signals from then on.

    Args:
        on_end: Called once, in the thread that called `begin` or in a signal handler: it must not
            block or take a lock.
        last: Called in a separate thread just before the process is ended by force.

    Attributes:
        status: The exit status (128 + n for signal n), None until the process starts to end.
    """

    def __init__(self, on_end: Callable[[], None], last: Callable[[], None]) -> None:
        self._on_end, self._last = on_end, last
        self.status: int | None = None
        self._wake, self._tell = os.pipe()
        os.set_blocking(self._tell, False)
        # Started in advance: a signal handler cannot safely start a thread.
        threading.Thread(target=self._watch, name="ending", daemon=True).start()
        for number in SIGNALS:
            signal.signal(number, self._signalled)

    def begin(self, status: int) -> None:
        """Start to end the process with this exit status. Safe in any thread and signal handler."""
        if self.status is None:
            self.status = status
            os.write(self._tell, b"!")
            self._on_end()

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self.begin(128 + number)

    def _watch(self) -> None:
        os.read(self._wake, 1)
        # SIGALRM has its default action, which needs neither this thread nor the GIL.
        signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
        time.sleep(ORDERLY_SECONDS)
        self._last()
        os._exit(self.status or 0)
