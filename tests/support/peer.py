"""The far end of a session, scripted by a test: gateway, agent, and the AWS calls of a client.

It shares no code with the program or the demo account. The wire format is implemented again, from
the public session-manager-plugin (`src/message/messageparser.go`).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_HEADER = struct.Struct(">I32sIQQQ16s32sII")
OUTPUT, ERROR, SIZE, HANDSHAKE, RESPONSE, COMPLETE, CHALLENGE, CHALLENGED, FLAG, STDERR, EXIT = (
    1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12,
)  # fmt: skip

MISSING_PROGRAM = (
    "\n----------ERROR-------\nUnable to start command: Failed to start pty: fork/exec {}: "
    "no such file or directory\n\n"
)
"""What the agent's output at the end says where the image lacks a program; {} is its name."""


@dataclass(frozen=True)
class Wire:
    """One message of the data channel. `at`: when it came, in the loop's seconds."""

    kind: str
    sequence: int
    payload_type: int
    payload: bytes
    ident: bytes = b""
    flags: int = 0
    at: float = 0.0

    def json(self) -> Any:
        """The payload as JSON."""
        return json.loads(self.payload)


def pack(kind: str, sequence: int, payload_type: int, payload: bytes, flags: int = 0) -> bytes:
    """One message as bytes."""
    return (
        _HEADER.pack(
            116,
            kind.encode().ljust(32),
            1,
            1_700_000_000_000,
            sequence,
            flags,
            os.urandom(16),
            hashlib.sha256(payload).digest(),
            payload_type,
            len(payload),
        )
        + payload
    )


def unpack(raw: bytes, at: float = 0.0) -> Wire:
    """Decode a message.

    Raises:
        AssertionError: It is malformed.
    """
    length, kind, schema, _, sequence, flags, ident, digest, payload_type, size = (
        _HEADER.unpack_from(raw)
    )
    payload = raw[120:]
    assert (length, schema, size) == (116, 1, len(payload))
    assert digest == hashlib.sha256(payload).digest()
    return Wire(kind.decode().rstrip(), sequence, payload_type, payload, ident, flags, at)


def shell_request(*actions: dict[str, Any]) -> bytes:
    """The payload of a handshake request: `actions`, then a shell."""
    shell = {"ActionType": "SessionType", "ActionParameters": {"SessionType": "Standard_Stream"}}
    return json.dumps(
        {"AgentVersion": "3.3.0.0", "RequestedClientActions": [*actions, shell]}
    ).encode()


KMS_ACTION = {"ActionType": "KMSEncryption", "ActionParameters": {"KMSKeyId": "key-1"}}
DATA_KEY = bytes(range(64))


def seal(plain: bytes, key: bytes = DATA_KEY) -> bytes:
    """Encrypt as the agent does: with the first half of the data key."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key[:32]).encrypt(nonce, plain, None)


def unseal(data: bytes, key: bytes = DATA_KEY) -> bytes:
    """Decrypt what the client has encrypted with the second half of the data key."""
    return AESGCM(key[32:]).decrypt(data[:12], data[12:], None)


@dataclass
class Peer:
    """A server on loopback that records what it receives and sends what a test tells it to.

    Attributes:
        acks, pongs: Whether it acknowledges messages and answers pings.
        refuse: Whether it closes new sockets at once.
        redirect: The location with which it answers the upgrade (status 302), "" for none.
        answers: (status, body) of AWS calls by operation, or a function that returns that.
        calls: (the loop's seconds, operation, body) of the AWS calls.
        openings: The text frame with which each socket opened the channel.
        received: All binary messages, acknowledgements among them.
        pings: When each ping came, in the loop's seconds.
        requests: The path of each upgrade.
        closed: The close code of each closed socket; 1006 where none was sent (RFC 6455).
        socket: The newest socket.
        sequence: The sequence number of the agent's next message.
        port: Where it listens.
    """

    acks: bool = True
    pongs: bool = True
    refuse: bool = False
    redirect: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)
    openings: list[dict[str, Any]] = field(default_factory=list)
    received: list[Wire] = field(default_factory=list)
    pings: list[float] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    closed: list[int | None] = field(default_factory=list)
    socket: web.WebSocketResponse | None = None
    sequence: int = 0
    port: int = 0
    _runner: web.AppRunner | None = None
    _request: web.Request | None = None

    async def __aenter__(self) -> Peer:
        app = web.Application()
        app.router.add_get("/channel", self._channel)
        app.router.add_post("/", self._aws)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        server: Any = site._server
        self.port = server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        self.abort()
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The URL of the data channel."""
        return f"ws://127.0.0.1:{self.port}/channel"

    @property
    def endpoint(self) -> str:
        """The URL of its AWS APIs."""
        return f"http://127.0.0.1:{self.port}"

    # -- receiving

    async def _channel(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path)
        if self.redirect:
            raise web.HTTPFound(self.redirect)
        socket = web.WebSocketResponse(autoping=False, max_msg_size=1 << 21)
        await socket.prepare(request)
        if self.refuse:
            await socket.close(code=1008)
            return socket
        self.socket, self._request = socket, request
        loop = asyncio.get_running_loop()
        async for item in socket:
            if item.type == WSMsgType.TEXT:
                self.openings.append(json.loads(item.data))
            elif item.type == WSMsgType.BINARY:
                wire = unpack(item.data, loop.time())
                self.received.append(wire)
                if self.acks and wire.kind == "input_stream_data":
                    await self.acknowledge(wire)
            elif item.type == WSMsgType.PING:
                self.pings.append(loop.time())
                if self.pongs:
                    await socket.pong(item.data)
        self.closed.append(socket.close_code)
        return socket

    async def _aws(self, request: web.Request) -> web.Response:
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        body = json.loads(await request.read() or b"{}")
        self.calls.append((asyncio.get_running_loop().time(), operation, body))
        answer = self.answers.get(operation, (404, {"__type": "UnknownOperationException"}))
        if isinstance(answer, Callable):  # type: ignore[arg-type]
            answer = await answer(body) if asyncio.iscoroutinefunction(answer) else answer(body)
        status, fields = answer
        return web.json_response(fields, status=status)

    def forget(self) -> None:
        """Begin anew, for another session: nothing has arrived, and the first message is number 0."""
        self.openings.clear()
        self.received.clear()
        self.sequence = 0

    def called(self, operation: str) -> list[tuple[float, dict[str, Any]]]:
        """(seconds, body) of the calls of one operation."""
        return [(at, body) for at, name, body in self.calls if name == operation]

    def stream(self, payload_type: int | None = None) -> list[Wire]:
        """The client's stream messages, repeated ones too, of one payload type or of all."""
        return [
            wire
            for wire in self.received
            if wire.kind == "input_stream_data" and payload_type in (None, wire.payload_type)
        ]

    def acknowledged(self) -> list[int]:
        """The sequence numbers that the client has acknowledged, in the order of arrival."""
        return [
            wire.json()["AcknowledgedMessageSequenceNumber"]
            for wire in self.received
            if wire.kind == "acknowledge"
        ]

    # -- sending

    async def raw(self, data: bytes) -> None:
        """Send bytes as one binary frame."""
        assert self.socket is not None
        await self.socket.send_bytes(data)

    async def send(self, payload_type: int, payload: bytes, sequence: int | None = None) -> None:
        """Send a message of the agent's stream, with the next sequence number or with that one."""
        if sequence is None:
            sequence, self.sequence = self.sequence, self.sequence + 1
        await self.raw(pack("output_stream_data", sequence, payload_type, payload))

    async def acknowledge(self, wire: Wire) -> None:
        """Acknowledge a message of the client's."""
        ident = str(uuid.UUID(bytes=wire.ident[8:] + wire.ident[:8]))
        payload = {
            "AcknowledgedMessageType": wire.kind,
            "AcknowledgedMessageId": ident,
            "AcknowledgedMessageSequenceNumber": wire.sequence,
            "IsSequentialMessage": True,
        }
        await self.raw(pack("acknowledge", 0, 0, json.dumps(payload).encode(), 3))

    async def close_channel(self, payload: bytes = b'{"Output": ""}') -> None:
        """Send channel_closed."""
        await self.raw(pack("channel_closed", 0, 0, payload))

    def abort(self) -> None:
        """Reset the connection."""
        if self._request is not None and self._request.transport is not None:
            self._request.transport.abort()
        self.socket = None

    # -- AWS calls

    def resumes(self) -> None:
        """Answer ResumeSession with the same URL and the tokens `token-1`, `token-2` and so on."""

        def answer(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            number = len(self.called("ResumeSession"))
            return 200, {
                "SessionId": body["SessionId"],
                "TokenValue": f"token-{number}",
                "StreamUrl": self.url,
            }

        self.answers["ResumeSession"] = answer

    def makes_keys(self, key: bytes = DATA_KEY) -> None:
        """Answer GenerateDataKey with this key."""
        self.answers["GenerateDataKey"] = (
            200,
            {
                "KeyId": "key-1",
                "Plaintext": base64.b64encode(key).decode(),
                "CiphertextBlob": base64.b64encode(b"encrypted").decode(),
            },
        )
