"""The HTTP session of all clients: limits the size of answers and follows no redirects.

Imported only when a client is created, because aiobotocore is slow to import.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from ssl import SSLContext
from typing import Protocol

from aiobotocore.httpsession import AIOHTTPSession

from ecs_tui.aws.exchange import EXCHANGE, HEAD_BYTES, Exchange
from ecs_tui.aws.unstubbed import Unstubbed

_Session: Unstubbed = AIOHTTPSession
MAX_ANSWER_BYTES = 16 * 2**20
"""Maximum bytes of an answer. 100 tasks with their containers take less than 1 MB."""
MAX_ANSWER_SECONDS = 120.0
"""Maximum seconds for one answer, even if its bytes arrive steadily."""


_Contexts = tuple[SSLContext, SSLContext | None]
"""The context of the endpoint, and that of the proxy."""
_SHARED: dict[tuple[object, float], SSLContext] = {}
"""The contexts by botocore's `verify` (a bundle's path, or a bool) and when the bundle was changed."""


def _stamp(verify: object) -> float:
    """When a bundle of CAs was changed last; 0 for botocore's own."""
    return os.stat(verify).st_mtime if isinstance(verify, str) else 0.0


class _Content(Protocol):
    def iter_chunked(self, n: int) -> AsyncIterator[bytes]:
        """The body, in pieces of at most `n` bytes."""


class _HttpResponse(Protocol):
    """The part of aiohttp's response that is used."""

    status: int
    headers: Mapping[str, str]
    content: _Content

    def close(self) -> None:
        """Close the connection."""


class _HttpSession(Protocol):
    """The part of aiohttp's session that is used."""

    async def request(self, method: str, **options: object) -> _HttpResponse:
        """Send a request; returns when the answer's headers have arrived."""


class BoundedSession(_Session):  # type: ignore[misc]
    """aiobotocore's session, whose aiohttp session is wrapped in `_Client`."""

    async def _get_session(self, proxy_url: str | None) -> _Client:
        return _Client(await super()._get_session(proxy_url))

    def _build_ssl_contexts(self, proxy_url: str | None) -> _Contexts:
        # Reading the CAs takes 20 ms: clients with the same ones share a context.
        if proxy_url or self._cert_file:
            own: _Contexts = super()._build_ssl_contexts(proxy_url)
            return own
        key = (self._verify, _stamp(self._verify))
        if key not in _SHARED:
            _SHARED[key] = self._build_verify_context()
        return _SHARED[key], None


class _Client:
    """An aiohttp session whose `request` records the exchange."""

    def __init__(self, session: _HttpSession) -> None:
        self._session = session

    async def request(self, method: str, **options: object) -> _Response:
        """Like aiohttp's `request`.

        Redirects are not followed: AWS sends none for these operations, and aiohttp would send
        the session token to the redirect's target.
        """
        exchange = EXCHANGE.get() or Exchange()
        async with asyncio.timeout(MAX_ANSWER_SECONDS):
            response = await self._session.request(method, allow_redirects=False, **options)
        exchange.status = response.status
        exchange.content_type = response.headers.get("Content-Type", "")
        exchange.location = response.headers.get("Location", "")
        exchange.date = response.headers.get("Date", "")
        exchange.head, exchange.too_large = b"", 0
        return _Response(response, exchange)


class _Response:
    """An aiohttp response whose `read` stops at `MAX_ANSWER_BYTES` or after `MAX_ANSWER_SECONDS`."""

    def __init__(self, response: _HttpResponse, exchange: Exchange) -> None:
        self._response, self._exchange = response, exchange

    def __getattr__(self, name: str) -> object:
        found: object = getattr(self._response, name)
        return found

    async def read(self) -> bytes:
        """The body; b"" if it is too large (then the exchange's `too_large` is set)."""
        parts: list[bytes] = []
        size = 0
        async with asyncio.timeout(MAX_ANSWER_SECONDS):
            async for part in self._response.content.iter_chunked(65536):
                parts.append(part)
                size += len(part)
                if not self._exchange.head or len(self._exchange.head) < HEAD_BYTES:
                    self._exchange.head += part[: HEAD_BYTES - len(self._exchange.head)]
                if size > MAX_ANSWER_BYTES:
                    self._exchange.too_large = MAX_ANSWER_BYTES
                    self._response.close()
                    return b""
        return b"".join(parts)
