"""Tasks with open shells: they are refreshed whatever is on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ecs_tui.store.inventory import Inventory
from ecs_tui.store.source import Scope

WATCH_SECONDS = 5.0
"""Seconds between two refreshes of them."""


class WatchedTasks:
    """What is due of some tasks, each for itself.

    Args:
        inventory: Where the data is stored.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._arns: tuple[str, ...] = ()
        self._jobs: set[asyncio.Future[None]] = set()
        self._asked: dict[str, float] = {}

    def watch(self, arns: Sequence[str]) -> None:
        """Refresh exactly these tasks from now on."""
        self._arns = tuple(arns)
        self._asked = {arn: at for arn, at in self._asked.items() if arn in self._arns}
        self._inventory.hold("watched", arns)

    def due(self, now: float, share: float = 1.0) -> dict[Scope, list[str]]:
        """Those that are to be described, by the running tasks of their cluster.

        Args:
            share: How much of the pause must have passed.
        """
        inventory = self._inventory
        due: dict[Scope, list[str]] = {}
        for arn in self._arns:
            scope = inventory.task_scope(arn)
            asked_at = max(inventory.described_at(scope, arn), self._asked.get(arn, 0.0))
            if now - asked_at > share * WATCH_SECONDS and not inventory.in_flight(scope, arn):
                due.setdefault(scope, []).append(arn)
        return due

    def refresh(self, now: float) -> None:
        """Start the calls that are due, unless some are in flight."""
        if self._jobs:
            return
        inventory = self._inventory
        for scope, arns in self.due(now).items():
            batch = arns[: scope.kind.batch]
            # After a failure too (the cluster may be gone), it waits before the next call.
            self._asked.update(dict.fromkeys(batch, now))
            job: asyncio.Future[None] = asyncio.ensure_future(inventory.describe(scope, batch))
            self._jobs.add(job)
            job.add_done_callback(self._jobs.discard)

    def cancel(self) -> list[asyncio.Future[None]]:
        """Cancel what is in flight, and return it."""
        for job in self._jobs:
            job.cancel()
        return list(self._jobs)
