"""How bad the line between gateway and client is: drops, delays, doubles, swaps, damage, silence."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

HEADER = 120
"""Bytes of a message before its payload."""


@dataclass(frozen=True)
class Faults:
    """What happens to messages, both ways.

    Attributes:
        drop, double, swap, damage: Shares (0..1) of messages that are lost, come twice, come after
            the next one, or arrive with another byte in their payload. The header has no digest: TCP
            and TLS alone protect it, and nobody could notice that it was changed.
        delay: Seconds that each takes longer.
        silent: Nothing passes at all, not even pongs; the connection stays up.
        deaf: Messages pass to the client, but nothing of the client's is heard or acknowledged.
        refuse: New connections are closed at once.
    """

    drop: float = 0.0
    double: float = 0.0
    swap: float = 0.0
    damage: float = 0.0
    delay: float = 0.0
    silent: bool = False
    deaf: bool = False
    refuse: bool = False


@dataclass
class Line:
    """The line of all sessions; `change` sets its faults while it serves."""

    faults: Faults = field(default_factory=Faults)
    _dice: random.Random = field(default_factory=lambda: random.Random(9))

    def change(self, fields: dict[str, Any]) -> None:
        """Set some faults.

        Raises:
            TypeError: A field has another name.
        """
        self.faults = replace(self.faults, **fields)

    def direction(self, deliver: Callable[[bytes], None]) -> Direction:
        """One way of one connection; `deliver` takes what arrives."""
        return Direction(self, deliver)


class Direction:
    """Passes messages on, as badly as the line is."""

    def __init__(self, line: Line, deliver: Callable[[bytes], None]) -> None:
        self._line, self._deliver = line, deliver
        self._held: bytes | None = None

    def send(self, data: bytes) -> None:
        """One message goes in; none, one or several come out, now or later."""
        faults, dice = self._line.faults, self._line._dice
        if faults.silent or dice.random() < faults.drop:
            return
        if dice.random() < faults.damage and len(data) > HEADER:
            at = dice.randrange(HEADER, len(data))
            data = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        if self._held is None and dice.random() < faults.swap:
            self._held = data
            return
        copies = 2 if dice.random() < faults.double else 1
        for _ in range(copies):
            self._pass(data, faults.delay)
        if self._held is not None:
            held, self._held = self._held, None
            self._pass(held, faults.delay)

    def _pass(self, data: bytes, delay: float) -> None:
        if delay:
            asyncio.get_running_loop().call_later(delay, self._deliver, data)
        else:
            self._deliver(data)
