"""What is closed is let go, and what is kept has a bound that holds for small pieces too."""

from __future__ import annotations

import gc
import random
import weakref

import pytest
from textual._styles_cache import StylesCache

from ecs_tui.terminal.replay import BLOCK, Replay
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


class Clock:
    """Seconds, as a test says."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def lines(count: int) -> list[bytes]:
    return [b"%06d a line of output\r\n" % number for number in range(count)]


@pytest.mark.parametrize("pause", [0.0, 0.2], ids=["flood", "slow"])
def test_the_end_of_output_is_remembered_whole_and_in_little_memory(pause: float) -> None:
    clock = Clock()
    replay = Replay(1 << 20, clock)
    for line in lines(100_000):
        clock.now += pause
        replay.add(line)
    held = bytes(replay)
    assert (1 << 20) - BLOCK <= len(held) <= 1 << 20
    assert b"".join(lines(100_000)).endswith(held)
    assert replay.held <= (len(held) // 4 if pause else len(held))
    replay.clear()
    assert (bytes(replay), replay.held) == (b"", 0)


def test_pieces_come_back_in_their_order_whatever_their_size() -> None:
    clock = Clock()
    replay, sent = Replay(400_000, clock), b""
    chance = random.Random(1)
    for number, size in enumerate((1, BLOCK - 1, 1, 5, BLOCK, BLOCK + 1, 3, 100_000, 2)):
        clock.now += 2.0 * (number % 2)
        data = chance.randbytes(size)  # grows when it is compressed
        sent += data
        replay.add(data)
    assert bytes(replay) == sent
