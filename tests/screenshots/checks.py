"""The exec check with its fix, who may exec, logs, accounts."""

from __future__ import annotations

import re

from ecs_tui.ui.dialogs.profile_picker import ProfilePicker
from tests.screenshots.stage import Stage
from tests.support.app import names, open_services, screen_text, select
from tests.support.limits import until
from tests.support.log_pages import has_lines, logs_page


async def doctor(stage: Stage) -> None:
    """Doctor, fix with progress, access matrix, policy generator."""
    app, pilot = stage.app, stage.pilot
    await open_services(app, pilot)
    select(app, "reports")
    await pilot.press("D")
    await until(lambda: getattr(app.screen, "over", False), "all verdicts")
    await stage.shoot("doctor")
    await pilot.press("enter")
    await stage.shows("With the AWS CLI:")
    await pilot.press("y", *"reports", "enter")
    await stage.shows("s open a shell", deadline=60)
    await stage.shoot("fix")
    await pilot.press("escape", "escape")
    await until(lambda: app.screen is app.browser, "back")
    await pilot.press("I")
    await until(lambda: re.search(r"checked (\d+) of \1", screen_text(app)), "access")
    await stage.shoot("access")
    await stage.close()
    await stage.command("policy")
    await until(lambda: re.search("does not match|matches", screen_text(app)), "its reach")
    await stage.shoot("policy")


async def logs(stage: Stage) -> None:
    """A service followed, with one line unfolded; filtered; what led to the exit of a task."""
    app, pilot, browser = stage.app, stage.pilot, stage.app.browser
    await open_services(app, pilot)
    select(app, "web")
    await pilot.press("L")
    await has_lines(app, 60)
    await stage.shows("● following")
    lines = logs_page(app).lines
    await pilot.press("k", "k", "k")
    while lines.current is None or not lines.current.text.startswith("{"):
        await pilot.press("k")
    await pilot.press("enter")
    await stage.shoot("logs")
    await pilot.press("enter", "ampersand")
    await pilot.press(*"level:warn", "enter")
    await stage.shows("& level:warn")
    await stage.shoot("logs-filter")
    await stage.back_to("services")
    select(app, "worker")
    await pilot.press("enter", "x")
    await until(lambda: browser.place.stopped and names(app), "a stopped task", 120)
    await until(lambda: browser.table.current.stopped_at, "it is described")
    await pilot.press("L")
    await has_lines(app)
    await stage.shows("stopped: exit")
    await stage.shoot("logs-stopped")


async def accounts(stage: Stage) -> None:
    """The go-to line; the choice of regions; two regions in one list."""
    app, pilot, browser = stage.app, stage.pilot, stage.app.browser
    await open_services(app, pilot)
    await pilot.press("colon", *"che")
    await until(lambda: browser.prompt.matches, "matches")
    await stage.shoot("goto")
    await pilot.press("escape", "ctrl+r")
    screen = await until(
        lambda: app.screen if isinstance(app.screen, ProfilePicker) else None, "regions"
    )
    for name in ("us-east-1", "eu-west-1"):
        screen.names_list.highlighted = screen.shown.index(name)
        await pilot.press("space")
    await stage.shoot("regions")
    await pilot.press("enter")
    await until(lambda: "prod-eu" in names(app), "both")
    await until(lambda: all(row.row and row.row.described for row in browser.table.rows), "facts")
    await stage.shoot("accounts")
