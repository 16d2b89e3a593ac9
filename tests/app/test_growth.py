"""Closed screens are freed, and kept output has a limit that holds for small pieces too."""

from __future__ import annotations

import gc
import random
import weakref

import pytest
from textual._styles_cache import StylesCache

from ecs_tui.terminal.replay import BLOCK_BYTES, Replay
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.gc_tuning import (
    COLLECT_EVERY_SECONDS,
    FULL_EVERY_SECONDS,
    OVERDUE_SECONDS,
    QUIET_SECONDS,
    GcTuning,
)
from tests.support.app import open_services, running_app
from tests.support.demo import Demo
from tests.support.limits import until


def drawn() -> int:
    """The number of widgets whose drawn lines are cached."""
    gc.unfreeze()  # the app freezes what there is after some seconds, an open screen too
    gc.collect()
    return sum(isinstance(item, StylesCache) for item in gc.get_objects())


def shown(app: EcsTuiApp) -> int:
    """The number of widgets on all screens."""
    return sum(1 for screen in app.screen_stack for _ in screen.walk_children(with_self=True))


@pytest.mark.asyncio
async def test_closed_screens_leave_nothing_that_they_had_drawn(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        before: list[int] = []
        for _ in range(6):
            for key in ("question_mark", "c"):
                await pilot.press(key)
                await until(lambda: app.screen is not app.browser, "a screen over the list")
                await until(lambda: shown(app) > 1 and app.screen.is_running, "drawn")
                await pilot.pause()
                await pilot.press("escape")
                await until(lambda: app.screen is app.browser, "closed")
                await pilot.pause()
            before.append(drawn())
        # The last screen may still be ending.
        await until(lambda: drawn() <= before[0] + 2, f"{before}: the screens are freed")


class Cycle:
    """A cycle of references, as widgets form them."""

    def __init__(self) -> None:
        self.itself = self


def forgotten() -> weakref.ref[Cycle]:
    """Make an unreachable cycle in the oldest generation."""
    cycle = Cycle()
    gc.collect(0)
    gc.collect(1)
    return weakref.ref(cycle)


def test_what_is_in_cycles_is_freed_in_a_quiet_moment() -> None:
    gc.collect()  # no full collection by itself in this block
    tuning = GcTuning(100.0)
    cycle = forgotten()
    tuning.collect_when_quiet(100.0 + COLLECT_EVERY_SECONDS - 1, last_key=0.0)
    assert cycle() is not None, "not so soon"
    tuning.collect_when_quiet(
        100.0 + COLLECT_EVERY_SECONDS, last_key=100.0 + COLLECT_EVERY_SECONDS - QUIET_SECONDS / 2
    )
    assert cycle() is not None, "not between keys"
    tuning.collect_when_quiet(
        100.0 + COLLECT_EVERY_SECONDS, last_key=100.0 + COLLECT_EVERY_SECONDS - QUIET_SECONDS
    )
    assert cycle() is None
    cycle, later = forgotten(), 100.0 + COLLECT_EVERY_SECONDS + OVERDUE_SECONDS
    tuning.collect_when_quiet(later - 1, last_key=later - 1)
    assert cycle() is not None
    tuning.collect_when_quiet(later, last_key=later)
    assert cycle() is None, "keys do not put it off for ever"


def test_what_was_set_aside_alive_is_freed_by_a_whole_collection() -> None:
    tuning = GcTuning(100.0)
    cycle = Cycle()
    seen = weakref.ref(cycle)
    first = 100.0 + COLLECT_EVERY_SECONDS
    tuning.collect_when_quiet(first, last_key=0.0)
    assert gc.get_freeze_count() > 0
    del cycle
    tuning.collect_when_quiet(first + FULL_EVERY_SECONDS - 1, last_key=0.0)
    assert seen() is not None, "a short collection does not look at it"
    tuning.collect_when_quiet(first + FULL_EVERY_SECONDS + OVERDUE_SECONDS, last_key=0.0)
    assert seen() is None


@pytest.mark.asyncio
async def test_the_app_frees_what_is_in_cycles(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, _):
        app.browser.activity.gc_tuning = GcTuning(0.0, every=0.0)
        cycle = forgotten()
        await until(lambda: cycle() is None, "freed")


class Clock:
    """A clock that a test sets."""

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
    assert (1 << 20) - BLOCK_BYTES <= len(held) <= 1 << 20
    assert b"".join(lines(100_000)).endswith(held)
    assert replay.held <= (len(held) // 4 if pause else len(held))
    replay.clear()
    assert (bytes(replay), replay.held) == (b"", 0)


def test_pieces_come_back_in_their_order_whatever_their_size() -> None:
    clock = Clock()
    replay, sent = Replay(400_000, clock), b""
    chance = random.Random(1)
    for number, size in enumerate(
        (1, BLOCK_BYTES - 1, 1, 5, BLOCK_BYTES, BLOCK_BYTES + 1, 3, 100_000, 2)
    ):
        clock.now += 2.0 * (number % 2)
        data = chance.randbytes(size)  # grows when it is compressed
        sent += data
        replay.add(data)
    assert bytes(replay) == sent
