"""`ecs-tui logs --follow` beside `aws logs tail --follow` on the same log stream, at the same time."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime

from benchmarks.panes import cpu_seconds, family
from benchmarks.rows import Row, percentile
from ecs_tui.system import wall_clock
from tests.support.demo import Demo, demo_account
from tests.support.demo_logs import WEB, boto_client, events, task_ids
from tests.support.limits import until

RATE = 400
"""Lines a second of the stream: below the 500 above which a live tail is sampled."""
SETTLING = 6.0
"""Seconds for which all programs have followed before they are measured."""
SETTLED_SECONDS = 95.0
"""Seconds after which each span has been read a last time: `store/log_feed.py`."""
_TIME = re.compile(rb'time\\?":\\?"([\dT:.-]+)Z.*?trace_id\\?":\\?"([0-9a-f]+)')


@dataclass
class Program:
    """A program that follows, and what it has printed.

    Attributes:
        name: What it is called in the rows.
        lines: When each line was written, by its trace ID; in milliseconds.
        delays: Milliseconds from the writing of each line to its printing.
        twice: Lines that it printed more than once.
    """

    name: str
    argv: list[str]
    lines: dict[bytes, int] = field(default_factory=dict)
    delays: list[int] = field(default_factory=list)
    twice: int = 0
    cpu: float = 0.0

    async def read(self, stream: asyncio.StreamReader) -> None:
        """Take its output."""
        async for line in stream:
            found = _TIME.search(line)
            if found is None:
                continue
            moment = datetime.fromisoformat(f"{found[1].decode()}+00:00")
            at, key = round(moment.timestamp() * 1000), found[2]
            self.twice += key in self.lines
            self.lines[key] = at
            self.delays.append(wall_clock.milliseconds() - at)


def programs(demo: Demo, task: str) -> list[Program]:
    """What follows the stream: this program in both ways, and the AWS CLI if there is one."""
    ours = [sys.executable, "-m", "ecs_tui", "logs", "prod", f"{task}/app", "--follow", "-n", "1"]
    ours += ["--output", "jsonl"]
    made = [Program("live tail", ours), Program("polling", [*ours, "--no-live-tail"])]
    aws = shutil.which("aws", path="/usr/bin:/usr/local/bin")
    if aws is not None:
        words = ["tail", WEB, "--log-stream-names", f"ecs/app/{task}", "--follow", "--since", "1s"]
        line = [aws, "--endpoint-url", demo.endpoint, "logs", *words, "--format", "short"]
        made.append(Program("aws logs tail", line))
    return made


async def beside(seconds: float) -> list[Row]:
    """Follow one stream with all programs for some time.

    Args:
        seconds: How long is measured.
    """
    with demo_account() as demo, tempfile.TemporaryDirectory() as home:
        tasks = task_ids(demo, "web")
        demo.set_logs(rate=RATE * len(tasks))
        env = {**os.environ, **demo.environment, "HOME": home, "AWS_PAGER": ""}
        every = programs(demo, tasks[0])
        pipe = asyncio.subprocess.PIPE
        running = [
            await asyncio.create_subprocess_exec(
                *each.argv, env=env, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, limit=2**20
            )
            for each in every
        ]
        reading = [
            asyncio.create_task(each.read(process.stdout))
            for each, process in zip(every, running, strict=True)
            if process.stdout is not None
        ]
        await until(lambda: all(each.lines for each in every), "all follow", 60)
        await asyncio.sleep(SETTLING)
        for each in every:
            each.delays.clear()
        start = wall_clock.milliseconds()
        before = [cpu_seconds(family(process.pid)) for process in running]
        begun = time.perf_counter()
        await asyncio.sleep(seconds)
        took, end = time.perf_counter() - begun, wall_clock.milliseconds()
        for each, process, used in zip(every, running, before, strict=True):
            each.cpu = (cpu_seconds(family(process.pid)) - used) / took
        delays = {each.name: list(each.delays) for each in every}
        await asyncio.sleep(SETTLED_SECONDS)  # what is late comes too
        for process in running:
            process.kill()
        await asyncio.gather(*reading)
        logs = boto_client(demo, "logs")
        stream = f"ecs/app/{tasks[0]}"
        span = {"startTime": start, "endTime": end, "logStreamNames": [stream]}
        truth = [
            found[2]
            for event in events(logs, logGroupName=WEB, **span)
            if (found := _TIME.search(event["message"].encode()))
        ]
    return _rows(every, delays, truth, (end - start) / 1000)


def _rows(
    every: list[Program], delays: dict[str, list[int]], truth: list[bytes], seconds: float
) -> list[Row]:
    rows = [Row("one stream beside aws logs tail: lines written", len(truth) / seconds, "/s")]
    aws = next((each for each in every if each.name.startswith("aws")), None)
    for what, unit in (("lines", "/s"), ("delay, median", "s"), ("delay, p95", "s"),
                       ("CPU, of a core", ""), ("lost lines", ""), ("lines twice", "")):  # fmt: skip
        values = {
            each.name: _value(what, each, delays[each.name], truth, seconds) for each in every
        }
        for each in every:
            if each is not aws:
                row = Row(f"  {each.name}: {what}", values[each.name], unit)
                if aws is not None:
                    row.yardstick, row.yardstick_value = aws.name, values[aws.name]
                    row.ratio = (
                        round(row.value / row.yardstick_value, 3) if row.yardstick_value else None
                    )
                if what in ("lost lines", "lines twice"):
                    row.bar, row.ok = "<= 0", row.value == 0
                rows.append(row)
    return rows


def _value(
    what: str, program: Program, delays: list[int], truth: list[bytes], seconds: float
) -> float:
    if what == "lines":
        return len(delays) / seconds
    if what.startswith("delay"):
        if not delays:
            return float("inf")
        chosen = statistics.median(delays) if "median" in what else percentile(delays, 0.95)  # type: ignore[type-var,arg-type]
        return chosen / 1000
    if what.startswith("CPU"):
        return program.cpu
    return sum(key not in program.lines for key in truth) if "lost" in what else program.twice
