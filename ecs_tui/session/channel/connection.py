"""One WebSocket of a session: opening it, sending, receiving, and noticing that nothing answers."""

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
"""The plugin version whose behaviour this client follows; agents look at it."""
PING_AFTER = 3.0
"""Seconds without a word from the other end after which it is pinged (RFC 6455, 5.5.2)."""
STALLED_AFTER = 5.0
"""Seconds that a ping or a message may stay unanswered before that is told."""
GIVE_UP_AFTER = 15.0
"""Seconds without a word, pings included, after which the connection counts as broken."""
BACKLOG = 4_000
"""Messages that wait to be sent from which on nothing is received: the answers to a flood must not
grow without end while the other end does not read them."""
_LOOK = 0.5
_CONNECT = 10.0


class Refused(aiohttp.ClientError):
    """Where the session's token must not be sent: another address, or one without TLS."""


class Unusable(aiohttp.ClientError):
    """The proxy or the file of trusted CAs that the environment names cannot be used."""


def check_address(url: str) -> None:
    """Raise unless the token may be sent there: TLS, or this machine itself (RFC 8252, 8.3).

    Raises:
        Refused: It may not.
    """
    try:
        address = URL(url)
        port_is_sane = address.port is not None
    except ValueError:
        raise Refused("the address of the session is none") from None
    if not (address.scheme == "wss" and address.host and port_is_sane) and not (
        address.scheme == "ws" and _is_loopback(address.host or "")
    ):
        raise Refused("the address of the session is not wss://")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _without_redirects(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Raise at a redirect: what is behind it would get the session's token."""
    response = await handler(request)
    if 300 <= response.status < 400:
        response.close()
        raise Refused("the gateway leads to another address")
    return response


def client_session() -> aiohttp.ClientSession:
    """What opens the sockets of a session: no redirects, no cookies, no limit on its length."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT),
        middlewares=(_without_redirects,),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class Connection:
    """Serves one WebSocket after another of the same session.

    Args:
        to_send: Encoded messages; what is in it when a socket breaks is sent again by its stream.
        on_message: Takes a binary message.
        unanswered: Seconds that the oldest of our messages has been without acknowledgement.
        on_stalled: Told once when nothing answers (with seconds), and once (None) when it does.
        on_alive: Told with the first word on each new socket: a gateway may accept and refuse.
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
        self._heard_at = 0.0
        self._pinged_at = 0.0
        self._stalled = False
        self.opened = False

    async def serve(
        self, http: aiohttp.ClientSession, url: str, token: str, on_open: Callable[[], object]
    ) -> None:
        """Open the channel and serve it until it is closed or broken.

        Raises:
            aiohttp.ClientError, OSError, TimeoutError: It could not be opened.
        """
        check_address(url)
        try:
            proxy = proxy_for(url)
            # A file of CAs takes some milliseconds to read; a socket is opened once an hour.
            tls = await asyncio.to_thread(trusted) if url.startswith("wss:") else True
        except (OSError, ValueError) as error:
            raise Unusable(f"{network_words(error)}") from None
        async with asyncio.timeout(_CONNECT):
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
            self._heard_at, self._pinged_at = self._clock(), 0.0
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
            self._heard_at = self._clock()
            if not self._alive:
                self._alive = True
                self._on_alive()
            if item.type == aiohttp.WSMsgType.BINARY:
                self._on_message(item.data)
                if self._to_send.qsize() > BACKLOG:
                    self._room.clear()
                    await self._room.wait()
            elif item.type == aiohttp.WSMsgType.PING:
                await socket.pong(item.data)

    async def _transmit(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await socket.send_bytes(await self._to_send.get())
            if self._to_send.qsize() < BACKLOG // 2:
                self._room.set()

    async def _watch(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Ping what is silent; tell when it does not answer; end when it never will."""
        looked_at = self._clock()
        while True:
            await asyncio.sleep(_LOOK)
            now = self._clock()
            if now - looked_at > 4 * _LOOK:
                # This process stood still (its terminal was not read): silence proves nothing.
                self._heard_at = now
            looked_at = now
            silent = now - self._heard_at
            if silent > GIVE_UP_AFTER:
                return
            if silent > PING_AFTER and now - self._pinged_at > PING_AFTER:
                self._pinged_at = now
                await socket.ping()
            waiting = max(self._unanswered(), silent - PING_AFTER)
            stalled = waiting > (STALLED_AFTER / 2 if self._stalled else STALLED_AFTER)
            if stalled != self._stalled:
                self._stalled = stalled
                self._on_stalled(waiting if stalled else None)


def _opening(token: str) -> str:
    """The first frame, as text: the token and who we are."""
    return json.dumps(
        {
            "MessageSchemaVersion": "1.0",
            "RequestId": str(uuid.uuid4()),
            "TokenValue": token,
            "ClientId": str(uuid.uuid4()),
            "ClientVersion": CLIENT_VERSION,
        }
    )
