"""Tags by keys: columns of one's choice, groups, filters; the cursor stays on its row."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from ecs_tui.config.sections import ListSettings
from ecs_tui.resources import Place
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.commands.lists import LISTS
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.tags import TagColumnsScreen
from tests.support.app import names, open_services, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.limits import until

pytestmark = pytest.mark.asyncio


async def test_commands_about_tags_have_a_name_and_no_key(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, _):
        assert [each.id for each in LISTS] == ["tags", "group"]
        assert not any(app.browser.keymap.of(each.id) for each in LISTS)


async def command(
    app: EcsTuiApp, pilot: Pilot[None], name: str, kind: type[Screen[object]]
) -> None:
    """Run a command by its name and wait for its dialog."""
    await pilot.press("colon", *name, "enter")
    await until(lambda: isinstance(app.screen, kind), name)


def titles(app: EcsTuiApp) -> str:
    return screen_text(app).split("\n")[app.browser.table.region.y]


async def test_a_tag_gets_a_column_and_keeps_it(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 40)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "web")
        await command(app, pilot, "tags", TagColumnsScreen)  # type: ignore[arg-type]
        assert "team   " in screen_text(app) and " rows, " in screen_text(app)
        await pilot.press("slash", *"team", "enter", "space", "enter")
        await until(lambda: app.screen is app.browser, "closed")
        await until(lambda: " team" in titles(app), "a column")
        row = app.browser.table.current
        assert row.name == "web", "the cursor is on its row"
        lines = screen_text(app).split("\n")
        line = next(each for each in lines if "● web " in each)
        assert f"  {row.service.tags['team']} " in line
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "clusters", "elsewhere")
        assert " team" not in titles(app)
        await open_services(app, pilot)
        assert "tag:team" in app.browser.table.shown_columns
        await pilot.press("slash", *f"team:{row.service.tags['team']}", "enter")
        await until(lambda: "web" in names(app), "its title is a name in filters")
        teams = {
            each.service.tags["team"]
            for each in (app.browser.table.rows[i] for i in app.browser.table.order)
        }
        assert teams == {row.service.tags["team"]}
    async with running_app(demo.account(), size=(160, 40)) as (app, pilot):
        await open_services(app, pilot)
        assert "tag:team" in app.browser.table.shown_columns, "also at the next start"
        await command(app, pilot, "tags", TagColumnsScreen)  # type: ignore[arg-type]
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "cancelled")
        assert "tag:team" in app.browser.table.shown_columns
        await command(app, pilot, "tags", TagColumnsScreen)  # type: ignore[arg-type]
        await pilot.press("space", "enter")
        await until(lambda: "tag:team" not in app.browser.table.shown_columns, "no more")


async def test_groups_stand_together_and_the_cursor_stays(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 45)) as (app, pilot):
        await open_services(app, pilot)
        table = app.browser.table
        before = names(app)
        select(app, "web")
        await pilot.press("space")
        await command(app, pilot, "group", ChooseScreen)  # type: ignore[arg-type]
        keys = [key for key, _ in app.screen._choices]  # type: ignore[attr-defined]
        await pilot.press(*["j"] * keys.index("team"), "enter")
        await until(lambda: table.shown_columns[:1] == ["tag:team"], "grouped")
        assert table.current.name == "web" and len(table.marked) == 1
        assert sorted(names(app)) == sorted(before)
        rows = [table.rows[index] for index in table.order]
        teams = [row.service.tags.get("team", "") for row in rows]
        assert len(set(teams)) > 1
        for team in set(teams):
            first, last = teams.index(team), len(teams) - teams[::-1].index(team)
            assert teams[first:last] == [team] * teams.count(team), "they stand together"
        await until(lambda: "by tag:team" in screen_text(app), "the path says so")
        body = screen_text(app).split("\n")[table.region.y + 1 : table.region.bottom]
        shown = [line[1:].split("  ")[0].strip() for line in body if line.strip()]
        assert [name for name in shown if name] == list(
            dict.fromkeys(team or "-" for team in teams)
        )
        await pilot.press("o", "o")
        assert table.current.name == "web"
        await command(app, pilot, "group", ChooseScreen)  # type: ignore[arg-type]
        await pilot.press("g", "home", "enter")
        await until(lambda: "tag:team" not in table.shown_columns, "no groups")
        assert table.current.name == "web"


async def test_the_config_file_gives_columns_to_every_list(demo: Demo) -> None:
    lists = ListSettings(columns=("tag:team",), views={"tasks": {"columns": ("tag:environment",)}})
    async with running_app(demo.account(), size=(200, 40), lists=lists) as (app, pilot):
        await open_services(app, pilot)
        assert "tag:team" in app.browser.table.shown_columns
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks" and names(app), "tasks")
        await until(lambda: "tag:environment" in app.browser.table.shown_columns, "its own")
        assert "tag:team" not in app.browser.table.shown_columns


async def test_rows_are_filtered_by_a_tag_and_a_list_without_tags_says_so(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        app.browser.go(Place("events", cluster="prod", service="web"))
        await until(lambda: app.browser.view.name == "events", "events")
        await pilot.press("colon", *"tags", "enter")
        await until(lambda: "The rows of this list have no tags." in screen_text(app), "said")
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "services", "back")
        await pilot.press("slash", *"tag:environment=production", "enter")
        await until(lambda: app.browser.table.filter.startswith("tag:"), "filtered")
        rows = [app.browser.table.rows[index] for index in app.browser.table.order]
        assert rows and all("production" in row.service.tags["environment"] for row in rows)
