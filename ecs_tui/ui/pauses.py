"""Keeps the garbage collector's pauses out of the keys' way.

A full collection looks at every object there is: with ten thousand tasks that is a fifth of a
second. Model objects have no cycles and live until they are replaced, so what has been loaded is
set aside (`gc.freeze`); it is still freed as soon as nobody refers to it.
"""

from __future__ import annotations

import gc

YOUNG = 50_000
"""Allocations between two looks at the youngest objects (700 by default)."""
_STEP = 1_000


class Pauses:
    """Tell it how much is known; it acts when that has grown by much."""

    def __init__(self) -> None:
        self._set_aside = 0
        gc.set_threshold(YOUNG, 20, 50)

    def known(self, count: int) -> None:
        """So many objects are known now."""
        if count > self._set_aside * 1.3 + _STEP:
            self._set_aside = count
            gc.collect(0)  # what is young and in cycles goes first, or it would stay for good
            gc.freeze()
