"""The C library's heaps: one for all threads."""

from __future__ import annotations

import sys

_ARENA_MAX = -8
"""M_ARENA_MAX of glibc's `malloc.h`: see mallopt(3)."""


def use_one_heap() -> bool:
    """Let threads that start from now on allocate from the heaps that exist; returns whether it worked.

    glibc gives each thread a heap of its own, so that they do not wait for each other. Python's lock
    lets one allocate at a time anyhow, and what is free in one heap is of no use to the others: with
    a few helper threads that was 3 MB of 125. Other C libraries have no such heaps.
    """
    if sys.platform != "linux":
        return False
    import ctypes  # 5 ms: not before the first rows are drawn

    try:
        return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, 1))
    except (OSError, AttributeError):  # musl
        return False
