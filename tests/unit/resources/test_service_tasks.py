"""The tasks of a service on its page: running and recently stopped together, with their version."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.config.sections import ListSettings
from ecs_tui.config.state import SavedChoices
from ecs_tui.model.task import Task
from ecs_tui.resources import Place, resource_at, resource_of
from ecs_tui.resources.service_page import SHOWN_SERVICE
from ecs_tui.resources.service_tasks import MAX_STOPPED, SERVICE_TASKS, ServiceTask
from ecs_tui.resources.stopped_tasks import STOPPED_TASKS
from ecs_tui.resources.tasks import TASKS
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.ui.list_views import ListViews
from tests.support.list_rows import CONTAINER, NOW, SERVICE, TASK

PLACE = Place("tasks", cluster="prod", service="web")
pytestmark = pytest.mark.asyncio


def task(number: int, digest: str = "1", **fields: object) -> Task:
    arn = f"arn:aws:ecs:eu-west-1:1:task/prod/{number:032x}"
    app = replace(CONTAINER, image="shop/web:7", image_digest=f"sha256:{digest * 64}")
    made = replace(TASK, arn=arn, id=f"{number:032x}", containers=(app,))
    return replace(made, **fields)  # type: ignore[arg-type]


def stopped(number: int, minutes: int) -> Task:
    ended = NOW - timedelta(minutes=minutes)
    app = replace(
        CONTAINER, exit_code=137, reason="OutOfMemoryError: killed", last_status="STOPPED"
    )
    return task(
        number, last_status="STOPPED", desired_status="STOPPED", stopped_at=ended,
        stop_code="EssentialContainerExited", stopped_reason="Essential container in task exited",
        containers=(app,),
    )  # fmt: skip


def loaded(running: list[Task], ended: list[Task]) -> Inventory:
    made = Inventory(Account(None, "eu-west-1"))
    made._take(Scope(SHOWN_SERVICE, "prod", "web"), [SERVICE.arn], [SERVICE])
    for tasks, of in ((running, False), (ended, True)):
        scope = Scope(Kind.TASK, "prod", "web", of)
        arns = [item.arn for item in tasks]
        made._name(scope, arns)
        made._described(scope, arns, tasks)
    return made


def cells(row: Task) -> dict[str, tuple[str, str]]:
    made = {column.key: column.cell(row, NOW) for column in SERVICE_TASKS.columns}
    return {key: (cell.text, cell.tone) for key, cell in made.items()}


async def test_running_tasks_then_the_one_that_stopped_last() -> None:
    inventory = loaded([task(1), task(2), task(3, "2")], [stopped(8, 20), stopped(9, 3)])
    rows = sorted(SERVICE_TASKS.rows(inventory, PLACE), key=SERVICE_TASKS.rank)
    assert [int(row.id, 16) for row in rows] == [1, 2, 3, 9, 8]
    usual, odd, ended = cells(rows[0]), cells(rows[2]), cells(rows[3])
    assert usual["version"] == (f"web:7 @{'1' * 12}", "")
    assert odd["version"] == (f"web:7 @{'2' * 12}", "warning"), "what differs stands out"
    assert ended["status"][0] == "stopped" and ended["started"][0] == "ended 3m"
    assert "137" in ended["exec"][0] and ended["exec"][1] == "bad"
    again = SERVICE_TASKS.rows(inventory, PLACE)
    assert all(
        one is other for one, other in zip(again, SERVICE_TASKS.rows(inventory, PLACE), strict=True)
    )


async def test_of_many_stopped_tasks_the_newest_are_shown() -> None:
    inventory = loaded([], [stopped(number, number) for number in range(1, MAX_STOPPED + 10)])
    rows = SERVICE_TASKS.rows(inventory, PLACE)
    assert len(rows) == MAX_STOPPED
    assert max(int(row.id, 16) for row in rows) == MAX_STOPPED


async def test_it_is_the_list_of_the_page_only() -> None:
    assert resource_at(PLACE) is SERVICE_TASKS
    assert resource_at(PLACE.with_stopped(True)) is STOPPED_TASKS
    assert resource_at(Place("tasks", cluster="prod")) is TASKS
    assert SERVICE_TASKS.name == "tasks", "it has the columns and groups of all tasks"
    row = ServiceTask("arn", "id", "cluster")
    assert resource_of(row) is TASKS
    keys = [column.key for column in SERVICE_TASKS.columns]
    assert "version" in keys and "service" not in keys
    views = ListViews(ListSettings(), SavedChoices())
    assert views.of(TASKS) is TASKS and views.of(SERVICE_TASKS) is SERVICE_TASKS
