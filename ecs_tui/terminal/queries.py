"""Questions to a worker about its screen and its scrollback: each ends, with an answer or without.

On a busy machine an answer takes seconds; only a worker that hangs, or is replaced, gives none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ecs_tui.terminal.protocol import (
    AskLines,
    AskLink,
    AskRange,
    AskSpan,
    AskText,
    Span,
    Text,
    ToWorker,
)
from ecs_tui.terminal.watchdog import Watchdog

LOOK_SECONDS = 0.25
"""Seconds between two looks whether the worker hangs."""


class Queries:
    """Asks a worker; the subclass sends the questions and passes on the answers."""

    def __init__(self) -> None:
        self._requests: dict[int, asyncio.Future[Text | Span | None]] = {}
        self._request = 0

    def _send(self, message: ToWorker) -> None:
        raise NotImplementedError

    def _new_watchdog(self) -> Watchdog:
        """A watchdog of the worker that answers, from now on."""
        raise NotImplementedError

    def _give_up(self) -> None:
        """The worker is gone: nobody waits for its answers."""
        for future in self._requests.values():
            if not future.done():
                future.set_result(None)

    def _answered(self, message: Text | Span) -> None:
        """An answer has come, perhaps too late."""
        future = self._requests.get(message.request)
        if future is not None and not future.done():
            future.set_result(message)

    async def text(self, everything: bool = True) -> str:
        """Plain text of the screen, with the scrollback if `everything`; "" without a reply."""
        answer = await self.ask(lambda number: AskText(number, everything))
        return answer.text if isinstance(answer, Text) else ""

    async def hyperlink(self, column: int, line: int) -> str:
        """The target of the hyperlink at a cell, or ""."""
        answer = await self.ask(lambda number: AskLink(number, column, line))
        return answer.text if isinstance(answer, Text) else ""

    async def range_text(
        self, start: tuple[int, int], end: tuple[int, int], *, block: bool = False
    ) -> str:
        """Plain text between two cells, both (column, line from the oldest) and both included.

        `block`: the rectangle between them. "" if the worker does not reply.
        """
        answer = await self.ask(lambda number: AskRange(number, *start, *end, block))
        return answer.text if isinstance(answer, Text) else ""

    async def span(
        self, column: int, line: int, *, whole_line: bool = False
    ) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """(first cell, last cell) of the word, or of the wrapped line, at a cell; None for none."""
        answer = await self.ask(lambda number: AskSpan(number, column, line, whole_line))
        if not isinstance(answer, Span) or answer.y1 < 0:
            return None
        return (answer.x1, answer.y1), (answer.x2, answer.y2)

    async def ask(
        self, make: Callable[[int], AskText | AskLines | AskRange | AskSpan | AskLink]
    ) -> Text | Span | None:
        """Send a question, made with its number; None if the worker hangs or is replaced."""
        self._request += 1
        number = self._request
        future: asyncio.Future[Text | Span | None] = asyncio.get_running_loop().create_future()
        self._requests[number] = future
        watchdog = self._new_watchdog()
        self._send(make(number))
        try:
            while not future.done():
                await asyncio.wait([future], timeout=LOOK_SECONDS)
                if not future.done() and watchdog.hangs():
                    return None
            return future.result()
        finally:
            self._requests.pop(number, None)
