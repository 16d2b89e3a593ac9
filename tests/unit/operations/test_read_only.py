"""Read-only mode stops every operation at the gate for calls, after its plan has been read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.aws.read_only import ALLOWED
from ecs_tui.errors import ReadOnly
from ecs_tui.operations.plan import Plan
from ecs_tui.operations.run_task import RunRequest, read_run_plan
from ecs_tui.operations.running import Running
from ecs_tui.operations.services import read_deployment_plan, read_scale_plan
from ecs_tui.operations.tasks import read_stop_plan
from tests.support.demo import Demo

Read = Callable[[Account], Awaitable[Plan]]


async def _stop(account: Account) -> Plan:
    (arns, *_) = [page async for page in ecs.list_tasks(account, "staging", "web")]
    return await read_stop_plan(account, "staging", arns)


PLANS: dict[str, Read] = {
    "deploy": lambda account: read_deployment_plan(account, "staging", "web"),
    "scale": lambda account: read_scale_plan(account, "staging", "web", 3),
    "stop": _stop,
    "run-task": lambda account: read_run_plan(
        account, RunRequest("staging", "staging-web", like="web")
    ),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", PLANS)
async def test_each_operation_is_planned_and_refused(demo: Demo, name: str) -> None:
    account = demo.account(read_only=True)
    demo.counts(reset=True)
    try:
        plan = await PLANS[name](account)
        assert plan.id == name and plan.calls
        running = Running(account, plan)
        await running.run()
    finally:
        await account.close()
    assert isinstance(running.error, ReadOnly) and not running.changed
    assert running.words.startswith("Read-only mode: ecs:")
    calls = demo.counts()["calls"]
    assert calls, "the plan was read"
    for each in calls:
        service, _, operation = each.partition(":")
        assert operation in ALLOWED[service], each
