"""MFA codes: supplied in advance, or requested from the operator in a terminal or dialog."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ecs_tui.errors import MfaRequired

AskCode = Callable[[str], Awaitable[str]]
"""Asks the operator for the code of a device (serial number or ARN)."""


class Codes:
    """The unused codes; AWS accepts each only once.

    Args:
        ask: Asks the operator; without it, a role that needs a code raises MfaRequired.
    """

    def __init__(self, ask: AskCode | None) -> None:
        self.ask = ask
        self.asked = 0
        self._codes: dict[str, str] = {}
        self._spent: set[str] = set()
        self._one_at_a_time = asyncio.Lock()

    def give(self, serial: str, code: str) -> None:
        """Supply a code for the next call that needs one."""
        self._codes[serial] = code

    def take(self, serial: str) -> str:
        """The code for a call that is about to be sent.

        Raises:
            MfaRequired: There is no unused code.
        """
        if serial not in self._codes:
            raise MfaRequired(serial)
        self._spent.add(serial)
        return self._codes[serial]

    def forget_spent(self) -> None:
        """Drop the codes that were taken: they have been sent and cannot be used again."""
        for serial in self._spent:
            self._codes.pop(serial, None)
        self._spent.clear()

    async def obtain(self, serial: str, asked: int) -> bool:
        """Ask for a code, unless another caller has since `asked` was read; False without `ask`."""
        if self.ask is None:
            return False
        async with self._one_at_a_time:
            if self.asked == asked:
                self.give(serial, await self.ask(serial))
                self.asked += 1
        return True
