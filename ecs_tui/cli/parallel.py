"""Reads the pages of several clusters at the same time, and yields them in the clusters' order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable

from ecs_tui.cli.output import Row

MAX_CLUSTERS = 8
"""Clusters that are read at the same time: enough to use up the call budget, not more."""
MAX_PAGES = 2
"""Pages of a cluster that wait until those of the clusters before it are taken."""
Page = list[Row]


class ReadAhead:
    """Reads pages before they are taken, a few at most.

    Args:
        pages: The pages; read in a task of its own.
        finished: Called when there are no more, or reading failed.
    """

    def __init__(self, pages: AsyncIterator[Page], finished: Callable[[], None]) -> None:
        self._queue: asyncio.Queue[Page | Exception | None] = asyncio.Queue(MAX_PAGES)
        self._task = asyncio.create_task(self._read(pages, finished))

    async def _read(self, pages: AsyncIterator[Page], finished: Callable[[], None]) -> None:
        failure: Exception | None = None
        try:
            async for page in pages:
                await self._queue.put(page)
        except Exception as error:  # raised again where the pages are taken
            failure = error
        finished()
        await self._queue.put(failure)

    async def take(self) -> Page | None:
        """The next page; None after the last one.

        Raises:
            Exception: Reading failed.
        """
        item = await self._queue.get()
        if isinstance(item, Exception):
            raise item
        return item

    async def close(self) -> None:
        """Stop reading."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


async def in_order(
    clusters: Iterable[str],
    pages_of: Callable[[str], AsyncIterator[Page]],
    finished: Callable[[], None],
) -> AsyncGenerator[tuple[str, Page | Exception], None]:
    """Yield (cluster, page) for all pages of each cluster; an error in place of the rest of them.

    Args:
        clusters: The clusters, in order.
        pages_of: Reads the pages of one.
        finished: Called whenever one has been read.
    """
    left = iter(clusters)
    reading: deque[tuple[str, ReadAhead]] = deque()
    try:
        while True:
            while len(reading) < MAX_CLUSTERS and (name := next(left, None)) is not None:
                reading.append((name, ReadAhead(pages_of(name), finished)))
            if not reading:
                return
            name, first = reading[0]
            try:
                while (page := await first.take()) is not None:
                    yield name, page
            except Exception as error:
                yield name, error
            reading.popleft()
    finally:
        for _, each in reading:
            await each.close()
