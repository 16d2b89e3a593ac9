"""Terminal workers that die or stop while the app uses them."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

from ecs_tui.session.session import State
from ecs_tui.ui.dock.pane import ShellPane
from tests.support.app import (
    PREFIX,
    names,
    open_services,
    open_shell,
    pane_text,
    running_app,
    screen_text,
    select,
    shell_text,
)
from tests.support.demo import Demo
from tests.support.limits import DEADLINE, EXHAUSTIVE, sample, until

pytestmark = pytest.mark.asyncio


async def shows(pane: ShellPane, text: str, deadline: float = DEADLINE) -> None:
    """Wait until a shell shows a text; a failure shows its screen."""
    try:
        await until(lambda: text in shell_text(pane), "", deadline)
    except AssertionError as error:
        raise AssertionError(f"{error}{text!r}, but\n{shell_text(pane)}\n{pane.notice}") from None


LINES = 2_000_000 if EXHAUSTIVE else 500_000
"""Of the large file, 15 MB or 3: the worker ends after the first 0.2."""


@pytest.mark.exhaustive
@pytest.mark.parametrize("number", sample([signal.SIGSEGV, signal.SIGKILL, signal.SIGSTOP], 1))
async def test_during_cat_of_a_large_file_another_shell_loses_nothing(
    demo: Demo, number: int
) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        neighbour = await open_shell(app, pilot, "search")
        await pilot.press(*"echo neigh''bour", "enter")
        await until(lambda: "\nneighbour" in pane_text(app), "its text")
        await pilot.press(PREFIX, "l")
        select(app, "orders")
        await pilot.press("s")
        await until(lambda: len(app.browser.dock.panes) == 2, "the second shell")
        await until(lambda: "orders/app" in pane_text(app), "a prompt")
        pane = app.browser.dock.current
        assert pane is not None
        counted = neighbour.session.bytes_out
        # Not with the pilot: it would wait until the app is idle and the output is over.
        pane.session.write(b"seq 1 %d; echo the''end\r" % LINES)
        await until(lambda: pane.session.bytes_out > 200_000, "output flows")
        os.kill(pane.link.pid, number)
        await until(lambda: pane.link.restarts >= 1, "restart")
        await shows(pane, "\ntheend", 60)
        await pilot.press(*"echo al''ive", "enter")
        await shows(pane, "\nalive")
        assert pane.session.state is State.OPEN
        assert neighbour.session.bytes_out == counted
        assert any("neighbour" in run.text for row in neighbour.link.picture.lines for run in row)
        scope = app.browser.view.scopes(app.browser.place)[0]
        before = app.browser.inventory.freshness(scope).fetched_at
        app.browser.refresher.refresh_now()
        await until(
            lambda: app.browser.inventory.freshness(scope).fetched_at != before, "the list lives"
        )
        assert "orders" in names(app)


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
@pytest.mark.exhaustive
@pytest.mark.parametrize("number", sample([signal.SIGSEGV, signal.SIGKILL, signal.SIGSTOP], 1))
async def test_inside_vim_the_screen_is_drawn_again(demo: Demo, number: int) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        await pilot.press(*"vim -u NONE note", "enter")
        await until(lambda: "\n~" in pane_text(app), "vim")
        await pilot.press("i", *"kept in vim")
        await until(lambda: "kept in vim" in pane_text(app), "its text")
        pane.link.picture.lines.clear()
        os.kill(pane.link.pid, number)
        # Ctrl-L: a stopped worker is noticed only when there is something to draw.
        await pilot.press("escape", "ctrl+l", "a")
        await until(lambda: pane.link.restarts == 1, "restart")
        await until(lambda: "kept in vim" in pane_text(app), "vim is back on the screen")
        await pilot.press("escape", *":q!", "enter")
        await until(lambda: "\n~" not in pane_text(app), "out of vim")


# Prints a corpus file piece by piece and discards the terminal's answers.
PLAYER = """
import base64, json, sys, termios, time, tty
tty.setraw(0)
for kind, *rest in json.load(open(sys.argv[1])):
    if kind == "feed":
        sys.stdout.buffer.write(base64.b64decode(rest[0]))
        sys.stdout.buffer.flush()
    time.sleep(0.02)
time.sleep(0.5)
termios.tcflush(0, termios.TCIFLUSH)
import os
os.system("stty sane")
sys.stdout.write("\\x18\\x1bcOVER\\r\\n")
"""
KILLERS = sorted((Path(__file__).parents[1] / "data" / "killers").glob("*.json"))


def script(killer: Path) -> list[tuple[str, bytes | tuple[int, int]]]:
    """The operations of a corpus file: output, and changes of size."""
    return [
        ("resize", (row[1], row[2])) if row[0] == "resize" else ("feed", base64.b64decode(row[1]))
        for row in json.loads(killer.read_text())
        if row[0] != "new"
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("killer", sample(KILLERS, 2), ids=lambda path: path.stem)
async def test_deadly_output_costs_one_pane_a_moment(
    demo: Demo, killer: Path, tmp_path: Path
) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        player = tmp_path / "player.py"
        player.write_text(PLAYER)
        least = pane.session.bytes_out
        pane.session.write(f"{sys.executable} {player} {killer}\r".encode())
        for kind, value in script(killer):
            if kind == "resize":
                assert isinstance(value, tuple)
                pane.link.resize(*value)  # sizes that no window of the test has
                continue
            least += len(value)
            await until(
                lambda least=least: pane.session.bytes_out >= least,  # type: ignore[misc]
                "printed",
            )
        await pilot.resize_terminal(100, 30)
        await pilot.resize_terminal(120, 36)
        await shows(pane, "OVER")
        # Answers to queries of the killer that it has not read go to the shell, as in any terminal.
        # They may come late: a line is typed again until they do not interrupt it.
        typed = time.monotonic()
        pane.session.write(b"\x15echo ALI''VE\r")

        def alive() -> bool:
            nonlocal typed
            if time.monotonic() - typed > 1.0:
                typed = time.monotonic()
                pane.session.write(b"\x15echo ALI''VE\r")
            return "ALIVE" in shell_text(pane)

        await until(alive, "the shell answers")
        assert pane.session.state is State.OPEN
        assert all(char.isprintable() or char == "\n" for char in screen_text(app))
        assert "orders" in names(app)


async def test_bytes_that_were_left_out_are_saved_by_a_key(demo: Demo, own_places: Path) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        await pilot.press(PREFIX, "b")
        await until(lambda: "No output was lost" in screen_text(app), "nothing to save yet")
        os.kill(pane.link.pid, signal.SIGSTOP)
        await pilot.press(*"echo lo''st", "enter")
        await until(lambda: pane.link.restarts == 1, "given up", 10)
        await pilot.press(PREFIX, "b")
        await until(lambda: "Saved " in screen_text(app), "where")
        (saved,) = (own_places / "state").rglob("*.bin")
        assert saved.stat().st_mode & 0o777 == 0o600
        assert saved.read_bytes() == bytes(pane.link.lost) != b""
        await pilot.press(PREFIX, "w")
        await until(lambda: list((own_places / "state").rglob("*.txt")), "the text too")


async def test_the_mouse_selects_and_copies(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await open_services(app, pilot)
        pane = await open_shell(app, pilot, "orders")
        await pilot.press(*"echo copy''me please", "enter")
        await until(lambda: "\ncopyme please" in pane_text(app), "text")
        y = (
            pane_text(app)
            .split("\n")
            .index(next(line for line in pane_text(app).split("\n") if line.startswith("copyme")))
        )
        await pilot.mouse_down(pane.view, offset=(0, y))
        await pilot.hover(pane.view, offset=(5, y))
        await pilot.mouse_up(pane.view, offset=(5, y))
        await until(lambda: app.clipboard == "copyme", "dragged over")
        await pilot.click(pane.view, offset=(8, y), times=2)
        await until(lambda: app.clipboard == "please", "a word by two clicks")
        await pilot.click(pane.view, offset=(8, y), times=3)
        await until(lambda: app.clipboard == "copyme please", "the line by three")
        assert pane.view.selection is not None
        await pilot.press("x")
        assert pane.view.selection is None


async def test_a_warm_worker_waits_and_ends_with_the_app(demo: Demo) -> None:
    async with running_app(demo.account(), plugin="builtin") as (app, pilot):
        await until(lambda: app.browser.warm_worker.pid, "a warm worker")
        worker = app.browser.warm_worker.pid
        await open_services(app, pilot)
        select(app, "orders")
        await pilot.press("s")
        await until(lambda: app.browser.dock.current, "a pane")
        pane = app.browser.dock.current
        assert pane is not None
        assert pane.link.pid == worker
        await until(lambda: app.browser.warm_worker.pid not in (0, worker), "another one")
        worker = app.browser.warm_worker.pid
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
