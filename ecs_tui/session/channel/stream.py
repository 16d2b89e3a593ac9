"""A reliable stream over the data channel: numbering, acknowledging, sending again, ordering.

Both ends use it: the built-in client and the demo's agent.
Source: the public session-manager-plugin, `src/datachannel/streaming.go`: resend after a
round-trip-based timeout of 200 ms at first and 1 s at most; up to 10,000 messages kept out of
order; duplicates acknowledged and dropped.
"""

from __future__ import annotations

import json
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from ecs_tui.session.channel.frame import FIN, SYN, Message, MessageType

FIRST_TIMEOUT = 0.2
LONGEST_TIMEOUT = 1.0
OUT_OF_ORDER = 10_000
WINDOW = 1_000
"""Messages that may be under way without acknowledgement before a sender should hold back."""


@dataclass(slots=True)
class _Unacknowledged:
    data: bytes
    sent_at: float
    first_at: float
    resent: int = 0


@dataclass(slots=True)
class Outgoing:
    """The sending half.

    Args:
        kind: The stream's message type, by the direction it goes.
        transmit: Hands one encoded message to the socket.
        clock: Seconds, monotonic.
    """

    kind: MessageType
    transmit: Callable[[bytes], None]
    clock: Callable[[], float]
    sequence: int = 0
    timeout: float = FIRST_TIMEOUT
    oldest_wait: float = 0.0
    _waiting: OrderedDict[int, _Unacknowledged] = field(default_factory=OrderedDict)
    _smoothed: float = FIRST_TIMEOUT / 2
    _variance: float = 0.0

    def send(self, payload: bytes, payload_type: int) -> None:
        """Number and send one payload (at most `MAX_PAYLOAD` bytes)."""
        flags = SYN if self.sequence == 0 else 0
        message = Message(
            self.kind, payload, payload_type, sequence=self.sequence, flags=flags
        ).encode()
        now = self.clock()
        self._waiting[self.sequence] = _Unacknowledged(message, now, now)
        self.sequence += 1
        self.transmit(message)

    @property
    def under_way(self) -> int:
        """How many messages have not been acknowledged."""
        return len(self._waiting)

    def acknowledged(self, payload: bytes) -> None:
        """Take in the payload of an `acknowledge` message; nonsense in it is ignored."""
        try:
            sequence = int(json.loads(payload)["AcknowledgedMessageSequenceNumber"])
        except (ValueError, KeyError, TypeError):
            return
        item = self._waiting.pop(sequence, None)
        if item is None or item.resent:
            return  # Karn: an answer to one of two copies says nothing about the round trip
        # RFC 6298's estimator, as the plugin uses it.
        sample = self.clock() - item.sent_at
        self._variance = 0.75 * self._variance + 0.25 * abs(self._smoothed - sample)
        self._smoothed = 0.875 * self._smoothed + 0.125 * sample
        self.timeout = min(LONGEST_TIMEOUT, max(FIRST_TIMEOUT, self._smoothed + 4 * self._variance))

    def resend_due(self) -> int:
        """Send again what is overdue; returns how many messages that were."""
        now = self.clock()
        count = 0
        for item in self._waiting.values():
            if now - item.sent_at < self.timeout * (1 + item.resent):
                break
            item.sent_at, item.resent = now, item.resent + 1
            self.transmit(item.data)
            count += 1
            if count >= 64:  # a long silence must not become a flood
                break
        return count

    def resend_all(self) -> int:
        """Send everything unacknowledged again, at once: after a reconnection."""
        now = self.clock()
        for item in self._waiting.values():
            item.sent_at, item.resent = now, item.resent + 1
            self.transmit(item.data)
        return len(self._waiting)

    def unanswered_for(self) -> float:
        """Seconds since the oldest unacknowledged message was sent the first time."""
        for item in self._waiting.values():
            return self.clock() - item.first_at
        return 0.0


@dataclass(slots=True)
class Incoming:
    """The receiving half: acknowledges, orders, and drops what came twice.

    Args:
        transmit: Hands one encoded message to the socket.
    """

    transmit: Callable[[bytes], None]
    expected: int = 0
    _early: dict[int, Message] = field(default_factory=dict)

    def receive(self, message: Message) -> deque[Message]:
        """Take in a stream message; returns those that are now in order (may be none)."""
        ready: deque[Message] = deque()
        if message.sequence > self.expected:
            if len(self._early) >= OUT_OF_ORDER and message.sequence not in self._early:
                return ready  # not acknowledged: it will come again
            self._early[message.sequence] = message
            self.transmit(acknowledgement(message))
            return ready
        self.transmit(acknowledgement(message))
        if message.sequence < self.expected:
            return ready
        ready.append(message)
        self.expected += 1
        while (following := self._early.pop(self.expected, None)) is not None:
            ready.append(following)
            self.expected += 1
        return ready


def acknowledgement(message: Message) -> bytes:
    """The encoded `acknowledge` for a stream message."""
    payload = json.dumps(
        {
            "AcknowledgedMessageType": message.kind,
            "AcknowledgedMessageId": str(message.message_id),
            "AcknowledgedMessageSequenceNumber": message.sequence,
            "IsSequentialMessage": True,
        }
    ).encode()
    return Message(MessageType.ACKNOWLEDGE, payload, flags=SYN | FIN).encode()
