"""Clusters are read at the same time, a few at once; their pages keep the clusters' order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from ecs_tui.cli.output import Row
from ecs_tui.cli.parallel import MAX_CLUSTERS, MAX_PAGES, ReadAhead, in_order
from ecs_tui.errors import AccessDenied
from tests.support.limits import until

pytestmark = pytest.mark.asyncio


class Clusters:
    """Clusters of one page each, which are answered when `go` is set.

    Attributes:
        at_once, most: How many are read now, and were read at most.
    """

    def __init__(self, *denied: str) -> None:
        self.denied = denied
        self.go = asyncio.Event()
        self.at_once = self.most = self.finished = self.cancelled = 0

    async def pages(self, name: str) -> AsyncIterator[list[Row]]:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await self.go.wait()
            yield [{"name": name}]
            if name in self.denied:
                raise AccessDenied(f"no {name}")
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.at_once -= 1

    def ended(self) -> None:
        self.finished += 1


async def taken(made: Clusters, names: list[str]) -> list[tuple[str, object]]:
    return [pair async for pair in in_order(names, made.pages, made.ended)]


async def test_order_errors_and_how_many_at_once() -> None:
    names = [f"c{number:02}" for number in range(3 * MAX_CLUSTERS)]
    made = Clusters("c01", "c20")
    reading = asyncio.create_task(taken(made, names))
    await until(lambda: made.at_once == MAX_CLUSTERS, "as many as allowed are read")
    made.go.set()
    found = await reading
    assert made.most == MAX_CLUSTERS
    assert made.finished == len(names)
    pages = [(name, page) for name, page in found if isinstance(page, list)]
    assert pages == [(name, [{"name": name}]) for name in names]
    errors = [name for name, page in found if isinstance(page, AccessDenied)]
    assert errors == ["c01", "c20"]
    assert [name for name, _ in found] == sorted(name for name, _ in found)


async def test_no_clusters() -> None:
    assert await taken(Clusters(), []) == []


async def test_who_stops_taking_stops_the_reading() -> None:
    made = Clusters()
    pages = in_order([f"c{number}" for number in range(MAX_CLUSTERS)], made.pages, made.ended)
    async with aclosing(pages):
        first = asyncio.ensure_future(anext(pages))
        await until(lambda: made.at_once == MAX_CLUSTERS, "all are read")
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    assert made.cancelled == MAX_CLUSTERS and made.at_once == 0


async def test_only_a_few_pages_are_read_ahead() -> None:
    asked = 0

    async def endless() -> AsyncIterator[list[Row]]:
        nonlocal asked
        while True:
            asked += 1
            yield []

    ahead = ReadAhead(endless(), lambda: None)
    await until(lambda: asked == MAX_PAGES + 1, "the queue is full, and one page waits")
    assert await ahead.take() == []
    await until(lambda: asked == MAX_PAGES + 2, "another page is read for the one taken")
    await ahead.close()
    assert asked == MAX_PAGES + 2
