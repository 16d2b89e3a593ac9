"""Panes and the dock with real shells, driven by keys."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from ecs_tui.aws.api import ecs_changes
from ecs_tui.session.activity import IDLE_SECONDS
from ecs_tui.session.session import State
from ecs_tui.terminal.copymode import CopyMode
from ecs_tui.terminal.protocol import Mode
from ecs_tui.ui.dock.pane import ShellPane
from tests.support.app import (
    PREFIX,
    open_services,
    pane_text,
    running_app,
    screen_text,
    select,
    shell_text,
    too_wide,
)
from tests.support.client_script import client_script
from tests.support.demo import Demo
from tests.support.limits import until
from tests.support.shells import Shells, shells

pytestmark = pytest.mark.asyncio


async def test_a_menu_for_who_hesitates(demo: Demo) -> None:
    async with shells(demo, "orders", size=(80, 24)) as made:
        await made.pilot.press(PREFIX)
        await made.shows("copy mode")
        await made.shows("keep alive")
        assert not too_wide(made.app)
        await made.pilot.press("l")
        assert made.app.browser.table.has_focus
        assert "keep alive" not in screen_text(made.app)


async def test_copy_mode_by_keys(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        await made.type("seq 1 400; echo co''py this text")
        await until(lambda: "\ncopy this text" in pane_text(made.app), "text")
        await made.prefix("c")
        await made.shows("COPY ")
        mode = pane.view.copy_mode
        assert mode is not None
        await made.pilot.press("k", "0", "w", "v", "e", "y")
        await until(lambda: made.app.clipboard == "this", "the word")
        assert pane.view.copy_mode is None
        await made.prefix("c")
        await until(lambda: pane.view.copy_mode is not None, "again")
        await made.pilot.press("g")
        await until(lambda: pane.link.picture.top == 0, "the first line is in view")
        # Output that arrives meanwhile waits, and none of it is lost.
        pane.session.write(b"echo me''anwhile\r")
        await until(lambda: pane.link.waiting > 0, "it waits")
        assert "\nmeanwhile" not in pane_text(made.app)
        await made.pilot.press("V", "j", "y")
        await until(lambda: "\n" in made.app.clipboard, "two lines")
        await until(lambda: "\nmeanwhile" in pane_text(made.app), "it goes on")


async def search_line(made: Shells) -> tuple[ShellPane, CopyMode]:
    """Print 900 lines in the first shell, and open the line of a search in them."""
    pane = made.dock.panes[0]
    await made.type("seq 1 900; echo the''end")
    await until(lambda: "\ntheend" in pane_text(made.app), "text")
    await made.prefix("slash")
    await until(lambda: pane.view.copy_mode is not None and not pane.view.has_focus, "a line")
    mode = pane.view.copy_mode
    assert mode is not None
    return pane, mode


async def test_search_marks_matches_and_goes_to_them(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane, mode = await search_line(made)
        await made.pilot.press(*"77")
        await until(lambda: len(mode.matches) == 18, "matches while typing")
        await made.pilot.press("enter")
        await made.shows("/77 18/18")
        newest = mode.at
        await made.pilot.press("n")
        assert mode.at[1] < newest[1]
        await until(lambda: mode.top == pane.link.picture.top, "it is in view")
        strip = pane.view.render_line(mode.at[1] - mode.top)
        assert any(segment.style and segment.style.bgcolor for segment in strip)
        await made.pilot.press("escape")
        await until(lambda: pane.view.copy_mode is None, "left")
        await made.type("echo af''ter")
        await until(lambda: "\nafter" in pane_text(made.app), "the shell goes on")


async def test_keys_that_come_with_the_enter_of_a_search_belong_to_copy_mode(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane, mode = await search_line(made)
        for key in ("7", "7", "enter", "n", "n"):  # as if one read of the terminal had returned all
            made.app.post_message(events.Key(key, key))
        await made.shows("/77 16/18")
        assert len(mode.matches) == 18
        await until(lambda: pane.view.has_focus, "the text has the keys")


async def test_several_at_once_zoom_rename_background(demo: Demo) -> None:
    async with shells(demo, "orders", "search") as made:
        first, second = made.dock.panes
        await made.prefix("s")
        assert made.dock.arrangement == "columns"
        await until(lambda: first.region.y == second.region.y and first.region.width > 20, "beside")
        await made.prefix("s")
        await until(lambda: first.region.x == second.region.x and first.region.height > 3, "over")
        await made.prefix("n")
        assert made.dock.current is first
        assert first.view.has_focus
        await made.prefix("z")
        await until(lambda: not made.app.browser.table.region, "zoomed")
        await made.prefix("z")
        await made.prefix("R", *"minx", "backspace", "e", "enter")
        await until(lambda: first.nickname == "mine" and first.view.has_focus, "renamed")
        await made.prefix("m")
        assert first.background
        assert not first.display
        assert made.app.browser.table.has_focus
        before = first.session.bytes_out
        first.session.write(b"seq 1 50\r")
        await until(lambda: first.session.bytes_out > before + 100 and first.unseen, "unseen")
        await made.shows("mine+ (bg)")
        await made.prefix("1")
        assert first.display
        await until(lambda: "\n50" in shell_text(first), "nothing of it is lost")
        assert not first.background
        await made.pilot.click(made.dock._tabs, offset=(made.dock._tabs._ends[0] + 2, 0))
        await until(lambda: made.dock.current is second, "a click on a tab")


async def test_what_is_typed_goes_to_all_marked_shells_and_only_to_them(demo: Demo) -> None:
    async with shells(demo, "orders", "search", "cart") as made:
        first, second, third = made.dock.panes
        await made.prefix("1")
        await made.prefix("B")
        await made.prefix("2")
        await made.prefix("B")
        await made.shows("TYPING INTO 2 SHELLS")
        await made.shows("BROADCAST")
        await made.type("echo bo''th")
        await until(
            lambda: "\nboth" in shell_text(first) and "\nboth" in shell_text(second), "both"
        )
        assert "both" not in shell_text(third)
        await made.prefix("B")
        await made.type("echo al''one")
        await until(lambda: "\nalone" in shell_text(second), "one")
        assert "alone" not in shell_text(first)


async def test_a_stalled_session_says_so_and_enter_tilde_dot_ends_it(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        demo.set_link(silent=True)
        try:
            await made.shows("▲ not responding for", 12)
            started = time.monotonic()
            await made.pilot.press("enter", "tilde", "full_stop")
            await until(lambda: pane.session.state is State.CLOSED, "it ends", 5)
            assert time.monotonic() - started < 5
            await made.shows("closed by you")
        finally:
            demo.set_link(silent=False)


async def test_a_session_that_is_resumed_says_so_meanwhile(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        demo.set_link(refuse=True, cut=True)
        await made.shows("connection lost, reconnecting")
        demo.set_link(refuse=False)
        await made.shows("● open")
        await made.type("echo he''re")
        await until(lambda: "\nhere" in pane_text(made.app), "it goes on")


async def test_the_countdown_and_keep_alive(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        pane.session.activity.traffic_at = time.monotonic() - IDLE_SECONDS + 100
        await made.shows("idle: closes in 01:")
        await made.prefix("a")
        await made.shows("keep-alive")
        assert pane.session.activity.idle_left(time.monotonic()) > IDLE_SECONDS - 30


async def test_with_another_client_silence_is_a_quiet_hint(demo: Demo, tmp_path: Path) -> None:
    builtin = f'exec {sys.executable} -m ecs_tui.session.channel "$@"'
    script = client_script(tmp_path / "session-manager-plugin", builtin)
    async with shells(demo, "orders", plugin="auto", plugin_path=script) as made:
        pane = made.dock.panes[0]
        await made.type("stty -echo; echo si''lent; read x")
        await until(lambda: "\nsilent" in pane_text(made.app), "keys are not echoed any more")
        await made.pilot.press("p")
        pane.session.activity.typed_at -= 9
        pane.session.activity.received_at -= 9.5
        await made.shows("no response for")
        assert pane.session.state is State.OPEN


async def test_a_task_that_is_stopped_is_told_and_its_successor_offered(demo: Demo) -> None:
    async with shells(demo, "cart") as made:
        pane = made.dock.panes[0]
        arn = pane.target.task_arn
        await ecs_changes.stop_task(made.app.browser.account, "prod", arn, "a deployment")
        await made.shows("▲ task")
        await until(lambda: pane.successor is not None, "replacement task", 30)
        await made.shows("ctrl+] o opens")
        await made.prefix("o")
        await until(lambda: len(made.dock.panes) == 2, "another shell")
        successor = made.dock.panes[1]
        assert successor.target.service == "cart"
        assert successor.target.task_arn != arn
        await until(lambda: "#" in shell_text(successor), "a prompt")


async def test_a_successor_is_looked_for_now_and_then(demo: Demo) -> None:
    """No call at each tick, and none for a standalone task, which nothing replaces."""
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        shell, manager = pane.shell, made.app.browser.shells.manager
        await ecs_changes.stop_task(
            made.app.browser.account, "prod", pane.target.task_arn, "a test"
        )
        await made.shows("▲ task")
        looking = manager.successors
        await until(lambda: not looking.in_flight, "a look that has begun meanwhile ends")
        service = shell.target
        shell.target = replace(service, service="")
        shell.successor = None
        looking._looked_at = None
        looking.look(manager.sessions, time.monotonic())
        assert not looking.in_flight
        shell.target = service
        looking.look(manager.sessions, time.monotonic())
        assert looking.in_flight
        await until(lambda: not looking.in_flight, "it has looked")
        shell.successor = None
        looking.look(manager.sessions, time.monotonic())
        assert not looking.in_flight, "again at once"


async def test_a_program_that_wants_the_clipboard_waits_for_an_answer(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        await made.type(r"printf '\033]52;c;d2FudGVk\007'")
        await made.shows("clipboard request")
        await made.type("echo ty''ping on")
        await until(lambda: "\ntyping on" in pane_text(made.app), "no key was taken")
        assert made.app.clipboard != "wanted"
        await made.prefix("y")
        await made.shows("to your clipboard")
        await made.shows("wanted")
        await made.pilot.press("n")
        assert made.app.clipboard != "wanted"
        assert pane.wanted_text == ""
        await made.type(r"printf '\033]52;c;d2FudGVk\007'")
        await until(lambda: pane.wanted_text, "it is wanted again")
        await made.shows("clipboard request")
        await made.prefix("y")
        await made.shows("y allow")
        await made.pilot.press("y")
        await until(lambda: made.app.clipboard == "wanted", "allowed")


async def test_clipboard_can_be_refused_for_good(demo: Demo) -> None:
    async with shells(demo, "orders", clipboard="deny") as made:
        await made.type(r"printf '\033]52;c;d2FudGVk\007'; echo do''ne")
        await until(lambda: "\ndone" in pane_text(made.app), "printed")
        assert made.dock.panes[0].wanted_text == ""


async def test_a_link_shows_its_real_target_before_it_is_followed(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        link = r"\033]8;;https://real.example/x\033\\https://shown.example\033]8;;\033\\"
        await made.type(rf"clear; printf '{link} and http://plain.example/y.\n'; echo do''ne")
        await until(lambda: "\ndone" in pane_text(made.app), "printed")
        y = (
            pane_text(made.app)
            .split("\n")
            .index(
                next(line for line in pane_text(made.app).split("\n") if "shown.example" in line)
            )
        )
        await made.pilot.click(pane.view, offset=(3, y))
        await made.shows("https://real.example/x")
        await made.shows("Displayed as https://shown.example")
        await made.pilot.press("c")
        await until(lambda: made.app.clipboard == "https://real.example/x", "copied")
        await made.pilot.click(pane.view, offset=(30, y))
        await made.shows("Open link?")
        await made.shows("http://plain.example/y")
        await made.pilot.press("escape")


async def test_recording_by_key_and_by_config(demo: Demo, own_places: Path) -> None:
    async with shells(demo, "orders", record=["prod"], record_input=True) as made:
        pane = made.dock.panes[0]
        await made.shows("⏺ recording")
        await made.type("echo re''corded")
        await until(lambda: "\nrecorded" in pane_text(made.app), "text")
        await made.type("stty -echo; read secret; stty echo")
        await made.type("hunter2")
        await made.type("echo ov''er")
        await until(lambda: "\nover" in pane_text(made.app), "text")
        await made.prefix("r")
        await made.shows("Recording saved to")
        assert pane.session.recording is None
    (cast,) = (own_places / "state").rglob("*.cast")
    assert cast.stat().st_mode & 0o777 == 0o600
    assert pane.target.task_id in cast.name
    assert "prod" in cast.name
    header, *events = [json.loads(line) for line in cast.read_text().splitlines()]
    assert header["version"] == 2
    assert "recorded" in "".join(text for _, kind, text in events if kind == "o")
    typed = "".join(text for _, kind, text in events if kind == "i")
    assert "echo re''corded" in typed
    assert "hunter2" not in cast.read_text()
    assert "TokenValue" not in cast.read_text()


async def test_the_kitty_protocol_reaches_a_program_that_asks(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        await made.type(r"printf '\033[>1u'; cat -v")
        await until(lambda: pane.link.picture.kitty == 1, "it asks")
        await made.pilot.press("ctrl+c")
        await until(lambda: "^[[99;5u" in pane_text(made.app), "ctrl+c by the protocol")
        await made.pilot.press("escape")
        await until(lambda: "^[[27u" in pane_text(made.app), "escape, unmistakable")


async def test_focus_is_reported_to_a_program_that_asks(demo: Demo) -> None:
    async with shells(demo, "orders") as made:
        pane = made.dock.panes[0]
        await made.type(r"printf '\033[?1004h'; cat -v")
        await until(lambda: pane.link.picture.modes & Mode.FOCUS, "it asks")
        await made.prefix("l")
        await made.prefix("1")
        await until(lambda: "^[[O" in shell_text(pane) and "^[[I" in shell_text(pane), "told")


async def test_opening_that_takes_long_says_what_it_waits_for_and_can_be_cancelled(
    demo: Demo,
) -> None:
    async with running_app(demo.account(), plugin="builtin", size=(130, 40)) as (app, pilot):
        made = Shells(app, pilot)
        await open_services(app, pilot)
        demo.set_faults(latency=8.0)
        try:
            select(app, "orders")
            await pilot.press("s")
            await made.shows("waiting for ECS · ctrl+] x to cancel", 10)
            await made.prefix("x")
            await until(lambda: not made.dock.panes, "cancelled")
        finally:
            demo.set_faults(latency=0.0)
