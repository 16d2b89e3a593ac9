"""Column titles, rows and tabs by the mouse: sorting by every column, selection, double clicks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.resources import RESOURCES
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.table.columns import GAP_CELLS
from tests.support.app import names, open_services, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.limits import until as wait

pytestmark = pytest.mark.asyncio
WIDE = (260, 40)


def title_line(app: EcsTuiApp) -> str:
    return screen_text(app).split("\n")[app.browser.table.region.y]


async def click_every_title(app: EcsTuiApp, pilot: Pilot[None]) -> list[str]:
    """Click each title twice, at its first and its last cell; returns the titles."""
    table = app.browser.table
    view = table.view
    assert view is not None
    app.browser.refresher.look_at()  # answers that arrive later could make columns wider meanwhile
    await pilot.pause()

    def cells(number: int) -> tuple[int, int]:
        """(first cell, cell after the last) of a title. Columns grow with the visible rows."""
        widths = [table._drawn[column.key] for column in table._columns[: number + 1]]
        first = 1 + sum(widths[:-1]) + GAP_CELLS * number
        return first, first + widths[-1]

    seen = []
    for number, column in enumerate(list(table._columns)):
        before = (table.sort_key or view.columns[0].key, table.descending)
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
        seen.append(column.title)
    return seen


async def test_every_title_sorts_both_ways(demo: Demo) -> None:
    async with running_app(demo.account(), size=WIDE, refresh=600, flash=False) as (app, pilot):
        browser, clicked = app.browser, {}

        async def here(view: str) -> None:
            await wait(lambda: browser.place.view == view and len(names(app)) > 1, view)
            await wait(lambda: all(getattr(row, "described", True) for row in browser.table.rows))
            clicked[view] = await click_every_title(app, pilot)

        await here("clusters")
        await open_services(app, pilot, "batch")  # no deployment changes these services meanwhile
        await here("services")
        await pilot.press("N")
        await here("tasks")
        await pilot.press("n")
        await here("instances")
        await pilot.press("escape", "escape", "escape")
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("enter")
        await wait(lambda: len(names(app)) == 8 and app.browser.table.rows[0].described, "tasks")
        await pilot.press("enter")
        await here("containers")
        await pilot.press("colon", *"accounts", "enter")
        await here("accounts")
    assert set(clicked) == set(RESOURCES)
    for view, titles in clicked.items():
        assert titles == [column.title for column in RESOURCES[view].columns], view


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
        await wait(lambda: len(names(app)) == 4, "clusters")
        await pilot.press("j")
        for times in (1, 2):
            await pilot.click(table, offset=(5, 5), times=times)
            assert (table.cursor, app.browser.place.view) == (1, "clusters")
