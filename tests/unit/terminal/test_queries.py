"""Questions to a terminal worker: which answer belongs to which, late ones, none at all."""

from __future__ import annotations

import asyncio

import pytest

from ecs_tui.terminal import queries
from ecs_tui.terminal.protocol import AskLink, AskRange, AskSpan, AskText, Span, Text, ToWorker
from ecs_tui.terminal.queries import Queries
from ecs_tui.terminal.watchdog import MAX_BUSY_SECONDS, Usage, Watchdog

pytestmark = pytest.mark.asyncio


class Asked(Queries):
    """Keeps the questions; the test answers them."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[ToWorker] = []
        self.seconds = self.now = 0.0

    def _new_watchdog(self) -> Watchdog:
        return Watchdog(lambda: Usage("R", self.seconds), lambda: self.now)

    def leave(self) -> None:
        self._give_up()

    def _send(self, message: ToWorker) -> None:
        self.sent.append(message)

    def answer(self, message: Text | Span) -> None:
        self._answered(message)


async def test_answers_in_another_order_reach_those_who_asked() -> None:
    worker = Asked()
    jobs = [
        asyncio.ensure_future(worker.text(False)),
        asyncio.ensure_future(worker.hyperlink(3, 4)),
        asyncio.ensure_future(worker.range_text((0, 1), (2, 3), block=True)),
        asyncio.ensure_future(worker.span(5, 6, whole_line=True)),
    ]
    await asyncio.sleep(0)
    assert worker.sent == [
        AskText(1, False), AskLink(2, 3, 4), AskRange(3, 0, 1, 2, 3, True), AskSpan(4, 5, 6, True),
    ]  # fmt: skip
    worker.answer(Span(4, 1, 6, 7, 6))
    worker.answer(Text(3, "block"))
    worker.answer(Text(1, "screen"))
    worker.answer(Text(2, "https://example.com"))
    worker.answer(Text(2, "twice"))
    worker.answer(Text(99, "nobody asked"))
    answers = await asyncio.gather(*jobs)
    assert answers == ["screen", "https://example.com", "block", ((1, 6), (7, 6))]


async def test_an_answer_of_the_wrong_kind_is_none() -> None:
    worker = Asked()
    text, span = asyncio.ensure_future(worker.text()), asyncio.ensure_future(worker.span(0, 0))
    await asyncio.sleep(0)
    worker.answer(Span(1, 0, 0, 1, 0))
    worker.answer(Text(2, "word"))
    assert (await text, await span) == ("", None)
    nothing = asyncio.ensure_future(worker.span(0, 0))
    await asyncio.sleep(0)
    worker.answer(Span(3, -1, -1, -1, -1))
    assert await nothing is None


async def test_a_worker_that_gets_no_cpu_time_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queries, "LOOK_SECONDS", 0.01)
    worker = Asked()
    text = asyncio.ensure_future(worker.text())
    await asyncio.sleep(0.05)
    worker.now = 5 * MAX_BUSY_SECONDS
    await asyncio.sleep(0.05)
    assert not text.done(), "it has had no CPU time to answer"
    worker.answer(Text(1, "at last"))
    assert await text == "at last"


async def test_a_worker_that_hangs_or_is_replaced_gives_no_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(queries, "LOOK_SECONDS", 0.01)
    worker = Asked()
    text, span = asyncio.ensure_future(worker.text()), asyncio.ensure_future(worker.span(1, 1))
    await asyncio.sleep(0.05)
    worker.now = worker.seconds = MAX_BUSY_SECONDS + 1
    assert (await text, await span) == ("", None)
    worker.answer(Text(1, "too late"))
    assert worker._requests == {}
    other = asyncio.ensure_future(worker.text())
    await asyncio.sleep(0)
    worker.leave()
    assert await other == ""
