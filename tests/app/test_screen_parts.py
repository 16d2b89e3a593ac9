"""The parts of the main screen, one by one, in the app."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from ecs_tui.config.keymap import KeyText, default_keymap
from ecs_tui.config.settings import Settings, ShellSettings
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.command import Origin
from ecs_tui.resources import Place
from ecs_tui.session.target import Target
from ecs_tui.store.connections import Connection
from ecs_tui.ui.activity import IDLE_SECONDS, Activity
from ecs_tui.ui.background import BackgroundReader
from ecs_tui.ui.commands import COMMANDS
from ecs_tui.ui.commands.base import Command
from ecs_tui.ui.context import Context, Workspace
from ecs_tui.ui.destinations import Destinations
from ecs_tui.ui.dock.dock import Dock
from ecs_tui.ui.dock.host import DockHost
from ecs_tui.ui.dock.shell_choice import ShellChoice
from ecs_tui.ui.footer import FooterState, footer
from ecs_tui.ui.prefix_mode import PrefixMode
from ecs_tui.ui.prompt.prompt import Prompt
from ecs_tui.ui.prompt_control import PromptControl
from ecs_tui.ui.rows import RowUpdates
from ecs_tui.ui.runner import Runner
from ecs_tui.ui.screen_bars import ScreenBars
from ecs_tui.ui.status_bar import path, without_header
from ecs_tui.ui.table.layout import ColumnLayout
from ecs_tui.ui.workspace import ScreenWorkspace
from tests.support.app import PREFIX, names, open_services, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.footer import last_line, says
from tests.support.limits import until
from tests.support.shells import shells

pytestmark = pytest.mark.asyncio


class Wait(Command):
    """Wait until the test lets it go on."""

    id, title, waits = "wait", "wait", True

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.seen: list[Context] = []

    async def run(self, context: Context, workspace: Workspace) -> None:
        await self.go_on.wait()
        self.seen.append(context)


class Fail(Command):
    """Fail as a call of AWS does."""

    id, title = "fail", "fail"

    async def run(self, context: Context, workspace: Workspace) -> None:
        raise EcsTuiError("AWS said no.")


async def test_a_command_that_waits_keeps_its_context_and_holds_up_no_key(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        done: list[bool] = []
        runner = Runner(app.browser, app.browser.workspace, lambda: done.append(True))
        command = Wait()
        select(app, "web")
        await runner.perform(command, app.browser.workspace.context())
        await pilot.press("j", "escape")
        assert app.browser.place.view == "clusters"
        assert not command.seen
        command.go_on.set()
        await until(lambda: done, "it is done")
        (context,) = command.seen
        assert (context.row.name, context.place.view, context.cluster) == (
            "web",
            "services",
            "prod",
        )
        await runner.perform(Fail(), app.browser.workspace.context())
        await says(app, "AWS said no.")


async def test_a_note_names_keys_by_their_commands(demo: Demo) -> None:
    async with running_app(demo.account(), keys={"refresh": "f5"}) as (app, _):
        bars: ScreenBars = app.browser.bars
        app.browser.note(KeyText("Press {refresh}."))
        assert "Press f5." in last_line(app)
        assert bars.notes.at(time.monotonic()) == "Press f5."


async def test_the_path_without_the_header_has_the_region_in_every_form(demo: Demo) -> None:
    async with running_app(demo.account(read_only=True)) as (app, pilot):
        await open_services(app, pilot)
        at = app.browser.navigation
        forms, _ = path(at, app.browser.table)
        assert len(forms) > 1
        for form in without_header(at, forms):
            assert form.startswith("us-east-1  READ-ONLY  ")


async def test_the_number_of_rows_is_shown_once_it_is_known(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, _):
        at = app.browser.navigation
        await until(lambda: "prod" in names(app), "clusters")
        services, audit = (
            Place("tasks", cluster="prod", service="web"),
            Place("audit", cluster="prod"),
        )
        for place in (services, audit):
            await app.browser.pages.make(place)
        demo.set_faults(latency=0.5)
        try:
            app.browser.go(services)
            table = app.browser.table
            assert path(at, table) == (path(at, table)[0], ""), "not 0 while they load"
            await until(lambda: names(app), "tasks")
            await until(lambda: path(at, table)[1] == str(len(names(app))), "how many")
            app.browser.go(Place("instances", cluster="prod"))
            table = app.browser.table
            assert path(at, table)[1] == ""
            await until(lambda: "Fargate-only" in screen_text(app), "there are none")
            assert path(at, table)[1] == "0"
            app.browser.go(audit)
            assert path(at, app.browser.table)[1] == "", "its page says how far it is"
        finally:
            demo.set_faults(latency=0.0)


async def test_identities_are_read_until_aws_answers(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, _):
        at = app.browser.navigation
        await until(lambda: at.connection.caller, "the identity")
        heard: list[bool] = []

        def identified(connection: Connection) -> None:
            heard.append(connection.error is None)

        background = BackgroundReader(
            app.browser, at, 0.05, lambda words, seconds: None, identified, lambda: None
        )
        demo.set_faults(expired=True)
        try:
            background.identify(at.connection)
            await until(lambda: len(heard) > 1, "two attempts")
            assert not any(heard)
        finally:
            demo.set_faults(expired=False)
        await until(lambda: heard[-1], "it has answered")


async def test_a_merged_list_that_is_left_is_not_refreshed_any_more(demo: Demo) -> None:
    async with running_app(demo.account(), accounts=("@eu-west-1",), refresh=600) as (app, _):
        workspace: ScreenWorkspace = app.browser.workspace
        await until(lambda: {"prod", "prod-eu"} <= set(names(app)), "the clusters of both regions")
        here, there = app.browser.connections.all
        assert here.refresher._looks and there.refresher._looks
        workspace.go(Place("services", cluster="prod"), connection=here)
        assert [look.scope.cluster for look in here.refresher._looks] == ["prod", "prod"]
        assert not there.refresher._looks
        workspace.step(-1)
        assert there.refresher._looks, "it is shown again"


async def test_rows_are_taken_from_the_store(demo: Demo) -> None:
    async with running_app(demo.account(), refresh=600) as (app, pilot):
        await open_services(app, pilot)
        browser, updated = app.browser, list[bool]()
        rows = RowUpdates(browser, browser.navigation, browser.pages, lambda: updated.append(True))
        before = len(browser.table.rows)
        browser.table.update_rows([])
        rows.update()
        assert updated == [True]
        assert len(browser.table.rows) == before


async def test_go_to_offers_places_and_commands_before_a_key(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        browser = app.browser
        destinations = Destinations(browser.navigation, default_keymap(), COMMANDS)
        find = destinations.find()
        first, *rest = find("")
        assert (first.kind, first.place) == ("recent", Place())
        assert {match.command for match in rest if match.kind == "command"} >= {"policy", "shell"}
        (doctor, *_) = find("doctor")
        assert (doctor.name, doctor.command) == ("doctor", "exec-check")
        while destinations.warm(busy=False):
            pass
        control = PromptControl(
            browser.prompt, browser.navigation, browser.workspace, browser.bars,
            browser.perform,
        )  # fmt: skip
        browser.prompt.unhandled = 1
        await control.chosen(Prompt.Chosen(doctor, "doctor"))
        await until(lambda: app.screen is not browser, "the exec check")
        browser.prompt.unhandled = 1
        await control.chosen(Prompt.Chosen(None, "no-such"))
        assert 'matches "no-such"' in browser.bars.notes.words


async def test_the_prefix_is_armed_until_its_key(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        mode: PrefixMode = made.app.browser._prefix
        await made.pilot.press(PREFIX)
        assert mode.armed
        await made.pilot.press("l")
        assert not mode.armed


async def test_who_is_away_or_idle_has_slower_lists(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, _):
        await until(lambda: "prod" in names(app), "the clusters")
        activity = Activity(app.browser.connections)
        activity.away()
        activity.tick()
        assert app.browser.refresher.slowed
        activity.active()
        assert not app.browser.refresher.slowed
        activity._at -= IDLE_SECONDS + 1
        activity.tick()
        assert app.browser.refresher.slowed


async def test_the_footer_of_each_state(demo: Demo) -> None:
    def words(**changed: Any) -> str:
        state: dict[str, Any] = {
            "keymap": default_keymap(), "commands": [("s", "shell"), ("q", "quit")],
            "armed": False, "note": "", "in_front": True, "prompt": "", "focused": None,
            "dock": Dock(), **changed,
        }  # fmt: skip
        return footer(FooterState(**state)).left[0]

    async with running_app(demo.account()):
        assert words() == "s shell  q quit"
        assert words(note="Copied.") == "Copied."
        assert words(in_front=False) == "esc closes the dialog"
        assert words(prompt="/") == "enter keep the filter  esc clear it"
        assert words(prompt=":") == "enter go  ↓ ↑ choose  esc leave"
        assert words(armed=True, note="Copied.").startswith("ctrl+] …  l list")


class Host:
    """As much of a screen as the choice of commands needs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings


async def test_shells_are_chosen_for_any_host(own_places: object) -> None:
    host: DockHost = Host(Settings(shell=ShellSettings(command="/bin/zsh")))  # type: ignore[assignment]
    choice = ShellChoice(host)
    target = Target("arn:cluster/prod", "arn:task/prod/1", "app", "runtime", family="web")
    command = choice.choose(target)
    assert (command.line, command.origin) == ("/bin/zsh", Origin.CONFIG)
    assert choice.forget("web") == "No shell is remembered for web."


async def test_columns_are_found_by_their_cells(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, _):
        await until(lambda: "prod" in names(app), "the clusters")
        fitted: ColumnLayout = app.browser.table.fitted
        first, second, *_ = fitted.columns
        assert fitted.column_at(0) == ""
        assert fitted.column_at(1) == first.key
        width = fitted.drawn[first.key]
        assert fitted.column_at(width) == first.key
        assert fitted.column_at(width + 1) == "", "the gap"
        assert fitted.column_at(width + 3) == second.key
        assert first.title in screen_text(app)
