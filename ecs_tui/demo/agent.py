"""The remote end of a session: SSM's message gateway and the agent, with a local shell.

It listens on loopback only. A token is valid once, and for one session.
Wire format: `ecs_tui.session.channel.message`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
import shlex
import shutil
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
from aiohttp import WSMsgType, web

from ecs_tui.demo.faulty_link import Direction, FaultyLink
from ecs_tui.demo.folder import DemoFolder
from ecs_tui.demo.guard import from_elsewhere
from ecs_tui.session.channel import handshake, payloads
from ecs_tui.session.channel.crypto import Cipher, CipherError
from ecs_tui.session.channel.message import (
    MAX_PAYLOAD_BYTES,
    FrameError,
    Message,
    MessageType,
    PayloadType,
    decode,
)
from ecs_tui.session.channel.stream import WINDOW_MESSAGES, Incoming, Outgoing
from ecs_tui.system.pty import PtyProcess

AGENT_VERSION = "3.3.1611.0"
TERMINATE = 2
IDLE_SECONDS = 20 * 60.0
"""Seconds without traffic after which ECS ends a session."""
Decrypt = Callable[[bytes, dict[str, str]], bytes]
IDLE_TEXT = "Your session timed out due to inactivity and has been terminated."


class _Opening(msgspec.Struct):
    TokenValue: str


class _Size(msgspec.Struct):
    cols: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
    rows: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]


@dataclass
class AgentSession:
    """An open session: its task and container, its token, and its end of the channel."""

    session_id: str
    token: str
    task_id: str
    label: str
    command: str
    home: Path
    kms_key: str = ""
    target: str = ""
    cipher: Cipher | None = None
    challenge: bytes = b""
    transport: asyncio.Transport | None = None
    downstream: Direction | None = None
    socket: web.WebSocketResponse | None = None
    pty: PtyProcess | None = None
    to_send: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    outgoing: Outgoing | None = None
    incoming: Incoming | None = None
    pending: bytearray = field(default_factory=bytearray)
    active_at: float = field(default_factory=time.monotonic)
    exit_status: int | None = None
    over: bool = False


class Gateway:
    """All sessions of the demo account, served over WebSocket from one thread.

    Args:
        decrypt: KMS's Decrypt: takes (encrypted data key, encryption context), returns the key.
        idle_limit: Seconds without traffic after which a session ends.
    """

    def __init__(self, decrypt: Decrypt, idle_limit: float = IDLE_SECONDS) -> None:
        self._decrypt, self._idle_limit = decrypt, idle_limit
        self.link = FaultyLink()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._sessions: dict[str, AgentSession] = {}
        self._finishing: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None
        self._folder: DemoFolder | None = None
        self.port = 0

    def start(self) -> None:
        """Listen on a free loopback port."""
        self._folder = DemoFolder()
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """End all shells and stop listening."""
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        if self._folder is not None:
            self._folder.remove()

    async def _listen(self) -> None:
        app = web.Application()
        app.router.add_get("/v1/data-channel/{session}", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        server: Any = site._server
        self.port = server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        for session in list(self._sessions.values()):
            self._end(session, "")
        if self._runner is not None:
            await self._runner.cleanup()

    # -- called from moto's threads

    def open(
        self,
        *,
        task_id: str,
        label: str,
        command: str,
        runtime_id: str,
        target: str,
        kms_key: str = "",
    ) -> dict[str, str]:
        """Create a session for a container; returns `session` of ExecuteCommand's response."""
        session_id = f"ecs-execute-command-{secrets.token_hex(9)[:17]}"
        assert self._folder is not None, "not started"
        home = self._folder.path / runtime_id
        home.mkdir(mode=0o700, exist_ok=True)
        session = AgentSession(
            session_id,
            secrets.token_urlsafe(48),
            task_id,
            label,
            command or "/bin/sh",
            home,
            kms_key,
            target,
        )
        self._sessions[session_id] = session
        return self._answer(session)

    def resume(self, session_id: str) -> dict[str, str]:
        """ssm:ResumeSession: a new token for an open session; {} if it has ended."""
        session = self._sessions.get(session_id)
        if session is None or session.over:
            return {}
        session.token = secrets.token_urlsafe(48)
        answer = self._answer(session)
        return {"TokenValue": answer["tokenValue"], "StreamUrl": answer["streamUrl"]}

    def _answer(self, session: AgentSession) -> dict[str, str]:
        url = f"ws://127.0.0.1:{self.port}/v1/data-channel/{session.session_id}"
        return {
            "sessionId": session.session_id,
            "streamUrl": f"{url}?role=publish_subscribe",
            "tokenValue": session.token,
        }

    def terminate(self, session_id: str) -> None:
        """ssm:TerminateSession: end the shell and close the channel."""
        self._loop.call_soon_threadsafe(self._terminate, session_id)

    def change_link(self, fields: dict[str, Any]) -> None:
        """Set faults of the link; `cut` breaks all connections immediately.

        Raises:
            TypeError: Unknown name of a fault.
        """
        cut = fields.pop("cut", False)
        self.link.change(fields)
        if cut:
            self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for session in self._sessions.values():
            if session.transport is not None:
                session.transport.abort()

    def task_stopping(self, task_id: str) -> None:
        """End the shells of a stopping task after 2 s."""

        def later() -> None:
            for session in list(self._sessions.values()):
                if session.task_id == task_id:
                    self._loop.call_later(2.0, self._end, session, "")

        self._loop.call_soon_threadsafe(later)

    def live_sessions(self) -> list[str]:
        """The IDs of the sessions with a running shell."""
        return [
            item.session_id
            for item in self._sessions.values()
            if item.pty is not None and not item.over
        ]

    def _terminate(self, session_id: str) -> None:
        session = self._sessions.get(session_id)
        if session is not None:
            self._end(session, "")

    # -- the channel

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        headers = {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in request.headers.items()}
        headers["REQUEST_METHOD"] = request.method
        if refusal := from_elsewhere(headers, f"127.0.0.1:{self.port}"):
            raise web.HTTPForbidden(text=refusal)
        socket = web.WebSocketResponse(max_msg_size=1 << 20, compress=False, autoping=False)
        await socket.prepare(request)
        session = self._sessions.get(request.match_info["session"])
        if self.link.faults.refuse or not await self._admit(socket, session):
            await socket.close(code=1008, message=b"token refused")
            return socket
        assert session is not None
        session.socket = socket
        session.transport = request.transport
        wire: asyncio.Queue[bytes] = asyncio.Queue()
        session.downstream = self.link.direction(wire.put_nowait)
        upstream = self.link.direction(lambda data: self._receive(session, data))
        jobs = [
            asyncio.create_task(self._transmit(wire, socket)),
            asyncio.create_task(self._feed(session)),
            asyncio.create_task(self._housekeeping(session)),
        ]
        try:
            self._begin_handshake(session)
            async for item in socket:
                faults = self.link.faults
                if item.type == WSMsgType.BINARY and not faults.ignore_client:
                    upstream.send(item.data)
                elif item.type == WSMsgType.PING and not faults.silent:
                    await socket.pong(item.data)
        finally:
            for job in jobs:
                job.cancel()
            if session.socket is socket:
                session.socket = session.transport = None
        return socket

    async def _admit(self, socket: web.WebSocketResponse, session: AgentSession | None) -> bool:
        """Whether the first frame has the session's token, and the token is unused."""
        try:
            async with asyncio.timeout(10):
                first = await socket.receive()
                while first.type == WSMsgType.PING:  # the plugin may ping before it sends the token
                    await socket.pong(first.data)
                    first = await socket.receive()
            if first.type != WSMsgType.TEXT:
                return False
            token = payloads.read(first.data.encode(), _Opening).TokenValue
        except (TimeoutError, payloads.PayloadError):
            return False
        if session is None or not session.token:
            return False
        if not hmac.compare_digest(session.token.encode(), token.encode()):
            return False
        session.token = ""
        return True

    def _begin_handshake(self, session: AgentSession) -> None:
        if session.outgoing is not None:  # resumed: send unacknowledged messages again
            session.outgoing.resend_all()
            return
        session.outgoing = Outgoing(MessageType.OUTPUT, session.to_send.put_nowait, time.monotonic)
        session.incoming = Incoming(session.to_send.put_nowait)
        actions: list[dict[str, Any]] = [
            {
                "ActionType": handshake.SESSION_TYPE,
                "ActionParameters": {
                    "SessionType": "InteractiveCommands",
                    "Properties": {"linux": {"commands": session.command}},
                },
            }
        ]
        if session.kms_key:
            parameters = {"KMSKeyId": session.kms_key}
            action = {"ActionType": handshake.KMS_ENCRYPTION, "ActionParameters": parameters}
            actions.insert(0, action)
        request = {"AgentVersion": AGENT_VERSION, "RequestedClientActions": actions}
        session.outgoing.send(json.dumps(request).encode(), PayloadType.HANDSHAKE_REQUEST)

    async def _transmit(self, wire: asyncio.Queue[bytes], socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await socket.send_bytes(await wire.get())

    @staticmethod
    async def _feed(session: AgentSession) -> None:
        """Send the agent's messages over the link, which applies its faults."""
        while True:
            data = await session.to_send.get()
            if session.downstream is not None:
                session.downstream.send(data)

    async def _housekeeping(self, session: AgentSession) -> None:
        while True:
            await asyncio.sleep(0.1)
            if session.outgoing is not None:
                session.outgoing.resend_due()
            if time.monotonic() - session.active_at > self._idle_limit:
                self._end(session, IDLE_TEXT)

    def _receive(self, session: AgentSession, data: bytes) -> None:
        assert session.outgoing is not None and session.incoming is not None
        try:
            message = decode(data)
        except FrameError:
            return
        if message.kind == MessageType.ACKNOWLEDGE:
            session.outgoing.acknowledged(message.payload)
            self._flush(session)
        elif message.kind == MessageType.INPUT:
            session.active_at = time.monotonic()
            for ready in session.incoming.receive(message):
                self._take(session, ready)

    def _take(self, session: AgentSession, message: Message) -> None:
        assert session.outgoing is not None
        if message.payload_type == PayloadType.HANDSHAKE_RESPONSE:
            if session.kms_key:
                self._challenge(session, message.payload)
            else:
                self._complete(session)
        elif message.payload_type == PayloadType.CHALLENGE_RESPONSE and session.cipher is not None:
            answer = self._opened(session, handshake.challenged(message.payload))
            if answer == session.challenge:
                self._complete(session)
            else:
                self._end(session, "Encryption challenge failed.")
        elif message.payload_type == PayloadType.OUTPUT and session.pty is not None:
            keys = self._opened(session, message.payload)
            if keys is not None:
                session.pty.write(keys)
        elif message.payload_type == PayloadType.SIZE and session.pty is not None:
            with contextlib.suppress(payloads.PayloadError):
                size = payloads.read(message.payload, _Size)
                session.pty.resize(size.cols, size.rows)
        elif message.payload_type == PayloadType.FLAG and message.payload[-1:] == bytes(
            [TERMINATE]
        ):
            self._end(session, "")

    @staticmethod
    def _opened(session: AgentSession, data: bytes) -> bytes | None:
        """`data` decrypted; None if it was not encrypted for this session."""
        if session.cipher is None:
            return data
        try:
            return session.cipher.decrypt(data)
        except CipherError:
            return None

    def _challenge(self, session: AgentSession, response: bytes) -> None:
        """Decrypt the client's data key with KMS, and challenge the client to prove it has it."""
        assert session.outgoing is not None
        blob = handshake.data_key(response)
        context = {"aws:ssm:SessionId": session.session_id, "aws:ssm:TargetId": session.target}
        try:
            if blob is None:
                raise ValueError("no data key")
            session.cipher = Cipher(self._decrypt(blob, context), agent=True)
        except Exception as error:  # moto's KMS raises many types for a wrong key or context
            self._end(session, f"Fetching data key failed: {type(error).__name__}")
            return
        session.challenge = secrets.token_bytes(64)
        sealed = session.cipher.encrypt(session.challenge)
        session.outgoing.send(handshake.challenge(sealed), PayloadType.CHALLENGE_REQUEST)

    def _complete(self, session: AgentSession) -> None:
        assert session.outgoing is not None
        complete = {"HandshakeTimeToComplete": 1_000_000, "CustomerMessage": ""}
        session.outgoing.send(json.dumps(complete).encode(), PayloadType.HANDSHAKE_COMPLETE)
        self._start(session)

    def _start(self, session: AgentSession) -> None:
        try:
            argv = shlex.split(session.command)
        except ValueError:
            argv = [session.command]
        if not argv or shutil.which(argv[0]) is None:
            program = argv[0] if argv else ""
            self._end(
                session,
                "\n----------ERROR-------\nUnable to start command: Failed to start pty: "
                f"fork/exec {program}: no such file or directory\n\n",
            )
            return
        if len(argv) == 1 and argv[0].rpartition("/")[2] == "bash":
            argv.append("--norc")  # this machine's startup files would change the prompt
        # The outer shell changes to the session's folder, then runs the command.
        start = ["/bin/sh", "-c", 'cd "$HOME" && exec "$@"', "sh", *argv]
        short = f"{session.label} {session.task_id[:7]}"
        env = {
            "HOME": str(session.home),
            "HOSTNAME": session.task_id[:12],
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PS1": f"[{short}] # ",
            "TERM": "xterm-256color",
            "ECS_CONTAINER": session.label,
        }
        session.pty = PtyProcess(
            start,
            env,
            lambda data: self._output(session, data),
            lambda status: self._exited(session, status),
        )

    def _output(self, session: AgentSession, data: bytes) -> None:
        session.active_at = time.monotonic()
        session.pending += data
        self._flush(session)

    def _flush(self, session: AgentSession) -> None:
        """Send pending output while the window has room; pause the shell while some is pending."""
        assert session.outgoing is not None
        while session.pending and session.outgoing.under_way < WINDOW_MESSAGES:
            data = bytes(session.pending[:MAX_PAYLOAD_BYTES])
            if session.cipher is not None:
                data = session.cipher.encrypt(data)
            session.outgoing.send(data, PayloadType.OUTPUT)
            del session.pending[:MAX_PAYLOAD_BYTES]
        if session.pty is not None and session.pty.alive:
            if session.pending:
                session.pty.pause()
            else:
                session.pty.resume()
        if session.exit_status is not None and not session.pending:
            self._end(session, "")

    def _exited(self, session: AgentSession, status: int) -> None:
        session.exit_status = status
        self._flush(session)

    def _end(self, session: AgentSession, text: str) -> None:
        """Close the channel after all output has been sent; kill the shell."""
        if session.over:
            return
        session.over = True
        payload = {
            "MessageId": secrets.token_hex(16),
            "CreatedDate": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "DestinationId": session.session_id,
            "SessionId": session.session_id,
            "MessageType": "channel_closed",
            "SchemaVersion": 1,
            "Output": text,
        }
        closing = Message(MessageType.CHANNEL_CLOSED, json.dumps(payload).encode())
        task = self._loop.create_task(self._finish(session, closing))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def _finish(self, session: AgentSession, closing: Message) -> None:
        # Wait up to 2 s until the client has acknowledged all output, unless it is gone.
        deadline = time.monotonic() + 2
        while (  # noqa: ASYNC110 - three conditions, one of them a clock
            session.socket is not None
            and session.outgoing is not None
            and session.outgoing.under_way
            and time.monotonic() < deadline
        ):
            await asyncio.sleep(0.01)
        session.to_send.put_nowait(closing.encode())
        if session.pty is not None:
            session.pty.signal(signal.SIGHUP)
            session.pty.close()
            self._loop.call_later(1.0, session.pty.signal, signal.SIGKILL)
        await asyncio.sleep(0.5)
        if session.socket is not None:
            await session.socket.close()
        self._sessions.pop(session.session_id, None)
