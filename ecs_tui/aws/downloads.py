"""Objects of S3: read piece by piece through the gate, with a deadline on silence."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol, runtime_checkable

from ecs_tui.aws.gate import Gate, operation_of
from ecs_tui.errors import BadAnswer, NoNetwork
from ecs_tui.record import dataclass

log = logging.getLogger("ecs_tui.aws")
PIECE_BYTES = 64 * 1024
MAX_SILENCE_SECONDS = 30.0
"""Seconds without a byte after which a download has failed."""


@runtime_checkable
class _Body(Protocol):
    """The part of aiobotocore's streaming body that is used."""

    async def read(self, amt: int) -> bytes:
        """At most `amt` bytes; b"" at the end."""

    def close(self) -> None:
        """Close the connection."""


@dataclass(frozen=True, slots=True)
class Download:
    """An object that is being read.

    Attributes:
        answer: The call's answer.
        pieces: Its bytes.
    """

    answer: Mapping[str, object]
    pieces: AsyncIterator[bytes]


@contextlib.asynccontextmanager
async def open_download(
    gate: Gate,
    method: Callable[..., Awaitable[Mapping[str, object]]],
    params: Mapping[str, object],
) -> AsyncIterator[Download]:
    """Open an object within the call budget; the connection is closed with the block.

    Args:
        gate: The gate of the account.
        method: A client's method whose answer has the member `Body`.
        params: The call's parameters.

    Raises:
        AwsError: It was refused; while reading: it broke off, or nothing came for too long.
    """
    answer = await gate.download(method, **params)
    body, name = answer.get("Body"), str(operation_of(method))
    if not isinstance(body, _Body):
        raise BadAnswer(f"The answer to {name} is not usable: no Body.", operation=name)
    try:
        yield Download(answer, _pieces(body, name))
    finally:
        body.close()
        log.info("%s closed", name)


async def _pieces(body: _Body, name: str) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(MAX_SILENCE_SECONDS):
                piece = await body.read(PIECE_BYTES)
        except TimeoutError:
            raise NoNetwork(
                f"{name}: no byte came for {MAX_SILENCE_SECONDS:g} s.",
                "Check network and proxy, then read it again.",
                operation=name,
            ) from None
        except Exception as error:
            raise NoNetwork(
                f"The download of {name} broke off ({type(error).__name__}).",
                "Check network and proxy, then read it again.",
                operation=name,
            ) from error
        if not piece:
            return
        yield piece
