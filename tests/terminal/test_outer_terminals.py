"""The program on each type of terminal: what it sends, what it shows, how it leaves it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ecs_tui.terminal.protocol import NO_COLOUR, Attribute
from tests.support.demo import Demo
from tests.support.limits import EXHAUSTIVE, limit, sample, until
from tests.support.outer_bytes import LEFT_ON, beyond_vt100, keyboards, modes_on, sgr
from tests.support.outer_terminal import OuterTerminal

pytestmark = pytest.mark.asyncio
UTF8 = {"LANG": "C.UTF-8"}
TRUE = {"COLORTERM": "truecolor"}
PROGRAM = [sys.executable, "-m", "ecs_tui"]
FLAGS = ["--no-cache", "--plugin", "builtin", "--cluster", "prod"]
SIGNS = "●◐○▲✖…╭╮╰╯│─"
PALETTES = ("8", "16", "256", "24-bit")
SERVICE = "4/4 containers"


@dataclass(frozen=True)
class Kind:
    """A type of terminal.

    Attributes:
        palettes: How many of `PALETTES` it has.
        ascii: Whether nothing but ASCII may be sent.
        attributes: The SGR numbers that may be sent.
        console: Whether it is the console of Linux.
        dec: Whether it is a VT100 or VT220.
    """

    env: dict[str, str]
    palettes: int
    ascii: bool = False
    console: bool = False
    dec: bool = False
    attributes: frozenset[int] = field(default=frozenset(range(0, 30)))


def kind(term: str, palettes: int, *more: dict[str, str], **flags: bool) -> Kind:
    env = {"TERM": term}
    for part in more or (UTF8,):
        env |= part
    if term.startswith("vt"):
        return Kind(env, palettes, dec=True, attributes=frozenset({0, 1, 4, 5, 7}), **flags)
    return Kind(env, palettes, **flags)


KINDS = {
    "linux": kind("linux", 1, console=True),
    "linux COLORTERM": kind("linux", 1, UTF8, TRUE, console=True),
    "linux LANG=C": kind("linux", 1, {"LANG": "C"}, ascii=True, console=True),
    "vt100": kind("vt100", 0),
    "vt100 COLORTERM": kind("vt100", 0, UTF8, TRUE),
    "vt100 POSIX": kind("vt100", 0, {"LC_ALL": "POSIX", **UTF8}, ascii=True),
    "vt220": kind("vt220", 0),
    "screen": kind("screen", 1),
    "screen-256color": kind("screen-256color", 3),
    "screen-256color COLORTERM": kind("screen-256color", 4, UTF8, TRUE),
    "screen-256color COLORTERM in screen": kind("screen-256color", 3, UTF8, TRUE, {"STY": "1.a"}),
    "tmux-256color": kind("tmux-256color", 3),
    "tmux-256color COLORTERM": kind("tmux-256color", 4, UTF8, TRUE),
    "xterm": kind("xterm", 1),
    "xterm COLORTERM": kind("xterm", 4, UTF8, TRUE),
    "xterm-16color": kind("xterm-16color", 2),
    "xterm-256color": kind("xterm-256color", 3),
    "xterm-256color COLORTERM": kind("xterm-256color", 4, UTF8, TRUE),
    "xterm-256color NO_COLOR": kind("xterm-256color", 0, UTF8, TRUE, {"NO_COLOR": "1"}),
    "xterm-256color LANG=C": kind("xterm-256color", 3, {"LANG": "C"}, ascii=True),
    "xterm-256color LC_ALL=POSIX": kind("xterm-256color", 3, {"LC_ALL": "POSIX"}, ascii=True),
    "xterm-256color Latin-1": kind("xterm-256color", 3, {"LANG": "de_DE.ISO-8859-1"}, ascii=True),
    "xterm-256color ssh without a locale": kind("xterm-256color", 3, {}, ascii=True),
    "xterm LC_CTYPE": kind("xterm", 1, {"LANG": "C", "LC_CTYPE": "C.UTF-8"}),
}


@contextlib.contextmanager
def opened(argv: Sequence[str], env: dict[str, str]) -> Iterator[OuterTerminal]:
    made = OuterTerminal(argv, env)
    try:
        yield made
    finally:
        made.close()


def rows_that_stand_out(outer: OuterTerminal) -> list[str]:
    """The lines of which most is in reverse video, or has another background than the others."""
    found = []
    for row in outer.cells():
        looks = [(style.bg, style.attributes & Attribute.INVERSE) for _, style in row]
        usual = [look for look in looks if look[0] in (NO_COLOUR, 0) and not look[1]]
        if len(usual) < len(row) * 0.2:
            found.append("".join(char for char, _ in row).strip())
    return found


PRINTED = (
    r"printf '\303\251=\342\224\202=\346\274\242=\033[38;5;208mdye\033[0m=\033[38;2;1;200;3mtrue"
    r"\033[0m=\033[96;45mcyan\033[m=\033[3mslant\033[m=\n'"
)
SHOWN, SHOWN_ASCII = "é=│=漢=dye=true=cyan=slant=", "?=|=??=dye=true=cyan=slant="


async def walk_through(outer: OuterTerminal, kind: Kind) -> None:
    """Go through lists, a dialog, and a shell whose output uses colours that few terminals have."""
    top, corner = (
        ("+--", "--+") if kind.ascii else ("┌──", "──┐") if kind.console else ("╭──", "──╮")
    )
    await outer.shows("16/16 containers", "checkout")
    if kind.palettes <= 2:
        await until(lambda: any(SERVICE in row for row in rows_that_stand_out(outer)), "a row")
        assert len([row for row in rows_that_stand_out(outer) if "containers" not in row]) <= 1
    outer.keys("?")
    await outer.shows(top, corner)
    outer.keys("\x1b")
    await until(lambda: top not in outer.screen, "the dialog is closed")
    outer.keys(":web\r")
    await outer.shows("AGENTS", "2/2", "prod > web" if kind.ascii or kind.console else "prod › web")
    outer.keys("\r")
    await outer.shows("envoy")
    outer.keys("s")
    await outer.shows("[web/app", "#")
    outer.keys(f"{PRINTED}\r")
    await outer.shows(SHOWN_ASCII if kind.ascii else SHOWN)
    if kind.ascii:  # a flag: four cells for the engine, two for Textual
        outer.keys(r"printf '=\360\237\207\251\360\237\207\252=\n'" + "\r")
        await outer.shows("=????=")


def check_output(raw: bytes, kind: Kind) -> None:
    """Check that no sequence was sent that the terminal lacks."""
    attributes, palettes = sgr(raw)
    assert palettes <= set(PALETTES[: kind.palettes])
    assert attributes <= kind.attributes
    if kind.palettes and "NO_COLOR" not in kind.env:
        assert PALETTES[min(kind.palettes, 3) - 1] in palettes or kind.palettes == 4
        assert "24-bit" in palettes or kind.palettes < 4
    if kind.ascii:
        assert raw.isascii()
    else:
        text = raw.decode()
        assert "│" in text
        assert ("●" in text) is not kind.console
    if kind.console or kind.dec:
        cursor = [] if kind.env["TERM"] == "vt100" else [b"\x1b[?25l", b"\x1b[?25h"]
        assert not beyond_vt100(raw, *cursor)
    if kind.env["TERM"].startswith("screen"):
        assert not re.search(rb"\x1b\[[<>=][0-9;]*u|\$p", raw)
        assert (b"\x1b[?1000h" in raw) is ("STY" not in kind.env)


def left_as_found(raw: bytes) -> None:
    """Check that all modes are switched off."""
    assert modes_on(raw) == LEFT_ON
    assert keyboards(raw) == 0
    assert re.findall(rb"\x1b\[[0-9;:]*m", raw)[-1] in (b"\x1b[0m", b"\x1b[m")
    assert re.findall(rb"\x1b[=>](?![0-9])", raw)[-1] == b"\x1b>"


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sample(list(KINDS), 3))
async def test_only_what_the_terminal_has_is_sent(demo: Demo, name: str) -> None:
    kind = KINDS[name]
    with opened([*PROGRAM, *FLAGS], demo.environment | kind.env) as outer:
        await walk_through(outer, kind)
        outer.keys("\x1dl")
        await outer.shows("ctrl+] shells (1)")
        outer.keys("q")
        await outer.shows("close 1 open shell?")
        outer.keys("y")
        assert await outer.ends() == 0
        check_output(bytes(outer.raw), kind)
        left_as_found(bytes(outer.raw))


CRASHES = """
import os, sys
sys.argv[0] = "ecs-tui"
from ecs_tui.ui.table.table import ResourceTable
draw = ResourceTable.render_line
def render_line(self, y):
    if os.path.exists(os.environ["BREAKS"]):
        raise RuntimeError("cannot draw")
    return draw(self, y)
ResourceTable.render_line = render_line
from ecs_tui.cli.main import main
main()
"""
"""Start the program; drawing its list fails once a file exists."""
ENDS = {"q": 0, "SIGTERM": 128 + signal.SIGTERM, "crash": 70}
LEFT = ["linux", "vt100 POSIX", "vt220", "screen-256color", "xterm"]
LEAVINGS = (
    list(itertools.product(LEFT, ENDS))
    if EXHAUSTIVE
    else list(zip(sample(LEFT, len(ENDS)), ENDS, strict=True))
)
"""Terminals and ends; a sample has each end once."""


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "how"), LEAVINGS)
async def test_however_it_ends_nothing_is_left_switched_on(
    demo: Demo, tmp_path: Path, name: str, how: str
) -> None:
    kind, breaks = KINDS[name], tmp_path / "breaks"
    argv = [sys.executable, "-c", CRASHES, *FLAGS]
    with opened(argv, demo.environment | kind.env | {"BREAKS": str(breaks)}) as outer:
        await outer.shows("16/16 containers", "checkout")
        begins = len(outer.raw)
        if how == "q":
            outer.keys("q")
        elif how == "crash":
            breaks.touch()
            outer.keys("j")
        else:
            outer.pty.signal(signal.SIGTERM)
        assert await outer.ends() == ENDS[how]
        left_as_found(bytes(outer.raw))
        after = bytes(outer.raw[begins:])
        if how == "crash":
            assert b"ecs-tui: Unexpected error in" in after
            assert b"Traceback" not in after
        if kind.palettes and not kind.dec and not kind.console:
            assert b"\x1b[?1049l" in after
        else:
            # Without an alternate screen the dashboard is erased at the end.
            assert "checkout" not in outer.screen


UNFIT = {
    "dumb": ({"TERM": "dumb"}, "a terminal of the type 'dumb' (TERM) cannot show the dashboard"),
    "unset": ({}, "TERM is not set: set TERM to your terminal's type, such as xterm-256color"),
    "empty": ({"TERM": ""}, "TERM is not set"),
    "unknown": ({"TERM": "no-such"}, "the terminal type 'no-such' (TERM) is unknown"),
    "steers": ({"TERM": "a\x1b[31m"}, r"the terminal type 'a\x1b[31m' (TERM) is unknown"),
    "vt52": ({"TERM": "vt52"}, "a terminal of the type 'vt52' (TERM) cannot show the dashboard"),
}


@pytest.mark.parametrize("command", [[], ["demo"]], ids=["dashboard", "demo"])
@pytest.mark.parametrize("name", UNFIT)
async def test_a_terminal_that_cannot_show_it_gets_one_sentence(
    name: str, command: list[str]
) -> None:
    env, words = UNFIT[name]
    with opened([*PROGRAM, *command], {**UTF8, **TRUE, **env}) as outer:
        assert await outer.ends() == 2
        said = outer.raw.decode()
        assert said.startswith(f"ecs-tui: {words}")
        assert said.endswith("; in scripts use ecs-tui ls, exec or doctor.\r\n")
        assert said.count("\n") == 1 and "\x1b" not in said


def info(env: dict[str, str]) -> dict[str, str]:
    """The rows of `ecs-tui info` about the terminal."""
    done = subprocess.run(
        [*PROGRAM, "info", "--json"], capture_output=True, text=True, check=False,
        timeout=limit(60),
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent",
             "AWS_EC2_METADATA_DISABLED": "true", **env},
    )  # fmt: skip
    rows = json.loads(done.stdout)
    return {row["name"]: row["value"] for row in rows if row["section"] == "terminal"}


async def test_info_tells_what_was_decided() -> None:
    found = info({"TERM": "vt100", "LANG": "C"})
    assert found["colours"] == "none (from TERM)"
    assert found["characters"] == "ASCII (from LANG=C)"
    assert (found["modes"], found["mouse"]) == ("none", "no")
    found = info({"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "en_GB.UTF-8"})
    assert found["colours"] == "24-bit (from COLORTERM)"
    assert found["characters"] == "Unicode (from LC_ALL=en_GB.UTF-8)"
    assert "keyboard protocol" in found["modes"] and found["mouse"] == "yes"
    found = info({"TERM": "linux", "NO_COLOR": "1"})
    assert found["colours"] == "none (from NO_COLOR)"
    assert found["characters"] == "ASCII (from no locale)"
    assert "not shown: a terminal of the type 'dumb'" in info({"TERM": "dumb"})["dashboard"]


# -- tmux and GNU screen in between

NESTED = {
    "tmux": ["tmux", "-L", "NAME", "-f", "/dev/null", "new-session"],
    "screen": ["screen", "-c", "/dev/null", "-S", "NAME"],
}


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("program", "locale"), sample([*itertools.product(NESTED, (UTF8, {"LC_ALL": "C"}))], 2)
)
async def test_within_another_terminal_program(
    demo: Demo, program: str, locale: dict[str, str]
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    name = f"ecs-tui-{uuid.uuid4().hex[:12]}"
    within = [part.replace("NAME", name) for part in NESTED[program]]
    only_ascii = "LC_ALL" in locale
    inside = Kind({}, 3, ascii=only_ascii)
    env = demo.environment | {"TERM": "xterm-256color", **TRUE, **locale}
    with opened([*within, *PROGRAM, *FLAGS], env) as outer:
        await walk_through(outer, inside)
        rows = outer.screen.splitlines()
        assert "example-corp" in rows[0], "nothing was printed over the first line"
        assert not re.search(r"\$p|\d+;\d+u|>\d+u|\?\d{4}", outer.screen)
        outer.keys("\x1dl")
        await outer.shows("ctrl+] shells (1)")
        outer.keys("q")
        await outer.shows("close 1 open shell?")
        outer.keys("y")
        assert await outer.ends() == 0
        assert modes_on(bytes(outer.raw)) - {1} == LEFT_ON
        if only_ascii:
            assert not any(sign.encode() in outer.raw for sign in SIGNS)
