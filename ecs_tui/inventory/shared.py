"""Work that several wait for: it goes on until the last of them has left."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any


class Shared:
    """A job and how many wait for it. When nobody does any more, it is cancelled."""

    def __init__(self, work: Coroutine[Any, Any, None]) -> None:
        self.job = asyncio.ensure_future(work)
        self._waiting = 0

    def join(self) -> None:
        """One more waits."""
        self._waiting += 1

    def leave(self) -> None:
        """One waits no longer."""
        self._waiting -= 1
        if not self._waiting:
            self.job.cancel()  # nothing happens where it is done


async def finished(works: Iterable[Shared]) -> list[BaseException]:
    """Wait for all; returns what they raised. One that was cancelled by others raised nothing."""
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
