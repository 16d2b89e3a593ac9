"""How long a task may take to stop: what is looked up for it, and what is known of that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.model.rules.stopping import StopTimes
from ecs_tui.model.task import Task
from ecs_tui.store.draining import stop_lookups, stop_times
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup, Subject
from tests.support.limits import until
from tests.support.odd_aws import OddAccount, denied, target_group
from tests.support.stub_aws import ARN, StubAws

pytestmark = pytest.mark.asyncio
DEFINITION = f"{ARN}:task-definition/web:1"
TASK = Task(
    f"{ARN}:task/stub/1", "1", f"{ARN}:cluster/stub", "service:web", task_definition=DEFINITION
)


@pytest.fixture
def odd(stub: StubAws) -> OddAccount:
    """A service behind two target groups, whose container has a stop timeout."""
    odd = OddAccount()
    odd.cluster()
    odd.serve(stub)
    balancers = [{"targetGroupArn": target_group(number)} for number in (1, 2)]
    odd.service("web", 1, loadBalancers=balancers)
    odd.definition("web", {"name": "app", "image": "x", "stopTimeout": 60})
    odd.delays = {target_group(1): 20, target_group(2): 7200}
    return odd


async def looked_up(inventory: Inventory, task: Task) -> None:
    """Run all lookups that the task needs, until it needs no more."""

    def done() -> bool:
        wanted = stop_lookups(inventory, task)
        inventory.lookups.look_up(wanted)
        return all(inventory.lookups.answer(each) is not None for each in wanted)

    await until(done, "all is looked up")


async def test_what_is_needed_comes_step_by_step(stub: StubAws, odd: OddAccount) -> None:
    inventory = Inventory(stub.account())
    assert stop_times(inventory, TASK) == StopTimes(None, None, "")
    assert stop_lookups(inventory, TASK) == [
        Lookup(Subject.DEFINITION, thing=DEFINITION),
        Lookup(Subject.SERVICE, "stub", "web"),
    ]
    await looked_up(inventory, TASK)
    assert stop_lookups(inventory, TASK) == [
        Lookup(Subject.DEREGISTRATION, thing=target_group(number)) for number in (1, 2)
    ]
    assert stop_times(inventory, TASK) == StopTimes(7200, 60, ""), "the longest delay"
    await inventory.close()
    await inventory.account.close()


async def test_a_standalone_task_has_no_delay(stub: StubAws, odd: OddAccount) -> None:
    inventory = Inventory(stub.account())
    alone = replace(TASK, group="family:web")
    assert stop_lookups(inventory, alone) == [Lookup(Subject.DEFINITION, thing=DEFINITION)]
    await looked_up(inventory, alone)
    assert stop_times(inventory, alone) == StopTimes(0, 60, "")
    assert stub.calls["ecs:DescribeServices"] == 0
    await inventory.close()
    await inventory.account.close()


@pytest.mark.parametrize(
    ("operation", "known", "why"),
    [
        ("ecs:DescribeTaskDefinition", StopTimes(7200, None), "its task definition was not read"),
        ("ecs:DescribeServices", StopTimes(None, 60), "its service was not read"),
        ("elbv2:DescribeTargetGroupAttributes", StopTimes(None, 60), "target group tg-001 was not"),
    ],
)
async def test_what_cannot_be_read_is_named(
    stub: StubAws, odd: OddAccount, operation: str, known: StopTimes, why: str
) -> None:
    stub.faults[operation] = denied
    inventory = Inventory(stub.account())
    await looked_up(inventory, TASK)
    found = stop_times(inventory, TASK)
    assert replace(found, why="") == known
    assert found.why.startswith(why) and "Access denied" in found.why
    await inventory.close()
    await inventory.account.close()
