"""Widgets one by one, and screens that cannot go on after an error."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual._styles_cache import StylesCache
from textual.app import App, ComposeResult
from textual.color import Color

from ecs_tui import ui
from ecs_tui.config.keymap import default_keymap
from ecs_tui.system import crash
from ecs_tui.ui.commands.dock import DOCK
from ecs_tui.ui.detail_pane import Details
from ecs_tui.ui.dialogs.base import KeyLine
from ecs_tui.ui.dock.menu import FIRST, DockMenu, in_menu_order
from ecs_tui.ui.drawn import forget_removed_widgets
from ecs_tui.ui.guard import MAX_DRAWINGS, MAX_FAILURES, Failures
from tests.support.limits import until


class _Widgets(App[None]):
    CSS = "#details { height: 8; }"

    def compose(self) -> ComposeResult:
        yield Details(default_keymap())
        yield DockMenu()


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("width", "line"),
    [
        (60, "l list  n next  x close  z zoom  ? all keys"),
        (45, "l list  n next  x close  z zoom  ? all keys"),
        (44, "l list  n next  x close  ? all keys"),
        (28, "l list  n next  ? all keys"),
        (12, "? all keys"),
    ],
)
async def test_the_menu_is_one_line_with_as_many_keys_as_fit(width: int, line: str) -> None:
    async with _Widgets().run_test(size=(width, 20)) as pilot:
        menu = pilot.app.query_one(DockMenu)
        items = [("l", "list"), ("n", "next"), ("x", "close"), ("z", "zoom")]
        menu.open(items, ("?", "all keys"))
        await pilot.pause()
        assert menu.display
        assert (str(menu.render()), menu.region.height) == (line, 1)
        menu.close()
        await pilot.pause()
        assert not menu.display


def test_the_menu_names_what_helps_most_first() -> None:
    ids = ["zoom", "rename", "copy-mode", "list", "columns"]
    assert in_menu_order(ids) == ["list", "copy-mode", "zoom", "rename", "columns"]
    assert len(set(FIRST)) == len(FIRST)
    assert set(FIRST) <= {command.id for command in DOCK}


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


@pytest.mark.asyncio
async def test_the_names_of_details_are_less_bright_than_the_values() -> None:
    async with _Widgets().run_test(size=(60, 20)) as pilot:
        details = pilot.app.query_one(Details)
        details.add_class("-open")
        details.show("a", [("status", "ACTIVE"), ("a name that is longer than its column", "web")])

        def looks(word: str) -> set[str]:
            return {
                str(segment.style.color)
                for strip in pilot.app.screen._compositor.render_strips()
                for segment in strip
                if word in segment.text and segment.style is not None
            }

        await until(lambda: looks("ACTIVE"), "drawn")
        assert looks("status") == looks("column")
        assert looks("web") == looks("ACTIVE")
        (name,), (value,) = looks("status"), looks("ACTIVE")
        assert brightness(name) < 0.8 * brightness(value), (name, value)


def brightness(style: str) -> float:
    """The brightness of a colour as Rich writes it, `Color('#8d8d8d', …)`."""
    found = re.search(r"#[0-9a-f]{6}", style)
    assert found is not None, style
    return Color.parse(found.group()).brightness


def test_no_text_is_muted_by_a_colour_that_only_css_can_mix() -> None:
    """In CSS, `$text-muted` is white or black mixed with what is behind it; in a `Content`, plain white."""
    for path in Path(ui.__file__).parent.rglob("*.py"):
        assert '"$text-muted"' not in path.read_text(), f"{path}: use $foreground-muted"


class _Keys(App[None]):
    def compose(self) -> ComposeResult:
        yield KeyLine("enter fix   o debug copy   ? keys")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("width", "lines"),
    [
        (40, ["enter fix   o debug copy   ? keys"]),
        (32, ["enter fix   o debug copy", "? keys"]),
        (20, ["enter fix", "o debug copy", "? keys"]),
        (10, ["enter fix", "o debug copy", "? keys"]),
    ],
)
async def test_the_line_of_keys_is_broken_between_keys(width: int, lines: list[str]) -> None:
    async with _Keys().run_test(size=(width, 10)) as pilot:
        keys = pilot.app.query_one(KeyLine)
        await until(lambda: str(keys.render()).split("\n") == lines)
        keys.say("esc close")
        await until(lambda: str(keys.render()) == "esc close")


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
