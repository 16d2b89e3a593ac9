"""Event streams of AWS: read through the gate, with a deadline on silence and translated errors."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol, runtime_checkable

from ecs_tui.aws.exchange import Exchange
from ecs_tui.aws.gate import AwsOperation, Gate, operation_of
from ecs_tui.errors import BadAnswer, EcsTuiError, NoNetwork

log = logging.getLogger("ecs_tui.aws")
MAX_SILENCE_SECONDS = 15.0
"""Seconds without an event after which a stream counts as broken. Live Tail sends one every second,
even an empty one (CloudWatch Logs API Reference, StartLiveTail)."""

Event = Mapping[str, object]
"""An event: its type, and the members of that type."""


@runtime_checkable
class _Stream(Protocol):
    """The part of aiobotocore's event stream that is used."""

    def __aiter__(self) -> AsyncIterator[Event]:
        """The events."""

    def close(self) -> None:
        """Close the connection."""


@contextlib.asynccontextmanager
async def open_stream(
    gate: Gate,
    method: Callable[..., Awaitable[Mapping[str, object]]],
    member: str,
    params: Mapping[str, object],
    silence_seconds: float,
) -> AsyncIterator[AsyncIterator[Event]]:
    """Open an event stream within the call budget; the connection is closed with the block.

    Args:
        gate: The gate of the account.
        method: A client's method whose answer has an event stream.
        member: The answer's member that is the stream.
        params: The call's parameters.
        silence_seconds: Seconds without an event after which it has failed.

    Yields:
        The events. Their iteration ends when AWS ends the stream.

    Raises:
        AwsError: It was refused; while iterating: AWS has ended it with an error (`code` says which),
            it is damaged, it broke off, or nothing came for too long.
    """
    answer = await gate.open(method, **params)
    stream = answer.get(member)
    operation = operation_of(method, streams=True)
    if not isinstance(stream, _Stream):
        raise BadAnswer(f"The answer to {operation} is not usable: no {member}.")
    events = _events(gate, operation, stream, params, silence_seconds)
    try:
        yield events
    finally:
        # First the connection: whoever waits for the next event then gets an error at once.
        stream.close()
        await events.aclose()
        log.info("%s closed", operation)


async def _events(
    gate: Gate,
    operation: AwsOperation,
    stream: _Stream,
    params: Mapping[str, object],
    silence_seconds: float,
) -> AsyncGenerator[Event, None]:
    following = aiter(stream)
    while True:
        try:
            async with asyncio.timeout(silence_seconds):
                event = await anext(following)
        except StopAsyncIteration:
            return
        except Exception as error:
            failure = _failure(gate, operation, error, params, silence_seconds)
            log.info("%s %s", operation, getattr(failure, "code", "") or type(failure).__name__)
            raise failure from error
        yield event


def _failure(
    gate: Gate,
    operation: AwsOperation,
    error: Exception,
    params: Mapping[str, object],
    silence_seconds: float,
) -> EcsTuiError:
    """The error for an exception in the middle of a stream."""
    from botocore.eventstream import ParserError
    from botocore.exceptions import EventStreamError
    from botocore.parsers import ResponseParserError

    name = str(operation)
    if isinstance(error, EventStreamError):
        return gate.translated(operation, error, params, Exchange(operation.name, streams=True))
    if isinstance(error, TimeoutError):
        return NoNetwork(
            f"{name}: no event came for {silence_seconds:g} s.",
            "Check network and proxy, then open it again.",
            operation=name,
        )
    if isinstance(error, (ParserError, ResponseParserError, ValueError, TypeError, KeyError)):
        return BadAnswer(
            f"The event stream of {name} is damaged ({type(error).__name__}).",
            "A proxy may be changing answers, or the endpoint is an emulator.",
            operation=name,
        )
    return NoNetwork(
        f"The event stream of {name} broke off ({type(error).__name__}).",
        "Check network and proxy, then open it again.",
        operation=name,
    )
