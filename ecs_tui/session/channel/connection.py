"""The WebSocket of a session: opening, sending, receiving, and detecting a stalled connection."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import uuid
from collections.abc import Callable

import aiohttp
from yarl import URL

from ecs_tui.session.channel.network import network_words, proxy_for, trusted

CLIENT_VERSION = "1.2.707.0"
"""The plugin version whose behaviour this client follows; agents check it."""
PING_SECONDS = 3.0
"""Seconds without a frame from the other end after which it is pinged (RFC 6455, 5.5.2)."""
STALLED_SECONDS = 5.0
"""Seconds without an answer to a ping or message after which a stall is reported."""
GIVE_UP_SECONDS = 15.0
"""Seconds without any frame, pongs included, after which the connection counts as broken."""
MAX_BACKLOG_MESSAGES = 4_000
"""Receiving pauses while more messages than this wait to be sent: acknowledgements of a flood must
not pile up while the other end does not read."""
_LOOK_SECONDS = 0.5
"""Seconds between two checks of the times of the last pings and answers."""
_CONNECT_SECONDS = 10.0
"""Seconds for the TCP connection, TLS and the WebSocket handshake."""


class Refused(aiohttp.ClientError):
    """The session's token must not be sent there: another host, or no TLS."""


class Unusable(aiohttp.ClientError):
    """The proxy or the CA bundle from the environment is unusable."""


def check_address(url: str) -> None:
    """Check that the token may be sent to `url`: TLS, or loopback (RFC 8252, 8.3).

    Raises:
        Refused: The token must not be sent there.
    """
    try:
        address = URL(url)
        port_is_sane = address.port is not None
    except ValueError:
        raise Refused("the session URL is invalid") from None
    if not (address.scheme == "wss" and address.host and port_is_sane) and not (
        address.scheme == "ws" and _is_loopback(address.host or "")
    ):
        raise Refused("the session URL is not wss://")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _without_redirects(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Raise `Refused` on a redirect: its target would get the session's token."""
    response = await handler(request)
    if 300 <= response.status < 400:
        response.close()
        raise Refused("the gateway redirects to another address")
    return response


def client_session() -> aiohttp.ClientSession:
    """The HTTP session for the WebSockets: no redirects, no cookies, no total time limit."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
        middlewares=(_without_redirects,),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class DataChannel:
    """Serves the WebSockets of a session, one at a time.

    Args:
        to_send: Encoded messages; the stream sends them again if the socket breaks.
        on_message: Called with each binary message.
        unanswered: Seconds for which the oldest message has not been acknowledged.
        on_stalled: Called with the seconds at a stall, and with None when it ends.
        on_alive: Called at the first message on each socket: a gateway may accept the socket and
            then refuse the session.
    """

    def __init__(
        self,
        to_send: asyncio.Queue[bytes],
        on_message: Callable[[bytes], None],
        unanswered: Callable[[], float],
        on_stalled: Callable[[float | None], None],
        on_alive: Callable[[], None],
    ) -> None:
        self._to_send, self._on_message = to_send, on_message
        self._unanswered, self._on_stalled = unanswered, on_stalled
        self._on_alive, self._alive = on_alive, False
        self._clock = asyncio.get_running_loop().time
        self._room = asyncio.Event()
        self._received_at = 0.0
        self._pinged_at = 0.0
        self._stalled = False
        self.opened = False

    async def serve(
        self, http: aiohttp.ClientSession, url: str, token: str, on_open: Callable[[], object]
    ) -> None:
        """Open the WebSocket and serve it until it is closed or broken.

        Raises:
            aiohttp.ClientError, OSError, TimeoutError: It could not be opened.
        """
        check_address(url)
        try:
            proxy = proxy_for(url)
            # In a thread: reading the CA bundle blocks for milliseconds. Sockets are rarely opened.
            tls = await asyncio.to_thread(trusted) if url.startswith("wss:") else True
        except (OSError, ValueError) as error:
            raise Unusable(f"{network_words(error)}") from None
        async with asyncio.timeout(_CONNECT_SECONDS):
            socket = await http.ws_connect(
                url,
                autoping=False,
                max_msg_size=1 << 20,
                proxy=proxy,
                ssl=tls,
                compress=0,
                timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
            )
        try:
            await socket.send_str(_opening(token))
            self.opened, self._alive = True, False
            self._received_at, self._pinged_at = self._clock(), 0.0
            on_open()
            await socket.ping()
            await self._run(socket)
        finally:
            with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await socket.close()

    async def _run(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        jobs = [
            asyncio.create_task(job)
            for job in (self._receive(socket), self._transmit(socket), self._watch(socket))
        ]
        try:
            await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for job in jobs:
                job.cancel()
            for outcome in await asyncio.gather(*jobs, return_exceptions=True):
                broken = (aiohttp.ClientError, OSError, asyncio.CancelledError)
                if isinstance(outcome, BaseException) and not isinstance(outcome, broken):
                    raise outcome

    async def _receive(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for item in socket:
            self._received_at = self._clock()
            if not self._alive:
                self._alive = True
                self._on_alive()
            if item.type == aiohttp.WSMsgType.BINARY:
                self._on_message(item.data)
                if self._to_send.qsize() > MAX_BACKLOG_MESSAGES:
                    self._room.clear()
                    await self._room.wait()
            elif item.type == aiohttp.WSMsgType.PING:
                await socket.pong(item.data)

    async def _transmit(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await socket.send_bytes(await self._to_send.get())
            if self._to_send.qsize() < MAX_BACKLOG_MESSAGES // 2:
                self._room.set()

    async def _watch(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Ping a silent connection; report a stall; close a broken one."""
        looked_at = self._clock()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = self._clock()
            if now - looked_at > 4 * _LOOK_SECONDS:
                # This process was blocked (its terminal was not read), so silence proves nothing.
                self._received_at = now
            looked_at = now
            silent = now - self._received_at
            if silent > GIVE_UP_SECONDS:
                return
            if silent > PING_SECONDS and now - self._pinged_at > PING_SECONDS:
                self._pinged_at = now
                await socket.ping()
            waiting = max(self._unanswered(), silent - PING_SECONDS)
            stalled = waiting > (STALLED_SECONDS / 2 if self._stalled else STALLED_SECONDS)
            if stalled != self._stalled:
                self._stalled = stalled
                self._on_stalled(waiting if stalled else None)


def _opening(token: str) -> str:
    """The first frame, as text: the token and the client."""
    return json.dumps(
        {
            "MessageSchemaVersion": "1.0",
            "RequestId": str(uuid.uuid4()),
            "TokenValue": token,
            "ClientId": str(uuid.uuid4()),
            "ClientVersion": CLIENT_VERSION,
        }
    )
