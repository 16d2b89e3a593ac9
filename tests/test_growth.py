"""What is closed is let go, and what is kept has a bound that holds for small pieces too."""

from __future__ import annotations

import gc
import weakref

import pytest
from textual._styles_cache import StylesCache

from ecs_tui.terminal.replay import JOINED, Replay
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.pauses import EVERY, OVERDUE, QUIET, Pauses
from tests.support import Demo, open_services, running_app, until


def drawn() -> int:
    """How many widgets' drawn lines are in memory."""
    gc.collect()
    return sum(isinstance(item, StylesCache) for item in gc.get_objects())


def shown(app: EcsTuiApp) -> int:
    """How many widgets there are."""
    return sum(1 for screen in app.screen_stack for _ in screen.walk_children(with_self=True))


@pytest.mark.asyncio
async def test_closed_screens_leave_nothing_that_they_had_drawn(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        before: list[int] = []
        for _ in range(6):
            for key in ("question_mark", "w"):
                await pilot.press(key)
                await until(lambda: app.screen is not app.browser, "a screen over the list")
                await until(lambda: shown(app) > 1 and app.screen.is_running, "drawn")
                await pilot.pause()
                await pilot.press("escape")
                await until(lambda: app.screen is app.browser, "closed")
                await pilot.pause()
            before.append(drawn())
        assert before[-1] <= before[0] + 2, before


class Cycle:
    """Refers to itself, as widgets do; the collector has looked at it twice and leaves it alone."""

    def __init__(self) -> None:
        self.itself = self


def forgotten() -> weakref.ref[Cycle]:
    """A cycle that nobody refers to any more, among the oldest objects."""
    cycle = Cycle()
    gc.collect(0)
    gc.collect(1)
    return weakref.ref(cycle)


def test_what_is_in_cycles_is_freed_in_a_quiet_moment() -> None:
    gc.collect()  # no full round by itself in here
    pauses = Pauses(100.0)
    cycle = forgotten()
    pauses.rest(100.0 + EVERY - 1, last_key=0.0)
    assert cycle() is not None, "not so soon"
    pauses.rest(100.0 + EVERY, last_key=100.0 + EVERY - QUIET / 2)
    assert cycle() is not None, "not between keys"
    pauses.rest(100.0 + EVERY, last_key=100.0 + EVERY - QUIET)
    assert cycle() is None
    cycle, later = forgotten(), 100.0 + EVERY + OVERDUE
    pauses.rest(later - 1, last_key=later - 1)
    assert cycle() is not None
    pauses.rest(later, last_key=later)
    assert cycle() is None, "keys do not put it off for ever"


@pytest.mark.asyncio
async def test_the_app_frees_what_is_in_cycles(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, _):
        app.browser._pauses = Pauses(0.0, every=0.0)
        cycle = forgotten()
        await until(lambda: cycle() is None, "freed")


def test_output_in_small_pieces_takes_little_more_than_its_bytes() -> None:
    replay = Replay(1 << 20)
    for number in range(50_000):
        replay.add(b"%06d a line of output\r\n" % number)
    held = bytes(replay)
    assert (1 << 20) - 2 * JOINED <= len(held) <= 1 << 20
    assert held.endswith(b"049999 a line of output\r\n")
    assert replay.pieces <= 2 * (1 << 20) // JOINED
    replay.clear()
    assert (bytes(replay), replay.pieces) == (b"", 0)


def test_pieces_come_back_in_their_order_whatever_their_size() -> None:
    replay, sent = Replay(100_000), b""
    for size in (1, JOINED - 1, 1, 5, JOINED, JOINED + 1, 3, 20_000, 2):
        data = bytes([size % 251]) * size
        sent += data
        replay.add(data)
    assert bytes(replay) == sent
