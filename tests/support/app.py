"""The app in Textual's pilot: start it, drive it, and read its screen."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import AsyncIterator
from typing import Any

from rich.cells import cell_len
from textual.pilot import Pilot

from ecs_tui.aws.account import Account
from ecs_tui.config.sections import WatchSettings
from ecs_tui.config.settings import Settings
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.bars import Bar
from ecs_tui.ui.dock.menu import DockMenu
from ecs_tui.ui.dock.pane import ShellPane
from ecs_tui.ui.gc_tuning import GcTuning
from ecs_tui.ui.table.columns import GAP_CELLS
from ecs_tui.ui.table.table import ResourceTable
from tests.support.limits import until
from tests.support.pilot import AppPilot, parse_styles_once

parse_styles_once()
PREFIX = "ctrl+right_square_bracket"
"""The prefix key, as Textual names it."""


@contextlib.asynccontextmanager
async def running_app(
    account: Account, size: tuple[int, int] = (120, 36), **settings: Any
) -> AsyncIterator[tuple[EcsTuiApp, Pilot[None]]]:
    """Run the app without a terminal; its shells and session clients end with the block.

    Args:
        account: The connection it starts with.
        size: (columns, lines) of the screen.
        settings: Settings by their short names.
    """
    # A test that is not about problems makes no calls for them.
    settings.setdefault("watch", WatchSettings(opened=False))
    app = EcsTuiApp(account, Settings.of(**settings))
    async with app.run_test(size=size):
        await until(lambda: app.screen is app.browser, "the browser is shown")
        # It would scan the whole test run for 0.2 s; `garbage` does so between modules.
        app.browser.activity.gc_tuning = GcTuning(time.monotonic(), every=math.inf)
        try:
            yield app, AppPilot(app)
        finally:
            await app.browser.end()


def names(app: EcsTuiApp) -> list[str]:
    """The names of the rows in the list, in the order on the screen."""
    table = app.browser.table
    return [app.browser.view.name_of(table.rows[i]) for i in table.order]


async def clusters_counted(app: EcsTuiApp) -> None:
    """Wait until the services of all clusters in the list are counted: then their order is final."""
    await until(lambda: names(app), "clusters are listed")

    def counted() -> bool:
        rows: list[Any] = app.browser.table.rows
        return all(each.counted and each.failing is not None for each in rows)

    await until(counted, "their services are counted")


def select(app: EcsTuiApp, name: str) -> None:
    """Put the cursor on the row with this name."""
    table = app.browser.table
    table.cursor = names(app).index(name)


async def open_services(app: EcsTuiApp, pilot: Pilot[None], cluster: str = "prod") -> None:
    """Open a cluster's services and wait until services and tasks are described."""
    browser = app.browser
    await until(lambda: cluster in names(app), f"{cluster} is listed")
    select(app, cluster)
    await pilot.press("enter")
    await until(lambda: browser.place.view == "services" and names(app), "services are listed")
    await until(
        lambda: (
            all(row.service.described for row in browser.table.rows)
            and any(row.agents[1] for row in browser.table.rows)
        ),
        "services are described",
    )


def screen_text(app: EcsTuiApp) -> str:
    """The text on the screen, lines separated by LF."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(seg.text for seg in line)[:width] for line in lines[:height])


def head_text(app: EcsTuiApp) -> str:
    """The text of the header, which is one line or several; "" while it is hidden."""
    region = app.browser.bars.head.region
    return "\n".join(screen_text(app).split("\n")[region.y : region.bottom])


def path_text(app: EcsTuiApp) -> str:
    """The line of the path, without blanks at its end."""
    return screen_text(app).split("\n")[app.browser.bars.path.region.y].rstrip()


def facts(app: EcsTuiApp) -> dict[str, str]:
    """Names and values in the detail pane, {} while it is closed."""
    return dict(app.browser.details._about) if app.browser.details_open else {}


def looked_up(app: EcsTuiApp) -> bool:
    """Whether all that the visible rows want to know is answered, and the rows are updated with it."""
    rows, lookups = app.browser._rows, app.browser.inventory.lookups
    rows.look_up()
    return not lookups._waiting and not lookups._jobs and not rows._pending


async def at_rest(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    """Wait until the rows know all that they want to know, and show it."""
    await until(lambda: looked_up(app), "the rows are complete")
    await pilot.pause()


def too_wide(app: EcsTuiApp) -> list[str]:
    """Widgets whose content is wider than their space, with how many columns they need.

    Textual cuts such content without a sign, so the text on the screen does not show it.
    """
    found = []
    for widget in app.screen.query("*"):
        if not widget.region:
            continue
        if widget.region.right > app.size.width:
            found.append(f"{widget} ends at column {widget.region.right}")
        if isinstance(widget, ResourceTable):
            drawn = widget.fitted.drawn
            need = sum(drawn.values()) + GAP_CELLS * (len(drawn) - 1) + 1
        elif isinstance(widget, (Bar, DockMenu)):
            need = max(cell_len(line) for line in str(widget.render()).split("\n"))
        else:
            continue
        if need > widget.size.width:
            found.append(f"{widget} needs {need} columns and has {widget.size.width}")
    return found


def pane_text(app: EcsTuiApp) -> str:
    """The text of the current shell, "" without one."""
    pane = app.browser.dock.current
    return "" if pane is None else shell_text(pane)


def shell_text(pane: ShellPane) -> str:
    """The text of a shell, current or not."""
    return "\n".join("".join(run.text for run in line) for line in pane.link.picture.lines)


async def open_shell(app: EcsTuiApp, pilot: Pilot[None], service: str) -> ShellPane:
    """Open a shell in a task of a service from the list; returns it once it shows a prompt."""
    panes = app.browser.dock.panes
    count = len(panes)
    select(app, service)
    await pilot.press("s")
    await until(lambda: len(panes) > count, f"a shell in {service}")
    pane = panes[-1]
    await until(lambda: "#" in shell_text(pane), "a prompt")
    return pane
