"""Which calls the refresher makes, in which order and how often: on a large, slow account."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from ecs_tui.aws.pace import Pace
from ecs_tui.errors import ExpiredCredentials, Throttled
from ecs_tui.store.inventory import Changed, Inventory, Kind, Scope
from ecs_tui.store.refresher import MAX_PARALLEL, Refresher
from tests.support.demo import Demo, demo_account
from tests.support.limits import until

SERVICES = Scope(Kind.SERVICE, "scale")
pytestmark = pytest.mark.asyncio


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with demo_account("--services", "600", "--tasks", "1200", "--latency", "20ms") as served:
        yield served


class Watched:
    """An inventory with its refresher, and the order in which details arrived."""

    def __init__(self, demo: Demo, every: float = 600.0) -> None:
        self.account = demo.account()
        self.inventory = Inventory(self.account)
        self.refresher = Refresher(self.inventory, every)
        self.order: list[str] = []
        self.inventory.listen(self._changed)

    def _changed(self, changed: Changed) -> None:
        for arn in changed.keys:
            item = self.inventory.get(changed.scope, arn)
            if item is not None and item.described and arn not in self.order:
                self.order.append(arn)

    def arns(self) -> list[str]:
        """ARNs of all known services, ordered by name."""
        return [item.arn for item in self.inventory.of(SERVICES)]

    async def close(self) -> None:
        await self.refresher.close()
        await self.account.close()


@pytest_asyncio.fixture
async def watched(demo: Demo) -> AsyncIterator[Watched]:
    demo.set_faults(burst=0, rate=0, errors=0, expired=False, latency=0.02)
    made = Watched(demo)
    yield made
    await made.close()


async def test_what_is_seen_comes_first_then_its_neighbours_then_the_rest(
    watched: Watched,
) -> None:
    watched.refresher.look_at(SERVICES)
    await until(lambda: len(watched.arns()) >= 300, "the first pages of names")
    arns = watched.arns()
    seen, near = arns[200:230], arns[230:260]
    before = len(watched.order)
    under_way = sum(watched.inventory.in_flight(SERVICES, arn) for arn in arns)
    watched.refresher.see(seen, near)
    await until(lambda: set(seen) <= set(watched.order), "what is seen")
    await until(lambda: set(near) <= set(watched.order), "what is near")
    position = {arn: number for number, arn in enumerate(watched.order)}
    last_seen = max(position[arn] for arn in seen)
    # The others were under way already, or are near the visible rows.
    assert last_seen < before + under_way + len(seen) + len(near)
    await until(lambda: len(watched.order) == 600, "the rest")
    others = [position_of for arn, position_of in
              {a: n for n, a in enumerate(watched.order)}.items()
              if arn not in seen and arn not in near]  # fmt: skip
    assert sum(number > last_seen for number in others) > 300


async def test_scrolling_changes_the_order_at_once(watched: Watched) -> None:
    watched.refresher.look_at(SERVICES)
    await until(lambda: len(watched.arns()) == 600, "all names")
    arns = watched.arns()
    watched.refresher.see(arns[-20:])
    await until(lambda: set(arns[-20:]) <= set(watched.order), "the end of the list")
    assert len(watched.order) < 400


async def test_the_same_request_twice_is_one_call(watched: Watched, demo: Demo) -> None:
    await watched.inventory.list_names(SERVICES)
    some = watched.arns()[:10]
    demo.counts(reset=True)
    await asyncio.gather(*(watched.inventory.describe(SERVICES, some) for _ in range(5)))
    assert demo.counts()["calls"] == {"ecs:DescribeServices": 1}


async def test_a_row_that_no_list_names_any_more_is_not_asked_for(
    watched: Watched, demo: Demo
) -> None:
    watched.refresher.look_at(SERVICES)
    await until(lambda: len(watched.order) >= 600, "all")
    gone = f"{watched.arns()[0]}-deleted"
    demo.counts(reset=True)
    watched.refresher.look_at(SERVICES, Scope(Kind.TASK, "scale", "svc-0001"))
    watched.refresher.see([gone])
    await until(lambda: watched.inventory.tasks("scale", "svc-0001"), "the list beside it")
    assert "ecs:DescribeServices" not in demo.counts()["calls"]


async def silence(demo: Demo) -> None:
    """Wait until no call has reached the server for 0.2 s: cancelled ones may still be on their way."""
    seen, since = demo.counts()["calls"], time.monotonic()

    def silent() -> bool:
        nonlocal seen, since
        if (now := demo.counts()["calls"]) != seen:
            seen, since = now, time.monotonic()
        return time.monotonic() - since > 0.2

    await until(silent, "silence")


async def test_a_place_that_is_left_costs_nothing_more(watched: Watched, demo: Demo) -> None:
    watched.refresher.look_at(SERVICES)
    await until(lambda: len(watched.order) >= 20, "some are described")
    watched.refresher.look_at()
    await until(
        lambda: not any(watched.inventory.in_flight(SERVICES, arn) for arn in watched.arns()),
        "cancelled",
    )
    await silence(demo)
    demo.counts(reset=True)
    known = len(watched.order)
    watched.refresher.look_at(Scope(Kind.CLUSTER))
    await until(lambda: watched.inventory.cluster("scale"), "the clusters")
    assert "ecs:DescribeServices" not in demo.counts()["calls"]
    assert len(watched.order) - known <= 5  # the clusters themselves


async def test_a_list_under_way_is_not_begun_again_when_one_looks_twice(
    watched: Watched, demo: Demo
) -> None:
    demo.counts(reset=True)
    watched.refresher.look_at(SERVICES)
    await until(lambda: watched.arns(), "the first page")
    watched.refresher.look_at(SERVICES, Scope(Kind.TASK, "scale", "svc-0001"))
    await until(lambda: len(watched.order) >= 600, "all")
    assert demo.counts()["calls"]["ecs:ListServices"] == 6


async def test_within_the_budget_nobody_is_throttled(demo: Demo) -> None:
    # Calls that a busy machine delays arrive together with later ones, as many as are on their way.
    demo.set_faults(burst=30 + MAX_PARALLEL, rate=40, latency=0.005)
    watched = Watched(demo)
    watched.account.pace = Pace(30, 40)
    try:
        demo.counts(reset=True)
        watched.refresher.look_at(SERVICES)
        await until(lambda: len(watched.order) >= 600, "all", 30)
        counted = demo.counts()
        assert sum(counted["calls"].values()) >= 66
        assert counted["throttled"] == {}
        assert counted["at_once"]["ecs:DescribeServices"] <= 6
    finally:
        await watched.close()


async def test_throttled_all_the_same_it_slows_down_and_arrives(demo: Demo) -> None:
    demo.set_faults(burst=8, rate=3, latency=0.0)
    random.seed(3)
    watched = Watched(demo)
    try:
        await watched.inventory.list_names(SERVICES)
        some = watched.arns()[:200]
        batches = [some[start : start + 10] for start in range(0, 200, 10)]
        await asyncio.gather(*(watched.inventory.describe(SERVICES, batch) for batch in batches))
        pace = watched.account.pace
        assert pace.throttled > 0
        bucket = pace._bucket("ecs", "DescribeServices")
        assert bucket.slow_until > pace._clock()
        error = watched.inventory.freshness(SERVICES).error
        assert error is None or isinstance(error, Throttled)
        while left := [arn for arn in some if arn not in watched.order]:  # what gave up, once more
            await watched.inventory.describe(SERVICES, left[:10])
    finally:
        await watched.close()


async def test_a_call_that_waits_for_its_token_and_is_cancelled_gives_it_back() -> None:
    pace = Pace(burst=1, rate=0.001)
    await pace.wait("ecs", "ListServices")
    waiting = asyncio.ensure_future(pace.wait("ecs", "ListServices"))
    await asyncio.sleep(0)
    tokens = pace._bucket("ecs", "ListServices").tokens
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert pace._bucket("ecs", "ListServices").tokens == tokens + 1
    assert pace.calls == 1


async def test_an_expired_token_is_told_and_a_renewal_goes_on(demo: Demo) -> None:
    demo.set_faults(expired=True, latency=0.0)
    watched = Watched(demo, every=1.0)
    try:
        watched.refresher.look_at(SERVICES)
        fresh = watched.inventory.freshness(SERVICES)
        await until(lambda: isinstance(fresh.error, ExpiredCredentials), "it is told")
        demo.set_faults(expired=False)
        await watched.account.renew()
        watched.refresher.refresh_now()
        await until(lambda: len(watched.arns()) == 600, "names")
        await until(lambda: fresh.error is None, "no error any more")
    finally:
        demo.set_faults(expired=False)
        await watched.close()
