"""Columns that several resources have."""

from __future__ import annotations

from collections.abc import Callable

from ecs_tui.resources.base import Column, plain
from ecs_tui.store.source import ItemT


def revision_column(revision: Callable[[ItemT], str]) -> Column[ItemT]:
    """The task definition, as `family:revision`."""
    return Column(
        "revision",
        "REVISION",
        lambda row, _: plain(revision(row)),
        revision,
        priority=3,
        widest=24,
        middle=True,
    )


def launch_column(launch: Callable[[ItemT], str], priority: int) -> Column[ItemT]:
    """What the tasks run on: capacity providers, or a launch type."""
    return Column(
        "launch",
        "LAUNCH",
        lambda row, _: plain(launch(row)),
        launch,
        priority=priority,
        middle=True,
        normal=("FARGATE", "EC2"),
    )
