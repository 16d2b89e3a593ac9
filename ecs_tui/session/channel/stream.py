"""A reliable stream over the data channel: numbering, acknowledging, resending, ordering.

Both ends use it: the built-in client and the demo's agent.
Source: the public session-manager-plugin, `src/datachannel/streaming.go`: resend after a
round-trip-based timeout of 200 ms at first and 1 s at most; up to 10,000 messages kept out of
order; duplicates acknowledged and dropped. The limit in bytes and the growing pauses are our own.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable

from msgspec import Struct, field

from ecs_tui.record import dataclass
from ecs_tui.session.channel.message import FIN, SYN, Message, MessageType
from ecs_tui.session.channel.payloads import PayloadError, read

FIRST_TIMEOUT_SECONDS = 0.2
"""Seconds without acknowledgement after which a message is first resent; as in the plugin."""
MAX_TIMEOUT_SECONDS = 1.0
"""Maximum of that timeout in seconds; as in the plugin."""
MAX_PAUSE_SECONDS = 2.0
"""Maximum seconds between two copies of a message; the pause doubles with each copy."""
MAX_RESENT = 64
"""Messages resent at once, so that a long silence does not end in a flood."""
MAX_OUT_OF_ORDER = 10_000
MAX_OUT_OF_ORDER_BYTES = 16 << 20
"""Maximum messages, and bytes of them, kept until the gap before them is filled."""
WINDOW_MESSAGES = 1_000
"""Maximum unacknowledged messages before a sender should pause."""


class _Acknowledgement(Struct):
    sequence: int = field(name="AcknowledgedMessageSequenceNumber")


@dataclass(slots=True)
class _Unacknowledged:
    data: bytes
    first_at: float
    due_at: float
    resent: int = 0


class Outgoing:
    """The sending half of a stream.

    Args:
        kind: The stream's message type, which depends on its direction.
        transmit: Sends one encoded message on the socket.
        clock: Seconds, monotonic.

    Attributes:
        timeout: Seconds until a message counts as lost (RFC 6298).
    """

    def __init__(
        self, kind: MessageType, transmit: Callable[[bytes], None], clock: Callable[[], float]
    ) -> None:
        self._kind, self._transmit, self._clock = kind, transmit, clock
        self._sequence = 0
        self._waiting: OrderedDict[int, _Unacknowledged] = OrderedDict()
        self._smoothed = FIRST_TIMEOUT_SECONDS / 2
        self._variance = 0.0
        self.timeout = FIRST_TIMEOUT_SECONDS

    def send(self, payload: bytes, payload_type: int) -> None:
        """Number and send one payload (at most `MAX_PAYLOAD_BYTES` bytes)."""
        flags = SYN if self._sequence == 0 else 0
        message = Message(
            self._kind, payload, payload_type, sequence=self._sequence, flags=flags
        ).encode()
        now = self._clock()
        self._waiting[self._sequence] = _Unacknowledged(message, now, now + self.timeout)
        self._sequence += 1
        self._transmit(message)

    @property
    def under_way(self) -> int:
        """The number of unacknowledged messages."""
        return len(self._waiting)

    def acknowledged(self, payload: bytes) -> None:
        """Process the payload of an `acknowledge` message; invalid ones are ignored."""
        try:
            sequence = read(payload, _Acknowledgement).sequence
        except PayloadError:
            return
        item = self._waiting.pop(sequence, None)
        if item is None or item.resent:
            return  # Karn: an acknowledgement of a resent message says nothing about the round trip
        # RFC 6298's estimator, as the plugin uses it.
        sample = self._clock() - item.first_at
        self._variance = 0.75 * self._variance + 0.25 * abs(self._smoothed - sample)
        self._smoothed = 0.875 * self._smoothed + 0.125 * sample
        self.timeout = min(
            MAX_TIMEOUT_SECONDS, max(FIRST_TIMEOUT_SECONDS, self._smoothed + 4 * self._variance)
        )

    def resend_due(self) -> int:
        """Resend overdue messages, oldest first; returns how many."""
        now = self._clock()
        due = [item for item in self._waiting.values() if item.due_at <= now][:MAX_RESENT]
        for item in due:
            self._send_again(item, now)
        if due:
            # RFC 6298, 5.5: kept until a message that was sent once gives a new round-trip time.
            self.timeout = min(MAX_TIMEOUT_SECONDS, 2 * self.timeout)
        return len(due)

    def resend_all(self) -> int:
        """Resend all unacknowledged messages at once, after a reconnection."""
        now = self._clock()
        for item in self._waiting.values():
            self._send_again(item, now)
        return len(self._waiting)

    def _send_again(self, item: _Unacknowledged, now: float) -> None:
        item.resent += 1
        item.due_at = now + min(MAX_PAUSE_SECONDS, self.timeout * 2.0 ** min(item.resent, 8))
        self._transmit(item.data)

    def unanswered_for(self) -> float:
        """Seconds since the oldest unacknowledged message was sent the first time."""
        for item in self._waiting.values():
            return self._clock() - item.first_at
        return 0.0


class Incoming:
    """The receiving half of a stream: acknowledges and orders messages, and drops duplicates.

    Args:
        transmit: Sends one encoded message on the socket.
    """

    def __init__(self, transmit: Callable[[bytes], None]) -> None:
        self._transmit = transmit
        self._expected = 0
        self._early: dict[int, Message] = {}
        self._early_bytes = 0

    def receive(self, message: Message) -> list[Message]:
        """Process a stream message; returns the messages that are now in order (may be none)."""
        if message.sequence > self._expected:
            if message.sequence not in self._early and not self._keep(message):
                return []  # not acknowledged: it will be sent again
            self._transmit(acknowledgement(message))
            return []
        self._transmit(acknowledgement(message))
        if message.sequence < self._expected:
            return []
        ready = [message]
        self._expected += 1
        while (following := self._early.pop(self._expected, None)) is not None:
            self._early_bytes -= len(following.payload)
            ready.append(following)
            self._expected += 1
        return ready

    def _keep(self, message: Message) -> bool:
        """Keep an out-of-order message, if there is room."""
        size = self._early_bytes + len(message.payload)
        if message.sequence - self._expected > MAX_OUT_OF_ORDER or size > MAX_OUT_OF_ORDER_BYTES:
            return False
        self._early[message.sequence] = message
        self._early_bytes = size
        return True


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
