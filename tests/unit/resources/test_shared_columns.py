"""Columns that several resources have: their cells, their order, what tells nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from ecs_tui.model.service import Service
from ecs_tui.resources import RESOURCES
from ecs_tui.resources.columns import launch_column, revision_column

NOW = datetime(2026, 1, 2, tzinfo=UTC)
SERVICE = Service("arn", "web", "cluster", task_definition="arn:aws:ecs:x:1:task-definition/web:7")


def test_the_cells_are_those_of_the_row() -> None:
    revision = revision_column(lambda service: service.revision)
    assert revision.cell(SERVICE, NOW).text == revision.sort(SERVICE) == "web:7"
    launch = launch_column(lambda service: "FARGATE_SPOT\x1b[2J", priority=4)
    assert "\x1b" not in launch.cell(SERVICE, NOW).text
    assert launch.priority == 4


def test_services_and_tasks_have_the_same_ones() -> None:
    for key, middle in (("revision", True), ("launch", True)):
        found = [
            column
            for name in ("services", "tasks")
            for column in RESOURCES[name].columns
            if column.key == key
        ]
        assert len(found) == 2
        assert {(each.title, each.middle, each.widest, each.normal) for each in found} == {
            (key.upper(), middle, found[0].widest, found[0].normal)
        }
