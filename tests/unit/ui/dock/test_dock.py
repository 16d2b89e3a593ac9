"""Layouts that leave each shell enough room, and which shell is on which side."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.widgets import Static

from ecs_tui.ui.dock.dock import LAYOUTS, is_beyond, layouts, pane_of


@pytest.mark.parametrize(
    ("shells", "columns", "rows", "order"),
    [
        (3, 80, 42, "tabs rows columns grid"),  # beside the list: three columns of 26 are useless
        (2, 80, 42, "tabs rows columns"),
        (2, 130, 18, "tabs columns rows"),
        (3, 200, 20, "tabs columns rows grid"),
        (4, 200, 20, "tabs grid columns rows"),
        (4, 130, 40, "tabs rows grid columns"),
        (3, 80, 10, "tabs columns rows grid"),  # no room for any: the usual order
        (1, 80, 24, "tabs columns rows"),
        (9, 20, 5, "tabs columns rows grid"),
    ],
)
def test_layouts_with_room_come_first(shells: int, columns: int, rows: int, order: str) -> None:
    found = layouts(shells, columns, rows)
    assert " ".join(found) == order
    assert set(found) <= set(LAYOUTS)


GRID = {
    "a": Region(0, 0, 40, 10), "b": Region(40, 0, 40, 10),
    "c": Region(0, 10, 40, 10), "d": Region(40, 10, 40, 10),
}  # fmt: skip


@pytest.mark.parametrize(
    ("here", "side", "there"),
    [
        ("a", "left", ""), ("a", "right", "b"), ("a", "above", ""), ("a", "below", "c"),
        ("d", "left", "c"), ("d", "right", ""), ("d", "above", "b"), ("d", "below", ""),
    ],
)  # fmt: skip
def test_the_shells_on_a_side_are_those_next_to_it(here: str, side: str, there: str) -> None:
    found = [name for name, region in GRID.items() if is_beyond(GRID[here], region, side)]
    assert found == list(there)


@pytest.mark.asyncio
async def test_another_widget_is_part_of_no_shell() -> None:
    class Other(App[None]):
        def compose(self) -> ComposeResult:
            yield Static("x")

    async with Other().run_test() as pilot:
        assert pane_of(pilot.app.query_one(Static)) is None
    assert pane_of(None) is None
