"""Suspended and continued by a shell with job control, the program leaves and enters its screen."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from itertools import product
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.demo import Demo
from tests.support.limits import EXHAUSTIVE, until
from tests.support.outer_bytes import LEFT_ON, keyboards, modes_on
from tests.support.outer_terminal import OuterTerminal
from tests.support.processes import living, processes

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.exhaustive,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc"),
]
OTHER_SIZE = (84, 20)
ENTERED = {1049, 1000, 1003, 1006, 1015, 1004, 2004, 2048}
"""Private modes that the program sets: alternate screen, mouse, focus, paste, size reports."""
PROMPT = "ready$ "
SHELLS = {"bash": ["bash", "--norc", "--noprofile", "-i"], "dash": ["dash", "-i"]}
STRICT_SHELL = """
import os, signal, sys, termios, tty
before = termios.tcgetattr(0)
tty.setraw(0)
job = os.fork()
if not job:
    os.setpgid(0, 0)
    os.execv(sys.argv[1], sys.argv[1:])
os.waitpid(job, os.WUNTRACED)
termios.tcsetattr(0, termios.TCSANOW, before)
os.tcsetpgrp(0, job)
os.killpg(job, signal.SIGCONT)
os.waitpid(job, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
os.tcsetpgrp(0, os.getpgrp())
print("same" if termios.tcgetattr(0) == before else "other", "modes")
"""
"""Starts a job in the background while it edits a line, then moves it to the foreground, and keeps
the terminal modes that the job leaves. (bash would set its own.)"""


class JobShell(OuterTerminal):
    """A shell on a terminal that answers that it can report its size in band (mode 2048)."""

    def __init__(self, environment: dict[str, str], folder: Path, argv: Sequence[str]) -> None:
        inputrc = folder / "inputrc"
        inputrc.write_text("set enable-bracketed-paste off\n")  # only the program sets modes
        base = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "HOME": str(folder)}
        base |= {"INPUTRC": str(inputrc), "PS1": PROMPT, "HISTFILE": "", "MARK": str(folder)}
        self.mark = f"MARK={folder}"
        self.answered = 0
        super().__init__(argv, base | environment)

    def _output(self, data: bytes) -> None:
        super()._output(data)
        for _ in range(self.raw.count(b"\x1b[?2048$p") - self.answered):
            self.answered += 1
            self.keys("\x1b[?2048;2$y")

    @property
    def modes(self) -> set[int]:
        """The private modes that are on."""
        return modes_on(bytes(self.raw))

    @property
    def kitty(self) -> int:
        """How many entries are on the stack of the kitty keyboard protocol."""
        return keyboards(bytes(self.raw))

    def drawn_to(self, since: int) -> int:
        """The lowest row drawn to after the first `since` bytes."""
        return max(int(row) for row in re.findall(rb"\x1b\[([0-9]+);[0-9]+H", self.raw[since:]))

    async def start(self, *argv: str) -> None:
        """Type the command that starts the program."""
        await self.shows(PROMPT.strip())
        self.keys("stty -a > ~/modes; echo hi-there\r")
        await self.shows("\nhi-there")
        command = [sys.executable, "-m", "ecs_tui", "--no-cache", "--plugin", "builtin", *argv]
        self.keys(" ".join(command) + "\r")

    @property
    def app(self) -> int:
        """The process id of the program."""
        begins = f"{sys.executable} -m ecs_tui "
        return min(pid for pid, args in processes(self.mark).items() if args.startswith(begins))

    async def end(self) -> None:
        """Kill what is left, and close the PTY."""
        for pid in processes(self.mark):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await until(lambda: self.status is not None, "it ends")
        self.pty.close()

    async def left(self) -> None:
        """Check that the shell's screen and terminal modes are restored."""
        await until(lambda: self.modes == LEFT_ON, f"modes are set back: {self.modes}")
        assert self.kitty == 0
        await self.shows("\nhi-there")
        assert "clusters" not in self.screen
        self.keys("stty -a | cmp - ~/modes && echo sa''me\r")
        await self.shows("same")

    async def entered(self) -> None:
        """Wait until the program has entered its screen."""
        await until(lambda: self.modes >= ENTERED, f"modes are set: {self.modes}")
        await self.shows("clusters › prod")
        assert self.kitty == 1
        assert "hi-there" not in self.screen


def stopped(pid: int) -> bool:
    """Whether a process is stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest_asyncio.fixture(params=SHELLS if EXHAUSTIVE else ["bash"])
async def shell(
    request: pytest.FixtureRequest, demo: Demo, tmp_path: Path
) -> AsyncIterator[JobShell]:
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    made = JobShell(demo.environment, tmp_path, SHELLS[request.param])
    yield made
    await made.end()


@pytest.mark.parametrize(
    ("shell", "how"),
    product(SHELLS, ["key", "process", "group"])
    if EXHAUSTIVE
    else zip(SHELLS, ["key", "group"], strict=True),
    indirect=["shell"],
)
async def test_the_screen_is_left_and_entered_again(shell: JobShell, how: str) -> None:
    await shell.start("--cluster", "prod")
    await shell.shows("ready 3/3 containers")
    await shell.entered()
    app = shell.app
    if how == "key":
        shell.keys("\x1a")
    elif how == "process":
        os.kill(app, signal.SIGTSTP)
    else:
        os.killpg(app, signal.SIGTSTP)
    await until(lambda: stopped(app), "it stops")
    await shell.left()
    shell.resize(*OTHER_SIZE)
    before = len(shell.raw)
    shell.keys("fg\r")
    await shell.entered()
    await shell.shows("ready 3/3 containers")
    await until(lambda: "? help" in shell.screen.splitlines()[-1], shell.screen)
    assert shell.drawn_to(before) == OTHER_SIZE[1]
    await ends_by_keys(shell, app)


async def ends_by_keys(shell: JobShell, app: int) -> None:
    """Check that the program reacts to keys, quit it, and check that the terminal is restored."""
    shell.keys("?")
    await shell.shows("Keyboard shortcuts")
    shell.keys("q")
    await until(lambda: "Keyboard shortcuts" not in shell.screen, "help is closed")
    shell.keys("q")
    await until(lambda: not living([app]), "it ends")
    await shell.left()


@pytest.mark.parametrize(
    "shell", ["bash"], indirect=True
)  # dash does not restore the terminal's modes
async def test_stopped_without_warning_it_sets_up_the_screen_again(shell: JobShell) -> None:
    await shell.start("--cluster", "prod")
    await shell.shows("ready 3/3 containers")
    app = shell.app
    os.kill(app, signal.SIGSTOP)
    await shell.shows("topped")  # the shell reports it on the program's screen
    shell.keys("clear; printf '\\033[?1049l\\033[?1000l\\033[?2004l\\033[?1004l'\r")
    await until(lambda: not shell.modes & {1049, 1000, 2004, 1004}, "as an operator helps himself")
    shell.keys("fg\r")
    await shell.entered()
    await ends_by_keys(shell, app)


async def test_in_the_background_it_waits_and_draws_nothing(shell: JobShell) -> None:
    await shell.start("--cluster", "prod")
    await shell.shows("ready 3/3 containers")
    app = shell.app
    shell.keys("\x1a")
    await until(lambda: stopped(app), "it stops")
    await shell.left()
    shell.keys("bg; echo sent\r")
    await shell.shows("\nsent")
    await until(lambda: stopped(app), "it stops again")
    shell.keys("\r")
    await shell.left()
    shell.keys("fg\r")
    await shell.entered()
    await ends_by_keys(shell, app)


async def test_started_in_the_background_it_waits_for_the_foreground(shell: JobShell) -> None:
    await shell.start("--cluster", "prod", "&")
    await until(lambda: processes(shell.mark), "it starts")
    await until(lambda: any(stopped(pid) for pid in processes(shell.mark)), "it stops")
    assert shell.modes == LEFT_ON
    app = shell.app
    shell.keys("fg\r")
    await shell.entered()
    await shell.shows("ready 3/3 containers")
    await ends_by_keys(shell, app)


async def test_the_modes_of_a_line_editor_are_not_taken_for_the_terminals(
    demo: Demo, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "ecs_tui", "--no-cache", "--cluster", "prod"]
    shell = JobShell(demo.environment, tmp_path, [sys.executable, "-c", STRICT_SHELL, *command])
    try:
        await shell.shows("ready 3/3 containers")
        shell.keys("q")
        await shell.shows("same modes")
    finally:
        await shell.end()


async def test_the_key_is_the_shells_in_a_container_and_sessions_outlive_the_stop(
    shell: JobShell, demo: Demo
) -> None:
    await shell.start("--cluster", "prod", "--service", "orders")
    await shell.shows("1/1")
    app = shell.app
    shell.keys("s")
    await shell.shows("] #")
    shell.keys("sleep 1000\r")
    await shell.shows("sleep 1000")
    shell.keys("\x1a")
    await shell.shows("Stopped")
    assert not stopped(app)
    shell.keys("while sleep 0.1; do echo line $((n+=1)); done\r")
    await shell.shows("line 2")
    os.kill(app, signal.SIGTSTP)
    await until(lambda: stopped(app), "it stops")
    await shell.left()
    shell.keys("fg\r")
    await shell.shows("line 3")
    shell.keys("\x03echo answer-$((6*7))\r")
    await shell.shows("answer-42")
    assert demo.counts()["calls"].get("ssm:TerminateSession", 0) == 0


async def test_the_terminal_goes_while_it_is_stopped(shell: JobShell) -> None:
    await shell.start("--cluster", "prod", "--service", "orders")
    await shell.shows("1/1")
    app = shell.app
    shell.keys("s")
    await shell.shows("] #")
    os.kill(app, signal.SIGTSTP)
    await until(lambda: stopped(app), "it stops")
    await shell.left()
    assert len(processes(shell.mark)) >= 4, "the shell, the program, its worker and its client"
    shell.pty.close()
    await until(lambda: not processes(shell.mark), "all of it ends", 5)
