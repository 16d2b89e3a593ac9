"""A loop whose seconds cost nothing: while nobody can run, its clock jumps to the next timer."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

MOST_AT_ONCE = 100_000
"""Turns of the loop at one and the same time: more of them is a loop that never rests."""


class _Jump(selectors.DefaultSelector):
    """Never waits: tells the loop for how long it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.turns = 0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("the loop would wait for ever: nothing is scheduled")
        self.turns = 0 if timeout > 0 else self.turns + 1
        if self.turns > MOST_AT_ONCE:
            raise AssertionError(f"the loop never rests at {self.now:.3f} s")
        self.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time; without sockets, children and threads."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._jump.now + 1000.0
