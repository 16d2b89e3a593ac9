"""From process start to the first painted list; what imports cost. Yardstick: the AWS CLI."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from benchmarks.rows import Row, compared, finish, median
from ecs_tui.system.pty import PtyProcess
from tests.support.demo import Demo, demo_account

ROUNDS = 7
APP = ("-m", "ecs_tui")
ONE_WORD = """
from textual.app import App
from textual.widgets import Static

class OneWord(App):
    BINDINGS = [("q", "quit", "")]
    def compose(self):
        yield Static("staging")

OneWord().run()
"""
"""The least that a program on this toolkit does: what of the start is not ours."""


async def first_list(
    demo: Demo, cache: str, *, warm: bool, program: tuple[str, ...] = APP
) -> float:
    """Seconds until a cluster's name is on a real terminal; leaves by `q`, as a person does.

    Args:
        program: The arguments of the interpreter.
    """
    seen, gone = asyncio.Event(), asyncio.Event()
    raw = bytearray()

    def output(data: bytes) -> None:
        raw.extend(data)
        if b"staging" in raw:
            seen.set()

    if not warm:
        shutil.rmtree(cache, ignore_errors=True)
    env = {**os.environ, **demo.environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    env["XDG_CACHE_HOME"] = cache
    argv = [sys.executable, *program]
    started = time.perf_counter()
    pty = PtyProcess(argv, env, output, lambda status: gone.set(), 120, 40)
    try:
        async with asyncio.timeout(30):
            await seen.wait()
            seconds = time.perf_counter() - started
            await asyncio.sleep(1.0)  # AWS's answer arrives and is kept for the next start
            pty.write(b"q")
            await gone.wait()
        return seconds
    finally:
        pty.close()


def process(argv: list[str], env: dict[str, str]) -> float:
    """Seconds that a command takes."""
    started = time.perf_counter()
    subprocess.run(argv, env=env, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    rows: list[Row] = []
    env = dict(os.environ)
    bare = median(lambda: process([sys.executable, "-c", "pass"], env), 5)
    for module in (
        "ecs_tui.cli.main",
        "ecs_tui.cli.dashboard",
        "ecs_tui.cli.ls",
        "textual.app",
        "ecs_tui.ui.app",
        "aiobotocore.session",
        "pyghostty",
    ):
        cost = median(lambda m=module: process([sys.executable, "-c", f"import {m}"], env), 5)  # type: ignore[misc]
        rows.append(Row(f"import {module}", cost - bare, "s", "python -c pass", bare, None))
        rows[-1].ratio = round(cost / bare, 1)
    version = median(lambda: process([sys.executable, "-m", "ecs_tui", "--version"], env), 5)
    rows.append(compared("ecs-tui --version", version, "s", "python -c pass", bare, 20))
    described = median(lambda: process([sys.executable, "-m", "ecs_tui", "--help"], env), 5)
    rows.append(compared("ecs-tui --help", described, "s", "python -c pass", bare, 20))
    flags = ("--services", "2000", "--tasks", "10000", "--latency", "50ms", "--throttle", "100,20")
    with demo_account(*flags) as demo, tempfile.TemporaryDirectory() as cache:
        full = {**os.environ, **demo.environment}
        aws = shutil.which("aws")
        cold, warm, yardstick, least = [], [], [], []
        for _ in range(ROUNDS):  # in turns: the machine is not the same from minute to minute
            cold.append(asyncio.run(first_list(demo, cache, warm=False)))
            warm.append(asyncio.run(first_list(demo, cache, warm=True)))
            least.append(asyncio.run(first_list(demo, cache, warm=True, program=("-c", ONE_WORD))))
            if aws:
                yardstick.append(process([aws, "ecs", "list-clusters"], full))
        if aws:
            told = subprocess.run([aws, "--version"], env=full, capture_output=True, check=True)
            print((told.stdout or told.stderr).decode().strip(), file=sys.stderr)
        for words, values, bar in (
            ("process start to first rows, warm cache", warm, 0.5),
            ("process start to first true rows, cold cache", cold, 1.2),
        ):
            value = statistics.median(values)
            if aws:
                by = statistics.median(yardstick)
                rows.append(compared(words, value, "s", "aws ecs list-clusters", by, bar))
            else:
                rows.append(Row(words, value, "s"))
        rows.append(Row("  a Textual program that shows one word", statistics.median(least), "s"))
    finish(rows)


if __name__ == "__main__":
    main()
