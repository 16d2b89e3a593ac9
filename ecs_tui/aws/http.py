"""The HTTP session of all clients: answers are bounded, redirects are not followed.

It is imported where a client is made, since aiobotocore is slow to import.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiobotocore.httpsession import AIOHTTPSession

from ecs_tui.aws.exchange import EXCHANGE, HEAD, Exchange

# Its method is not in the type stubs.
_Session: Any = AIOHTTPSession
LARGEST = 16 * 2**20
"""Bytes of an answer. 100 tasks with their containers take less than 1 MB."""
LONGEST = 120.0
"""Seconds that one answer may take, however steadily its bytes drip."""


class BoundedSession(_Session):  # type: ignore[misc]
    """aiobotocore's session, around an aiohttp session that is `_Client`."""

    async def _get_session(self, proxy_url: str | None) -> Any:
        return _Client(await super()._get_session(proxy_url))


class _Client:
    """An aiohttp session's `request`, watched."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def request(self, method: str, **options: Any) -> Any:
        """As aiohttp's.

        A redirect is not followed: AWS sends none for these operations, and aiohttp would send
        the session token on to wherever it points.
        """
        exchange = EXCHANGE.get() or Exchange()
        async with asyncio.timeout(LONGEST):
            response = await self._session.request(method, allow_redirects=False, **options)
        exchange.status = response.status
        exchange.content_type = response.headers.get("Content-Type", "")
        exchange.location = response.headers.get("Location", "")
        exchange.date = response.headers.get("Date", "")
        exchange.head, exchange.too_large = b"", 0
        return _Response(response, exchange)


class _Response:
    """An aiohttp response whose `read` stops at `LARGEST` bytes or after `LONGEST` seconds."""

    def __init__(self, response: Any, exchange: Exchange) -> None:
        self._response, self._exchange = response, exchange

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)

    async def read(self) -> bytes:
        """The body; b"" where it is too large, which the exchange says."""
        parts: list[bytes] = []
        size = 0
        async with asyncio.timeout(LONGEST):
            async for part in self._response.content.iter_chunked(65536):
                parts.append(part)
                size += len(part)
                if not self._exchange.head or len(self._exchange.head) < HEAD:
                    self._exchange.head += part[: HEAD - len(self._exchange.head)]
                if size > LARGEST:
                    self._exchange.too_large = LARGEST
                    self._response.close()
                    return b""
        return b"".join(parts)
