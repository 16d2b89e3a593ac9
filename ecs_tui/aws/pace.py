"""The call budget: token buckets for each group of API actions, shared by all that calls.

ECS throttles per account, region and action group with a burst and a sustained rate
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html). We keep below
it on our own, and slow down for a while when AWS says it was too much all the same.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

MARGIN = 0.95
"""How much of the burst we use: AWS's bucket fills by the arrival of calls, ours by their leaving."""


@dataclass(slots=True)
class Bucket:
    """One token bucket: at most `burst` calls at once, `rate` a second over time."""

    burst: float = 100.0
    rate: float = 20.0
    tokens: float = field(default=-1.0)
    filled_at: float = field(default=-1.0)
    slow_until: float = 0.0

    def take(self, now: float) -> float:
        """Take one token and return the seconds to wait until it is really there (0 if it is)."""
        if self.filled_at < 0:
            self.tokens, self.filled_at = self.burst, now
        rate = self.rate / 2 if now < self.slow_until else self.rate
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * rate)
        self.filled_at = now
        self.tokens -= 1
        return 0.0 if self.tokens >= 0 else -self.tokens / rate

    def give_back(self) -> None:
        """A call that was waiting for its token is not made after all."""
        self.tokens = min(self.burst, self.tokens + 1)

    def punish(self, now: float, seconds: float = 30.0) -> None:
        """AWS throttled us: nothing is left, and half the rate holds for `seconds`."""
        self.tokens = min(self.tokens, 0.0)
        self.slow_until = now + seconds


class Pace:
    """Buckets by action group, and counts for the status bar.

    Args:
        burst: Calls that may go out at once in one group.
        rate: Calls a second in one group after that.
        clock: Seconds, monotonic; given by tests.
    """

    def __init__(
        self,
        burst: float = 100.0,
        rate: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst, self._rate, self._clock = burst, rate, clock
        self._buckets: dict[str, Bucket] = {}
        self._recent: dict[str, deque[float]] = {}
        self.calls = 0
        self.throttled = 0

    @staticmethod
    def group(service: str, operation: str) -> str:
        """The action group of a call: AWS counts reads of clusters, services and so on apart."""
        verb = "read" if operation.startswith(("Describe", "List", "Get")) else "write"
        return f"{service}:{verb}"

    async def wait(self, service: str, operation: str) -> None:
        """Return when the call may go out."""
        bucket = self._bucket(service, operation)
        delay = bucket.take(self._clock())
        if delay > 0:
            try:
                await asyncio.sleep(delay)
            except asyncio.CancelledError:
                bucket.give_back()
                raise
        self.calls += 1
        self._recent.setdefault(self.group(service, operation), deque()).append(self._clock())

    def throttle(self, service: str, operation: str) -> None:
        """AWS answered that a call was one too many."""
        self.throttled += 1
        self._bucket(service, operation).punish(self._clock())

    def calls_per_minute(self) -> int:
        """Calls that went out within the last 60 seconds."""
        return sum(self._last_minute().values())

    def share(self) -> float:
        """How much of what its rate allows the busiest group took in the last minute (0..)."""
        return max(self._last_minute().values(), default=0) / (60 * self._rate)

    def _last_minute(self) -> dict[str, int]:
        start = self._clock() - 60
        for times in self._recent.values():
            while times and times[0] < start:
                times.popleft()
        return {group: len(times) for group, times in self._recent.items()}

    @staticmethod
    def pause(attempt: int) -> float:
        """Seconds to wait after the throttled attempt (from 0): exponential with full jitter.

        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        return random.uniform(0.1, min(20.0, 0.5 * 2.0**attempt))

    def _bucket(self, service: str, operation: str) -> Bucket:
        return self._buckets.setdefault(
            self.group(service, operation), Bucket(max(1.0, MARGIN * self._burst), self._rate)
        )
