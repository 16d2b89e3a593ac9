"""The program on a terminal that can be taken away in each way in which terminals are lost."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import signal
import struct
import subprocess
import sys
import termios
import uuid

from ecs_tui.system.pty import set_size
from ecs_tui.terminal.engines.make import make_engine
from tests.support.limits import until
from tests.support.processes import living, processes
from tests.support.python_fork import FORKS, TAKES_TERMINAL

SIZE = (110, 34)
END_SECONDS = 5.0
"""Seconds from the loss of the terminal to the end of the program."""
CAUSES = ("closed", "signals", "input-ends", "output-fails", "term-unread", "killed", "tmux")
"""How the terminal is lost.

closed: its master end is closed, as when a window is closed or an ssh connection breaks.
signals: SIGHUP, then SIGCONT, as the kernel sends them; the terminal itself stays.
input-ends: end-of-file on input, no signal, output still works.
output-fails: EIO on output, no signal, input still works.
term-unread: SIGTERM while nobody reads what is drawn.
killed: SIGKILL for the terminal program's whole process group.
tmux: `tmux kill-session`.
"""
_EMULATOR = """
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(["/bin/sh", "-c",
    'stty cols %d rows %d; exec "$0" "$@"', *sys.argv[1:]])))
"""
_FULL = 4000
"""Bytes waiting in the terminal when it is taken for full: the kernel keeps 4095 and some more."""


class LosableTerminal:
    """A terminal that runs the program; `lose` takes it away.

    Attributes:
        mark: In the arguments and the environment of what is started here, and nowhere else.
    """

    def __init__(self, cause: str, environment: dict[str, str], *argv: str) -> None:
        self.cause, self.mark = cause, f"ecs-tui-test-{uuid.uuid4().hex}"
        self.engine = make_engine("auto", *SIZE, 0)
        self._loop = asyncio.get_running_loop()
        base = {key: os.environ[key] for key in os.environ if key.startswith("XDG_")}
        base |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        base |= {"HOME": os.environ.get("HOME", "/"), "ESCDELAY": "25", "MARK": self.mark}
        command = [sys.executable, "-m", "ecs_tui", *argv]
        if cause == "killed":
            command = [sys.executable, "-c", _EMULATOR % SIZE, *command]
        elif cause == "tmux":
            command = ["tmux", "-L", self.mark, "-f", "/dev/null", "new-session", *command]
        self._masters: list[int] = []
        ours, theirs = self._pair()
        # Without a controlling terminal nothing sends SIGHUP: the program must notice by itself.
        apart = cause in ("input-ends", "output-fails")
        self._in, self._out = ours, ours
        output = theirs
        if apart:
            self._out, output = self._pair()
        self.child = subprocess.Popen(
            [*(() if apart else (sys.executable, "-c", TAKES_TERMINAL)), *command],
            stdin=theirs, stdout=output, stderr=output, env=base | environment,
            start_new_session=True,
        )  # fmt: skip
        for fd in {theirs, output}:
            os.close(fd)
        self._read(True)

    def _pair(self) -> tuple[int, int]:
        ours, theirs = os.openpty()
        set_size(ours, *SIZE)
        os.set_blocking(ours, False)
        self._masters.append(ours)
        return ours, theirs

    def _read(self, on: bool) -> None:
        if on:
            self._loop.add_reader(self._out, self._readable)
        else:
            self._loop.remove_reader(self._out)

    def _readable(self) -> None:
        try:
            data = os.read(self._out, 65536)
        except OSError:
            data = b""
        if data:
            self.engine.feed(data)
        else:
            self._read(False)

    @property
    def screen(self) -> str:
        """The text on the screen."""
        return self.engine.text(False)

    async def shows(self, *texts: str) -> None:
        """Wait until one of these texts is on the screen."""
        try:
            await until(lambda: any(text in self.screen for text in texts), "", 30)
        except AssertionError:
            raise AssertionError(f"not on the terminal: {texts!r}\n{self.screen}") from None

    def keys(self, text: str) -> None:
        """Type."""
        os.write(self._in, text.encode())

    @property
    def app(self) -> int:
        """The process id of the program itself."""
        begins = f"{sys.executable} -m ecs_tui "
        return min(pid for pid, args in processes(self.mark).items() if args.startswith(begins))

    async def lose(self) -> None:
        """Take the terminal away."""
        app = self.app
        if self.cause == "closed":
            self._close(self._in)
        elif self.cause == "signals":
            os.killpg(app, signal.SIGHUP)
            os.killpg(app, signal.SIGCONT)
        elif self.cause == "input-ends":
            self._close(self._in)
        elif self.cause == "output-fails":
            self._close(self._out)
            self.keys("\x0c")  # something to draw, as any second brings it
        elif self.cause == "term-unread":
            await self._fill()
            os.kill(app, signal.SIGTERM)
        elif self.cause == "killed":
            os.killpg(self.child.pid, signal.SIGKILL)
        else:
            argv = ["tmux", "-L", self.mark, "kill-session"]
            await asyncio.to_thread(subprocess.run, argv, check=True, capture_output=True)

    async def end_by_loss(self, least: int = 0) -> None:
        """Take the terminal away; the program and all that it started end within `END_SECONDS`.

        Args:
            least: How many processes must have been running before, the program among them.
        """
        app, ours = self.app, [*processes(self.mark)]
        seen = sum(FORKS not in args for args in processes(self.mark).values())
        assert seen >= least, f"only {seen} processes are seen"
        await self.lose()
        await until(lambda: not living([app]), "the program ends", END_SECONDS)
        await until(lambda: not living(ours), "what it started ends", END_SECONDS)
        await until(lambda: not processes(self.mark), "nothing of it is left", END_SECONDS)

    async def _fill(self) -> None:
        """Stop reading, and make the program draw until the terminal is full."""
        self._read(False)
        room = struct.pack("i", 0)
        while struct.unpack("i", fcntl.ioctl(self._out, termios.FIONREAD, room))[0] < _FULL:
            # The program draws after a change of size, whatever has the focus.
            set_size(self._out, SIZE[0] - 1, SIZE[1])
            set_size(self._out, *SIZE)
            await asyncio.sleep(0.01)

    def _close(self, fd: int) -> None:
        if fd == self._out:
            self._read(False)
        self._masters.remove(fd)
        os.close(fd)

    def end(self) -> None:
        """Kill what is left, and close the terminal."""
        self._read(False)
        with contextlib.suppress(ProcessLookupError):
            for pid in processes(self.mark):
                os.kill(pid, signal.SIGKILL)
        if self.cause == "tmux":
            argv = ["tmux", "-L", self.mark, "kill-server"]
            subprocess.run(argv, check=False, capture_output=True)
        for fd in self._masters:
            os.close(fd)
        self.child.wait()


def possible(cause: str) -> bool:
    """Whether a terminal can be lost in this way on this machine."""
    return cause != "tmux" or shutil.which("tmux") is not None
