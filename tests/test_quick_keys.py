"""Keys that are faster than AWS: into a cluster and into a service as soon as their names are there."""

from __future__ import annotations

import random

import pytest

from ecs_tui.inventory.inventory import Inventory, Kind, Scope
from ecs_tui.ui.app import EcsTuiApp
from tests.support import EXHAUSTIVE, SEED, Demo, names, running_app, screen_text, select, until

TRIES = 24 if EXHAUSTIVE else 6


@pytest.mark.exhaustive
@pytest.mark.asyncio
async def test_a_service_entered_at_once_shows_its_tasks(demo: Demo) -> None:
    chance = random.Random(SEED)
    inventory = Inventory(demo.account())
    scope = Scope(Kind.TASK, "prod", "web")
    await inventory.load(scope)
    expected = {task.arn for task in inventory.of(scope)}
    assert expected
    try:
        for number in range(TRIES):
            demo.mood(latency=chance.uniform(0.0, 0.25))
            async with running_app(demo.account(), cache=False) as (app, pilot):
                browser = app.browser
                for name, view in (("prod", "services"), ("web", "tasks")):
                    await until(lambda name=name: name in names(app), f"{name} is listed")  # type: ignore[misc]
                    select(app, name)
                    await pilot.press("enter")
                    assert browser.place.view == view
                shown: set[bool] = set()

                def there(app: EcsTuiApp = app, shown: set[bool] = shown) -> bool:
                    shown.add("No tasks here" in screen_text(app))
                    return {row.arn for row in app.browser.table.rows} == expected

                await until(there, f"the tasks of web (try {number})")
                assert shown == {False}
    finally:
        demo.mood(latency=0.0)
        await inventory.account.close()
