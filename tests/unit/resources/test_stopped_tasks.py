"""Which container explains the end of a task, and what its details say first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.model.container import Container
from ecs_tui.model.rules.ends import cause_words, culprit, end_words
from ecs_tui.model.rules.stopping import StopTimes
from ecs_tui.model.task import Task
from ecs_tui.resources.stopped_tasks import STOPPED_TASKS
from ecs_tui.resources.task_facts import task_facts
from ecs_tui.store.inventory import Inventory
from tests.support.list_rows import CONTAINER, NOW, TASK


def ended(name: str, code: int | None, reason: str = "") -> Container:
    return replace(CONTAINER, name=name, last_status="STOPPED", exit_code=code, reason=reason)


@pytest.mark.parametrize(
    ("containers", "name"),
    [
        ([ended("app", 137, "OutOfMemoryError"), ended("envoy", 1)], "app"),
        ([ended("envoy", 1), ended("app", 137, "OutOfMemoryError")], "app"),
        ([ended("envoy", 0), ended("app", 1)], "app"),
        ([ended("app", None, "CannotPullContainerError")], "app"),
        ([ended("app", None, "CannotPullContainerError"), ended("envoy", 143)], "envoy"),
        ([ended("app", 0), ended("envoy", 0)], None),
        ([ended("app", None)], None),
        ([], None),
    ],
)
def test_the_container_that_failed(containers: list[Container], name: str | None) -> None:
    found = culprit(replace(TASK, containers=tuple(containers)))
    assert (found.name if found else None) == name


def test_the_details_of_a_task_begin_with_what_matters_now() -> None:
    inventory = Inventory(Account())
    stopped = replace(
        TASK, last_status="STOPPED", desired_status="STOPPED", stopped_reason="why",
        containers=(ended("app", 137, "OutOfMemoryError"),),
    )  # fmt: skip
    names = [name for name, _ in task_facts(stopped, None, inventory, NOW)]
    assert names[:3] == ["stopped reason", "stop code", "container app"]
    draining = replace(TASK, desired_status="STOPPED")
    names = [name for name, _ in task_facts(draining, StopTimes(), inventory, NOW)]
    assert names[0] == "time left"
    assert task_facts(TASK, None, inventory, NOW)[0][0] == "shell"


EXITED = "EssentialContainerExited"
OOM = (ended("app", 137, "OutOfMemoryError: Container killed due to memory usage"),)


def stopped(minutes: float = 0, **changes: Any) -> Task:
    facts: dict[str, Any] = {"last_status": "STOPPED", "stop_code": EXITED, "containers": OOM}
    return replace(TASK, stopped_at=NOW - timedelta(minutes=minutes), **(facts | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "app exit 137 OutOfMemoryError"),
        ({"containers": (ended("app", 1),)}, "app exit 1"),
        ({"containers": (ended("app", 0),)}, ""),
        ({"containers": (ended("app", None, "DockerTimeoutError: x"),)}, "app DockerTimeoutError"),
        (
            {"stop_code": "TaskFailedToStart", "stopped_reason": "CannotPullContainerError: x: y"},
            "CannotPullContainerError",
        ),
        ({"stop_code": "TaskFailedToStart", "stopped_reason": ""}, "OutOfMemoryError"),
        (
            {"stop_code": "ServiceSchedulerInitiated",
             "stopped_reason": "Task failed ELB health checks in (target-group arn)"},
            "Task failed ELB health checks",
        ),
        ({"stop_code": "ServiceSchedulerInitiated", "stopped_reason": "Scaling activity"}, ""),
        ({"stop_code": "UserInitiated"}, ""),
    ],
)  # fmt: skip
def test_why_a_task_ended(changes: dict[str, Any], words: str) -> None:
    assert end_words(stopped(**changes)) == words


def test_the_most_frequent_cause_and_of_equal_ones_the_latest() -> None:
    one = {"containers": (ended("app", 1),)}
    oom, exited = "app exit 137 OutOfMemoryError", "app exit 1"
    assert cause_words([]) == "" and cause_words([stopped(stop_code="UserInitiated")]) == ""
    assert cause_words([stopped(9), stopped(8), stopped(1, **one)]) == oom
    assert cause_words([stopped(9), stopped(1, **one)]) == exited
    assert cause_words([stopped(1), stopped(9, **one)]) == oom
    assert STOPPED_TASKS.rank(stopped(1)) < STOPPED_TASKS.rank(stopped(9))
