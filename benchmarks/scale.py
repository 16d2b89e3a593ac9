"""2,000 services and 10,000 tasks, each answer 50 ms late, AWS's token buckets: who waits for what.

The server counts calls and throttled answers itself. Yardsticks run against the same server.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
import time
from typing import Any

from textual.events import Key

from benchmarks.rows import Row, compared, finish, limited, percentile
from ecs_tui.aws.api import ecs
from ecs_tui.store.inventory import Kind, Scope
from tests.support.app import names, running_app, select
from tests.support.demo import Demo, demo_account
from tests.support.limits import until

SERVICES, TASKS = 2000, 10_000
FEW = 100
"""Tasks of the small cluster against which keys are compared."""
BURST, RATE = 100, 20
LOOK_SECONDS = 60.0
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


async def into_services(app: Any, rows: list[Row], bare: float) -> None:
    """From the key to the last description of all services."""
    browser = app.browser
    await until(lambda: "scale" in names(app), "clusters")
    select(app, "scale")
    started = time.perf_counter()
    await browser.on_key(Key("enter", "\r"))
    await until(lambda: len(browser.table.rows) == SERVICES, "all names", 60)
    everything = time.perf_counter() - started
    rows.append(
        compared("names of all services on screen", everything, "s", "bare pages", bare, 1.2)
    )
    services = browser.inventory.services
    await until(lambda: all(s.described for s in services("scale")), "all described", 120)
    seconds = time.perf_counter() - started
    calls = SERVICES / 100 + SERVICES / 10
    best = max(0.0, (calls - BURST) / RATE)
    rows.append(compared("all services described", seconds, "s", "token bucket", best, 1.15))


async def at_rest(demo: Demo, rows: list[Row]) -> None:
    """What looking at a steady list costs."""
    demo.counts(reset=True)
    await asyncio.sleep(LOOK_SECONDS)
    counted = demo.counts()
    steady = sum(counted["calls"].values()) * 600 / LOOK_SECONDS
    rows.append(limited("calls in 10 minutes of looking (scaled)", steady, "calls", 300))
    rows.append(limited("throttled answers", sum(counted["throttled"].values()), "", 0))


async def keys_over_tasks(app: Any, pilot: Any, tasks: int) -> float:
    """p95 of the seconds from a key to its frame, over all tasks, refreshes landing meanwhile."""
    browser = app.browser
    await browser.on_key(Key("N", "N"))
    scope = Scope(Kind.TASK, "scale")
    await until(lambda: len(browser.inventory.of(scope)) >= tasks, "all names of tasks", 120)
    await until(lambda: all(t.described for t in browser.inventory.of(scope)), "tasks", 180)
    await pilot.pause(2)
    keys: list[float] = []
    for part in range(4):
        browser.refresher.refresh_now()
        keys += await key_times(app, ("jjjjjkkkkkG" + "g", "oO", "jkjk", "Gg")[part], 30)
    await browser.on_key(Key("slash", "/"))
    browser.refresher.refresh_now()
    keys += await key_times(app, "running", 14)
    await browser.on_key(Key("escape", None))
    return percentile(keys, 0.95)


async def goto(app: Any, rows: list[Row]) -> None:
    """A keystroke in the go-to line over everything known."""
    browser = app.browser
    task = browser.inventory.tasks("scale")[4321 % len(browser.inventory.tasks("scale"))]
    found: list[float] = []
    for text in ("svc-0777", task.id[:8], "app:2026", "svc12", task.private_ip or "10.0"):
        await browser.on_key(Key("colon", ":"))
        found += await key_times(app, text, len(text))
        await browser.on_key(Key("escape", None))
    value = percentile(found, 0.95) * 1000
    rows.append(limited("key to frame, go-to over everything, p95", value, "ms", 50))


async def first_rows(app: Any) -> float:
    """Seconds from the key to the first rows of the large cluster's services."""
    browser = app.browser
    await until(lambda: "scale" in names(app), "clusters")
    select(app, "scale")
    await asyncio.sleep(1)
    started = time.perf_counter()
    await browser.on_key(Key("enter", "\r"))
    await until(lambda: browser.place.view == "services" and browser.table.rows, "rows")
    return time.perf_counter() - started


async def large(demo: Demo, rows: list[Row], bare: float) -> tuple[float, float]:
    """The whole of it on the large cluster; returns (first rows, p95 of keys), seconds."""
    async with running_app(demo.account(), size=(140, 43)) as (app, pilot):
        await into_services(app, rows, bare)
        await pilot.pause(2)
        await at_rest(demo, rows)
        keys = await keys_over_tasks(app, pilot, TASKS)
        rows.append(limited("key to frame, 10,000 tasks, p95", keys * 1000, "ms", 16))
        await goto(app, rows)
        if sys.platform == "linux":
            with open("/proc/self/statm") as file:  # noqa: ASYNC230
                resident = int(file.read().split()[1]) * resource.getpagesize() / 2**20
            rows.append(limited("resident memory with all of it", resident, "MiB", 120))
    async with running_app(demo.account(), size=(140, 43), cache=False) as (app, _):
        return await first_rows(app), keys


async def small(demo: Demo) -> float:
    """Seconds to the first rows with a tenth of the tasks."""
    async with running_app(demo.account(), size=(140, 43), cache=False) as (app, _):
        return await first_rows(app)


async def few_rows(demo: Demo) -> float:
    """p95 of the seconds from a key to its frame over `FEW` tasks."""
    async with running_app(demo.account(), size=(140, 43), cache=False) as (app, pilot):
        await first_rows(app)
        return await keys_over_tasks(app, pilot, FEW)


def main() -> None:
    """Measure and print."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        services = ["--services", str(SERVICES), "--latency", "50ms"]
        throttle = ["--throttle", f"{BURST},{RATE}"]
        with demo_account(*services, "--tasks", str(TASKS)) as demo:
            bare = asyncio.run(bare_pages(demo))
        with demo_account(*services, "--tasks", str(TASKS), *throttle) as demo:
            many = asyncio.run(large(demo, rows, bare))
        with demo_account(*services, "--tasks", str(TASKS // 10), *throttle) as demo:
            few = asyncio.run(small(demo))
        with demo_account("--services", str(FEW // 5), "--tasks", str(FEW), *throttle) as demo:
            base = asyncio.run(few_rows(demo))
    words = "enter to the first rows of services"
    rows.append(compared(words, many[0], "s", "a tenth of the tasks", few, 1.25))
    words = "key to frame, p95, growth"
    rows.append(compared(words, many[1] * 1000, "ms", f"{FEW} tasks", base * 1000, 1.3))
    finish(rows)


if __name__ == "__main__":
    main()
