"""Keys that are faster than AWS: into a cluster and into a service as soon as their names are there."""

from __future__ import annotations

import random

import pytest
from textual import events
from textual.widgets import Input

from ecs_tui.inventory.inventory import Inventory, Kind, Scope
from ecs_tui.ui.app import EcsTuiApp
from tests.support import EXHAUSTIVE, SEED, Demo, names, running_app, screen_text, select, until

KEYS = {":": "colon", "/": "slash"}
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


@pytest.mark.asyncio
async def test_what_is_typed_with_the_key_that_opens_the_prompt_is_all_there(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters are listed")
        for opener in (":", "/"):
            for length in range(1, 5):
                word = "chec"[:length]
                for character in opener + word:  # as one read of the terminal brings them
                    app.post_message(events.Key(KEYS.get(character, character), character))
                await until(lambda: app.browser.prompt.is_open, "the prompt")
                await pilot.pause()
                await pilot.press("k")
                line = app.browser.prompt.query_one("#prompt", Input)
                await until(lambda line=line: line.value.endswith("k"), "typed")  # type: ignore[misc]
                assert line.value == word + "k"
                await pilot.press("escape")
                await until(lambda: not app.browser.prompt.is_open, "closed")


@pytest.mark.asyncio
async def test_a_filter_opened_again_is_replaced_by_what_is_typed(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters are listed")
        await pilot.press("slash", *"prod", "enter")
        await until(lambda: names(app) == ["prod"], "filtered")
        for character in "/clin":
            app.post_message(events.Key(KEYS.get(character, character), character))
        await until(lambda: names(app) == ["clinic"], "another filter")
