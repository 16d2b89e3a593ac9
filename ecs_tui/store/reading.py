"""Reads a list once, page by page, without keeping it: for the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence

from ecs_tui.aws.account import Account
from ecs_tui.store.names import within_cluster
from ecs_tui.store.source import ItemT, Scope


async def read(account: Account, scope: Scope[ItemT]) -> AsyncIterator[list[ItemT]]:
    """Yield the objects of a scope, a list for each page of its List call.

    The objects of a page are described in parallel calls. What List returns and Describe does not
    is left out.

    Raises:
        AwsError: A call failed. If it was one of a page's Describe calls, the objects of the others
            are yielded first.
    """
    kind = scope.kind
    async for page in kind.pages(account, scope, ""):
        if kind.describe is None:
            yield page
            continue
        starts = range(0, len(page), kind.batch)
        asked = [
            kind.describe(account, scope.cluster, page[at : at + kind.batch]) for at in starts
        ]  # fmt: skip
        async for found in _each(asked):
            yield [within_cluster(item, scope) for item in found]


async def _each(asked: Sequence[Awaitable[Sequence[ItemT]]]) -> AsyncIterator[list[ItemT]]:
    """The results of parallel calls, in order, as one list.

    If a call fails, the results of the others are yielded before its error is raised.
    """
    found: list[ItemT] = []
    failure: BaseException | None = None
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(answer, BaseException):
            failure = failure or answer
        else:
            found += answer
    yield found
    if failure is not None:
        raise failure
