"""Keeps the garbage collector's pauses out of the keys' way.

A full collection looks at every object there is: with ten thousand tasks that is a fifth of a
second. Model objects have no cycles and live until they are replaced, so what has been loaded is
set aside (`gc.freeze`); it is still freed as soon as nobody refers to it.

Closed windows and ended jobs do have cycles. The collector's own full rounds come seldom with the
threshold below, so there is one in a quiet moment.
"""

from __future__ import annotations

import gc
import time

YOUNG = 50_000
"""Allocations between two looks at the youngest objects (700 by default)."""
_STEP = 1_000
EVERY = 30.0
"""Seconds between two full rounds, at least."""
OVERDUE = 300.0
"""Seconds after which a full round does not wait for a quiet moment any more."""
QUIET = 0.25
"""Seconds without a key that make a moment quiet."""
_SHARE = 500
"""A full round may take a part in so many of the time."""


class Pauses:
    """Tell it how much is known, and how long it has been quiet; it acts when it is time.

    Args:
        now: Seconds, from where `rest` counts.
        every: Seconds between two full rounds, at least.
    """

    def __init__(self, now: float, every: float = EVERY) -> None:
        self._set_aside = 0
        self._last, self._every = now, every
        gc.set_threshold(YOUNG, 20, 50)

    def known(self, count: int) -> None:
        """So many objects are known now."""
        if count > self._set_aside * 1.3 + _STEP:
            self._set_aside = count
            gc.collect(0)  # what is young and in cycles goes first, or it would stay for good
            gc.freeze()

    def rest(self, now: float, last_key: float) -> None:
        """It is `now`, and the last key came at `last_key`: in a quiet moment free what is in cycles."""
        since = now - self._last
        if since < self._every or (now - last_key < QUIET and since < OVERDUE):
            return
        began = time.perf_counter()
        gc.collect()
        self._last = now
        took = time.perf_counter() - began
        self._every = min(max(self._every, _SHARE * took), OVERDUE)
