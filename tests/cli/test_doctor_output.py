"""`ecs-tui doctor` and `ecs-tui info`: the report of a whole cluster, and rows in every format."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess

import pytest

from ecs_tui.cli.doctor import FINDINGS, KEYS
from ecs_tui.cli.info import LINES, InfoLine
from tests.support.command import run_command
from tests.support.demo import Demo

HEADING = re.compile(r"([\w-]+)/[0-9a-f]{12}: (ready|not ready|unknown)( \(.*\))?(, \d warnings?)?")


def run(demo: Demo, *argv: str) -> subprocess.CompletedProcess[str]:
    done = run_command({**os.environ, **demo.environment}, *argv)
    assert done.stderr == ""
    return done


def test_a_ready_service_of_a_cluster_has_one_line(demo: Demo) -> None:
    done = run(demo, "doctor", "exec-cases")
    assert done.returncode == 1
    *lines, summary = done.stdout.splitlines()
    healths = {found[1]: found[2] for line in lines if (found := HEADING.fullmatch(line))}
    assert healths["healthy"] == "ready" and healths["weak-role"] == "not ready"
    counts = [list(healths.values()).count(each) for each in ("ready", "not ready", "unknown")]
    words = [
        f"{count} {each}"
        for count, each in zip(counts, ("ready", "not ready", "unknown"), strict=True)
        if count
    ]
    assert summary == f"{len(healths)} services: {', '.join(words)}"
    assert not any(re.match(r"  \S+ pass ", line) for line in lines), "what is fine is left out"
    at = next(index for index, line in enumerate(lines) if line.startswith("healthy/"))
    assert HEADING.fullmatch(lines[at + 1]), "its findings are left out"
    bad = next(index for index, line in enumerate(lines) if line.startswith("weak-role/"))
    assert re.match(r"  \S+ (fail|warn|unknown) ", lines[bad + 1])


def test_verbose_and_a_single_target_have_all_findings(demo: Demo) -> None:
    one = run(demo, "doctor", "exec-cases", "healthy").stdout
    assert "pass    Task running" in one
    assert "services:" not in one
    whole = run(demo, "doctor", "exec-cases", "--verbose").stdout
    assert whole.count("pass    Task running") > 5
    assert re.fullmatch(r"\d+ services: .*ready.*", whole.splitlines()[-1])


def test_findings_as_rows(demo: Demo) -> None:
    argv = ("doctor", "exec-cases", "weak-role")
    rows = json.loads(run(demo, *argv, "--json").stdout)
    assert all(tuple(row) == KEYS for row in rows)
    lines = run(demo, *argv, "--output", "jsonl").stdout.splitlines()
    assert [json.loads(line)["check"] for line in lines] == [row["check"] for row in rows]
    found = list(
        csv.DictReader(io.StringIO(run(demo, *argv, "--output", "csv").stdout, newline=""))
    )
    assert [row["question"] for row in found] == [row["question"] for row in rows]
    done = run(
        demo,
        *argv,
        "--columns",
        "check,outcome",
        "--filter",
        "outcome:fail",
        "--sort",
        "check",
        "--no-headers",
    )
    assert done.returncode == 1
    failed = sorted(row["check"] for row in rows if row["outcome"] == "fail")
    assert [line.split() for line in done.stdout.splitlines()] == [
        [check, "fail"] for check in failed
    ]
    heads = run(demo, *argv, "--output", "table").stdout.splitlines()[0].split()
    assert heads == [column.head for column in FINDINGS.table]


def test_info_as_rows(demo: Demo) -> None:
    rows = json.loads(run(demo, "info", "--json").stdout)
    assert all(tuple(row) == LINES.keys == tuple(InfoLine.__slots__) for row in rows)
    lines = run(
        demo, "info", "--output", "jsonl", "--filter", "section:versions"
    ).stdout.splitlines()
    assert [json.loads(line)["name"] for line in lines] == [
        row["name"] for row in rows if row["section"] == "versions"
    ]
    done = run(
        demo,
        "info",
        "--columns",
        "name,result",
        "--filter",
        "result:ok",
        "--no-headers",
        "--sort",
        "name",
    )
    asked = sorted(row["name"] for row in rows if row["ok"] is True)
    assert [line.split() for line in done.stdout.splitlines()] == [[name, "ok"] for name in asked]


@pytest.mark.parametrize("verb", [("doctor", "prod", "web"), ("info",)])
def test_an_unknown_column_is_said(demo: Demo, verb: tuple[str, ...]) -> None:
    done = run_command({**os.environ, **demo.environment}, *verb, "--columns", "none")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'have no column "none"' in done.stderr and "tag:" not in done.stderr
