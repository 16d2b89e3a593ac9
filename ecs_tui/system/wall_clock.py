"""The time of day that AWS's times are compared with: this machine's, or a later one in tests.

A scripted incident of the demo account takes minutes. A test does not wait for them: it shifts this
clock, and the demo account, the store and what is shown have moved on together. Timers and waits use
the monotonic clock of the event loop, which nothing shifts.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from ecs_tui.record import dataclass


@dataclass(slots=True)
class _Shift:
    """Seconds by which the clock is ahead of this machine's."""

    seconds: float = 0.0


_shift = _Shift()


def now() -> float:
    """Seconds since 1970."""
    return time.time() + _shift.seconds


def moment() -> datetime:
    """The same as a datetime in UTC."""
    return datetime.fromtimestamp(now(), UTC)


def milliseconds() -> int:
    """Milliseconds since 1970, as CloudWatch Logs counts them."""
    return int(now() * 1000)


def advance(seconds: float) -> None:
    """Shift the clock of this process: forward only, as no clock of AWS goes backward.

    Raises:
        ValueError: The seconds are negative.
    """
    if seconds < 0:
        raise ValueError("the clock does not go backward")
    _shift.seconds += seconds


@contextmanager
def restored() -> Iterator[None]:
    """Undo, when the block ends, what shifted the clock in it."""
    before = _shift.seconds
    try:
        yield
    finally:
        _shift.seconds = before
