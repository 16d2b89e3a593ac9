"""The timeline of the audit over 90 days with 20,000 events, each answer 50 ms late, two calls a second.

`python -m benchmarks.audit`; `--events N` for fewer. The events are served by a process of their own.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from benchmarks.rows import Row, compared, finish, limited, percentile
from benchmarks.scale import key_times
from ecs_tui.aws.account import Account, Credentials
from ecs_tui.aws.pace import Pace
from ecs_tui.resources import Place
from tests.support import audit_events as made
from tests.support.app import running_app
from tests.support.limits import until
from tests.support.stub_aws import REGION, stub_aws

EVENTS = 20_000
DAYS = 90
ANSWER_SECONDS = 0.05
CALLS_PER_SECOND = 2.0
PAGE = 50
_PEOPLE = (made.USER, made.SSO, made.ROLE, made.FEDERATED, made.IN_TASK)


# -- the server


class LargeTrail:
    """Answers LookupEvents from many records, prepared once."""

    def __init__(self, count: int, now: float) -> None:
        rng = random.Random(1)
        at_of: dict[str, list[tuple[float, str, str]]] = defaultdict(list)
        for number in range(count):
            at = now - 1 - (DAYS * 86_400 - 600) * rng.random()
            record = _record(rng, number, datetime.fromtimestamp(at, UTC))
            at_of[str(record["eventName"])].append((at, str(record["eventID"]), json.dumps(record)))
        self._by_name = {name: sorted(items) for name, items in at_of.items()}
        self.calls = 0

    def __call__(self, body: str) -> dict[str, object]:
        time.sleep(ANSWER_SECONDS)
        self.calls += 1
        asked = json.loads(body)
        name = asked["LookupAttributes"][0]["AttributeValue"]
        items = self._by_name.get(name, [])
        first = bisect_left(items, (asked["StartTime"],))
        last = bisect_right(items, (asked["EndTime"] + 1e-6,))
        end = last - int(asked.get("NextToken", "0"))
        start = max(first, end - PAGE)
        events = [
            {"EventId": identity, "EventName": name, "EventTime": at, "CloudTrailEvent": record}
            for at, identity, record in reversed(items[start:end])
        ]
        more = {"NextToken": str(last - start)} if start > first else {}
        return {"Events": events, **more}


def _record(rng: random.Random, number: int, at: datetime) -> dict[str, object]:
    who, task = rng.choice(_PEOPLE), f"{rng.randrange(16**32):032x}"
    more: dict[str, Any] = {"now": at, "minutes": 0.0, "who": who, "eventID": f"event-{number}"}
    kind = rng.random()
    if kind < 0.6:
        command = rng.choice(("/bin/sh", "/bin/bash", "rails console", "psql -h db"))
        session = f"ecs-execute-command-{number:017x}"
        return made.exec_record(session, task=task, command=command, **more)
    if kind < 0.65:
        return made.denied_record(task=task, **more)
    if kind < 0.7:
        return made.start_record(f"s-{number}", task=task, **more)
    asked = {"cluster": "prod", "service": "web", "enableExecuteCommand": True}
    return made.record("UpdateService", asked=asked, **more)


def serve(count: int) -> None:
    """Serve until stdin is closed; each line that comes in is answered with the calls so far."""
    with stub_aws() as stub:
        trail = LargeTrail(count, time.time())
        stub.answers["cloudtrail:LookupEvents"] = trail
        print(stub.endpoint, flush=True)
        for _ in sys.stdin:
            print(trail.calls, flush=True)


class Served:
    """The server in its process.

    Attributes:
        endpoint: Its URL.
    """

    def __init__(self, count: int) -> None:
        argv = [sys.executable, "-m", "benchmarks.audit", "--serve", "--events", str(count)]
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None and self._process.stdin is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        self.endpoint = self._out.readline().strip()

    def calls(self) -> int:
        """How often LookupEvents was called."""
        self._in.write("\n")
        self._in.flush()
        return int(self._out.readline())

    def stop(self) -> None:
        """End it."""
        self._in.close()
        self._process.wait(10)


@contextmanager
def served(count: int) -> Iterator[Served]:
    """The server, until the block ends."""
    made_ = Served(count)
    try:
        yield made_
    finally:
        made_.stop()


# -- what is measured


def account(server: Served) -> Account:
    """A connection with AWS's own quotas, so that LookupEvents is called twice a second."""
    keys = Credentials("AKIASTUBSTUBSTUBSTUB", "stub-secret")
    return Account(None, REGION, server.endpoint, credentials=keys, pace=Pace())


def memory() -> float:
    """The resident set of this process in MiB."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


async def open_timeline(app: Any) -> tuple[float, Any]:
    """Open the timeline of all clusters over 90 days; returns the seconds to its first rows."""
    from ecs_tui.ui.pages.audit.page import AuditPage

    browser = app.browser
    await browser.pages.make(Place("audit"))
    page = browser.query_one(AuditPage)
    page.shown.seconds = DAYS * 86_400
    started = time.perf_counter()
    browser.workspace.go(Place("audit"))
    await until(lambda: browser.table.order, "first rows", 30)
    return time.perf_counter() - started, page


async def first_run(server: Served, rows: list[Row], count: int) -> None:
    """Read all of it, with keys meanwhile and afterwards."""
    async with running_app(account(server), size=(160, 45)) as (app, pilot):
        await until(lambda: app.browser.table.order, "clusters", 30)
        await pilot.pause(2)
        before, started = memory(), time.perf_counter()
        seconds, page = await open_timeline(app)
        rows.append(limited("first rows of the timeline", seconds, "s", 1.0))
        keys: list[float] = []
        while page.shown.running:
            keys += await key_times(app, "jjkkjkjk", 8)
            await asyncio.sleep(1.0)
        whole = time.perf_counter() - started
        allowed = (server.calls() - CALLS_PER_SECOND) / CALLS_PER_SECOND
        rows.append(compared("all events read", whole, "s", "two calls a second", allowed, 1.1))
        found = len(app.browser.table.rows)
        rows.append(Row("events on the page", found, "", bar=f"= {count}", ok=found == count))
        await pilot.pause(1)
        keys += await key_times(app, "jjjjkkkkGgoOjkGg", 60)
        p95 = percentile(keys, 0.95) * 1000
        rows.append(limited("key to frame, also while it reads, p95", p95, "ms", 50))
        rows.append(limited("more memory", memory() - before, "MiB", 60))
        for connection in app.browser.connections.all:
            await connection.audit.save()


async def second_run(server: Served, rows: list[Row], count: int) -> None:
    """Open it again, from what was kept."""
    before = server.calls()
    async with running_app(account(server), size=(160, 45)) as (app, _):
        await until(lambda: app.browser.table.order, "clusters", 30)
        seconds, page = await open_timeline(app)
        rows.append(limited("first rows of the second start", seconds, "s", 1.0))
        await until(lambda: len(app.browser.table.rows) == count, "all rows", 60)
        await until(lambda: not page.shown.running, "it has read what is new", 120)
        names = 21
        calls = server.calls() - before
        rows.append(limited("calls of the second start", calls, "calls", names))


def main() -> None:
    """Print a row for each bar."""
    count = EVENTS
    if "--events" in sys.argv:
        count = int(sys.argv[sys.argv.index("--events") + 1])
    if "--serve" in sys.argv:
        serve(count)
        return
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, served(count) as server:
        os.environ |= {"XDG_CACHE_HOME": folder, "XDG_STATE_HOME": folder}
        asyncio.run(first_run(server, rows, count))
        asyncio.run(second_run(server, rows, count))
    finish(rows)


if __name__ == "__main__":
    main()
