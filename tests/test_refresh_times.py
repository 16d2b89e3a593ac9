"""How often each thing is asked for again: in virtual time, against a model of AWS."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ecs_tui.inventory.inventory import Inventory, Kind, Scope
from ecs_tui.inventory.refresher import Refresher
from tests.aws_model import AwsModel, ModelAccount
from tests.virtual_time import VirtualLoop

EVERY = 10.0
SLACK = 0.6
"""Seconds by which a turn may be late: two ticks and a call."""
SERVICES = Scope(Kind.SERVICE, "one")
TASKS = Scope(Kind.TASK, "one")
STOPPED = Scope(Kind.TASK, "one", stopped=True)


class Watched(AwsModel):
    """The model, and when it was asked for what. `deploying`: ARNs of services that change."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__("us-east-1", clock, 1)
        self.latency = (0.0, 0.0)
        self.deploying: set[str] = set()
        self.lists: dict[str, list[float]] = {}
        self.asked: dict[str, list[float]] = {}
        self.most_at_once = 0
        self.add_cluster("one")

    async def answer(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.most_at_once = max(self.most_at_once, self.under_way + 1)
        if operation.startswith("List"):
            name = f"{operation} {params.get('desiredStatus', '')}".strip()
            if "nextToken" not in params:
                self.lists.setdefault(name, []).append(self.clock())
        for arn in [*params.get("services", ()), *params.get("tasks", ())]:
            self.asked.setdefault(arn, []).append(self.clock())
        found = await super().answer(operation, params)
        for raw in found.get("services", ()):
            if raw["serviceArn"] in self.deploying:
                raw["deployments"] = [
                    {"id": "d", "status": "PRIMARY", "rolloutState": "IN_PROGRESS"}
                ]
        return found


class Seat:
    """Somebody who looks at a list."""

    def __init__(self, model: Watched) -> None:
        self.model = model
        self.inventory = Inventory(ModelAccount(model))
        self.refresher = Refresher(self.inventory, EVERY)

    async def rest(self, seconds: float) -> None:
        """Look on for so long; only what is asked for from now on counts."""
        self.model.lists.clear()
        self.model.asked.clear()
        self.model.most_at_once = 0
        await asyncio.sleep(seconds)


def in_virtual_time(work: Callable[[Seat], Awaitable[None]]) -> None:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()

        async def run() -> None:
            seat = Seat(Watched(loop.time))
            try:
                await work(seat)
            finally:
                await seat.refresher.close()

        runner.run(run())


def every(times: list[float], seconds: float) -> bool:
    """Whether these are so many seconds apart each time, and there are some."""
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return len(gaps) > 1 and all(seconds <= gap <= seconds + SLACK for gap in gaps)


@pytest.mark.parametrize(
    ("idle", "steady", "moving"), [(False, EVERY, 3.0), (True, 3 * EVERY, 3.0)]
)
def test_steady_things_are_asked_for_seldom_and_moving_ones_often(
    idle: bool, steady: float, moving: float
) -> None:
    async def work(seat: Seat) -> None:
        arns = [seat.model.add_service("one", name).arn for name in ("api", "web", "job")]
        seat.model.deploying = {arns[1]}
        seat.refresher.look_at(SERVICES)
        seat.refresher.see(arns)
        seat.refresher.idle(idle)
        await seat.rest(200)
        assert every(seat.model.asked[arns[0]], steady), seat.model.asked[arns[0]]
        assert every(seat.model.asked[arns[1]], moving), seat.model.asked[arns[1]]
        assert every(seat.model.lists["ListServices"], moving), "names come and go meanwhile"
        seat.model.deploying.clear()
        await asyncio.sleep(steady)
        await seat.rest(200)
        assert every(seat.model.asked[arns[1]], steady), "it has come to rest"
        assert every(seat.model.lists["ListServices"], steady)

    in_virtual_time(work)


def test_an_own_action_asks_for_all_that_is_seen_at_once() -> None:
    async def work(seat: Seat) -> None:
        arns = [seat.model.add_service("one", name).arn for name in ("api", "web")]
        seat.refresher.look_at(SERVICES)
        seat.refresher.see(arns)
        await seat.rest(35)
        await asyncio.sleep(2)
        await seat.rest(0.3)
        assert not seat.model.asked and not seat.model.lists
        seat.refresher.refresh_now()
        await asyncio.sleep(0.3)
        assert set(seat.model.asked) == set(arns)
        assert len(seat.model.lists["ListServices"]) == 1

    in_virtual_time(work)


@pytest.mark.parametrize(("count", "all_of_them"), [(200, True), (201, False)])
def test_a_list_of_few_is_kept_fresh_whole_and_of_many_what_is_seen_and_near(
    count: int, all_of_them: bool
) -> None:
    async def work(seat: Seat) -> None:
        arns = [seat.model.add_service("one", f"s{n:03}").arn for n in range(count)]
        seat.refresher.look_at(SERVICES)
        await seat.rest(20)
        seat.refresher.see(arns[:10], arns[10:20])
        await asyncio.sleep(40)
        await seat.rest(150)
        asked = seat.model.asked
        if all_of_them:
            assert set(asked) == set(arns)
            assert every(asked[arns[150]], EVERY), asked[arns[150]]
        else:
            assert set(asked) == set(arns[:20])
            assert every(asked[arns[0]], 1.2 * EVERY), asked[arns[0]]
            assert every(asked[arns[15]], 1.2 * 3 * EVERY), asked[arns[15]]

    in_virtual_time(work)


@pytest.mark.parametrize(("count", "seconds"), [(200, EVERY), (201, 45.0), (301, 60.0)])
def test_a_list_of_more_than_two_pages_is_listed_less_often(count: int, seconds: float) -> None:
    async def work(seat: Seat) -> None:
        for number in range(count):
            seat.model.add_service("one", f"s{number:03}")
        seat.refresher.look_at(SERVICES)
        await asyncio.sleep(30)
        await seat.rest(300)
        assert every(seat.model.lists["ListServices"], seconds), seat.model.lists["ListServices"]

    in_virtual_time(work)


def test_stopped_tasks_are_listed_at_a_third_and_described_once() -> None:
    async def work(seat: Seat) -> None:
        ended, going = (seat.model.start("one", "family:x") for _ in range(2))
        for task in (ended, going):
            seat.model.stop(task)
        ended.last = "STOPPED"
        seat.refresher.look_at(STOPPED)
        seat.refresher.see([ended.arn, going.arn])
        await asyncio.sleep(10)
        await seat.rest(150)
        times = seat.model.lists["ListTasks STOPPED"]
        assert every(times, 3 * EVERY), times
        assert ended.arn not in seat.model.asked, "it will never be another"
        assert every(seat.model.asked[going.arn], 3.0), "it is between two states"

    in_virtual_time(work)


@pytest.mark.parametrize(("services", "asked"), [(300, True), (301, False)])
def test_tasks_of_many_services_are_not_asked_for_unseen(services: int, asked: bool) -> None:
    async def work(seat: Seat) -> None:
        for number in range(services):
            seat.model.add_service("one", f"s{number:03}")
        task = seat.model.start("one", "service:s001")
        seat.refresher.look_at(SERVICES, TASKS)
        await seat.rest(60)
        assert seat.refresher.large("one") is not asked
        assert (task.arn in seat.model.asked) is asked
        assert ("ListTasks RUNNING" in seat.model.lists) is asked

    in_virtual_time(work)


def test_what_fails_is_tried_again_ever_less_often_and_then_as_before() -> None:
    async def work(seat: Seat) -> None:
        seat.model.add_service("one", "api")
        seat.model.failing = 1.0
        seat.refresher.look_at(SERVICES)
        await seat.rest(400)
        times = seat.model.lists["ListServices"]
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        for gap, pause in zip(gaps, [10, 20, 40, 60, 60, 60], strict=False):
            assert 0.8 * pause <= gap <= 1.2 * pause + SLACK, gaps
        assert len(gaps) >= 5
        seat.model.failing = 0.0
        await asyncio.sleep(75)
        assert seat.inventory.freshness(SERVICES).error is None
        await seat.rest(100)
        assert every(seat.model.lists["ListServices"], EVERY)
        seat.model.failing = 1.0
        await seat.rest(150)
        first, second, *_ = seat.model.lists["ListServices"]
        # The list and a description fail together: that is the second step at the most.
        assert second - first <= 1.2 * 20 + SLACK, "the pauses begin anew"

    in_virtual_time(work)


def test_no_more_than_six_calls_are_under_way_for_a_list() -> None:
    async def work(seat: Seat) -> None:
        for number in range(95):
            seat.model.add_service("one", f"s{number:03}")
        seat.model.latency = (1.0, 1.0)
        seat.refresher.look_at(SERVICES)
        await seat.rest(20)
        assert len(seat.model.asked) == 95
        assert seat.model.most_at_once == 6

    in_virtual_time(work)


def test_the_tasks_of_open_shells_are_looked_at_wherever_one_is() -> None:
    async def work(seat: Seat) -> None:
        task = seat.model.start("one", "family:x")
        seat.refresher.look_at(Scope(Kind.CLUSTER))
        seat.refresher.watch([task.arn])
        await seat.rest(60)
        assert every(seat.model.asked[task.arn], 5.0), seat.model.asked
        seat.refresher.watch([])
        await seat.rest(30)
        assert task.arn not in seat.model.asked

    in_virtual_time(work)
