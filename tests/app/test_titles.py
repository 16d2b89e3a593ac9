"""Column titles, rows and tabs by the mouse: sorting by every column, selection, double clicks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.resources import RESOURCES
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.pages.activity.page import ActivityPage
from ecs_tui.ui.table.columns import GAP_CELLS
from tests.support.app import (
    clusters_counted,
    names,
    open_services,
    running_app,
    screen_text,
    select,
)
from tests.support.demo import Demo
from tests.support.limits import sample
from tests.support.limits import until as wait

pytestmark = pytest.mark.asyncio
WIDE = (300, 40)


def title_line(app: EcsTuiApp) -> str:
    return screen_text(app).split("\n")[app.browser.table.region.y]


async def click_titles(app: EcsTuiApp, pilot: Pilot[None]) -> list[str]:
    """Click titles twice, at the first and the last cell; returns all of the list's titles.

    `make exhaustive` clicks each of them, `make test` three of each list.
    """
    table = app.browser.table
    view = table.view
    assert view is not None
    app.browser.refresher.look_at()  # answers that arrive later could make columns wider meanwhile
    await pilot.pause()

    def cells(number: int) -> tuple[int, int]:
        """(first cell, cell after the last) of a title. Columns grow with the visible rows."""
        widths = [table.fitted.drawn[column.key] for column in table.fitted.columns[: number + 1]]
        first = 1 + sum(widths[:-1]) + GAP_CELLS * number
        return first, first + widths[-1]

    columns = list(table.fitted.columns)
    for number, column in sample(list(enumerate(columns)), 3):
        before = (table.sort_key, table.descending)
        for at_the_end in (False, True):
            down = not before[1] if before[0] == column.key else False
            first, behind = cells(number)
            await pilot.click(table, offset=(behind - 1 if at_the_end else first, 0))
            assert (table.sort_key, table.descending) == (column.key, down)
            arrow = f"{column.title} {'↓' if down else '↑'}"
            await wait(lambda arrow=arrow: arrow in title_line(app), arrow)  # type: ignore[misc]
            assert title_line(app).count("↑") + title_line(app).count("↓") == 1

            def is_sorted(sort: Callable[[Any], Any] = column.sort, down: bool = down) -> bool:
                values = [sort(table.rows[i]) for i in table.order]
                return values == sorted(values, reverse=down)

            await wait(is_sorted, column.title)  # a slow machine sorts in portions
            before = (column.key, down)
        await pilot.click(table, offset=(cells(number)[1], 0))  # between two titles
        assert (table.sort_key, table.descending) == before
    return [column.title for column in columns]


@pytest.mark.exhaustive
async def test_every_title_sorts_both_ways(demo: Demo) -> None:
    async with running_app(demo.account(), size=WIDE, refresh=600, flash=False) as (app, pilot):
        browser, clicked = app.browser, {}

        async def here(view: str, least: int = 2) -> None:
            await wait(lambda: browser.view.name == view and len(names(app)) >= least, view)
            await wait(lambda: all(getattr(row, "described", True) for row in browser.table.rows))
            page = browser.pages.current_page
            if isinstance(page, ActivityPage):
                # Its rows make columns wider, one layer after another.
                await wait(
                    lambda: page._timeline is not None and not page._timeline.loading, "read"
                )
            seen: list[Any] = []

            def at_rest() -> bool:  # lines above a page's table come and go while it is read
                widths = tuple(browser.table.fitted.drawn.items())
                seen.append((browser.table.region, len(names(app)), widths))
                return bool(seen[-1][0].area) and len(seen) > 30 and len(set(seen[-30:])) == 1

            await wait(at_rest, "it is laid out")
            clicked[view] = await click_titles(app, pilot)
            assert browser.table.view is not None
            columns = browser.table.view.columns  # of an audit those that tell rows apart
            assert clicked[view] == [column.title for column in columns], view

        await here("clusters")
        await open_services(app, pilot, "batch")  # no deployment changes these services meanwhile
        await here("services")
        await pilot.press("N")
        await here("tasks")
        await pilot.press("n")
        await here("instances")
        for view in ("capacity-providers", "daemons"):
            await pilot.press("colon", *view, "enter")
            await here(view)
        await pilot.press(*["escape"] * 5)
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("enter")
        await wait(lambda: len(names(app)) == 8 and app.browser.table.rows[0].described, "tasks")
        await pilot.press("enter")
        await here("containers")
        await pilot.press("w")
        await here("events", 1)
        await pilot.press("p")
        await here("deployments", 1)
        await pilot.press("N", "x")
        await here("stopped-tasks")
        await pilot.press("0")
        await here("all-services")
        await pilot.press("colon", *"accounts", "enter")
        await here("accounts")
        for view in ("waiting", "sessions", "audit", "activity", "problems"):
            await pilot.press("colon", *view, "enter")
            await here(view, 0)
    assert set(clicked) == {name for name, view in RESOURCES.items() if view.listed}


async def test_a_click_selects_and_a_double_click_opens(demo: Demo) -> None:
    async with running_app(demo.account(), size=(120, 14)) as (app, pilot):
        table = app.browser.table
        await open_services(app, pilot)
        await pilot.click(table, offset=(5, 3))
        assert table.cursor == 2
        await pilot.press("G")
        top = int(table.scroll_offset.y)
        assert top > 0
        await pilot.click(table, offset=(5, 1))
        assert table.cursor == top, "rows are counted from the first one in view"
        assert app.browser.place.view == "services"
        name = names(app)[top + 1]
        await pilot.click(table, offset=(5, 2), times=2)
        await wait(lambda: app.browser.place.service == name, "it is opened")


async def test_a_click_below_the_last_row_does_nothing(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        table = app.browser.table
        await clusters_counted(app)
        await pilot.press("g", "j")
        for times in (1, 2):
            await pilot.click(table, offset=(5, 5), times=times)
            assert (table.cursor, app.browser.place.view) == (1, "clusters")
