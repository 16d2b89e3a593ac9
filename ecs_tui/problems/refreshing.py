"""Reads a list of the store again, whole: what is listed, and the state of everything in it."""

from __future__ import annotations

import asyncio

from ecs_tui.store.inventory import Inventory, Scope, clock

PARALLEL = 4
"""Calls in flight."""


async def refresh(inventory: Inventory, scope: Scope) -> int:
    """List a scope and describe what is in it; returns how many calls that took.

    Stopped tasks are described once: they do not change. A failure stays in the scope's freshness.
    """
    began, size = clock(), scope.kind.batch
    await inventory.list_names(scope)
    calls = inventory.freshness(scope).pages
    if inventory.freshness(scope).error is not None or scope.kind.describe is None:
        return calls
    room = asyncio.Semaphore(PARALLEL)

    async def describe(keys: list[str]) -> None:
        async with room:
            await inventory.describe(scope, keys)

    old = [
        key
        for item in inventory.of(scope)
        if inventory.described_at(scope, key := scope.kind.key(item)) < began
        and not (scope.stopped and item.described)
    ]
    wanted = list(dict.fromkeys([*inventory.to_describe(scope), *old]))
    parts = [wanted[start : start + size] for start in range(0, len(wanted), size)]
    await asyncio.gather(*map(describe, parts))
    return calls + len(parts)
