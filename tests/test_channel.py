"""The data channel: wire format and reliable streams."""

from __future__ import annotations

import random
import uuid

import pytest

from ecs_tui.session.channel.frame import FrameError, Message, MessageType, PayloadType, decode
from ecs_tui.session.channel.stream import Incoming, Outgoing


def test_layout_is_that_of_the_protocol() -> None:
    message = Message(
        MessageType.INPUT, b"ls\r", PayloadType.OUTPUT, sequence=7, flags=1,
        message_id=uuid.UUID("00112233-4455-6677-8899-aabbccddeeff"), created=1000,
    )  # fmt: skip
    raw = message.encode()
    assert raw[:4] == (116).to_bytes(4, "big")
    assert raw[4:36] == b"input_stream_data".ljust(32)
    assert raw[48:56] == (7).to_bytes(8, "big")
    assert raw[64:80].hex() == "8899aabbccddeeff0011223344556677"
    assert raw[112:120] == bytes([0, 0, 0, 1, 0, 0, 0, 3])
    assert decode(raw) == message


@pytest.mark.parametrize("cut", [0, 10, 119, 121])
def test_what_is_no_message_is_refused(cut: int) -> None:
    raw = Message(MessageType.OUTPUT, b"abc", PayloadType.OUTPUT).encode()
    with pytest.raises(FrameError):
        decode(raw[:cut])


def test_a_changed_payload_is_refused() -> None:
    raw = bytearray(Message(MessageType.OUTPUT, b"abc", PayloadType.OUTPUT).encode())
    raw[-1] ^= 1
    with pytest.raises(FrameError, match="digest"):
        decode(bytes(raw))


def test_bytes_arrive_whole_in_order_and_once_over_a_bad_line() -> None:
    dice = random.Random(5)
    now = [0.0]
    line: list[bytes] = []
    back: list[bytes] = []
    sender = Outgoing(MessageType.OUTPUT, line.append, lambda: now[0])
    receiver = Incoming(back.append)
    payloads = [bytes([i % 256]) * (i % 9 + 1) for i in range(300)]
    got: list[bytes] = []
    for payload in payloads:
        sender.send(payload, PayloadType.OUTPUT)
    for _ in range(400):
        dice.shuffle(line)
        for raw in line[:]:
            line.remove(raw)
            copies = dice.choice([0, 1, 1, 1, 2])
            for _copy in range(copies):
                got += [item.payload for item in receiver.receive(decode(raw))]
        for raw in back[:]:
            back.remove(raw)
            if dice.random() < 0.7:
                sender.acknowledged(decode(raw).payload)
        now[0] += 0.5
        sender.resend_due()
        if not sender.under_way:
            break
    assert got == payloads
    assert sender.under_way == 0


def test_nonsense_in_an_acknowledgement_is_ignored() -> None:
    sender = Outgoing(MessageType.INPUT, lambda data: None, lambda: 0.0)
    sender.send(b"x", PayloadType.OUTPUT)
    for payload in (b"", b"{}", b"[]", b'{"AcknowledgedMessageSequenceNumber":"x"}'):
        sender.acknowledged(payload)
    assert sender.under_way == 1
