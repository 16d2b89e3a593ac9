"""SSM's message gateway of the demo account: it admits clients and carries the agent's messages.

It listens on loopback only. A token is valid once, and for one session.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
import threading
import time
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from ecs_tui.demo.agent import Agent, AgentSession, Decrypt
from ecs_tui.demo.audit_sessions import SessionBook, exec_session
from ecs_tui.demo.faulty_link import FaultyLink
from ecs_tui.demo.folder import DemoFolder
from ecs_tui.demo.guard import from_elsewhere
from ecs_tui.demo.transcripts import NOWHERE, RecordPlace, TranscriptWriter, refusal_of
from ecs_tui.session.channel import payloads

IDLE_SECONDS = 20 * 60.0
"""Seconds without traffic after which ECS ends a session."""
IDLE_TEXT = "Your session timed out due to inactivity and has been terminated."


class _Opening(msgspec.Struct):
    TokenValue: str


class Gateway(Agent):
    """All sessions of the demo account, served over WebSocket from one thread.

    Args:
        decrypt: KMS's Decrypt: takes (encrypted data key, encryption context), returns the key.
        idle_limit: Seconds without traffic after which a session ends.
    """

    def __init__(self, decrypt: Decrypt, idle_limit: float = IDLE_SECONDS) -> None:
        super().__init__(decrypt)
        self._idle_limit = idle_limit
        self.link = FaultyLink()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner: web.AppRunner | None = None
        self._folder: DemoFolder | None = None
        self.port = 0
        self.book = SessionBook()
        self.transcripts: TranscriptWriter | None = None

    def start(self) -> None:
        """Listen on a free loopback port."""
        self._folder = DemoFolder()
        self.transcripts = TranscriptWriter(self._folder.path)
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

    def _record(self, session: AgentSession, data: bytes) -> None:
        if self.transcripts is not None:
            self.transcripts.output(session.session_id, data)

    def _ended(self, session: AgentSession) -> None:
        self.book.ended(session.session_id)
        if self.transcripts is not None:
            self.transcripts.ended(session.session_id, lost=session.stopped)

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
        place: RecordPlace = NOWHERE,
    ) -> dict[str, str]:
        """Create a session for a container; returns `session` of ExecuteCommand's response.

        Args:
            place: Where the agent writes the session's transcript.
        """
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
            refusal_of(place),
        )
        self._sessions[session_id] = session
        self.book.opened(exec_session(session_id, place.region, target))
        assert self.transcripts is not None
        self.transcripts.opened(session_id, place)
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
                    session.stopped = True
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
