"""2,000 services and 10,000 tasks, each answer 50 ms late, AWS's token buckets: who waits for what.

The server counts calls and throttled answers itself. Yardsticks run against the same server.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from typing import Any

from textual.events import Key

from benchmarks.rows import Row, compared, finish, limited, percentile
from ecs_tui.aws import ecs
from ecs_tui.inventory.inventory import Kind, Scope
from tests.support import Demo, demo_account, names, running_app, select, until

SERVICES, TASKS = 2000, 10_000
BURST, RATE = 100, 20
LOOK = 60.0
"""Seconds of looking at the steady cluster that are measured; scaled to ten minutes."""


async def bare_pages(demo: Demo) -> float:
    """Seconds of the ListServices pages, one after the other."""
    account = demo.account()
    async for _ in ecs.list_clusters(account):
        pass  # the client is made
    started = time.perf_counter()
    async for _ in ecs.list_services(account, "scale"):
        pass
    seconds = time.perf_counter() - started
    await account.close()
    return seconds


async def key_times(app: Any, keys: str, times: int) -> list[float]:
    """Seconds from a key to the frame that shows it."""
    found = []
    table = app.browser.table
    for number in range(times):
        await asyncio.sleep(0.02)
        key = keys[number % len(keys)]
        name = {"/": "slash"}.get(key, key)
        drawn = asyncio.Event()
        started = time.perf_counter()
        app.post_message(Key(name, key))
        await asyncio.sleep(0)
        table.call_after_refresh(drawn.set)
        await asyncio.wait_for(drawn.wait(), 10)
        found.append(time.perf_counter() - started)
    return found


async def look(demo: Demo, rows: list[Row], bare: float) -> None:
    """The app on the large cluster, from the key to the last description, and then at rest."""
    demo.counts(reset=True)
    async with running_app(demo.account(), size=(140, 43)) as (app, pilot):
        browser = app.browser
        await until(lambda: "scale" in names(app), "clusters")
        select(app, "scale")
        started = time.perf_counter()
        await browser.on_key(Key("enter", "\r"))
        await until(lambda: browser.place.view == "services" and browser.table.rows, "rows")
        rows.append(Row("enter to the first rows of services", time.perf_counter() - started, "s"))
        await until(lambda: len(browser.table.rows) == SERVICES, "all names", 60)
        everything = time.perf_counter() - started
        rows.append(
            compared("names of all services on screen", everything, "s", "bare pages", bare, 1.3)
        )
        services = browser.inventory.services
        await until(lambda: all(s.described for s in services("scale")), "all described", 120)
        seconds = time.perf_counter() - started
        calls = SERVICES / 100 + SERVICES / 10
        best = max(0.0, (calls - BURST) / RATE)
        rows.append(compared("all services described", seconds, "s", "token bucket", best, 1.15))
        await pilot.pause(2)
        demo.counts(reset=True)
        await asyncio.sleep(LOOK)
        steady = sum(demo.counts()["calls"].values()) * 600 / LOOK
        rows.append(limited("calls in 10 minutes of looking (scaled)", steady, "calls", 300))
        throttled = sum(demo.counts()["throttled"].values())
        rows.append(limited("throttled answers", throttled, "", 0))

        await browser.on_key(Key("N", "N"))
        scope = Scope(Kind.TASK, "scale")
        await until(lambda: len(browser.inventory.of(scope)) >= TASKS, "all names of tasks", 120)
        await until(
            lambda: all(task.described for task in browser.inventory.of(scope)), "tasks", 180
        )
        await pilot.pause(2)
        keys = await key_times(app, "jjjjjkkkkkG" + "g", 120)
        keys += await key_times(app, "oO", 20)
        await browser.on_key(Key("slash", "/"))
        keys += await key_times(app, "running", 14)
        rows.append(
            limited("key to frame, 10,000 tasks, p95", percentile(keys, 0.95) * 1000, "ms", 50)
        )
        if sys.platform == "linux":
            with open("/proc/self/statm") as file:  # noqa: ASYNC230
                resident = int(file.read().split()[1]) * resource.getpagesize() / 2**20
            rows.append(limited("resident memory with all of it", resident, "MiB", 200))


def main() -> None:
    """Measure and print."""
    rows: list[Row] = []
    flags = [
        "--services", str(SERVICES), "--tasks", str(TASKS), "--latency", "50ms",
    ]  # fmt: skip
    with demo_account(*flags) as demo:
        bare = asyncio.run(bare_pages(demo))
    with demo_account(*flags, "--throttle", f"{BURST},{RATE}") as demo:
        asyncio.run(look(demo, rows, bare))
    finish(rows)


if __name__ == "__main__":
    main()
