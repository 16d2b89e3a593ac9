"""Lookups of visible rows, against answers that AWS might give."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import MAX_CAUSE_PAGES, Lookup, Subject
from tests.support.stub_aws import ARN, CLUSTER, DEFINITION, StubAws

pytestmark = pytest.mark.asyncio


def ended(number: int, service: str, code: int) -> dict[str, Any]:
    return {
        "taskArn": f"{ARN}:task/stub/{number:032x}", "clusterArn": CLUSTER,
        "group": f"service:{service}", "lastStatus": "STOPPED", "desiredStatus": "STOPPED",
        "taskDefinitionArn": DEFINITION, "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "containers": [{"name": "app", "exitCode": code}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pages", "words", "read"),
    [
        ([["web", "api", "api"]], "exit 3", 1),
        ([["api"], ["api", "web"], ["web"]], "exit 3", 2),
        ([["api"]], "", 1),
        ([["api"]] * 9, "", MAX_CAUSE_PAGES),
        ([[]], "", 1),
    ],
)
async def test_the_cause_of_a_failure_is_that_of_the_services_own_tasks(
    stub: StubAws, pages: list[list[str]], words: str, read: int
) -> None:
    """ECS may ignore the service's name in ListTasks for stopped tasks."""
    tasks = {}
    for number, services in enumerate(pages):
        for place, name in enumerate(services):
            each = ended(10 * number + place, name, 3 if name == "web" else 9)
            tasks[each["taskArn"]] = each
    asked: list[int] = []

    def listed(body: str) -> dict[str, Any]:
        page = int(json.loads(body).get("nextToken", 0))
        asked.append(page)
        found = [arn for arn in tasks if int(arn[-32:], 16) // 10 == page]
        more = {"nextToken": str(page + 1)} if page + 1 < len(pages) else {}
        return {"taskArns": found, **more}

    stub.answers["ecs:ListTasks"] = listed
    stub.answers["ecs:DescribeTasks"] = lambda body: {
        "tasks": [tasks[arn] for arn in json.loads(body)["tasks"]]
    }
    account = stub.account()
    inventory = Inventory(account)
    try:
        found = await inventory.lookups.read(Lookup[str](Subject.CAUSE, "stub", "web"))
    finally:
        await inventory.close()
        await account.close()
    assert words in (found or "") if words else found == ""
    assert len(asked) == read
