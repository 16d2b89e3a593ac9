"""The details of a row: the most important facts come first, and keys scroll to all of them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest
from textual.pilot import Pilot

from ecs_tui.aws.account import Account
from ecs_tui.model.task import Task
from ecs_tui.store.inventory import Inventory
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.details import details
from tests.support.app import clusters_counted, names, open_services, running_app, screen_text
from tests.support.demo import Demo
from tests.support.footer import WIDTHS, last_line, says
from tests.support.limits import sample, until

pytestmark = pytest.mark.asyncio


async def stopped_task(app: EcsTuiApp, pilot: Pilot[None]) -> Task:
    """Open the details of the first stopped task of the cluster."""
    await open_services(app, pilot)
    await pilot.press("N", "x")
    await until(lambda: app.browser.place.stopped and names(app), "stopped tasks")
    await until(lambda: len(names(app)) > 1, "some of them")
    await until(lambda: all(row.stopped_reason for row in app.browser.table.rows), "described")
    app.browser.table.cursor = 0
    await pilot.press("d")
    await until(lambda: "stopped reason" in screen_text(app), "the reason without scrolling")
    task: Task = app.browser.table.current
    return task


def shown(app: EcsTuiApp) -> str:
    """The visible lines of the detail pane."""
    region = app.browser.details.region
    return "\n".join(screen_text(app).split("\n")[region.y : region.bottom])


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", sample(WIDTHS, 2), ids=str)
async def test_the_reason_comes_first_and_j_k_reach_the_last_line(
    demo: Demo, size: tuple[int, int]
) -> None:
    async with running_app(demo.account(), size=size) as (app, pilot):
        task = await stopped_task(app, pilot)
        top = shown(app).split("\n")[1:3]  # a long word is on the line below its name
        assert "stopped reason" in top[0]
        assert task.stopped_reason.split()[0] in "".join("".join(top).split())
        await until(lambda: "J K scroll · 1–" in shown(app), "it says that there is more")
        for _ in range(60):
            await pilot.press("J")
        lines = app.browser.details.virtual_size.height
        await until(lambda: f"–{lines} of {lines}" in shown(app), "the last line")
        assert "tag " in shown(app) or "tags" in shown(app)
        assert app.browser.table.current.arn == task.arn
        for _ in range(60):
            await pilot.press("K")
        await until(lambda: "J K scroll · 1–" in shown(app), "the first one again")
        await pilot.press("J", "j")
        await until(lambda: "J K scroll · 1–" in shown(app), "another row begins at its first")
        assert app.browser.table.current.arn != task.arn


async def test_the_keys_are_offered_where_they_work(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 40)) as (app, pilot):
        await until(lambda: "prod" in names(app), "clusters")
        await clusters_counted(app)
        assert "J scroll" not in last_line(app)
        await pilot.press("J")
        await says(app, "Details are closed. Press d to open them.")
        await pilot.press("d")
        await says(app, "d details  J scroll")
        before = app.browser.table.cursor
        await pilot.press("tab", "down")  # the focus stays where it was
        assert app.browser.table.cursor == before + 1


NOW = datetime(2026, 1, 1, tzinfo=UTC)


def facts(row: Task) -> list[tuple[str, str]]:
    lines = details(row, Inventory(Account()), NOW).split("\n")
    return [tuple(part.strip() for part in line.split("  ", 1)) for line in lines]  # type: ignore[misc]


async def test_a_stopped_task_tells_why_before_anything_else(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 45)) as (app, pilot):
        task = await stopped_task(app, pilot)
        app_container = dataclasses.replace(
            task.containers[0], last_status="STOPPED", exit_code=137, reason="OutOfMemoryError"
        )
        stopped = dataclasses.replace(task, containers=(app_container,))
        first = facts(stopped)[:3]
        assert [name for name, _ in first] == [
            "stopped reason", "stop code", f"container {app_container.name}",
        ]  # fmt: skip
        assert first[0][1] == task.stopped_reason
        assert first[2][1] == "stopped, exit 137, OutOfMemoryError"
        running = dataclasses.replace(
            task, last_status="RUNNING", desired_status="RUNNING", stopped_reason="", stop_code="",
            stopping_at=None, stopped_at=None,
        )  # fmt: skip
        assert facts(running)[0][0] == "shell"
