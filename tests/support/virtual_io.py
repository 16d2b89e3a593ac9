"""An event loop in virtual time that has sockets, pipes and threads of this process.

Its clock jumps to the next timer when nothing arrives for a millisecond. Without input and output
use `virtual_time.py`, which is faster and notices busy loops.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_GRACE = 0.001
"""Real seconds within which data that this process has sent to itself arrives."""
_STUCK = 30.0
"""Real seconds without a timer and an event, after which none will come."""


class _Selector(selectors.DefaultSelector):
    """Waits `_GRACE` for events; without any, the clock jumps."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.threads = 0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.threads:  # what they do takes no virtual time
            return super().select(_STUCK)
        ready = super().select(_STUCK if timeout is None else _GRACE)
        if not ready:
            if timeout is None:
                raise AssertionError("nothing is scheduled and nothing arrives")
            self.now += max(0.0, timeout)
        return ready


class VirtualIoLoop(asyncio.SelectorEventLoop):
    """The loop. Both ends of a connection must be in it, or in threads of its executor."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Virtual seconds; the loop begins at 1000."""
        return self._virtual.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        """Run `func` in a thread; the clock stops until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self._virtual.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _: asyncio.Future[Any]) -> None:
        self._virtual.threads -= 1


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time."""
    with asyncio.Runner(loop_factory=VirtualIoLoop) as runner:
        return runner.run(coroutine)
