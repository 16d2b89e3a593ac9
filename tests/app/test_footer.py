"""The last line of the screen names the keys that work where the focus is, in every mode."""

from __future__ import annotations

import time

import pytest
from rich.cells import cell_len

from ecs_tui.ui.bars import Bar
from tests.support.app import PREFIX, names, open_services, pane_text, running_app
from tests.support.demo import Demo
from tests.support.footer import WIDTHS, last_line, says, typing_form
from tests.support.limits import sample, until
from tests.support.shells import shells

pytestmark = pytest.mark.asyncio


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", sample(WIDTHS, 2), ids=str)
async def test_each_mode_of_a_shell_has_its_own_keys(demo: Demo, size: tuple[int, int]) -> None:
    async with shells(demo, "orders", size=size) as made:
        app, pilot = made.app, made.pilot
        await says(app, typing_form(app))
        await made.prefix("c")
        await says(app, "y copy", "q quit")
        if size[0] >= 60:
            await says(app, "COPY  v select  y copy  / search  n N next  q quit")
        await pilot.press("v")
        if size[0] >= 160:
            await says(app, "esc clear selection")
        await pilot.press("escape", "slash")
        await says(app, "enter or esc back to text")
        await pilot.press("escape", "q")
        await says(app, typing_form(app))
        await made.prefix("R")
        await says(app, "enter rename  esc keep the name")
        await pilot.press("escape")
        await says(app, typing_form(app))
        await pilot.press(PREFIX)
        await says(app, "ctrl+] …")
        await made.shows("? all keys")  # the menu does not cover the line
        await says(app, "ctrl+] …")
        await pilot.press("l")
        first = "enter open " if size[0] >= 60 else "s shell"
        await says(app, first, "ctrl+] shells (1)")


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", sample(WIDTHS, 2), ids=str)
async def test_lines_to_type_in_and_dialogs_have_their_own_keys(
    demo: Demo, size: tuple[int, int]
) -> None:
    async with running_app(demo.account(), size=size) as (app, pilot):
        await open_services(app, pilot)
        await says(app, "enter open")
        await pilot.press("slash")
        await says(app, "enter keep the filter  esc clear it")
        await pilot.press("w", "enter")
        await says(app, "enter open")
        await pilot.press("escape", "colon")
        await says(app, "enter go  ↓ ↑ choose  esc leave")
        await pilot.press("escape")
        await says(app, "enter open")
        for key in ("question_mark", "y", "ctrl+r"):
            await pilot.press(key)
            await until(lambda: app.screen is not app.browser, key)
            foot = app.browser.query(Bar).last()  # on a low screen the dialog covers it
            await until(
                lambda foot=foot: str(foot.render()).strip() == "esc closes the dialog", key
            )
            await pilot.press("escape")
            await until(lambda: app.screen is app.browser, "closed")
            await says(app, "enter open")


async def test_no_key_is_cut_in_two(demo: Demo) -> None:
    whole = (
        "enter open  L logs  / filter  : go to  ? help  q quit  ! problems  d details  y JSON"
        "  A activity  T run task"
    )
    async with running_app(demo.account(), size=(24, 20)) as (app, pilot):
        await until(lambda: "prod" in names(app), "clusters")
        for width in range(24, 130, 7):
            await pilot.resize_terminal(width, 20)
            await until(
                lambda width=width: app.browser.query(Bar).last().outer_size.width == width,
                "laid out",
            )
            line = await says(app, "enter open")
            assert cell_len(line) <= width - 2
            for word in line.removesuffix("…").strip().split("  "):
                assert word in whole.split("  "), (width, line)


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", sample(WIDTHS, 2), ids=str)
async def test_no_note_covers_that_keys_go_to_several_shells(
    demo: Demo, size: tuple[int, int]
) -> None:
    async with shells(demo, "orders", "search", size=size) as made:
        app = made.app
        await made.prefix("1")
        await made.prefix("B")
        await says(app, "Marked. Mark another")
        await made.prefix("2")
        await made.prefix("B")
        await says(app, "TYPING INTO 2 SHELLS")
        assert made.dock.current is made.dock.panes[1]
        app.browser.note("something long that is worth knowing " * 6)
        await says(app, "TYPING INTO 2 SHELLS", "somet" if size[0] > 40 else "so")
        await made.prefix("B")
        await says(app, "Typing goes to one shell only")
        assert "2 SHELLS" not in last_line(app)


async def test_a_shell_that_ends_counts_no_more(demo: Demo) -> None:
    async with shells(demo, "orders", "search") as made:
        for number in "12":
            await made.prefix(number)
            await made.prefix("B")
        await says(made.app, "TYPING INTO 2 SHELLS")
        await made.dock.panes[0].session.close()
        await until(lambda: "2 SHELLS" not in last_line(made.app), "one is left")


async def test_a_note_goes_with_the_next_key(demo: Demo) -> None:
    async with running_app(demo.account()) as (app, pilot):
        await until(lambda: "prod" in names(app), "clusters")
        await pilot.press("s")
        await says(app, "Open a cluster first")
        await pilot.press("j")
        assert "Open a cluster first" not in last_line(app)
        await pilot.press("s")
        await says(app, "Open a cluster first")
        await pilot.click(app.browser.table, offset=(3, 2))
        assert "Open a cluster first" not in last_line(app)


async def test_news_stays_for_a_moment_while_one_types(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        app = made.app
        app.browser.note("task is stopping", news=True)
        await made.pilot.press("a", "b")
        await says(app, "task is stopping")
        await until(lambda: "ab" in pane_text(app), "typed")
        await until(lambda: time.monotonic() > app.browser.bars.notes.held_until, "a moment")
        await made.pilot.press("c")
        await says(app, "Typing into the shell")


async def test_braces_in_the_words_of_aws_are_no_keys(demo: Demo) -> None:
    async with running_app(demo.account(), size=(140, 30)) as (app, _):
        app.browser.note("✖ AWS says: policy {shell} denies {refresh}.", 60.0)
        await says(app, "policy {shell} denies {refresh}.")
