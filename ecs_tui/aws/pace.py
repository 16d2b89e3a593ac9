"""The call budget: one token bucket per group of API actions, shared by all callers.

ECS throttles per account, region and action group with a burst and a sustained rate
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html). The budget stays
below that, and slows down for a while if AWS throttles anyway.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

BURST_SHARE = 0.95
"""Share of AWS's burst that is used: AWS counts calls when they arrive, we when they are sent."""


@dataclass(slots=True)
class Bucket:
    """A token bucket: at most `burst` calls at once, then `rate` per second."""

    burst: float = 100.0
    rate: float = 20.0
    tokens: float = field(default=-1.0)
    filled_at: float = field(default=-1.0)
    slow_until: float = 0.0

    def take(self, now: float) -> float:
        """Take one token; returns the seconds to wait until it is available (0: now)."""
        if self.filled_at < 0:
            self.tokens, self.filled_at = self.burst, now
        rate = self.rate / 2 if now < self.slow_until else self.rate
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * rate)
        self.filled_at = now
        self.tokens -= 1
        return 0.0 if self.tokens >= 0 else -self.tokens / rate

    def give_back(self) -> None:
        """Return the token of a call that was cancelled while it waited."""
        self.tokens = min(self.burst, self.tokens + 1)

    def slow_down(self, now: float, seconds: float = 30.0) -> None:
        """AWS has throttled: empty the bucket, and halve the rate for `seconds`."""
        self.tokens = min(self.tokens, 0.0)
        self.slow_until = now + seconds


class Pace:
    """Buckets by action group, and counts for the status bar.

    Args:
        burst: Calls at once per group.
        rate: Calls per second per group after that.
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
        """The group of a call: a service's reads or writes. AWS's own groups are smaller."""
        verb = "read" if operation.startswith(("Describe", "List", "Get")) else "write"
        return f"{service}:{verb}"

    async def wait(self, service: str, operation: str) -> None:
        """Wait until the call may be sent."""
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
        """Record that AWS throttled a call."""
        self.throttled += 1
        self._bucket(service, operation).slow_down(self._clock())

    def calls_per_minute(self) -> int:
        """The calls that were sent within the last 60 seconds."""
        return sum(self._last_minute().values())

    def share(self) -> float:
        """The busiest group's calls in the last minute, as a share of what its rate allows (0.0 and up)."""
        return max(self._last_minute().values(), default=0) / (60 * self._rate)

    def _last_minute(self) -> dict[str, int]:
        start = self._clock() - 60
        for times in self._recent.values():
            while times and times[0] < start:
                times.popleft()
        return {group: len(times) for group, times in self._recent.items()}

    @staticmethod
    def pause(attempt: int) -> float:
        """Seconds to wait after throttled attempt `attempt` (from 0): exponential, full jitter.

        https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
        """
        return random.uniform(0.1, min(20.0, 0.5 * 2.0**attempt))

    def _bucket(self, service: str, operation: str) -> Bucket:
        return self._buckets.setdefault(
            self.group(service, operation), Bucket(max(1.0, BURST_SHARE * self._burst), self._rate)
        )
