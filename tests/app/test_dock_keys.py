"""Keys after the prefix as tmux has them, layouts with room first, and the question before a close."""

from __future__ import annotations

import asyncio

import pytest
from textual.events import Key

from ecs_tui.model.command import Origin, ShellCommand
from ecs_tui.session.session import State
from ecs_tui.terminal.protocol import Mode
from ecs_tui.ui.app import EcsTuiApp
from ecs_tui.ui.dialogs.confirm import ConfirmScreen
from ecs_tui.ui.dialogs.help import HelpScreen
from ecs_tui.ui.dock.controller import WIDE_COLUMNS
from ecs_tui.ui.dock.dock import MIN_COLUMNS
from ecs_tui.ui.dock.host import DockHost
from ecs_tui.ui.dock.shell_dialogs import ShellDialogs
from tests.support.app import PREFIX, names, screen_text, select, shell_text
from tests.support.demo import Demo
from tests.support.footer import last_line, says
from tests.support.heard import Heard
from tests.support.limits import limit, until
from tests.support.shells import Shells, shells

pytestmark = pytest.mark.asyncio


async def test_a_shell_has_the_keys_before_its_session_is_asked_for(demo: Demo) -> None:
    async with shells(demo, size=(130, 44)) as made:
        app = made.app
        select(app, "orders")
        app.post_message(Key("s", "s"))
        async with asyncio.timeout(limit(30)):
            # Each turn of the loop is looked at.
            while not any(pane.shell._opening for pane in made.dock.panes):  # noqa: ASYNC110
                await asyncio.sleep(0)
        assert app.focused is made.dock.panes[0].view
        await made.pilot.press(PREFIX, "l")
        assert app.focused is app.browser.table, "and gives them back while it opens"
        await until(lambda: made.dock.panes[0].shell.session.state is State.OPEN, "open")
        assert app.focused is app.browser.table
        await says(app, "shells (1)")


async def test_arrows_move_the_focus_between_panes_and_to_the_list(demo: Demo) -> None:
    async with shells(demo, "orders", "search", "cart", size=(130, 44)) as made:
        first, second, third = made.dock.panes
        made.dock.lay_out("grid")
        await until(lambda: third.region.y > first.region.y, "two columns")
        await made.prefix("1", PREFIX, "right")
        assert made.dock.current is second and second.view.has_focus
        await made.prefix("right")
        await says(made.app, "No shell on that side.")
        assert second.view.has_focus
        await made.prefix("left", PREFIX, "down")
        assert made.dock.current is third and third.view.has_focus
        await made.prefix("up")
        assert made.dock.current is first
        await made.prefix("up")
        assert made.app.browser.table.has_focus, "the list is above"


async def test_without_a_neighbour_left_is_the_list(demo: Demo) -> None:
    async with shells(demo, "orders", size=(WIDE_COLUMNS, 30)) as made:
        await made.prefix("left")
        assert made.app.browser.table.has_focus


async def test_space_is_the_next_layout_and_signs_are_two_of_them(demo: Demo) -> None:
    async with shells(demo, "orders", "search", size=(130, 44)) as made:
        first, second = made.dock.panes
        await made.prefix("space")
        assert made.dock.arrangement == "columns"
        await until(lambda: first.region.right <= second.region.x, "side by side")
        await made.prefix("quotation_mark")
        await until(lambda: first.region.bottom <= second.region.y, "one above the other")
        await says(made.app, "Layout: rows")
        await made.prefix("percent_sign")
        await until(lambda: first.region.right <= second.region.x, "side by side again")
        assert second.view.has_focus


async def test_a_layout_needs_two_shells(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        await made.prefix("percent_sign")
        await says(made.app, "Needs at least two open shells.")
        assert made.dock.arrangement == "tabs"


async def test_three_shells_beside_the_list_come_one_above_the_other_first(demo: Demo) -> None:
    async with shells(demo, "orders", "search", "cart", size=(160, 45)) as made:
        await made.prefix("s")
        await until(lambda: all(pane.region for pane in made.dock.panes), "all are shown")
        assert made.dock.arrangement == "rows"
        assert min(pane.region.width for pane in made.dock.panes) >= MIN_COLUMNS


async def test_a_question_mark_lists_the_keys(demo: Demo) -> None:
    async with shells(demo, "orders", size=(130, 60)) as made:
        await made.prefix("question_mark")
        await until(lambda: isinstance(made.app.screen, HelpScreen), "the list")
        for words in ("In a shell", "Close this shell", "All shells side by side"):
            await made.shows(words)
        await made.pilot.press("escape")
        await until(lambda: made.dock.panes[0].view.has_focus, "back in the shell")
        await made.type("echo ba''ck")
        await until(lambda: "\nback" in shell_text(made.dock.panes[0]), "its keys are its own")


WITHOUT_COMMAND = {
    "Q": "ctrl+] Q does nothing. ctrl+] ? lists the keys.",
    "ampersand": "ctrl+] & does nothing.",
    "k": "ctrl+] k does nothing.",
    "7": "There is no shell 7.",
    "0": "ctrl+] 0 does nothing.",
}


async def test_a_key_without_a_command_says_so(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        for key, words in WITHOUT_COMMAND.items():
            await made.prefix(key)
            await says(made.app, words)
            assert made.dock.panes[0].view.has_focus
            await made.type(f"echo ke''ys-{key}")
            await until(
                lambda key=key: f"\nkeys-{key}" in shell_text(made.dock.panes[0]),
                "the next key is typed",
            )


async def test_the_menu_is_one_line_above_the_footer(demo: Demo) -> None:
    async with shells(demo, "orders", size=(80, 24)) as made:
        await made.type("seq 1 60")
        await until(lambda: "\n60" in shell_text(made.dock.panes[0]), "a full screen")
        top = made.dock.panes[0].view.region.y  # above it, times go on
        before = screen_text(made.app).split("\n")
        await made.pilot.press(PREFIX)
        await until(lambda: made.app.browser.menu.has_class("-open"), "the menu")
        await until(lambda: "? all keys" in screen_text(made.app).split("\n")[22], "it is drawn")
        after = screen_text(made.app).split("\n")
        changed = [row for row in range(top, 24) if before[row] != after[row]]
        assert changed == [22, 23], "the menu, and the footer"


async def test_from_a_shell_to_its_task_in_the_list(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        app, pane = made.app, made.dock.panes[0]
        await made.prefix("l", "escape")
        await until(lambda: app.browser.place.view == "clusters", "somewhere else")
        await made.prefix("g")
        await until(lambda: app.browser.place.view == "tasks", "the tasks of its service")
        assert (app.browser.place.cluster, app.browser.place.service) == ("prod", "orders")
        await until(lambda: cursor(app) == pane.target.task_arn, "the cursor is on its task")
        assert app.browser.table.has_focus
        await made.prefix("g")
        assert app.browser.table.has_focus
        await made.pilot.press("escape")
        assert app.browser.place.view == "clusters", "it was there already: one step back is enough"


def cursor(app: EcsTuiApp) -> str:
    row = app.browser.table.current
    return row.arn if row is not None else ""


async def asked(made: Shells) -> ConfirmScreen:
    await until(lambda: isinstance(made.app.screen, ConfirmScreen), "the question")
    screen = made.app.screen
    assert isinstance(screen, ConfirmScreen)
    return screen


async def test_a_shell_at_its_prompt_closes_at_once(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        await made.type("echo do''ne")
        await until(lambda: shell_text(made.dock.panes[0]).rstrip().endswith("#"), "a prompt")
        await made.prefix("x")
        await until(lambda: not made.dock.panes, "closed")
        assert made.app.screen is made.app.browser


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (r"printf '\033[?1049h'; read x", "A full-screen program is running in it."),
        ("sleep 1000", "there is no prompt at the cursor."),
    ],
)
async def test_a_program_is_not_ended_without_a_question(demo: Demo, line: str, words: str) -> None:
    demo.counts(reset=True)
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        await made.type(line)
        if "1049" in line:
            await until(lambda: pane.link.picture.modes & Mode.ALTERNATE, "its screen")
        else:
            await until(lambda: pane.running_program, "it runs")
        await made.prefix("x")
        await asked(made)
        await made.shows(f"Close the shell {pane.words}?")
        await made.shows(words)
        await made.pilot.press("enter")  # it may have been typed before
        await until(lambda: made.app.screen is made.app.browser, "no")
        assert pane.alive and made.dock.panes == [pane]
        await until(lambda: pane.view.has_focus, "the shell has the keys")
        await made.prefix("x")
        await asked(made)
        await made.pilot.press("y")
        await until(lambda: not made.dock.panes, "closed")
        await until(lambda: demo.sessions() == (1, 1), "AWS is told")


async def test_a_command_that_is_no_shell_is_named(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        browser = made.app.browser
        target = made.dock.panes[0].target
        browser.shells.open(target, command=ShellCommand("sh -c 'echo a# ; read x'", Origin.TYPED))
        await until(lambda: len(made.dock.live) == 2, "another one")
        pane = made.dock.panes[1]
        await until(lambda: "a#" in shell_text(pane), "it prints")
        await until(lambda: pane.session.live and pane.view.has_focus, "it is open")
        await made.prefix("x")
        screen = await asked(made)
        assert "SIGHUP" in screen._effect
        await made.pilot.press("y")
        await until(lambda: len(made.dock.panes) == 1, "closed")


async def test_a_session_that_opens_is_cancelled_without_a_question(demo: Demo) -> None:
    async with shells(demo) as made:
        demo.set_faults(latency=3.0)
        try:
            select(made.app, "orders")
            await made.pilot.press("s")
            await until(lambda: made.dock.panes, "a pane")
            await made.prefix("x")
            await until(lambda: not made.dock.panes, "cancelled")
            assert made.app.screen is made.app.browser
        finally:
            demo.set_faults(latency=0.0)


async def test_news_of_sessions_are_shown_with_the_key_that_helps(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        shell = made.dock.panes[0].shell
        shell.notice("idle", "idle, ECS closes it in 02:59")
        await says(
            made.app, f"{shell.words}: idle, ECS closes it in 02:59. ctrl+] a keeps it alive."
        )
        shell.notice("successor", "replacement task abc is ready")
        await says(made.app, "replacement task abc is ready. ctrl+] o opens a shell in it.")
        shell.notice("warning", "A sentence.")
        await until(lambda: last_line(made.app).startswith("A sentence."), "as it is")


async def test_a_session_outlives_its_pane_until_the_manager_ends_it(demo: Demo) -> None:
    demo.counts(reset=True)
    async with shells(demo, "orders") as made:
        pane, manager = made.dock.panes[0], made.app.browser.shells.manager
        shell = pane.shell
        assert manager.live == [shell]
        await made.dock.close(pane)
        stop = shell.listen(heard := Heard())
        shell.session.write(b"echo al''ive\r")
        await until(lambda: b"\nalive" in heard.output, "it answers")
        stop()
        assert (demo.sessions(), manager.live) == ((1, 0), [shell])
        await manager.end(shell)
        assert demo.sessions() == (1, 1)


async def test_the_screen_is_what_the_dock_needs(demo: Demo) -> None:
    async with shells(demo) as made:
        browser = made.app.browser
        needed = {name for name in vars(DockHost) if not name.startswith("_")}
        assert {"keymap", "explain", "note"} <= needed
        assert [name for name in needed if not hasattr(browser, name)] == []
        assert isinstance(browser.shells, ShellDialogs)
        assert "orders" in names(made.app)
