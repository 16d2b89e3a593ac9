"""Columns of lists at four widths: what is cut, what gives way, and the order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from ecs_tui.config.settings import Settings
from ecs_tui.model.rules.health import Sign
from ecs_tui.resources.services import service_rank
from ecs_tui.system.terminal_type import FULL
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.table.columns import GAP_CELLS
from tests.support.app import looked_up, open_services, running_app, screen_text, too_wide
from tests.support.demo import Demo
from tests.support.limits import sample, until

pytestmark = pytest.mark.asyncio
WIDTHS = [40, 80, 120, 240]


def titles(app: EcsTuiApp) -> str:
    return screen_text(app).split("\n")[app.browser.table.region.y]


@pytest.mark.exhaustive
@pytest.mark.parametrize("width", sample(WIDTHS, 2))
async def test_what_is_cut_says_so_and_gets_what_is_free(demo: Demo, width: int) -> None:
    async with running_app(demo.account(), size=(width, 40), refresh=600) as (app, pilot):
        await open_services(app, pilot)
        table = app.browser.table
        await until(lambda: looked_up(app), "columns stay while lookups arrive: not before")
        table.fitted.reset()
        table._fit_columns()
        widths = table.fitted.drawn
        assert not too_wide(app)
        lines = screen_text(app).split("\n")[table.region.y + 1 :]
        cut = 0
        for at, index in enumerate(table.order):
            for column in table.fitted.columns:
                text = column.cell(table.rows[index], table.cells.now).text
                if cell_len(text) > widths[column.key]:
                    cut += 1
                    assert "…" in lines[at], "it does not look whole"
        used = 1 + sum(widths.values()) + GAP_CELLS * (len(widths) - 1)
        if cut:
            assert used >= width - 1, "nothing is free"
            idle = {"status", "launch", "exec_on"} & set(widths)
            assert len({row.service.exec_enabled for row in table.rows}) == 2, "so EXEC says much"
            assert idle <= {"exec_on"}, "columns that say nothing have given way"
        if width == 240:
            assert set(widths) == {column.key for column in table.view.columns}


@pytest.mark.exhaustive
@pytest.mark.parametrize("width", sample(WIDTHS, 2))
async def test_the_worst_are_first_and_only_columns_on_the_screen_sort(
    demo: Demo, width: int
) -> None:
    async with running_app(demo.account(), size=(width, 40), refresh=600) as (app, pilot):
        await open_services(app, pilot)
        table = app.browser.table
        ranks = [service_rank(table.rows[index]) for index in table.order]
        assert ranks == sorted(ranks) and ranks[0] == 0
        assert not {"↑", "↓"} & set(titles(app))
        assert str(Sign.BAD) in screen_text(app).split("\n")[table.region.y + 1]
        sorted_by: list[str] = []
        while True:
            await pilot.press("o")
            if not table.sort_key:
                break
            assert table.sort_key in table.shown_columns, "a column on the screen"
            assert table.sort_key not in sorted_by
            sorted_by.append(table.sort_key)
            await until(lambda: titles(app).count("↑") == 1, "the arrow")
            at = titles(app).index("↑")
            assert table.fitted.column_at(at) == table.sort_key, "it is at its column"
        assert len(sorted_by) >= 3
        await until(lambda: not {"↑", "↓"} & set(titles(app)), "worst first, without an arrow")
        ranks = [service_rank(table.rows[index]) for index in table.order]
        assert ranks == sorted(ranks)
        await pilot.press("o", "O")
        await until(lambda: "↓" in titles(app) and "↑" not in titles(app), "reversed")


@pytest.mark.parametrize("colours", [FULL.colours, 0])
async def test_without_colours_what_is_bad_is_bold(demo: Demo, colours: int) -> None:
    terminal = replace(FULL, colours=colours)
    app = EcsTuiApp(demo.account(), Settings.of(cache=False), terminal)
    async with app.run_test(size=(100, 30)) as pilot:
        try:
            await open_services(app, pilot)
            style = app.browser.table._lines._component("bad")
            assert bool(style.bold) is (not colours)
            assert not app.browser.table._lines._component("fine").bold
        finally:
            await app.browser.end()


async def test_columns_change_while_the_rows_stay(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 30), refresh=600) as (app, pilot):
        await open_services(app, pilot)
        table = app.browser.table
        whole = table.view
        for columns in (whole.columns[:2], whole.columns):
            table.change_columns(replace(whole, columns=columns))
            await pilot.pause()
            assert set(table.shown_columns) <= {column.key for column in columns}
            assert table.shown_columns[0] == "name" and "web" in screen_text(app)
