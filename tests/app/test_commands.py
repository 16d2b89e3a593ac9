"""Commands by their keys: what they act on, marks, places before and after, columns, the keymap."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.access import AccessScreen
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.command import CommandScreen
from ecs_tui.ui.dialogs.confirm import ConfirmScreen
from ecs_tui.ui.dialogs.help import HelpScreen
from tests.support.app import (
    at_rest,
    head_text,
    looked_up,
    names,
    open_services,
    path_text,
    running_app,
    screen_text,
    select,
    shell_text,
)
from tests.support.demo import Demo
from tests.support.dialogs import choose_profiles
from tests.support.footer import says
from tests.support.limits import until
from tests.support.shells import shells

pytestmark = pytest.mark.asyncio
HERE, THERE = "us-east-1", "eu-west-1"


def marked(app: EcsTuiApp) -> list[str]:
    """The names of the rows that a command would act on."""
    context = app.browser.workspace.context()
    assert len(context.rows) == len(context.connections)
    return [context.resource.name_of(row) for row in context.rows]


async def test_what_waits_acts_on_what_was_selected_when_its_key_was_pressed(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 36), refresh=600) as (app, pilot):
        browser = app.browser
        await until(lambda: "staging" in names(app), "the clusters")
        await choose_profiles(app, pilot, "ctrl+r", THERE)
        await until(lambda: names(app) == ["prod-eu"], "those of the other region")
        await pilot.press("[")
        await until(lambda: browser.account.region == HERE and "staging" in names(app), "back")
        here = browser.connections.current
        select(app, "staging")
        demo.set_faults(latency=1.0)
        try:
            await pilot.press("I", "k", "]")
            assert browser.table.current is None or browser.table.current.name != "staging"
            assert browser.account.region == THERE
            assert app.screen is browser, "the command is waiting for AWS"
            screen = await until(
                lambda: app.screen if isinstance(app.screen, AccessScreen) else None, "its dialog"
            )
        finally:
            demo.set_faults(latency=0.0)
        assert browser.account.region == THERE
        await until(lambda: "Access · staging" in screen_text(app), "of that cluster")
        assert screen._account is here.account
        assert screen.targets
        assert all(f":{HERE}:" in target.example for target in screen.targets)


async def test_marks_stay_with_their_rows_until_the_place_changes(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 36)) as (app, pilot):
        await open_services(app, pilot)
        await until(lambda: looked_up(app), "nothing more that could order the rows anew")
        table = app.browser.table
        select(app, "web")
        assert marked(app) == ["web"], "the row under the cursor"
        await pilot.press("g", "space", "j", "j", "ctrl+@")
        three = names(app)[:3]
        assert marked(app) == three
        path = path_text(app)  # between them may stand what the columns CPU and MEM cost
        assert "   3 marked   " in path and path.endswith(f"   {len(table.rows)}")
        lines = screen_text(app).split("\n")
        assert sum(line.startswith("✓") for line in lines) == 3
        before = list(table.rows)
        await pilot.press("O", "r")
        await until(lambda: table.rows != before or names(app)[0] not in three, "another order")
        assert sorted(marked(app)) == sorted(three)
        await pilot.press("slash", *three[0], "enter")
        await until(lambda: three[1] not in names(app), "filtered")
        assert "3 marked, 2 hidden" in path_text(app)
        await pilot.press("escape")
        await until(lambda: three[1] in names(app), "the filter went first")
        assert "3 marked" in path_text(app)
        await pilot.press("escape")
        assert "marked" not in path_text(app)
        assert app.browser.place.view == "services", "then the marks, and nothing else"
        await pilot.press("asterisk")
        assert f"{len(table.rows)} marked" in path_text(app)
        await pilot.press("asterisk")
        assert "marked" not in path_text(app)
        select(app, "web")
        await pilot.press("space", "enter")
        await until(lambda: app.browser.place.view == "tasks" and names(app), "another place")
        await pilot.press("escape")
        await until(lambda: "web" in names(app), "back")
        assert "marked" not in path_text(app)


async def test_a_row_is_marked_and_unmarked(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        select(app, "prod")
        await pilot.press("space")
        assert "1 marked" in path_text(app)
        await pilot.press("j")
        assert marked(app) == ["prod"], "the cursor is elsewhere"
        # Not `k`: what is counted meanwhile can put another row above the cursor.
        select(app, "prod")
        await pilot.press("space")
        assert "marked" not in path_text(app)


async def test_marked_rows_of_several_regions_have_their_own_connections(demo: Demo) -> None:
    async with running_app(demo.account(), accounts=[f"@{THERE}"], size=(140, 36), refresh=600) as (
        app,
        pilot,
    ):
        await until(lambda: {"prod", "prod-eu"} <= {row.name for row in app.browser.table.rows})
        await pilot.press("asterisk")
        context = app.browser.workspace.context()
        regions = {
            row.name: connection.account.region
            for row, connection in zip(context.rows, context.connections, strict=True)
        }
        assert (regions["prod"], regions["prod-eu"]) == (HERE, THERE)


async def test_a_shell_is_opened_in_each_marked_row(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 36), refresh=600) as (app, pilot):
        await open_services(app, pilot)
        for name in ("cart", "search"):
            select(app, name)
            await pilot.press("space")
        select(app, "web")
        await pilot.press("s")
        await until(lambda: "Open a shell in each of 2 marked rows?" in screen_text(app), "asked")
        assert "cart, search: each is a session of its own." in screen_text(app)
        await pilot.press("enter")
        await until(lambda: app.screen is app.browser, "nothing is opened by enter")
        assert not app.browser.dock.panes
        await pilot.press("s")
        await until(lambda: app.screen is not app.browser, "asked again")
        await pilot.press("y")
        panes = app.browser.dock.panes
        await until(lambda: len(panes) == 2 and all("#" in shell_text(each) for each in panes))
        services = [each.target.service for each in panes]
        assert services == ["cart", "search"]


async def test_places_before_and_after(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("]")
        await says(app, "No later place.")
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: app.browser.place.service == "web", "its tasks")
        await pilot.press("[")
        assert app.browser.place.view == "services"
        await until(lambda: app.browser.table.current.name == "web", "the row one came from")
        await pilot.press("]")
        assert app.browser.place.service == "web"
        await pilot.press("[", "[")
        assert app.browser.place.view == "clusters"
        await pilot.press("[")
        await says(app, "No earlier place.")
        await pilot.press("]", "]")
        assert app.browser.place.service == "web"
        await pilot.press("escape")
        assert app.browser.place.view == "services"
        await pilot.press("]")
        assert app.browser.place.service == "web", "esc is a way back too"


async def test_half_a_page_and_columns_by_number(demo: Demo) -> None:
    async with running_app(demo.account(), size=(120, 16), refresh=600) as (app, pilot):
        await open_services(app, pilot)
        table = app.browser.table
        await pilot.press("g", "ctrl+d")
        assert table.cursor == table.page // 2
        await pilot.press("ctrl+u")
        assert table.cursor == 0
        await at_rest(app, pilot)  # lookups may change which columns are shown
        columns = table.shown_columns
        await pilot.press("f2")
        assert table.sort_key == columns[1]
        down = list(names(app))
        await pilot.press("f2")
        assert names(app) != down, "again: reversed"
        await at_rest(app, pilot)
        columns = table.shown_columns
        await pilot.press("f11")
        line = await says(app, "Only ", " columns are shown.")
        assert f" {len(columns)} " in line
        await pilot.press("f1")
        assert table.sort_key == columns[0]
        await at_rest(app, pilot)
        following = table.shown_columns[1]
        await pilot.press("o")
        assert table.sort_key == following, "the next one that is shown"
        order = [column.key for column in table.view.columns]
        while table.sort_key:
            before = order.index(table.sort_key)
            await at_rest(app, pilot)
            await pilot.press("o")
            if table.sort_key:
                assert order.index(table.sort_key) > before
                assert table.sort_key in table.shown_columns
        # After the last one the worst come first, as at the start.
        await at_rest(app, pilot)
        await pilot.press("o")
        assert table.sort_key == table.shown_columns[0], "and the first one again"


async def test_wide_lists_have_more_columns(demo: Demo) -> None:
    async with running_app(demo.account(), size=(90, 24)) as (app, pilot):
        await open_services(app, pilot)
        table = app.browser.table
        before = table.shown_columns
        await pilot.press("ctrl+w")
        wide = set(table.shown_columns)
        assert set(before) < wide
        await pilot.press("ctrl+w")
        assert set(table.shown_columns) < wide


async def test_read_only_is_seen_without_the_header_too(demo: Demo) -> None:
    async with running_app(demo.account(read_only=True)) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        assert path_text(app).split()[0] == "clusters"
        await pilot.press("ctrl+e", "ctrl+e")
        await until(lambda: "clusters" in screen_text(app).split("\n")[0], "the path is first")
        assert screen_text(app).split("\n")[0].split()[:3] == [HERE, "READ-ONLY", "clusters"]
        await pilot.press("ctrl+e")
        await until(lambda: "READ-ONLY" in head_text(app), "the header")


async def open_goto(app: EcsTuiApp, pilot: Pilot[None], text: str = "") -> str:
    await pilot.press("colon", *text)
    await until(lambda: app.browser.prompt.is_open, "the prompt")
    await pilot.pause()
    return screen_text(app)


async def test_an_empty_go_to_offers_recent_places_and_commands_with_their_keys(
    demo: Demo,
) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: app.browser.place.service == "web", "its tasks")
        text = await open_goto(app, pilot)
        assert "recent          prod › services" in text
        assert "recent          clusters" in text
        assert "List clusters." in text and "Next row." not in text, "moving is the last"
        assert " more" in text
        await pilot.press("enter")
        assert app.browser.place.service == "web", "nothing was chosen"
        await open_goto(app, pilot)
        await pilot.press("down", "enter")
        await until(lambda: app.browser.place.view == "services", "the place before")


async def test_commands_are_found_with_their_help_and_keys(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 40)) as (app, pilot):
        await open_services(app, pilot)
        text = await open_goto(app, pilot, "poli")
        assert "command         policy" in text
        assert "Generate an operator policy" in text
        await pilot.press("escape")
        text = await open_goto(app, pilot, "doctor")
        assert "D  Check why ECS Exec works or fails here" in text, "by its old name"
        await pilot.press("escape")
        await open_goto(app, pilot, "e")
        matches = app.browser.prompt.matches
        assert len(matches) > 11
        await pilot.press(*["down"] * 11, "enter")
        chosen = matches[11]
        await until(lambda: not app.browser.prompt.is_open, "closed")
        if chosen.place is not None:
            await until(lambda: app.browser.place == chosen.place, "the one that was chosen")


async def test_the_lines_of_filter_and_go_to_begin_with_their_signs(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters")
        total = len(app.browser.table.rows)
        await pilot.press("slash", *"prod")
        await until(lambda: names(app) == ["prod"], "filtered")
        line = screen_text(app).split("\n")[-2].strip()
        assert line.startswith("/ prod") and line.endswith(f"1/{total}")
        await pilot.press("escape", "slash", *"!prod", "enter")
        await until(lambda: "prod" not in names(app) and len(names(app)) == total - 1, "inverted")
        await pilot.press("slash", *"~(")
        await until(lambda: "is not a valid regular expression" in screen_text(app), "it says so")
        await pilot.press("escape")
        await open_goto(app, pilot, "prod")
        assert any(line.strip().startswith(": prod") for line in screen_text(app).split("\n"))


async def test_the_help_begins_with_what_is_possible_here(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 60)) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("?")
        await until(lambda: isinstance(app.screen, HelpScreen), "the help")
        screen = app.screen
        assert isinstance(screen, HelpScreen)
        lines = screen.text.split("\n")
        assert lines[0] == "Here"
        here = lines[: lines.index("Navigation")]
        assert any("Open a shell" in line for line in here)
        assert not any("Toggle stopped" in line for line in here), "that is for tasks"
        assert any("enter l →" in line for line in lines), "all keys of a command"
        await pilot.press("slash", *"shell", "enter")
        shorter = screen.text.split("\n")
        assert len(shorter) < len(lines)
        assert all("shell" in line.casefold() for line in shorter if line.startswith("  "))
        await pilot.press("slash", "escape")
        assert screen.text.split("\n") == lines
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")


async def test_dialogs_show_their_keys(demo: Demo) -> None:
    async with running_app(demo.account(), size=(120, 40)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "orders")
        await pilot.press("c")
        dialog = await until(lambda: app.screen if isinstance(app.screen, ChooseScreen) else None)
        await until(lambda: "enter select   esc cancel   ? keys" in screen_text(app), "the line")
        await pilot.press("?")
        await until(lambda: "In this dialog" in screen_text(app), "its keys")
        text = screen_text(app)
        for words in ("In this dialog", "enter  Select", "esc    Close, or cancel", "? f1"):
            assert words in text, text
        await pilot.press("escape")
        await until(lambda: app.screen is dialog, "back in the dialog")
        await pilot.press("escape", "E")
        await until(lambda: isinstance(app.screen, CommandScreen), "an input line")
        await until(lambda: "f1 keys" in screen_text(app), "where ? is typed")
        await pilot.press("?", "f1")
        await until(lambda: isinstance(app.screen, HelpScreen), "its keys")
        await until(lambda: "Earlier command" in screen_text(app), "it is drawn")


async def test_shells_show_their_keys_and_name_unknown_ones(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        await made.prefix("?")
        await made.shows("In a shell, after ctrl+] or f12")
        await made.pilot.press("G")
        await made.shows("Close this shell and terminate its session")
        assert "Next row" not in screen_text(made.app)
        await made.pilot.press("escape")
        await until(lambda: made.app.screen is made.app.browser, "closed")
        await made.prefix("j")
        await says(made.app, "ctrl+] j does nothing. ctrl+] ? lists the keys.")
        await made.prefix("5")
        await says(made.app, "There is no shell 5.")


async def test_the_operators_own_keys_work_and_are_shown(demo: Demo) -> None:
    keys = {"exec-check": "f5", "split": "D", "confirm-yes": "Y", "zoom": "f", "sort-column": "1"}
    async with shells(demo, "orders", keys=keys) as made:
        app, pilot = made.app, made.pilot
        await made.prefix("f")
        await until(lambda: made.dock.zoomed, "zoomed")
        await made.prefix("f")
        await made.prefix("z")
        await says(app, "ctrl+] z does nothing.")
        await made.prefix("l")
        await says(app, "f5 exec check")
        await pilot.press("1")
        first = names(app)[0]
        assert names(app) == sorted(names(app)), "by the first column"
        await pilot.press("1")
        assert names(app)[-1] == first, "the first column is sorted the other way round"
        await pilot.press("q")
        await until(lambda: isinstance(app.screen, ConfirmScreen), "the question")
        await until(lambda: "Y quit" in screen_text(app), "it is drawn")
        await pilot.press("y")
        assert isinstance(app.screen, ConfirmScreen), "that is no key any more"
        await pilot.press("n")
        await until(lambda: app.screen is app.browser, "it goes on")
        await pilot.press("?")
        screen = await until(
            lambda: app.screen if isinstance(app.screen, HelpScreen) else None, "the help"
        )
        assert any(line.split()[:2] == ["f5", "Check"] for line in screen.text.split("\n"))
