"""`make screenshots`: the pictures of README and docs, from the demo account, by keys."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.pilot import Pilot

from ecs_tui.session.session import State
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.profile_picker import ProfilePicker
from tests.support.app import (
    PREFIX,
    names,
    open_services,
    pane_text,
    running_app,
    screen_text,
    select,
)
from tests.support.demo import demo_account
from tests.support.limits import until
from tests.support.log_pages import has_lines

FOLDER = Path(__file__).parents[1] / "screenshots"


async def make(endpoint_hidden: str = "http://127.0.0.1:4566") -> None:
    """Write one SVG for each screen."""
    FOLDER.mkdir(exist_ok=True)
    with demo_account() as demo:
        account = demo.account()
        async with running_app(account, size=(120, 32), plugin="builtin") as (app, pilot):
            browser = app.browser

            async def shoot(name: str) -> None:
                browser.draw()
                await pilot.pause(0.2)
                svg = app.export_screenshot(title="ecs-tui")
                # The demo account's port is random; pictures must not differ because of it.
                port = re.escape(demo.endpoint.rsplit(":", 1)[-1])
                (FOLDER / f"{name}.svg").write_text(re.sub(port, "4566", svg), "utf-8")

            await until(
                lambda: "prod" in names(app) and browser.navigation.connection.caller, "clusters"
            )
            await until(lambda: all(row.described for row in browser.table.rows), "described")
            await shoot("clusters")
            await open_services(app, pilot)
            await shoot("services")
            await pilot.press("slash", *"shell:no", "enter")
            await shoot("filter")
            await pilot.press("escape")
            select(app, "payments")
            await pilot.press("enter")
            await until(lambda: len(names(app)) == 6, "tasks")
            await until(lambda: all(row.described for row in browser.table.rows), "described")
            await shoot("tasks")
            await pilot.press("enter")
            await until(lambda: names(app) == ["app", "envoy"], "containers")
            await pilot.press("d")
            await shoot("containers")
            await pilot.press("d", "s")
            await until(lambda: browser.dock.current and "#" in pane_text(app), "a prompt")
            await pilot.press(*"echo $((6*7))", "enter")
            await until(lambda: "\n42" in pane_text(app), "42")
            await shoot("shell")
            await pilot.press(*"vi note.txt", "enter")
            await until(lambda: "~" in pane_text(app), "vi")
            await pilot.press("i", *"written in vi, in a container", "escape")
            await until(lambda: "in a container" in pane_text(app), "text in vi")
            await shoot("vi")
            await pilot.press("colon", "w", "q", "enter")
            await until(lambda: "42" in pane_text(app), "out of vi")
            await pilot.resize_terminal(80, 24)
            await pilot.pause(0.5)
            await shoot("shell-80x24")
            await pilot.resize_terminal(120, 32)
            await pilot.press(*"exit", "enter")
            await until(lambda: browser.dock.panes[0].session.state is State.CLOSED, "closed")
            await until(lambda: "exited" in screen_text(app), "the frame says so")
            await shoot("ended")
            await of_the_dock(app, pilot, shoot)
            await pilot.press("question_mark")
            await until(lambda: "Keyboard shortcuts" in screen_text(app), "help")
            await pilot.pause(0.2)
            await shoot("help")
            await pilot.press("escape")
            await of_the_doctor(app, pilot, shoot)
            await of_logs(app, pilot, shoot)
            await of_accounts(app, pilot, shoot)


async def of_the_dock(
    app: EcsTuiApp, pilot: Pilot[None], shoot: Callable[[str], Awaitable[None]]
) -> None:
    """Several shells at once, the menu, copy mode with a search; closes the shells."""
    browser = app.browser
    await pilot.press(PREFIX, PREFIX, "x")
    await until(lambda: not browser.dock.panes, "the old one is gone")
    while browser.place.view != "services":
        await pilot.press("escape")
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
    await shoot("dock")
    await pilot.press(PREFIX)
    await until(lambda: browser.menu.has_class("-open"), "the menu")
    await shoot("menu")
    await pilot.press("B", PREFIX, "n", PREFIX, "B", PREFIX, "s", PREFIX, "s", PREFIX, "s")
    await pilot.press(*"seq -f 'request %g took 12 ms' 1 300", "enter")
    await until(lambda: "request 300" in pane_text(app), "text")
    await pilot.press(PREFIX, "slash")
    pane = browser.dock.current
    assert pane is not None
    await until(lambda: pane.view.copy_mode is not None and not pane.view.has_focus, "the line")
    await pilot.press(*"request 29", "enter", "k", "k", "v", "j", "j", "e")
    await pilot.pause(0.3)
    await shoot("copy-mode")
    await pilot.press("escape", "escape")
    for _ in range(3):
        count = len(browser.dock.panes)
        await pilot.press(PREFIX, "x")
        await until(lambda before=count: len(browser.dock.panes) < before, "closed")  # type: ignore[misc]
        if browser.dock.panes:
            await until(lambda: browser.dock.current.view.has_focus, "the next has the keys")  # type: ignore[union-attr]


async def of_logs(
    app: EcsTuiApp, pilot: Pilot[None], shoot: Callable[[str], Awaitable[None]]
) -> None:
    """A service followed, with one line unfolded; filtered; what led to the exit of a task."""
    browser = app.browser
    await pilot.press("escape")
    await until(lambda: app.screen is browser, "back")
    while browser.place.view != "services":
        await pilot.press("escape")
    select(app, "web")
    await pilot.press("L")
    await has_lines(app, 60)
    await until(lambda: "● following" in screen_text(app), "it follows")
    await pilot.press("k", "k", "k", "enter")
    await shoot("logs")
    await pilot.press("enter", "ampersand")
    await pilot.press(*"level:warn", "enter")
    await until(lambda: "& level:warn" in screen_text(app), "the filter")
    await shoot("logs-filter")
    await pilot.press("escape")
    await until(lambda: browser.place.view == "services", "back")
    select(app, "worker")
    await pilot.press("enter", "x")
    await until(lambda: browser.place.stopped and names(app), "a stopped task", 120)
    await until(lambda: browser.table.current.stopped_at, "it is described")
    await pilot.press("L")
    await has_lines(app)
    await until(lambda: "stopped: exit" in screen_text(app), "its end")
    await shoot("logs-stopped")
    await pilot.press("escape")


async def of_accounts(
    app: EcsTuiApp, pilot: Pilot[None], shoot: Callable[[str], Awaitable[None]]
) -> None:
    """The go-to line; the choice of regions; two regions in one list."""
    browser = app.browser
    await pilot.press("escape")
    await until(lambda: app.screen is browser, "back")
    await pilot.press("colon", *"che")
    await until(lambda: browser.prompt.matches, "matches")
    await shoot("goto")
    await pilot.press("escape", "ctrl+r")
    screen = await until(
        lambda: app.screen if isinstance(app.screen, ProfilePicker) else None, "regions"
    )
    for name in ("us-east-1", "eu-west-1"):
        screen.names_list.highlighted = screen.shown.index(name)
        await pilot.press("space")
    await shoot("regions")
    await pilot.press("enter")
    await until(lambda: "prod-eu" in names(app), "both")
    await until(lambda: all(row.row and row.row.described for row in browser.table.rows), "facts")
    await shoot("accounts")


async def of_the_doctor(
    app: EcsTuiApp, pilot: Pilot[None], shoot: Callable[[str], Awaitable[None]]
) -> None:
    """Doctor, fix with progress, access matrix, policy generator."""
    while app.browser.place.view != "services":
        await pilot.press("escape")
    await until(lambda: "reports" in names(app), "services")
    select(app, "reports")
    await pilot.press("D")
    await until(lambda: getattr(app.screen, "over", False), "all verdicts")
    await shoot("doctor")
    await pilot.press("enter")
    await until(lambda: "UpdateService" in screen_text(app), "the fix")
    await pilot.press("y", *"reports", "enter")
    await until(lambda: "s open a shell" in screen_text(app), "the verdict has turned", 60)
    await shoot("fix")
    await pilot.press("escape", "escape")
    await until(lambda: app.screen is app.browser, "back")
    await pilot.press("I")
    await until(lambda: re.search(r"checked (\d+) of \1", screen_text(app)), "access")
    await shoot("access")
    await pilot.press("escape", "colon", *"policy", "enter")
    await until(lambda: "does not match" in screen_text(app) or "matches" in screen_text(app))
    await shoot("policy")


if __name__ == "__main__":
    asyncio.run(make())
