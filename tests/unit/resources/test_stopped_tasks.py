"""Which container explains the end of a task, and what its details say first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.model.container import Container
from ecs_tui.model.rules.stopping import StopTimes
from ecs_tui.resources.stopped_tasks import culprit
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
    assert task_facts(TASK, None, inventory, NOW)[0][0] == "exec"
