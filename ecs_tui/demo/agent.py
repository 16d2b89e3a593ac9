"""The agent at the remote end of sessions, each with a local shell.

Wire format: `ecs_tui.session.channel.message`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import shlex
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
from aiohttp import web

from ecs_tui.demo.faulty_link import Direction
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
Decrypt = Callable[[bytes, dict[str, str]], bytes]


class _Size(msgspec.Struct):
    cols: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]
    rows: Annotated[int, msgspec.Meta(ge=1, le=0xFFFF)]


@dataclass
class AgentSession:
    """An open session: its task and container, its token, and its end of the channel.

    Attributes:
        refusal: Why the agent does not start the command; "" if it does.
        stopped: Whether it ends because its task is stopped.
    """

    session_id: str
    token: str
    task_id: str
    label: str
    command: str
    home: Path
    kms_key: str = ""
    target: str = ""
    refusal: str = ""
    stopped: bool = False
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


class Agent:
    """The agent's side of all sessions: handshakes, encryption, the shells and their output.

    Args:
        decrypt: KMS's Decrypt: takes (encrypted data key, encryption context), returns the key.
    """

    def __init__(self, decrypt: Decrypt) -> None:
        self._decrypt = decrypt
        self._loop = asyncio.new_event_loop()
        self._sessions: dict[str, AgentSession] = {}
        self._finishing: set[asyncio.Task[None]] = set()

    def _record(self, session: AgentSession, data: bytes) -> None:
        """The shell printed `data`."""

    def _ended(self, session: AgentSession) -> None:
        """The session has ended."""

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
        if session.refusal:
            self._end(session, session.refusal)
            return
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
        self._record(session, data)
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
        self._ended(session)
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
