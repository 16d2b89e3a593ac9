"""A shell that has ended returns the focus, and its pane offers to open it again."""

from __future__ import annotations

import pytest
from textual import events

from ecs_tui.session.session import State
from ecs_tui.terminal.input import Paste
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from tests.support.app import (
    PREFIX,
    open_services,
    pane_text,
    running_app,
    screen_text,
    select,
    shell_text,
)
from tests.support.demo import Demo
from tests.support.footer import WIDTHS, says, typing_form
from tests.support.limits import sample, until
from tests.support.shells import Shells, shells

pytestmark = pytest.mark.asyncio


async def exited(made: Shells) -> None:
    """Type `exit` in the shell and wait until the list has the focus."""
    pane = made.dock.current
    assert pane is not None
    await made.type("exit")
    await until(lambda: pane.session.state is State.CLOSED, "the session has ended")
    await until(lambda: made.app.browser.table.has_focus, "the list has the keys")


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", sample(WIDTHS, 2), ids=str)
async def test_after_exit_it_says_how_to_open_it_again_and_does(
    demo: Demo, size: tuple[int, int]
) -> None:
    async with shells(demo, "orders", size=size) as made:
        app, pilot = made.app, made.pilot
        first = made.dock.panes[0]
        await made.type("echo be''fore")
        await exited(made)
        if size[0] >= 120:
            await says(app, "exited", "ctrl+] enter reopens it")
        else:
            await until(lambda: "○" in screen_text(app), "it is closed")
        await pilot.press(PREFIX)
        await says(app, "enter reopen  x", "close  esc list")
        assert "Typing into the shell" not in screen_text(app)
        await pilot.press("a")
        await says(app, "This shell has ended")
        await pilot.press("escape")
        assert app.browser.table.has_focus
        await pilot.press(PREFIX, "enter")
        await until(lambda: made.dock.panes[0] is not first, "another session")
        assert len(made.dock.panes) == 1
        assert made.dock.panes[0].target == first.target
        await until(lambda: "#" in pane_text(app), "a prompt")
        await says(app, typing_form(app))
        await made.type("echo ag''ain")
        await until(lambda: "\nagain" in pane_text(app), "the keys are its own")


@pytest.mark.parametrize("key", ["x", "q"])
async def test_a_closed_pane_closes_by_key(demo: Demo, key: str) -> None:
    async with shells(demo, "orders", "search") as made:
        await exited(made)
        await made.pilot.press(PREFIX, key)
        await until(lambda: len(made.dock.panes) == 1, "it is away")
        assert made.dock.panes[0].alive
        await until(lambda: made.dock.panes[0].view.has_focus, "the other one has the keys")


async def test_a_key_typed_together_with_the_prefix_is_the_panes(demo: Demo) -> None:
    """As one read of the terminal returns them; in the list, x would show the stopped tasks."""
    async with shells(demo, "orders") as made:
        await exited(made)
        view = made.app.browser.place.view
        for key, character in ((PREFIX, "\x1d"), ("x", "x")):
            made.app.post_message(events.Key(key, character))
        await until(lambda: not made.dock.panes, "it is away")
        assert made.app.browser.place.view == view
        await until(lambda: made.app.browser.table.has_focus, "the list has the keys")


async def test_it_keeps_its_place_and_its_name_and_a_second_enter_opens_no_second(
    demo: Demo,
) -> None:
    async with shells(demo, "orders", "search", "cart") as made:
        await made.prefix("2")
        await made.prefix("R", *"mine", "enter")
        await exited(made)
        await made.pilot.press(PREFIX, "enter", "enter", "enter")
        await until(lambda: len(made.dock.live) == 3, "opened again")
        assert [pane.target.service for pane in made.dock.panes] == ["orders", "search", "cart"]
        assert made.dock.panes[1].nickname == "mine"
        assert len(made.dock.query("ShellPane")) == 3


async def test_after_the_prefix_enter_reopens_only_what_has_ended(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        first = made.dock.panes[0]
        await made.prefix("enter")
        await says(made.app, "This shell has not ended.")
        assert made.dock.panes == [first]
        await exited(made)
        await made.pilot.press(PREFIX, PREFIX, "enter")
        await until(lambda: made.dock.panes[0] is not first, "opened again")


async def test_a_shell_that_fails_at_once_never_takes_the_keys(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin", size=(140, 40)) as (app, pilot):
        await open_services(app, pilot)
        select(app, "reports")
        await pilot.press("s")
        await until(lambda: "exec was disabled" in screen_text(app), "why not")
        await pilot.press("y")
        await until(lambda: app.browser.dock.panes and not app.browser.dock.live, "refused")
        await until(lambda: isinstance(app.screen, DoctorScreen), "the exec check")
        await pilot.press("escape")
        await until(lambda: app.screen is app.browser, "back")
        await until(lambda: app.browser.table.has_focus, "the list has the keys")
        at = app.browser.table.cursor
        await pilot.press("k")
        assert app.browser.table.cursor == at - 1


async def test_nothing_opens_a_shell_in_read_only_mode(demo: Demo) -> None:
    async with running_app(demo.account(read_only=True), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        select(app, "orders")
        await until(lambda: app.browser.navigation.connection.caller is not None, "who we are")
        await pilot.press("D")
        await until(lambda: getattr(app.screen, "over", False), "all verdicts")
        await pilot.press("s")
        await until(lambda: app.screen is app.browser, "the doctor is left")
        await says(app, "Read-only mode: shells are disabled.")
        assert not app.browser.dock.panes
        assert app.browser.table.has_focus


async def test_one_reads_on_in_copy_mode_when_the_shell_ends(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        await made.prefix("c")
        await says(made.app, "COPY")
        await pane.session.close()
        await until(lambda: "closed" in screen_text(made.app) or not pane.alive, "it has ended")
        await made.pilot.press("k", "k")
        await says(made.app, "COPY", "q quit")
        assert pane.view.has_focus
        await made.pilot.press("q")
        await says(made.app, "enter reopen  x or q close  esc list")
        await made.pilot.press("escape")
        assert made.app.browser.table.has_focus


async def test_a_shell_that_ends_while_it_is_renamed_gives_the_keys_back(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        await made.prefix("R", "a")
        await made.dock.panes[0].session.close()
        await until(lambda: made.app.browser.table.has_focus, "the list has the keys")


async def test_nothing_is_pasted_where_a_shell_has_ended(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        await exited(made)
        await made.pilot.press(PREFIX)
        made.dock.panes[0].view.post_message(made.dock.panes[0].view.PasteInto(Paste(b"one\rtwo")))
        await says(made.app, "This shell has ended: nothing was pasted.")
        assert made.app.screen is made.app.browser
        assert "one" not in shell_text(made.dock.panes[0])
