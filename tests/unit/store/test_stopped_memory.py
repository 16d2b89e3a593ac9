"""Stopped tasks beyond ECS's hour: remembered over restarts, bounded, private, with their source."""

from __future__ import annotations

import asyncio
import json
import stat
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ecs_tui.aws.parse.lifecycle_event import MAX_CHARACTERS, stopped_task
from ecs_tui.model.cluster import Cluster
from ecs_tui.store import snapshot, stopped_memory
from ecs_tui.store.lifecycle_events import may_have_events
from ecs_tui.store.snapshot import SnapshotCache
from ecs_tui.store.stopped_memory import NAME, StoppedMemory
from tests.support.problem_facts import CLUSTER, NOW, ago, container, running, stopped


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SnapshotCache:
    monkeypatch.setattr(snapshot, "folder", lambda: tmp_path)
    return SnapshotCache("p", "r", None)


def test_only_stopped_tasks_are_taken_and_without_tags() -> None:
    memory = StoppedMemory()
    task = replace(stopped(1, 3, container(1)), tags={"team": "a"})
    assert memory.take([task, running(2)])
    assert not memory.take([task])
    (kept,) = memory.of("prod", "web")
    assert (kept.arn, dict(kept.tags), kept.known_from) == (task.arn, {}, "remembered")
    assert memory.get(task.arn) == kept
    assert memory.of("prod") == [kept]
    assert memory.of("prod", "other") == memory.of("other") == []


def test_what_ecs_lists_comes_first_and_once() -> None:
    memory = StoppedMemory()
    old, new = stopped(1, 90), stopped(2, 3)
    memory.take([old, new])
    joined = memory.joined([new], "prod", "web")
    assert [(task.arn, task.known_from) for task in joined] == [
        (new.arn, ""), (old.arn, "remembered"),
    ]  # fmt: skip


def test_what_ecs_returned_is_not_replaced_by_an_event() -> None:
    memory = StoppedMemory()
    memory.take([stopped(1, 3)], "Container Insights")
    assert memory.of("prod")[0].known_from == "Container Insights"
    assert memory.take([stopped(1, 3)])
    assert memory.of("prod")[0].known_from == "remembered"
    assert not memory.take([replace(stopped(1, 3), stop_code="x")], "Container Insights")


def test_it_is_kept_over_restarts_in_a_private_file(cache: SnapshotCache) -> None:
    async def scenario() -> None:
        first = StoppedMemory(cache)
        first.take([stopped(1, 3, container(137, "OutOfMemoryError: x"))])
        first.take([stopped(2, 5)], "Container Insights")
        await first.save(NOW)
        again = StoppedMemory(cache)
        assert await again.load() == ""
        assert again.of("prod") == first.of("prod")

    asyncio.run(scenario())
    assert stat.S_IMODE(cache.path(NAME).stat().st_mode) == 0o600


def test_a_damaged_file_is_told(cache: SnapshotCache) -> None:
    async def scenario() -> str:
        memory = StoppedMemory(cache)
        memory.take([stopped(1, 3)])
        await memory.save(NOW)
        data = cache.path(NAME).read_bytes()
        cache.path(NAME).write_bytes(data[:-5])
        return await StoppedMemory(cache).load()

    assert "corrupt" in asyncio.run(scenario())


def test_old_ones_and_too_many_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopped_memory, "MAX_TASKS", 3)
    memory = StoppedMemory(days=2)
    memory.take([stopped(n, n) for n in range(5)])
    memory.take([replace(stopped(9, 1), stopped_at=ago(1) - timedelta(days=3))])
    memory.forget(NOW)
    assert [int(task.id, 16) for task in memory.of("prod")] == [0, 1, 2]


def test_nothing_is_remembered_if_that_is_off() -> None:
    memory = StoppedMemory(days=0)
    assert not memory.take([stopped(1, 3)])


def test_tasks_of_another_account_are_dropped() -> None:
    memory = StoppedMemory()
    memory.take([stopped(1, 3)])
    memory.keep_account("123456789012", "eu-west-1")
    assert len(memory) == 1
    memory.keep_account("999999999999", "eu-west-1")
    assert len(memory) == 0


EVENT = {
    "detail-type": "ECS Task State Change",
    "detail": {
        "taskArn": "arn:aws:ecs:eu-west-1:123456789012:task/prod/abc", "clusterArn": CLUSTER,
        "group": "service:web", "lastStatus": "STOPPED", "stoppedAt": "2026-03-01T10:00:00.5Z",
        "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "app", "lastStatus": "STOPPED", "exitCode": 137}],
        "overrides": {"containerOverrides": [{"environment": [{"name": "A", "value": "secret"}]}]},
    },
}  # fmt: skip


def test_a_lifecycle_event_is_a_stopped_task_without_values() -> None:
    task = stopped_task(json.dumps(EVENT))
    assert task is not None
    assert (task.service, task.containers[0].exit_code) == ("web", 137)
    assert task.stopped_at is not None
    assert task.stopped_at.isoformat() == "2026-03-01T10:00:00.500000+00:00"
    assert "secret" not in repr(task)


@pytest.mark.parametrize(
    "line",
    ["", "null", "[]", "{", '{"detail-type": 1}', '{"detail-type": "ECS Service Action"}',
     json.dumps({**EVENT, "detail": {}}), json.dumps({**EVENT, "detail": 7}), "[" * 100_000,
     json.dumps({**EVENT, "detail": {**EVENT["detail"], "lastStatus": "RUNNING"}}),  # type: ignore[dict-item]
     " " * MAX_CHARACTERS + json.dumps(EVENT)],
)  # fmt: skip
def test_other_lines_are_none(line: str) -> None:
    assert stopped_task(line) is None


def test_a_time_that_is_none_leaves_the_others() -> None:
    odd = {**EVENT, "detail": {**EVENT["detail"], "stoppedAt": "yesterday"}}  # type: ignore[dict-item]
    task = stopped_task(json.dumps(odd))
    assert task is not None
    assert task.stopped_at is None


@pytest.mark.parametrize(
    ("value", "may"), [("enabled", True), ("enhanced", True), ("disabled", False), ("", False)]
)
def test_lifecycle_events_need_container_insights(value: str, may: bool) -> None:
    assert may_have_events(Cluster(CLUSTER, "prod", settings={"containerInsights": value})) is may
    assert not may_have_events(None)
