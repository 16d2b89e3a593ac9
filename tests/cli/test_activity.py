"""ecs-tui activity as a process: text and rows, layers, what could not be read, wrong words."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import time

import pytest

from ecs_tui.cli import activity
from tests.support.command import run_command
from tests.support.jq import through_jq
from tests.support.stub_aws import SERVICE_RAW, StubAws, error_reply


def run(stub: StubAws, *argv: str) -> subprocess.CompletedProcess[str]:
    done = run_command({**os.environ, **stub.environment()}, "activity", *argv)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def eventful(stub: StubAws) -> StubAws:
    now = time.time()
    events = [
        {"id": "2", "createdAt": now - 30, "message": "(service web) has begun draining\x1b[2J."},
        {"id": "1", "createdAt": now - 90, "message": "(service web) was unable to place a task."},
        {
            "id": "0",
            "createdAt": now - 9000,
            "message": "(service web) has reached a steady state.",
        },
    ]
    stub.answers["ecs:DescribeServices"] = {"services": [{**SERVICE_RAW, "events": events}]}
    return stub


def test_text_has_a_line_for_each_entry_the_oldest_first(eventful: StubAws) -> None:
    done = run(eventful, "stub", "web", "--layer", "events")
    first, second = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert "✖ web  was unable to place a task." in first and "draining" in second
    assert "\x1b" not in done.stdout
    assert (
        run(eventful, "stub", "web", "--since", "3h", "--layer", "events").stdout.count("\n") == 3
    )


def test_rows_and_what_could_not_be_read(eventful: StubAws) -> None:
    for name in ("cloudwatch:DescribeAlarms", "cloudtrail:LookupEvents"):
        eventful.faults[name] = lambda op: error_reply(op, "AccessDenied", "no")
    done = run(eventful, "stub", "web", "--output", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 3
    assert [row["layer"] for row in rows] == ["events", "events"]
    assert rows[0]["sign"] == "bad" and rows[0]["serviceName"] == "web"
    assert "alarms: not allowed to look (cloudwatch:DescribeAlarms)" in done.stderr
    assert "sessions: not allowed to look (cloudtrail:LookupEvents)" in done.stderr


def test_rows_are_read_back_by_csv_and_jq(eventful: StubAws) -> None:
    hostile = {"id": "3", "createdAt": time.time() - 10, "message": "=1+1\x1b[2J"}
    eventful.answers["ecs:DescribeServices"] = {"services": [{**SERVICE_RAW, "events": [hostile]}]}
    argv = ("stub", "web", "--layer", "events", "--output")
    (row,) = csv.DictReader(io.StringIO(run(eventful, *argv, "csv").stdout, newline=""))
    assert row["what"] == "'=1+1�[2J"
    text = run(eventful, *argv, "jsonl").stdout
    (read,) = through_jq(text)
    assert read == json.loads(text)


@pytest.mark.parametrize(
    ("argv", "status", "words"),
    [
        (("stub", "web", "--since", "x"), 2, "is not a time"),
        (("stub", "web", "--around", "1h", "--since", "2h"), 2, "contradicts"),
        (("stub", "web", "--since", "1h", "--until", "2h"), 2, "is later than"),
        (("stub", "web", "--layer", "x"), 2, "--layer"),
    ],
)
def test_wrong_words(stub: StubAws, argv: tuple[str, ...], status: int, words: str) -> None:
    done = run(stub, *argv)
    assert done.returncode == status and words in done.stderr
    assert activity.SUBCOMMAND.name == "activity"


def test_a_service_that_does_not_exist(stub: StubAws) -> None:
    stub.answers["ecs:DescribeServices"] = {"services": [], "failures": []}
    stub.answers["ecs:ListTasks"] = {"taskArns": []}
    done = run(stub, "stub", "gone")
    assert done.returncode == 1 and "gone" in done.stderr
