"""What is typed at the terminal arrives in the container: the real program on a PTY, into `cat`."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ecs_tui.pty import PtyProcess
from tests.keytable import kitty, legacy
from tests.support import Demo, sample, until
from tests.test_end_to_end import Outer, into_a_shell

pytestmark = pytest.mark.asyncio
BATCH = 40
"""Keys on their way at once: less than what a slow machine keeps in its queues."""


class Typist:
    """Types into a program that copies all its input to a file."""

    def __init__(self, pty: PtyProcess, file: Path) -> None:
        self.pty, self.file = pty, file
        self._taken = 0

    async def type(self, keys: Sequence[bytes], *, split: bool = False) -> list[bytes]:
        """What arrives for each key; `split`: each byte is written by itself."""
        found: list[bytes] = []
        for start in range(0, len(keys), BATCH):
            batch = keys[start : start + BATCH]
            for number, key in enumerate(batch, start):
                parts = [key[n : n + 1] for n in range(len(key))] if split else [key]
                for part in [*parts, b"|%d!" % number]:
                    self.pty.write(part)
                    await asyncio.sleep(0)
            found += await self._arrived(start, len(batch))
        return found

    async def _arrived(self, start: int, count: int) -> list[bytes]:
        last = b"|%d!" % (start + count - 1)
        try:
            await until(lambda: last in self.file.read_bytes()[self._taken :], "", 20)
        except AssertionError:
            raise AssertionError(f"{last!r} is not in {self.file.read_bytes()[-300:]!r}") from None
        data, found, at = self.file.read_bytes()[self._taken :], [], 0
        for number in range(start, start + count):
            marker = b"|%d!" % number
            end = data.index(marker, at)
            found.append(data[at:end])
            at = end + len(marker)
        self._taken += at
        return found

    async def gets(self, data: bytes) -> None:
        """Exactly these bytes arrive next."""
        end = self._taken + len(data)
        try:
            await until(lambda: self.file.stat().st_size >= end, "", 20)
        finally:
            assert self.file.read_bytes()[self._taken :] == data
        self._taken = end


@asynccontextmanager
async def typist(
    demo: Demo, folder: Path, *flags: str, before: str = "", within: Sequence[str] = ()
) -> AsyncIterator[tuple[Outer, Typist]]:
    """The program on a PTY, in a shell whose terminal is raw and whose input goes to a file."""
    file = folder / "typed"
    outer = Outer(
        # Long enough that no pause between two bytes of a sequence makes two keys of it.
        {**demo.environment, "TERM": "xterm-256color", "ESCDELAY": "500"},
        "--plugin", "builtin", "--cluster", "prod", *flags, within=within,
    )  # fmt: skip
    try:
        await into_a_shell(outer)
        outer.keys(f"stty raw -echo; printf '{before}now ty''ping\\n'; exec cat > {file}\r")
        await outer.shows("now typing")
        await until(file.exists, "cat has started")
        yield outer, Typist(outer.pty, file)
    finally:
        outer.pty.signal(signal.SIGTERM)
        await until(lambda: outer.status is not None, "it ends")
        outer.pty.close()


def kill_tmux(name: str) -> None:
    argv = ["tmux", "-L", name, "kill-server"]
    subprocess.run(argv, check=False, capture_output=True)


def differences(keys: Sequence[tuple[str, bytes]], found: list[bytes]) -> list[str]:
    return [
        f"{name}: {got!r}, not {sent!r}"
        for (name, sent), got in zip(keys, found, strict=True)
        if got != sent
    ]


@pytest.mark.exhaustive
@pytest.mark.parametrize("split", [False, True], ids=["whole", "bytes"])
async def test_every_key_arrives_as_it_was_sent(demo: Demo, tmp_path: Path, split: bool) -> None:
    keys = sample(legacy(), 250)
    async with typist(demo, tmp_path) as (_, hands):
        found = await hands.type([data for _, data in keys], split=split)
        assert differences(keys, found) == []


@pytest.mark.exhaustive
async def test_a_terminal_that_speaks_the_kitty_protocol_types_the_same(
    demo: Demo, tmp_path: Path
) -> None:
    keys = sample(kitty(), 150)
    async with typist(demo, tmp_path) as (outer, hands):
        assert b"\x1b[>5u" in outer.raw, "it is asked to"
        found = await hands.type([sent for _, sent, _ in keys])
        assert differences([(name, data) for name, _, data in keys], found) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("split", [False, True], ids=["whole", "bytes"])
async def test_within_tmux_every_key_arrives_as_tmux_passes_it_on(
    demo: Demo, tmp_path: Path, split: bool
) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    conf, plain = tmp_path / "tmux.conf", tmp_path / "plain"
    conf.write_text("set -g prefix None\nset -sg escape-time 500\nset -g status off\nunbind -a\n")

    def tmux(name: str) -> list[str]:
        return ["tmux", "-L", f"{tmp_path.name}-{name}", "-f", str(conf), "-u", "new-session"]

    keys = [data for _, data in sample(legacy(), 120)]
    reference = PtyProcess(
        [*tmux("plain"), f"stty raw -echo; exec cat > {plain}"],
        {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        lambda data: None, lambda status: None, 110, 34,
    )  # fmt: skip
    try:
        await until(plain.exists, "tmux has started")
        expected = await Typist(reference, plain).type(keys, split=split)
        async with typist(demo, tmp_path, within=tmux("inner")) as (_, hands):
            found = await hands.type(keys, split=split)
        rows = [(repr(key), data) for key, data in zip(keys, expected, strict=True)]
        assert differences(rows, found) == []
        assert sum(key == data for key, data in zip(keys, expected, strict=True)) > len(keys) / 2
    finally:
        for name in ("plain", "inner"):
            kill_tmux(f"{tmp_path.name}-{name}")
        reference.close()


async def test_what_the_terminal_reports_is_not_typed_and_the_prefix_is_taken_out(
    demo: Demo, tmp_path: Path
) -> None:
    async with typist(demo, tmp_path) as (outer, hands):
        outer.keys("\x1b[?62;22c\x1b[0n\x1b[?5u\x1b]11;rgb:0/0/0\x1b\\\x1bP>|XTerm(390)\x1b\\")
        outer.keys("\x1b[I\x1b[?2026;2$y\x1b[<35;3;3M\x1b[24;80R")
        outer.keys(":wq\x1b:wq\x11\x03\x1b[113;5u")  # ctrl+q is the shell's too
        await hands.gets(b":wq\x1b:wq\x11\x03\x11")
        for prefix in ("\x1d", "\x1b[24~", "\x1b[93;5u"):
            outer.keys(f"{prefix}l")
            await outer.shows("ctrl+] dock (1)")
            outer.keys(f"{prefix}")  # the list's way back
            await outer.shows("ctrl+] or f12 then a key")
            outer.keys(f"a{prefix}{prefix}b")
            await hands.gets(b"a" + (b"\x1b[24~" if "24" in prefix else b"\x1d") + b"b")
        outer.keys("\x1b\x1dl")  # Esc and the prefix, typed fast
        await outer.shows("ctrl+] dock (1)")
        await hands.gets(b"\x1b")


async def test_cursor_keys_follow_the_program(demo: Demo, tmp_path: Path) -> None:
    async with typist(demo, tmp_path, before=r"\033[?1h") as (_, hands):
        found = await hands.type([b"\x1b[A", b"\x1b[1;5A", b"\x1b[1;129H", b"\x1b[3~"])
        assert found == [b"\x1bOA", b"\x1b[1;5A", b"\x1bOH", b"\x1b[3~"]


NBSP = "rm\u00a0-i\u00a0a\u3000b\u202fc\u200dd\U0001fae8"


async def test_pastes_without_brackets(demo: Demo, tmp_path: Path) -> None:
    async with typist(demo, tmp_path) as (outer, hands):
        outer.keys(f"\x1b[200~{NBSP}\x1b[201~")
        await hands.gets(NBSP.encode())
        for end in ("\r", "\n", "\r\n"):
            outer.keys(f"\x1b[200~echo one{end}echo two{end}\x1b[201~")
            await outer.shows("Paste 2 lines into")
            await outer.shows("each line runs at once")
            await outer.shows("echo one")
            outer.keys("\r")  # no answer
            outer.keys("y")
            await hands.gets(b"echo one\recho two\r")
            await until(lambda: "Paste 2 lines" not in outer.engine.text(False), "closed")
        outer.keys("\x1b[200~a\x03b\x1b[201~")
        await outer.shows("a␃b")
        outer.keys("n")
        await until(lambda: "a␃b" not in outer.engine.text(False), "closed")
        outer.keys("after")
        await hands.gets(b"after")


async def test_pastes_with_brackets(demo: Demo, tmp_path: Path) -> None:
    async with typist(demo, tmp_path, before=r"\033[?2004h") as (outer, hands):
        outer.keys(f"\x1b[200~{NBSP}\recho two\r\x1b[201~")
        await hands.gets(f"\x1b[200~{NBSP}\recho two\r\x1b[201~".encode())
        outer.keys("\x1b[200~echo a\x03\rid\r\x1b[201~")
        await outer.shows("1 control character")
        await outer.shows("echo a␃")
        outer.keys("y")
        await hands.gets(b"\x1b[200~echo a\x03\rid\r\x1b[201~")


async def test_the_list_is_reached_by_mouse_whatever_the_program_asks_for(
    demo: Demo, tmp_path: Path
) -> None:
    async with typist(demo, tmp_path, before=r"\033[?1003h\033[?1006h") as (outer, _):
        lines = outer.engine.text(False).split("\n")
        y = next(n for n, line in enumerate(lines) if "envoy" in line) + 1
        outer.keys(f"\x1b[<0;5;{y}M\x1b[<0;5;{y}m")
        await outer.shows("ctrl+] dock (1)")


async def test_another_prefix_is_shown_everywhere(demo: Demo, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('prefix = "ctrl+t"\n')
    async with typist(demo, tmp_path, "--config", str(config)) as (outer, hands):
        await outer.shows("ctrl+t then a key")
        outer.keys("\x1d\x14")
        await outer.shows("send ctrl+t")
        outer.keys("\x14")
        await hands.gets(b"\x1d\x14")
        outer.keys("\x14l?")  # typed faster than the focus moves, and yet not into the shell
        polls = 0

        def turned_to_the_shells() -> bool:
            nonlocal polls
            polls += 1
            if polls % 30 == 0:
                outer.keys("\x1b[6~")
            return "except ctrl+t and then" in outer.engine.text(False)

        await until(turned_to_the_shells, "the keys of the shells")
        outer.keys("\x1b")
        await until(lambda: "except ctrl+t" not in outer.engine.text(False), "help is closed")
        outer.keys("\x14")
        await outer.shows("ctrl+t then a key")
        outer.keys("\x14")
        await outer.shows("ctrl+t, a key")
        outer.keys("\x14end")
        await hands.gets(b"\x14end")


async def test_a_wrong_prefix_is_refused_at_the_start(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('prefix = "ctrl+i"\n')
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ecs_tui", "--config", str(config), stderr=subprocess.PIPE
    )
    _, words = await child.communicate()
    assert child.returncode == 2
    assert b"prefix is 'ctrl+i'. ctrl+i is tab. Expected: ctrl+ and a letter" in words
    assert b"Traceback" not in words
