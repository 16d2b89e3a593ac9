"""Keys that come before AWS has answered: a cluster or service opens as soon as it is listed."""

from __future__ import annotations

import random

import pytest
from textual import events
from textual.widgets import Input

from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import names, running_app, screen_text, select
from tests.support.demo import Demo
from tests.support.limits import EXHAUSTIVE, SEED, until

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
            demo.set_faults(latency=chance.uniform(0.0, 0.25))
            async with running_app(demo.account(), cache=False) as (app, pilot):
                browser = app.browser
                for name, view in (("prod", "services"), ("web", "tasks")):
                    await until(lambda name=name: name in names(app), f"{name} is listed")  # type: ignore[misc]
                    select(app, name)
                    await pilot.press("enter")
                    assert browser.place.view == view
                shown: set[bool] = set()

                def there(app: EcsTuiApp = app, shown: set[bool] = shown) -> bool:
                    shown.add("No running tasks" in screen_text(app))
                    return {row.arn for row in app.browser.table.rows} == expected

                await until(there, f"the tasks of web (try {number})")
                assert shown == {False}
    finally:
        demo.set_faults(latency=0.0)
        await inventory.account.close()


@pytest.mark.asyncio
async def test_what_is_typed_with_the_key_that_opens_the_prompt_is_all_there(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters are listed")
        for opener in (":", "/"):
            for length in range(1, 5):
                word = "chec"[:length]
                for character in opener + word:  # as if one read of the terminal had returned both
                    app.post_message(events.Key(KEYS.get(character, character), character))
                await until(lambda: app.browser.prompt.is_open, "the prompt")
                await pilot.pause()
                await pilot.press("k")
                line = app.browser.prompt.query_one("#prompt", Input)
                await until(lambda line=line: line.value.endswith("k"), "typed")  # type: ignore[misc]
                assert line.value == word + "k"
                await pilot.press("escape")
                await until(lambda: not app.browser.prompt.is_open, "closed")


def type_at_once(app: EcsTuiApp, text: str) -> None:
    """Press keys as if one read of the terminal had returned them all."""
    special = {**KEYS, "\r": "enter"}
    for character in text:
        app.post_message(events.Key(special.get(character, character), character))


@pytest.mark.asyncio
async def test_a_filter_and_enter_in_one_write_filter(demo: Demo) -> None:
    """As with tmux's `send-keys /prod Enter`, a macro, or a slow connection."""
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters are listed")
        for word, found in (("prod", ["prod"]), ("cases", ["exec-cases"]), ("nowhere", [])):
            type_at_once(app, f"/{word}\r")
            await until(lambda found=found: names(app) == found, f"filtered by {word}")  # type: ignore[misc]
            await until(lambda: not app.browser.prompt.is_open, "closed")
            await pilot.press("escape")
            await until(lambda: "prod" in names(app), "all of them")


@pytest.mark.asyncio
async def test_keys_typed_with_the_enter_that_closes_the_prompt_are_the_lists(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters are listed")
        type_at_once(app, "/cases\r\r")
        await until(lambda: app.browser.place.view == "services", "entered")
        assert app.browser.place.cluster == "exec-cases"
        await until(lambda: "exec-off" in names(app), "its services")
        type_at_once(app, "/exec-off\rd")
        await until(lambda: app.browser.details_open, "d is the list's")
        assert names(app) == ["exec-off"]
        await pilot.press("escape", "escape", "escape")
        type_at_once(app, ":prod\rd")
        await until(lambda: app.browser.place.cluster == "prod", "there")


@pytest.mark.asyncio
async def test_a_filter_opened_again_is_replaced_by_what_is_typed(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in names(app), "the clusters are listed")
        await pilot.press("slash", *"prod", "enter")
        await until(lambda: names(app) == ["prod"], "filtered")
        for character in "/cases":
            app.post_message(events.Key(KEYS.get(character, character), character))
        await until(lambda: names(app) == ["exec-cases"], "another filter")
