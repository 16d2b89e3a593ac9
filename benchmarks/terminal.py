"""The pane as a terminal: throughput against tmux, echo, restart, memory of the worker."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from benchmarks.panes import (
    bare_client,
    echo_beside_a_list,
    filtering_while_four_print,
    idle_cpu,
    through_the_pane,
    typed_and_drawn,
)
from benchmarks.rows import Row, compared, finish, limited, percentile
from ecs_tui.system.pty import PtyProcess
from ecs_tui.terminal.engines.make import make_engine
from ecs_tui.terminal.link import PIECE_BYTES, Link
from ecs_tui.terminal.process import WarmWorker
from tests.support.demo import demo_account

COLUMNS, ROWS = 120, 40


class Pane:
    """A local program in a terminal: PTY and link, wired as the app's pane wires them."""

    def __init__(self, *argv: str, warm_worker: WarmWorker | None = None) -> None:
        self.frames = asyncio.Event()
        self.exited = asyncio.Event()
        self.link = Link(
            "auto", COLUMNS, ROWS, 10_000,
            on_frame=lambda rows: self.frames.set(),
            on_reply=lambda data: self.pty.write(data),
            on_flow=lambda hold: self.pty.pause() if hold else self.pty.resume(),
            on_redraw=lambda: None,
            on_notice=lambda words: None,
            warm_worker=warm_worker,
        )  # fmt: skip
        self.link.start()
        env = {**os.environ, "TERM": "xterm-256color", "PS1": "$ "}
        self.pty = PtyProcess(
            argv, env, self.link.feed, lambda status: self.exited.set(), COLUMNS, ROWS
        )

    def text(self) -> str:
        """The screen."""
        return "\n".join("".join(r.text for r in row) for row in self.link.picture.lines)

    async def shows(self, text: str) -> None:
        """Wait for a frame with `text`."""
        while text not in self.text():
            self.frames.clear()
            await asyncio.wait_for(self.frames.wait(), 30)

    def close(self) -> None:
        """End both."""
        self.pty.signal(signal.SIGKILL)
        self.pty.close()
        self.link.close()


async def throughput(file: Path) -> float:
    """Seconds for `cat` of the file until its last line is drawn."""
    pane = Pane("/bin/sh", "-c", f"read x; cat {file}; echo THE-END; read y")
    pane.link.feed(b"ready")
    await pane.shows("ready")
    started = time.perf_counter()
    pane.pty.write(b"\n")
    await pane.shows("THE-END")
    seconds = time.perf_counter() - started
    pane.close()
    return seconds


def through_tmux(file: Path) -> float:
    """The same file in tmux of the same size."""
    # A name that no run has had: a server that is ending still holds its socket for a moment.
    tmux = ["tmux", "-L", f"bench-{uuid.uuid4().hex}"]
    command = f"cat {file}; {' '.join(tmux)} wait-for -S over; read x"
    size = ["-x", str(COLUMNS), "-y", str(ROWS)]
    started = time.perf_counter()
    subprocess.run([*tmux, "new-session", "-d", *size, command], check=True)
    subprocess.run([*tmux, "wait-for", "over"], check=True)
    seconds = time.perf_counter() - started
    subprocess.run([*tmux, "kill-server"], check=True)
    return seconds


def discarded(file: Path) -> float:
    """The same file in a PTY whose reader keeps nothing: no terminal can be faster."""
    master, slave = os.openpty()
    started = time.perf_counter()
    with subprocess.Popen(["/bin/cat", str(file)], stdin=slave, stdout=slave, stderr=slave):
        os.close(slave)
        with contextlib.suppress(OSError):  # EIO: the end
            while os.read(master, 65536):
                pass
    os.close(master)
    return time.perf_counter() - started


def engine_alone(file: Path) -> float:
    """Seconds of the engine for the same file, in this process, without drawing."""
    engine, data = make_engine("auto", COLUMNS, ROWS, 10_000), file.read_bytes()
    started = time.perf_counter()
    for at in range(0, len(data), PIECE_BYTES):
        engine.feed(data[at : at + PIECE_BYTES])
    return time.perf_counter() - started


async def echo(times: int) -> list[float]:
    """Seconds from a key written to the PTY to the frame that shows it."""
    pane = Pane("/bin/cat")
    pane.link.feed(b"ready\r\n")
    await pane.shows("ready")
    found = []
    for number in range(times):
        await asyncio.sleep(0.02)
        before = pane.link.picture.cursor
        started = time.perf_counter()
        pane.pty.write(b"x" if number % 60 else b"\n")
        while pane.link.picture.cursor == before:
            pane.frames.clear()
            await asyncio.wait_for(pane.frames.wait(), 5)
        found.append(time.perf_counter() - started)
    pane.close()
    return found


async def restored(times: int, *, ready: bool = False) -> list[float]:
    """Seconds from SIGSEGV of the worker to its screen drawn again.

    Args:
        ready: Whether another worker waits, as one does in the app; else one is started.
    """
    found = []
    for _ in range(times):
        warm = WarmWorker("auto", 10_000) if ready else None
        pane = Pane("/bin/cat", warm_worker=warm)
        if warm is not None:
            warm.warm()
        pane.link.feed(b"the text from before\r\n")
        await pane.shows("from before")
        await asyncio.sleep(1.0)  # the other one has started too
        pane.link.picture.lines.clear()
        started = time.perf_counter()
        os.kill(pane.link.pid, signal.SIGSEGV)
        await pane.shows("from before")
        found.append(time.perf_counter() - started)
        pane.close()
        if warm is not None:
            warm.close()
    return found


async def resident(lines: int = 0) -> float:
    """MiB resident of a worker whose scrollback holds so many lines."""
    pane = Pane("/bin/cat")
    for start in range(0, lines, 500):
        pane.link.feed(b"".join(b"%d %s\r\n" % (n, b"x" * 100) for n in range(start, start + 500)))
    pane.link.feed(b"THE-END")
    await pane.shows("THE-END")
    status = Path(f"/proc/{pane.link.pid}/status").read_text()  # noqa: ASYNC240
    pane.close()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """Measure and print."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "coloured"
        line = (
            b"\x1b[32mgreen\x1b[0m and \x1b[38;5;200mpink\x1b[0m, a line of a log number 123456\r\n"
        )
        file.write_bytes(line * (20_000_000 // len(line)))
        pane = statistics.median(asyncio.run(throughput(file)) for _ in range(3))
        if shutil.which("tmux"):
            tmux = statistics.median(through_tmux(file) for _ in range(3))
            rows.append(compared("cat of 20 MB coloured lines", pane, "s", "tmux", tmux, 0.6))
        else:
            rows.append(Row("cat of 20 MB coloured lines", pane, "s"))
        nothing = statistics.median(discarded(file) for _ in range(3))
        rows.append(Row("  read from the PTY and discarded", nothing, "s"))
        alone = statistics.median(engine_alone(file) for _ in range(3))
        rows.append(Row("  in the engine, without PTY and drawing", alone, "s"))
        with demo_account() as demo:
            bare, through = [], []
            for _ in range(5):  # in turns: the machine is not the same from minute to minute
                bare.append(asyncio.run(bare_client(demo, file)))
                through.append(asyncio.run(through_the_pane(demo, file)))
        value, by = statistics.median(through), statistics.median(bare)
        words = "the same through a session"
        rows.append(compared(words, value, "s", "bare client", by, round(1 / 0.95, 3)))
    times = asyncio.run(echo(300))
    rows.append(limited("key echo, median", statistics.median(times) * 1000, "ms", 3.0))
    rows.append(limited("key echo, p95", percentile(times, 0.95) * 1000, "ms", 10.0))
    times = asyncio.run(echo_beside_a_list(300))
    median = statistics.median(times) * 1000
    rows.append(limited("… in the app, 2,000 rows refreshing, median", median, "ms", 3.0))
    rows.append(limited("… p95", percentile(times, 0.95) * 1000, "ms", 10.0))
    times = asyncio.run(typed_and_drawn(300))
    median = statistics.median(times) * 1000
    rows.append(limited("key typed at the terminal to its echo there, median", median, "ms", 10.0))
    rows.append(limited("… p95", percentile(times, 0.95) * 1000, "ms", 25.0))
    keys, printed = asyncio.run(filtering_while_four_print(160))
    value = percentile(keys, 0.95) * 1000
    rows.append(limited("filter key while four panes print, p95", value, "ms", 30))
    rows.append(Row("  median", statistics.median(keys) * 1000, "ms"))
    rows.append(Row("  what the four printed meanwhile", printed / 1e6, "MB"))
    again = asyncio.run(restored(5))
    rows.append(limited("SIGSEGV to screen restored", statistics.median(again) * 1000, "ms", 250))
    beside = statistics.median(asyncio.run(restored(5, ready=True))) * 1000
    rows.append(limited("  with a worker ready, as in the app", beside, "ms", 250))
    if sys.platform == "linux":
        empty, full = asyncio.run(resident()), asyncio.run(resident(12_000))
        rows.append(limited("resident memory of a worker", empty, "MiB", 30))
        rows.append(limited("… more with 10,000 lines of scrollback", full - empty, "MiB", 40))
        app, children = asyncio.run(idle_cpu(15))
        rows.append(limited("idle app with four shells, of a core", app * 100, "%", 2.0))
        rows.append(Row("  its workers and clients", children * 100, "%"))
    finish(rows)


if __name__ == "__main__":
    main()
