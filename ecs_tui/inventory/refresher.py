"""What to ask for next: keeps the scopes that are looked at fresh, and nothing else."""

from __future__ import annotations

import asyncio
import random

from ecs_tui.errors import NoNetwork, Throttled
from ecs_tui.inventory.inventory import Inventory, Kind, Scope

DEPLOYING_EVERY = 3.0
LONGEST_PAUSE = 60.0


class Refresher:
    """Loads the scopes that screens look at, again and again, one after the other.

    Args:
        inventory: Where the answers go.
        every: Seconds between refreshes of what is looked at.
    """

    def __init__(self, inventory: Inventory, every: float) -> None:
        self._inventory = inventory
        self._every = every
        self._scopes: tuple[Scope, ...] = ()
        self._jobs: dict[Scope, asyncio.Task[None]] = {}

    def look_at(self, *scopes: Scope) -> None:
        """From now on keep exactly these fresh; loads of others are cancelled."""
        for scope in self._scopes:
            if scope not in scopes:
                self._stop(scope)
        self._scopes = scopes
        for scope in scopes:
            if scope not in self._jobs:
                self._jobs[scope] = asyncio.ensure_future(self._keep(scope))

    def refresh_now(self) -> None:
        """Load what is looked at, at once."""
        for scope in self._scopes:
            self._stop(scope)
            self._jobs[scope] = asyncio.ensure_future(self._keep(scope))

    async def close(self) -> None:
        """Stop everything."""
        jobs = list(self._jobs.values())
        for scope in list(self._jobs):
            self._stop(scope)
        await asyncio.gather(*jobs, return_exceptions=True)
        await self._inventory.close()

    def _stop(self, scope: Scope) -> None:
        job = self._jobs.pop(scope, None)
        if job is not None:
            job.cancel()
        self._inventory.cancel(scope)

    async def _keep(self, scope: Scope) -> None:
        failures = 0
        while True:
            await asyncio.shield(self._inventory.load(scope))
            error = self._inventory.freshness(scope).error
            failures = failures + 1 if isinstance(error, (NoNetwork, Throttled)) else 0
            pause = self._pause(scope)
            if failures:
                pause = min(LONGEST_PAUSE, pause * 2**failures) * random.uniform(0.8, 1.2)
            await asyncio.sleep(pause)

    def _pause(self, scope: Scope) -> float:
        """Where something moves, sooner."""
        inventory = self._inventory
        if scope.kind is Kind.SERVICE and any(
            item.deploying for item in inventory.services(scope.cluster)
        ):
            return min(self._every, DEPLOYING_EVERY)
        if scope.kind is Kind.TASK and not scope.stopped:
            tasks = inventory.tasks(scope.cluster, scope.service)
            if any(item.last_status not in ("RUNNING", "") for item in tasks):
                return min(self._every, DEPLOYING_EVERY)
        return self._every
