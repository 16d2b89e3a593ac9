"""The app's end of a worker that renders recorded output; a worker that fails is replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from ecs_tui.terminal.process import WorkerProcess
from ecs_tui.terminal.protocol import (
    BrokenLink,
    Reader,
    Render,
    Rendered,
    encode,
    from_worker,
)

RENDER_SECONDS = 20.0
"""Seconds that one piece of output may take: far more than an honest one needs."""
READ_BYTES = 256 * 1024
MAX_RENDERED = 100
"""Pieces that one worker renders: what an engine does not give back ends with its process."""


class Renderer:
    """Renders pieces of output, one after the other, in a process of its own.

    Args:
        engine: auto, ghostty or pyte.
    """

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._worker: WorkerProcess | None = None
        self._lock = asyncio.Lock()
        self._request = 0
        self._rendered = 0
        self._asking: asyncio.Task[Rendered] | None = None

    @property
    def pid(self) -> int:
        """The worker's process id, 0 when there is none."""
        return self._worker.child.pid if self._worker is not None else 0

    def warm(self) -> None:
        """Start the worker, which the next `render` then need not wait for.

        Raises:
            TerminalError: The process cannot be started.
        """
        if self._worker is None:
            # The screen of this engine is never seen; each piece gets an engine of its own.
            self._worker = WorkerProcess(self._engine, 1, (2, 2))

    async def render(
        self, data: bytes, columns: int, rows: int, offsets: Sequence[int] = ()
    ) -> Rendered | None:
        """The rows of a piece of output; None if the engine crashes or hangs on it.

        Args:
            data: At most 8 MiB.
            columns, rows: The size of the terminal, in cells.
            offsets: Bytes of it, sorted, whose rows are wanted too.

        Raises:
            TerminalError: The process cannot be started.
        """
        async with self._lock:
            self.warm()
            self._request += 1
            question = Render(self._request, data, columns, rows, list(offsets))
            self._asking = asyncio.create_task(self._ask(question))
            try:
                async with asyncio.timeout(RENDER_SECONDS):
                    return await self._asking
            except (OSError, TimeoutError, BrokenLink, msgspec.DecodeError):
                self._end()
                return None
            except asyncio.CancelledError:
                self._end()  # its answer would be read as that of the next question
                raise
            finally:
                self._rendered += 1
                if self._rendered >= MAX_RENDERED:
                    self._end()

    async def _ask(self, question: Render) -> Rendered:
        assert self._worker is not None
        loop, sock, reader = asyncio.get_running_loop(), self._worker.socket, Reader()
        await loop.sock_sendall(sock, encode(question))
        while True:
            data = await loop.sock_recv(sock, READ_BYTES)
            if not data:
                raise BrokenLink("the worker has ended")
            for body in reader.take(data):
                message = from_worker.decode(body)
                if isinstance(message, Rendered) and message.request == question.request:
                    return message

    def _end(self) -> None:
        self._rendered = 0
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def close(self) -> None:
        """End the worker; what it is rendering is cancelled. A later `render` starts another one."""
        if self._asking is not None:
            self._asking.cancel()
        self._end()
