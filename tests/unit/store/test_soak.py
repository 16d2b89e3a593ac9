"""Half an hour of use, simulated: faults, throttling, an expired token; at the end lists are right.

The loop's clock runs faster than real time. Every timer of refresher, call budget and back-off uses
it.
"""

from __future__ import annotations

import asyncio
import gc
import selectors
import sys
from pathlib import Path
from typing import Any

import pytest

from ecs_tui.aws.api import ecs
from ecs_tui.aws.pace import Pace
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.refresher import Refresher
from tests.support.demo import Demo, demo_account
from tests.support.limits import DEADLINE, limit

SPEED = 50.0
TIMEOUT_SECONDS = limit(30) * SPEED
"""The time limit of a call: the server works in real time, and on a busy machine takes its time."""
MINUTE = 60.0
MIN_FAILURES = 5
PLACES = (
    (Scope(Kind.CLUSTER),),
    (Scope(Kind.SERVICE, "prod"), Scope(Kind.TASK, "prod")),
    (Scope(Kind.SERVICE, "scale"),),
    (Scope(Kind.TASK, "scale"),),
    (Scope(Kind.TASK, "prod", stopped=True),),
    (Scope(Kind.TASK, "scale", "svc-0007"),),
    (Scope(Kind.INSTANCE, "batch"),),
)


class _Quick(selectors.DefaultSelector):
    """Waits 1 / `SPEED` of the timeout."""

    def select(self, timeout: float | None = None) -> Any:
        return super().select(timeout / SPEED if timeout and timeout > 0 else timeout)


class FastLoop(asyncio.SelectorEventLoop):
    """A loop whose clock runs `SPEED` times as fast."""

    def __init__(self) -> None:
        super().__init__(_Quick())

    def time(self) -> float:
        return super().time() * SPEED


def resident() -> int:
    """Resident memory of this process in KiB."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


async def _live(demo: Demo) -> tuple[Inventory, Refresher, list[tuple[float, int]]]:
    loop = asyncio.get_running_loop()
    account = demo.account(timeout_seconds=TIMEOUT_SECONDS)
    account.pace = Pace(100, 20, clock=loop.time)
    inventory = Inventory(account)
    refresher = Refresher(inventory, 10.0)
    memory: list[tuple[float, int]] = []
    start, step = loop.time(), 0
    # (minute, faults). The server refills its bucket in real time: so slowly that even on a busy
    # machine more calls are made. A busy machine makes fewer calls in a minute of this clock: what
    # is meant to happen is waited for.
    plan: list[tuple[float, dict[str, Any]]] = [
        (4, {"burst": 1, "rate": 1}),
        (9, {"burst": 0, "rate": 0}),
        (12, {"expired": True}),
        (15, {"expired": False}),
    ]
    while (minute := (loop.time() - start) / MINUTE) < 30 or not _faulty(demo):
        scopes = PLACES[step % len(PLACES)]
        refresher.look_at(*scopes)
        await asyncio.sleep(10)
        arns = [item.arn for item in inventory.of(scopes[0])]
        for page in range(3):  # scrolling
            at = (step * 17 + page * 40) % max(1, len(arns))
            refresher.see(arns[at : at + 40], arns[at + 40 : at + 80])
            await asyncio.sleep(8)
        refresher.idle(step % 5 == 4)
        if step % 3 == 0:
            refresher.refresh_now()
        while plan and minute > plan[0][0]:
            if plan[0][1].get("burst") == 0 and not sum(demo.counts()["throttled"].values()):
                break
            _, faults = plan.pop(0)
            demo.set_faults(**faults)
            if faults.get("expired") is False:
                await account.renew()
        if step % 4 == 0:
            gc.collect()
            memory.append((minute, resident()))
        step += 1
    assert not plan
    return inventory, refresher, memory


def _faulty(demo: Demo) -> bool:
    """Whether enough calls have failed for this to be a test."""
    return sum(demo.counts()["failed"].values()) > MIN_FAILURES


async def _truth(demo: Demo, cluster: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """(services, tasks) by ARN at the server now, read with the functions of `aws.api`."""
    account = demo.account()
    try:
        services: dict[str, Any] = {}
        async for page in ecs.list_services(account, cluster):
            for start in range(0, len(page), 10):
                found = await ecs.describe_services(account, cluster, page[start : start + 10])
                services.update({item.arn: item for item in found})
        tasks: dict[str, Any] = {}
        async for page in ecs.list_tasks(account, cluster):
            found_tasks = await ecs.describe_tasks(account, cluster, page)
            tasks.update({item.arn: item for item in found_tasks})
        return services, tasks
    finally:
        await account.close()


async def _matches_aws(
    demo: Demo, inventory: Inventory, refresher: Refresher, scope: Scope, truth: dict[str, Any]
) -> bool:
    """Whether a list becomes equal to the server's state, and free of errors."""
    loop = asyncio.get_running_loop()
    # In real seconds: calls take as long as they take, and these are forty or more.
    end = loop.time() + 3 * limit(DEADLINE) * SPEED
    refresher.look_at(scope)
    refresher.refresh_now()
    refresher.see(list(truth))
    while loop.time() < end:
        await asyncio.sleep(5)
        equal = {item.arn: item for item in inventory.of(scope)} == truth
        if equal and inventory.freshness(scope).error is None:
            return True
        refresher.refresh_now()
        refresher.see(list(truth))
    return False


async def _soak(demo: Demo) -> None:
    inventory, refresher, memory = await _live(demo)
    try:
        demo.set_faults(errors=0.0, burst=0, rate=0)
        counted = demo.counts()
        assert sum(counted["failed"].values()) > MIN_FAILURES, "errors there were"
        assert sum(counted["throttled"].values()) > 0, "throttling there was"
        # On a loop in real time: the limit of a new connection would be a tenth of a second here.
        services, tasks = await asyncio.to_thread(asyncio.run, _truth(demo, "scale"))
        assert len(services) == 150
        for scope, truth in (
            (Scope(Kind.SERVICE, "scale"), services),
            (Scope(Kind.TASK, "scale"), tasks),
        ):
            assert await _matches_aws(demo, inventory, refresher, scope, truth), scope
        # Renewed credentials have made new clients, at the first call after minute 15; memory must
        # not grow after that.
        later = [kib for minute, kib in memory if minute > 18]
        assert later[-1] < later[0] + 6 * 1024, memory
    finally:
        await refresher.close()
        await inventory.account.close()
    assert len(asyncio.all_tasks()) == 1, "no task is left"


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_half_an_hour_with_faults_ends_in_the_truth() -> None:
    flags = ("--services", "150", "--tasks", "450", "--errors", "2%")
    with demo_account(*flags) as demo, asyncio.Runner(loop_factory=FastLoop) as runner:
        runner.run(_soak(demo))
