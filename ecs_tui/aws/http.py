"""The HTTP session of all clients: limits the size of answers and follows no redirects.

Imported only when a client is created, because aiobotocore is slow to import.
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiobotocore.httpsession import AIOHTTPSession

from ecs_tui.aws.exchange import EXCHANGE, HEAD_BYTES, Exchange

# Its method is not in the type stubs.
_Session: Any = AIOHTTPSession
MAX_ANSWER_BYTES = 16 * 2**20
"""Maximum bytes of an answer. 100 tasks with their containers take less than 1 MB."""
MAX_ANSWER_SECONDS = 120.0
"""Maximum seconds for one answer, even if its bytes arrive steadily."""


class BoundedSession(_Session):  # type: ignore[misc]
    """aiobotocore's session, whose aiohttp session is wrapped in `_Client`."""

    async def _get_session(self, proxy_url: str | None) -> Any:
        return _Client(await super()._get_session(proxy_url))


class _Client:
    """An aiohttp session whose `request` records the exchange."""

    def __init__(self, session: Any) -> None:
        self._session = session

    async def request(self, method: str, **options: Any) -> Any:
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

    def __init__(self, response: Any, exchange: Exchange) -> None:
        self._response, self._exchange = response, exchange

    def __getattr__(self, name: str) -> Any:
        return getattr(self._response, name)

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
