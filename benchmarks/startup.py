"""From process start to the first painted list; what imports cost. Yardstick: the AWS CLI."""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import time

from benchmarks.rows import Row, compared, finish, median
from ecs_tui.pty import PtyProcess
from tests.support import Demo, demo_account


async def first_list(demo: Demo) -> float:
    """Seconds until a cluster's name is on a real terminal."""
    seen = asyncio.Event()
    raw = bytearray()

    def output(data: bytes) -> None:
        raw.extend(data)
        if b"staging" in raw:
            seen.set()

    env = {**os.environ, **demo.environment, "TERM": "xterm-256color"}
    started = time.perf_counter()
    pty = PtyProcess([sys.executable, "-m", "ecs_tui"], env, output, lambda status: None, 120, 40)
    try:
        await asyncio.wait_for(seen.wait(), 30)
        return time.perf_counter() - started
    finally:
        pty.write(b"q")
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
        "ecs_tui.cli",
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
    with demo_account() as demo:
        asyncio.run(first_list(demo))
        listed = statistics.median(asyncio.run(first_list(demo)) for _ in range(5))
        aws = shutil.which("aws")
        if aws:
            full = {**os.environ, **demo.environment}
            yardstick = median(lambda: process([aws, "ecs", "list-clusters"], full), 5)
            rows.append(
                compared(
                    "process start to first true rows, cold", listed, "s",
                    "aws ecs list-clusters", yardstick, 2.0,
                )
            )  # fmt: skip
        else:
            rows.append(Row("process start to first true rows, cold", listed, "s"))
    finish(rows)


if __name__ == "__main__":
    main()
