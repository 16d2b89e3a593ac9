"""Keys typed at the terminal arrive in the container: the program on a PTY, into `cat`."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ecs_tui.system.pty import PtyProcess
from ecs_tui.terminal.driver import KITTY_FLAGS
from ecs_tui.terminal.input import PASTE_SECONDS
from tests.support.demo import Demo
from tests.support.keytable import kitty, legacy
from tests.support.limits import sample, until
from tests.support.typist import Program, Typist, differences, kill_tmux

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def started(demo: Demo, folder: Path, *flags: str, **more: Any) -> Program:
    """Start a program with a shell; it is ended if that fails."""
    made = Program(demo, folder, *flags, **more)
    try:
        await made.start()
    except BaseException:
        await made.end()
        raise
    return made


class Shared:
    """One program for all tests of this module; a new one after a test that has broken it."""

    def __init__(self, demo: Demo, folder: Path) -> None:
        self._demo, self._folder = demo, folder
        self._program: Program | None = None

    async def ready(self) -> Program:
        """The program, with an empty screen and no modes set; typed keys arrive."""
        program = self._program
        if program is not None and program.outer.status is None and await program.answers():
            await program.page()
            return program
        await self.end()
        program = await started(self._demo, self._folder)
        self._program = program
        await program.page()
        return program

    async def end(self) -> None:
        """End it."""
        program, self._program = self._program, None
        if program is not None:
            await program.end()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shared]:
    made = Shared(demo, tmp_path_factory.mktemp("typed"))
    yield made
    await made.end()


@pytest_asyncio.fixture(loop_scope="module")
async def program(shared: Shared) -> Program:
    return await shared.ready()


@asynccontextmanager
async def another(demo: Demo, folder: Path, *flags: str, **more: Any) -> AsyncIterator[Program]:
    """A program for one test."""
    made = await started(demo, folder, *flags, **more)
    try:
        yield made
    finally:
        await made.end()


# -- the tables


@pytest.mark.exhaustive
@pytest.mark.parametrize("split", [False, True], ids=["whole", "bytes"])
async def test_every_key_arrives_as_it_was_sent(program: Program, split: bool) -> None:
    keys = sample(legacy(), 120)
    found = await program.typist.type([data for _, data in keys], split=split)
    assert differences(keys, found) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize("split", [False, True], ids=["whole", "bytes"])
async def test_a_terminal_that_speaks_the_kitty_protocol_types_the_same(
    program: Program, split: bool
) -> None:
    keys = sample(kitty(), 120)
    assert f"\x1b[>{KITTY_FLAGS}u".encode() in program.outer.raw, "it is asked to"
    found = await program.typist.type([sent for _, sent, _ in keys], split=split)
    assert differences([(name, data) for name, _, data in keys], found) == []


@pytest.mark.exhaustive
async def test_within_tmux_every_key_arrives_as_tmux_passes_it_on(
    demo: Demo, tmp_path: Path
) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    conf, plain, name = tmp_path / "tmux.conf", tmp_path / "plain", uuid.uuid4().hex
    # On a busy machine the bytes of a key may be far apart, hence the long escape-time. Keys within
    # assume-paste-time would be passed on without being parsed.
    conf.write_text(
        "set -g prefix None\nset -sg escape-time 9000\nset -g assume-paste-time 0\n"
        "set -g status off\nunbind -a\n"
    )

    def tmux(which: str) -> list[str]:
        return ["tmux", "-L", f"{name}-{which}", "-f", str(conf), "-u", "new-session"]

    keys = [data for _, data in sample(legacy(), 80)]
    reference = PtyProcess(
        [*tmux("plain"), f"stty raw -echo; exec cat > {plain}"],
        {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        lambda data: None, lambda status: None, 110, 34,
    )  # fmt: skip
    try:
        await until(plain.exists, "tmux has started")
        typist = Typist(reference, plain)
        async with another(demo, tmp_path, within=tmux("inner")) as program:
            expected = await typist.type(keys)
            same = sum(key == data for key, data in zip(keys, expected, strict=True))
            assert same > len(keys) / 2
            wanted = list(zip(map(repr, keys), expected, strict=True))
            assert differences(wanted, await program.typist.type(keys)) == []
            # tmux 3.3a takes ESC O for Alt+O at once, whatever its escape-time, where the bytes that
            # it reads at once end behind the O: such a key may also arrive as it was sent.
            found = await program.typist.type(keys, split=True)
            wanted = [
                (name, got if got == key and b"\x1bO" in key else whole)
                for (name, whole), key, got in zip(wanted, keys, found, strict=True)
            ]
            assert differences(wanted, found) == []
    finally:
        for which in ("plain", "inner"):
            kill_tmux(f"{name}-{which}")
        reference.close()


# -- keys that were once lost or changed


KEYS = {
    "Alt+b": b"\x1bb",
    "Alt+.": b"\x1b.",
    "Alt+1": b"\x1b1",
    "Alt+=": b"\x1b=",
    "Alt+Enter": b"\x1b\r",
    "Alt+Backspace": b"\x1b\x7f",
    "Alt+[": b"\x1b[",
    "ctrl+h": b"\x08",
    "Esc :wq in one write": b"\x1b:wq",
    "Esc 1G in one write": b"\x1b1G",
}


@pytest.mark.parametrize("name", KEYS)
async def test_this_key_arrives(program: Program, name: str) -> None:
    program.outer.pty.write(KEYS[name])
    await program.typist.gets(KEYS[name])


async def test_what_the_terminal_reports_is_not_typed_and_the_prefix_is_taken_out(
    program: Program,
) -> None:
    outer, typist = program.outer, program.typist
    outer.keys("\x1b[?62;22c\x1b[0n\x1b[?5u\x1b]11;rgb:0/0/0\x1b\\\x1bP>|XTerm(390)\x1b\\")
    outer.keys("\x1b[I\x1b[?2026;2$y\x1b[<35;3;3M\x1b[24;80R")
    outer.keys(":wq\x1b:wq\x11\x03\x1b[113;5u")  # ctrl+q goes to the shell too
    await typist.gets(b":wq\x1b:wq\x11\x03\x11")
    for prefix in ("\x1d", "\x1b[24~", "\x1b[93;5u"):
        outer.keys(f"{prefix}l")
        await outer.shows("ctrl+] shells (1)")
        outer.keys(f"{prefix}")  # back from the list
        await outer.shows("ctrl+] or f12 for commands")
        outer.keys(f"a{prefix}{prefix}b")
        await typist.gets(b"a" + (b"\x1b[24~" if "24" in prefix else b"\x1d") + b"b")
    outer.keys("\x1b\x1dl")  # Esc and the prefix, typed fast
    await outer.shows("ctrl+] shells (1)")
    await typist.gets(b"\x1b")
    outer.keys("\x1d")
    await outer.shows("ctrl+] or f12 for commands")


@pytest.mark.parametrize("begun", ["\x1b", "\x1b["], ids=ascii)
async def test_a_sequence_that_a_slow_line_cuts_is_not_typed(program: Program, begun: str) -> None:
    outer, typist = program.outer, program.typist
    for whole in ("\x1b[<35;3;3M", "\x1b[?62;22c"):
        outer.keys(begun)
        await typist.gets(begun.encode())  # the rest has not come in time
        outer.keys(whole.removeprefix(begun))
        outer.keys("x")
        await typist.gets(b"x")
    outer.keys(begun)
    await typist.gets(begun.encode())
    outer.keys("\x1b[200~echo one\recho two\r\x1b[201~".removeprefix(begun))
    await outer.shows("Paste 2 lines into")
    outer.keys("n")
    await gone(program, "Paste 2 lines")
    outer.keys("x")
    await typist.gets(b"x")


async def test_cursor_keys_follow_the_program(program: Program) -> None:
    await program.page(modes="\x1b[?1h")
    found = await program.typist.type([b"\x1b[A", b"\x1b[1;5A", b"\x1b[1;129H", b"\x1b[3~"])
    assert found == [b"\x1bOA", b"\x1b[1;5A", b"\x1bOH", b"\x1b[3~"]


async def test_the_list_is_reached_by_mouse_whatever_the_program_asks_for(
    program: Program,
) -> None:
    outer = program.outer
    await program.page(modes="\x1b[?1003h\x1b[?1006h")
    lines = outer.screen.split("\n")
    y = next(n for n, line in enumerate(lines) if "envoy" in line) + 1
    outer.keys(f"\x1b[<0;5;{y}M\x1b[<0;5;{y}m")
    await outer.shows("ctrl+] shells (1)")
    outer.keys("\x1d")
    await outer.shows("ctrl+] or f12 for commands")


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep the processor busy with so many other processes."""
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for each in load:
            each.kill()
            each.wait()


@pytest.mark.exhaustive
async def test_a_lone_escape_arrives_alone_on_a_busy_machine(demo: Demo, tmp_path: Path) -> None:
    with busy(len(sample(range(2 * (os.cpu_count() or 1)), 1))):
        async with another(demo, tmp_path, escape_wait=25) as program:
            for _ in sample(range(100), 5):
                program.outer.pty.write(b"\x1b")  # with nothing after it
                await program.typist.gets(b"\x1b")
            # A sequence written at once stays one key, however busy the processor is.
            keys = [b"\x1b[A", b"\x1bOP", b"\x1b[24;5~", b"\x1b[99;5u", b"\x1bb"] * 8
            found = await program.typist.type(keys)
            assert found == [b"\x03" if key.endswith(b"u") else key for key in keys]


# -- pastes


BLANKS = "rm\u00a0-i\u00a0a\u3000b\u202fc\u200dd\u200ce\u00adf\U0001fae8\U0001cc00"
"""No-break, ideographic and narrow spaces, joiners, a soft hyphen, Unicode 15 and 16."""


async def gone(program: Program, text: str) -> None:
    await until(lambda: text not in program.outer.screen, f"{text} is closed")


async def test_blanks_and_new_characters_pasted_without_brackets(program: Program) -> None:
    program.outer.keys(f"\x1b[200~{BLANKS}\x1b[201~")
    await program.typist.gets(BLANKS.encode())


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CRLF"])
async def test_two_lines_pasted_without_brackets(program: Program, end: str) -> None:
    outer = program.outer
    outer.keys(f"\x1b[200~echo one{end}echo two{end}\x1b[201~")
    await outer.shows("Paste 2 lines into")
    await outer.shows("each line runs immediately")
    await outer.shows("echo one")
    outer.keys("\r")  # no answer
    outer.keys("y")
    await program.typist.gets(b"echo one\recho two\r")
    await gone(program, "Paste 2 lines")


async def test_a_control_character_pasted_without_brackets(program: Program) -> None:
    program.outer.keys("\x1b[200~a\x03b\x1b[201~")
    await program.outer.shows("a␃b")
    program.outer.keys("n")
    await gone(program, "a␃b")
    program.outer.keys("after")
    await program.typist.gets(b"after")


async def test_pastes_with_brackets(program: Program) -> None:
    await program.page(modes="\x1b[?2004h")
    program.outer.keys(f"\x1b[200~{BLANKS}\recho two\r\x1b[201~")
    await program.typist.gets(f"\x1b[200~{BLANKS}\recho two\r\x1b[201~".encode())
    program.outer.keys("\x1b[200~echo a\x03\rid\r\x1b[201~")
    await program.outer.shows("1 control character")
    await program.outer.shows("echo a␃")
    program.outer.keys("y")
    await program.typist.gets(b"\x1b[200~echo a\x03\rid\r\x1b[201~")
    await gone(program, "1 control character")


async def test_a_paste_without_an_end_is_asked_about_and_its_rest_is_not_typed(
    program: Program,
) -> None:
    await program.page(modes="\x1b[?2004h")
    outer = program.outer
    outer.keys("\x1b[200~echo one")
    started = time.monotonic()
    await outer.shows("did not send the end")
    assert time.monotonic() - started >= PASTE_SECONDS
    await outer.shows("Paste this line into")
    outer.keys("\recho two\ry\x1b[201~")
    await outer.shows("Paste 3 lines into")
    outer.keys("\x1b[200~another\x1b[201~")
    await outer.shows("Answer this question before")
    outer.keys("y")
    await program.typist.gets(b"\x1b[200~echo one\recho two\ry\x1b[201~")
    await gone(program, "Paste 3 lines")
    outer.keys("\x1b[200~echo one")
    await outer.shows("did not send the end")
    outer.keys("n")
    await gone(program, "did not send the end")
    outer.keys("\rrm a\rrm b\r\x1b[201~")  # late, after the answer
    await outer.shows("did not send the end")
    await outer.shows("rm a")
    outer.keys("n")
    await gone(program, "did not send the end")
    outer.keys("z")
    await program.typist.gets(b"z")


# -- what is drawn


DRAWN = {
    "Powerline": "\ue0b0 main \ue0b1",
    "Nerd Font, plane 15": "\U000f0219 file",
    "newer than Unicode 14": "\U0001fae8 x",
    "joined": "\U0001f469\u200d\U0001f4bb x",
    "zero-width space": "zero\u200bwidth",
    "soft hyphen": "so\u00adft",
    "combining": "e\u0301cole",
}


@pytest.mark.parametrize("name", DRAWN)
async def test_this_text_is_drawn_as_it_is(program: Program, name: str) -> None:
    edge = "|the end of the line" + "." * 40 + "!"  # nothing is cut off
    await program.page(text=DRAWN[name] + edge)
    lines = program.outer.screen.split("\n")
    assert any(DRAWN[name] + edge in line for line in lines), "\n".join(lines)


# The last test that shares the program: its message stays on the screen for 20 seconds.
async def test_a_paste_that_is_too_long_is_refused(program: Program) -> None:
    program.outer.keys("\x1b[200~" + "x" * (5 * 1024 * 1024) + "\x1b[201~")
    await program.outer.shows("has 5.0 MiB, the limit is 4 MiB")
    program.outer.keys("z")
    await program.typist.gets(b"z")


# -- the prefix


async def test_another_prefix_is_shown_everywhere(demo: Demo, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('prefix = "ctrl+t"\n')
    async with another(demo, tmp_path, "--config", str(config)) as program:
        outer, typist = program.outer, program.typist
        await outer.shows("ctrl+t for commands")
        outer.keys("\x1d\x14")
        await outer.shows("? all keys")
        outer.keys("\x14")
        await typist.gets(b"\x1d\x14")
        outer.keys("\x14l?")  # typed before the focus has moved, but not sent to the shell
        await outer.pages_to("In a shell, after ctrl+t")
        await outer.pages_to("Send this key to the shell.")
        outer.keys("\x1b")
        await until(lambda: "esc closes the dialog" not in outer.screen, "help is closed")
        outer.keys("\x14")
        await outer.shows("ctrl+t for commands")
        outer.keys("\x14")
        await outer.shows("ctrl+t …")
        outer.keys("\x14end")
        await typist.gets(b"\x14end")


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
