"""The places of a service's page, and the service that they are about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.model.log_target import LogTarget
from ecs_tui.resources import RESOURCES, Place
from ecs_tui.resources.service_page import (
    DEFINITION,
    METRICS,
    OVERVIEW,
    SHOWN_SERVICE,
    TABS,
    has_tabs,
    same_page,
    shown_scope,
    shown_service,
    tab_places,
)
from ecs_tui.resources.services import SERVICES
from ecs_tui.store.inventory import Inventory, Kind, Scope
from tests.support.aws_model import AwsModel, ModelAccount
from tests.support.virtual_time import run

TASKS = Place("tasks", cluster="prod", service="web")


@pytest.mark.parametrize(
    ("place", "has"),
    [
        (TASKS, True),
        (Place("events", cluster="prod", service="web"), True),
        (replace(TASKS, stopped=True), True),
        (Place("metrics", cluster="prod", service="web"), True),
        (Place("logs", cluster="prod", service="web"), True),
        (Place("logs", cluster="prod", service="web", logs=LogTarget(at=1)), True),
        (Place("logs", cluster="prod", service="web", logs=LogTarget(containers=("a",))), False),
        (Place("logs", cluster="prod", service="web", task_arn="arn"), False),
        (Place("logs", cluster="prod"), False),
        (Place("tasks", cluster="prod"), False),
        (Place("containers", cluster="prod", service="web", task_arn="arn"), False),
        (Place("services", cluster="prod"), False),
        (Place(), False),
    ],
)
def test_which_places_are_tabs(place: Place, has: bool) -> None:
    assert has_tabs(place) is has
    assert bool(tab_places(place)) is has


def test_each_tab_is_a_place_with_a_descriptor() -> None:
    places = tab_places(replace(TASKS, stopped=True))
    assert [place.view for place in places] == list(TABS)
    assert places[1] == TASKS
    for place in places:
        assert RESOURCES[place.view].at("prod", "web").view == place.view
        assert all(same_page(place, other) for other in places)
    assert not same_page(TASKS, replace(TASKS, service="api"))
    assert not same_page(TASKS, Place("tasks", cluster="prod"))
    assert same_page(Place(), Place())


def test_texts_have_the_row_of_the_service_and_are_no_lists() -> None:
    for view in (OVERVIEW, DEFINITION, METRICS):
        assert not view.listed
        assert (view.raw, view.facts) == (SERVICES.raw, SERVICES.facts)
        assert view.listing is None


def test_without_a_service_nothing_is_shown() -> None:
    inventory = Inventory(Account(None, "us-east-1"))
    assert shown_service(inventory, Place("tasks", cluster="prod")) is None


def test_the_page_reads_its_own_service_with_one_call() -> None:
    """Whatever else the cluster has; a service that is deleted meanwhile is gone."""

    async def check() -> None:
        model = AwsModel("us-east-1", lambda: 0.0, 1)
        model.add_cluster("prod")
        for name in ("web", "api"):
            model.add_service("prod", name)
        inventory = Inventory(ModelAccount(model))
        place = Place("overview", cluster="prod", service="web")
        assert shown_service(inventory, place) is None
        await inventory.list_names(shown_scope(place))
        found = shown_service(inventory, place)
        assert found is not None and (found.name, found.described) == ("web", True)
        assert [item.name for item in inventory.of(Scope(SHOWN_SERVICE, "prod", "web"))] == ["web"]
        assert inventory.services("prod") == [], "no other service was asked for"
        assert [row.name for row in OVERVIEW.rows(inventory, place)] == ["web"]
        await inventory.load(Scope(Kind.SERVICE, "prod"))
        listed = shown_service(inventory, place)
        assert listed is not None and listed.described
        assert shown_service(inventory, replace(place, service="api")) is not None
        await inventory.close()

    run(check())
