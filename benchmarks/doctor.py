"""From `D` to all verdicts, with 50 ms latency; API calls as the server counted them."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time

from textual.events import Key

from benchmarks.rows import Row, finish, limited
from ecs_tui.aws.api import ecs
from ecs_tui.ui.dialogs.doctor import DoctorScreen
from tests.support.app import open_services, running_app, select
from tests.support.demo import Demo, demo_account
from tests.support.limits import until


async def from_the_key(demo: Demo, times: int) -> tuple[float, int]:
    """(median seconds from the key to the last verdict, most calls of one examination)."""
    seconds, calls = [], []
    async with running_app(demo.account(), plugin="builtin", refresh=600) as (app, pilot):
        await open_services(app, pilot, "prod")
        select(app, "web")
        await until(lambda: app.browser.navigation.connection.caller is not None, "the caller")
        await pilot.pause(1)
        for _ in range(times):
            await app.browser.refresher.close()  # only the doctor's calls are counted
            demo.counts(reset=True)
            started = time.perf_counter()
            await app.browser.on_key(Key("D", "D"))
            await until(lambda: isinstance(app.screen, DoctorScreen), "the doctor")
            await until(lambda: getattr(app.screen, "over", False), "all verdicts")
            seconds.append(time.perf_counter() - started)
            calls.append(sum(demo.counts()["calls"].values()))
            await pilot.press("escape")
    return statistics.median(seconds), max(calls)


async def one_call(demo: Demo, times: int) -> float:
    """Median seconds of one DescribeTasks: what the latency alone costs."""
    account = demo.account()
    arns = [arn async for page in ecs.list_tasks(account, "prod", "web") for arn in page]
    found = []
    for _ in range(times):
        started = time.perf_counter()
        await ecs.describe_tasks(account, "prod", arns[:1])
        found.append(time.perf_counter() - started)
    await account.close()
    return statistics.median(found)


def from_the_shell(demo: Demo) -> float:
    """Seconds of `ecs-tui doctor prod web --json`, start of the interpreter included."""
    started = time.perf_counter()
    argv = [sys.executable, "-m", "ecs_tui", "doctor", "prod", "web", "--json"]
    subprocess.run(
        argv, env={**demo.environment, "PATH": ""}, stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    rows: list[Row] = []
    with demo_account("--latency", "50ms") as demo:
        call = asyncio.run(one_call(demo, 5))
        seconds, calls = asyncio.run(from_the_key(demo, 5))
        row = limited("D to all verdicts (2 containers)", seconds, "s", 1.0)
        row.yardstick, row.yardstick_value = "one DescribeTasks", call
        row.ratio = round(seconds / call, 2)
        rows.append(row)
        rows.append(limited("API calls of one examination", calls, "calls", 12))
        shell = statistics.median(from_the_shell(demo) for _ in range(3))
        rows.append(Row("ecs-tui doctor prod web --json, whole process", shell, "s"))
    finish(rows)


if __name__ == "__main__":
    main()
