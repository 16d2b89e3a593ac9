"""The page of the audit and the list of sessions by keys, on a stub with hand-written events."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ecs_tui.config.state import state_folder
from ecs_tui.model.session_record import SessionRecord, line_of
from ecs_tui.resources import Place
from ecs_tui.system.session_log import append_line
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.choose import ChooseScreen
from ecs_tui.ui.dialogs.plan import PlanScreen
from ecs_tui.ui.dialogs.text import TextScreen
from ecs_tui.ui.pages.audit.page import AuditPage
from tests.support import audit_events as made
from tests.support.app import facts, names, running_app, screen_text, too_wide
from tests.support.jq import through_jq
from tests.support.limits import until
from tests.support.stub_aws import StubAws, error_reply

pytestmark = pytest.mark.asyncio
TASK_A, TASK_B = "a" * 32, "b" * 32
OPEN = "ecs-execute-command-open"
LOOKUP = "cloudtrail:LookupEvents"


def records() -> list[dict[str, object]]:
    """What happened on the stub: two sessions, a denied try, one round ECS, exec switched on."""
    more: dict[str, Any] = {"now": datetime.now(UTC), "cluster": "stub"}
    now = more["now"]
    return [
        made.exec_record(OPEN, task=TASK_A, minutes=30, who=made.SSO, **more),
        made.start_record(OPEN, task=TASK_A, minutes=29.9, who=made.BY_ECS, **more),
        made.exec_record(made.OLD_SESSION, task=TASK_B, minutes=90, command="=cmd\x1b[31m", **more),
        made.denied_record(task=TASK_A, minutes=120, **more),
        made.start_record("eve-0123", task=TASK_B, minutes=60 * 30, who=made.ROLE, **more),
        made.record("UpdateService", now=now, minutes=200,
                    asked={"cluster": "stub", "service": "web", "enableExecuteCommand": True}),
        made.record("UpdateService", now=now, minutes=210, who=made.AUTOSCALING,
                    asked={"cluster": "stub", "service": "web", "desiredCount": 3}),
    ]  # fmt: skip


def dashboard(stub: StubAws, size: tuple[int, int] = (160, 45)) -> Any:
    stub.answers[LOOKUP] = made.TrailAnswers(*records())
    return running_app(stub.account(timeout_seconds=5.0), size, refresh=600)


def page(app: EcsTuiApp) -> AuditPage:
    return app.browser.query_one(AuditPage)


async def run_command(app: EcsTuiApp, pilot: Pilot[None], words: str) -> None:
    """Type a command after `:`."""
    await pilot.press("colon")
    await until(lambda: isinstance(app.focused, Input), "the line is open")
    app.focused.value = words  # type: ignore[union-attr]
    await pilot.pause()
    await pilot.press("enter")


async def open_audit(app: EcsTuiApp, pilot: Pilot[None]) -> None:
    await until(lambda: "stub" in names(app), "the cluster")
    await pilot.press("enter")
    await until(lambda: app.browser.place.view == "services" and names(app), "services")
    await run_command(app, pilot, "audit")
    await until(lambda: app.browser.place.view == "audit", "the page of the audit")
    await until(lambda: not page(app).shown.running and names(app), "it is read")


def shown(app: EcsTuiApp) -> list[str]:
    table = app.browser.table
    return [table.rows[index].event.name for index in table.order]


async def test_the_timeline_by_keys(stub: StubAws) -> None:
    async with dashboard(stub) as (app, pilot):
        await open_audit(app, pilot)
        assert app.browser.place == Place("audit", cluster="stub", service="web")
        await until(lambda: len(names(app)) == 5, "the services of its tasks are known")
        assert shown(app) == [
            "ExecuteCommand", "ExecuteCommand", "ExecuteCommand", "UpdateService", "StartSession",
        ]  # fmt: skip
        await until(lambda: "● read" in screen_text(app), "it says when it was read")
        text = screen_text(app)
        assert "Audit stub/web" in text
        assert "1 by Application Auto Scaling" in text
        assert "bob@example.com" in text and "round the record" in text
        assert "\x1b" not in text
        assert too_wide(app) == []

        await pilot.press("z")
        assert shown(app) == ["ExecuteCommand", "UpdateService", "StartSession"]
        await pilot.press("z", "2")
        assert "UpdateService" not in shown(app)
        await pilot.press("2", "less_than_sign")
        assert "StartSession" not in shown(app), "it was 30 hours ago"
        await pilot.press("greater_than_sign")
        assert len(shown(app)) == 5

        await pilot.press("ctrl+o")
        await until(lambda: "PERSON" in screen_text(app), "grouped by person")
        for _ in range(4):
            await pilot.press("ctrl+o")
        assert "PERSON" not in screen_text(app)

        await pilot.press("g", "d")
        await until(lambda: facts(app).get("session") == OPEN, "the details of the event")
        assert facts(app)["identity"] == "SSO Admin" and facts(app)["mfa"] == "unknown"
        await pilot.press("d", "y")
        await until(lambda: isinstance(app.screen, TextScreen), "the whole event")
        await until(lambda: "eventVersion" in screen_text(app), "as CloudTrail has it")
        assert "SECRET-TOKEN" not in screen_text(app)
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "back")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "transcript", "its session's transcript")
        found = app.browser.place.transcript
        assert found is not None and (found.session, found.task) == (OPEN, TASK_A)
        assert found.began and not found.ended and not found.direct
        await until(lambda: "Transcript of bob@example.com" in screen_text(app), "its page")
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "audit", "back in the timeline")
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "services", "back in the services")


async def test_what_is_new_comes_by_itself_until_reading_is_stopped(
    stub: StubAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecs_tui.ui.pages.audit.shown.AGAIN_SECONDS", 0.0)

    def happens(session: str) -> None:
        now = datetime.now(UTC)
        record = made.exec_record(session, now=now, minutes=0.1, cluster="stub", task=TASK_A)
        stub.answers[LOOKUP] = made.TrailAnswers(*records(), record)

    def sessions() -> set[str]:
        return {row.event.session for row in app.browser.table.rows}

    async with dashboard(stub) as (app, pilot):
        await open_audit(app, pilot)
        await until(lambda: len(names(app)) == 5, "what has happened before")
        await pilot.press("G")
        at = app.browser.table.current
        happens("ecs-execute-command-new")
        await until(lambda: "ecs-execute-command-new" in sessions(), "what happened meanwhile")
        assert app.browser.table.current is at, "the cursor stays on its row"
        await pilot.press("X")
        await until(lambda: not page(app).shown.running and page(app).shown.stopped, "it stops")
        happens("ecs-execute-command-newer")
        asked = stub.calls[LOOKUP]
        for _ in range(3):
            app.browser.draw()
            await pilot.pause()
        assert stub.calls[LOOKUP] == asked
        await pilot.press("r")
        await until(lambda: "ecs-execute-command-newer" in sessions(), "it goes on")


async def test_rows_are_saved_as_csv_and_json_lines(stub: StubAws) -> None:
    async with dashboard(stub) as (app, pilot):
        await open_audit(app, pilot)
        await until(lambda: len(names(app)) == 5, "all rows")
        saved = state_folder() / "saved"
        for keys, ending in (((), "jsonl"), (("j",), "csv")):
            await pilot.press("ctrl+s")
            await until(lambda: isinstance(app.screen, ChooseScreen), "it asks for the form")
            await pilot.press(*keys, "enter")
            await until(lambda end=ending: list(saved.glob(f"*.{end}")), f"a file of {ending}")
        (lines,), (table,) = saved.glob("*.jsonl"), saved.glob("*.csv")
        found = [json.loads(line) for line in lines.read_text().splitlines()]
        assert len(found) == 5 and found[0]["who"] == "bob@example.com"
        assert lines.stat().st_mode & 0o077 == 0
        assert through_jq(lines.read_text()) == found
        with table.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["command"] for row in rows][1] == "'=cmd�[31m"


async def test_sessions_that_are_not_listed_are_not_counted_as_inside(
    stub: StubAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    crashed = SessionRecord(
        "opened", datetime.now(UTC), "ecs-execute-command-own", "us-east-1", cluster="stub",
        endpoint=urlsplit(stub.endpoint).netloc,
        task=f"arn:aws:ecs:us-east-1:111122223333:task/stub/{TASK_B}", container="app",
    )  # fmt: skip
    append_line(line_of(crashed))
    listed: list[dict[str, Any]] = []
    stub.answers["ssm:DescribeSessions"] = lambda body: {
        "Sessions": listed if json.loads(body)["State"] == "Active" else []
    }
    async with dashboard(stub) as (app, pilot):
        await until(lambda: "stub" in names(app), "the cluster")
        await run_command(app, pilot, "sessions")
        await until(lambda: "ecs-execute-command-own" in names(app), "that of our log")
        await until(lambda: OPEN in names(app), "that of CloudTrail")
        await until(lambda: "Session Manager lists none, " in screen_text(app), "it is said")
        assert "perhaps ended: not listed by Session Manager" in screen_text(app)
        assert " inside" not in screen_text(app)

        listed.append(
            {"SessionId": OPEN, "Target": f"ecs:stub_{TASK_A}_r", "Status": "Connected",
             "StartDate": datetime.now(UTC).timestamp() - 1800}
        )  # fmt: skip
        await pilot.press("r")
        await until(lambda: "1 inside, 1 not listed by Session Manager" in screen_text(app), "one")
        assert names(app)[0] == OPEN, "those that are inside come first"


async def test_a_denied_look_says_so(stub: StubAws) -> None:
    async with dashboard(stub) as (app, pilot):
        stub.answers[LOOKUP] = error_reply(LOOKUP, "AccessDeniedException", "no")
        await until(lambda: "stub" in names(app), "the cluster")
        await run_command(app, pilot, "audit-all")
        await until(
            lambda: "not allowed to look (cloudtrail:LookupEvents)" in screen_text(app),
            "it says so",
        )


async def test_who_is_inside_and_the_end_of_anothers_session(stub: StubAws) -> None:
    target = f"ecs:stub_{TASK_A}_r-1"
    began = datetime.now(UTC).timestamp() - 1800
    listed = [
        {"SessionId": OPEN, "Target": target, "StartDate": began, "Status": "Connected",
         "Owner": "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForECS/x"}
    ]  # fmt: skip
    stub.answers["ssm:DescribeSessions"] = lambda _: {
        "Sessions": [] if stub.calls["ssm:TerminateSession"] else listed
    }
    stub.answers["ssm:TerminateSession"] = {"SessionId": OPEN}
    async with dashboard(stub) as (app, pilot):
        await until(lambda: "stub" in names(app), "the cluster")
        await until(lambda: "1 inside" in screen_text(app), "a number at the cluster")
        await run_command(app, pilot, "sessions")
        await until(lambda: app.browser.place.view == "sessions" and names(app), "the sessions")
        await until(lambda: "bob@example.com" in screen_text(app), "who, by the event")
        await pilot.press("ctrl+k")
        await until(lambda: isinstance(app.screen, PlanScreen), "the plan")
        await until(lambda: "End the session of bob@example.com" in screen_text(app), "it is drawn")
        await pilot.press("y")
        assert stub.calls["ssm:TerminateSession"] == 0, "another's is confirmed by a name"
        await until(lambda: isinstance(app.focused, Input), "it asks for the name")
        app.focused.value = "bob@example.com"  # type: ignore[union-attr]
        await pilot.press("enter")
        await until(lambda: stub.calls["ssm:TerminateSession"] == 1, "it is ended")
        await until(lambda: "1/1 session ended." in screen_text(app), "it holds")
