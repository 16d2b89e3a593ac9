"""The wire format of the SSM data channel: one binary message.

Source: the public session-manager-plugin, `src/message/messageparser.go` and `contracts.go`.
All integers are big-endian; the header is 120 bytes with the payload's length at its end.
"""

from __future__ import annotations

import hashlib
import struct
import time
import uuid
from dataclasses import field
from enum import IntEnum, StrEnum

from ecs_tui.record import dataclass

HEADER_BYTES = 116
_HEADER = struct.Struct(">I32sIQqQ16s32sII")
SYN, FIN = 1, 2
MAX_PAYLOAD_BYTES = 1024
"""Maximum payload bytes of a stream message; the agent never exceeds it."""


class MessageType(StrEnum):
    """The values of the message-type field."""

    INPUT = "input_stream_data"
    OUTPUT = "output_stream_data"
    ACKNOWLEDGE = "acknowledge"
    CHANNEL_CLOSED = "channel_closed"
    START_PUBLICATION = "start_publication"
    PAUSE_PUBLICATION = "pause_publication"


class PayloadType(IntEnum):
    """The type of a stream message's payload."""

    NONE = 0
    OUTPUT = 1
    ERROR = 2
    SIZE = 3
    PARAMETER = 4
    HANDSHAKE_REQUEST = 5
    HANDSHAKE_RESPONSE = 6
    HANDSHAKE_COMPLETE = 7
    CHALLENGE_REQUEST = 8
    CHALLENGE_RESPONSE = 9
    FLAG = 10
    STDERR = 11
    EXIT_CODE = 12


class FrameError(ValueError):
    """The bytes are not a valid message, or the digest does not match: drop it."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the data channel.

    `kind` is a `MessageType` or the text of an unknown one; `sequence` counts one side's stream
    messages from 0; `created` is milliseconds since 1970.
    """

    kind: str
    payload: bytes = b""
    payload_type: int = PayloadType.NONE
    sequence: int = 0
    flags: int = 0
    message_id: uuid.UUID = field(default_factory=uuid.uuid4)
    created: int = field(default_factory=lambda: int(time.time() * 1000))
    schema: int = 1

    def encode(self) -> bytes:
        """The message as bytes."""
        raw = self.message_id.bytes
        return (
            _HEADER.pack(
                HEADER_BYTES,
                self.kind.encode("ascii").ljust(32, b" "),
                self.schema,
                self.created,
                self.sequence,
                self.flags,
                raw[8:] + raw[:8],  # the low half goes first
                hashlib.sha256(self.payload).digest(),
                self.payload_type,
                len(self.payload),
            )
            + self.payload
        )


def decode(data: bytes) -> Message:
    """The message in `data`.

    Raises:
        FrameError: Too short, wrong lengths, or a digest that does not match the payload.
    """
    if len(data) < _HEADER.size:
        raise FrameError(f"message too short: {len(data)} bytes")
    length, kind, schema, created, sequence, flags, ident, digest, payload_type, size = (
        _HEADER.unpack_from(data)
    )
    if length != HEADER_BYTES:
        raise FrameError(f"header length is {length}, expected {HEADER_BYTES}")
    payload = data[_HEADER.size :]
    if len(payload) != size:
        raise FrameError(f"payload has {len(payload)} bytes, expected {size}")
    # Some agents leave the digest empty on messages without payload.
    if size and hashlib.sha256(payload).digest() != digest:
        raise FrameError("the payload's digest does not match")
    return Message(
        kind=kind.rstrip(b" \0").decode("ascii", "replace"),
        payload=bytes(payload),
        payload_type=payload_type,
        sequence=sequence,
        flags=flags,
        message_id=uuid.UUID(bytes=ident[8:] + ident[:8]),
        created=created,
        schema=schema,
    )
