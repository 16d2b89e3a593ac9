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


async def test_out_of_tabs_is_where_one_came_from(at: Navigation) -> None:
    def turn(view: str) -> None:
        at.leave(Visit(at.connection, at.place, turned=at.turned))
        at.arrive(at.connection, Place(view, cluster="prod", service="web"), turned=True)

    def out() -> Place:
        visit = at.out(Visit(at.connection, at.place, turned=at.turned))
        assert visit is not None
        at.arrive(visit.connection, visit.place, turned=visit.turned)
        return at.place

    go(at, SERVICES)
    go(at, TASKS)
    turn("events")
    turn("deployments")
    assert out() == SERVICES
    forward = []
    while (visit := at.after(Visit(at.connection, at.place, turned=at.turned))) is not None:
        at.arrive(visit.connection, visit.place, turned=visit.turned)
        forward.append(at.place.view)
    assert forward == ["tasks", "events", "deployments"]
    assert out() == SERVICES, "they are still tabs that were turned"
    assert out() == Place()
    assert at.out(Visit(at.connection, at.place)) is None


async def test_out_of_a_tab_with_nothing_before_it_stays(at: Navigation) -> None:
    at.start(TASKS)
    at.leave(Visit(at.connection, at.place))
    at.arrive(at.connection, Place("events", cluster="prod", service="web"), turned=True)
    assert at.out(Visit(at.connection, at.place, turned=True)) is None
    assert step(at, back=True) and at.place == TASKS


async def test_stopped_tasks_are_left_for_the_running_ones_or_with_the_page(at: Navigation) -> None:
    stopped = Place("tasks", cluster="prod", service="web", stopped=True)
    go(at, SERVICES)
    go(at, TASKS)
    here = Visit(at.connection, at.place)
    assert at.back_to(stopped, here) is None, "not the place before"
    go(at, stopped)
    visit = at.back_to(TASKS, Visit(at.connection, at.place))
    assert visit is not None and visit.place == TASKS
    at.arrive(visit.connection, visit.place)
    assert at.back_to(TASKS, here) is None, "it is shown"
    go(at, stopped)
    out = at.out(Visit(at.connection, stopped))
    assert out is not None and out.place == TASKS, "escape undoes it"
    at.arrive(out.connection, out.place)
    go(at, stopped)
    at.leave(Visit(at.connection, stopped))
    turned = Visit(at.connection, Place("events", cluster="prod", service="web"), turned=True)
    at.arrive(turned.connection, turned.place, turned=True)
    out = at.out(turned)
    assert out is not None and out.place == SERVICES, "from another tab, the page is left"
    at.start(stopped)
    at.leave(Visit(at.connection, stopped))
    at.arrive(turned.connection, turned.place, turned=True)
    assert at.out(turned) is None


async def test_a_tab_comes_back_as_it_was_left(at: Navigation) -> None:
    stopped = Place("tasks", cluster="prod", service="web", stopped=True)
    events = Place("events", cluster="prod", service="web")
    go(at, SERVICES)
    go(at, TASKS)
    assert at.tab(events) == Visit(at.connection, events, turned=True), "never shown"
    at.arrive(at.connection, stopped)
    at.leave(Visit(at.connection, at.place, "key", "exit:137"))
    at.arrive(at.connection, events, turned=True)
    assert at.tab(TASKS) == Visit(at.connection, stopped, "key", "exit:137", turned=True)
    other = Place("tasks", cluster="prod", service="api")
    assert at.tab(other).place == other
    go(at, SERVICES)
    go(at, events)
    assert at.tab(TASKS).place == TASKS, "the page was left meanwhile"
    at.leave(Visit(at.connection, stopped))
    assert at.tab(TASKS).place == stopped
    at.arrive(at.connections.open(None, "eu-west-1"), events)
    assert at.tab(TASKS).place == TASKS, "it was that of another connection"


async def test_recent_places_have_a_page_once(at: Navigation) -> None:
    go(at, SERVICES)
    go(at, TASKS)
    go(at, Place("events", cluster="prod", service="web"))
    assert [visit.place for visit in at.recent] == [SERVICES, Place()]
    go(at, Place("tasks", cluster="prod", service="api"))
    assert [visit.place.view for visit in at.recent] == ["events", "services", "clusters"]
