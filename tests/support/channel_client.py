"""The built-in session client in this process, in virtual time, connected to the scripted peer."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from ecs_tui.session.channel import report
from ecs_tui.session.channel.arguments import Start
from ecs_tui.session.channel.client import Client
from tests.support.peer import COMPLETE, HANDSHAKE, RESPONSE, SIZE, Peer, shell_request

TOKEN = "token-0"
TARGET = "ecs:prod_0123_4567"


class Talk:
    """A running client.

    Attributes:
        peer: The far end.
        keyboard: The file descriptor that leads to its stdin.
        task: Its `run`.
    """

    def __init__(self, peer: Peer, **fields: Any) -> None:
        self.peer = peer
        self._out, self._said = (tempfile.TemporaryFile() for _ in range(2))  # noqa: SIM115
        stdin, self.keyboard = os.pipe()
        os.set_blocking(self.keyboard, False)
        self._stdin = stdin
        start = Start("ecs-session", peer.url, TOKEN, "us-east-1", "", TARGET, peer.endpoint)
        self.client = Client(
            replace(start, **fields),
            stdin,
            self._out.fileno(),
            report.Reporter({report.VARIABLE: str(self._said.fileno())}),
        )
        self.started_at = asyncio.get_running_loop().time()
        self.task = asyncio.create_task(self.client.run())

    def type(self, data: bytes) -> None:
        """Write to its stdin."""
        os.write(self.keyboard, data)

    @property
    def out(self) -> bytes:
        """Its stdout so far."""
        return os.pread(self._out.fileno(), 1 << 26, 0)

    @property
    def reports(self) -> list[tuple[str, str]]:
        """(event, words) of its reports to the app so far."""
        data = os.pread(self._said.fileno(), 1 << 20, 0)
        return [(item.event, item.words) for item in report.ReportReader().take(data)]

    @property
    def passed(self) -> float:
        """Virtual seconds since its start."""
        return asyncio.get_running_loop().time() - self.started_at

    async def ends(self) -> int:
        """Wait for its end; returns its exit status."""
        async with asyncio.timeout(1000):
            return await self.task

    async def close(self) -> None:
        """End it."""
        self.task.cancel()
        await asyncio.wait({self.task})
        if not self.task.cancelled():
            self.task.exception()  # the test has looked where it matters
        for fd in (self._stdin, self.keyboard):
            os.close(fd)
        self._out.close()
        self._said.close()


async def reached(condition: Callable[[], Any], what: str, seconds: float = 300) -> Any:
    """Wait until a condition holds, at most so many virtual seconds; returns its value."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not (value := condition()):
        assert loop.time() < end, f"not within {seconds} virtual seconds: {what}"
        await asyncio.sleep(0.01)
    return value


@asynccontextmanager
async def client(**fields: Any) -> AsyncIterator[tuple[Peer, Talk]]:
    """A peer, and a client that has opened its channel there.

    Args:
        fields: Fields of `Start`, instead of those of `Talk`.
    """
    async with Peer() as peer:
        talk = Talk(peer, **fields)
        try:
            await reached(lambda: peer.openings or talk.task.done(), "the first frame")
            yield peer, talk
        finally:
            await talk.close()


@asynccontextmanager
async def shell() -> AsyncIterator[tuple[Peer, Talk]]:
    """The same after the handshake of a shell: the client reads keys."""
    async with client() as (peer, talk):
        await peer.send(HANDSHAKE, shell_request())
        await reached(lambda: peer.stream(RESPONSE), "the handshake's answer")
        await peer.send(COMPLETE, b'{"HandshakeTimeToComplete":1000000,"CustomerMessage":""}')
        await reached(lambda: peer.stream(SIZE), "the size")
        yield peer, talk
