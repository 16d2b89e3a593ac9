"""The program on a PTY, from its start to its end."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.demo import Demo
from tests.support.limits import until
from tests.support.processes import children, living, workers
from tests.support.program_terminal import ProgramTerminal, into_a_shell

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def outer(demo: Demo) -> AsyncIterator[ProgramTerminal]:
    made = ProgramTerminal(demo.environment, "--plugin", "builtin", "--cluster", "prod")
    yield made
    made.close()


@pytest_asyncio.fixture
async def any_outer(demo: Demo, plugin: str) -> AsyncIterator[ProgramTerminal]:
    """With each session client in turn."""
    env = {**demo.environment, "ECS_TUI_PLUGIN_READS_ENVIRONMENT": "1"}
    made = ProgramTerminal(
        {**env, "PATH": os.environ["PATH"]}, "--plugin", plugin, "--cluster", "prod"
    )
    yield made
    made.pty.signal(signal.SIGTERM)
    await made.ends()
    made.pty.close()


async def test_by_keys_alone_to_a_shell_vi_resize_and_out(any_outer: ProgramTerminal) -> None:
    outer = any_outer
    await into_a_shell(outer)
    outer.keys("echo $((6*7))\r")
    await outer.shows("\n42")
    if shutil.which("vi"):
        outer.keys("vi note\r")
        await outer.shows("~")
        outer.keys("ihello from vi")
        await outer.shows("hello from vi")
        outer.keys("\x1b")
        # Without INSERT the Escape has arrived as a key of its own.
        await until(lambda: "INSERT" not in outer.screen, "out of insert mode")
        outer.keys(":wq\r")
        await until(lambda: "~\n~" not in outer.screen, "out of vi")
        outer.keys("cat note\r")
        await outer.shows("# cat note\nhello from vi")
    outer.resize(90, 30)
    # The new size goes through app, client and agent: ask until it has arrived.
    asked = 0

    def resized() -> bool:
        nonlocal asked
        asked += 1
        if asked % 50 == 1:
            outer.keys("stty size\r")
        return " 90\n" in outer.screen

    await until(resized, "the new size in the shell")
    outer.keys("exit\r")
    await outer.shows("○ exited")
    started = workers(outer.pty.pid)
    assert started
    outer.keys("q")
    assert await outer.ends() == 0
    assert b"\x1b[?1049l" in outer.raw
    assert not living(started)


async def test_sigterm_ends_the_shells_and_restores_the_terminal(outer: ProgramTerminal) -> None:
    await into_a_shell(outer)
    started = workers(outer.pty.pid)
    assert started
    os.kill(outer.pty.pid, signal.SIGTERM)
    await outer.ends()
    assert b"\x1b[?1049l" in outer.raw
    await until(lambda: not living(started), "no worker is left")


async def test_after_sigkill_of_the_app_no_worker_is_left(outer: ProgramTerminal) -> None:
    await into_a_shell(outer)
    started = workers(outer.pty.pid)
    assert started
    os.kill(outer.pty.pid, signal.SIGKILL)
    await until(lambda: not living(started), "no worker is left")


async def test_no_colour(demo: Demo) -> None:
    outer = ProgramTerminal({**demo.environment, "NO_COLOR": "1"}, "--cluster", "staging")
    await outer.shows("sandbox")
    assert b"\x1b[38;2;0;255" not in outer.raw
    outer.keys("q")
    await outer.ends()


@pytest.mark.parametrize("how", ["q", "SIGHUP", "SIGTERM"])
async def test_whichever_way_it_ends_the_terminal_is_as_before_and_nothing_is_left(
    demo: Demo, tmp_path: Path, how: str
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    script = f'stty -g > {before}; "$@"; stty -g > {after}'
    outer = ProgramTerminal(
        demo.environment, "--plugin", "builtin", "--cluster", "prod",
        within=("/bin/sh", "-c", script, "sh"),
    )  # fmt: skip
    try:
        await into_a_shell(outer)
        ((app, _),) = children(outer.pty.pid)
        ours = [pid for pid, _ in children(app)]
        assert len(ours) >= 2, "a worker and a session client"
        assert children(demo.pid), "a shell in the container"
        if how == "q":
            outer.keys("\x1dl")
            await outer.shows("ctrl+] shells (1)")
            outer.keys("q")
            await outer.shows("close 1 open shell?")
            outer.keys("y")
        else:
            os.kill(app, getattr(signal, how))
        await outer.ends()
        assert before.read_text() == after.read_text() != ""
        assert b"\x1b[?1049l" in outer.raw
        await until(lambda: not living(ours), "no child is left")
        await until(lambda: not children(demo.pid), "nor is the remote shell")
    finally:
        outer.close()


async def test_after_a_crash_of_the_app_the_remote_shell_ends_too(
    demo: Demo, outer: ProgramTerminal
) -> None:
    await into_a_shell(outer)
    assert children(demo.pid)
    os.kill(outer.pty.pid, signal.SIGKILL)
    await until(lambda: not children(demo.pid), "the remote shell is gone")


PROGRAMS = {
    "less": ("seq 1 500 | less", "(END)", "G", "q"),
    "top": ("top", "load average", "", "q"),
    "htop": ("htop", "F10", "", "q"),
    "tmux": ("tmux -L ecs-tui-test -f /dev/null new -s inside", "[inside]", "echo in''tmux\r", ""),
}


@pytest.mark.parametrize("name", PROGRAMS)
async def test_programs_of_the_whole_screen(any_outer: ProgramTerminal, name: str) -> None:
    outer = any_outer
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    start, shows, keys, leave = PROGRAMS[name]
    await into_a_shell(outer)
    outer.keys("\x1dz")
    await until(lambda: "CONTAINER" not in outer.screen, "zoomed")
    outer.keys(f"{start}\r")
    if name == "less":
        await outer.shows("\n12\n")
        outer.keys(keys)
    await outer.shows(shows)
    if name == "tmux":
        outer.keys(keys)
        await outer.shows("\nintmux")
        outer.keys("\x02%")
        await outer.shows("│")
        outer.keys("\x02&")
        await outer.shows("kill-window")
        outer.keys("y")
        await outer.shows("[exited]")
    outer.keys(leave)
    await outer.shows("] #")  # a program that is ending may read what is typed earlier
    outer.keys("clear; echo ba''ck\r")
    await outer.shows("back")
