"""The call budget: a token bucket for each group of operations that AWS counts, shared by all callers.

AWS throttles per account, region and group of operations, with a burst and a sustained rate
(`quotas.py`). The budget stays below that, and slows down for a while if AWS throttles anyway.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import field

from ecs_tui.aws.quotas import QUOTAS, Quota, QuotaTable
from ecs_tui.record import dataclass

DEFAULT_BURST, DEFAULT_RATE = 100.0, 20.0
"""Calls at once, and calls per second after that: AWS's quota for reading ECS services and tasks, and
the budget of operations for which AWS publishes none."""
BURST_SHARE = 0.95
"""Share of AWS's burst that is used: AWS counts calls when they arrive, we when they are sent."""


@dataclass(slots=True)
class Bucket:
    """A token bucket: at most `burst` calls at once, then `rate` per second."""

    burst: float = DEFAULT_BURST
    rate: float = DEFAULT_RATE
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
    """Buckets by group of operations, and counts for the status bar.

    `burst` and `rate` are what ECS allows for reading services and tasks. Where they differ from the
    default, ECS's other quotas are scaled in proportion; those of other services only downwards,
    because a higher quota of ECS says nothing about them.

    Args:
        burst: Calls at once.
        rate: Calls per second after that.
        clock: Seconds, monotonic; given by tests.
        quotas: The quotas that AWS publishes; without any, each service's reads and its writes have
            `burst` and `rate`.
    """

    def __init__(
        self,
        burst: float = DEFAULT_BURST,
        rate: float = DEFAULT_RATE,
        clock: Callable[[], float] = time.monotonic,
        quotas: tuple[Quota, ...] = QUOTAS,
    ) -> None:
        self._burst, self._rate, self._clock = burst, rate, clock
        self._quotas = QuotaTable(quotas)
        self._buckets: dict[str, Bucket] = {}
        self._recent: dict[str, deque[float]] = {}
        self.calls = 0
        self.throttled = 0

    async def wait(self, service: str, operation: str, region: str = "") -> None:
        """Wait until the call may be sent.

        Args:
            service: botocore's name of the service.
            operation: The operation's name.
            region: The region that is called; some quotas depend on it.
        """
        group, bucket = self._group(service, operation), self._bucket(service, operation, region)
        delay = bucket.take(self._clock())
        if delay > 0:
            try:
                await asyncio.sleep(delay)
            except asyncio.CancelledError:
                bucket.give_back()
                raise
        self.calls += 1
        self._recent.setdefault(group, deque()).append(self._clock())

    def throttle(self, service: str, operation: str) -> None:
        """Record that AWS throttled a call."""
        self.throttled += 1
        self._bucket(service, operation).slow_down(self._clock())

    def calls_per_minute(self) -> int:
        """The calls that were sent within the last 60 seconds."""
        return sum(self._last_minute().values())

    def share(self) -> float:
        """The busiest group's calls in the last minute, as a share of what its rate allows (0.0 and up)."""
        return max(
            (
                calls / (60 * self._buckets[group].rate)
                for group, calls in self._last_minute().items()
            ),
            default=0.0,
        )

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

    def _group(self, service: str, operation: str) -> str:
        """The name of a call's group: of its quota, or the service's reads or writes."""
        quota = self._quotas.find(service, operation)
        if quota is not None:
            return f"{service}:{quota.name}"
        return (
            f"{service}:{'read' if operation.startswith(('Describe', 'List', 'Get')) else 'write'}"
        )

    def _bucket(self, service: str, operation: str, region: str = "") -> Bucket:
        group = self._group(service, operation)
        if group not in self._buckets:
            burst, rate = self._limits(service, operation, region)
            self._buckets[group] = Bucket(max(1.0, BURST_SHARE * burst), rate)
        return self._buckets[group]

    def _limits(self, service: str, operation: str, region: str) -> tuple[float, float]:
        quota = self._quotas.find(service, operation)
        if quota is None:
            return self._burst, self._rate
        burst, rate = quota.limits(region)
        more, faster = self._burst / DEFAULT_BURST, self._rate / DEFAULT_RATE
        if service != "ecs":
            more, faster = min(1.0, more), min(1.0, faster)
        return burst * more, rate * faster
