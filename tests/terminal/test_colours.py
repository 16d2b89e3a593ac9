"""The cells of a pane compared with plain tmux for the same bytes: text, colours, attributes."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.terminal.engines.make import make_engine
from ecs_tui.terminal.protocol import Style
from tests.support.cells import cells_of
from tests.support.demo import Demo
from tests.support.limits import sample, until

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.asyncio(loop_scope="module"),
]
WIDTH, HEIGHT = 100, 40
TERM = "xterm-256color"
_SINGLE = [1, 2, 3, 4, 5, 7, 8, 9, 21, 53, *range(30, 38), *range(40, 48), *range(90, 98)]
_SINGLE += [*range(100, 108)]
SGR = [str(number) for number in _SINGLE]
SGR += [f"{plane};5;{n}" for plane in (38, 48) for n in (0, 1, 7, 8, 15, 16, 21, 67, 196, 231, 255)]
SGR += [f"{plane};2;{rgb}" for plane in (38, 48) for rgb in ("0;0;0", "1;2;3", "255;136;0")]
SGR += ["38:5:208", "48:5:19", "38:2::9:8:7", "48:2::7:8:9", "38:2:1:2:3"]
SGR += ["4:0", "4:1", "4:2", "4:3", "4:4", "4:5", "4:3;58;5;1", "4;58;2;250;1;2", "4:3;58:2::1:2:3"]
SGR += ["1;2", "1;31", "1;91", "2;34", "2;38;5;240", "3;4;9", "7;31;42", "1;7", "2;7", "7;8"]
SGR += ["1;22", "2;22", "3;23", "4;24", "5;25", "7;27", "8;28", "9;29", "53;55", "31;39", "41;49"]
SGR += ["4;58;5;9;59", "1;3;4;5;7;9;53;31;42", "0", "", "31;0", "38;2;1;2", "999", "6"]
"""SGR sequences of xterm's ctlseqs, and newer ones. An incomplete `38;5` is not among them:
libghostty-vt reads its 5 as blinking, tmux drops it."""


@dataclass
class Window:
    """A tmux server for one test, with one program."""

    socket: str

    def tmux(self, *argv: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self.socket, "-f", os.devnull, *argv],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"},
        )
        return done.stdout

    def start(self, size: tuple[int, int], env: dict[str, str], argv: list[str]) -> None:
        settings = [f"-e{name}={value}" for name, value in env.items()]
        self.tmux(
            *("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), *settings),
            shlex.join(["env", "-u", "NO_COLOR", "-u", "COLUMNS", "-u", "LINES", *argv]),
            *(";", "set", "-g", "status", "off", ";", "set", "-g", "prefix", "None"),
            *(";", "set", "-g", "escape-time", "0", ";", "set", "-g", "default-terminal", TERM),
        )

    def keys(self, text: str) -> None:
        self.tmux("send-keys", "-l", text)

    def text(self) -> str:
        return self.tmux("capture-pane", "-p")

    def cells(self) -> list[list[tuple[str, Style]]]:
        """Text and style of each cell, line by line."""
        lines = self.tmux("capture-pane", "-p", "-e", "-N").rstrip("\n").split("\n")
        engine = make_engine("ghostty", 200, max(2, len(lines)), 10)
        engine.feed("\r\n".join(lines).encode())
        return cells_of(engine)

    def close(self) -> None:
        subprocess.run(["tmux", "-L", self.socket, "kill-server"], capture_output=True, check=False)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """A shell in tmux, as large as the pane of `ours`."""
    made = Window(f"ecs-tui-plain-{os.getpid()}")
    yield made
    made.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ours(
    demo: Demo, plain: Window, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Window]:
    """The program in tmux, with a zoomed shell that no note covers."""
    made = Window(f"ecs-tui-ours-{os.getpid()}")
    config = tmp_path_factory.mktemp("config")
    (config / "ecs-tui").mkdir()
    (config / "ecs-tui" / "config.toml").write_text("[problems]\ntoast = false\n")
    env = {**demo.environment, "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    env["XDG_CONFIG_HOME"] = str(config)
    argv = [sys.executable, "-m", "ecs_tui", "--plugin", "builtin", "--cluster", "prod"]
    made.start((WIDTH, HEIGHT), {**env, "PYTHONPATH": os.getcwd()}, argv)
    await until(lambda: "16/16" in made.text(), "the services")
    made.keys(":web\r")
    await until(lambda: "prod › web" in made.text(), "the tasks")
    made.keys("\r")
    await until(lambda: "envoy" in made.text(), "the containers")
    made.keys("s")
    await until(lambda: "#" in made.text(), "a prompt")
    made.keys("\x1dz")
    await until(lambda: "envoy" not in made.text(), "over the list")
    size: list[int] = []
    asked = 0

    def zoomed() -> bool:
        """Whether the shell's size is nearly that of the window; asks for it again and again."""
        nonlocal asked
        asked += 1
        if asked % 20 == 1:
            made.keys("clear; echo si''ze: $(stty size) :size\r")
        found = re.findall(r"size: (\d+) (\d+) :size", made.text())
        size[:] = [int(part) for part in found[-1]] if found else size
        if size and size[0] < HEIGHT - 6:
            size.clear()
        return bool(size)

    try:
        await until(zoomed, "")
    except AssertionError:
        raise AssertionError(f"no size of a zoomed pane in:\n{made.text()}") from None
    rows, columns = size
    plain.start((columns, rows), {"PS1": "# "}, ["/bin/sh"])
    for window in (made, plain):
        window.keys(
            f"PS1='# '; PS2=; export TERM={TERM} COLORTERM=truecolor LC_ALL=C.UTF-8; clear\r"
        )
        await until(lambda window=window: window.text().count("#") == 1, "a clean screen")  # type: ignore[misc]
    yield made
    made.close()


def region(window: Window, size: tuple[int, int]) -> list[list[tuple[str, Style]]]:
    """The cells after the mark with which every output begins."""
    rows = window.cells()
    for y, row in enumerate(rows):
        text = "".join(char or " " for char, _ in row)
        if (x := text.find("@@@")) >= 0:
            found = [line[x : x + size[0]] for line in rows[y : y + size[1]]]
            blank = [(" ", Style())] * size[0]
            return found + [blank] * (size[1] - len(found))
    return []


async def same(plain: Window, ours: Window, line: str) -> int:
    """Run a line in both shells and compare their cells; returns how many of them had a style."""
    done = f"the end {os.urandom(4).hex()}"
    end = f"{done[:5]}''{done[5:]}"
    size = plain.tmux("display", "-p", "#{window_width} #{window_height}").split()
    width, height = map(int, size)
    for window in (plain, ours):
        window.keys(f"clear; printf '@''@@\\n'; {line}; printf '\\033[m{end}'; read x\r")
    for window in (plain, ours):
        await until(lambda window=window: done in window.text(), done)  # type: ignore[misc]
    found: list[list[list[tuple[str, Style]]]] = []

    def same_cells() -> bool:
        found[:] = [region(window, (width, height)) for window in (plain, ours)]
        mask_cursor(found[1], done)
        mask_cursor(found[0], done)
        return bool(found[0]) and found[0] == found[1]

    try:
        await until(same_cells, "the same cells", 5)
    except AssertionError:
        differences = [
            (y, x, one, other)
            for y, (first, second) in enumerate(zip(*found, strict=False))
            for x, (one, other) in enumerate(zip(first, second, strict=False))
            if one != other
        ]
        shapes = [(len(rows), {len(row) for row in rows}) for rows in found]
        raise AssertionError(
            f"{len(differences)} cells differ: {differences[:8]}; {shapes}"
        ) from None
    finally:
        for window in (plain, ours):
            window.keys("\r")
    return sum(style != Style() for row in found[0] for _, style in row)


def mask_cursor(rows: list[list[tuple[str, Style]]], done: str) -> None:
    """tmux shows the terminal's cursor; a pane draws its own into a cell."""
    for row in rows:
        text = "".join(char or " " for char, _ in row)
        if (x := text.find(done)) >= 0 and x + len(done) < len(row):
            row[x + len(done)] = (" ", Style())


PAGES = [SGR[start : start + 30] for start in range(0, len(SGR), 30)]


@pytest.mark.exhaustive
@pytest.mark.parametrize("page", sample(range(len(PAGES)), 2))
async def test_every_form_of_sgr(plain: Window, ours: Window, page: int, tmp_path: Path) -> None:
    forms = [f"{form:<24}\x1b[{form}mLook at 漢字 me\x1b[0m after" for form in PAGES[page]]
    (tmp_path / "forms").write_text("\n".join(forms) + "\n")
    assert await same(plain, ours, f"cat {tmp_path}/forms") > 100


PROGRAMS = {
    "ls": "ls --color=always -la /usr/lib | head -25",
    "grep": "grep --color=always -rn import FOLDER | head -20",
    "git diff": "git -C FOLDER diff --color=always | head -30",
    "git log": "git -C FOLDER log --graph --color=always --stat | head -25",
    "less": "head -20 FOLDER/code.py | less -RFX",
    "vim": "vim -Nu NONE -es -c 'syntax on' -c 'set nomore' FOLDER/code.py -c 'print' -c q",
    "rich": "PYTHON -m rich | head -24",  # flags are below: docs/terminal.md
    "pygmentize 256": "PYTHON -m pygments -f terminal256 FOLDER/code.py",
    "pygmentize 24-bit": "PYTHON -m pygments -f terminal16m -O style=monokai FOLDER/code.py",
    "pygmentize 16": "PYTHON -m pygments -f terminal FOLDER/code.py",
    "ruff": "FORCE_COLOR=1 PYTHON -m ruff check --no-cache --select ALL FOLDER/code.py | head -30",
    "gcc": "gcc -fdiagnostics-color=always -x c /dev/null -DX=1 -o /dev/null 2>&1 | head -20",
    "mypy": "FORCE_COLOR=1 MYPY_FORCE_COLOR=1 PYTHON -m mypy --version",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("code")
    (made / "code.py").write_text(
        'import os\n\n\ndef main(name: str = "x") -> int:\n    """Doc."""\n    return len(name) + 1  # note\n'
    )
    git = ["git", "-C", str(made), "-c", "user.name=n", "-c", "user.email=e@x"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-qm", "first"], check=True)
    (made / "code.py").write_text((made / "code.py").read_text().replace("+ 1", "+ 2"))
    return made


@pytest.mark.parametrize("name", PROGRAMS)
async def test_what_programs_show(plain: Window, ours: Window, name: str, folder: Path) -> None:
    program = PROGRAMS[name].split()[0]
    if program.isalpha() and program.islower() and shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    line = PROGRAMS[name].replace("FOLDER", str(folder)).replace("PYTHON", sys.executable)
    await same(plain, ours, line)
