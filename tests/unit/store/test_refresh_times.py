"""How often each resource is refreshed: in virtual time, with a model of AWS."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.store.refresher import SOON
from ecs_tui.store.spread import MOVING_SECONDS
from ecs_tui.store.watched_tasks import WATCH_SECONDS
from tests.support.viewer import EVERY, SERVICES, TASKS, Viewer, in_virtual_time

SLACK_SECONDS = 0.6
"""Seconds by which a refresh may be late: two ticks and a call."""
STOPPED = Scope(Kind.TASK, "one", stopped=True)


def every(times: list[float], seconds: float, *, soonest: float = 1.0) -> bool:
    """Whether there are several times, each so many seconds after the one before.

    Args:
        soonest: The share of the seconds after which it may happen with something else.
    """
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    least, most = soonest * seconds, seconds + SLACK_SECONDS
    return len(gaps) > 1 and all(least <= gap <= most for gap in gaps)


@pytest.mark.parametrize(
    ("idle", "steady", "moving"), [(False, EVERY, 3.0), (True, 3 * EVERY, 3.0)]
)
def test_steady_things_are_asked_for_seldom_and_moving_ones_often(
    idle: bool, steady: float, moving: float
) -> None:
    async def work(viewer: Viewer) -> None:
        arns = [viewer.model.add_service("one", name).arn for name in ("api", "web", "job")]
        viewer.model.deploying = {arns[1]}
        viewer.refresher.look_at(SERVICES)
        viewer.refresher.see(arns)
        viewer.refresher.idle(idle)
        await viewer.watch_for(200)
        assert every(viewer.model.asked[arns[0]], steady), viewer.model.asked[arns[0]]
        times = viewer.model.asked[arns[1]]
        assert every(times, moving, soonest=SOON), times
        assert every(viewer.model.lists["ListServices"], moving), "names come and go meanwhile"
        viewer.model.deploying.clear()
        await asyncio.sleep(steady)
        await viewer.watch_for(200)
        assert every(viewer.model.asked[arns[1]], steady), "it has come to rest"
        assert every(viewer.model.lists["ListServices"], steady)

    in_virtual_time(work)


def test_an_own_action_asks_for_all_that_is_seen_at_once() -> None:
    async def work(viewer: Viewer) -> None:
        arns = [viewer.model.add_service("one", name).arn for name in ("api", "web")]
        viewer.refresher.look_at(SERVICES)
        viewer.refresher.see(arns)
        await viewer.watch_for(35)
        await asyncio.sleep(2)
        await viewer.watch_for(0.3)
        assert not viewer.model.asked and not viewer.model.lists
        viewer.refresher.refresh_now()
        await asyncio.sleep(0.3)
        assert set(viewer.model.asked) == set(arns)
        assert len(viewer.model.lists["ListServices"]) == 1

    in_virtual_time(work)


@pytest.mark.parametrize(("count", "all_of_them"), [(200, True), (201, False)])
def test_a_list_of_few_is_kept_fresh_whole_and_of_many_what_is_seen_and_near(
    count: int, all_of_them: bool
) -> None:
    async def work(viewer: Viewer) -> None:
        arns = [viewer.model.add_service("one", f"s{n:03}").arn for n in range(count)]
        viewer.refresher.look_at(SERVICES)
        await viewer.watch_for(20)
        viewer.refresher.see(arns[:10], arns[10:20])
        await asyncio.sleep(40)
        await viewer.watch_for(150)
        asked = viewer.model.asked
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
    async def work(viewer: Viewer) -> None:
        for number in range(count):
            viewer.model.add_service("one", f"s{number:03}")
        viewer.refresher.look_at(SERVICES)
        await asyncio.sleep(30)
        await viewer.watch_for(300)
        assert every(viewer.model.lists["ListServices"], seconds), viewer.model.lists[
            "ListServices"
        ]

    in_virtual_time(work)


def test_stopped_tasks_are_listed_at_a_third_and_described_once() -> None:
    async def work(viewer: Viewer) -> None:
        ended, going = (viewer.model.start("one", "family:x") for _ in range(2))
        for task in (ended, going):
            viewer.model.stop(task)
        ended.last = "STOPPED"
        viewer.refresher.look_at(STOPPED)
        viewer.refresher.see([ended.arn, going.arn])
        await asyncio.sleep(10)
        await viewer.watch_for(150)
        times = viewer.model.lists["ListTasks STOPPED"]
        assert every(times, 3 * EVERY), times
        assert ended.arn not in viewer.model.asked, "it will never be another"
        assert every(viewer.model.asked[going.arn], 3.0), "it is between two states"

    in_virtual_time(work)


@pytest.mark.parametrize(("services", "asked"), [(300, True), (301, False)])
def test_tasks_of_many_services_are_not_asked_for_unseen(services: int, asked: bool) -> None:
    async def work(viewer: Viewer) -> None:
        for number in range(services):
            viewer.model.add_service("one", f"s{number:03}")
        task = viewer.model.start("one", "service:s001")
        viewer.refresher.look_at(SERVICES, TASKS)
        await viewer.watch_for(60)
        assert viewer.refresher.large("one") is not asked
        assert (task.arn in viewer.model.asked) is asked
        assert ("ListTasks RUNNING" in viewer.model.lists) is asked

    in_virtual_time(work)


def test_what_fails_is_tried_again_ever_less_often_and_then_as_before() -> None:
    async def work(viewer: Viewer) -> None:
        viewer.model.add_service("one", "api")
        viewer.model.failing = 1.0
        viewer.refresher.look_at(SERVICES)
        await viewer.watch_for(400)
        times = viewer.model.lists["ListServices"]
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        for gap, pause in zip(gaps, [10, 20, 40, 60, 60, 60], strict=False):
            assert 0.8 * pause <= gap <= 1.2 * pause + SLACK_SECONDS, gaps
        assert len(gaps) >= 5
        viewer.model.failing = 0.0
        await asyncio.sleep(75)
        assert viewer.inventory.freshness(SERVICES).error is None
        await viewer.watch_for(100)
        assert every(viewer.model.lists["ListServices"], EVERY)
        viewer.model.failing = 1.0
        await viewer.watch_for(150)
        first, second, *_ = viewer.model.lists["ListServices"]
        # List and Describe fail together: that is two back-off steps at most.
        assert second - first <= 1.2 * 20 + SLACK_SECONDS, "the pauses begin anew"

    in_virtual_time(work)


def test_no_more_than_six_calls_are_under_way_for_a_list() -> None:
    async def work(viewer: Viewer) -> None:
        for number in range(95):
            viewer.model.add_service("one", f"s{number:03}")
        viewer.model.latency = (1.0, 1.0)
        viewer.refresher.look_at(SERVICES)
        await viewer.watch_for(20)
        assert len(viewer.model.asked) == 95
        assert viewer.model.most_at_once == 6

    in_virtual_time(work)


def test_the_tasks_of_open_shells_are_looked_at_wherever_one_is() -> None:
    async def work(viewer: Viewer) -> None:
        task = viewer.model.start("one", "family:x")
        viewer.refresher.look_at(Scope(Kind.CLUSTER))
        viewer.refresher.watch([task.arn])
        await viewer.watch_for(60)
        assert every(viewer.model.asked[task.arn], WATCH_SECONDS), viewer.model.asked
        viewer.refresher.watch([])
        await viewer.watch_for(30)
        assert task.arn not in viewer.model.asked

    in_virtual_time(work)


def test_the_task_of_an_open_shell_is_described_with_the_others_of_its_list() -> None:
    async def work(viewer: Viewer) -> None:
        watched, other = (viewer.model.start("one", "family:x").arn for _ in range(2))
        viewer.refresher.look_at(TASKS)
        viewer.refresher.watch([watched])
        await asyncio.sleep(30)
        await viewer.watch_for(100)
        assert every(viewer.model.asked[other], EVERY)
        assert every(viewer.model.asked[watched], WATCH_SECONDS, soonest=SOON)
        assert viewer.model.describes == len(viewer.model.asked[watched]), "no call of its own"

    in_virtual_time(work)


def test_tasks_that_started_at_different_times_are_soon_described_together() -> None:
    async def work(viewer: Viewer) -> None:
        model = viewer.model
        model.add_service("one", "web")
        viewer.refresher.look_at(SERVICES, TASKS)
        arns = [model.start("one", "service:web").arn for _ in range(3)]
        for arn in arns:
            model.clusters["one"].tasks[arn].last = "PENDING"
        await asyncio.sleep(10.0)
        for arn in arns:
            await viewer.inventory.describe(TASKS, [arn])
            await asyncio.sleep(1.0)
        await viewer.watch_for(30.0)
        calls = {at for arn in arns for at in model.asked[arn]}
        assert len(calls) <= 1 + 30 / MOVING_SECONDS, sorted(calls)

    in_virtual_time(work)
