"""Shared jobs: one runs until the last caller that waits for it has left."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable


class Shared:
    """A job and its number of waiters. Without waiters it is cancelled."""

    def __init__(self, work: Coroutine[object, None, None]) -> None:
        self.job = asyncio.ensure_future(work)
        self._waiting = 0

    def join(self) -> None:
        """Add a waiter."""
        self._waiting += 1

    def leave(self) -> None:
        """Remove a waiter."""
        self._waiting -= 1
        if not self._waiting:
            self.job.cancel()  # has no effect if it is done


async def finished(works: Iterable[Shared]) -> list[BaseException]:
    """Wait for all; returns their exceptions. A job that others cancelled has none."""
    joined = list(works)
    for work in joined:
        work.join()
    try:
        if joined:
            await asyncio.wait([work.job for work in joined])
    finally:
        for work in joined:
            work.leave()
    return [
        error for work in joined if not work.job.cancelled() and (error := work.job.exception())
    ]
