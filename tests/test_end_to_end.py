"""The real program on a real PTY; the terminal engine reads the screen back as the outer terminal."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.pty import PtyProcess
from ecs_tui.terminal.engine import make_engine
from tests.support import Demo, until

pytestmark = pytest.mark.asyncio


class Outer:
    """A terminal with the program in it."""

    def __init__(
        self,
        env: dict[str, str],
        *argv: str,
        size: tuple[int, int] = (110, 34),
        within: Sequence[str] = (),
    ) -> None:
        self.engine = make_engine("auto", *size, 100)
        self.status: int | None = None
        self.raw = bytearray()
        base = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        self.pty = PtyProcess(
            [*within, sys.executable, "-m", "ecs_tui", *argv],
            {**base, "HOME": os.environ.get("HOME", "/"), **env},
            self._output,
            self._ended,
            *size,
        )

    def _output(self, data: bytes) -> None:
        self.raw += data
        self.engine.feed(data)

    def _ended(self, status: int) -> None:
        self.status = status

    async def shows(self, text: str) -> None:
        try:
            await until(lambda: text in self.engine.text(False), "", 30)
        except AssertionError:
            screen = self.engine.text(False)
            raise AssertionError(f"not on the terminal: {text!r}\n{screen}") from None

    def keys(self, text: str) -> None:
        self.pty.write(text.encode())


@pytest_asyncio.fixture
async def outer(demo: Demo) -> AsyncIterator[Outer]:
    made = Outer(demo.environment, "--plugin", "builtin", "--cluster", "prod")
    yield made
    made.pty.signal(signal.SIGKILL)
    made.pty.close()


@pytest_asyncio.fixture
async def any_outer(demo: Demo, plugin: str) -> AsyncIterator[Outer]:
    """With each session client in turn."""
    env = {**demo.environment, "ECS_TUI_PLUGIN_READS_ENVIRONMENT": "1"}
    made = Outer({**env, "PATH": os.environ["PATH"]}, "--plugin", plugin, "--cluster", "prod")
    yield made
    made.pty.signal(signal.SIGTERM)
    await until(lambda: made.status is not None, "it ends")
    made.pty.close()


def workers(app: int) -> list[int]:
    """Process ids of the terminal workers that an app has started."""
    argv = ["ps", "axww", "-o", "pid,ppid,args"]
    found = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    mine = [line.split(maxsplit=2) for line in found if "terminal.worker import main" in line]
    return [int(pid) for pid, parent, _ in mine if int(parent) == app]


def gone(pids: list[int]) -> bool:
    """Whether none of these processes lives."""
    argv = ["ps", "-o", "stat=", "-p", ",".join(map(str, pids))]
    states = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.split()
    return all(state.startswith("Z") for state in states)


async def into_a_shell(outer: Outer) -> None:
    await outer.shows("checkout")
    await outer.shows("16/16 agents")
    outer.keys(":web\r")
    await outer.shows("prod › web")
    await outer.shows("2/2 running")
    outer.keys("\r")
    await outer.shows("envoy")
    outer.keys("s")
    await outer.shows("[web/app")


async def test_by_keys_alone_to_a_shell_vi_resize_and_out(any_outer: Outer) -> None:
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
        # Not INSERT any more: the Escape has arrived as a key of its own.
        await until(lambda: "INSERT" not in outer.engine.text(False), "out of insert mode")
        outer.keys(":wq\r")
        await until(lambda: "~\n~" not in outer.engine.text(False), "out of vi")
        outer.keys("cat note\r")
        await outer.shows("# cat note\nhello from vi")
    outer.engine.resize(90, 30)
    outer.pty.resize(90, 30)
    # The new size travels through app, client and agent: ask until it is there.
    asked = 0

    def resized() -> bool:
        nonlocal asked
        asked += 1
        if asked % 50 == 1:
            outer.keys("stty size\r")
        return " 90\n" in outer.engine.text(False)

    await until(resized, "the new size in the shell")
    outer.keys("exit\r")
    await outer.shows("closed: shell exited")
    children = workers(outer.pty.pid)
    assert children
    outer.keys("q")
    await until(lambda: outer.status is not None, "it ends")
    assert outer.status == 0
    assert b"\x1b[?1049l" in outer.raw
    assert gone(children)


async def test_sigterm_ends_the_shells_and_restores_the_terminal(outer: Outer) -> None:
    await into_a_shell(outer)
    children = workers(outer.pty.pid)
    assert children
    os.kill(outer.pty.pid, signal.SIGTERM)
    await until(lambda: outer.status is not None, "it ends")
    assert b"\x1b[?1049l" in outer.raw
    await until(lambda: gone(children), "no worker is left")


async def test_after_sigkill_of_the_app_no_worker_is_left(outer: Outer) -> None:
    await into_a_shell(outer)
    children = workers(outer.pty.pid)
    assert children
    os.kill(outer.pty.pid, signal.SIGKILL)
    await until(lambda: gone(children), "no worker is left")


async def test_no_colour(demo: Demo) -> None:
    outer = Outer({**demo.environment, "NO_COLOR": "1"}, "--cluster", "staging")
    await outer.shows("sandbox")
    assert b"\x1b[38;2;0;255" not in outer.raw
    outer.keys("q")
    await until(lambda: outer.status is not None, "it ends")


def children(pid: int) -> list[tuple[int, str]]:
    """(pid, command line) of the processes that a process has started."""
    argv = ["ps", "axww", "-o", "pid,ppid,stat,args"]
    found = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()
    rows = [line.split(maxsplit=3) for line in found[1:]]
    return [
        (int(row[0]), row[3] if len(row) > 3 else "")
        for row in rows
        if int(row[1]) == pid and not row[2].startswith("Z")
    ]


@pytest.mark.parametrize("how", ["q", "SIGHUP", "SIGTERM"])
async def test_whichever_way_it_ends_the_terminal_is_as_before_and_nothing_is_left(
    demo: Demo, tmp_path: Path, how: str
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    script = f'stty -g > {before}; "$@"; stty -g > {after}'
    outer = Outer(
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
            await outer.shows("ctrl+] dock")
            outer.keys("q")
            await outer.shows("end 1 open shell?")
            outer.keys("y")
        else:
            os.kill(app, getattr(signal, how))
        await until(lambda: outer.status is not None, "it ends")
        assert before.read_text() == after.read_text() != ""
        assert b"\x1b[?1049l" in outer.raw
        await until(lambda: gone(ours), "no child is left")
        await until(lambda: not children(demo.pid), "nor is the remote shell")
    finally:
        outer.pty.signal(signal.SIGKILL)
        outer.pty.close()


async def test_after_a_crash_of_the_app_the_remote_shell_ends_too(demo: Demo, outer: Outer) -> None:
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
async def test_programs_of_the_whole_screen(any_outer: Outer, name: str) -> None:
    outer = any_outer
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    start, shows, keys, leave = PROGRAMS[name]
    await into_a_shell(outer)
    outer.keys("\x1dz")
    await until(lambda: "CONTAINER" not in outer.engine.text(False), "zoomed")
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
    await outer.shows("] #")  # what is typed before that, a program on its way out may eat
    outer.keys("clear; echo ba''ck\r")
    await outer.shows("back")
