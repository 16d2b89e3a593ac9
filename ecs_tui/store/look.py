"""A list on the screen: what is under way for it, and when it may be asked for again."""

from __future__ import annotations

import asyncio
import random
from dataclasses import field

from ecs_tui.record import dataclass
from ecs_tui.store.source import Scope
from ecs_tui.store.spread import MAX_PAUSE_SECONDS, Spread


@dataclass(slots=True)
class Look:
    """A scope on the screen, and its jobs. Times are monotonic seconds.

    Attributes:
        scope: The list.
        first: Whether its rows are on the screen; others are loaded for its columns.
        spread: What is due in which cluster, if the list is of all clusters.
        since: Data from before this time is loaded again.
        jobs: Its calls in flight.
        listing: The List call among them.
        now: Whether it is to be listed at once.
        began: When the last call in the background began.
        failures: How many calls have failed since one succeeded.
        not_before: No call begins before this time.
    """

    scope: Scope
    first: bool
    spread: Spread | None = None
    since: float = 0.0
    jobs: set[asyncio.Future[None]] = field(default_factory=set)
    listing: asyncio.Future[None] | None = None
    now: bool = False
    began: float = 0.0
    failures: int = 0
    not_before: float = 0.0

    def ended(self, now: float, every: float, *, failed: bool) -> float:
        """Note how a call has ended; after a failure the next one waits, each time longer.

        Args:
            now: The time.
            every: The interval of the list, in seconds.

        Returns:
            The pause in seconds.
        """
        if not failed:
            self.failures, self.not_before = 0, 0.0
            return 0.0
        self.failures += 1
        pause = min(MAX_PAUSE_SECONDS, every * 2.0 ** (self.failures - 1))
        self.not_before = now + pause * random.uniform(0.8, 1.2)
        return pause
