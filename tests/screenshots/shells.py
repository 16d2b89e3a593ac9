"""The lists and the shells beside them."""

from __future__ import annotations

from ecs_tui.session.session import State
from tests.screenshots.stage import Stage
from tests.support.app import PREFIX, names, open_services, pane_text, screen_text, select
from tests.support.limits import until


async def lists(stage: Stage) -> None:
    """From the clusters to a shell in a container; the dock; help."""
    app, pilot, browser = stage.app, stage.pilot, stage.app.browser
    await until(lambda: "prod" in names(app) and browser.navigation.connection.caller, "clusters")
    await until(lambda: all(row.described for row in browser.table.rows), "described")
    await stage.shoot("clusters")
    await open_services(app, pilot)
    await stage.shoot("services")
    await pilot.press("slash", *"shell:no", "enter")
    await stage.shoot("filter")
    await pilot.press("escape")
    select(app, "payments")
    await pilot.press("enter")
    await until(lambda: len(names(app)) == 6, "tasks")
    await until(lambda: all(row.described for row in browser.table.rows), "described")
    await stage.shoot("tasks")
    await pilot.press("enter")
    await until(lambda: names(app) == ["app", "envoy"], "containers")
    await pilot.press("d")
    await stage.shoot("containers")
    await pilot.press("d")
    await _shell(stage)
    await _dock(stage)
    await pilot.press("question_mark")
    await stage.shows("Keyboard shortcuts")
    await stage.shoot("help")
    await stage.close()


async def _shell(stage: Stage) -> None:
    """A command, vi, a narrow terminal, the end of the shell."""
    app, pilot, browser = stage.app, stage.pilot, stage.app.browser
    await pilot.press("s")
    await until(lambda: browser.dock.current and "#" in pane_text(app), "a prompt")
    await pilot.press(*"echo $((6*7))", "enter")
    await until(lambda: "\n42" in pane_text(app), "42")
    await stage.shoot("shell")
    await pilot.press(*"vi note.txt", "enter")
    await until(lambda: "~" in pane_text(app), "vi")
    await pilot.press("i", *"written in vi, in a container", "escape")
    await until(lambda: "in a container" in pane_text(app), "text in vi")
    await stage.shoot("vi")
    await pilot.press("colon", "w", "q", "enter")
    await until(lambda: "42" in pane_text(app), "out of vi")
    await pilot.resize_terminal(80, 24)
    await pilot.pause(0.5)
    await stage.shoot("shell-80x24")
    await pilot.resize_terminal(120, 32)
    await pilot.press(*"exit", "enter")
    await until(lambda: browser.dock.panes[0].session.state is State.CLOSED, "closed")
    await until(lambda: "exited" in screen_text(app), "the frame says so")
    await stage.shoot("ended")


async def _dock(stage: Stage) -> None:
    """Several shells at once, the menu, copy mode with a search; closes the shells."""
    app, pilot, browser = stage.app, stage.pilot, stage.app.browser
    await pilot.press(PREFIX, PREFIX, "x")
    await until(lambda: not browser.dock.panes, "the old one is gone")
    await stage.back_to("services")
    for name in ("web", "orders", "search"):
        count = len(browser.dock.panes)
        select(app, name)
        await pilot.press("s")
        await until(
            lambda before=count: app.screen is not browser or len(browser.dock.panes) > before
        )  # type: ignore[misc]
        if app.screen is not browser:
            await pilot.press("enter")
        await until(lambda before=count: len(browser.dock.panes) > before, "a shell")  # type: ignore[misc]
        await until(lambda: "#" in pane_text(app), "a prompt")
        await pilot.press(*"uptime; df -h / | tail -1", "enter")
        await pilot.press(PREFIX, "l")
    await pilot.press(PREFIX, PREFIX, "s")
    await pilot.press(PREFIX, "B", PREFIX, "p", PREFIX, "B")
    await pilot.pause(1.2)
    await stage.shoot("dock")
    await pilot.press(PREFIX)
    await until(lambda: browser.menu.has_class("-open"), "the menu")
    await stage.shoot("menu")
    await pilot.press("B", PREFIX, "n", PREFIX, "B", PREFIX, "s", PREFIX, "s", PREFIX, "s")
    await _copy_mode(stage)
    for _ in range(3):
        count = len(browser.dock.panes)
        await pilot.press(PREFIX, "x")
        await until(lambda before=count: len(browser.dock.panes) < before, "closed")  # type: ignore[misc]
        if browser.dock.panes:
            await until(lambda: browser.dock.current.view.has_focus, "the next has the keys")  # type: ignore[union-attr]


async def _copy_mode(stage: Stage) -> None:
    app, pilot, browser = stage.app, stage.pilot, stage.app.browser
    await pilot.press(*"seq -f 'request %g took 12 ms' 1 300", "enter")
    await until(lambda: "request 300" in pane_text(app), "text")
    await pilot.press(PREFIX, "slash")
    pane = browser.dock.current
    assert pane is not None
    await until(lambda: pane.view.copy_mode is not None and not pane.view.has_focus, "the line")
    await pilot.press(*"request 29", "enter", "k", "k", "v", "j", "j", "e")
    await pilot.pause(0.3)
    await stage.shoot("copy-mode")
    await pilot.press("escape", "escape")
