"""Problems of 2,000 watched services: what the watch costs while nothing happens, and how fast it is.

The same list of all services is looked at with and without the watch, each in a process of its own, with
key presses while refreshes land. The demo's server counts the calls. How long a stopped task takes to
become a problem is measured against the stub of AWS, whose tasks stop when we say so.

`python -m benchmarks.problems [--json] [--services 2000] [--settle 90] [--quiet 60] [--keys 200]
[--only calls,problem]`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from textual.events import Key

from benchmarks.rows import Row, compared, finish, limited, percentile
from benchmarks.scale import BURST, RATE, SERVICES, key_times
from ecs_tui.config.sections import WatchSettings
from ecs_tui.config.settings import Settings
from ecs_tui.problems.history import ProblemHistory
from ecs_tui.problems.watch import ProblemWatch
from ecs_tui.store.connections import Connections
from tests.support.app import names, running_app
from tests.support.demo import Demo, demo_account
from tests.support.limits import until
from tests.support.stub_aws import stub_aws
from tests.support.stub_clusters import StubClusters

CLUSTER = "scale"
SETTLE_SECONDS = 90.0
"""Seconds until everything is described and the first look of the watch is over."""
QUIET_SECONDS = 60.0
PRESSES, TASKS_EACH = 200, 5
MAX_MORE_CALLS, MAX_KEY_MS, MAX_MORE_MIB, MAX_PERIODS = 1.10, 25.0, 40.0, 2.0
REFRESH = 10.0


async def look(
    demo: Demo, watched: bool, count: int, quiet: float, settle: float, presses: int
) -> dict[str, Any]:
    """What looking at all services costs, with or without the watch.

    Args:
        demo: The account.
        watched: Whether the cluster is watched.
        count: How many services it has.
        quiet: Seconds for which nothing is done.
        settle: Seconds before that.
        presses: Keys that are pressed after that; 0 where only calls are counted.

    Returns:
        `calls` of that time, `keys` (p95, seconds), `mib`, `found` problems, `by` operation.
    """
    clusters = (CLUSTER,) if watched else ()
    watch = WatchSettings(opened=False, clusters=clusters)
    async with running_app(demo.account(), size=(140, 43), watch=watch, cache=False) as (app, _):
        browser = app.browser
        await until(lambda: CLUSTER in names(app), "clusters")
        await browser.on_key(Key("0", "0"))
        services = browser.inventory.services
        await until(lambda: len(services(CLUSTER)) == count, "all names", 120)
        await until(lambda: all(s.described for s in services(CLUSTER)), "all described", 180)
        await asyncio.sleep(settle)
        demo.counts(reset=True)
        await asyncio.sleep(quiet)
        by = demo.counts()["calls"]
        browser.refresher.refresh_now()
        keys = await key_times(app, "jjjjkkkkGg", presses)
        found = len(browser.problems.watch.found) if browser.problems.watch else 0
    return {
        "calls": sum(by.values()),
        "by": by,
        "keys": percentile(keys, 0.95) if keys else None,
        "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "found": found,
    }


def in_process(demo: Demo, *arguments: float) -> dict[str, Any]:
    """`look` in a process of its own, whose memory is nobody else's."""
    words = json.dumps([asdict(demo), *arguments])
    argv = [sys.executable, "-m", "benchmarks.problems", "--look", words]
    run = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


async def until_problem() -> tuple[float, float]:
    """(seconds from a task's end at AWS to its problem, the period of its cluster)."""
    settings = Settings.of(cache=False, refresh=REFRESH)
    with stub_aws() as stub, tempfile.TemporaryDirectory() as folder:
        clusters = StubClusters(stub)
        prod = clusters.add("prod")
        for number in range(100):
            prod.service(f"svc-{number}", desiredCount=1, runningCount=1)
        prod.counts = {"runningTasksCount": 100}
        connections = Connections(stub.account(), settings)
        history = ProblemHistory(Path(folder) / "problems.json")
        watch = ProblemWatch(connections, settings, history)
        watch.visit(connections.current, "prod")
        job = asyncio.create_task(watch.run())
        await until(
            lambda: len(watch.states()) == 1 and watch.states()[0].age is not None, "a look", 60
        )
        await asyncio.sleep(5)
        _end(prod)
        began = time.perf_counter()
        await until(lambda: watch.found, "the problem", 300)
        seconds, period = time.perf_counter() - began, watch.states()[0].period
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)
        await watch.close()
        await connections.close()
    return seconds, period


def _end(cluster: Any) -> None:
    cluster.services["svc-7"]["runningCount"] = 0
    cluster.task(
        "7f", "svc-7", lastStatus="STOPPED", desiredStatus="STOPPED", stoppedAt=time.time(),
        stopCode="EssentialContainerExited", stoppedReason="Essential container in task exited",
        containers=[{"name": "app", "lastStatus": "STOPPED", "exitCode": 137}],
    )  # fmt: skip


def _watching(rows: list[Row], count: int, quiet: float, settle: float, presses: int) -> None:
    flags = ["--services", str(count), "--tasks", str(count * TASKS_EACH)]
    flags += ["--latency", "50ms", "--throttle", f"{BURST},{RATE}"]
    with demo_account(*flags) as demo:
        without = in_process(demo, False, count, quiet, settle, presses)
        watching = in_process(demo, True, count, quiet, settle, presses)
    words = f"calls in {quiet:.0f} quiet seconds, {count} services watched"
    rows.append(
        compared(words, watching["calls"], "calls", "lists alone", without["calls"], MAX_MORE_CALLS)
    )
    more = Counter(watching["by"])
    more.subtract(without["by"])
    told = ", ".join(f"{name} {number:+}" for name, number in sorted(more.items()) if number)
    print(f"calls more or less than without: {told}", file=sys.stderr)
    if presses:
        words = "key to frame while watching, p95"
        rows.append(limited(words, watching["keys"] * 1000, "ms", MAX_KEY_MS))
    mib = watching["mib"] - without["mib"]
    rows.append(limited("memory of the watch", mib, "MiB", MAX_MORE_MIB))
    rows.append(limited(f"false alarms among {count} steady services", watching["found"], "", 0))


def main() -> None:
    """Measure and print."""
    if "--look" in sys.argv:
        raw, *arguments = json.loads(sys.argv[sys.argv.index("--look") + 1])
        print(json.dumps(asyncio.run(look(Demo(**raw), *arguments))))
        return
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")  # read by finish
    parser.add_argument("--services", type=int, default=SERVICES)
    parser.add_argument("--quiet", type=float, default=QUIET_SECONDS)
    parser.add_argument("--keys", type=int, default=PRESSES)
    parser.add_argument("--settle", type=float, default=SETTLE_SECONDS)
    parser.add_argument("--only", default="calls,problem")
    options = parser.parse_args()
    parts = options.only.split(",")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = os.environ["XDG_STATE_HOME"] = cache
        if "calls" in parts:
            _watching(rows, options.services, options.quiet, options.settle, options.keys)
        if "problem" in parts:
            seconds, period = asyncio.run(until_problem())
            words = "a task's end to its problem, in periods of its cluster"
            rows.append(limited(words, seconds / period, "", MAX_PERIODS))
    finish(rows)


if __name__ == "__main__":
    main()
