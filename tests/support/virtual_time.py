"""An event loop in virtual time, without sockets, pipes and threads.

Its clock jumps to the next timer whenever no callback is ready: a wait costs no real time. For code
that uses sockets see `virtual_io.py`.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
MAX_TURNS = 100_000
"""Turns of the loop without any time passing, after which it is taken for a busy loop."""


class _Jump(selectors.DefaultSelector):
    """Does not wait, and adds up the seconds for which the loop would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.turns = 0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("the loop would wait for ever: nothing is scheduled")
        self.turns = 0 if timeout > 0 else self.turns + 1
        if self.turns > MAX_TURNS:
            raise AssertionError(f"the loop never rests at {self.now:.3f} s")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The loop. What runs in it must not wait for anything outside it."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Virtual seconds; the loop begins at 1000."""
        return self._jump.now + 1000.0


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine)
