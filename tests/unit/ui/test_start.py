"""Where the dashboard opens, and the places that lead back from there."""

from __future__ import annotations

import pytest

from ecs_tui.config.settings import Settings
from ecs_tui.resources import Place
from ecs_tui.ui.start import StartPlace

SERVICES = Place("services", cluster="prod")
TASKS = Place("tasks", cluster="prod", service="web")
CONTAINERS = Place("containers", cluster="prod", service="web", task_arn="arn:task/prod/1")


@pytest.mark.parametrize(
    ("start", "several", "places"),
    [
        (StartPlace.of(Settings()), False, [Place()]),
        (StartPlace.of(Settings.of(cluster="prod")), False, [Place(), SERVICES]),
        (
            StartPlace.of(Settings.of(cluster="arn:x:cluster/prod", service="web")),
            False,
            [Place(), SERVICES, TASKS],
        ),
        (
            StartPlace.of(Settings.of(cluster="prod", accounts=("@eu-west-1",))),
            True,
            [Place("accounts")],
        ),
        (StartPlace(CONTAINERS, "app"), False, [Place(), SERVICES, TASKS, CONTAINERS]),
        (StartPlace(CONTAINERS), True, [Place("accounts"), SERVICES, TASKS, CONTAINERS]),
    ],
)
def test_the_first_place_and_those_before_it(
    start: StartPlace, several: bool, places: list[Place]
) -> None:
    assert start.places(several=several) == places
