"""Half an hour of use: three shells that print, refreshes and navigation. Does memory level off?

`python -m benchmarks.soak [--minutes 30] [--json] [--trace FILE]`: the real program on a real PTY.
The first ten minutes (a third of shorter runs) are not counted: caches and pools fill then.
`--trace` writes the samples as tab-separated lines while it runs: minutes, then MB of the app.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.rows import Row, finish, limited
from tests.support.demo import demo_account
from tests.support.limits import until
from tests.support.processes import children
from tests.support.program_terminal import ProgramTerminal, into_containers

SHELLS = 3
MAX_MB_PER_HOUR = 2.0
"""MB an hour that the app may grow: what cannot be told from noise in twenty minutes."""
SETTLING = 10.0
SAMPLE_SECONDS = 5.0
"""Seconds between samples."""
KEY_SECONDS = 1.0
PRINT = "i=0; while :; do i=$((i+1)); printf '\\033[3%dm%s %s\\033[0m\\n' $((i%8)) $i \"$(date)\"; sleep 0.2; done\r"
KEYS = (
    "j", "j", "k", "\r", "j", "d", "d", "\x1b", "j", "/", "web", "\x1b", "N", "j", "j", "\x1b", "o", "O",
    "w", "\x1b", "?", "\x1b", ":che", "\x1b", "G", "g", "x", "\x1b", "r", "n", "\x1b",
)  # fmt: skip
"""Typed into the list, one after the other, over and over."""


class WatchedTerminal(ProgramTerminal):
    """Parses and keeps the output only while `watched`: in the measured time only the app works."""

    watched = True

    def _output(self, data: bytes) -> None:
        if self.watched:
            super()._output(data)


async def open_shells(outer: WatchedTerminal) -> None:
    """Three shells that print five lines a second; then the focus is on the list."""
    await into_containers(outer)
    for number in range(1, SHELLS + 1):
        outer.keys("s")
        if number == 1:
            await outer.shows("[web/")
        await until(lambda n=number: len(clients(outer.pty.pid)) == n, "a client", 60)  # type: ignore[misc]
        outer.keys(PRINT)
        outer.keys("\x1dl")
        await outer.shows(f"ctrl+] shells ({number})")


def clients(pid: int) -> list[int]:
    """Process ids of an app's session clients."""
    return [child for child, line in children(pid) if "session.channel" in line]


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    argv = ["ps", "-o", "rss=", "-p", str(pid)]
    found = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return int(found) * 1024 / 1e6


def append(path: Path, line: str) -> None:
    """Add a line to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(line)


def slope(samples: list[tuple[float, float]]) -> float:
    """The slope of the straight line nearest to (x, y) points, least squares."""
    middle_x = sum(x for x, _ in samples) / len(samples)
    middle_y = sum(y for _, y in samples) / len(samples)
    square = sum((x - middle_x) ** 2 for x, _ in samples)
    return sum((x - middle_x) * (y - middle_y) for x, y in samples) / square if square else 0.0


async def soak(minutes: float, trace: str) -> list[tuple[float, float]]:
    """Use it for so long; returns (hours, MB) samples after the settling time."""
    settling = min(SETTLING, minutes / 3) / 60
    samples = []
    with demo_account() as demo:
        program = WatchedTerminal(
            demo.environment, "--plugin", "builtin", "--cluster", "prod", size=(160, 45)
        )
        try:
            await open_shells(program)
            program.watched = False
            keys = itertools.cycle(KEYS)
            began = time.monotonic()
            sampled = 0.0
            while (spent := time.monotonic() - began) < minutes * 60:
                if program.status is not None:
                    raise SystemExit(f"the program ended with status {program.status}")
                program.keys(next(keys))
                if spent - sampled >= SAMPLE_SECONDS:
                    sampled = spent
                    samples.append((spent / 3600, megabytes(program.pty.pid)))
                    if trace:
                        append(Path(trace), f"{spent / 60:.2f}\t{samples[-1][1]:.2f}\n")
                await asyncio.sleep(KEY_SECONDS)
        finally:
            program.pty.signal(signal.SIGTERM)
            await until(lambda: program.status is not None, "it ends")
    return [sample for sample in samples if sample[0] > settling]


def main() -> None:
    """Run it and print the row."""
    words = sys.argv
    minutes = float(words[words.index("--minutes") + 1]) if "--minutes" in words else 30.0
    trace = words[words.index("--trace") + 1] if "--trace" in words else ""
    samples = asyncio.run(soak(minutes, trace))
    growth = limited(
        f"growth, {SHELLS} shells printing, {minutes:g} min",
        slope(samples),
        "MB/h",
        MAX_MB_PER_HOUR,
    )
    finish([growth, Row("memory of the app at the end", samples[-1][1], "MB")])


if __name__ == "__main__":
    main()
