"""An event loop whose seconds cost nothing, over real sockets and pipes of this process."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_GRACE = 0.001
"""Real seconds in which what this process has written to itself arrives."""
_STUCK = 30.0
"""Real seconds without any timer and any event: nothing will ever happen."""


class _Selector(selectors.DefaultSelector):
    """Waits for events only as long as they need to arrive; then the clock jumps."""

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


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop: all who talk to each other must live in it, or in threads of its executor."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Virtual seconds."""
        return self._virtual.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        """The clock stands still until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self._virtual.threads += 1
        future.add_done_callback(self._thread_done)
        return future

    def _thread_done(self, _: asyncio.Future[Any]) -> None:
        self._virtual.threads -= 1


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run it in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)
