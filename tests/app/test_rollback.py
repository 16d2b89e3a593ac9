"""Deployments by keys on the demo account with its cases: the tab, pauses, roll back, what waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from ecs_tui.resources import Place
from ecs_tui.system import wall_clock
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.commands.rollback import DEPLOYMENT_COMMANDS
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.dialogs.rollback import RollbackScreen
from ecs_tui.ui.pages.service.metrics import MetricsTab
from ecs_tui.ui.pages.service.tab import ServiceTab
from tests.support.app import facts, names, open_services, running_app, screen_text, select
from tests.support.demo import Demo, demo_account
from tests.support.limits import until

pytestmark = pytest.mark.asyncio
CLUSTER = FAMILY = "deployment-cases"
"""The cluster, and the beginning of the families of its task definitions."""
REVERTED = ("ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment", "ecs:UpdateService")


@pytest.fixture(scope="module")
def cases() -> Iterator[Demo]:
    """A demo account with a service in each state of a deployment."""
    with demo_account("--cases") as served:
        yield served


def changed(demo: Demo) -> dict[str, int]:
    """How often each change was made."""
    calls = demo.counts()["calls"]
    return {name: calls[name] for name in REVERTED if name in calls}


async def says(app: EcsTuiApp, *words: str, deadline: float = 40) -> None:
    try:
        await until(lambda: all(word in screen_text(app) for word in words), "", deadline)
    except AssertionError:
        raise AssertionError(f"not on the screen: {words}\n{screen_text(app)}") from None


async def shown(app: EcsTuiApp, kind: type[object]) -> None:
    await until(lambda: isinstance(app.screen, kind), kind.__name__)


async def open_tab(app: EcsTuiApp, pilot: Pilot[None], service: str, key: str) -> None:
    """A tab of a service of the cases, from their list."""
    if app.browser.place.view != "services":
        await open_services(app, pilot, CLUSTER)
    select(app, service)
    await pilot.press(key)
    await until(lambda: app.browser.place.service == service and names(app), service)


async def test_each_state_of_a_deployment_is_on_its_tab_and_in_the_overview(cases: Demo) -> None:
    async with running_app(cases.account(), (160, 50), refresh=1) as (app, pilot):
        await open_tab(app, pilot, "paused", "p")
        await says(
            app,
            "waits for you",
            "rolls back by itself in ",
            f"{FAMILY}-paused:42",
            f"{FAMILY}-paused:41",
        )
        await until(lambda: "app image" in facts(app), "what it changes")
        about = facts(app)
        assert "2026.11" in about["app image"] and "2026.12" in about["app image"]
        assert "FEATURE_PAY_LATER" in about["app environment names"]
        assert "768" in about["app memory"]
        assert "◐ post test traffic shift" in about["stages"]
        assert about["strategy"].startswith("blue/green")
        await pilot.press("1")
        await says(app, "waits for you", "stages", "app image paused:2026.11 → paused:2026.12")
        await pilot.press("escape")
        for service, words in (
            ("counting-up", ("in progress", "failed tasks before")),
            ("rolled-back", ("rolled back", "circuit breaker")),
            ("canary", ("canary: 10%",)),
            ("linear", ("linear: 20%",)),
            ("alarm-rollback", ("alarm-rollback-5xx",)),
            ("baking", ("bake time",)),
        ):
            await open_tab(app, pilot, service, "p")
            await says(app, *words)
            await pilot.press("escape")
        await open_tab(app, pilot, "code-deploy", "p")
        await says(app, "primary", "of the service")


async def test_what_waits_is_listed_and_a_pause_is_answered(cases: Demo) -> None:
    async with running_app(cases.account(), (140, 40), refresh=1) as (app, pilot):
        await open_services(app, pilot, CLUSTER)
        await says(app, "waits for you, rolls back by itself in ")
        await pilot.press("colon", *"waiting", "enter")
        await until(lambda: app.browser.place == Place("waiting"), "the list")
        await until(lambda: {"paused", "paused-continues"} <= set(names(app)), "both")
        await until(lambda: "reading its deployment" not in screen_text(app), "read")
        await says(app, "continues by itself in ", "rolls back by itself in ", CLUSTER)
        cases.counts(reset=True)
        select(app, "paused-continues")
        await pilot.press("R")
        await shown(app, ChooseScreen)
        await says(
            app,
            f"Continue with {FAMILY}-paused-continues:42",
            f"Roll back to {FAMILY}-paused-continues:41",
        )
        await pilot.press("k", "enter")
        await shown(app, PlanScreen)
        await says(
            app,
            f"Continue the deployment of {FAMILY}-paused-continues:42",
            "aws ecs continue-service",
        )
        assert changed(cases) == {}
        await pilot.press("y")
        await until(lambda: changed(cases) == {"ecs:ContinueServiceDeployment": 1}, "it is done")
        await says(app, "Waiting until the deployment ends")
        await pilot.press("escape")
        await until(lambda: "paused-continues" not in names(app), "it waits no more")
        assert "paused" in names(app)
        select(app, "paused")
        await pilot.press("colon", *"continue", "enter")
        await shown(app, PlanScreen)
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "nothing was changed")
        assert changed(cases) == {"ecs:ContinueServiceDeployment": 1}
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "deployments", "its deployments")


async def test_a_deployment_in_progress_is_stopped_and_goes_back(cases: Demo) -> None:
    async with running_app(cases.account(), (140, 40), refresh=1) as (app, pilot):
        await open_tab(app, pilot, "counting-up", "p")
        cases.counts(reset=True)
        await pilot.press("R")
        await shown(app, PlanScreen)
        await says(
            app,
            f"Roll back the deployment of {FAMILY}-counting-up:42",
            f"goes back to {FAMILY}-counting-up:41",
        )
        await pilot.press("y")
        await says(app, "Waiting until it is rolled back")
        await says(app, "It is rolled back.", deadline=90)
        assert changed(cases) == {"ecs:StopServiceDeployment": 1}
        await pilot.press("escape")
        await until(lambda: "rolled back" in screen_text(app), "the list says so too")


async def test_an_earlier_revision_is_chosen_by_its_differences(cases: Demo) -> None:
    async with running_app(cases.account(), (140, 40), refresh=1) as (app, pilot):
        await open_tab(app, pilot, "failed", "p")
        cases.counts(reset=True)
        await pilot.press("R")
        await shown(app, RollbackScreen)
        await says(
            app,
            f"Roll back deployment-cases/failed from {FAMILY}-failed:42 to",
            f"{FAMILY}-failed:41",
        )
        await says(app, "Comes back:", "app image: ", "2026.12", "2026.11")
        assert app.screen.query_one(OptionList).option_count >= 1
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "cancelled")
        assert changed(cases) == {}
        await pilot.press("R")
        await shown(app, RollbackScreen)
        await pilot.press("enter")
        await shown(app, PlanScreen)
        await says(
            app, f"Roll back deployment-cases/failed to {FAMILY}-failed:41", "update-service"
        )
        await pilot.press("y")
        await says(app, "ECS has accepted it.")
        with wall_clock.restored():
            cases.advance(120)
            await says(app, "The deployment is completed.")
        assert changed(cases) == {"ecs:UpdateService": 1}


async def test_two_digests_of_one_tag_stand_out_among_the_tasks(cases: Demo) -> None:
    async with running_app(cases.account(), (160, 40), refresh=1) as (app, pilot):
        await open_services(app, pilot, "failure-cases")
        select(app, "digests")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks" and names(app), "its tasks")
        await says(app, "VERSION", "digests:2026.11 @")

        def tones() -> set[str]:
            column = next(each for each in app.browser.view.columns if each.key == "version")
            now = datetime.now(UTC)
            running = [row for row in app.browser.table.rows if row.last_status == "RUNNING"]
            return {column.cell(row, now).tone for row in running}

        await until(lambda: tones() == {"", "warning"}, "some have another digest")
        await until(lambda: "ended " in screen_text(app), "the stopped ones are there too")


async def test_read_only_mode_and_what_is_not_allowed(cases: Demo) -> None:
    async with running_app(cases.account(read_only=True), (140, 40), refresh=1) as (app, pilot):
        await open_tab(app, pilot, "paused", "p")
        await pilot.press("R")
        await says(app, "Read-only mode: roll back is disabled.")
        cases.set_faults(deny=["ecs:ListServiceDeployments"])
        try:
            await pilot.press("r")
            await says(app, "ecs:ListServiceDeployments")
        finally:
            cases.set_faults(deny=[])


async def test_the_commands_are_what_they_seem() -> None:
    assert [command.id for command in DEPLOYMENT_COMMANDS] == ["rollback", "continue", "waiting"]
    tab: ServiceTab = MetricsTab("metrics")
    assert isinstance(tab.own_keys, str)
