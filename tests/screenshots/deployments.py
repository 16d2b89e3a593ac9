"""Deployments that wait for somebody, and an earlier revision to go back to."""

from __future__ import annotations

from ecs_tui.ui.dialogs.rollback import RollbackScreen
from tests.screenshots.stage import Stage
from tests.support.app import names, open_services, select
from tests.support.limits import until

FLAGS = ("--cases",)


async def deployments(stage: Stage) -> None:
    """What waits at a pause, a blue/green deployment that does, and the choice of a revision."""
    app, pilot = stage.app, stage.pilot
    await open_services(app, pilot, "deployment-cases")
    await stage.shows("waits for you")
    await stage.command("waiting")
    await until(lambda: {"paused", "paused-continues"} <= set(names(app)), "both")
    await stage.shows("rolls back by itself in ", "continues by itself in ")
    await stage.shoot("waiting")
    select(app, "paused")
    await pilot.press("enter")
    await stage.at("deployments")
    await stage.shows("post test traffic shift")
    await stage.shoot("deployment-paused")
    await stage.back_to("services")
    select(app, "failed")
    await pilot.press("p")
    await stage.at("deployments")
    await pilot.press("R")
    await until(lambda: isinstance(app.screen, RollbackScreen), "the choice")
    await stage.shows("Comes back:")
    await stage.shoot("rollback-choice")
    await pilot.press("enter")
    await stage.shows("With the AWS CLI:")
    await stage.shoot("rollback-plan")
    await stage.close()
