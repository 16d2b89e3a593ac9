"""The history of places: back, forward, recent ones, and the connection that each was seen through."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from ecs_tui.aws.account import Account
from ecs_tui.config.settings import Settings
from ecs_tui.resources import Place
from ecs_tui.store.connections import Connections
from ecs_tui.ui.navigation import MAX_RECENT, MAX_VISITS, Navigation, Visit

pytestmark = pytest.mark.asyncio
SERVICES = Place("services", cluster="prod")
TASKS = Place("tasks", cluster="prod", service="web")


@pytest_asyncio.fixture
async def at() -> AsyncIterator[Navigation]:
    """A navigation at the clusters of a region; it calls nobody."""
    made = Navigation(Connections(Account(None, "us-east-1"), Settings.of(cache=False)))
    made.start(Place())
    yield made
    await made.connections.close()


def go(at: Navigation, place: Place) -> None:
    at.leave(Visit(at.connection, at.place))
    at.arrive(at.connection, place)


def step(at: Navigation, *, back: bool) -> bool:
    """Go one place back or forward; returns whether there is one."""
    visit = (at.before if back else at.after)(Visit(at.connection, at.place))
    if visit is not None:
        at.arrive(visit.connection, visit.place)
    return visit is not None


async def test_back_and_forward(at: Navigation) -> None:
    go(at, SERVICES)
    go(at, TASKS)
    assert step(at, back=True) and at.place == SERVICES
    assert step(at, back=True) and at.place == Place()
    assert not step(at, back=True) and at.place == Place()
    assert step(at, back=False) and step(at, back=False) and at.place == TASKS
    assert not step(at, back=False)


async def test_a_new_place_ends_the_way_forward(at: Navigation) -> None:
    go(at, SERVICES)
    assert step(at, back=True)
    go(at, TASKS)
    assert not step(at, back=False)
    assert step(at, back=True) and at.place == Place()


async def test_a_place_is_seen_again_through_its_own_connection(at: Navigation) -> None:
    here = at.connection
    there = at.connections.open(None, "eu-west-1")
    at.leave(Visit(here, at.place, "key", "filter"))
    at.arrive(there, Place())
    assert at.connection is there
    visit = at.before(Visit(there, at.place))
    assert visit == Visit(here, Place(), "key", "filter")


async def test_recent_places_are_each_named_once_without_the_current_one(at: Navigation) -> None:
    go(at, SERVICES)
    go(at, TASKS)
    go(at, SERVICES)
    assert [each.place for each in at.recent] == [TASKS, Place()]
    for number in range(3 * MAX_RECENT):
        go(at, Place("tasks", cluster=f"c{number}"))
    assert len(at.recent) == MAX_RECENT
    assert at.recent[0].place.cluster == f"c{3 * MAX_RECENT - 2}"


async def test_the_history_has_an_end(at: Navigation) -> None:
    for number in range(MAX_VISITS + 20):
        go(at, Place("tasks", cluster=f"c{number}"))
    steps = 0
    while step(at, back=True):
        steps += 1
    assert steps == MAX_VISITS
