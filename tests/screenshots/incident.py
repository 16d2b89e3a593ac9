"""An incident: what is wrong, its evidence, the page of the service, what happened, the way back."""

from __future__ import annotations

from ecs_tui.ui.dialogs.evidence import EvidenceScreen
from tests.screenshots.stage import Stage
from tests.support.app import head_text, names, open_services, screen_text, select
from tests.support.limits import until
from tests.support.log_pages import has_lines

FLAGS = ("--incident", "checkout")
DEVELOPED = 90
"""Seconds of the account until the problem has developed."""


async def develop(stage: Stage) -> None:
    """The services of the shop, once it is known that something is wrong with one of them."""
    await open_services(stage.app, stage.pilot, "shop")
    stage.demo.advance(DEVELOPED)
    await until(lambda: " problem" in head_text(stage.app), "the number in the header", 60)
    await stage.shows("✖ checkout")


async def problems(stage: Stage) -> None:
    """Problems, the evidence of one, the activity of its service, the way back."""
    await develop(stage)
    select(stage.app, "checkout")
    await stage.shoot("services-failing")
    await stage.pilot.press("exclamation_mark")
    await stage.at("problems")
    await stage.shows("health check of the load balancer")
    await stage.shoot("problems")
    await stage.pilot.press("enter")
    await until(lambda: isinstance(stage.app.screen, EvidenceScreen), "the evidence")
    await until(lambda: "LAST LINES" in stage.app.screen.text, "the last lines")  # type: ignore[attr-defined]
    await stage.shoot("evidence")
    await stage.close()
    await stage.pilot.press("A")
    await stage.at("activity")
    await until(lambda: ": reading" not in screen_text(stage.app), "every layer is read", 60)
    await stage.shoot("activity")
    await stage.back_to("problems")
    await stage.pilot.press("R")
    await stage.shows("With the AWS CLI:")
    await stage.shoot("rollback")
    await stage.close()


async def service_page(stage: Stage) -> None:
    """Each tab of the page of the service that fails."""
    await develop(stage)
    select(stage.app, "checkout")
    await stage.pilot.press("enter")
    await stage.at("tasks")
    await stage.shows("stopped", "running")
    await stage.shoot("service-tasks")
    for key, view in (("1", "overview"), ("3", "events"), ("4", "deployments")):
        await stage.pilot.press(key)
        await stage.at(view)
        await stage.pilot.pause(1)  # what a tab asks for besides its rows
        await stage.shoot(f"service-{view}")
    await stage.pilot.press("5")
    await stage.shows('"containerDefinitions"')
    await stage.shoot("service-definition")
    await stage.pilot.press("6")
    await stage.shows("CPU")
    await stage.pilot.pause(2)
    await stage.shoot("service-metrics")


async def main_screens(stage: Stage, form: str) -> None:
    """The main screens at the size that the app has; `form` begins their names."""
    app, pilot = stage.app, stage.pilot
    select(app, "checkout")
    await stage.shoot(f"{form}-services")
    await pilot.press("enter")
    await stage.at("tasks")
    await pilot.press("1")
    await stage.at("overview")
    await pilot.pause(1)
    await stage.shoot(f"{form}-overview")
    await pilot.press("L")
    await until(lambda: app.browser.place.view == "logs", "the page of logs")
    await has_lines(app, 5)
    await stage.shoot(f"{form}-logs")
    await stage.back_to("services")
    await pilot.press("exclamation_mark")
    await stage.at("problems")
    await stage.shoot(f"{form}-problems")
    await stage.back_to("services")
    await stage.command("audit-all")
    await until(lambda: app.browser.place.view == "audit" and names(app), "the audit", 40)
    await stage.shows("● read", deadline=60)
    await stage.shoot(f"{form}-audit")
    await stage.back_to("services")
