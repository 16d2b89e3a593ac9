"""The far end of a session: SSM's message gateway and the agent, with a real local shell.

Loopback only. Each session has one token that works once and only for it.
Wire format: `ecs_tui.session.channel.frame`.
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

from ecs_tui.demo.folder import DemoFolder
from ecs_tui.demo.guard import from_elsewhere
from ecs_tui.demo.line import Direction, Line
from ecs_tui.pty import PtyProcess
from ecs_tui.session.channel import handshake, payloads
from ecs_tui.session.channel.crypto import Cipher, CipherError
from ecs_tui.session.channel.frame import (
    MAX_PAYLOAD,
    FrameError,
    Message,
    MessageType,
    PayloadType,
    decode,
)
from ecs_tui.session.channel.stream import WINDOW, Incoming, Outgoing

AGENT_VERSION = "3.3.1611.0"
TERMINATE = 2
IDLE_LIMIT = 20 * 60.0
Decrypt = Callable[[bytes, dict[str, str]], bytes]
IDLE_TEXT = "Your session timed out due to inactivity and has been terminated."


class _Opening(msgspec.Struct):
    TokenValue: str


class _Size(msgspec.Struct):
    cols: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
    rows: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]


@dataclass
class Shell:
    """One opened session: who it is for, its token, and its end of the channel."""

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
    """All sessions of the pretend account, served over WebSocket from a thread of its own.

    Args:
        decrypt: KMS's Decrypt: (encrypted data key, encryption context) to the plain key.
        idle_limit: Seconds without traffic after which a session ends.
    """

    def __init__(self, decrypt: Decrypt, idle_limit: float = IDLE_LIMIT) -> None:
        self._decrypt, self._idle_limit = decrypt, idle_limit
        self.line = Line()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._shells: dict[str, Shell] = {}
        self._runner: web.AppRunner | None = None
        self._folder: DemoFolder | None = None
        self.port = 0

    def start(self) -> None:
        """Listen on a free port of loopback."""
        self._folder = DemoFolder()
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def stop(self) -> None:
        """End every shell and stop listening."""
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
        for shell in list(self._shells.values()):
            self._end(shell, "")
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
        """Make a session for a container; returns ExecuteCommand's `session` member."""
        session_id = f"ecs-execute-command-{secrets.token_hex(9)[:17]}"
        assert self._folder is not None, "not started"
        home = self._folder.path / runtime_id
        home.mkdir(mode=0o700, exist_ok=True)
        shell = Shell(
            session_id,
            secrets.token_urlsafe(48),
            task_id,
            label,
            command or "/bin/sh",
            home,
            kms_key,
            target,
        )
        self._shells[session_id] = shell
        return self._answer(shell)

    def resume(self, session_id: str) -> dict[str, str]:
        """A new token for a session that lives; {} for one that does not."""
        shell = self._shells.get(session_id)
        if shell is None or shell.over:
            return {}
        shell.token = secrets.token_urlsafe(48)
        answer = self._answer(shell)
        return {"TokenValue": answer["tokenValue"], "StreamUrl": answer["streamUrl"]}

    def _answer(self, shell: Shell) -> dict[str, str]:
        url = f"ws://127.0.0.1:{self.port}/v1/data-channel/{shell.session_id}"
        return {
            "sessionId": shell.session_id,
            "streamUrl": f"{url}?role=publish_subscribe",
            "tokenValue": shell.token,
        }

    def terminate(self, session_id: str) -> None:
        """ssm:TerminateSession: the shell ends and the client is told."""
        self._loop.call_soon_threadsafe(self._terminate, session_id)

    def change_line(self, fields: dict[str, Any]) -> None:
        """Make the line worse or better; `cut` breaks every connection now.

        Raises:
            TypeError: There is no such fault.
        """
        cut = fields.pop("cut", False)
        self.line.change(fields)
        if cut:
            self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for shell in self._shells.values():
            if shell.transport is not None:
                shell.transport.abort()

    def task_stopping(self, task_id: str) -> None:
        """The task is being stopped: its shells end with it, a moment later."""

        def later() -> None:
            for shell in list(self._shells.values()):
                if shell.task_id == task_id:
                    self._loop.call_later(2.0, self._end, shell, "")

        self._loop.call_soon_threadsafe(later)

    def live_sessions(self) -> list[str]:
        """Ids of the sessions whose shell runs."""
        return [
            item.session_id
            for item in self._shells.values()
            if item.pty is not None and not item.over
        ]

    def _terminate(self, session_id: str) -> None:
        shell = self._shells.get(session_id)
        if shell is not None:
            self._end(shell, "")

    # -- the channel

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        headers = {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in request.headers.items()}
        headers["REQUEST_METHOD"] = request.method
        if refusal := from_elsewhere(headers, f"127.0.0.1:{self.port}"):
            raise web.HTTPForbidden(text=refusal)
        socket = web.WebSocketResponse(max_msg_size=1 << 20, compress=False, autoping=False)
        await socket.prepare(request)
        shell = self._shells.get(request.match_info["session"])
        if self.line.faults.refuse or not await self._admit(socket, shell):
            await socket.close(code=1008, message=b"token refused")
            return socket
        assert shell is not None
        shell.socket = socket
        shell.transport = request.transport
        wire: asyncio.Queue[bytes] = asyncio.Queue()
        shell.downstream = self.line.direction(wire.put_nowait)
        upstream = self.line.direction(lambda data: self._receive(shell, data))
        jobs = [
            asyncio.create_task(self._transmit(wire, socket)),
            asyncio.create_task(self._feed(shell)),
            asyncio.create_task(self._housekeeping(shell)),
        ]
        try:
            self._greet(shell)
            async for item in socket:
                faults = self.line.faults
                if item.type == WSMsgType.BINARY and not faults.deaf:
                    upstream.send(item.data)
                elif item.type == WSMsgType.PING and not faults.silent:
                    await socket.pong(item.data)
        finally:
            for job in jobs:
                job.cancel()
            if shell.socket is socket:
                shell.socket = shell.transport = None
        return socket

    async def _admit(self, socket: web.WebSocketResponse, shell: Shell | None) -> bool:
        """Whether the first frame opens this session: the right token, for the first time."""
        try:
            async with asyncio.timeout(10):
                first = await socket.receive()
                while first.type == WSMsgType.PING:  # the plugin may ping before it says a word
                    await socket.pong(first.data)
                    first = await socket.receive()
            if first.type != WSMsgType.TEXT:
                return False
            token = payloads.read(first.data.encode(), _Opening).TokenValue
        except (TimeoutError, payloads.PayloadError):
            return False
        if shell is None or not shell.token:
            return False
        if not hmac.compare_digest(shell.token.encode(), token.encode()):
            return False
        shell.token = ""
        return True

    def _greet(self, shell: Shell) -> None:
        if shell.outgoing is not None:  # a resumed session: what was lost goes out again
            shell.outgoing.resend_all()
            return
        shell.outgoing = Outgoing(MessageType.OUTPUT, shell.to_send.put_nowait, time.monotonic)
        shell.incoming = Incoming(shell.to_send.put_nowait)
        actions: list[dict[str, Any]] = [
            {
                "ActionType": handshake.SESSION_TYPE,
                "ActionParameters": {
                    "SessionType": "InteractiveCommands",
                    "Properties": {"linux": {"commands": shell.command}},
                },
            }
        ]
        if shell.kms_key:
            parameters = {"KMSKeyId": shell.kms_key}
            action = {"ActionType": handshake.KMS_ENCRYPTION, "ActionParameters": parameters}
            actions.insert(0, action)
        request = {"AgentVersion": AGENT_VERSION, "RequestedClientActions": actions}
        shell.outgoing.send(json.dumps(request).encode(), PayloadType.HANDSHAKE_REQUEST)

    async def _transmit(self, wire: asyncio.Queue[bytes], socket: web.WebSocketResponse) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await socket.send_bytes(await wire.get())

    @staticmethod
    async def _feed(shell: Shell) -> None:
        """What the agent sends goes down the line, for better or worse."""
        while True:
            data = await shell.to_send.get()
            if shell.downstream is not None:
                shell.downstream.send(data)

    async def _housekeeping(self, shell: Shell) -> None:
        while True:
            await asyncio.sleep(0.1)
            if shell.outgoing is not None:
                shell.outgoing.resend_due()
            if time.monotonic() - shell.active_at > self._idle_limit:
                self._end(shell, IDLE_TEXT)

    def _receive(self, shell: Shell, data: bytes) -> None:
        assert shell.outgoing is not None and shell.incoming is not None
        try:
            message = decode(data)
        except FrameError:
            return
        if message.kind == MessageType.ACKNOWLEDGE:
            shell.outgoing.acknowledged(message.payload)
            self._flush(shell)
        elif message.kind == MessageType.INPUT:
            shell.active_at = time.monotonic()
            for ready in shell.incoming.receive(message):
                self._take(shell, ready)

    def _take(self, shell: Shell, message: Message) -> None:
        assert shell.outgoing is not None
        if message.payload_type == PayloadType.HANDSHAKE_RESPONSE:
            if shell.kms_key:
                self._challenge(shell, message.payload)
            else:
                self._complete(shell)
        elif message.payload_type == PayloadType.CHALLENGE_RESPONSE and shell.cipher is not None:
            answer = self._opened(shell, handshake.challenged(message.payload))
            if answer == shell.challenge:
                self._complete(shell)
            else:
                self._end(shell, "Encryption challenge failed.")
        elif message.payload_type == PayloadType.OUTPUT and shell.pty is not None:
            keys = self._opened(shell, message.payload)
            if keys is not None:
                shell.pty.write(keys)
        elif message.payload_type == PayloadType.SIZE and shell.pty is not None:
            with contextlib.suppress(payloads.PayloadError):
                size = payloads.read(message.payload, _Size)
                shell.pty.resize(size.cols, size.rows)
        elif message.payload_type == PayloadType.FLAG and message.payload[-1:] == bytes(
            [TERMINATE]
        ):
            self._end(shell, "")

    @staticmethod
    def _opened(shell: Shell, data: bytes) -> bytes | None:
        """`data` in plain; None where it was not encrypted for this session."""
        if shell.cipher is None:
            return data
        try:
            return shell.cipher.decrypt(data)
        except CipherError:
            return None

    def _challenge(self, shell: Shell, response: bytes) -> None:
        """Have the client prove that it holds the key whose ciphertext it has sent."""
        assert shell.outgoing is not None
        blob = handshake.data_key(response)
        context = {"aws:ssm:SessionId": shell.session_id, "aws:ssm:TargetId": shell.target}
        try:
            if blob is None:
                raise ValueError("no data key")
            shell.cipher = Cipher(self._decrypt(blob, context), agent=True)
        except Exception as error:  # whatever moto's KMS raises for a wrong key or context
            self._end(shell, f"Fetching data key failed: {type(error).__name__}")
            return
        shell.challenge = secrets.token_bytes(64)
        sealed = shell.cipher.encrypt(shell.challenge)
        shell.outgoing.send(handshake.challenge(sealed), PayloadType.CHALLENGE_REQUEST)

    def _complete(self, shell: Shell) -> None:
        assert shell.outgoing is not None
        complete = {"HandshakeTimeToComplete": 1_000_000, "CustomerMessage": ""}
        shell.outgoing.send(json.dumps(complete).encode(), PayloadType.HANDSHAKE_COMPLETE)
        self._start(shell)

    def _start(self, shell: Shell) -> None:
        try:
            argv = shlex.split(shell.command)
        except ValueError:
            argv = [shell.command]
        if not argv or shutil.which(argv[0]) is None:
            program = argv[0] if argv else ""
            self._end(
                shell,
                f"Unable to start command: Failed to start pty: fork/exec {program}: "
                "no such file or directory",
            )
            return
        # The first words set the scratch home as the working directory; then the command itself.
        start = ["/bin/sh", "-c", 'cd "$HOME" && exec "$@"', "sh", *argv]
        short = f"{shell.label} {shell.task_id[:7]}"
        env = {
            "HOME": str(shell.home),
            "HOSTNAME": shell.task_id[:12],
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PS1": f"[{short}] # ",
            "TERM": "xterm-256color",
            "ECS_CONTAINER": shell.label,
        }
        shell.pty = PtyProcess(
            start,
            env,
            lambda data: self._output(shell, data),
            lambda status: self._exited(shell, status),
        )

    def _output(self, shell: Shell, data: bytes) -> None:
        shell.active_at = time.monotonic()
        shell.pending += data
        self._flush(shell)

    def _flush(self, shell: Shell) -> None:
        """Send what waits, while the window has room; read the shell only as fast as that."""
        assert shell.outgoing is not None
        while shell.pending and shell.outgoing.under_way < WINDOW:
            data = bytes(shell.pending[:MAX_PAYLOAD])
            if shell.cipher is not None:
                data = shell.cipher.encrypt(data)
            shell.outgoing.send(data, PayloadType.OUTPUT)
            del shell.pending[:MAX_PAYLOAD]
        if shell.pty is not None and shell.pty.alive:
            if shell.pending:
                shell.pty.pause()
            else:
                shell.pty.resume()
        if shell.exit_status is not None and not shell.pending:
            self._end(shell, "")

    def _exited(self, shell: Shell, status: int) -> None:
        shell.exit_status = status
        self._flush(shell)

    def _end(self, shell: Shell, text: str) -> None:
        """Close the channel, after what was sent before; kill what still runs."""
        if shell.over:
            return
        shell.over = True
        payload = {
            "MessageId": secrets.token_hex(16),
            "CreatedDate": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "DestinationId": shell.session_id,
            "SessionId": shell.session_id,
            "MessageType": "channel_closed",
            "SchemaVersion": 1,
            "Output": text,
        }
        closing = Message(MessageType.CHANNEL_CLOSED, json.dumps(payload).encode())
        asyncio.ensure_future(self._finish(shell, closing), loop=self._loop)

    async def _finish(self, shell: Shell, closing: Message) -> None:
        # Everything that was printed arrives first; a client that is gone is not waited for.
        deadline = time.monotonic() + 2
        while (  # noqa: ASYNC110 - three conditions, one of them a clock
            shell.socket is not None
            and shell.outgoing is not None
            and shell.outgoing.under_way
            and time.monotonic() < deadline
        ):
            await asyncio.sleep(0.01)
        shell.to_send.put_nowait(closing.encode())
        if shell.pty is not None:
            shell.pty.signal(signal.SIGHUP)
            shell.pty.close()
            self._loop.call_later(1.0, shell.pty.signal, signal.SIGKILL)
        await asyncio.sleep(0.5)
        if shell.socket is not None:
            await shell.socket.close()
        self._shells.pop(shell.session_id, None)
