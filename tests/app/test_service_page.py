"""The page of a service by keys on the demo account: its tabs, and what each shows."""

from __future__ import annotations

import json

import pytest
from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Input, Static

from ecs_tui.aws.api import ecs
from ecs_tui.config.settings import Settings
from ecs_tui.config.state import state_folder
from ecs_tui.resources import Place
from ecs_tui.resources.service_page import TABS
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from ecs_tui.ui.dialogs.help import HelpScreen
from ecs_tui.ui.dialogs.text import TextScreen
from ecs_tui.ui.dialogs.text_body import TextBody
from ecs_tui.ui.page_host import Pages
from ecs_tui.ui.pages.service.definition import DefinitionTab
from ecs_tui.ui.pages.service.overview import OverviewTab
from ecs_tui.ui.pages.service.page import ServicePage
from ecs_tui.ui.pages.service.scrolled import ScrolledPart
from ecs_tui.ui.start import StartPlace
from ecs_tui.ui.tab_line import TabLine
from tests.support.app import (
    at_rest,
    facts,
    names,
    open_services,
    running_app,
    screen_text,
    select,
    too_wide,
)
from tests.support.demo import Demo
from tests.support.footer import last_line, says
from tests.support.limits import sample, until

pytestmark = pytest.mark.asyncio


def shown_line(app: EcsTuiApp) -> TabLine:
    """The line of tabs that is on the screen, else any; the page of logs has one of its own."""
    every = list(app.browser.query(TabLine))
    return next((line for line in every if line.region), every[0])


def tab_line(app: EcsTuiApp) -> str:
    """The line of tabs as it is on the screen, "" if it is not shown."""
    line = shown_line(app)
    return screen_text(app).split("\n")[line.region.y] if line.region else ""


async def at(app: EcsTuiApp, view: str) -> None:
    await until(lambda: app.browser.place.view == view and names(app), view)


async def open_page(app: EcsTuiApp, pilot: Pilot[None], service: str, key: str, view: str) -> None:
    """Open the services of prod, and a tab of one of them with a key on its row."""
    if app.browser.place.view != "services":
        await open_services(app, pilot)
    select(app, service)
    await pilot.press(key)
    await at(app, view)


async def test_what_is_read_while_one_looks_is_shown_and_the_place_stays(demo: Demo) -> None:
    """The numbers beside the tabs follow a deployment.

    The demo's deployment of `checkout` ends three minutes after its start, so this test is the first.
    """
    async with running_app(demo.account(), (120, 30), refresh=1) as (app, pilot):
        await open_page(app, pilot, "checkout", "p", "deployments")
        await until(lambda: "deploying" in tab_line(app), "it is deployed")
        seen = set()
        place, key = app.browser.place, names(app)[0]
        await until(lambda: seen.add(tab_line(app)) or len(seen) > 1, "another state", 60)
        assert app.browser.place == place
        assert key in names(app)


async def test_a_key_on_a_service_opens_its_tab_and_escape_leads_back(demo: Demo) -> None:
    tabs = {"enter": "tasks", "w": "events", "p": "deployments", "t": "definition"}
    async with running_app(demo.account()) as (app, pilot):
        for key, view in tabs.items():
            await open_page(app, pilot, "web", key, view)
            assert app.browser.place == Place(view, cluster="prod", service="web")
            assert f"clusters › prod › web › {view}" in screen_text(app)
            await pilot.press("escape")
            await at(app, "services")
            assert app.browser.view.name_of(app.browser.table.current) == "web"
            assert tab_line(app) == ""


async def test_tabs_by_tab_digits_and_clicks(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_page(app, pilot, "web", "enter", "tasks")
        for view in (*TABS[2:], "overview", "tasks"):
            await pilot.press("tab")
            await at(app, view)
        for view in ("overview", "logs", "metrics", "definition"):
            await pilot.press("shift+tab")
            await at(app, view)
        await pilot.press("8")
        await says(app, "There are only 7 tabs.")
        for number, view in enumerate(TABS, 1):
            await pilot.press(str(number))
            await at(app, view)
        assert "7 logs" in tab_line(app), "above the lines too"
        for view in TABS:
            await pilot.click(shown_line(app), offset=(tab_line(app).index(view) + 1, 0))
            await at(app, view)
        await pilot.click(shown_line(app), offset=(app.size.width - 1, 0))  # the service's name
        assert app.browser.place.view == "logs"
        await pilot.press("escape")
        await at(app, "services")
        await pilot.press("tab")
        await says(app, "There are no tabs here: open a service first.")


async def test_a_tab_comes_back_as_it_was_left(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_page(app, pilot, "worker", "enter", "tasks")
        await pilot.press("x")
        # The first one stops some 20 s after the demo's start.
        await until(lambda: app.browser.place.stopped and names(app), "stopped tasks", 60)
        await pilot.press("G")
        chosen = app.browser.table.current.id
        await pilot.press("tab")
        await at(app, "events")
        await pilot.press("shift+tab")
        await until(lambda: app.browser.place.stopped and names(app), "the stopped tasks again")
        assert app.browser.table.current.id == chosen
        await pilot.press("escape")
        await at(app, "services")
        await pilot.press("right_square_bracket")
        await at(app, "tasks")
        await pilot.press("x")
        await until(lambda: app.browser.place.stopped and names(app), "stopped ones")
        await pilot.press("escape")
        await until(lambda: not app.browser.place.stopped and names(app), "escape undoes it")
        await pilot.press("x", "x")
        await until(lambda: not app.browser.place.stopped and names(app), "as its key does")
        await pilot.press("escape")
        await at(app, "services")
        await pilot.press("enter")
        await at(app, "tasks")
        assert not app.browser.place.stopped, "a page that is opened anew begins with running ones"


@pytest.mark.exhaustive
@pytest.mark.parametrize("width", sample([40, 60, 80, 120, 200], 3))
async def test_the_line_of_tabs_fits_and_says_name_state_and_numbers(
    demo: Demo, width: int
) -> None:
    async with running_app(demo.account(), (width, 24)) as (app, pilot):
        await open_page(app, pilot, "web", "enter", "tasks")
        await until(lambda: "tasks 8" in tab_line(app), "the number of tasks")
        line = tab_line(app)
        assert "depl" in line and "1" in line
        assert cell_len(line) <= width
        if width >= 60:
            assert "● web" in line
        if width >= 100:
            assert "steady" in line and "1 overview" in line
        for view in TABS:
            await pilot.press(str(TABS.index(view) + 1))
            await at(app, view)
            assert too_wide(app) == [], view


async def test_the_overview_says_why_a_service_fails(demo: Demo) -> None:
    # High enough for what is said besides once the service has failed for long.
    async with running_app(demo.account(), (140, 60), refresh=1) as (app, pilot):
        await open_page(app, pilot, "worker", "enter", "tasks")
        await pilot.press("1")
        await at(app, "overview")
        await until(lambda: "state       ✖ failing: " in screen_text(app), "its state")
        await until(lambda: "app exit 137 OutOfMemoryError" in screen_text(app), "why", 40)
        await until(lambda: "last stop   task " in screen_text(app), "the task that stopped last")
        # A text that has become longer is cut at its end until the next layout.
        for words in (
            "worker:15  in progress",
            "circuit breaker",
            "subnets",
            "exec enabled",
            "tag ",
        ):
            await until(lambda words=words: words in screen_text(app), words)
        assert app.browser.pages.part.shown_columns == ()


async def test_a_shell_opens_beside_the_overview(demo: Demo) -> None:
    async with running_app(demo.account(), (140, 44)) as (app, pilot):
        await open_page(app, pilot, "cart", "enter", "tasks")
        await pilot.press("1")
        await at(app, "overview")
        overview = app.browser.query_one(OverviewTab)
        await pilot.press("s")
        await until(lambda: app.browser.dock.current is not None, "a shell in one of its tasks")
        assert overview.region, "beside it"


async def test_a_low_overview_scrolls_with_the_keys_of_lists(demo: Demo) -> None:
    async with running_app(demo.account(), (80, 16)) as (app, pilot):
        await open_page(app, pilot, "web", "enter", "tasks")
        await pilot.press("1")
        await at(app, "overview")
        overview = app.browser.query_one(OverviewTab)
        await until(lambda: overview.max_scroll_y > 0, "it is laid out")
        text = overview.query_one(Static)
        await until(lambda: "it changed" in str(text.content), "the deployment is described")
        await at_rest(app, pilot)  # each fact that arrives makes it longer
        part = ScrolledPart(overview)
        assert len(part.order) > part.page
        await pilot.press("j", "j", "k")
        assert overview.scroll_y == 1
        await pilot.press("G")
        assert overview.scroll_y == overview.max_scroll_y
        await pilot.press("g")
        assert overview.scroll_y == 0
        await pilot.press("ctrl+f")
        assert overview.scroll_y == part.page
        await pilot.press("enter")
        await at(app, "tasks")


async def test_the_first_row_of_the_deployments_stays_while_they_are_loaded(demo: Demo) -> None:
    """What DescribeServices has of them would be replaced under the cursor."""
    demo.set_faults(latency=0.3)
    try:
        async with running_app(demo.account(), (120, 30), cache=False) as (app, pilot):
            await open_page(app, pilot, "web", "p", "deployments")
            rows: list[str] = []

            def described() -> bool:
                if found := names(app)[:1]:
                    rows.extend(found if found != rows[-1:] else ())
                return bool(facts(app).get("to"))

            await until(described, "the newest one is loaded")
            assert len(rows) == 1
            assert not rows[0].startswith("ecs-svc/")
    finally:
        demo.set_faults(latency=0.0)


async def test_deployments_are_as_high_as_their_number_with_the_facts_below(demo: Demo) -> None:
    async with running_app(demo.account(), (100, 30)) as (app, pilot):
        await open_page(app, pilot, "web", "p", "deployments")
        table = app.browser.table
        await until(lambda: table.size.height == len(names(app)) + 1, "it is laid out")
        assert app.browser.details.region.y == table.region.bottom
        await until(lambda: facts(app).get("service deployment") == names(app)[0], "its facts")
        await until(lambda: "● successful" in screen_text(app), "its state")
        assert "SUCCESSFUL" not in screen_text(app)
        for key, words in (("d", "always shown"), ("enter", "nothing to open"), ("p", "already")):
            await pilot.press(key)
            await says(app, words)
        assert app.browser.place.view == "deployments"
        await pilot.press("2")
        await at(app, "tasks")
        assert not app.browser.details_open


async def test_an_event_leads_to_its_task_and_back(demo: Demo) -> None:
    async with running_app(demo.account(), (140, 40)) as (app, pilot):
        await open_page(app, pilot, "checkout", "w", "events")
        table = app.browser.table
        rows = [table.rows[index] for index in table.order]
        table.cursor = next(n for n, row in enumerate(rows) if "(task " in row.message)
        key = app.browser.view.key(table.current)
        await pilot.press("enter")
        await until(lambda: app.browser.place.task_arn and names(app), "the task's containers")
        await pilot.press("escape")
        await at(app, "events")
        assert app.browser.view.key(app.browser.table.current) == key


async def test_the_definition_has_the_keys_of_a_text(demo: Demo) -> None:
    async with running_app(demo.account(), (100, 24)) as (app, pilot):
        await open_page(app, pilot, "web", "t", "definition")
        tab = app.browser.query_one(DefinitionTab)
        body: TextBody = tab.body
        scroller: VerticalScroll = body.scroller
        await until(lambda: '"containerDefinitions"' in screen_text(app), "JSON")
        assert json.loads(body.text)["family"] == "web"
        page, last = scroller.size.height, scroller.max_scroll_y
        moves = {"G": last, "g": 0, "j": 1, "k": 0, "space": page - 1, "ctrl+b": 0,
                 "ctrl+d": page // 2, "ctrl+u": 0, "end": last, "home": 0, "down": 1, "up": 0}  # fmt: skip
        for key, line in moves.items():
            await pilot.press(key)
            assert scroller.scroll_y == line, key
        await pilot.press("y")
        await until(lambda: "containerDefinitions:" in screen_text(app), "YAML")
        await pilot.press("c")
        assert app.clipboard == body.text
        assert app.clipboard.startswith("taskDefinitionArn: ")
        await pilot.press("slash")
        await says(app, "enter search  esc leave")
        await pilot.press(*"image", "tab")
        assert isinstance(app.focused, Input), "tab does not leave the line"
        await pilot.press("enter")
        await until(lambda: "/image  1/2" in screen_text(app), "found")
        await pilot.press("n")
        await until(lambda: "/image  2/2" in screen_text(app), "the next one")
        await pilot.press("N", "w", "slash", "escape")
        assert app.browser.place.view == "definition" and app.focused is scroller
        await pilot.press("ctrl+s")
        saved = await until(lambda: list((state_folder() / "saved").glob("*web*.txt")), "saved")
        assert saved[0].read_text() == body.text + "\n"
        assert app.browser.place.view == "definition", "w, n, N, c and t are the text's here"
        await pilot.press("tab")
        await at(app, "metrics")


async def test_help_and_footer_show_the_keys_of_the_page(demo: Demo) -> None:
    async with running_app(demo.account(), (140, 50)) as (app, pilot):
        await open_page(app, pilot, "web", "enter", "tasks")
        await says(app, "x stopped", "tab next tab", "w events")
        await pilot.press("5")
        await at(app, "definition")
        line = await says(app, "/ search", "y JSON/YAML", "s shell")
        assert "w events" not in line and "filter" not in line
        await pilot.press("question_mark")
        await until(lambda: isinstance(app.screen, HelpScreen), "help")
        text = app.screen.text  # type: ignore[attr-defined]
        own = text[: text.index("Here\n")]
        assert own.startswith("On this page\n")
        assert "w               Wrap long lines, or not" in own
        rest = text[len(own) :]
        assert ":events" in rest, "its key is the text's here"
        assert "1…9" in rest
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")
        await pilot.press("colon", *"events", "enter")
        await at(app, "events")
        assert "w events" not in last_line(app)


async def test_the_definition_of_a_task_with_another_revision_is_a_dialog(demo: Demo) -> None:
    async with running_app(demo.account(), (120, 40)) as (app, pilot):
        await open_page(app, pilot, "web", "enter", "tasks")
        await until(lambda: app.browser.table.current.task_definition, "described")
        await pilot.press("t")
        await at(app, "definition")
        await pilot.press("escape")
        await at(app, "tasks")
        await until(lambda: app.browser.table.current.task_definition, "described")
        await pilot.press("enter")
        await at(app, "containers")
        await pilot.press("t")
        await until(lambda: isinstance(app.screen, TextScreen), "of the task: a dialog")
        await pilot.press("escape", "escape")
        await at(app, "tasks")
        await pilot.press("escape")
        await open_page(app, pilot, "checkout", "p", "deployments")
        await until(lambda: facts(app).get("to"), "the newest one")
        await pilot.press("down")
        await until(lambda: facts(app).get("to", "").startswith("checkout:48"), "the one before")
        await pilot.press("t")
        await until(lambda: isinstance(app.screen, TextScreen), "of the old deployment")


async def test_a_revision_is_read_once_and_another_one_shown_at_a_refresh(demo: Demo) -> None:
    async with running_app(demo.account(), (120, 30)) as (app, pilot):
        await open_page(app, pilot, "web", "t", "definition")
        tab, account = app.browser.query_one(DefinitionTab), app.account
        await until(lambda: '"containerDefinitions"' in screen_text(app), "JSON")
        arn = json.loads(tab.body.text)["taskDefinitionArn"]
        other = (await ecs.describe_task_definition(account, "cart")).arn
        tab.show_revision(account, other)
        await until(lambda: "the service has cart:" in screen_text(app), "it says so")
        assert json.loads(tab.body.text)["taskDefinitionArn"] == arn
        tab.show_revision(account, other, again=True)
        await until(lambda: json.loads(tab.body.text)["taskDefinitionArn"] == other, "the other")
        app.browser.draw()
        await until(lambda: "the service has web:" in screen_text(app), "as the page knows")
        await pilot.press("r")
        await until(lambda: json.loads(tab.body.text)["taskDefinitionArn"] == arn, "refreshed")


async def test_an_error_in_place_of_the_definition_is_read_again(demo: Demo) -> None:
    async with running_app(demo.account(), (120, 30), refresh=1) as (app, pilot):
        await open_page(app, pilot, "web", "enter", "tasks")
        demo.set_faults(deny=["ecs:DescribeTaskDefinition"])
        try:
            await pilot.press("5")
            await until(
                lambda: "✖ " in screen_text(app) and "DescribeTaskDefinition" in screen_text(app),
                "refused",
            )
        finally:
            demo.set_faults(deny=[])
        await pilot.press("r")
        await until(lambda: '"containerDefinitions"' in screen_text(app), "JSON")


async def test_commands_about_the_service_work_on_every_tab(demo: Demo) -> None:
    async with running_app(demo.account(), (120, 40)) as (app, pilot):
        await open_page(app, pilot, "web", "enter", "tasks")
        for number, view in enumerate(TABS, 1):
            await pilot.press(str(number))
            await at(app, view)
            context = app.browser.workspace.context()
            assert context.service is not None and context.service.name == "web"
            await pilot.press("D")
            await until(lambda: isinstance(app.screen, DoctorScreen), view)
            await pilot.press("escape")
            await until(lambda: app.screen is app.browser, "closed")


async def test_events_and_deployments_of_the_service_of_a_task(demo: Demo) -> None:
    async with running_app(demo.account(), (160, 40)) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("N")
        await at(app, "tasks")
        pages: Pages = app.browser.pages
        await pilot.press("slash", *"service:mailer", "enter")
        await until(lambda: names(app) and app.browser.table.current.service == "mailer", "one")
        for key, view in (("w", "events"), ("p", "deployments")):
            await pilot.press(key)
            await at(app, view)
            assert app.browser.place.service == "mailer"
            assert isinstance(pages.current_page, ServicePage)
            await pilot.press("escape")
            await at(app, "tasks")
            assert app.browser.table.filter == "service:mailer"


async def test_the_page_of_a_service_is_opened_without_the_list_of_services(demo: Demo) -> None:
    start = StartPlace(Place("overview", cluster="prod", service="web"))
    app = EcsTuiApp(demo.account(), Settings.of(cache=False), start=start)
    async with app.run_test(size=(120, 40)):
        try:
            await until(lambda: "● steady" in screen_text(app), "its overview")
            await until(lambda: "tasks 8" in tab_line(app), "and its numbers")
            assert not app.browser.inventory.services("prod")
        finally:
            await app.browser.end()


async def test_a_service_that_does_not_exist_says_so(demo: Demo) -> None:
    start = StartPlace(Place("definition", cluster="prod", service="no-such"))
    app = EcsTuiApp(demo.account(), Settings.of(cache=False), start=start)
    async with app.run_test(size=(120, 40)) as pilot:
        try:
            await until(lambda: "This service does not exist." in screen_text(app), "it says so")
            assert "… no-such" in tab_line(app)
            for number, view in enumerate(TABS, 1):
                await pilot.press(str(number))
                await until(lambda view=view: app.browser.place.view == view, view)
                await until(lambda: "This service does not exist." in screen_text(app), view)
                assert "retry" not in screen_text(app), view
            assert "Loading" not in screen_text(app)
        finally:
            await app.browser.end()
