"""The load of a service of the demo account over time: what its metrics are computed from.

A value is a function of the service's name, of the time and of the levels that scripts have set, so
weeks of it need no memory and are the same in each run.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache

from ecs_tui.demo.logs_text import mix
from ecs_tui.record import dataclass

DAY_SECONDS = 86_400.0
NOISE = 0.06
"""A value is at most this share above or below its curve."""
SWING = 0.3
"""The share by which the load of the day's busiest hour is above the mean."""


@dataclass(frozen=True, slots=True)
class LoadLevel:
    """What differs from the usual, from some time on.

    Attributes:
        cpu, memory, requests, latency: Factors.
        errors: The share (0 to 1) of requests that fail, besides the usual few.
        ramp: Seconds in which it is reached.
    """

    cpu: float = 1.0
    memory: float = 1.0
    requests: float = 1.0
    latency: float = 1.0
    errors: float = 0.0
    ramp: float = 30.0


USUAL = LoadLevel()
Levels = Sequence[tuple[float, LoadLevel]]
"""(since when, level), sorted; before the first one, `USUAL`."""


@dataclass(frozen=True, slots=True)
class ServiceLoad:
    """The load of one service in one minute.

    Attributes:
        cpu, memory: Percent of what is reserved.
        requests: Of all its tasks, a minute.
        errors: Responses with a status of 500 and more, a minute.
        p50, p99: Seconds in which requests are answered.
    """

    cpu: float
    memory: float
    requests: float
    errors: float
    p50: float
    p99: float


@lru_cache(maxsize=4096)
def _seed(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")


def spread(key: str, least: float, most: float) -> float:
    """A number between two for a name; always the same."""
    return least + (most - least) * (_seed(key) % 10_007) / 10_006


def noise(key: str, minute: int) -> float:
    """A factor near 1 for a name and a minute; always the same."""
    return 1.0 + NOISE * (2.0 * (mix(_seed(key) ^ minute) % 4099) / 4098 - 1.0)


def level_at(levels: Levels, at: float) -> LoadLevel:
    """The level at a time, between two while it changes."""
    before, current, since = USUAL, USUAL, -math.inf
    for begin, level in levels:
        if begin > at:
            break
        before, current, since = level_at_end(before, current, since, begin), level, begin
    return level_at_end(before, current, since, at)


def level_at_end(before: LoadLevel, current: LoadLevel, since: float, at: float) -> LoadLevel:
    """Between two levels, as far as the second's ramp is done at a time."""
    done = 1.0 if current.ramp <= 0 else min(1.0, (at - since) / current.ramp)
    if done >= 1.0:
        return current
    mixed = {
        item.name: getattr(before, item.name) * (1 - done) + getattr(current, item.name) * done
        for item in fields(LoadLevel)
        if item.name != "ramp"
    }
    return LoadLevel(**mixed)


def load_at(key: str, levels: Levels, minute: int, tasks: int) -> ServiceLoad:
    """The load of a service in a minute.

    Args:
        key: `cluster/service`.
        minute: Minutes since 1970.
        tasks: Its desired count; the requests are for so many tasks.
    """
    at = minute * 60.0
    level = level_at(levels, at + 59.0)
    phase = spread(f"{key}/phase", 0.0, 0.1)
    day = 1.0 + SWING * math.sin(2 * math.pi * (at / DAY_SECONDS - 0.35 - phase))
    requests = spread(f"{key}/requests", 90, 900) * max(tasks, 1) * day * level.requests
    requests *= noise(f"{key}/requests", minute)
    share = spread(f"{key}/errors", 0.0001, 0.0009) + level.errors
    slow = level.latency * noise(f"{key}/latency", minute)
    p50 = spread(f"{key}/p50", 0.018, 0.09) * slow
    return ServiceLoad(
        cpu=spread(f"{key}/cpu", 14, 46) * day * level.cpu * noise(f"{key}/cpu", minute),
        memory=min(
            100.0, spread(f"{key}/memory", 34, 58) * level.memory * noise(f"{key}/mem", minute)
        ),
        requests=float(round(requests)),
        errors=float(round(requests * min(1.0, share) * noise(f"{key}/5xx", minute))),
        p50=p50,
        p99=p50 * spread(f"{key}/p99", 4.0, 9.0),
    )
