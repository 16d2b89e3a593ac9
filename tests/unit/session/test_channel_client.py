"""The built-in client's streams and limits, in virtual time."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import struct
from typing import Any

import pytest

from ecs_tui.session.channel import report
from ecs_tui.session.channel.client import HANDSHAKE_SECONDS
from ecs_tui.session.channel.connection import CLIENT_VERSION
from ecs_tui.session.channel.message import MAX_PAYLOAD_BYTES
from ecs_tui.session.channel.stream import MAX_PAUSE_SECONDS, MAX_RESENT, WINDOW_MESSAGES
from tests.support.channel_client import TOKEN, client, reached, shell
from tests.support.peer import (
    COMPLETE,
    ERROR,
    EXIT,
    FLAG,
    HANDSHAKE,
    OUTPUT,
    RESPONSE,
    SIZE,
    STDERR,
    pack,
    shell_request,
)
from tests.support.virtual_io import run


def test_the_first_frame_has_the_token_and_the_answer_says_what_is_supported() -> None:
    async def story() -> None:
        async with client() as (peer, _talk):
            (opening,) = peer.openings
            assert opening["TokenValue"] == TOKEN
            assert opening["MessageSchemaVersion"] == "1.0"
            assert opening["ClientVersion"] == CLIENT_VERSION
            assert opening["RequestId"] != opening["ClientId"] != ""
            port = {"ActionType": "SessionType", "ActionParameters": {"SessionType": "Port"}}
            await peer.send(HANDSHAKE, shell_request(port, {"ActionType": "Dance"}))
            (answer,) = await reached(lambda: peer.stream(RESPONSE), "the answer")
            said = answer.json()
            assert said["ClientVersion"] == CLIENT_VERSION
            actions = [(a["ActionType"], a["ActionStatus"]) for a in said["ProcessedClientActions"]]
            assert actions == [("SessionType", 3), ("Dance", 3), ("SessionType", 1)]
            assert len(said["Errors"]) == 2
            assert "Port" in said["Errors"][0]
            assert (answer.sequence, answer.flags) == (0, 1)
            assert peer.acknowledged() == [0]

    run(story())


def test_keys_wait_for_the_end_of_the_handshake_and_follow_the_size() -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            talk.type(b"early")
            await peer.send(HANDSHAKE, shell_request())
            await reached(lambda: peer.stream(RESPONSE), "the answer")
            await asyncio.sleep(5)
            assert not peer.stream(OUTPUT)
            await peer.send(COMPLETE, b"{}")
            await reached(lambda: peer.stream(OUTPUT), "the keys")
            kinds = [(wire.sequence, wire.payload_type) for wire in peer.stream()]
            assert kinds == [(0, RESPONSE), (1, SIZE), (2, OUTPUT)]
            assert set(peer.stream(SIZE)[0].json()) == {"cols", "rows"}
            assert peer.stream(OUTPUT)[0].payload == b"early"
            talk.client.resized()
            await reached(lambda: len(peer.stream(SIZE)) == 2, "another size")

    run(story())


def test_an_agent_without_handshake_may_print_at_once() -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            await peer.send(OUTPUT, b"old agent")
            await reached(lambda: talk.out == b"old agent", "its output")
            talk.type(b"x")
            await reached(lambda: peer.stream(OUTPUT), "the key")

    run(story())


@pytest.mark.parametrize("after", ["nothing", "request", "acknowledgement"])
def test_an_agent_that_does_not_open_the_session_is_given_up(after: str) -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            await asyncio.sleep(HANDSHAKE_SECONDS - 5)
            began = 0.0
            if after != "nothing":
                began = talk.passed
                peer.acks = after == "acknowledgement"
                await peer.send(HANDSHAKE, shell_request())
            assert await talk.ends() == 1
            assert HANDSHAKE_SECONDS - 1 < talk.passed - began < HANDSHAKE_SECONDS + 2
            assert b"has not answered for 30 s" in talk.out
            assert talk.reports[-1][0] == report.LOST

    run(story())


def test_what_is_not_acknowledged_is_sent_again_less_and_less_often() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.acks = False
            talk.type(b"k")
            await asyncio.sleep(12)
            copies = [wire for wire in peer.stream(OUTPUT) if wire.payload == b"k"]
            assert len({(wire.sequence, wire.ident) for wire in copies}) == 1
            pauses = [b.at - a.at for a, b in itertools.pairwise(copies)]
            assert 0.2 <= pauses[0] <= 0.4
            assert pauses[1] > pauses[0]
            assert all(
                MAX_PAUSE_SECONDS - 0.3 < pause < MAX_PAUSE_SECONDS + 0.3 for pause in pauses[3:]
            )
            assert 6 <= len(copies) <= 10
            await peer.acknowledge(copies[0])
            peer.acks = True
            await asyncio.sleep(0.2)
            count = len(peer.stream())
            await asyncio.sleep(30)
            assert len(peer.stream()) == count

    run(story())


def test_an_acknowledgement_of_something_else_acknowledges_nothing() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.acks = False
            talk.type(b"a")
            (first,) = await reached(lambda: peer.stream(OUTPUT), "the key")
            other = {"AcknowledgedMessageSequenceNumber": first.sequence + 7}
            await peer.raw(pack("acknowledge", 0, 0, json.dumps(other).encode()))
            await reached(lambda: len(peer.stream(OUTPUT)) > 1, "it is sent again")

    run(story())


def test_no_more_than_a_window_is_read_ahead_of_the_acknowledgements() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.acks = False
            text = b"".join(
                b"%07d\n" % number
                for number in range(WINDOW_MESSAGES * MAX_PAYLOAD_BYTES // 8 + 32_768)
            )
            typing = asyncio.ensure_future(_type_all(talk.keyboard, text))
            await asyncio.sleep(3)
            first = {wire.sequence: wire for wire in peer.stream(OUTPUT)}
            assert len(first) == WINDOW_MESSAGES
            assert not typing.done()
            by_time: dict[float, int] = {}
            for wire in peer.stream(OUTPUT):
                if first[wire.sequence].ident == wire.ident and first[wire.sequence] is not wire:
                    by_time[wire.at] = by_time.get(wire.at, 0) + 1
            assert by_time and max(by_time.values()) <= MAX_RESENT
            peer.acks = True
            for wire in first.values():
                await peer.acknowledge(wire)
            await typing
            await reached(
                lambda: sum(len(w.payload) for w in _once(peer.stream(OUTPUT))) == len(text), "all"
            )
            assert b"".join(wire.payload for wire in _once(peer.stream(OUTPUT))) == text
            assert all(len(wire.payload) <= MAX_PAYLOAD_BYTES for wire in peer.stream(OUTPUT))

    run(story())


def _once(wires: list[Any]) -> list[Any]:
    found = {wire.sequence: wire for wire in wires}
    return [found[number] for number in sorted(found)]


async def _type_all(fd: int, text: bytes) -> None:
    while text:
        try:
            text = text[os.write(fd, text) :]
        except BlockingIOError:
            await asyncio.sleep(0.01)


def test_output_is_put_in_order_acknowledged_and_printed_once() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            base = peer.sequence
            for number, text in ((2, b"c"), (1, b"b"), (2, b"c"), (0, b"a"), (1, b"X"), (3, b"d")):
                await peer.send(OUTPUT, text, base + number)
            await reached(lambda: talk.out == b"abcd", "in order")
            assert peer.acknowledged()[base:] == [base + n for n in (2, 1, 2, 0, 1, 3)]

    run(story())


def test_a_message_whose_digest_does_not_match_is_neither_printed_nor_acknowledged() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            base = peer.sequence
            whole = pack("output_stream_data", base, OUTPUT, b"whole")
            for broken in (
                whole[:-1] + b"?",  # another byte
                whole + b"!",  # longer than it says
                whole[:60],
                b"\0\0\0\x75" + whole[4:],  # another header length
                b"",
            ):
                await peer.raw(broken)
            await peer.raw(whole)
            await reached(lambda: talk.out == b"whole", "the whole one")
            assert peer.acknowledged()[base:] == [base]

    run(story())


def test_other_kinds_of_messages_and_payloads_are_left_out() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            for kind in ("start_publication", "pause_publication", "input_stream_data", "dance"):
                await peer.raw(pack(kind, peer.sequence, OUTPUT, b"no"))
            await peer.send(99, b"no")
            await peer.send(SIZE, b"no")
            assert peer.socket is not None
            await peer.socket.send_str("no")
            await peer.send(STDERR, b"yes")
            await peer.send(ERROR, b"!")
            await reached(lambda: talk.out == b"yes!", "what counts")

    run(story())


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        (b"7", 7),
        (b"0", 0),
        (b"256", 0),
        (b"300", 44),
        (b"-1", 0),
        (b"x", 0),
        (b"", 0),
        (b"9" * 10000, 0),
        ("٣".encode(), 0),
    ],
)
def test_the_exit_status_is_the_commands(payload: bytes, status: int) -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            await peer.send(EXIT, payload)
            await peer.close_channel()
            assert await talk.ends() == status
            said = [words for event, words in talk.reports if event == report.EXIT]
            assert said == ([str(status)] if payload.isdigit() and len(payload) < 10 else [])
            assert talk.reports[-1] == (report.CLOSED, "")
            assert talk.out == b""

    run(story())


def test_the_words_of_the_far_end_are_printed_without_what_steers_a_terminal() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            text = "timed out\x1b]52;c;QUJD\x07\u202e\r\n"
            await peer.close_channel(json.dumps({"Output": text, "SessionId": 7}).encode())
            assert await talk.ends() == 0
            ((_event, words),) = [item for item in talk.reports if item[0] == report.CLOSED]
            assert words.startswith("timed out")
            assert b"SessionId: ecs-session : timed out" in talk.out
            assert b"\x1b" not in talk.out and "\u202e".encode() not in talk.out

    run(story())


def test_a_signal_asks_the_agent_to_end_the_session_and_ends_this_side() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            began = talk.passed
            talk.client.terminate()
            assert await talk.ends() == 0
            assert talk.passed - began < 1.5
            (flag,) = peer.stream(FLAG)
            assert flag.payload == struct.pack(">I", 2)
        async with client() as (peer, talk):
            talk.client.terminate()  # not open yet: no ping is sent
            assert await talk.ends() == 0
            assert not peer.stream()

    run(story())


def test_the_end_of_the_input_is_typed_once() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            talk.type(b"last")
            keep, talk.keyboard = talk.keyboard, os.open(os.devnull, os.O_RDONLY)
            os.close(keep)
            await reached(lambda: peer.stream(OUTPUT)[-1:] and _typed(peer) == b"last\x04", "eof")
            await asyncio.sleep(10)
            assert _typed(peer) == b"last\x04"

    run(story())


def _typed(peer: Any) -> bytes:
    return b"".join(wire.payload for wire in _once(peer.stream(OUTPUT)))
