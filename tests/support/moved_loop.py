"""An event loop whose clock a test moves with the demo account's, so that hours pass in seconds.

Unlike virtual time it waits for sockets in real time: the account is a process of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class MovedLoop(asyncio.SelectorEventLoop):
    """The loop. Move it only while no call is in flight: its time limits pass too."""

    def __init__(self) -> None:
        self._moved = 0.0
        super().__init__()

    def time(self) -> float:
        """Seconds, ahead of the monotonic clock by as much as it was moved."""
        return super().time() + self._moved

    def move(self, seconds: float) -> None:
        """Move its clock forward."""
        assert seconds >= 0
        self._moved += seconds


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in such a loop."""
    with asyncio.Runner(loop_factory=MovedLoop) as runner:
        return runner.run(coroutine)


def running_loop() -> MovedLoop:
    """The loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MovedLoop)
    return loop
