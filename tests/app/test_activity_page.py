"""The page of activity by keys: layers, range, where enter leads, what may not be read."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from textual.pilot import Pilot

from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.commands.activity import place_of_activity
from ecs_tui.ui.dialogs.text import TextScreen
from ecs_tui.ui.pages.activity.page import ActivityPage
from tests.support.app import names, running_app, screen_text, too_wide
from tests.support.limits import until
from tests.support.stub_aws import ARN, CLUSTER, DEFINITION, SERVICE_RAW, StubAws, error_reply

pytestmark = pytest.mark.asyncio
STOPPED = f"{ARN}:task/stub/{'d' * 32}"
SCALING = "application-autoscaling:DescribeScalingActivities"


def stopped(now: float) -> dict[str, Any]:
    return {
        "taskArn": STOPPED, "clusterArn": CLUSTER, "group": "service:web", "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED", "taskDefinitionArn": DEFINITION, "launchType": "FARGATE",
        "stopCode": "EssentialContainerExited", "stoppedAt": now - 60,
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "app", "exitCode": 137, "reason": "OutOfMemoryError: killed"}],
    }  # fmt: skip


@pytest.fixture
def incident(stub: StubAws) -> StubAws:
    """A service whose task was killed a minute ago, with an alarm that may not be read."""
    now = time.time()
    events = [
        {"id": "2", "createdAt": now - 30, "message": "(service web) has begun draining\x1b[2J."},
        {"id": "1", "createdAt": now - 90, "message": "(service web) was unable to place a task."},
    ]
    stub.answers["ecs:DescribeServices"] = {"services": [{**SERVICE_RAW, "events": events}]}
    plain = stub.answers["ecs:DescribeTasks"]
    running = stub.answers["ecs:ListTasks"]
    stub.answers["ecs:ListTasks"] = lambda body: (
        {"taskArns": [STOPPED]} if '"STOPPED"' in body else running
    )
    stub.answers["ecs:DescribeTasks"] = lambda body: (
        {"tasks": [stopped(now)]} if STOPPED in body else plain
    )
    stub.answers[SCALING] = {
        "ScalingActivities": [
            {
                "ActivityId": "1", "ResourceId": "service/stub/web", "StartTime": now - 45,
                "Description": "Setting desired count to 4.", "Cause": "monitor alarm cpu",
            }
        ]
    }  # fmt: skip
    stub.faults["cloudwatch:DescribeAlarms"] = lambda op: error_reply(op, "AccessDenied", "no")
    return stub


def words(app: EcsTuiApp) -> list[str]:
    table = app.browser.table
    rows: list[Any] = [table.rows[i] for i in table.order]
    return [row.what for row in rows if isinstance(row, ActivityEntry)]


async def cursor_on(app: EcsTuiApp, what: str) -> None:
    await until(lambda: any(what in each for each in words(app)), what)
    app.browser.table.cursor = next(n for n, each in enumerate(words(app)) if what in each)


async def open_activity(app: EcsTuiApp, pilot: Pilot[None], entries: int = 4) -> None:
    """Open the timeline of the service, and wait for so many entries."""
    await until(lambda: "stub" in names(app), "the cluster")
    await pilot.press("enter")
    await until(lambda: names(app) == ["web"] and app.browser.table.rows[0].service.described)
    await pilot.press("A")
    await until(
        lambda: app.browser.place.view == "activity" and len(words(app)) >= entries, "entries"
    )


async def test_one_timeline_in_layers_that_are_switched(incident: StubAws) -> None:
    async with running_app(incident.account(5), (80, 24)) as (app, pilot):
        await open_activity(app, pilot)
        text = screen_text(app)
        assert "Activity of stub/web, last 1 h" in text and "\x1b" not in text
        found = words(app)
        assert "has begun draining" in found[0]
        assert found[1:] and found.index("Setting desired count to 4") < next(
            n for n, each in enumerate(found) if "exit 137 OutOfMemoryError" in each
        )
        await until(lambda: "alarms: not allowed to look" in screen_text(app), "why one is empty")
        assert too_wide(app) == []
        await pilot.press("3")
        await until(lambda: not any("draining" in each for each in words(app)), "no events")
        assert "3○" in screen_text(app)
        await pilot.press("3")
        await until(lambda: any("draining" in each for each in words(app)), "events again")
        await pilot.press("<")
        await until(lambda: "last 15 min" in screen_text(app), "a shorter range")
        await pilot.press(">", ">")
        await until(lambda: "last 3 h" in screen_text(app), "a longer one")
        assert app.browser.query_one(ActivityPage).own_keys == "activity"


async def reading_ends(app: EcsTuiApp) -> None:
    """Wait until all layers are read."""
    page = app.browser.query_one(ActivityPage)
    await until(lambda: not page._reading, "all layers are read")


def late_scaling(incident: StubAws) -> threading.Event:
    """Keep the newest entry back until the event is set."""
    late, answer = threading.Event(), incident.answers[SCALING]
    answer["ScalingActivities"][0]["StartTime"] = time.time() - 5
    incident.answers[SCALING] = lambda body: late.wait(20) and answer
    return late


def current(app: EcsTuiApp) -> str:
    """What the row under the cursor says."""
    return app.browser.table.current.what


@pytest.mark.parametrize("keys", [["j"], ["j", "k"]], ids=" ".join)
async def test_a_layer_that_is_late_does_not_move_the_cursor_from_the_row_that_was_chosen(
    incident: StubAws, keys: list[str]
) -> None:
    late = late_scaling(incident)
    async with running_app(incident.account(25), (120, 36)) as (app, pilot):
        try:
            await open_activity(app, pilot, 3)
            await pilot.press(*keys)
            chosen, top = current(app), words(app)[0]
            assert (chosen == top) == (keys == ["j", "k"])
        finally:
            late.set()
        await until(lambda: any("Setting desired" in each for each in words(app)), "late")
        await reading_ends(app)
        await pilot.pause()
        assert current(app) == chosen


async def test_until_a_row_is_chosen_the_cursor_waits_for_the_newest_entry(
    incident: StubAws,
) -> None:
    late = late_scaling(incident)
    async with running_app(incident.account(25), (120, 36)) as (app, pilot):
        try:
            await open_activity(app, pilot, 3)
            assert "draining" in current(app)
        finally:
            late.set()
        await until(lambda: "Setting desired" in current(app), "the newest one")


async def test_enter_leads_to_the_log_lines_or_shows_all_of_an_entry(incident: StubAws) -> None:
    async with running_app(incident.account(5), (120, 36)) as (app, pilot):
        await open_activity(app, pilot)
        await cursor_on(app, "Setting desired count")
        await pilot.press("enter")
        await until(lambda: isinstance(app.screen, TextScreen), "a dialog")
        await until(lambda: "monitor alarm cpu" in screen_text(app), "the cause")
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")
        await cursor_on(app, "exit 137")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "logs", "the log lines")
        assert app.browser.place.logs is not None and app.browser.place.logs.tasks == (STOPPED,)
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "activity", "back")
        assert any("exit 137" in each for each in words(app)), "at once, from what was read"
        await reading_ends(app)
        await pilot.pause()
        assert "exit 137" in current(app), "the row that was left"
        context = app.browser.workspace.context()
        assert place_of_activity(context).service == "web"
