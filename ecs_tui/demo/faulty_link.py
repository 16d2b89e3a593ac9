"""The link between gateway and client, with faults: lost, late, repeated or damaged messages."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

HEADER_BYTES = 120
"""Bytes of a message before its payload."""


@dataclass(frozen=True)
class LinkFaults:
    """Faults of messages, in both directions.

    Attributes:
        drop, double, swap, damage: Shares (0 to 1) of messages that are lost, arrive twice, arrive
            after the next one, or arrive with one payload byte changed. Headers are not changed:
            only TCP and TLS protect them, so the receiver could not detect it.
        delay: Seconds added to each message.
        silent: Nothing arrives, not even pongs; the connection stays open.
        ignore_client: The client's messages are dropped and not acknowledged; others arrive.
        refuse: New connections are closed immediately.
    """

    drop: float = 0.0
    double: float = 0.0
    swap: float = 0.0
    damage: float = 0.0
    delay: float = 0.0
    silent: bool = False
    ignore_client: bool = False
    refuse: bool = False


@dataclass
class FaultyLink:
    """The link of all sessions; `change` sets its faults at any time."""

    faults: LinkFaults = field(default_factory=LinkFaults)
    _rng: random.Random = field(default_factory=lambda: random.Random(9))

    def change(self, fields: dict[str, Any]) -> None:
        """Set some faults.

        Raises:
            TypeError: Unknown name of a fault.
        """
        self.faults = replace(self.faults, **fields)

    def direction(self, deliver: Callable[[bytes], None]) -> Direction:
        """One direction of one connection; `deliver` is called with each message that arrives."""
        return Direction(self, deliver)


class Direction:
    """Delivers messages with the link's faults."""

    def __init__(self, link: FaultyLink, deliver: Callable[[bytes], None]) -> None:
        self._link, self._deliver = link, deliver
        self._held: bytes | None = None

    def send(self, data: bytes) -> None:
        """Send one message; it is delivered once, twice or never, now or later."""
        faults, rng = self._link.faults, self._link._rng
        if faults.silent or rng.random() < faults.drop:
            return
        if rng.random() < faults.damage and len(data) > HEADER_BYTES:
            at = rng.randrange(HEADER_BYTES, len(data))
            data = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        if self._held is None and rng.random() < faults.swap:
            self._held = data
            return
        copies = 2 if rng.random() < faults.double else 1
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
