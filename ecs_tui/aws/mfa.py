"""Codes of MFA devices: given beforehand, or asked for where there is somebody to ask."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ecs_tui.errors import MfaRequired

AskCode = Callable[[str], Awaitable[str]]
"""Asks a person for the code of a device (serial number or ARN)."""


class Codes:
    """The codes that are at hand; AWS takes each once.

    Args:
        ask: Asks a person; without it a role that needs a code raises MfaRequired.
    """

    def __init__(self, ask: AskCode | None) -> None:
        self.ask = ask
        self.asked = 0
        self._codes: dict[str, str] = {}
        self._spent: set[str] = set()
        self._asking = asyncio.Lock()

    def give(self, serial: str, code: str) -> None:
        """For the next call that needs one."""
        self._codes[serial] = code

    def take(self, serial: str) -> str:
        """The code for a call that is about to be sent.

        Raises:
            MfaRequired: None is at hand.
        """
        if serial not in self._codes:
            raise MfaRequired(serial)
        self._spent.add(serial)
        return self._codes[serial]

    def forget_spent(self) -> None:
        """Those that were taken have been sent: they are of no use any more."""
        for serial in self._spent:
            self._codes.pop(serial, None)
        self._spent.clear()

    async def obtain(self, serial: str, asked: int) -> bool:
        """Ask, unless that has happened since `asked` was read; False where nobody can be asked."""
        if self.ask is None:
            return False
        async with self._asking:
            if self.asked == asked:
                self.give(serial, await self.ask(serial))
                self.asked += 1
        return True
