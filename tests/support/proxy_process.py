"""The proxy of `proxy.py` as a process, and servers with TLS that are reached through it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.support.certificates import make
from tests.support.proxy import pump

GATEWAY, API = "ssmmessages.far.test", "api.far.test"
"""Names that only the proxy resolves: of a session's endpoint and of the AWS APIs."""
PASSWORD = "s3cret-of-the-proxy"


class Proxy:
    """The running proxy.

    Attributes:
        port: Where it listens on loopback.
        asked: Each CONNECT: `method`, `where` (host:port) and `auth` (whether with a password).
    """

    def __init__(self, child: asyncio.subprocess.Process, port: int) -> None:
        self._child, self.port = child, port
        self.asked: list[dict[str, Any]] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._child.stdout is not None
        async for line in self._child.stdout:
            self.asked.append(json.loads(line))

    async def close(self) -> None:
        """End it; `asked` is complete then."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        await self._child.wait()
        await self._reading


@contextlib.asynccontextmanager
async def proxy(*argv: str) -> AsyncIterator[Proxy]:
    """Serve until the block ends.

    Args:
        argv: As in `proxy.py`: `HOST=PORT` for each host, `--refuse STATUS`.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.proxy", *argv,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    served = Proxy(child, json.loads(await child.stdout.readline())["port"])
    try:
        yield served
    finally:
        await served.close()


@contextlib.asynccontextmanager
async def with_tls(folder: Path, port: int) -> AsyncIterator[tuple[Path, int]]:
    """A server with TLS, for `GATEWAY` and `API`, in front of a plain one at `port`.

    Yields:
        The file of the CA that signed its certificate, and its port.
    """
    bundle, context = make(folder, GATEWAY, API)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield bundle, server.sockets[0].getsockname()[1]
    finally:
        server.close()
