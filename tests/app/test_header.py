"""The header by keys: its forms, what is wrong, and what a click on a bar does."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from ecs_tui.resources.attention import attention_at
from ecs_tui.ui.app import EcsTuiApp
from tests.support.app import (
    clusters_counted,
    names,
    open_services,
    running_app,
    screen_text,
    select,
    too_wide,
)
from tests.support.demo import Demo
from tests.support.limits import until

pytestmark = pytest.mark.asyncio
BLOCK = ("Account", "User", "Region", "Data")


def lines(app: EcsTuiApp) -> list[str]:
    return screen_text(app).split("\n")


def is_block(app: EcsTuiApp) -> bool:
    return [line.split()[0] for line in lines(app)[:4] if line.strip()] == list(BLOCK)


async def ready(app: EcsTuiApp) -> None:
    await until(lambda: "prod" in names(app), "clusters")
    await until(lambda: app.browser.connections.current.caller is not None, "who we are")


@pytest.mark.parametrize(
    ("size", "block"), [((100, 30), True), ((99, 40), False), ((160, 29), False), ((200, 60), True)]
)
async def test_a_large_screen_has_the_block(demo: Demo, size: tuple[int, int], block: bool) -> None:
    async with running_app(demo.account(read_only=True), size=size) as (app, _):
        await ready(app)
        await until(lambda: "READ-ONLY" in screen_text(app), "drawn")
        assert is_block(app) is block
        assert not too_wide(app)
        head = "\n".join(lines(app)[: 4 if block else 1])
        for word in ("us-east-1", "READ-ONLY", "alice", "123456789012", "API "):
            assert word in head, head
        await until(lambda: "● " in "\n".join(lines(app)[: 4 if block else 1]), "fresh")
        assert lines(app)[4 if block else 1].split()[0] == "clusters"


async def test_the_key_changes_the_form(demo: Demo) -> None:
    async with running_app(demo.account(read_only=True), size=(120, 36)) as (app, pilot):
        await ready(app)
        await until(lambda: is_block(app), "the block")
        await pilot.press("ctrl+e")
        await until(lambda: "READ-ONLY" in lines(app)[0], "one line")
        assert lines(app)[1].split()[0] == "clusters"
        await pilot.press("ctrl+e")
        await until(lambda: "clusters" in lines(app)[0], "no header")
        assert lines(app)[0].split()[:3] == ["us-east-1", "READ-ONLY", "clusters"]
        await pilot.press("ctrl+e")
        await until(lambda: is_block(app), "the block again")


async def test_the_block_counts_what_is_wrong(demo: Demo) -> None:
    async with running_app(demo.account(), size=(160, 45)) as (app, pilot):
        await ready(app)
        await open_services(app, pilot)
        head = await until(
            lambda: "failing" in lines(app)[0] and "shell" in lines(app)[3] and lines(app)[:4],
            "counted",
        )
        assert "1 failing" in head[0] and "worker" in head[0], head
        assert "deploying" in head[1] and "checkout" in head[1]
        assert "partly ready" in head[2]
        assert "no shell" in head[3]
        rows = app.browser.table.rows
        some = [row for row in rows if 0 < row.agents[0] < row.agents[1]]
        assert f" {len(some)} partly" in head[2]
        assert min(row.name for row in some) in head[2], "the first one's name"
        inventory = app.browser.inventory
        counted = attention_at(app.browser.place, [inventory])
        assert counted is attention_at(app.browser.place, [inventory]), "not counted for each frame"
        assert (counted.failing.count, counted.partly.count) == (1, len(some))
        assert "enter open" in head[0] and "? help" in "\n".join(head)
        await pilot.press("ctrl+e")
        await until(lambda: "✖1" in lines(app)[0] and "◐1" in lines(app)[0], "in the line too")


async def test_a_service_below_its_count_in_a_cluster_is_seen_among_clusters(demo: Demo) -> None:
    async with running_app(demo.account(), size=(120, 36)) as (app, pilot):
        await open_services(app, pilot)
        await pilot.press("escape")
        await until(lambda: "prod" in names(app), "clusters")
        await until(lambda: "failing" in lines(app)[0] and "prod" in lines(app)[0], "counted")


async def test_the_clusters_count_what_fails_before_one_is_opened(demo: Demo) -> None:
    """FAILING and DEPLOYING are read beside the list, and the header sums them up."""
    async with running_app(demo.account(), size=(120, 36)) as (app, _):
        await ready(app)
        await clusters_counted(app)
        by_name = {row.name: row for row in app.browser.table.rows}
        assert (by_name["prod"].failing, by_name["prod"].deploying) == (1, 1)
        await until(lambda: " 1 failing" in lines(app)[0] and "prod" in lines(app)[0], "the sum")
        title, prod = (next(line for line in lines(app)[4:] if word in line)
                       for word in ("FAILING", "● active"))  # fmt: skip
        assert prod[title.index("FAILING") : title.index("DEPLOYING")].split() == ["1"], prod
        assert not app.browser.inventory.tasks("prod"), "no more is read than that"


async def click(app: EcsTuiApp, pilot: Pilot[None], row: int, word: str) -> None:
    """Click a word on a line of the screen."""
    await pilot.click(offset=(lines(app)[row].index(word) + 1, row))


async def test_parts_of_the_path_are_places(demo: Demo) -> None:
    async with running_app(demo.account(), size=(110, 24)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "web")
        await pilot.press("enter")
        await until(lambda: app.browser.place.view == "tasks", "tasks")
        await until(lambda: "clusters › prod › web › tasks" in lines(app)[1], "the path")
        await click(app, pilot, 1, "tasks")
        await click(app, pilot, 1, "web")
        assert app.browser.place.view == "tasks", "it is that place"
        await click(app, pilot, 1, "prod")
        await until(lambda: app.browser.place.view == "services", "the cluster's services")
        assert app.browser.place.cluster == "prod"
        await until(lambda: "clusters › prod › services" in lines(app)[1], "the path")
        await click(app, pilot, 1, "clusters")
        await until(lambda: app.browser.place.view == "clusters", "the clusters")
        await pilot.press("escape")
        await until(lambda: app.browser.place.view == "services", "one can go back")


async def test_keys_of_the_footer_can_be_clicked(demo: Demo) -> None:
    async with running_app(demo.account(), size=(190, 24)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "web")
        await until(lambda: "enter open" in lines(app)[-1], "the footer")
        for words in ("f redeploy", "u scale", "T run task"):
            assert words in lines(app)[-1], lines(app)[-1]
        await click(app, pilot, -1 + 24, "d details")
        await until(lambda: app.browser.details_open, "details")
        await click(app, pilot, 23, "? help")
        await until(lambda: app.screen is not app.browser, "help")
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "closed")
        await click(app, pilot, 23, "/ filter")
        await until(lambda: app.browser.prompt.is_open, "the filter")
        await pilot.press("escape")
        await click(app, pilot, 23, "enter open")
        await until(lambda: app.browser.place.view == "tasks", "opened")
