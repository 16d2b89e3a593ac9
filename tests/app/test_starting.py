"""Tasks that start: for how long, and what the events of their service say; on the stub of AWS.

The messages are those of "Amazon ECS service event messages" in the ECS developer guide.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ecs_tui.model.rules.waiting import (
    failing_event,
    started_words,
    starting_for,
    waiting_words,
)
from ecs_tui.model.service import Service, ServiceEvent
from ecs_tui.model.task import Task
from ecs_tui.model.text import span
from tests.support.app import names, running_app, screen_text
from tests.support.doctor_case import Case, DoctorRun, doctor_run, ready_case
from tests.support.limits import until
from tests.support.stub_aws import StubAws

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
TASK = Task("arn", "1", "arn:cluster", "service:web", "PENDING", "RUNNING")


@pytest.fixture
def case(stub: StubAws) -> Case:
    return ready_case(stub)


@pytest.fixture
def run(case: Case, capfd: pytest.CaptureFixture[str]) -> DoctorRun:
    return doctor_run(case, capfd)


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"),
        (7380, "2 h 3 min"), (86400, "1 d"), (90061, "1 d 1 h"), (86460, "1 d"),
    ],
)  # fmt: skip
def test_a_length_of_time(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.mark.parametrize(
    ("changes", "words", "started"),
    [
        ({"created_at": ago(minutes=123)}, "pending for 2 h 3 min", "waiting 2h"),
        (
            {"last_status": "PROVISIONING", "created_at": ago(seconds=20)},
            "provisioning for 20 s",
            "waiting 20s",
        ),
        (
            {"created_at": ago(minutes=9), "pull_started_at": ago(minutes=8)},
            "pending for 9 min, pulling its image for 8 min",
            "waiting 9m",
        ),
        (
            {
                "last_status": "ACTIVATING", "created_at": ago(minutes=9),
                "pull_started_at": ago(minutes=8), "pull_stopped_at": ago(minutes=7),
            },
            "activating for 9 min, image pulled in 1 min",
            "waiting 9m",
        ),
        ({}, "", ""),
        (
            {"last_status": "RUNNING", "created_at": ago(days=2), "started_at": ago(days=1)},
            "",
            "1d",
        ),
        (
            {
                "last_status": "DEPROVISIONING", "desired_status": "STOPPED",
                "created_at": ago(days=2), "started_at": ago(days=1), "stopping_at": ago(minutes=4),
            },
            "deprovisioning for 4 min",
            "1d",
        ),
        (
            {"last_status": "DEPROVISIONING", "desired_status": "STOPPED", "created_at": ago(days=2)},
            "",
            "",
        ),
        (
            {"last_status": "STOPPED", "desired_status": "STOPPED", "stopping_at": ago(minutes=4)},
            "",
            "",
        ),
    ],
)  # fmt: skip
def test_how_long_a_task_waits(changes: dict[str, Any], words: str, started: str) -> None:
    task = replace(TASK, **changes)
    assert waiting_words(task, NOW) == words
    assert started_words(task, NOW) == started
    assert (starting_for(task, NOW) is not None) == started.startswith("waiting")


PLACE = "(service web) was unable to place a task because no container instance met all of its "
FAILURES = [
    PLACE + "requirements. The closest matching container-instance abc has insufficient CPU units "
    "available.",
    PLACE + 'requirements. The closest matching container-instance abc encountered error "AGENT".',
    "(service web) was unable to place a task. Reason: Capacity is unavailable at this time. "
    "Please try again later or in a different availability zone.",
    "(service web) was unable to place a task. Reason: You've reached the limit on the number of "
    "vCPUs you can run concurrently.",
    "(service web) is unable to consistently start tasks successfully.",
    "(service web) operations are being throttled. Will try again later.",
    "(service web) was unable to stop or start tasks during a deployment because of the service "
    "deployment configuration.",
    "(service web) was unable to reach steady state. Reason: No Container Instances were found in "
    "your capacity provider.",
    "(service web) failed to launch a task with (error ECS was unable to assume the role 'x').",
    "(service web) (task 1) (port 80) is unhealthy in (target-group t) due to (reason Health "
    "checks failed).",
]
QUIET = [
    "(service web) has started 1 tasks: (task 1).",
    "(service web) registered 1 targets in (target-group t)",
    "(service web) has begun draining connections on 1 tasks.",
    "(service web) has stopped 1 running tasks: (task 1).",
    "(service web) (deployment ecs-svc/1) deployment completed.",
]
STEADY = "(service web) has reached a steady state."


def service(*messages: str) -> Service:
    """Make the task pending since so many minutes; its service has these events, newest first."""
    events = (
        ServiceEvent(str(number), ago(minutes=number), message)
        for number, message in enumerate(messages)
    )
    return Service("arn", "web", "arn:cluster", events=tuple(events))


@pytest.mark.parametrize("message", FAILURES)
def test_the_newest_event_that_names_a_failure(message: str) -> None:
    found = failing_event(service(*QUIET, message, FAILURES[0], STEADY))
    assert found is not None and found.message == message
    assert failing_event(service(*QUIET, STEADY, message)) is None


@pytest.mark.parametrize("message", [*QUIET, STEADY])
def test_other_events_name_none(message: str) -> None:
    assert failing_event(service(message)) is None


# -- the doctor and the dashboard


def pending(case: Case, minutes: float, *messages: str) -> None:
    began = datetime.now(UTC) - timedelta(minutes=minutes)
    case.task |= {"lastStatus": "PENDING", "createdAt": began.timestamp(), "containers": []}
    del case.task["startedAt"]
    case.service["events"] = [
        {"id": str(number), "message": message,
         "createdAt": (datetime.now(UTC) - timedelta(minutes=number + 4)).timestamp()}
        for number, message in enumerate(messages)
    ]  # fmt: skip


async def running(told: Any) -> dict[str, Any]:
    (row,) = [row for row in told.rows if row["check"] == "task-running"]
    return dict(row)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("minutes", "messages", "advice"),
    [
        (0.5, [PLACE], r"Pending for (\d+ s|1 min): wait for the task to start."),
        (
            123,
            [QUIET[0], FAILURES[0]],
            r"Pending for 2 h \d min. The service's event \d min ago: " + re.escape(FAILURES[0]),
        ),
        (123, [STEADY, FAILURES[0]], r"Pending for 2 h \d min. No service event gives a reason"),
        (123, [], r"Pending for 2 h \d min. No service event gives a reason. Check capacity"),
    ],
)
async def test_the_doctor_says_how_long_and_after_minutes_why(
    case: Case, run: Any, minutes: float, messages: list[str], advice: str
) -> None:
    pending(case, minutes, *messages)
    told = await run("a" * 32)
    found = await running(told)
    assert (found["outcome"], told.status) == ("fail", 1)
    assert re.match(advice, found["advice"]), found
    assert "lastStatus PENDING, desiredStatus RUNNING: pending for " in found["evidence"]


@pytest.mark.asyncio
async def test_a_task_without_a_service_that_starts(case: Case, run: Any) -> None:
    pending(case, 123)
    case.task["group"] = "family:web"
    found = await running(await run("a" * 32))
    assert re.match(r"Pending for 2 h \d min. Check capacity", found["advice"])


@pytest.mark.asyncio
async def test_a_task_that_is_lost_says_since_when(case: Case, run: Any) -> None:
    connected = datetime.now(UTC) - timedelta(minutes=7)
    case.task |= {"connectivity": "DISCONNECTED", "connectivityAt": connected.timestamp()}
    told = await run("a" * 32)
    words = r"connectivity DISCONNECTED, CONNECTED last \d+ min ago"
    assert re.fullmatch(words, told.of("task-connected")[1])


@pytest.mark.asyncio
async def test_the_list_and_the_details_tell_it_too(case: Case) -> None:
    pending(case, 123, FAILURES[0])
    options: dict[str, Any] = {"cache": False, "cluster": "stub"}
    async with running_app(case.stub.account(), (160, 50), **options) as (app, pilot):
        browser = app.browser
        await until(lambda: names(app) == ["web"] and browser.table.rows[0].service.events, "web")
        await pilot.press("enter")
        await until(lambda: "waiting 2h" in screen_text(app), "in the list")
        await pilot.press("d")
        text = " ".join(screen_text(app).split())
        assert re.search(r"waiting pending for 2 h \d min", text)
        event = r"service event \d min ago: \(service web\) was unable to place a task because"
        assert re.search(event, text)
