"""Driving the page of logs: opening it, and reading what is on it."""

from __future__ import annotations

from textual.pilot import Pilot

from ecs_tui.logs.line import LineKind, LogLine
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.pages.logs.page import LogsPage
from tests.support.app import names, open_services, screen_text, select
from tests.support.limits import until


def logs_page(app: EcsTuiApp) -> LogsPage:
    """The page, shown or not."""
    return app.browser.query_one(LogsPage)


def every_line(app: EcsTuiApp) -> list[LogLine]:
    """The lines that are shown, on the screen or not."""
    return list(logs_page(app).lines.shown.lines)


def events_of(app: EcsTuiApp) -> list[LogLine]:
    """Those of them that containers wrote."""
    return [line for line in every_line(app) if line.kind is LineKind.EVENT]


def screen_lines(app: EcsTuiApp) -> list[str]:
    """The rows of the lines as they are on the screen."""
    region = logs_page(app).lines.region
    return [each.rstrip() for each in screen_text(app).split("\n")[region.y : region.bottom]]


async def has_lines(app: EcsTuiApp, count: int = 1) -> None:
    """Wait until there are lines, and the first ones have been read."""
    page = logs_page(app)
    await until(
        lambda: page.session is not None and page.session.first_read and not page.session.loading,
        "the newest lines are read",
    )
    await until(lambda: len(events_of(app)) >= count, f"{count} lines")


async def open_logs(
    app: EcsTuiApp, pilot: Pilot[None], service: str, cluster: str = "prod", *, lines: int = 1
) -> LogsPage:
    """Open the logs of a service from the list of services, and wait for lines."""
    await open_services(app, pilot, cluster)
    await until(lambda: service in names(app), service)
    select(app, service)
    await pilot.press("L")
    await until(lambda: app.browser.place.view == "logs", "the page of logs")
    if lines:
        await has_lines(app, lines)
    await pilot.pause()
    return logs_page(app)
