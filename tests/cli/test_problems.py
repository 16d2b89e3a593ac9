"""ecs-tui problems as a process: rows, formats, exit statuses, what could not be read."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from ecs_tui.cli.problems import FORMAT, SUBCOMMAND
from tests.support.command import run_command
from tests.support.stub_aws import StubAws
from tests.support.stub_clusters import StubCluster, StubClusters


@pytest.fixture
def env(stub: StubAws, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8", **stub.environment(),
    }  # fmt: skip


@pytest.fixture
def prod(clusters: StubClusters) -> StubCluster:
    made = clusters.add("prod")
    made.service("api", desiredCount=1, runningCount=1)
    made.task("1a", "api")
    return made


def fail(cluster: StubCluster) -> None:
    cluster.service("web", desiredCount=2, runningCount=0)
    cluster.task(
        "2a", "web", lastStatus="STOPPED", desiredStatus="STOPPED", stoppedAt=time.time() - 30,
        stopCode="TaskFailedToStart", containers=[{"name": "app", "lastStatus": "STOPPED"}],
        stoppedReason="CannotPullContainerError: \x1b[31mweb:nope: not found",
    )  # fmt: skip


def problems(env: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    done = run_command(env, "problems", *argv)
    assert "Traceback" not in done.stderr
    return done


def test_a_cluster_without_problems(env: dict[str, str], prod: StubCluster) -> None:
    done = problems(env, "--cluster", "prod", "--output", "json")
    assert (done.returncode, json.loads(done.stdout)) == (0, [])


def test_problems_in_each_format(env: dict[str, str], prod: StubCluster) -> None:
    fail(prod)
    done = problems(env)
    assert done.returncode == 1
    assert "prod/web" in done.stdout
    assert "\x1b" not in done.stdout
    rows = json.loads(problems(env, "--output", "json").stdout)
    assert [row["cause"] for row in rows] == ["image-not-found"]
    assert tuple(rows[0]) == FORMAT.keys
    assert rows[0]["evidence"][0]["source"] == "ecs:DescribeTasks"
    (line,) = problems(env, "--output", "jsonl").stdout.splitlines()
    assert json.loads(line)["severity"] == "failing"
    (row,) = csv.DictReader(io.StringIO(problems(env, "--output", "csv").stdout))
    assert (row["cluster"], row["name"]) == ("prod", "web")
    assert problems(env, "--filter", "severity:notice", "--output", "json").stdout.strip() == "[]"


def test_what_cannot_be_read_is_no_all_clear(env: dict[str, str], prod: StubCluster) -> None:
    prod.denied |= {"ListServices"}
    done = problems(env, "--cluster", "prod")
    assert done.returncode == 3
    assert "prod was not read" in done.stderr
    assert SUBCOMMAND.name == "problems"


def test_watching_is_for_formats_that_never_end(env: dict[str, str], prod: StubCluster) -> None:
    done = problems(env, "--watch", "--output", "json")
    assert done.returncode == 2
    assert "--watch" in done.stderr
