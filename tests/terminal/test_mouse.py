"""The mouse for programs in a shell: the bytes of the outer terminal, through the program."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.support.program_terminal import ProgramTerminal

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Prints its input up to a `q`, as hexadecimal digits. The terminal is sane before that is seen: what is
# typed next would otherwise reach a shell without line editing with its carriage return, as half a line.
READER = r"""
import os, subprocess, sys
subprocess.run(["stty", "raw", "-echo"])
out = sys.stdout
out.write(sys.argv[1].encode().decode("unicode_escape") + "\x1b[2J\x1b[HREADY")
out.flush()
data = b""
while not data.endswith(b"q"):
    data += os.read(0, 1000)
out.write("\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1049l\x1b[?1l\x1b[2J\x1b[H")
out.flush()
subprocess.run(["stty", "sane"])
print("\nREAD " + data.hex() + " END", flush=True)
"""
CLICK, DRAG, ANY, SGR, FULL, KEYS = (
    rf"\x1b[?{number}h" for number in (1000, 1002, 1003, 1006, 1049, 1)
)
LEFT, MIDDLE, RIGHT, SHIFT, MOTION, UP, DOWN = 0, 1, 2, 4, 32, 64, 65
Event = tuple[int, int, int, str]
"""(button number as in xterm's ctlseqs, column and line from the program's first cell, M or m)"""


def sgr(*events: Event) -> bytes:
    return b"".join(f"\x1b[<{button};{x + 1};{y + 1}{end}".encode() for button, x, y, end in events)


def press(button: int, x: int = 3, y: int = 2) -> list[Event]:
    return [(button, x, y, "M"), (button, x, y, "m")]


WALK: list[Event] = [(LEFT, 1, 1, "M"), (LEFT + MOTION, 4, 2, "M"), (LEFT, 4, 2, "m")]
HOVER: list[Event] = [(35, 6, 3, "M")]
WHEEL: list[Event] = [(UP, 2, 1, "M"), (DOWN, 2, 1, "M")]
CASES: dict[str, tuple[str, list[Event], bytes]] = {
    "left": (CLICK + SGR, press(LEFT), sgr(*press(LEFT))),
    "middle": (CLICK + SGR, press(MIDDLE), sgr(*press(MIDDLE))),
    "right": (CLICK + SGR, press(RIGHT), sgr(*press(RIGHT))),
    "wheel": (CLICK + SGR, WHEEL, sgr(*WHEEL)),
    "wheel by the old report": (CLICK, WHEEL, b"\x1b[M\x60\x23\x22\x1b[M\x61\x23\x22"),
    "the first cell": (CLICK + SGR, press(LEFT, 0, 0), sgr(*press(LEFT, 0, 0))),
    "clicks only, no way between": (CLICK + SGR, [*WALK, *HOVER], sgr(WALK[0], WALK[2])),
    "dragging": (DRAG + SGR, [*WALK, *HOVER], sgr(*WALK)),
    "every movement": (ANY + SGR, [*WALK, *HOVER], sgr(*WALK, *HOVER)),
    "the old report": (CLICK, press(LEFT), b"\x1b[M\x20\x24\x23\x1b[M\x23\x24\x23"),
    "the old report of dragging": (
        DRAG, WALK, b"\x1b[M\x20\x22\x22\x1b[M\x40\x25\x23\x1b[M\x23\x25\x23",
    ),
    "nobody asked": ("", [*press(LEFT), *press(RIGHT), *HOVER, *WHEEL], b""),
    "format without tracking": (SGR, [*press(LEFT), *WHEEL], b""),
    "shift is ours": (CLICK + SGR, press(LEFT + SHIFT), b""),
    "wheel over a full screen": (FULL, WHEEL, b"\x1b[A" * 3 + b"\x1b[B" * 3),
    "and with application keys": (FULL + KEYS, WHEEL, b"\x1bOA" * 3 + b"\x1bOB" * 3),
    "full screen with the mouse": (FULL + CLICK + SGR, WHEEL, sgr(*WHEEL)),
}  # fmt: skip


def place(outer: ProgramTerminal, text: str) -> tuple[int, int]:
    """(column, line) of a text on the outer terminal."""
    for y, line in enumerate(outer.screen.split("\n")):
        if text in line:
            return line.index(text), y
    raise AssertionError(text)


def act(outer: ProgramTerminal, at: tuple[int, int], events: list[Event]) -> None:
    """Let the outer terminal report these events."""
    outer.pty.write(sgr(*((button, at[0] + x, at[1] + y, end) for button, x, y, end in events)))


@pytest.mark.parametrize("name", CASES)
async def test_what_a_program_reads_of_the_mouse(
    shared_shell: ProgramTerminal, name: str, tmp_path: Path
) -> None:
    modes, events, wanted = CASES[name]
    program = tmp_path / "reader.py"
    program.write_text(READER)
    shared_shell.keys(f"clear; {sys.executable} {program} '{modes}'\r")
    await shared_shell.shows("READY")
    act(shared_shell, place(shared_shell, "READY"), events)
    shared_shell.keys("q")
    await shared_shell.shows(" END")
    text = shared_shell.screen.replace("\n", "")
    read = text[text.rindex("READ ") + 5 : text.rindex(" END")]
    assert bytes.fromhex(read) == wanted + b"q"


async def test_the_wheel_scrolls_back_where_the_program_has_no_use_for_it(
    shared_shell: ProgramTerminal,
) -> None:
    shared_shell.keys("clear; seq 1 300; echo bot''tom\r")
    await shared_shell.shows("bottom")
    at = place(shared_shell, "bottom")
    assert "\n200\n" not in shared_shell.screen
    for _ in range(30):
        act(shared_shell, (at[0], at[1] - 3), [(UP, 1, 0, "M")])
    await shared_shell.shows("\n210\n")
    for _ in range(40):
        act(shared_shell, (at[0], at[1] - 3), [(DOWN, 1, 0, "M")])
    await shared_shell.shows("bottom")
    act(shared_shell, (at[0], at[1] - 3), [(UP, 1, 0, "M")] * 5)
    await shared_shell.shows(" lines")
    shared_shell.keys("echo ty''ped\r")  # a key scrolls to the end
    await shared_shell.shows("\ntyped")


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
async def test_vim_puts_the_cursor_where_it_is_clicked(shared_shell: ProgramTerminal) -> None:
    shared_shell.keys(
        "clear; seq 100 140 > rows; vim -u NONE -N -c 'set mouse=a ttymouse=sgr' rows\r"
    )
    await shared_shell.shows("100\n101")
    at = place(shared_shell, "100")
    act(shared_shell, at, press(LEFT, 1, 3))
    shared_shell.keys("x")
    await shared_shell.shows("\n13\n104")
    act(shared_shell, at, [(DOWN, 1, 1, "M")] * 2)
    await shared_shell.shows("\n115\n")
    shared_shell.keys("\x1b")
    shared_shell.keys(":q!\r")
    await shared_shell.shows("] #")
