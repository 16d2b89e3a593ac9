"""Keys typed at the terminal of the program, and the bytes that arrive in its shell."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from ecs_tui.system.pty import PtyProcess
from tests.support.demo import Demo
from tests.support.limits import until
from tests.support.program_terminal import ProgramTerminal, into_a_shell

BATCH = 40
"""Keys written before their arrival is awaited: few enough for every queue on their way."""
BATCH_SECONDS = 0.15
"""Seconds between the first and the last byte of a key, above which it may arrive as several."""
_RESET = "\x1b[?1;1000;1003;1004;1006;1049;2004l\x1b[=0u\x1b[m\x1b[2J\x1b[H"


class Typist:
    """Types at a terminal whose program copies its input to a file."""

    def __init__(self, pty: PtyProcess, file: Path) -> None:
        self.pty, self.file = pty, file
        self._taken = 0
        self._number = 0

    async def type(self, keys: Sequence[bytes], *, split: bool = False) -> list[bytes]:
        """Type keys.

        Args:
            keys: The bytes of each.
            split: Whether each byte is written by itself.

        Returns:
            The bytes that arrived for each key.
        """
        found: list[bytes] = []
        for start in range(0, len(keys), BATCH):
            found += await self._batch(keys[start : start + BATCH], split)
        return found

    async def _batch(self, keys: Sequence[bytes], split: bool) -> list[bytes]:
        first, late = self._number, []
        for index, key in enumerate(keys):
            parts = [key[n : n + 1] for n in range(len(key))] if split else [key]
            started = time.monotonic()
            for part in [*parts, b"|%d!" % self._number]:
                self.pty.write(part)
                await asyncio.sleep(0)
            if split and time.monotonic() - started > BATCH_SECONDS:
                late.append(index)  # this process had to wait for the processor: type it again
            self._number += 1
        found = await self._arrived(first)
        for index in late:
            (found[index],) = await self._batch([keys[index]], split)
        return found

    async def _arrived(self, first: int) -> list[bytes]:
        last = b"|%d!" % (self._number - 1)
        try:
            await until(lambda: last in self._new, "", 20)
        except AssertionError:
            raise AssertionError(f"{last!r} is not in {self.file.read_bytes()[-300:]!r}") from None
        data, found, at = self._new, [], 0
        for number in range(first, self._number):
            marker = b"|%d!" % number
            end = data.index(marker, at)
            found.append(data[at:end])
            at = end + len(marker)
        self._taken += at
        return found

    @property
    def _new(self) -> bytes:
        return self.file.read_bytes()[self._taken :]

    async def gets(self, data: bytes) -> None:
        """Check that exactly these bytes arrive next."""
        try:
            await until(lambda: len(self._new) >= len(data), "", 20)
        finally:
            assert self._new == data
        self._taken += len(data)

    def skip(self) -> None:
        """Ignore the bytes that have arrived so far."""
        self._taken = self.file.stat().st_size


class Program:
    """The program with a shell in front that copies its input to a file, its terminal in raw mode.

    Args:
        demo: The account.
        folder: Where the files go.
        flags: Of `ecs-tui`.
        within: A command line that runs the program, such as that of tmux.
        escape_wait: Milliseconds for which the program waits for the rest of a sequence after Esc.
            The default is long, so that a busy machine does not make two keys of one.
    """

    def __init__(
        self,
        demo: Demo,
        folder: Path,
        *flags: str,
        within: Sequence[str] = (),
        escape_wait: int = 500,
    ) -> None:
        self._name = uuid.uuid4().hex
        self.file = folder / f"typed-{self._name}"
        self._tty = folder / f"tty-{self._name}"
        self.outer = ProgramTerminal(
            {**demo.environment, "TERM": "xterm-256color", "ESCDELAY": str(escape_wait)},
            "--plugin", "builtin", "--cluster", "prod", *flags, within=within,
        )  # fmt: skip
        self.typist = Typist(self.outer.pty, self.file)
        self._pages = 0

    async def start(self) -> None:
        """Open the shell."""
        await into_a_shell(self.outer)
        self.outer.keys(f"stty raw -echo; tty >{self._tty}; >{self.file}; exec cat >{self.file}\r")
        await until(self.file.exists, "cat has started")

    async def page(self, text: str = "", modes: str = "") -> None:
        """Reset the shell's screen, set `modes`, print `text`, and wait until that is drawn."""
        self._pages += 1
        mark = f"page {self._pages} of {self._name[:4]}"
        data = f"{_RESET}{modes}{text}\r\n{mark}".encode()
        fd = os.open(self._tty.read_text().strip(), os.O_WRONLY | os.O_NOCTTY)
        try:
            os.write(fd, data)
        finally:
            os.close(fd)
        await self.outer.shows(mark)

    async def answers(self) -> bool:
        """Whether a typed word arrives; earlier bytes are ignored from then on."""
        word = f"<{uuid.uuid4().hex}>".encode()
        self.outer.pty.write(word)
        try:
            await until(lambda: self.file.read_bytes().endswith(word), "", 5)
        except AssertionError:
            return False
        self.typist.skip()
        return True

    async def end(self) -> None:
        """End the program with SIGTERM."""
        self.outer.pty.signal(signal.SIGTERM)
        await self.outer.ends()
        self.outer.pty.close()


def kill_tmux(name: str) -> None:
    """Kill the tmux server with this socket name."""
    argv = ["tmux", "-L", name, "kill-server"]
    subprocess.run(argv, check=False, capture_output=True)


def differences(keys: Sequence[tuple[str, bytes]], found: list[bytes]) -> list[str]:
    """The keys for which other bytes arrived than were sent."""
    return [
        f"{name}: {got!r}, not {sent!r}"
        for (name, sent), got in zip(keys, found, strict=True)
        if got != sent
    ]
