"""A hostile or broken far end of the built-in client: redirects, JSON, keys, floods."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

from ecs_tui.session.channel import report
from ecs_tui.session.channel.arguments import TOKEN_VARIABLE, UsageError, parse_arguments
from ecs_tui.session.channel.client import DATA_KEY_SECONDS
from ecs_tui.session.channel.command import SOFTWARE_ERROR
from ecs_tui.session.channel.connection import (
    MAX_BACKLOG_MESSAGES,
    DataChannel,
    Refused,
    check_address,
    client_session,
)
from ecs_tui.session.channel.message import (
    MAX_PAYLOAD_BYTES,
    Message,
    MessageType,
    PayloadType,
    decode,
)
from ecs_tui.session.channel.payloads import PayloadError
from ecs_tui.session.channel.stream import MAX_OUT_OF_ORDER, MAX_OUT_OF_ORDER_BYTES, Incoming
from tests.support.channel_client import TARGET, TOKEN, client, reached, shell
from tests.support.limits import limit
from tests.support.peer import (
    CHALLENGE,
    CHALLENGED,
    COMPLETE,
    EXIT,
    HANDSHAKE,
    KMS_ACTION,
    OUTPUT,
    RESPONSE,
    STDERR,
    Peer,
    pack,
    seal,
    shell_request,
    unseal,
)
from tests.support.virtual_io import run


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")


# -- to which addresses the token is sent


@pytest.mark.parametrize(
    "url",
    [
        "wss://ssmmessages.eu-west-1.amazonaws.com/v1/data-channel/x?role=publish_subscribe",
        "wss://127.0.0.1:8443/x",
        "ws://127.0.0.1:1234/x",
        "ws://127.9.9.9/x",
        "ws://[::1]:1234/x",
        "ws://localhost/x",
    ],
)
def test_addresses_that_get_the_token(url: str) -> None:
    check_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "ws://ssmmessages.eu-west-1.amazonaws.com/x",
        "ws://10.0.0.1/x",
        "ws://0.0.0.0/x",
        "ws://localhost.example.com/x",
        "ws://127.0.0.1.example.com/x",
        "ws://127.0.0.1@example.com/x",
        "ws:///x",
        "http://127.0.0.1/x",
        "https://ssmmessages.eu-west-1.amazonaws.com/x",
        "file:///etc/passwd",
        "wss://",
        "wss://host:99999/",
        "wss://[::1/",
        "",
        "x",
    ],
)
def test_addresses_that_do_not(url: str) -> None:
    with pytest.raises(Refused):
        check_address(url)


def test_an_address_without_tls_is_not_connected_to() -> None:
    async def story() -> None:
        async with client(stream_url="ws://192.0.2.1/x") as (_peer, talk):
            assert await talk.ends() == 1
            assert b"The session's token was not sent: " in talk.out
            assert b"is not wss://" in talk.out
            assert talk.passed < 1

    run(story())


@pytest.mark.parametrize("to", ["another", "itself", "relative"])
def test_a_redirect_is_not_followed(to: str) -> None:
    async def story() -> None:
        async with Peer() as other, Peer() as gateway:
            gateway.redirect = {"another": other.url, "itself": gateway.url, "relative": "/x"}[to]
            async with client(stream_url=gateway.url) as (_, talk):
                assert await talk.ends() == 1
                assert b"redirects to another address" in talk.out
            assert gateway.requests == ["/channel"]
            assert not other.requests
            assert not gateway.openings and not other.openings

    run(story())


@pytest.mark.parametrize("status", [300, 301, 303, 307, 308, 399])
def test_no_status_of_redirection_is_followed(status: int) -> None:
    async def story() -> None:
        asked: list[str] = []

        async def answer(request: web.Request) -> web.Response:
            asked.append(request.path)
            return web.Response(status=status, headers={"Location": "/there"})

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server: Any = site._server
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/here"
        async with client_session() as http:
            with pytest.raises(Refused):
                await http.ws_connect(url)
        await runner.cleanup()
        assert asked == ["/here"]

    run(story())


def test_nor_is_an_address_without_tls_that_a_resumption_names() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.answers["ResumeSession"] = (
                200,
                {"SessionId": "x", "TokenValue": "t", "StreamUrl": "ws://192.0.2.1/x"},
            )
            peer.abort()
            assert await talk.ends() == 1
            assert b"The session's token was not sent: " in talk.out
            assert len(peer.openings) == 1

    run(story())


# -- JSON

DEEP = b"[" * 200_000
NESTED = b'{"a":' * 200_000
NUMBER = b"1e400"


def request(parameters: bytes) -> bytes:
    return (
        b'{"RequestedClientActions":[{"ActionType":"SessionType","ActionParameters":%b}]}'
        % parameters
    )


NO_HANDSHAKES = {
    "deep": DEEP,
    "nested": NESTED,
    "deep inside": request(NESTED),
    "large number": NUMBER,
    "parameters 7": request(b"7"),
    "parameters text": request(b'"x"'),
    "parameters list": request(b"[]"),
    "type 1e400": request(b'{"SessionType":1e400}'),
    "key 7": b'{"RequestedClientActions":[{"ActionType":"KMSEncryption","ActionParameters":'
    b'{"KMSKeyId":7}}]}',
    "actions 7": b'{"RequestedClientActions":7}',
    "actions null": b'{"RequestedClientActions":null}',
    "action 7": b'{"RequestedClientActions":[7]}',
    "no type": b'{"RequestedClientActions":[{}]}',
    "nothing": b"",
    "null": b"null",
    "list": b"[]",
    "empty": b"{}",
    "truncated": b'{"RequestedClientActions":[',
    "no text": b"\xff\xfe{}",
    "surrogate": b'{"RequestedClientActions":"\\ud800"}',
}


@pytest.mark.parametrize("name", NO_HANDSHAKES)
def test_a_handshake_that_is_none_ends_the_session_with_a_sentence(name: str) -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            await peer.send(HANDSHAKE, NO_HANDSHAKES[name])
            assert await talk.ends() == 1
            assert talk.passed < 5
            assert b"The agent's handshake is invalid (" in talk.out
            assert b"Traceback" not in talk.out
            assert not peer.stream(RESPONSE)
            assert talk.reports[-1][0] == report.LOST

    run(story())


@pytest.mark.parametrize("name", [*NO_HANDSHAKES, "output 7"])
def test_the_end_is_the_end_whatever_words_it_has(name: str) -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            await peer.close_channel(NO_HANDSHAKES.get(name, b'{"Output":7}'))
            assert await talk.ends() == 0
            assert talk.out == b""
            assert talk.reports[-1] == (report.CLOSED, "")

    run(story())


@pytest.mark.parametrize(
    "payload",
    [
        DEEP,
        NESTED,
        NUMBER,
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"AcknowledgedMessageSequenceNumber":1e400}',
        b'{"AcknowledgedMessageSequenceNumber":2.5}',
        b'{"AcknowledgedMessageSequenceNumber":"2"}',
        b'{"AcknowledgedMessageSequenceNumber":null}',
        b'{"AcknowledgedMessageSequenceNumber":true}',
        b'{"AcknowledgedMessageSequenceNumber":99999999999999999999999}',
        b'{"AcknowledgedMessageSequenceNumber":-1}',
    ],
    ids=lambda payload: payload[-25:].decode(),
)
def test_an_acknowledgement_that_is_none_is_left_out(payload: bytes) -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            peer.acks = False
            talk.type(b"k")
            await reached(lambda: peer.stream(OUTPUT), "the key")
            await peer.raw(pack("acknowledge", 0, 0, payload))
            await reached(lambda: len(peer.stream(OUTPUT)) > 1, "it is sent again")
            await peer.send(OUTPUT, b"on")
            await reached(lambda: talk.out == b"on", "it goes on")

    run(story())


@pytest.mark.parametrize(
    "response",
    [
        "",
        "7",
        "[]",
        "{}",
        DEEP.decode(),
        '{"SessionId":7,"StreamUrl":"ws://127.0.0.1/","TokenValue":"TOK"}',
        '{"SessionId":"s","StreamUrl":1e400,"TokenValue":"TOK"}',
        '{"SessionId":"s","StreamUrl":"x","TokenValue":["TOK"]}',
        '{"SessionId":"s","StreamUrl":"x","TokenValue":null, "x":"TOK"}',
        '{"SessionId":"s","StreamUrl":"x","TokenValue":"TOK"',
        "\udcff",
    ],
    ids=lambda text: text[:30],
)
def test_arguments_that_are_none_are_a_usage_error_without_the_token(response: str) -> None:
    environ = {f"{TOKEN_VARIABLE}_X": response, "HOME": "/"}
    for first in (response, f"{TOKEN_VARIABLE}_X"):
        with pytest.raises(UsageError) as caught:
            parse_arguments([first, "us-east-1", "StartSession"], environ)
        assert "TOK" not in str(caught.value)
    assert environ == {"HOME": "/"}


def test_arguments_are_the_plugins() -> None:
    response = json.dumps({"SessionId": "s", "StreamUrl": "wss://x/", "TokenValue": "TOK"})
    environ = {f"{TOKEN_VARIABLE}_S": response}
    start = parse_arguments(
        [f"{TOKEN_VARIABLE}_S", "r", "StartSession", "p", '{"Target":"ecs:a"}', "http://e"], environ
    )
    assert (start.session_id, start.stream_url, start.token) == ("s", "wss://x/", "TOK")
    assert (start.region, start.profile, start.target) == ("r", "p", "ecs:a")
    assert start.endpoint == "http://e"
    assert not environ
    assert "TOK" not in repr(start)
    for parameters in ("", "7", "{}", '{"Target":7}', DEEP.decode()):
        assert parse_arguments([response, "r", "StartSession", "", parameters], {}).target == ""
    for wrong in ([], ["x"], [response, "r"], [response, "r", "StartDance"]):
        with pytest.raises(UsageError):
            parse_arguments(wrong, {})


def test_a_fault_of_its_own_is_one_sentence_and_status_70() -> None:
    response = json.dumps({"SessionId": "s", "StreamUrl": "wss://x/", "TokenValue": "TOK"})
    child = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-P", "-m",
         "ecs_tui.session.channel", "RESPONSE", "us-east-1", "StartSession"],
        env={**os.environ, "RESPONSE": ""}, capture_output=True, text=True, check=False,
        timeout=limit(30),
    )  # fmt: skip
    assert child.returncode == 2
    env = {**os.environ, TOKEN_VARIABLE: response}
    child = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", sys.executable, "-P", "-m",
         "ecs_tui.session.channel", TOKEN_VARIABLE, "us-east-1", "StartSession"],
        env=env, capture_output=True, text=True, check=False, timeout=limit(30),
    )  # fmt: skip
    assert child.returncode == SOFTWARE_ERROR
    assert len(child.stderr.splitlines()) == 1
    assert "internal error" in child.stderr
    assert "TOK" not in child.stderr + child.stdout


# -- encryption


async def encrypted(peer: Peer, talk: Any) -> None:
    """Open an encrypted session."""
    peer.makes_keys()
    await peer.send(HANDSHAKE, shell_request(KMS_ACTION))
    (answer,) = await reached(lambda: peer.stream(RESPONSE), "the answer")
    key, shell = answer.json()["ProcessedClientActions"]
    assert (key["ActionType"], key["ActionStatus"]) == ("KMSEncryption", 1)
    assert key["ActionResult"] == {"KMSCipherTextKey": "ZW5jcnlwdGVk"}
    assert shell["ActionStatus"] == 1
    ((_, asked),) = peer.called("GenerateDataKey")
    assert asked == {
        "KeyId": "key-1",
        "NumberOfBytes": 64,
        "EncryptionContext": {"aws:ssm:SessionId": "ecs-session", "aws:ssm:TargetId": TARGET},
    }
    await challenge(peer, seal(b"prove it"))
    (proof,) = await reached(lambda: peer.stream(CHALLENGED), "the challenge's answer")
    assert unseal(_bytes(proof.json()["Challenge"])) == b"prove it"
    await peer.send(COMPLETE, b"{}")


async def challenge(peer: Peer, sealed: bytes) -> None:
    import base64

    text = base64.b64encode(sealed).decode()
    await peer.send(CHALLENGE, json.dumps({"Challenge": text}).encode())


def _bytes(text: str) -> bytes:
    import base64

    return base64.b64decode(text)


def test_with_a_key_all_that_is_typed_and_printed_is_encrypted() -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            await encrypted(peer, talk)
            assert (report.ENCRYPTED, "") in talk.reports
            talk.type(b"secret")
            (typed,) = await reached(lambda: peer.stream(OUTPUT), "the key")
            assert unseal(typed.payload) == b"secret"
            await peer.send(OUTPUT, seal(b"out"))
            await peer.send(STDERR, seal(b"err"))
            await reached(lambda: talk.out == b"outerr", "output")
            await peer.send(EXIT, seal(b"9"))
            await peer.close_channel()
            assert await talk.ends() == 9

    run(story())


@pytest.mark.parametrize("payload_type", [OUTPUT, STDERR, EXIT])
@pytest.mark.parametrize(
    "data",
    [b"plain", b"", b"7", b"x" * 300, seal(b"7", bytes(64)), seal(b"7", bytes(range(1, 65)))],
    ids=["plain", "empty", "digit", "long", "another key", "a near key"],
)
def test_output_that_the_key_does_not_open_is_not_printed_and_ends_the_session(
    data: bytes, payload_type: int
) -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            await encrypted(peer, talk)
            await peer.send(payload_type, data)
            await peer.send(OUTPUT, seal(b"later"))
            assert await talk.ends() == 1
            assert b"Could not decrypt session output" in talk.out
            assert talk.out.count(b"\n") == 2
            assert b"plain" not in talk.out and b"later" not in talk.out

    run(story())


def test_a_changed_byte_is_noticed_at_each_place() -> None:
    async def story() -> None:
        sealed = seal(b"word")
        for at in (0, 11, 12, 15, 16, len(sealed) - 1):
            async with client() as (peer, talk):
                await encrypted(peer, talk)
                await peer.send(OUTPUT, sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
                assert await talk.ends() == 1
                assert b"word" not in talk.out

    run(story())


Step = Callable[[Peer], Any]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (lambda peer: peer.send(OUTPUT, b"plain"), b"before the session was encrypted"),
        (lambda peer: peer.send(STDERR, b"plain"), b"before the session was encrypted"),
        (lambda peer: peer.send(COMPLETE, b"{}"), b"before encryption was set up"),
        (lambda peer: peer.send(2, b"plain"), b"before encryption was set up"),
    ],
    ids=["output", "stderr", "complete", "error"],
)
def test_nothing_goes_in_plain_where_a_key_was_asked_for(step: Step, words: bytes) -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            talk.type(b"secret")

            async def never(_: Any) -> Any:
                await asyncio.sleep(1000)

            peer.answers["GenerateDataKey"] = never
            await peer.send(HANDSHAKE, shell_request(KMS_ACTION))
            await step(peer)
            assert await talk.ends() == 1
            assert words in talk.out
            assert b"plain" not in talk.out
            assert not peer.stream(OUTPUT)

    run(story())


def test_a_second_handshake_does_not_take_the_encryption_away() -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            await encrypted(peer, talk)
            await peer.send(HANDSHAKE, shell_request())
            await peer.send(OUTPUT, b"plain")
            assert await talk.ends() == 1
            assert b"plain" not in talk.out
            assert len(peer.stream(RESPONSE)) == 1

    run(story())


@pytest.mark.parametrize(
    "sealed", [b"", b"x", seal(b"a", bytes(64))], ids=["empty", "short", "other"]
)
def test_a_challenge_that_the_key_does_not_open_ends_the_session(sealed: bytes) -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            peer.makes_keys()
            await peer.send(HANDSHAKE, shell_request(KMS_ACTION))
            await reached(lambda: peer.stream(RESPONSE), "the answer")
            await challenge(peer, sealed)
            assert await talk.ends() == 1
            assert b"Encryption handshake failed" in talk.out
            assert not peer.stream(CHALLENGED)

    run(story())


def test_a_challenge_without_a_key_is_not_answered() -> None:
    async def story() -> None:
        async with shell() as (peer, talk):
            await challenge(peer, seal(b"x"))
            await peer.send(OUTPUT, b"on")
            await reached(lambda: talk.out == b"on", "it goes on")
            assert not peer.stream(CHALLENGED)

    run(story())


@pytest.mark.parametrize("how", ["refused", "short", "slow"])
def test_without_a_key_the_agent_is_told_and_so_is_the_operator(how: str) -> None:
    async def story() -> None:
        async with client() as (peer, talk):
            if how == "refused":
                peer.answers["GenerateDataKey"] = (
                    400,
                    {"__type": "AccessDeniedException", "message": "no"},
                )
            elif how == "short":
                peer.makes_keys(bytes(32))
            else:

                async def never(_: Any) -> Any:
                    await asyncio.sleep(1000)

                peer.answers["GenerateDataKey"] = never
            await peer.send(HANDSHAKE, shell_request(KMS_ACTION))
            (answer,) = await reached(lambda: peer.stream(RESPONSE), "the answer")
            (key, _) = answer.json()["ProcessedClientActions"]
            assert (key["ActionStatus"], key["ActionResult"]) == (2, None)
            assert answer.json()["Errors"] == [key["Error"]] != [""]
            assert b"This session must be encrypted with key-1: " in talk.out
            if how == "slow":
                assert DATA_KEY_SECONDS - 1 < talk.passed < DATA_KEY_SECONDS + 2
            await peer.close_channel(b'{"Output":"no key"}')
            assert await talk.ends() == 0
            assert (report.ENCRYPTED, "") not in talk.reports

    run(story())


# -- floods


def message(sequence: int, size: int = 1) -> Message:
    return Message(MessageType.OUTPUT, b"x" * size, PayloadType.OUTPUT, sequence=sequence)


def test_what_is_ahead_of_its_turn_is_bounded_by_number() -> None:
    answers: list[bytes] = []
    incoming = Incoming(answers.append)
    for sequence in range(1, MAX_OUT_OF_ORDER + 5):
        incoming.receive(message(sequence))
    assert len(answers) == MAX_OUT_OF_ORDER
    incoming.receive(message(MAX_OUT_OF_ORDER))  # a duplicate: acknowledged again
    assert len(answers) == MAX_OUT_OF_ORDER + 1
    assert len(incoming.receive(message(0))) == MAX_OUT_OF_ORDER + 1
    assert [m.sequence for m in incoming.receive(message(MAX_OUT_OF_ORDER + 1))] == [
        MAX_OUT_OF_ORDER + 1
    ]


def test_and_by_bytes_which_are_free_again_after_their_turn() -> None:
    answers: list[bytes] = []
    incoming = Incoming(answers.append)
    size = MAX_OUT_OF_ORDER_BYTES // 4
    for first in (0, 5, 10):
        answers.clear()
        for ahead in range(1, 8):
            incoming.receive(message(first + ahead, size))
        assert [decode(raw).kind for raw in answers] == ["acknowledge"] * 4
        incoming.receive(message(first + 5, 1))
        assert len(answers) == 4
        incoming.receive(message(first + 4, size))  # a duplicate: it is not stored again
        assert len(answers) == 5
        assert len(incoming.receive(message(first))) == 5


def test_copies_of_what_is_known_take_no_room() -> None:
    answers: list[bytes] = []
    incoming = Incoming(answers.append)
    for _ in range(20):
        incoming.receive(message(1, MAX_OUT_OF_ORDER_BYTES // 4))
    incoming.receive(message(2, MAX_OUT_OF_ORDER_BYTES // 4))
    assert len(answers) == 21


def test_what_waits_to_be_sent_does_not_grow_while_the_far_end_does_not_read() -> None:
    async def story() -> None:
        to_send: asyncio.Queue[bytes] = asyncio.Queue()
        most = 0

        def answered(_: bytes) -> None:
            nonlocal most
            to_send.put_nowait(b"a" * MAX_PAYLOAD_BYTES)
            most = max(most, to_send.qsize())

        async def flood(request: web.Request) -> web.WebSocketResponse:
            socket = web.WebSocketResponse(autoping=False)
            await socket.prepare(request)
            for _ in range(20 * MAX_BACKLOG_MESSAGES):  # and nothing is read
                await socket.send_bytes(b"m")
            return socket

        app = web.Application()
        app.router.add_get("/channel", flood)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server: Any = site._server
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/channel"
        channel = DataChannel(to_send, answered, lambda: 0.0, lambda seconds: None, lambda: None)
        async with client_session() as http:
            await channel.serve(http, url, TOKEN, lambda: None)
        await runner.cleanup()
        assert most > MAX_BACKLOG_MESSAGES  # the limit was reached
        assert most <= MAX_BACKLOG_MESSAGES + 2

    run(story())


def test_payload_errors_are_one_kind() -> None:
    from ecs_tui.session.channel import handshake

    for payload in NO_HANDSHAKES.values():
        with pytest.raises(PayloadError):
            handshake.requested(payload)
        assert handshake.data_key(payload) is None
        assert handshake.challenged(payload) == b""
