"""ecs-tui logs as a process: targets, spans, filters, formats, following, what cannot be read."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import boto3
import pytest

from ecs_tui.cli import log_printer, logs
from ecs_tui.cli.log_printer import LINES, LogPrinter
from ecs_tui.cli.options import OutputOptions
from ecs_tui.logs.line import LogLine
from ecs_tui.logs.targets import TargetWatch
from tests.support.command import run_command
from tests.support.demo import Demo
from tests.support.demo_logs import boto_client, wait_for
from tests.support.limits import limit, until


def run(demo: Demo, *argv: str) -> subprocess.CompletedProcess[str]:
    done = run_command({**os.environ, **demo.environment}, "logs", *argv)
    assert "Traceback" not in done.stderr
    return done


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_last_lines_of_all_tasks_of_a_service_in_order(demo: Demo) -> None:
    done = run(demo, "prod", "cart", "-n", "40", "--output", "jsonl")
    found = rows(done)
    assert done.returncode == 0, done.stderr
    assert len(found) >= 40
    times = [row["timestamp"] for row in found]
    assert times == sorted(times)
    assert len({row["taskId"] for row in found}) > 1
    assert {row["logGroupName"] for row in found if row["kind"] == "event"} == {"/prod/shop"}
    assert all(
        row["logStreamName"].endswith(row["taskId"]) for row in found if row["kind"] == "event"
    )


def test_a_span_is_whole_and_agrees_with_boto3(demo: Demo) -> None:
    client = boto3.client(
        "logs", endpoint_url=demo.endpoint, region_name=demo.region,
        aws_access_key_id=demo.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=demo.environment["AWS_SECRET_ACCESS_KEY"],
    )  # fmt: skip
    end = int(datetime.now(UTC).timestamp() * 1000) - 30_000
    found = rows(
        run(demo, "prod", "payments/app", "--since", str(end - 60_000), "--until", str(end), "--output", "jsonl")
    )  # fmt: skip
    events = [row for row in found if row["kind"] == "event"]
    streams = {row["logStreamName"] for row in events}
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName="/ecs/prod/payments", startTime=end - 60_000, endTime=end
    )
    truth = [each for page in pages for each in page["events"] if each["logStreamName"] in streams]
    assert sorted(row["message"] for row in events) == sorted(each["message"] for each in truth)
    assert len(truth) > 20


def test_filters_and_formats(demo: Demo) -> None:
    done = run(demo, "prod", "web/app", "--level", "warn", "-n", "5", "--output", "json")
    found = json.loads(done.stdout)
    assert found and {row["level"] for row in found} <= {"warn", "error", "fatal"}
    assert {row["containerName"] for row in found} == {"app"}
    done = run(
        demo,
        "prod",
        "web/app",
        "--grep",
        "static",
        "--exclude",
        "status.:200",
        "-n",
        "4",
        "--output",
        "csv",
    )
    table = list(csv.DictReader(io.StringIO(done.stdout)))
    assert all("static" in row["message"] and '"status":200' not in row["message"] for row in table)
    done = run(demo, "prod", "web/app", "-n", "3", "--columns", "task,message")
    assert done.stdout.splitlines()[0].upper().split() == ["TASK", "MESSAGE"]


def test_text_is_harmless_and_has_times_tasks_and_levels(demo: Demo) -> None:
    done = run(demo, "staging", "sandbox", "-n", "200", "--utc")
    assert done.returncode == 0
    assert all(char.isprintable() or char == "\n" for char in done.stdout)
    line = run(demo, "prod", "payments/app", "-n", "1", "--utc").stdout
    time, task, container, level, message = line.split(" ", 4)
    assert time.endswith("Z") and len(task) >= 4 and container == "app"
    assert level.isupper() and "level=" in message


def test_a_crash_ends_with_a_separator(demo: Demo) -> None:
    ecs = boto_client(demo, "ecs")

    def stopped() -> bool:
        found = ecs.list_tasks(cluster="prod", family="worker", desiredStatus="STOPPED")["taskArns"]
        tasks = ecs.describe_tasks(cluster="prod", tasks=found)["tasks"] if found else []
        return sum(task["lastStatus"] == "STOPPED" for task in tasks) > 1

    wait_for(stopped, 90)
    done = run(demo, "prod", "worker", "--since", "20m")
    assert "--- app stopped: exit 137 OutOfMemoryError ---" in done.stdout
    done = run(demo, "prod", "worker", "--previous", "-n", "30")
    assert done.stdout.splitlines()[-1].endswith("--- app stopped: exit 137 OutOfMemoryError ---")


def test_other_regions_and_streams_without_a_prefix(demo: Demo) -> None:
    assert run(demo, "prod", "resolver", "-n", "3").stdout.count("\n") >= 3
    assert run(demo, "batch", "legacy-batch", "-n", "3").stdout.count("\n") >= 3


@pytest.mark.parametrize(
    ("target", "status", "words"),
    [
        (("prod", "edge/nginx"), 1, "through FireLens (container log-router) to firehose"),
        (("prod", "mailer"), 1, "has no log configuration"),
        (("batch", "reindex"), 1, "stay in a file on its container instance"),
        (("batch", "export"), 1, "go to the log driver splunk"),
        (("prod", "vault"), 3, "not authorized"),
        (("prod", "nonsense"), 1, "nonsense"),
        (("prod", "web/nonsense"), 1, "nonsense"),
        (("prod", "web", "--since", "soon"), 2, "--since"),
        (("prod", "web", "--grep", "("), 2, "--grep"),
        (("prod", "web", "--follow", "--until", "1h"), 2, "contradict"),
        (("prod", "web", "--since", "1m", "--until", "1h"), 2, "later than --until"),
        (("prod", "web", "--level", "loud"), 2, "loud"),
        (("prod", "--group", "/no/such"), 1, "does not exist"),
    ],
)
def test_what_cannot_be_read_is_said(
    demo: Demo, target: tuple[str, ...], status: int, words: str
) -> None:
    done = run(demo, *target)
    assert words in done.stderr
    assert done.returncode == status, done.stderr
    assert "splunk-token" not in done.stderr


def test_container_insights_and_another_group(demo: Demo) -> None:
    done = run(demo, "prod", "--group", "insights", "-n", "2", "--output", "jsonl")
    assert done.returncode == 0, done.stderr
    assert all(row["logGroupName"].startswith("/aws/ecs/containerinsights/") for row in rows(done))


@pytest.mark.asyncio
@pytest.mark.parametrize("flags", [(), ("--no-live-tail",)])
async def test_following_prints_new_lines_until_it_is_interrupted(
    demo: Demo, flags: tuple[str, ...]
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ecs_tui", "logs", "prod", "cart", "--follow", "-n", "2",
        "--output", "jsonl", *flags,
        env={**os.environ, **demo.environment},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    found: list[dict[str, str]] = []
    begun = datetime.now(UTC)

    async def read() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            found.append(json.loads(line))

    reading = asyncio.create_task(read())
    await until(
        lambda: sum(row["timestamp"] > begun.isoformat() for row in found) >= 5,
        "five lines that were written after the start",
        limit(60),
    )
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    errors = await process.stderr.read()
    await reading
    assert await process.wait() == 130, errors.decode()
    keys = [(row["logStreamName"], row["timestamp"], row["message"]) for row in found]
    assert len(keys) == len(set(keys))


@pytest.mark.asyncio
async def test_a_watch_reads_tasks_and_their_sources(demo: Demo) -> None:
    account = demo.account()
    try:
        known = await TargetWatch(account, "prod", "worker", container="app").read()
        assert known.tasks and {task.service for task in known.tasks} == {"worker"}
        assert {each.container for each in known.sources} == {"app"} and known.ends
        before = await TargetWatch(account, "prod", "worker").previous()
        assert before.ended and len(before.tasks) == 1
        none = await TargetWatch(account, "staging", "sandbox").previous()
        assert all(each.task not in {t.id for t in none.tasks} for each in none.sources)
    finally:
        await account.close()


def test_rows_have_the_same_keys_for_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    printer = LogPrinter(OutputOptions("jsonl"), utc=True)
    printer.lines([LogLine(5, "a\x1b[31m", 1)])
    printer.end()
    (row,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert tuple(row) == LINES.keys and row["message"] == "a\x1b[31m"
    assert log_printer.LINES.name == "lines" and logs.SUBCOMMAND.name == "logs"
