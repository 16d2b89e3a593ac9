"""When Python's garbage collector runs: between keys, and often enough to limit memory.

A full collection scans every object. It takes 0.1 s after start-up and 0.2 s with ten thousand
tasks. Most objects live long: `gc.freeze` excludes them from collections, which keeps the frequent
ones short. Reference counting still frees excluded objects.

Closed dialogs and panes, and ended jobs, contain reference cycles, which only a collection frees.
With rare collections they would grow to megabytes that Python never returns to the system. So a
short collection runs every few seconds, and a full one every few minutes.

During start-up none runs: all that is made then stays, and collections would be a tenth of it.
"""

from __future__ import annotations

import gc
import time

YOUNG_ALLOCATIONS = 50_000
"""Allocations between two collections of the youngest objects (Python's default: 700)."""
_FREEZE_STEP_OBJECTS = 1_000
"""Objects that must be new, besides 30%, before they are frozen too."""
COLLECT_EVERY_SECONDS = 5.0
"""Minimum seconds between two collections."""
FULL_EVERY_SECONDS = 300.0
"""Minimum seconds between two full collections; the first collection is a full one."""
OVERDUE_SECONDS = 300.0
"""Seconds after which a collection runs even while keys are being pressed."""
QUIET_SECONDS = 0.25
"""Seconds without a key after which a collection may run."""
_PAUSE_FACTOR = 1_000
"""Minimum pause after a short collection, as a multiple of its duration."""


def hold() -> None:
    """Run no collection until `GcTuning` is called for the first time. Call it before imports."""
    gc.disable()


class GcTuning:
    """Tunes and runs the collector. Call its methods about once a second.

    Args:
        now: Monotonic seconds, on the same clock as in `collect_when_quiet`.
        every: Minimum seconds between two collections.
    """

    def __init__(self, now: float, every: float = COLLECT_EVERY_SECONDS) -> None:
        self._set_aside = 0
        self._last, self._every = now, every
        self._full_at: float | None = None  # of the last full collection
        gc.set_threshold(YOUNG_ALLOCATIONS, 20, 50)

    def on_object_count(self, count: int) -> None:
        """Freeze new objects once `count` (objects in all inventories) grew by 30% and 1,000."""
        if count > self._set_aside * 1.3 + _FREEZE_STEP_OBJECTS:
            self._set_aside = count
            gc.collect(0)  # free young cycles first: frozen ones stay until a full collection
            gc.freeze()

    def collect_when_quiet(self, now: float, last_key: float) -> None:
        """Collect if a collection is due and no key was pressed just now.

        Args:
            now: Monotonic seconds.
            last_key: When the last key was pressed, in monotonic seconds.
        """
        gc.enable()
        since = now - self._last
        if since < self._every or (now - last_key < QUIET_SECONDS and since < OVERDUE_SECONDS):
            return
        began = time.perf_counter()
        if self._full_at is None or now - self._full_at >= FULL_EVERY_SECONDS:
            if self._full_at is not None:  # at first, what is frozen was made just now
                gc.unfreeze()
            self._full_at = now
            gc.collect()
            gc.freeze()
        else:
            gc.collect()
            took = time.perf_counter() - began
            self._every = min(max(self._every, _PAUSE_FACTOR * took), OVERDUE_SECONDS)
        self._last = now
