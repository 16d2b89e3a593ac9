"""Pages of the main screen by keys: which is shown, focus, details, history, one list for commands."""

from __future__ import annotations

import pytest
from textual.events import Key

from ecs_tui.resources import RESOURCES, Place
from ecs_tui.ui.list_pane import ListPane, PageMessage
from ecs_tui.ui.page_host import Pages
from ecs_tui.ui.page_kinds import PAGE_KINDS
from ecs_tui.ui.pages.base import Visiting, selection
from ecs_tui.ui.pages.list import ListPage
from ecs_tui.ui.pages.logs.page import LogsPage
from ecs_tui.ui.pages.service.page import ServicePage
from tests.support.app import (
    PREFIX,
    facts,
    names,
    open_services,
    open_shell,
    running_app,
    screen_text,
    select,
)
from tests.support.demo import Demo
from tests.support.footer import says
from tests.support.limits import until

pytestmark = pytest.mark.asyncio
PAGE_OF = {"services": ListPage, "tasks": ServicePage, "logs": LogsPage}


async def test_the_list_and_the_service_are_pages_beside_each_other(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        pages: Pages = app.browser.pages
        await until(lambda: "prod" in names(app), "clusters")
        assert isinstance(pages.current_page, ListPage)
        await open_services(app, pilot)
        assert isinstance(pages.current_page, ListPage)
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks" and names(app), "its tasks")
        assert isinstance(pages.current_page, ServicePage)
        assert [page for page in pages.children if page.display] == [pages.current_page]
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "containers" and names(app), "containers")
        assert isinstance(pages.current_page, ListPage), "a task has no page of its own"
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "tasks" and names(app), "back")
        assert isinstance(pages.current_page, ServicePage)


async def test_the_focus_goes_with_the_page_and_never_to_a_shell(demo: Demo) -> None:
    async with running_app(demo.account(), (120, 40)) as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        await pilot.press(PREFIX, "l")
        await until(lambda: browser.table.has_focus, "the list has the keys")
        for key, view in (
            ("enter", "tasks"), ("1", "overview"), ("5", "definition"), ("tab", "metrics"),
            ("tab", "logs"), ("tab", "overview"), ("shift+tab", "logs"), ("shift+tab", "metrics"),
            ("shift+tab", "definition"), ("shift+tab", "deployments"), ("escape", "services"),
        ):  # fmt: skip
            await pilot.press(key)
            await until(lambda view=view: browser.place.view == view, view)  # type: ignore[misc]
            assert app.focused is browser.pages.current_page.target, view
        assert pane.alive and browser.dock.current is pane, "the shell is still there"


async def test_a_page_that_changes_under_a_shell_leaves_it_the_keys(demo: Demo) -> None:
    async with running_app(demo.account(), (120, 40)) as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        app.browser.go(Place("overview", cluster="prod", service="web"))
        await until(lambda: "exec agents" in screen_text(app), "its overview")
        assert app.browser.focused_pane is pane
        await pilot.press(PREFIX, "l")
        await until(lambda: app.focused is app.browser.pages.current_page.target, "the page")


async def test_details_stay_open_from_page_to_page(demo: Demo) -> None:
    async with running_app(demo.account(), (120, 40)) as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("d")
        await until(
            lambda: facts(app).get("arn", "").endswith("service/prod/web"), "of the service"
        )
        await pilot.press("enter")
        await until(lambda: "last status" in facts(app) or "status" in facts(app), "of a task")
        await pilot.press("1")
        await until(lambda: browser.place.view == "overview" and names(app), "overview")
        assert not browser.details_open, "the overview is one"
        await pilot.press("2")
        await until(lambda: browser.place.view == "tasks" and names(app), "tasks")
        assert browser.details_open
        await pilot.press("escape")
        assert (browser.details_open, browser.place.view) == (False, "tasks")
        await pilot.press("escape")
        await until(lambda: browser.place.view == "services", "the page is left")


async def test_keys_of_lists_act_on_the_list_of_the_page(demo: Demo) -> None:
    async with running_app(demo.account(), (160, 40)) as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: len(names(app)) == 8, "its tasks")
        await pilot.press("j", "space")
        page = browser.pages.current_page
        row, rows = selection(page)
        assert (row, list(rows)) == (browser.table.current, browser.table.marked)
        assert len(rows) == 1
        assert "1 marked" in screen_text(app)
        await pilot.press("slash", *"no-such-task", "enter")
        await until(lambda: 'No rows match "no-such-task"' in screen_text(app), "filtered")
        assert not page.query_one(PageMessage).display, "it stands in place of the rows"
        await pilot.press("escape", "escape")
        await until(lambda: not browser.table.marked and browser.place.view == "tasks", "cleared")
        await pilot.press("o")
        assert browser.table.sort_key == "id"
        await pilot.press("1")
        await until(lambda: browser.place.view == "overview", "overview")
        for key in ("space", "o", "slash", "d", "f1"):
            await pilot.press(key)
            await says(app, "There is no list here.")


async def test_history_goes_through_tabs_and_escape_leaves_them(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        browser = app.browser

        async def at(view: str) -> None:
            await until(lambda: browser.place.view == view, view)

        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("enter", "tab", "tab")
        await at("deployments")
        await pilot.press("[")
        await at("events")
        await pilot.press("[")
        await at("tasks")
        await pilot.press("]", "]")
        await at("deployments")
        await pilot.press("escape")
        await at("services")
        assert browser.view.name_of(browser.table.current) == "web"
        await pilot.press("]", "]", "]")
        await at("deployments")
        await pilot.press("escape", "enter")
        await at("tasks")
        await pilot.press("w")
        await at("events")
        await pilot.press("tab", "escape")
        await at("tasks")
        await pilot.press("escape")
        await at("services")


async def test_recent_places_have_one_entry_for_a_page(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        browser = app.browser
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("enter", "tab", "tab")
        await until(lambda: browser.place.view == "deployments", "deployments")
        recent = [visit.place.view for visit in browser.navigation.recent]
        assert recent == ["services", "clusters"], "without the page that is shown"
        await pilot.press("escape")
        await until(lambda: browser.place.view == "services", "services")
        recent = [visit.place.view for visit in browser.navigation.recent]
        assert recent == ["deployments", "clusters"]
        await pilot.press("colon", "down", "enter")
        await until(lambda: browser.place.view == "deployments", "its last tab")


async def test_every_page_has_what_the_host_asks_for(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        at = app.browser.navigation
        for view in ("services", "tasks", "logs"):
            place = Place(view, cluster="prod", service="" if view == "services" else "web")
            await app.browser.pages.make(place)
            page = app.browser.pages.page_of(place)
            assert isinstance(page, PAGE_OF[view]) and page is app.browser.pages.page_of(place)
            assert any(kind.shows(place) for kind in PAGE_KINDS) is (view != "services")
            page.open(Visiting(at.connection, place, RESOURCES[view]))
            page.say("A message.")
            page.draw()
            page.refresh_now()
            assert isinstance(page.rows, ListPane)
            if view == "logs":
                assert page.part is page.target is page.lines
                assert page.own_keys == "logs"
            else:
                assert page.part is page.rows.table and page.target is page.rows.table
                assert page.own_keys == ""


async def test_a_page_is_made_when_its_first_place_is_shown_and_keys_typed_ahead_are_for_it(
    demo: Demo,
) -> None:
    async with running_app(demo.account()) as (app, _):
        await until(lambda: "prod" in names(app), "clusters")
        pages: Pages = app.browser.pages
        assert [type(page) for page in pages.children] == [ListPage]
        select(app, "prod")
        for _ in range(2):
            app.post_message(Key("L", "L"))
        await until(lambda: "shown already" in app.browser.bars.notes.words, "the second key")
        assert app.browser.place.view == "logs"
        assert [type(page) for page in pages.children] == [ListPage, LogsPage]


async def test_of_two_places_whose_pages_are_made_the_last_is_shown(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        workspace = app.browser.workspace
        workspace.go(Place("audit", cluster="prod"))
        workspace.go(Place("logs", cluster="prod"))
        await until(lambda: app.browser.place.view == "logs", "the last one")
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "services", "the place before")
        workspace.go(Place("activity", cluster="prod"))
        workspace.go(Place("tasks", cluster="prod"))
        assert app.browser.place.view == "tasks", "a list needs no page of its own"
        activity = Place("activity", cluster="prod")
        await until(
            lambda: app.browser.pages.exists(activity), "the other page is made all the same"
        )
        await pilot.pause()
        assert app.browser.place.view == "tasks"
