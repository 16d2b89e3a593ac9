"""The AWS CLI reads the demo account's logs: version 1 or 2, where one is installed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.demo import Demo
from tests.support.demo_logs import ARN, ORDERS, now_ms
from tests.support.limits import limit

LINE = re.compile(r"Order [0-9a-f]{6} (placed in \d+ ms|took longer|failed)")


def version(program: str) -> str:
    """Its main version, "" if it does not run."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"aws-cli/(\d)", done.stdout or done.stderr)
    return found[1] if found else ""


@pytest.fixture(scope="module")
def programs() -> dict[str, str]:
    """The AWS CLIs on this machine, by version."""
    found = {shutil.which("aws"), shutil.which("aws", path="/usr/local/bin:/usr/bin")} - {None}
    return {version(str(path)): str(path) for path in sorted(map(str, found))}


def command(demo: Demo, program: str, home: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment of an AWS CLI.

    Versions before 2.13 do not read AWS_ENDPOINT_URL.
    """
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_PAGER": ""}
    line = [program, "--endpoint-url", demo.endpoint, "logs", *words]
    return line, environment | demo.environment


@pytest.mark.parametrize("major", ["1", "2"])
def test_filter_log_events(
    demo: Demo, programs: dict[str, str], tmp_path: Path, major: str
) -> None:
    if major not in programs:
        pytest.skip(f"the AWS CLI {major} is not installed")
    words = ("--log-group-name", ORDERS, "--start-time", str(now_ms() - 60_000))
    line, environment = command(
        demo, programs[major], tmp_path, "filter-log-events", *words, "--filter-pattern",
        "?placed ?failed", "--page-size", "40", "--output", "json",
    )  # fmt: skip
    done = subprocess.run(line, env=environment, capture_output=True, timeout=limit(60), check=True)
    found = json.loads(done.stdout)["events"]
    assert len(found) > 100
    assert all(LINE.search(event["message"]) for event in found)
    assert len({event["eventId"] for event in found}) == len(found)


def until_lines(line: list[str], environment: dict[str, str], count: int) -> list[str]:
    """The first lines of a program that goes on and on; then it is interrupted."""
    process = subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        return [process.stdout.readline() for _ in range(count)]
    finally:
        process.send_signal(signal.SIGINT)
        process.stdout.close()
        process.wait(limit(30))


def test_tail_follows(demo: Demo, programs: dict[str, str], tmp_path: Path) -> None:
    if "2" not in programs:
        pytest.skip("the AWS CLI 2 is not installed")
    line, environment = command(
        demo, programs["2"], tmp_path, "tail", ORDERS, "--since", "5s", "--follow",
        "--format", "short", "--filter-pattern", "placed",
    )  # fmt: skip
    found = until_lines(line, environment, 60)
    assert all(LINE.search(text) for text in found)


def test_start_live_tail(demo: Demo, programs: dict[str, str], tmp_path: Path) -> None:
    if "1" not in programs:
        pytest.skip("an AWS CLI with start-live-tail is not installed")
    line, environment = command(
        demo, programs["1"], tmp_path, "start-live-tail", "--log-group-identifiers",
        f"{ARN}{ORDERS}", "--log-event-filter-pattern", "placed",
    )  # fmt: skip
    found = until_lines(line, environment, 20)
    assert all(LINE.search(text) for text in found)
