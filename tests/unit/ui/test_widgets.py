"""Widgets one by one, and screens that cannot go on after an error."""

from __future__ import annotations

import pytest
from textual._styles_cache import StylesCache
from textual.app import App, ComposeResult

from ecs_tui.system import crash
from ecs_tui.ui.detail_pane import Details
from ecs_tui.ui.dock.menu import DockMenu
from ecs_tui.ui.drawn import forget_removed_widgets
from ecs_tui.ui.guard import MAX_DRAWINGS, MAX_FAILURES, Failures
from tests.support.limits import until


class _Widgets(App[None]):
    CSS = "#details { height: 8; }"

    def compose(self) -> ComposeResult:
        yield Details()
        yield DockMenu()


@pytest.mark.asyncio
@pytest.mark.parametrize(("width", "lines"), [(60, 2), (24, 4)])
async def test_the_menu_takes_as_many_columns_as_fit(width: int, lines: int) -> None:
    async with _Widgets().run_test(size=(width, 20)) as pilot:
        menu = pilot.app.query_one(DockMenu)
        menu.open([("l", "list"), ("n", "next"), ("x", "close"), ("z", "zoom")])
        await pilot.pause()
        assert menu.display
        assert len(str(menu.render()).split("\n")) == lines
        menu.close()
        await pilot.pause()
        assert not menu.display


@pytest.mark.asyncio
async def test_details_tell_which_part_is_seen() -> None:
    async with _Widgets().run_test(size=(60, 20)) as pilot:
        details = pilot.app.query_one(Details)
        details.add_class("-open")
        details.show("a", [(f"name {number}", "value") for number in range(20)])
        await until(lambda: str(details.border_title).endswith("of 20"))
        details.move(1)
        await until(lambda: details.scroll_y > 0)
        details.show("b", [(f"name {number}", "value") for number in range(20)])
        await until(lambda: details.scroll_y == 0, "another row begins at its first line")


def test_the_screen_goes_on_until_too_much_fails(crashes: list[crash.Crash]) -> None:
    failures = Failures()
    kept = [failures.add("job", ValueError("x"))[1] for _ in range(MAX_FAILURES)]
    assert kept == [True] * (MAX_FAILURES - 1) + [False]
    assert len(crashes) == MAX_FAILURES
    assert MAX_DRAWINGS < MAX_FAILURES
    crashes.clear()


def test_what_textual_keeps_of_closed_screens_is_let_go() -> None:
    cache = StylesCache.get_inner_outer
    forget_removed_widgets()
    assert cache.cache_info().currsize == 0
