"""The page of logs: following thousands of lines a second, 100,000 lines, the first line; `aws logs tail`.

`python -m benchmarks.logs [--json] [--seconds 60] [--only follow,tail,many,first,beside]`. What has arrived
is compared with what FilterLogEvents returns afterwards, each line counted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from textual.events import Key
from textual.widgets import Input

from benchmarks.log_tails import beside
from benchmarks.rows import Row, compared, finish, limited, percentile
from benchmarks.shapes import resident
from ecs_tui.aws.api import ecs, logs
from ecs_tui.demo.logs_text import FORMATS, Program, mix
from ecs_tui.logs.follow import TailGap
from ecs_tui.logs.line import LineKind, LineMaker, LogLine
from ecs_tui.model.log_event import LogEvent
from ecs_tui.model.rules.log_sources import sources_of
from ecs_tui.resources import Place
from ecs_tui.system import wall_clock
from ecs_tui.ui.pages.logs.page import LogsPage
from tests.support.app import names, open_services, running_app, select
from tests.support.demo import Demo, demo_account
from tests.support.demo_logs import WEB, boto_client, pages
from tests.support.limits import until
from tests.support.log_pages import events_of, logs_page, open_logs

POLLED, TAILED, QUIET = 5_000, 1_500, 32
"""Lines a second of the service `web`: polled, in a live tail, and while nothing is measured."""
TAIL_SECONDS = 20.0
LINES = 100_000
TYPED = 15
"""Keys a second with which a filter is typed; people who type fast reach about ten."""
SETTLED_SECONDS = 150.0
"""Seconds in which everything has been read a last time."""
KEYS = ("k", "k", "j", "ctrl+u", "ctrl+d", "k", "G", "ctrl+b", "ctrl+f", "G")
PAGE_KEYS = ("space", "space", "ctrl+b", "ctrl+f", "ctrl+d", "ctrl+u")
FILTERS = ("products/77", '~"GET /(cart|checkout)"', "level:warn", "status:503", "duration_ms:>35",
           "status:404 !cart level:warn")  # fmt: skip
SERVICES = ("orders", "search", "cart", "payments", "checkout", "catalog", "legacy-api")


class Tap:
    """Counts what reaches a page."""

    def __init__(self, page: LogsPage) -> None:
        # Three hundred thousand tuples in a dict would take 57 MiB of the memory that is measured.
        self._written, self._keys = array("q"), array("q")
        self.delays: list[int] = []
        self.gaps: list[tuple[int, TailGap]] = []
        self._page_lines, self._page_gaps = page.lines_arrived, page.gaps_found
        page.lines_arrived = self._lines  # type: ignore[method-assign]
        page.gaps_found = self._gaps  # type: ignore[method-assign]

    def _lines(self, lines: Sequence[LogLine], *, older: bool) -> None:
        now = wall_clock.milliseconds()
        for line in lines:
            if line.kind is LineKind.EVENT:
                self._written.append(line.at)
                self._keys.append(key_of(line.stream, line.ingested, line.text))
        if lines:
            self.delays.append(now - lines[-1].at)
        self._page_lines(lines, older=older)

    def _gaps(self, gaps: Sequence[TailGap]) -> None:
        self.gaps += [(wall_clock.milliseconds(), gap) for gap in gaps]
        self._page_gaps(gaps)

    def compare(self, demo: Demo, start: int, end: int) -> tuple[int, int, int]:
        """(lines written between two times, how many of them are missing, how many came twice)."""
        client = boto_client(demo, "logs")
        truth: Counter[tuple[int, int]] = Counter()
        for page in pages(client, logGroupName=WEB, startTime=start, endTime=end):
            for event in page["events"]:
                key = key_of(event["logStreamName"], event["ingestionTime"], event["message"])
                truth[event["timestamp"], key] += 1
        arrived = zip(self._written, self._keys, strict=True)
        found = Counter(each for each in arrived if start <= each[0] <= end)
        return truth.total(), (truth - found).total(), (found - truth).total()


def key_of(stream: str, ingested: int, text: str) -> int:
    """What tells a line apart, as a number of 64 bits."""
    return hash((stream, ingested, text))


class Keys:
    """Presses keys of the page and takes the time.

    Args:
        app: The app.
        page: Its page of logs.
    """

    def __init__(self, app: Any, page: LogsPage) -> None:
        self._app, self._page = app, page
        self._done = asyncio.Event()
        self._press, self._move = page.press, page.lines.move
        page.press = self._pressed  # type: ignore[method-assign]
        page.lines.move = self._moved  # type: ignore[method-assign]

    def _pressed(self, command: str, key: str = "") -> None:
        self._press(command, key)
        self._done.set()

    def _moved(self, lines: int) -> None:
        self._move(lines)
        self._done.set()

    async def times(self, names: Iterable[str], pause: float) -> list[float]:
        """Seconds from each key to the frame that shows what it did.

        Args:
            names: The keys.
            pause: Seconds before each.
        """
        found = []
        for name in names:
            await asyncio.sleep(pause)
            self._done.clear()
            drawn = asyncio.Event()
            started = time.perf_counter()
            self._app.post_message(Key(name, name if len(name) == 1 else None))
            await self._done.wait()
            self._page.lines.call_after_refresh(drawn.set)
            await drawn.wait()
            found.append(time.perf_counter() - started)
        return found


async def settled(page: LogsPage, end: int) -> None:
    """Wait until everything that was written before `end` (ms) has been read a last time, and shown.

    The lines of the last page reach the screen with the next batch, up to 0.1 s after they are read.
    """

    def done() -> bool:
        assert page.session is not None and page.session._reader is not None
        reader = page.session._reader
        shown = not len(reader._merger) and not reader._released
        return shown and all(each.feed.settled > end for each, _ in reader._followers.values())

    await until(done, "everything is read a last time", SETTLED_SECONDS)


async def followed(demo: Demo, seconds: float, rows: list[Row]) -> None:
    """Follow by polling: keys, memory, lost and doubled lines."""
    demo.set_faults(deny=["logs:StartLiveTail"])
    async with running_app(demo.account(), size=(140, 43)) as (app, pilot):
        await open_services(app, pilot)
        await asyncio.sleep(2)
        before = resident()
        select(app, "web")
        await app.browser.pages.make(Place("logs", cluster="prod"))
        page = logs_page(app)
        tap = Tap(page)
        await pilot.press("L")
        await until(lambda: page.session and page.session.how == "polling", "it polls")
        demo.set_logs(rate=POLLED)
        await asyncio.sleep(5)
        start, cpu, begun = wall_clock.milliseconds(), time.process_time(), time.perf_counter()
        most, pressed, keys = resident(), list[float](), Keys(app, page)
        while time.perf_counter() - begun < seconds:
            pressed += await keys.times(KEYS, 0.1)
            most = max(most, resident())
        end, used = (
            wall_clock.milliseconds(),
            (time.process_time() - cpu) / (time.perf_counter() - begun),
        )
        demo.set_logs(rate=QUIET)
        await settled(page, end)
        written, lost, twice = tap.compare(demo, start, end)
    words = f"{POLLED:,} lines/s polled for {seconds:.0f} s"
    rows.append(Row(f"{words}: lines a second", written / (end - start) * 1000, "/s"))
    rows.append(limited("  key to frame, p95", percentile(pressed, 0.95) * 1000, "ms", 50))
    rows.append(limited("  lost lines", lost, "", 0))
    rows.append(limited("  lines that came twice", twice, "", 0))
    rows.append(limited("  memory more than in the list of services", most - before, "MiB", 80))
    rows.append(Row("  from written to shown, median", statistics.median(tap.delays) / 1000, "s"))
    rows.append(Row("  of a core", used, ""))


def union(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans without overlaps, in order."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def outside(spans: Iterable[tuple[int, int]], others: Sequence[tuple[int, int]]) -> int:
    """Milliseconds of some spans that are in none of the others."""
    found = 0
    for start, end in spans:
        covered = sum(max(0, min(end, last) - max(start, first)) for first, last in others)
        found += end - start - covered
    return found


async def tailed(demo: Demo, rows: list[Row]) -> None:
    """Follow by a live tail above its limit: marked spans, refills, lost and doubled lines."""
    demo.heal()
    async with running_app(demo.account(), size=(140, 43)) as (app, pilot):
        page = await open_logs(app, pilot, "web")
        tap = Tap(page)
        await until(lambda: page.session and page.session.how == "live tail", "a live tail")
        known = len(demo.sampled())
        demo.set_logs(rate=TAILED)
        await asyncio.sleep(3)
        start = wall_clock.milliseconds()
        pressed, keys = list[float](), Keys(app, page)
        while wall_clock.milliseconds() - start < TAIL_SECONDS * 1000:
            pressed += await keys.times(KEYS, 0.1)
        end = wall_clock.milliseconds()
        demo.set_logs(rate=QUIET)
        await settled(page, end)
        sampled = union(demo.sampled()[known:])
        written, lost, twice = tap.compare(demo, start, end)
    ends: dict[int, int] = {}
    filled: dict[int, int] = {}
    for at, gap in tap.gaps:
        if gap.sampled:
            ends[gap.start] = max(ends.get(gap.start, 0), gap.end)
            if gap.refilled:
                filled[gap.start] = at
    marked = union(ends.items())
    slowest = max((filled.get(each, end + 10**6) - last for each, last in ends.items()), default=0)
    total = sum(last - first for first, last in sampled) / 1000
    rows.append(Row(f"live tail, {TAILED:,} lines/s: sampled by the server", total, "s"))
    missing, more = outside(sampled, marked) / 1000, outside(marked, sampled) / 1000
    rows.append(limited("  sampled and not marked", missing, "s", 0.5))
    rows.append(limited("  marked and not sampled", more, "s", 0.5))
    rows.append(limited("  refilled after the end of a span, slowest", slowest / 1000, "s", 30))
    rows.append(limited(f"  lost lines, of {written:,}", lost, "", 0))
    rows.append(limited("  lines that came twice", twice, "", 0))
    rows.append(limited("  key to frame, p95", percentile(pressed, 0.95) * 1000, "ms", 50))


def written_lines(count: int) -> list[LogLine]:
    """JSON lines of the demo's service `web`, ten a second up to now."""
    program, form = Program("web", "app", "4a5a" * 8, "1", 8080), FORMATS["json"]
    now = wall_clock.milliseconds()
    events = []
    for number in range(count):
        at = now - (count - number) * 100
        events.append(
            LogEvent(WEB, f"ecs/app/{'4a5a' * 8}", at, form.work(program, at, mix(number))[0], at)
        )
    return LineMaker().lines(WEB, events)


async def many(demo: Demo, rows: list[Row]) -> None:
    """100,000 lines: filters and pages."""
    demo.heal()
    async with running_app(demo.account(), size=(140, 43)) as (app, pilot):
        page = await open_logs(app, pilot, "orders")
        page.workers.cancel_group(page, "logs")
        page.lines.start_again()
        page.lines_arrived(written_lines(LINES), older=False)
        count = len(events_of(app))
        rows.append(limited(f"lines of {LINES:,} that are not kept", LINES - count, "", 0))
        keys = Keys(app, page)
        await keys.times(["g"], 0.1)
        pressed = await keys.times([*["space"] * 30, *PAGE_KEYS * 15], 0.05)
        rows.append(
            limited("  key to frame, pages, p95", percentile(pressed, 0.95) * 1000, "ms", 25)
        )
        for pause, how in ((1 / TYPED, f"typed, {TYPED} keys/s"), (0.0, "pasted")):
            for words in FILTERS:
                for chunk in page.lines.shown.buffer._chunks:
                    chunk.changed()  # as at the first use
                took = await filtered(app, page, words, pause)
                rows.append(limited(f"  filter {words} ({how})", took, "ms", 100))
        took = await filtered(app, page, FILTERS[0], 0)
        rows.append(Row("  a filter for the second time", took, "ms"))


async def filtered(app: Any, page: LogsPage, words: str, pause: float) -> float:
    """Milliseconds from `enter` to the frame with the lines that match.

    Args:
        pause: Seconds before each character; 0 to insert all at once.
    """
    app.post_message(Key("ampersand", "&"))
    line = await until(lambda: app.focused if isinstance(app.focused, Input) else None, "the line")
    line.value = ""
    for part in words if pause else (words,):
        await asyncio.sleep(pause)
        line.insert_text_at_cursor(part)
    await asyncio.sleep(pause)
    drawn = asyncio.Event()
    started = time.perf_counter()
    app.post_message(Key("enter", "\r"))
    while page.search.filter != words or page.search.busy:
        await asyncio.sleep(0)
        assert time.perf_counter() < started + 30, "no filter"
    page.lines.call_after_refresh(drawn.set)
    await drawn.wait()
    seconds = time.perf_counter() - started
    assert 0 < len(events_of(app)) < LINES, words
    return seconds * 1000


async def bare_sequence(demo: Demo, service: str) -> float:
    """Seconds of DescribeTasks, DescribeTaskDefinition and FilterLogEvents, one after the other."""
    account = demo.account()
    found = [arn async for page in ecs.list_tasks(account, "prod", service) for arn in page]
    await logs.log_group(account, WEB)  # the clients are made
    started = time.perf_counter()
    tasks = await ecs.describe_tasks(account, "prod", found)
    definition = await ecs.describe_task_definition(account, tasks[0].task_definition)
    sources = [each for task in tasks for each in sources_of(task, definition)]
    group = next(each.group for each in sources if each.group is not None)
    await logs.filter_log_events(
        account, group, since=wall_clock.milliseconds() - 900_000, limit=500, newest_first=True
    )
    seconds = time.perf_counter() - started
    await account.close()
    return seconds


async def first_line(rows: list[Row]) -> None:
    """From `L` to the first log line on the screen, each answer 50 ms late."""
    with demo_account("--latency", "50ms") as demo:
        bare = [await bare_sequence(demo, service) for service in SERVICES]
        found = []
        async with running_app(demo.account(), size=(140, 43), cache=False) as (app, pilot):
            await open_services(app, pilot)
            for service in SERVICES:
                select(app, service)
                started = time.perf_counter()
                await app.browser.on_key(Key("L", "L"))
                await until(lambda: app.browser.place.view == "logs", "the page")
                await until(lambda: events_of(app), "a line")
                drawn = asyncio.Event()
                logs_page(app).lines.call_after_refresh(drawn.set)
                await drawn.wait()
                found.append(time.perf_counter() - started)
                await app.browser.on_key(Key("escape", None))
                await until(lambda: app.browser.place.view == "services" and names(app), "back")
    rows.append(Row("L to the first log line, the first time in a run", found[0], "s"))
    words = "L to the first log line (50 ms latency)"
    calls = "the three calls"
    rows.append(compared(words, statistics.median(found), "s", calls, statistics.median(bare), 1.5))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", default="follow,tail,many,first,beside")
    given = parser.parse_args()
    only, rows = given.only.split(","), list[Row]()
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = os.environ["XDG_STATE_HOME"] = cache
        if {"follow", "tail", "many"} & {*only}:
            with demo_account() as demo:
                if "many" in only:
                    asyncio.run(many(demo, rows))
                if "follow" in only:
                    asyncio.run(followed(demo, given.seconds, rows))
                if "tail" in only:
                    asyncio.run(tailed(demo, rows))
        if "first" in only:
            asyncio.run(first_line(rows))
        if "beside" in only:
            rows += asyncio.run(beside(given.seconds / 2))
    finish(rows)


if __name__ == "__main__":
    main()
