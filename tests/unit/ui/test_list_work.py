"""What a key costs in a list: as many cells and lines for 10,000 rows as for 600."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from ecs_tui.model.task import Task
from ecs_tui.resources.tasks import TASKS
from ecs_tui.ui.table.lines import MAX_KEPT
from ecs_tui.ui.table.table import ResourceTable
from tests.support.limits import until

pytestmark = pytest.mark.asyncio


class ListApp(App[None]):
    """A list and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.table = ResourceTable(TASKS, flash=False)
        self.layouts = 0

    def compose(self) -> ComposeResult:
        """The list."""
        yield self.table


def tasks(count: int) -> list[Task]:
    return [
        Task(
            f"arn:aws:ecs:eu-west-1:1:task/prod/{number:08x}", f"{number:08x}", "arn:cluster/prod",
            f"service:svc-{number % 20}", "RUNNING", "RUNNING", "HEALTHY", zone="eu-west-1b",
        )
        for number in range(count)
    ]  # fmt: skip


async def filled(app: ListApp, pilot: Pilot[None], rows: list[Task]) -> None:
    """Wait until the keys of all rows are made."""
    table = app.table
    table.update_rows(rows)
    index = table._row_index
    await until(lambda: not (index.incomplete or index._missing or index.wordless), "keys")
    await pilot.pause()


async def work(count: int) -> dict[str, tuple[int, int]]:
    """(cells, lines) made for each key in a list of so many rows."""
    app = ListApp()
    found: dict[str, tuple[int, int]] = {}
    async with app.run_test(size=(140, 43)) as pilot:
        table = app.table
        await filled(app, pilot, tasks(count))
        for name, key in (
            ("down", lambda: table.move(1)),
            ("page", lambda: table.move(table.page)),
            ("up", lambda: table.move(-1)),
            ("end", lambda: table.move(len(table.order))),
            ("top", lambda: table.move(-len(table.order))),
            ("first letter", lambda: table.set_filter("s")),
            ("letter", lambda: table.set_filter("sv")),
        ):
            cells, lines = table.cells.made, table.redrawn_rows
            key()
            await pilot.pause()
            found[name] = (table.cells.made - cells, table.redrawn_rows - lines)
    return found


async def test_a_key_makes_as_many_cells_and_lines_in_a_long_list() -> None:
    few, many = await work(600), await work(10_000)
    assert many == few
    assert few["down"] == (0, 0), "both lines have been drawn before"
    assert few["letter"] == (0, 0), "the same rows are on the screen"
    assert 0 < few["end"][1] < MAX_KEPT


async def test_a_filter_lays_the_screen_out_only_if_the_scroll_bar_comes_or_goes() -> None:
    app = ListApp()
    async with app.run_test(size=(140, 43)) as pilot:
        table = app.table
        await filled(app, pilot, tasks(500))
        bar = table.vertical_scrollbar
        # A pause ends early on a busy machine: Textual takes a process without CPU time for an idle one.
        await until(
            lambda: table.show_vertical_scrollbar and bar.size.height == 43, "the scroll bar"
        )
        laid_out = []
        screen, layout = app.screen, app.screen._refresh_layout
        screen._refresh_layout = lambda *a, **k: (laid_out.append(1), layout(*a, **k))[1]  # type: ignore[method-assign]
        table.set_filter("svc-1")
        await until(lambda: table.virtual_size.height == len(table.order) + 1 == 276, "fewer rows")
        await pilot.pause()
        assert not laid_out
        assert table.max_scroll_y == 276 - 43
        table.set_filter("svc-1 0000000")
        await until(
            lambda: laid_out and not table.show_vertical_scrollbar, "no scroll bar any more"
        )


async def test_only_lines_that_differ_are_drawn_when_a_row_goes() -> None:
    app = ListApp()
    async with app.run_test(size=(140, 43)) as pilot:
        table = app.table
        rows = tasks(20)
        await filled(app, pilot, rows)
        drawn: list[int] = []
        line = table.render_line
        table.render_line = lambda y: (drawn.append(y), line(y))[1]  # type: ignore[method-assign]
        await filled(app, pilot, [*rows[:5], replace(rows[5], zone="eu-west-1a"), *rows[6:]])
        assert set(drawn) == {6}
        drawn.clear()
        await filled(app, pilot, [*rows[:5], *rows[6:]])
        assert set(drawn) == set(range(6, 21)), "the rows below move up, and a line is empty"
