"""Time limits that scale with the machine, waiting for a condition, and samples of many cases."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
DEADLINE = 20.0
"""How long `until` waits, in seconds on a machine without other work."""
TIME_FACTOR = float(os.environ.get("TEST_TIME_FACTOR", "1"))
"""The factor of every time limit in the tests: set it above 1 on a busy machine."""
OFTEN, SELDOM = 0.01, 0.04
"""Seconds between two looks at a condition, at first and at most."""
EXHAUSTIVE = bool(os.environ.get("EXHAUSTIVE"))
"""Whether tests with very many cases run all of them (`make exhaustive`) and not a sample."""
SEED = int(os.environ.get("TEST_SEED", "20261125"))


def limit(seconds: float) -> float:
    """A time limit in seconds, scaled by `TIME_FACTOR`."""
    return seconds * TIME_FACTOR


def sample(cases: Sequence[T], count: int) -> list[T]:
    """A sample of `count` cases, drawn with `SEED`, in their order; all cases if `EXHAUSTIVE`."""
    if EXHAUSTIVE or count >= len(cases):
        return list(cases)
    chosen = sorted(random.Random(SEED).sample(range(len(cases)), count))
    return [cases[index] for index in chosen]


async def until(condition: Callable[[], Any], what: str = "", deadline: float = DEADLINE) -> Any:
    """Wait until a condition holds; returns its value.

    Args:
        condition: Called every 10 ms, and every 40 ms once that has taken long, until its value
            is true: many a condition reads the whole screen.
        what: Names the condition in the failure.
        deadline: Seconds on a machine without other work; see `TIME_FACTOR`.

    Raises:
        AssertionError: It did not hold in time.
    """
    deadline = limit(deadline)
    began = time.monotonic()
    while not (value := condition()):
        waited = time.monotonic() - began
        if waited > deadline:
            raise AssertionError(f"not within {deadline} s: {what or condition}")
        await asyncio.sleep(min(max(OFTEN, waited / 10), SELDOM))
    return value
