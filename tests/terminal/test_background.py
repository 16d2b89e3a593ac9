"""The theme `auto` follows the background of the terminal; its answer is typed nowhere."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecs_tui.terminal.background import QUERY
from ecs_tui.terminal.protocol import RGB
from tests.support.demo import Demo
from tests.support.limits import until
from tests.support.outer_terminal import OuterTerminal
from tests.support.program_terminal import ProgramTerminal
from tests.support.typist import Program

pytestmark = pytest.mark.asyncio
FLAGS = ("--no-cache", "--plugin", "builtin")
WHITE, BLACK = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x1b\\"
TRUE_COLOUR = {"COLORTERM": "truecolor"}


@contextlib.contextmanager
def started(demo: Demo, *flags: str, **variables: str) -> Iterator[ProgramTerminal]:
    environment = {**demo.environment, **TRUE_COLOUR, **variables}
    made = ProgramTerminal(environment, *FLAGS, *flags)
    try:
        yield made
    finally:
        made.close()


def brightness(outer: OuterTerminal) -> float:
    """The mean brightness, 0 to 1, of the cells' backgrounds; 0.5 before anything is drawn."""
    found = [
        ((style.bg >> 16 & 255) + (style.bg >> 8 & 255) + (style.bg & 255)) / 765
        for row in outer.cells()
        for _, style in row
        if style.bg & RGB and style.bg >= 0
    ]
    return sum(found) / len(found) if found else 0.5


async def asked(outer: OuterTerminal) -> None:
    await until(lambda: QUERY.encode() in outer.raw, "it asks for the background")


async def drawn(outer: OuterTerminal, *, light: bool) -> None:
    """Wait until the clusters are shown, light or dark."""
    await outer.shows("prod", "staging")
    await until(lambda: (brightness(outer) > 0.6) is light, "the theme")
    assert brightness(outer) > 0.6 if light else brightness(outer) < 0.4


async def test_a_light_terminal_gets_the_light_theme(demo: Demo) -> None:
    with started(demo) as outer:
        await asked(outer)
        outer.pty.write(WHITE)
        await drawn(outer, light=True)
        assert bytes(outer.raw).count(QUERY.encode()) == 1


async def test_without_an_answer_it_is_dark_and_nothing_waits(demo: Demo) -> None:
    with started(demo) as outer:
        await drawn(outer, light=False)


@pytest.mark.parametrize(("value", "light"), [("0;15", True), ("15;0", False)])
async def test_without_an_answer_the_variable_decides(demo: Demo, value: str, light: bool) -> None:
    with started(demo, COLORFGBG=value) as outer:
        await drawn(outer, light=light)


async def test_the_answer_wins_over_the_variable(demo: Demo) -> None:
    with started(demo, COLORFGBG="0;15") as outer:
        await asked(outer)
        outer.pty.write(BLACK)
        await drawn(outer, light=False)


@pytest.mark.parametrize(("theme", "light"), [("dark", False), ("light", True)])
async def test_a_chosen_theme_asks_nothing(
    demo: Demo, tmp_path: Path, theme: str, light: bool
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[display]\ntheme = "{theme}"\n')
    with started(demo, "--config", str(config)) as outer:
        await drawn(outer, light=light)
        assert QUERY.encode() not in outer.raw
        outer.pty.write(BLACK if light else WHITE)
        outer.keys("?")
        await outer.shows("╭──")
        assert (brightness(outer) > 0.5) is light, (
            "an answer that was not asked for changes nothing"
        )


@pytest.mark.parametrize("term", ["screen-256color", "linux", "vt220"])
async def test_a_terminal_that_may_not_answer_is_not_asked(demo: Demo, term: str) -> None:
    with started(demo, TERM=term) as outer:
        await outer.shows("prod", "staging")
        assert b"]11;" not in outer.raw


async def test_an_answer_in_pieces_and_late_is_typed_nowhere(demo: Demo, tmp_path: Path) -> None:
    program = Program(demo, tmp_path)
    try:
        await program.start()
        await program.page()
        for part in (b"\x1b]11;rg", b"b:ffff/ffff/f", b"fff\x1b\\", WHITE, BLACK):
            program.outer.pty.write(part)
        program.outer.keys("end")
        await program.typist.gets(b"end")
    finally:
        await program.end()


READS_ON = """
import os, select, subprocess, sys, tty
child = subprocess.Popen(sys.argv[1:])
os.write(1, b"<pid:%d>" % child.pid)
child.wait()
tty.setraw(0)
ready, _, _ = select.select([0], [], [], 1.0)
os.write(1, b"<typed:" + (os.read(0, 100).hex().encode() if ready else b"") + b">")
"""
"""Runs a program, and then reads what was typed for the next one."""


async def test_the_next_program_does_not_get_the_answer(demo: Demo) -> None:
    argv = [sys.executable, "-c", READS_ON, sys.executable, "-m", "ecs_tui", *FLAGS]
    base = {"TERM": "xterm-256color", "LANG": "C.UTF-8", **demo.environment, **TRUE_COLOUR}
    outer = OuterTerminal(argv, base)
    try:
        await asked(outer)
        pid = re.search(rb"<pid:(\d+)>", bytes(outer.raw))
        assert pid is not None
        os.kill(int(pid[1]), signal.SIGTERM)
        outer.pty.write(WHITE)
        typed = await until(lambda: re.search(rb"<typed:([0-9a-f]*)>", bytes(outer.raw)), "")
        assert typed[1] == b""
    finally:
        outer.close()
