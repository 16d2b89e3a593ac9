"""Workers that die or stop inside the real app, at the worst moments."""

from __future__ import annotations

import os
import shutil
import signal

import pytest

from ecs_tui.session.session import State
from tests.support import Demo, names, open_services, pane_text, running_app, select, until

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGSTOP])
async def test_during_cat_of_a_large_file_another_shell_loses_nothing(
    demo: Demo, number: int
) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        select(app, "search")
        await pilot.press("s")
        await until(lambda: app.browser.dock.current and "#" in pane_text(app), "a prompt")
        neighbour = app.browser.dock.current
        await pilot.press(*"echo neigh''bour", "enter")
        await until(lambda: "\nneighbour" in pane_text(app), "its text")
        await pilot.press("ctrl+right_square_bracket", "l")
        select(app, "orders")
        await pilot.press("s")
        await until(lambda: len(app.browser.dock.panes) == 2, "the second shell")
        await until(lambda: "orders/app" in pane_text(app), "a prompt")
        pane = app.browser.dock.current
        assert pane is not None
        assert neighbour is not None
        counted = neighbour.session.bytes_out
        # Not by the pilot: it waits until the app is idle, and then the output is over.
        pane.session.write(b"seq 1 2000000; echo the''end\r")
        await until(lambda: pane.session.bytes_out > 200_000, "output flows")
        os.kill(pane.link.pid, number)
        await until(lambda: pane.link.restarts >= 1, "restart")
        await until(lambda: "\ntheend" in pane_text(app), "the end of the output", 60)
        await pilot.press(*"echo al''ive", "enter")
        await until(lambda: "\nalive" in pane_text(app), "the shell answers")
        assert pane.session.state is State.OPEN
        assert neighbour.session.bytes_out == counted
        assert any("neighbour" in run.text for row in neighbour.link.picture.lines for run in row)
        scope = app.browser.view.scopes(app.browser.place)[0]
        before = app.browser.inventory.freshness(scope).fetched_at
        app.browser.refresher.refresh_now()
        await until(
            lambda: app.browser.inventory.freshness(scope).fetched_at != before, "the list lives"
        )
        assert "orders" in names(app)


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
async def test_inside_vim_the_screen_is_drawn_again(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        select(app, "orders")
        await pilot.press("s")
        await until(lambda: app.browser.dock.current and "#" in pane_text(app), "a prompt")
        pane = app.browser.dock.current
        assert pane is not None
        await pilot.press(*"vim -u NONE note", "enter")
        await until(lambda: "\n~" in pane_text(app), "vim")
        await pilot.press("i", *"kept in vim")
        await until(lambda: "kept in vim" in pane_text(app), "its text")
        pane.link.picture.lines.clear()
        os.kill(pane.link.pid, signal.SIGSEGV)
        await until(lambda: pane.link.restarts == 1, "restart")
        await until(lambda: "kept in vim" in pane_text(app), "vim is back on the screen")
        await pilot.press("escape", *":q!", "enter")
        await until(lambda: "\n~" not in pane_text(app), "out of vim")
