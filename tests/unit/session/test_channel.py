"""The data channel: wire format and reliable streams."""

from __future__ import annotations

import random
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecs_tui.session.channel.message import FrameError, Message, MessageType, PayloadType, decode
from ecs_tui.session.channel.stream import (
    FIRST_TIMEOUT_SECONDS,
    MAX_RESENT,
    MAX_TIMEOUT_SECONDS,
    Incoming,
    Outgoing,
)


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


def test_what_stands_behind_an_empty_payload_is_refused() -> None:
    empty = Message(MessageType.ACKNOWLEDGE).encode()
    assert decode(empty).payload == b""
    with pytest.raises(FrameError):
        decode(empty + b"more")


class BadLink:
    """A bad connection: messages are lost, doubled, reordered, or damaged in their payload."""

    def __init__(self, rng: random.Random, worst: float) -> None:
        self.rng = rng
        self.drop, self.double, self.damage = (rng.random() * worst for _ in range(3))
        self.waiting: list[bytes] = []
        self.sent = 0

    def send(self, data: bytes) -> None:
        self.sent += 1
        self.waiting.append(data)

    def arrive(self) -> list[bytes]:
        """The messages that arrive now."""
        rng, found = self.rng, []
        rng.shuffle(self.waiting)
        count = rng.randint(0, len(self.waiting))
        now, self.waiting = self.waiting[:count], self.waiting[count:]
        for data in now:
            if rng.random() < self.drop:
                continue
            arrives = bytearray(data)
            if rng.random() < self.damage and len(data) > 120:
                arrives[rng.randrange(120, len(data))] ^= rng.randint(1, 255)
            found += [bytes(arrives)] * (2 if rng.random() < self.double else 1)
        return found


def whole(raw: bytes) -> Message | None:
    try:
        return decode(raw)
    except FrameError:
        return None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), count=st.integers(1, 400), worst=st.sampled_from([0, 0.1, 0.4]))
def test_bytes_arrive_whole_in_order_and_once_over_a_bad_line(
    seed: int, count: int, worst: float
) -> None:
    rng = random.Random(seed)
    now = 0.0
    there, back = BadLink(rng, worst), BadLink(rng, worst)
    sender = Outgoing(MessageType.OUTPUT, there.send, lambda: now)
    receiver = Incoming(back.send)
    payloads = [bytes([i % 256]) * (i % 9 + 1) for i in range(count)]
    got: list[bytes] = []
    to_send = list(payloads)
    while to_send or sender.under_way:
        while to_send and sender.under_way < 50:
            sender.send(to_send.pop(0), PayloadType.OUTPUT)
        for message in map(whole, there.arrive()):
            if message is not None:
                got += [item.payload for item in receiver.receive(message)]
        for message in map(whole, back.arrive()):
            if message is not None:
                sender.acknowledged(message.payload)
        now += 0.1
        sender.resend_due()
        assert now < 60 + count, "it goes on"
    assert got == payloads
    assert sender.unanswered_for() == 0
    assert there.sent < 20 * count + 100, "no flood of copies"


class Sender:
    """An `Outgoing` with a clock, and a record of what it sent and when."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sent: list[tuple[float, int]] = []
        self.stream = Outgoing(MessageType.INPUT, self._send, lambda: self.now)

    def _send(self, raw: bytes) -> None:
        self.sent.append((self.now, decode(raw).sequence))

    def acknowledge(self, sequence: int) -> None:
        self.stream.acknowledged(b'{"AcknowledgedMessageSequenceNumber":%d}' % sequence)

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = round(self.now + 0.1, 3)
            self.stream.resend_due()


def test_each_message_has_its_own_timer() -> None:
    sender = Sender()
    sender.stream.send(b"a", PayloadType.OUTPUT)
    sender.pass_time(0.2)  # the first is sent again; its timeout is longer now
    sender.stream.send(b"b", PayloadType.OUTPUT)
    sender.sent.clear()
    sender.pass_time(1.0)
    assert {sequence for _, sequence in sender.sent} == {0, 1}
    sender.acknowledge(0)
    sender.sent.clear()
    sender.pass_time(3.0)
    assert {sequence for _, sequence in sender.sent} == {1}


def test_a_round_trip_longer_than_the_timeout_is_learnt() -> None:
    sender = Sender()
    for number in range(40):
        sender.stream.send(b"x", PayloadType.OUTPUT)
        sender.pass_time(0.6)
        sender.acknowledge(number)
    copies = [sum(1 for _, sequence in sender.sent if sequence == n) for n in range(40)]
    assert copies[0] > 1
    assert copies[-20:] == [1] * 20, "no copies any more"
    assert 0.6 < sender.stream.timeout <= MAX_TIMEOUT_SECONDS


def test_an_answer_to_one_of_two_copies_says_nothing_about_the_round_trip() -> None:
    sender = Sender()
    sender.stream.send(b"x", PayloadType.OUTPUT)
    sender.pass_time(30)
    sender.acknowledge(0)
    sender.stream.send(b"x", PayloadType.OUTPUT)
    sender.now += 0.001
    sender.acknowledge(1)
    assert sender.stream.timeout == FIRST_TIMEOUT_SECONDS


def test_the_timeout_keeps_its_bounds() -> None:
    sender = Sender()
    assert sender.stream.timeout == FIRST_TIMEOUT_SECONDS
    for number in range(100):
        sender.stream.send(b"x", PayloadType.OUTPUT)
        sender.now += 0.001
        sender.acknowledge(number)
    assert sender.stream.timeout == FIRST_TIMEOUT_SECONDS
    for number in range(100, 120):
        sender.stream.send(b"x", PayloadType.OUTPUT)
        sender.now += 50
        sender.acknowledge(number)
    assert sender.stream.timeout == MAX_TIMEOUT_SECONDS


def test_of_a_long_silence_only_some_is_sent_again_at_once_and_all_of_it_in_turn() -> None:
    sender = Sender()
    for _ in range(3 * MAX_RESENT):
        sender.stream.send(b"x", PayloadType.OUTPUT)
    sender.sent.clear()
    sender.now = 10
    for part in range(3):
        assert sender.stream.resend_due() == MAX_RESENT
        assert [n for _, n in sender.sent[-MAX_RESENT:]] == list(
            range(part * MAX_RESENT, (part + 1) * MAX_RESENT)
        )
    assert sender.stream.resend_due() == 0
    assert sender.stream.resend_all() == 3 * MAX_RESENT
    assert sender.stream.unanswered_for() == 10


def test_nonsense_in_an_acknowledgement_is_ignored() -> None:
    sender = Outgoing(MessageType.INPUT, lambda data: None, lambda: 0.0)
    sender.send(b"x", PayloadType.OUTPUT)
    for payload in (b"", b"{}", b"[]", b'{"AcknowledgedMessageSequenceNumber":"x"}'):
        sender.acknowledged(payload)
    assert sender.under_way == 1
