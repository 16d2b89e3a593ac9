"""Suspended and continued by a shell with job control, the screen is left and entered again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.pty import PtyProcess
from ecs_tui.terminal.engine import make_engine
from tests.support import Demo, until
from tests.terminals import living, processes

pytestmark = pytest.mark.asyncio
SIZE, OTHER_SIZE = (110, 34), (84, 20)
ENTERED = {1049, 1000, 1003, 1006, 1015, 1004, 2004, 2048}
"""Private modes that are on in the screen: alternate screen, mouse, focus, paste, size reports."""
LEFT_ON = {7, 25}
"""Those that a shell needs: lines wrap, the cursor is shown."""
PROMPT = "ready$ "


class JobShell:
    """An operator's shell on a terminal that answers whether it reports its size in band."""

    def __init__(self, environment: dict[str, str], folder: Path, shell: str) -> None:
        inputrc = folder / "inputrc"
        inputrc.write_text("set enable-bracketed-paste off\n")  # only the program sets modes
        argv = ["bash", "--norc", "--noprofile", "-i"] if shell == "bash" else [shell, "-i"]
        base = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        base |= {"HOME": str(folder), "INPUTRC": str(inputrc), "PS1": PROMPT, "HISTFILE": ""}
        self.mark = f"MARK={folder}"
        self.engine = make_engine("auto", *SIZE, 100)
        self.raw = bytearray()
        self.status: int | None = None
        self.asked = 0
        self.pty = PtyProcess(
            argv, base | {"MARK": str(folder)} | environment, self._output, self._ended, *SIZE
        )

    def _output(self, data: bytes) -> None:
        self.raw += data
        self.engine.feed(data)
        for _ in range(self.raw.count(b"\x1b[?2048$p") - self.asked):
            self.asked += 1
            self.keys("\x1b[?2048;2$y")

    def _ended(self, status: int) -> None:
        self.status = status

    @property
    def screen(self) -> str:
        """What it shows."""
        return self.engine.text(False)

    @property
    def modes(self) -> set[int]:
        """The private modes that are on."""
        on = set(LEFT_ON)
        for numbers, how in re.findall(rb"\x1b\[\?([0-9;]+)([hl])", self.raw):
            for number in numbers.split(b";"):
                (on.add if how == b"h" else on.discard)(int(number))
        return on

    @property
    def kitty(self) -> int:
        """How many programs have set the keyboard's protocol and not taken that back."""
        return len(re.findall(rb"\x1b\[>[0-9]+u", self.raw)) - self.raw.count(b"\x1b[<u")

    def drawn_to(self, since: int) -> int:
        """The lowest row that was drawn to since so many bytes."""
        return max(int(row) for row in re.findall(rb"\x1b\[([0-9]+);[0-9]+H", self.raw[since:]))

    def keys(self, text: str) -> None:
        """Type."""
        self.pty.write(text.encode())

    async def shows(self, text: str) -> None:
        """Wait until the screen has this text."""
        try:
            await until(lambda: text in self.screen, "", 30)
        except AssertionError:
            raise AssertionError(f"not on the terminal: {text!r}\n{self.screen}") from None

    async def resize(self, columns: int, rows: int) -> None:
        """Change the size of the window."""
        self.engine.resize(columns, rows)
        self.pty.resize(columns, rows)

    async def start(self, *argv: str) -> None:
        """Type the command that starts the program."""
        await self.shows(PROMPT.strip())
        self.keys("stty -a > modes; echo before\r")
        await self.shows("\nbefore")
        command = [sys.executable, "-m", "ecs_tui", "--no-cache", "--plugin", "builtin", *argv]
        self.keys(" ".join(command) + "\r")

    @property
    def app(self) -> int:
        """The process id of the program."""
        begins = f"{sys.executable} -m ecs_tui "
        return min(pid for pid, args in processes(self.mark).items() if args.startswith(begins))

    def state(self, pid: int) -> str:
        """The state of a process: T is stopped."""
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]

    async def left(self) -> None:
        """The shell has its terminal back, as it gave it away."""
        await until(lambda: self.modes == LEFT_ON, f"modes are set back: {self.modes}")
        assert self.kitty == 0
        await self.shows("\nbefore")
        assert "clusters" not in self.screen
        self.keys("stty -a | cmp - modes && echo same\r")
        await self.shows("\nsame")

    async def entered(self) -> None:
        """The program has the terminal."""
        await until(lambda: self.modes >= ENTERED, f"modes are set: {self.modes}")
        await self.shows("clusters › prod")
        assert self.kitty == 1
        assert "before" not in self.screen


@pytest_asyncio.fixture(params=["bash", "dash"])
async def shell(
    request: pytest.FixtureRequest, demo: Demo, tmp_path: Path
) -> AsyncIterator[JobShell]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    made = JobShell(demo.environment, tmp_path, request.param)
    yield made
    for pid in processes(made.mark):
        os.kill(pid, signal.SIGKILL)
    await until(lambda: made.status is not None, "it ends")
    made.pty.close()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
@pytest.mark.parametrize("how", ["key", "process", "group"])
async def test_the_screen_is_left_and_entered_again(shell: JobShell, how: str) -> None:
    await shell.start("--cluster", "prod")
    await shell.shows("16/16 agents")
    await shell.entered()
    app = shell.app
    if how == "key":
        shell.keys("\x1a")
    elif how == "process":
        os.kill(app, signal.SIGTSTP)
    else:
        os.killpg(app, signal.SIGTSTP)
    await until(lambda: shell.state(app) == "T", "it stops")
    await shell.left()
    await shell.resize(*OTHER_SIZE)
    before = len(shell.raw)
    shell.keys("fg\r")
    await shell.entered()
    await shell.shows("16/16 agents")
    await until(lambda: "? help" in shell.screen.splitlines()[-1], shell.screen)
    assert shell.drawn_to(before) == OTHER_SIZE[1]
    shell.keys("?")
    await shell.shows("Keys")
    shell.keys("q")
    await until(lambda: "Keys" not in shell.screen, "help is closed")
    shell.keys("q")
    await until(lambda: not living([app]), "it ends")
    await shell.left()
