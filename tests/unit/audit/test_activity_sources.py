"""The layers of the activity that the audit fills: from CloudTrail, and from this program's own log."""

from __future__ import annotations

import platform
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from ecs_tui.activity.timeline import Timeline
from ecs_tui.audit import activity_sources
from ecs_tui.audit.activity_sources import (
    AGAIN,
    AUDIT_SOURCES,
    CHANGE_SOURCE,
    LATE,
    OLDER,
    OWN_SOURCE,
    SESSION_SOURCE,
)
from ecs_tui.aws.account import Account
from ecs_tui.errors import AccessDenied
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.session_record import RecordKind, SessionRecord, line_of
from ecs_tui.resources.activity import ActivityEntry
from ecs_tui.resources.activity_source import ActivityAsk, ActivitySource, ActivityTarget
from ecs_tui.system import session_log
from tests.support import audit_events as made
from tests.support.stub_aws import StubAws, error_reply

pytestmark = pytest.mark.asyncio
LOOKUP = "cloudtrail:LookupEvents"
NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
TASK_A, TASK_B = "a" * 32, "b" * 32
STUB = ActivityTarget("stub")


def records() -> list[dict[str, Any]]:
    """Two sessions, a denied try and one round ECS; a person's change, and auto scaling's."""
    more: dict[str, Any] = {"now": NOW, "cluster": "stub"}
    return [
        made.exec_record("ecs-execute-command-s1", task=TASK_A, minutes=30, who=made.SSO, **more),
        made.start_record("ecs-execute-command-s1", task=TASK_A, minutes=29.9, who=made.BY_ECS, **more),
        made.denied_record(task=TASK_B, minutes=20, **more),
        made.start_record("carol-1", task=TASK_B, minutes=10, who=made.ROLE, **more),
        made.exec_record("ecs-execute-command-s2", now=NOW, cluster="else", minutes=5),
        made.record("UpdateService", now=NOW, minutes=15,
                    asked={"cluster": "stub", "service": "web", "desiredCount": 5}),
        made.record("UpdateService", now=NOW, minutes=16, who=made.AUTOSCALING,
                    asked={"cluster": "stub", "service": "web", "desiredCount": 3}),
    ]  # fmt: skip


@pytest_asyncio.fixture
async def account(stub: StubAws) -> AsyncIterator[Account]:
    stub.answers[LOOKUP] = made.TrailAnswers(*records())
    opened = stub.account()
    yield opened
    await opened.close()


def asked(account: Account, target: ActivityTarget = STUB, now: datetime = NOW) -> ActivityAsk:
    return ActivityAsk(account, target, now - timedelta(hours=1), now, now)


async def read(source: ActivitySource, ask: ActivityAsk) -> tuple[list[ActivityEntry], str]:
    try:
        answer = await source.read(ask)
    finally:
        await ask.close()
    entries = sorted(answer.entries, key=lambda each: each.at or NOW)
    assert {each.layer for each in entries} <= {source.layer}
    return entries, answer.note


async def test_who_was_inside(account: Account) -> None:
    entries, note = await read(SESSION_SOURCE, asked(account))
    assert note == LATE
    assert [(each.who, each.sign) for each in entries] == [
        ("bob@example.com", Sign.FINE), ("alice", Sign.WARNING), ("carol", Sign.BAD),
    ]  # fmt: skip
    inside, denied, round_it = entries
    assert inside.what == "ExecuteCommand: /bin/sh in app of task aaaaaaaa"
    assert inside.place is not None and inside.place.view == "transcript"
    assert "denied" in denied.what and denied.place is None
    assert "round the record" in dict(round_it.details)


async def test_only_what_is_about_the_target(account: Account) -> None:
    task = ActivityTarget("stub", "", f"arn:aws:ecs:us-east-1:1:task/stub/{TASK_A}")
    entries, _ = await read(SESSION_SOURCE, asked(account, task))
    assert [each.who for each in entries] == ["bob@example.com"]
    entries, _ = await read(CHANGE_SOURCE, asked(account, ActivityTarget("stub", "web")))
    (change,) = entries
    assert change.what == "UpdateService: desiredCount 5" and change.service == "web"


async def test_a_reading_holds_for_a_while_and_asks_only_for_more(
    account: Account, stub: StubAws
) -> None:
    await read(SESSION_SOURCE, asked(account))
    first = stub.calls[LOOKUP]
    assert first == 4, "one for each name"
    await read(SESSION_SOURCE, asked(account, now=NOW + AGAIN / 2))
    assert stub.calls[LOOKUP] == first
    await read(SESSION_SOURCE, asked(account, now=NOW + AGAIN))
    assert stub.calls[LOOKUP] == 2 * first


async def test_a_reading_is_bounded(
    account: Account, stub: StubAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity_sources, "MAX_PAGES", 2)
    many = [
        made.exec_record(f"ecs-execute-command-{number}", cluster="stub", now=NOW, minutes=number)
        for number in range(1, 6)
    ]
    stub.answers[LOOKUP] = made.TrailAnswers(*many, page=1)
    entries, note = await read(SESSION_SOURCE, asked(account))
    assert len(entries) == 2 and note == OLDER and stub.calls[LOOKUP] == 2


def noted(
    kind: RecordKind, session: str, account: Account, minutes: float, ending: str = ""
) -> None:
    record = SessionRecord(
        kind, NOW - timedelta(minutes=minutes), session, account.region,
        endpoint=account.endpoint_place, cluster="stub",
        service="web", task=f"arn:t/{TASK_A}", container="app", host=platform.node(), ending=ending,
    )  # fmt: skip
    session_log.append_line(line_of(record))


async def test_own_sessions_are_shown_before_cloudtrail_has_them_and_never_twice(
    account: Account, stub: StubAws
) -> None:
    noted("opened", "ecs-execute-command-s1", account, 30)
    noted("opened", "s-new", account, 3)
    noted("ended", "s-new", account, 1, "told")
    noted("opened", "s-open", account, 2)
    timeline = Timeline((OWN_SOURCE, SESSION_SOURCE))
    hour = NOW - timedelta(hours=1)
    for _ in range(2):
        await timeline.read(asked(account))
        shown = timeline.shown(("sessions",), hour, NOW)
        assert sorted(each.who for each in shown) == [
            "alice", "bob@example.com", "carol", "you", "you",
        ]  # fmt: skip
    words = [each.what for each in shown if each.who == "you"]
    assert words == [
        "session in app of task aaaaaaaa open, or its end is not known",
        "session in app of task aaaaaaaa for 2 min, ECS ended it",
    ]
    entries, _ = await read(OWN_SOURCE, asked(account, ActivityTarget("other")))
    assert entries == []


async def test_what_may_not_be_read_is_an_error_and_own_sessions_are_there(
    account: Account, stub: StubAws
) -> None:
    stub.faults[LOOKUP] = lambda op: error_reply(op, "AccessDeniedException", "no")
    noted("opened", "s-open", account, 2)
    for source in (SESSION_SOURCE, CHANGE_SOURCE):
        with pytest.raises(AccessDenied):
            await read(source, asked(account))
    entries, _ = await read(OWN_SOURCE, asked(account))
    assert [each.who for each in entries] == ["you"]
    assert AUDIT_SOURCES[0] is OWN_SOURCE
