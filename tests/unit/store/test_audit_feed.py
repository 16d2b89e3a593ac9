"""The feed of audit events: each once, what is left out and counted, and what is asked for again."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ecs_tui.store import audit_disk
from ecs_tui.store.audit_feed import LATENESS, OVERLAP, OVERLAP_EVERY, AuditFeed, ReadSpan
from ecs_tui.store.snapshot import DamagedSnapshot
from tests.support import audit_events as made

NAME = "ExecuteCommand"


def ago(hours: float) -> datetime:
    return made.NOW - timedelta(hours=hours)


def feed(most: int = 1000) -> AuditFeed:
    return AuditFeed(made.ACCOUNT, made.REGION, most)


def test_each_event_once_and_automatic_calls_are_counted() -> None:
    found = feed()
    scaled = made.event(
        made.record("UpdateService", who=made.AUTOSCALING, asked={"service": "web"})
    )
    opened = made.event(made.exec_record())
    other = made.event(made.record("StartSession", source="ssm", asked={"target": "i-0123"}))
    assert found.add([opened, scaled, other]) == [opened]
    assert found.add([opened, scaled, other]) == []
    assert found.automatic == {"Application Auto Scaling": 1}
    assert len(found) == 1


@pytest.mark.parametrize(
    ("who", "address", "caller"),
    [
        (made.AUTOSCALING, "", "Application Auto Scaling"),
        ({"type": "AWSService", "invokedBy": "events.amazonaws.com"}, "", "EventBridge"),
        (made.ROLE, "scheduler.amazonaws.com", "EventBridge Scheduler"),
        (made.BY_ECS, "", "ECS"),
        (made.USER, "203.0.113.7", ""),
    ],
)
def test_who_calls_without_a_person(who: dict[str, object], address: str, caller: str) -> None:
    found = feed()
    run = made.record("RunTask", who=who, asked={"taskDefinition": "x"}, sourceIPAddress=address)
    found.add([made.event(run)])
    assert found.automatic == ({caller: 1} if caller else {})


def test_only_what_is_missing_is_asked_for() -> None:
    found = feed()
    week, now = ago(168), made.NOW
    assert found.missing(NAME, week, now) == [ReadSpan(week, now)]
    found.cover(NAME, ago(24), now, now)
    assert found.missing(NAME, ago(24), now) == [ReadSpan(now - OVERLAP, now)]
    later = now + timedelta(hours=2)
    assert found.missing(NAME, week, later) == [
        ReadSpan(now - OVERLAP, later), ReadSpan(week, ago(24)),
    ]  # fmt: skip
    found.cover(NAME, week, ago(24), now)
    assert found.read[NAME] == [ReadSpan(week, now - LATENESS)]
    assert found.missing("StartSession", week, now) == [ReadSpan(week, now)]


def test_a_reading_that_was_stopped_goes_on_where_it_was() -> None:
    found = feed()
    found.cover(NAME, ago(3), made.NOW, made.NOW)
    spans = found.missing(NAME, ago(10), made.NOW)
    assert spans == [ReadSpan(made.NOW - OVERLAP, made.NOW), ReadSpan(ago(10), ago(3))]


def test_the_overlap_for_late_events_is_asked_for_at_each_start_and_then_seldom() -> None:
    found, now = feed(), made.NOW
    found.cover(NAME, ago(24), now, now)
    start = now + timedelta(minutes=5)
    assert found.missing(NAME, ago(24), start) == [ReadSpan(now - OVERLAP, start)]
    found.cover(NAME, start - timedelta(minutes=1), start, start)
    assert found.missing(NAME, ago(24), start)[-1].since <= now - OVERLAP, "it was stopped"
    found.cover(NAME, now - OVERLAP, start, start)
    soon = start + OVERLAP_EVERY - timedelta(seconds=1)
    assert found.missing(NAME, ago(24), soon) == [ReadSpan(start - LATENESS, soon)]
    found.cover(NAME, start - LATENESS, soon, soon)
    later = soon + timedelta(seconds=1)
    assert found.missing(NAME, ago(24), later) == [ReadSpan(soon - OVERLAP, later)]


def test_the_overlap_is_no_older_than_what_is_asked_for_or_was_read() -> None:
    found, now = feed(), made.NOW
    found.cover(NAME, ago(1), now, now)
    assert found.missing(NAME, ago(0.5), now) == [ReadSpan(ago(0.5), now)]
    assert found.missing(NAME, ago(5), now) == [ReadSpan(ago(1), now), ReadSpan(ago(5), ago(1))]


def test_too_many_events_drop_the_oldest_and_are_not_asked_for_again() -> None:
    found = feed(most=3)
    found.add(
        [made.event(made.exec_record(f"ecs-execute-command-{n}", minutes=n)) for n in range(6)]
    )
    assert len(found) == 3
    assert found.floor is not None
    assert found.missing(NAME, ago(1000), made.NOW)[-1].since == found.floor
    old = made.event(made.exec_record("ecs-execute-command-old", minutes=500))
    assert found.add([old]) == []


@pytest.mark.asyncio
async def test_what_was_read_is_kept_in_a_private_file(tmp_path: Path) -> None:
    found, path = feed(), tmp_path / "a" / "audit.snapshot"
    events = [
        made.event(made.exec_record(f"ecs-execute-command-{n}", minutes=n)) for n in range(600)
    ]
    found.add(events)
    found.cover(NAME, ago(24), made.NOW, made.NOW)
    found.remember({made.TASK: "web"})
    found.add([made.event(made.record("UpdateService", who=made.AUTOSCALING, asked={}))])
    await audit_disk.save(found, path, made.NOW)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"SECRET-TOKEN" not in path.read_bytes()
    again = feed()
    await audit_disk.load(again, path)
    assert dict(again.events) == dict(found.events)
    assert again.read == found.read
    assert again.service_of(made.TASK) == "web"
    assert again.automatic == found.automatic
    whos = {id(event.who) for event in again.events.values()}
    assert len(whos) == 1, "thousands of events have one object for one caller"
    assert next(iter(again.events.values())).record["eventName"] == NAME


@pytest.mark.parametrize("content", [b"", b"x", b"\x80", b"\xff" * 1000, b"\x81\xa7version\x01"])
@pytest.mark.asyncio
async def test_damaged_files_are_ignored_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "audit.snapshot"
    path.write_bytes(content)
    with pytest.raises(DamagedSnapshot, match="Ignoring cached audit events"):
        await audit_disk.load(feed(), path)


@pytest.mark.asyncio
async def test_a_file_of_another_account_is_damaged_and_none_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "audit.snapshot"
    await audit_disk.load(feed(), path)
    await audit_disk.save(AuditFeed("999999999999", made.REGION), path, made.NOW)
    with pytest.raises(DamagedSnapshot):
        await audit_disk.load(feed(), path)


def test_accounts_regions_and_endpoints_have_files_of_their_own() -> None:
    paths = {
        audit_disk.path_of(account, region, endpoint)
        for account in ("1", "2") for region in ("a", "b") for endpoint in ("", "http://x")
    }  # fmt: skip
    assert len(paths) == 8
