"""A terminal of any type that runs a program: its bytes, its screen, the exit status."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence

from ecs_tui.system.pty import PtyProcess
from ecs_tui.terminal.engines.make import make_engine
from ecs_tui.terminal.protocol import Style
from tests.support.cells import cells_of
from tests.support.limits import limit, until

SIZE = (110, 34)
HOME, PAGE_DOWN = "\x1b[H", "\x1b[6~"


class OuterTerminal:
    """A PTY that keeps every byte sent to it.

    Attributes:
        engine: The terminal engine that has read all of `raw`.
        raw: All bytes sent to the terminal.
        status: The program's exit status, None while it runs.
        pty: The program on the PTY.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        *,
        size: tuple[int, int] = SIZE,
        cwd: str | None = None,
    ) -> None:
        """Start a program.

        Args:
            argv: Its command line.
            environment: Its variables; PATH, HOME and the XDG folders of this process are added.
            size: (columns, lines) of the terminal.
            cwd: Its working directory.
        """
        places = {key: value for key, value in os.environ.items() if key.startswith("XDG_")}
        base = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **places}
        self.size = size
        self.raw = bytearray()
        self.status: int | None = None
        self.engine = make_engine("auto", *size, 100)
        if cwd is not None:
            argv = ["/bin/sh", "-c", 'cd "$0" && exec "$@"', cwd, *argv]
        self.pty = PtyProcess(argv, base | dict(environment), self._output, self._ended, *size)

    def _output(self, data: bytes) -> None:
        self.raw += data
        self.engine.feed(data)

    def _ended(self, status: int) -> None:
        self.status = status

    @property
    def screen(self) -> str:
        """The text on the screen."""
        return self.engine.text(False)

    def keys(self, text: str) -> None:
        """Type."""
        self.pty.write(text.encode())

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the terminal, as a window manager does."""
        self.size = (columns, lines)
        self.engine.resize(columns, lines)
        self.pty.resize(columns, lines)

    async def shows(self, *texts: str, deadline: float = 30) -> None:
        """Wait until all of these are on the screen."""
        try:
            await until(lambda: all(text in self.screen for text in texts), "", deadline)
        except AssertionError:
            raise AssertionError(f"not on the terminal: {texts!r}\n{self.screen}") from None

    async def shows_not(self, text: str, deadline: float = 30) -> None:
        """Wait until this is not on the screen."""
        try:
            await until(lambda: text not in self.screen, "", deadline)
        except AssertionError:
            raise AssertionError(f"still on the terminal: {text!r}\n{self.screen}") from None

    async def pages_to(self, text: str, deadline: float = 30) -> None:
        """Page down in a text until `text` is on the screen.

        Pages typed while a text is still opening are taken at once and may pass it: at the end
        of the text, where a page changes nothing, it starts again at the top.
        """
        end = time.monotonic() + limit(deadline)
        while text not in self.screen:
            before = self.screen
            self.keys(PAGE_DOWN)
            try:
                await until(lambda before=before: self.screen != before, "", 1)  # type: ignore[misc]
            except AssertionError:
                self.keys(HOME)
            if time.monotonic() > end:
                raise AssertionError(f"no page shows {text!r}\n{self.screen}")

    async def ends(self) -> int:
        """Wait until the program has ended; returns its exit status."""
        try:
            await until(lambda: self.status is not None, "", 60)
        except AssertionError:
            raise AssertionError(f"it does not end\n{self.screen}") from None
        assert self.status is not None
        return self.status

    def cells(self) -> list[list[tuple[str, Style]]]:
        """Text and style of each cell, line by line."""
        engine = make_engine("auto", *self.size, 0)
        engine.feed(bytes(self.raw))
        return cells_of(engine)

    def close(self) -> None:
        """Kill the program if it still runs, and close the PTY."""
        self.pty.signal(signal.SIGKILL)
        self.pty.close()
