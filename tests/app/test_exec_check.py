"""The exec check's own screen: what passed is one line, keys that do something, a refused shell."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from ecs_tui.model.finding import Outcome
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.commands.open_check import open_doctor
from ecs_tui.ui.dialogs.doctor import DoctorScreen, counts_line
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.dialogs.refused import RefusedShellScreen
from tests.support.app import open_services, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.limits import until

pytestmark = pytest.mark.asyncio
QUIET = (Outcome.PASS, Outcome.SKIP)


async def checked(app: EcsTuiApp) -> DoctorScreen:
    await until(lambda: isinstance(app.screen, DoctorScreen) and app.screen.over, "all verdicts")
    screen = app.screen
    assert isinstance(screen, DoctorScreen)
    return screen


async def check(app: EcsTuiApp, pilot: Pilot[None], service: str) -> DoctorScreen:
    await open_services(app, pilot)
    select(app, service)
    await pilot.press("D")
    return await checked(app)


async def test_what_passed_is_one_line_until_it_is_asked_for(demo: Demo) -> None:
    async with running_app(demo.account(), size=(80, 24)) as (app, pilot):
        screen = await check(app, pilot, "reports")
        found = screen.doctor.findings
        bad = [each for each in found if each.outcome not in QUIET]
        assert {id(each) for each in screen._shown} == {id(each) for each in bad}
        passed = sum(each.outcome is Outcome.PASS for each in found)
        await until(lambda: f"● {passed} passed" in screen_text(app), "counted")
        assert "(space shows them)" in screen_text(app)
        assert counts_line(found).startswith("✖ ")
        await pilot.press("space")
        await until(lambda: len(screen._shown) == len(found), "all of them")
        assert "shows them" not in screen_text(app)
        await pilot.press("space", "r")
        await until(lambda: screen.over and len(screen._shown) == len(bad), "again, collapsed")


async def test_the_line_of_keys_names_what_does_something(demo: Demo) -> None:
    async with running_app(demo.account(), size=(120, 36)) as (app, pilot):
        screen = await check(app, pilot, "reports")
        assert screen.finding is not None and screen.finding.fix
        await until(lambda: "enter fix" in screen_text(app), "it has a fix")
        await pilot.press("space")
        at = next(n for n, each in enumerate(screen._shown) if not each.fix)
        await pilot.press(*["j"] * at)
        await until(lambda: screen.finding is screen._shown[at], "one without a fix")
        await until(lambda: "enter fix" not in screen_text(app), "it is not named")
        await pilot.press("enter")
        await until(
            lambda: any("has no fix here" in note.message for note in app._notifications), "said"
        )
        assert app.screen is screen


async def test_the_check_can_be_opened_with_an_error_on_top(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await open_services(app, pilot)
        select(app, "cart")
        context = app.browser.workspace.context()
        task = app.browser.inventory.tasks("prod", "cart")[0]
        app.browser.run_worker(
            open_doctor(context, app.browser.workspace, task, "app", "AWS said no.")
        )
        screen = await checked(app)
        assert "✖ AWS said no." in screen_text(app)
        assert all(each.container in ("", "app") for each in screen.doctor.findings)


async def test_read_only_names_no_key_that_changes_something(demo: Demo) -> None:
    async with running_app(demo.account(read_only=True), size=(120, 36)) as (app, pilot):
        screen = await check(app, pilot, "reports")
        await until(lambda: "re-check" in screen_text(app), "the keys")
        for words in ("enter fix", "s shell", "debug copy", "tag task"):
            assert words not in screen_text(app)
        assert screen.finding is not None and "enter preview fix" in screen_text(app)
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, PlanScreen), "the plan can be looked at")
        await until(lambda: "Read-only mode: preview only" in screen_text(app), "and no more")


async def test_a_shell_that_ecs_would_refuse_offers_the_check(demo: Demo) -> None:
    async with running_app(demo.account(), size=(120, 36)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "reports")
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, RefusedShellScreen), "refused")
        await until(
            lambda: "D why, with fixes   y try anyway   esc cancel" in screen_text(app),
            "it is drawn",
        )
        await pilot.press("enter")
        await until(lambda: app.screen is app.browser, "enter does nothing")
        assert not app.browser.dock.panes
        await pilot.press("s")
        await until(lambda: isinstance(app.screen, RefusedShellScreen), "refused")
        await pilot.press("D")
        screen = await checked(app)
        assert any(each.outcome is Outcome.FAIL for each in screen.doctor.findings)
        await pilot.press("q")
        await until(lambda: app.screen is app.browser, "closed")
        assert not app.browser.dock.panes


@pytest.mark.parametrize("service", ["reports", "edge", "cart"])
async def test_its_title_is_one_line_at_80_columns(demo: Demo, service: str) -> None:
    async with running_app(demo.account(), size=(80, 24)) as (app, pilot):
        screen = await check(app, pilot, service)
        await until(lambda: " ready   " in str(screen._head.render()), "the sums")
        assert screen._head.size.height == 1
        assert str(screen._head.render()) in screen_text(app)
