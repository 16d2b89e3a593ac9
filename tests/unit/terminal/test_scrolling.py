"""What a terminal's view asks of the engine when the wheel and keys come faster than its answers."""

from __future__ import annotations

import pytest
from textual import events
from textual.app import App, ComposeResult

from ecs_tui.terminal.copymode import CopyMode
from ecs_tui.terminal.picture import Picture
from ecs_tui.terminal.scrolling import Scrolling
from ecs_tui.terminal.widget import TerminalView


class _App(App[None]):
    """Shows a view; what it asks of the engine is noted and never answered."""

    def __init__(self) -> None:
        super().__init__()
        self.picture, self.asked = Picture(), list[int]()
        self.typed, self.tops = list[bytes](), list[int]()
        self.view = TerminalView(
            lambda: self.picture,
            self.typed.append,
            self.asked.append,
            lambda key: False,
            on_scroll_to=self.tops.append,
        )

    def compose(self) -> ComposeResult:
        yield self.view


def event(name: str) -> events.Event:
    """`up` and `down` of the wheel, or a key."""
    if name not in ("up", "down"):
        return events.Key(name, name)
    kind = events.MouseScrollUp if name == "up" else events.MouseScrollDown
    return kind(None, 1, 1, 0, 0, 0, shift=False, meta=False, ctrl=False)


CASES: list[tuple[int, str, list[int]]] = [
    (0, "a", []),
    (0, "down", []),
    (0, "up up a a", [-3, -3, 0]),
    (0, "up up down", [-3, -3, 3]),
    (0, "up a down", [-3, 0]),
    (7, "a", [0]),
    (7, "down", [3]),
    (2, "down", [0]),
]
"""(lines scrolled back by the last answer, what happens, what the engine is asked)"""


@pytest.mark.parametrize(("offset", "given", "asked"), CASES)
def test_what_is_not_answered_yet_counts(offset: int, given: str, asked: list[int]) -> None:
    found: list[int] = []
    scrolling = Scrolling(lambda: Picture(offset=offset, history=100), found.append)
    for name in given.split():
        if name == "a":
            scrolling.to_end()
        else:
            scrolling.by({"up": -3, "down": 3}[name])
    assert found == asked


@pytest.mark.asyncio
async def test_keys_of_copy_mode_that_come_faster_than_answers() -> None:
    """Each asks for the line that is to be the first, whatever is still shown."""
    app = _App()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.focus()
        await pilot.pause()
        app.picture.history = 90
        app.view.copy_mode = CopyMode([str(each) for each in range(100)], 40, 10, 90, (0, 99))
        for name in ["k", "g", "j", "ctrl+d", "ctrl+d", "G", "k"]:
            app.view.post_message(events.Key(name, name))
        await pilot.pause()
        assert app.tops == [90, 0, 0, 0, 2, 90, 90]
        assert app.asked == []


@pytest.mark.parametrize(("offset", "given", "asked"), CASES)
@pytest.mark.asyncio
async def test_the_wheel_and_keys_of_a_view(offset: int, given: str, asked: list[int]) -> None:
    app = _App()
    async with app.run_test(size=(40, 10)) as pilot:
        app.view.focus()
        await pilot.pause()
        app.picture.offset, app.picture.history = offset, 100
        for name in given.split():
            app.view.post_message(event(name))
            await pilot.pause()
        assert app.asked == asked
        assert app.typed == [b"a"] * given.count("a")
