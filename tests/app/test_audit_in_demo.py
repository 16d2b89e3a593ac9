"""The way through the audit by keys, in the demo account: a shell, its event, its transcript, a mark."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ecs_tui.resources.audit import AuditRow
from ecs_tui.resources.sessions import SessionRow
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.pages.transcript.page import TranscriptPage
from tests.support.app import (
    names,
    open_services,
    pane_text,
    running_app,
    screen_text,
    select,
)
from tests.support.demo import Demo
from tests.support.limits import until

pytestmark = pytest.mark.asyncio


def timeline(app: EcsTuiApp) -> list[AuditRow]:
    table = app.browser.table
    rows = [table.rows[index] for index in table.order]
    return [row for row in rows if isinstance(row, AuditRow)]


async def type_command(app: EcsTuiApp, pilot: Pilot[None], words: str) -> None:
    await pilot.press("colon")
    await until(lambda: isinstance(app.focused, Input), "the line is open")
    await pilot.press(*words, "enter")


async def filtered(app: EcsTuiApp, pilot: Pilot[None], words: str) -> None:
    await pilot.press("slash")
    await until(lambda: isinstance(app.focused, Input), "the line is open")
    await pilot.press(*words, "enter")


async def test_from_a_shell_to_its_event_its_transcript_and_a_mark(demo: Demo) -> None:
    demo.set_audit(rate=0, delay=0)
    async with running_app(demo.account(), size=(160, 45)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "orders")
        await pilot.press("s")
        await until(lambda: "#" in pane_text(app), "a prompt", 40)
        await pilot.press(*"pg_dump orders", "enter", *"exit", "enter")
        (pane,) = app.browser.dock.panes
        await until(lambda: not pane.alive, "it has ended")
        session = pane.session.session_id

        await until(lambda: app.browser.focused_pane is None, "the list has the keys again")
        await type_command(app, pilot, "audit")
        await until(lambda: app.browser.place.view == "audit", "the timeline")
        await until(
            lambda: session in [row.event.session for row in timeline(app)], "its event", 60
        )
        row = next(each for each in timeline(app) if each.event.session == session)
        assert row.event.name == "ExecuteCommand" and row.service == "orders"
        assert row.who and row.client.startswith("ecs-tui") and row.result == "ok"
        assert not row.flags, "the StartSession that ECS makes is joined to it"
        await until(lambda: row.who in screen_text(app), "with its identity")

        select_event(app, row)
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "transcript", "its page")
        page = app.browser.query_one(TranscriptPage)

        def written() -> bool:
            if "No transcript" in screen_text(app):
                page.refresh_now()  # as the key of it does
            return "pg_dump orders" in screen_text(app) and "Script done" in screen_text(app)

        await until(written, "its transcript", 60)
        await pilot.press("}")
        await until(lambda: "dump:" in screen_text(app), "the mark, with its reason")

        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "audit", "back in the timeline")
        await type_command(app, pilot, "audit-all")
        await until(lambda: not app.browser.place.cluster, "that of the region")
        await filtered(app, pilot, "result:denied")
        await until(lambda: timeline(app), "denied attempts", 60)
        assert all(each.event.denied for each in timeline(app))


def select_event(app: EcsTuiApp, row: AuditRow) -> None:
    app.browser.table.select_key(row.key)
    assert app.browser.table.current is row


async def test_a_session_of_somebody_else_is_ended(demo: Demo) -> None:
    demo.set_audit(rate=0, delay=0)
    async with running_app(demo.account(), size=(160, 45)) as (app, pilot):
        await until(lambda: "prod" in names(app), "clusters")
        await until(lambda: " inside" in screen_text(app), "a number at a cluster")
        await type_command(app, pilot, "sessions")
        await until(lambda: app.browser.place.view == "sessions" and names(app), "the sessions")

        def theirs() -> SessionRow | None:
            rows = [row for row in app.browser.table.rows if isinstance(row, SessionRow)]
            known = (row for row in rows if not row.ours and row.identity)
            return next((row for row in known if row.session.target.cluster == "prod"), None)

        row = await until(theirs, "who opened it, by its event", 60)
        app.browser.table.select_key(row.arn)
        await pilot.press("enter")
        await until(lambda: "The session is still open" in screen_text(app), "no transcript yet")
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "sessions", "back")
        await pilot.press("ctrl+k")
        await until(lambda: isinstance(app.screen, PlanScreen), "the plan")
        await pilot.press("y")
        await until(lambda: isinstance(app.focused, Input), "it asks for the name")
        app.focused.value = row.who  # type: ignore[union-attr]
        await pilot.press("enter")
        await until(lambda: "1/1 session ended." in screen_text(app), "it is ended", 40)
        await until(lambda: row.session.id not in names(app), "and no longer listed", 40)
