"""Who was in which container: the timeline, who is inside, a transcript, the record, the review."""

from __future__ import annotations

from ecs_tui.resources.audit import AuditRow
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.dialogs.review import ReviewScreen
from tests.screenshots.stage import Stage
from tests.support.app import names, open_services, select
from tests.support.limits import until


async def audit(stage: Stage) -> None:
    """The timeline of a cluster, and the transcript of a session in it."""
    app, pilot = stage.app, stage.pilot
    stage.demo.set_audit(rate=0, delay=0)
    await open_services(app, pilot)
    await stage.command("audit-all")
    await until(lambda: app.browser.place.view == "audit" and names(app), "the timeline", 60)
    await stage.shows("● read")
    await stage.shoot("audit")
    await pilot.press("z")
    await pilot.press("d")
    await stage.shoot("audit-marked")
    await pilot.press("d", "z", "slash", *"who:ivan", "enter")
    rows = app.browser.table
    await until(lambda: all(_who(row) == "ivan" for row in map(rows.rows.__getitem__, rows.order)))
    await pilot.press("g", "enter")
    await until(lambda: app.browser.place.view == "transcript", "its transcript")
    await stage.shows("Transcript of")
    await stage.shows(" mark")
    await pilot.press("right_curly_bracket")
    await pilot.pause(0.5)
    await stage.shoot("transcript")


def _who(row: object) -> str:
    return row.who if isinstance(row, AuditRow) else ""


async def sessions(stage: Stage) -> None:
    """Who is inside, and how somebody's session is ended."""
    app, pilot = stage.app, stage.pilot
    stage.demo.set_audit(rate=0, delay=0)
    await open_services(app, pilot)
    select(app, "orders")
    await pilot.press("s")
    await until(lambda: app.browser.dock.current, "a shell of one's own", 40)
    await pilot.press("ctrl+right_square_bracket", "l")
    await stage.command("sessions")
    await stage.at("sessions")
    await stage.shows("carol")
    await stage.shoot("sessions")
    await until(lambda: names(app), "rows")
    await pilot.press("ctrl+k")
    await until(lambda: isinstance(app.screen, PlanScreen), "the plan")
    await stage.shoot("end-session")
    await stage.close()


async def record(stage: Stage) -> None:
    """What AWS records of the sessions in a cluster, the plan to record them, the access review."""
    app, pilot = stage.app, stage.pilot
    stage.demo.set_audit(rate=0, delay=0)
    await open_services(app, pilot)
    await stage.command("recording")
    await stage.shows("exec logging", deadline=60)
    await stage.shoot("record")
    await stage.close()
    await stage.command("review")
    screen = await until(
        lambda: app.screen if isinstance(app.screen, ReviewScreen) else None, "review"
    )
    await until(lambda: screen.found is not None, "it is read", 120)
    await stage.shoot("review")
    await stage.close()
    await pilot.press("escape")
    await stage.at("clusters")
    select(app, "batch")
    await stage.command("record-sessions")
    await until(lambda: isinstance(app.screen, PlanScreen), "the plan", 60)
    await stage.shoot("record-plan")
    await stage.close()
