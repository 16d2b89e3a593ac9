"""Zoom: one shell on the whole screen, and each key and event that ends it."""

from __future__ import annotations

import pytest

from tests.support.app import screen_text
from tests.support.demo import Demo
from tests.support.footer import WIDTHS, says, typing_form
from tests.support.limits import sample, until
from tests.support.shells import Shells, shells

pytestmark = pytest.mark.asyncio


def alone(made: Shells) -> bool:
    """Whether the current shell has all lines but the last, and no other pane is drawn."""
    pane = made.dock.current
    assert pane is not None
    width, height = made.app.size
    others = [item for item in made.dock.panes if item is not pane and item.region]
    return pane.region.size == (width, height - 1) and not others


async def zoomed(made: Shells) -> None:
    await made.prefix("z")
    await until(lambda: alone(made), "it is alone")
    assert "ZOOM" in screen_text(made.app).split("\n")[0]


def seen_together(made: Shells) -> bool:
    regions = [pane.region for pane in made.dock.panes]
    return all(regions) and bool(made.app.browser.table.region)


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", sample(WIDTHS, 2), ids=str)
async def test_one_pane_takes_the_whole_screen_and_z_brings_the_rest_back(
    demo: Demo, size: tuple[int, int]
) -> None:
    async with shells(demo, "orders", "search", "cart", size=size) as made:
        await made.prefix("s")
        await until(lambda: all(pane.region for pane in made.dock.panes), "side by side")
        await made.prefix("2")
        await zoomed(made)
        lines = screen_text(made.app).split("\n")
        assert "search" in lines[0]
        assert "orders" not in lines[0] and "cart" not in lines[0]
        assert not any("clusters ›" in line for line in lines)
        await says(made.app, typing_form(made.app))
        if size[0] >= 60:
            await says(made.app, "ctrl+] z or a click on the top line: unzoom")
        await made.prefix("n")  # another one, zoomed as well
        await until(lambda: "cart" in screen_text(made.app).split("\n")[0], "the next one")
        assert alone(made)
        await made.prefix("z")
        await until(lambda: seen_together(made), "all of them")
        assert "ZOOM" not in screen_text(made.app)
        await until(lambda: "clusters" in screen_text(made.app), "the path too")


async def test_the_mouse_leads_in_and_out(demo: Demo) -> None:
    async with shells(demo, "orders", "search", size=(120, 36)) as made:
        await made.prefix("s")
        await until(lambda: seen_together(made), "side by side")
        first = made.dock.panes[0]
        await made.pilot.click(first.frame, offset=(3, 0))
        await until(lambda: first.view.has_focus, "a click takes it")
        assert not made.dock.zoomed
        await made.pilot.click(first.frame, offset=(3, 0), times=2)
        await until(lambda: alone(made), "a double click zooms")
        assert made.dock.current is first
        await made.pilot.pause(0.6)  # or the next click would count as the third of a series
        await made.pilot.click(first.frame, offset=(3, 0))
        await until(lambda: seen_together(made), "a click brings the rest back")


async def test_what_concerns_the_rest_ends_it(demo: Demo) -> None:
    async with shells(demo, "orders", "search") as made:
        for key in "lmsvx":
            if not made.dock.panes[1].view.has_focus:
                await made.prefix("2")
            await zoomed(made)
            await made.prefix(key)
            await until(lambda: not made.dock.zoomed, f"no zoom after {key}")
            await until(lambda: made.app.browser.table.region, "the list is seen")


async def test_a_zoomed_shell_that_ends_gives_the_screen_back(demo: Demo) -> None:
    async with shells(demo, "orders", "search") as made:
        await zoomed(made)
        await made.type("exit")
        await until(lambda: made.app.browser.table.has_focus, "the list has the keys")
        await until(lambda: made.app.browser.table.region, "and is seen")
