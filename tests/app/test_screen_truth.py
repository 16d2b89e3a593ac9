"""What the screen says is true: filters by column title, the header, what Enter opens."""

from __future__ import annotations

import pytest

from ecs_tui.model.text import counted
from ecs_tui.resources import RESOURCES
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.confirm import ConfirmScreen
from ecs_tui.ui.table.terms import column_called, title_word, unknown_column
from tests.support.app import (
    PREFIX,
    names,
    open_services,
    open_shell,
    running_app,
    screen_text,
    select,
    too_wide,
)
from tests.support.demo import Demo
from tests.support.limits import until

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("view", RESOURCES.values(), ids=RESOURCES)
async def test_every_column_is_found_by_its_title(view: object) -> None:
    columns = view.columns  # type: ignore[attr-defined]
    titles = [title_word(column) for column in columns]
    assert len(set(titles)) == len(titles)
    for column, title in zip(columns, titles, strict=True):
        for word in {title, title.replace("-", "_"), title.replace("-", "")}:
            assert column_called(view, word) is column, word  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "unknown"),
    [("exec:on", ""), ("foo:1", "foo"), ("web foo:1", "foo"), (":x", ""), ("web", "")],
)
async def test_an_unknown_column_is_told(text: str, unknown: str) -> None:
    assert unknown_column(RESOURCES["services"], text) == unknown


async def test_a_filter_by_title_shows_what_that_column_shows(demo: Demo) -> None:
    async with running_app(demo.account(), size=(200, 40)) as (app, pilot):
        await open_services(app, pilot)
        table = app.browser.table
        await until(lambda: "62/85" in screen_text(app) or len(table.rows) > 10, "services")

        async def filtered(text: str) -> set[str]:
            if table.filter:
                await pilot.press("escape")
            await pilot.press("slash", *text, "enter")
            await until(lambda: table.filter == text, text)
            return set(names(app))

        everything = set(names(app))
        on = await filtered("exec:on")
        assert on == everything - {"reports"}, screen_text(app)
        assert len(on) == len(everything) - 1  # all but reports
        assert await filtered("exec:off") == {"reports"}
        assert await filtered("service:web") == {"web"}
        assert await filtered("colour:red") == set()
        assert 'No column "colour" here. Columns: service, status, tasks' in screen_text(app)


@pytest.mark.parametrize("read_only", [True, False])
async def test_region_and_read_only_are_the_last_words_to_go(demo: Demo, read_only: bool) -> None:
    account = demo.account(read_only=read_only)
    async with running_app(account, size=(200, 24)) as (app, pilot):
        await until(lambda: "prod" in names(app), "clusters")
        await until(lambda: app.browser.connections.current.caller is not None, "who we are")
        await until(lambda: "● " in screen_text(app).split("\n")[0], "fresh")
        for width in (200, 160, 120, 80, 60, 40):
            await pilot.resize_terminal(width, 24)
            wanted = "READ-ONLY" if read_only else "us-east-1"
            await until(
                lambda width=width, wanted=wanted: (
                    app.browser.bars.head.region.right == width
                    and wanted in screen_text(app).split("\n")[0]
                ),
                f"it is drawn in {width} columns",
            )
            line = screen_text(app).split("\n")[0]
            assert not too_wide(app), width
            assert "us-east-1" in line, width
            assert ("READ-ONLY" in line) is read_only, width
            assert "…" not in line, width
            if width >= 60:
                assert "alice" in line, width


async def test_enter_does_not_confirm_what_ends_shells(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        await open_shell(app, pilot, "orders")
        await pilot.press(PREFIX, "l")
        await pilot.press("q")
        await until(lambda: isinstance(app.screen, ConfirmScreen), "asked")
        await until(lambda: "n or enter no" in screen_text(app), "it is drawn")
        await pilot.press("enter")
        await until(lambda: app.screen is app.browser, "back")
        assert app.is_running
        assert len(app.browser.dock.panes) == 1


async def test_the_arrow_moves_with_the_sort_where_no_row_moves(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 40)) as (app, _pilot):
        await until(lambda: len(names(app)) == 4, "clusters")
        title = next(line for line in screen_text(app).split("\n") if "CLUSTER" in line)
        assert "↑" not in title, "the worst rows are first"
        app.browser.table.sort_by("name")
        await until(lambda: "CLUSTER ↑" in screen_text(app), "sorted by name")
        app.browser.table.sort_by("status")  # all of them are active
        await until(lambda: "STATUS ↑" in screen_text(app), "the arrow is there")
        assert "CLUSTER ↑" not in screen_text(app)


async def test_some_of_several_is_a_warning_in_every_list(demo: Demo) -> None:
    async with running_app(demo.account(), size=(200, 40)) as (app, pilot):
        await open_services(app, pilot)
        rows = [app.browser.table.rows[i] for i in app.browser.table.order]
        lines = {row.name: line_of(app, row.name) for row in rows}
        some = {row.name for row in rows if 0 < row.agents[0] < row.agents[1]}
        every = {row.name for row in rows if row.agents[0] == row.agents[1] > 0}
        assert {"edge", "payments"} <= some
        for name in some:
            assert "▲ ready " in lines[name], lines[name]
        for name in every:
            assert "● ready " in lines[name], lines[name]
        select(app, "payments")
        await pilot.press("enter")
        await until(lambda: names(app), "tasks")
        await until(lambda: all(row.described for row in app.browser.table.rows), "described")
        await until(lambda: "▲ ready (except" in screen_text(app), "in the list of tasks")
        assert "● ready (except" not in screen_text(app)
        await pilot.press("escape", "escape")
        await until(lambda: "prod" in names(app), "clusters")
        assert "▲ " in line_of(app, "prod").split("ready")[0]


def line_of(app: EcsTuiApp, name: str) -> str:
    """The line of the list that shows a row; the header may name it too."""
    lines = screen_text(app).split("\n")[app.browser.table.region.y :]
    return next(line for line in lines if f" {name} " in line)


@pytest.mark.parametrize("width", [160, 80, 60, 40])
async def test_the_header_of_a_merged_list_is_about_all_of_it(demo: Demo, width: int) -> None:
    pairs = ["@eu-west-1", "@ap-south-1"]
    account = demo.account(read_only=True)
    async with running_app(account, accounts=pairs, size=(width, 24)) as (app, pilot):
        try:
            await until(lambda: {"prod", "prod-eu"} <= set(names(app)), "the merged list")
        except AssertionError:
            raise AssertionError(screen_text(app)) from None
        head = await until(
            lambda: next((line for line in [first_line(app)] if "READ-ONLY" in line), ""), "header"
        )
        assert "all (3)" in head
        assert "us-east-1" not in head and "eu-west-1" not in head
        assert "account" not in head
        if width >= 60:
            assert "all (3): 3 regions" in head
            assert "clusters of 3 regions" in screen_text(app).split("\n")[1]
        select(app, "prod-eu")
        await pilot.press("enter")
        await until(lambda: "web-eu" in names(app), "into one of them")
        await until(lambda: "eu-west-1" in first_line(app), "its header is that region's")
        assert "all (3)" not in first_line(app)


def first_line(app: EcsTuiApp) -> str:
    return screen_text(app).split("\n")[0]


async def test_a_merged_list_is_as_fresh_as_its_oldest_part(demo: Demo) -> None:
    async with running_app(demo.account(), accounts=["@eu-west-1"], size=(120, 24)) as (app, _):
        homes = app.browser.connections.all
        scope = Scope(Kind.CLUSTER)
        await until(
            lambda: all(connection.inventory.freshness(scope).fetched_at for connection in homes),
            "both",
        )
        fetched = [connection.inventory.freshness(scope).fetched_at for connection in homes]
        every = app.browser.navigation.freshness()
        assert len(every) == 2
        assert {item.fetched_at for item in every} == set(fetched)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 shells"), (1, "1 shell"), (2, "2 shells"), (1000, "1000 shells")]
)
async def test_a_number_and_its_noun_agree(count: int, words: str) -> None:
    assert counted(count, "shell") == words
