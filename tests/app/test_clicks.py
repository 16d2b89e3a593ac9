"""What can be clicked besides rows and bars: the keys of dialogs, and the matches of `:`."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from ecs_tui.ui.dialogs.help import HelpScreen
from ecs_tui.ui.dialogs.refused import RefusedShellScreen
from tests.support.app import open_services, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.limits import until

pytestmark = pytest.mark.asyncio


LOOKS = 20
"""So many looks in which words are at the same place: a dialog is laid out again when it knows more."""


async def click(app: EcsTuiApp, pilot: Pilot[None], words: str) -> None:
    """Click the first cell of some words on the screen, once they no longer move."""
    looks: list[tuple[int, int]] = []

    def at_rest() -> bool:
        lines = screen_text(app).split("\n")
        row = next(number for number, line in enumerate(lines) if words in line)
        looks.append((lines[row].index(words), row))
        return looks[-LOOKS:] == looks[-1:] * LOOKS

    await until(at_rest, f"{words} stands still")
    await pilot.click(offset=looks[-1])


async def refused(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await pilot.press("s")
    await until(lambda: isinstance(app.screen, RefusedShellScreen), "the dialog")
    await until(lambda: "esc cancel" in screen_text(app), "its keys")


async def test_the_keys_of_dialogs(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        select(app, "reports")
        await refused(app, pilot)
        await click(app, pilot, "ECS reports that")
        assert isinstance(app.screen, RefusedShellScreen), "no key"
        await click(app, pilot, "? keys")
        await until(lambda: isinstance(app.screen, HelpScreen), "the keys")
        await until(lambda: "j/k move" in screen_text(app), "those of the help")
        await click(app, pilot, "j/k move")
        assert isinstance(app.screen, HelpScreen), "two keys are none"
        await click(app, pilot, "esc close")
        await until(lambda: isinstance(app.screen, RefusedShellScreen), "closed")
        await click(app, pilot, "esc cancel")
        await until(lambda: app.screen is app.browser, "cancelled")
        assert not app.browser.dock.panes
        await refused(app, pilot)
        await click(app, pilot, "D why")
        await until(lambda: isinstance(app.screen, DoctorScreen), "the exec check")


@pytest.mark.parametrize("width", [120, 60])
async def test_keys_in_several_lines(demo: Demo, width: int) -> None:
    async with running_app(demo.account(), size=(width, 24)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "cart")
        await pilot.press("D")
        await until(lambda: isinstance(app.screen, DoctorScreen) and app.screen.over, "checked")
        await until(lambda: "esc close" in screen_text(app), "its keys")
        await click(app, pilot, "esc close")
        await until(lambda: app.screen is app.browser, "closed")


async def test_the_matches_of_a_destination(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("colon", *"c")
        await until(lambda: len(app.browser.prompt.matches) > 3, "matches")
        found = app.browser.prompt.matches
        wanted = next(n for n, each in enumerate(found) if n and each.kind == "service")
        list_ = app.browser.prompt._list
        await pilot.click(offset=(6, list_.content_region.y + wanted))
        name = found[wanted].name
        await until(lambda: not app.browser.prompt.is_open, "chosen")
        await until(lambda: app.browser.place == found[wanted].place, f"the place of {name}")
