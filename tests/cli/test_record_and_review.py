"""ecs-tui record, review and iam-policy as processes, on a stub."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ecs_tui.system.exit_status import ExitStatus
from tests.support import audit_events as made
from tests.support.command import run_command
from tests.support.demo import demo_account
from tests.support.jq import through_jq
from tests.support.stub_aws import StubAws, error_reply

SIMULATE = "iam:SimulatePrincipalPolicy"


@pytest.fixture
def account(stub: StubAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StubAws]:
    """The stub with some events, and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    more: dict[str, Any] = {"now": datetime.now(UTC), "cluster": "stub"}
    stub.answers["cloudtrail:LookupEvents"] = made.TrailAnswers(
        made.exec_record("ecs-execute-command-1", task="a" * 32, minutes=30, who=made.SSO, **more),
        made.denied_record(task="a" * 32, minutes=120, **more),
        made.start_record("eve-0123", task="b" * 32, minutes=60 * 30, who=made.ROLE, **more),
    )
    yield stub
    stub.reset()


def run(stub: StubAws, *argv: str) -> subprocess.CompletedProcess[str]:
    done = run_command({**os.environ, **stub.environment()}, *argv)
    assert "Traceback" not in done.stderr
    return done


def test_a_review_has_who_may_beside_who_did(account: StubAws) -> None:
    done = run(
        account, "review", "stub", "--since", "7d", "--principal", "role/=2", "--output", "csv"
    )
    assert done.returncode == ExitStatus.YES, done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
    found = {row["principal"].rpartition("/")[2]: row for row in rows}
    assert found["deploy"]["verdict"] == "only round the record"
    assert found["AWSReservedSSO_Admin_0123456789abcdef"]["sessions"] == "1"
    assert found["AWSReservedSSO_Admin_0123456789abcdef"]["people"] == '["bob@example.com"]'
    assert found["alice"]["denied"] == "1"
    assert rows[0]["verdict"] == "only round the record"
    assert "others may be allowed too" in done.stderr
    assert account.calls[SIMULATE] >= len(rows)


def test_a_record_says_what_is_bad_and_the_plan_what_it_does(account: StubAws) -> None:
    done = run(account, "record", "stub")
    assert done.returncode == ExitStatus.NO
    assert "▲ exec logging" in done.stdout and "✖ CloudTrail" in done.stdout
    assert "No trail records management events" in done.stdout
    plan = run(account, "record", "stub", "--on", "--dry-run")
    assert plan.returncode == ExitStatus.YES, plan.stderr
    assert "Creates the log group /ecs/exec/stub" in plan.stderr
    assert "Task role web lacks" in plan.stderr
    assert "aws ecs update-cluster" in plan.stderr + plan.stdout
    assert account.calls["ecs:UpdateCluster"] == 0
    wrong = run(account, "record", "stub", "--bucket", "b")
    assert wrong.returncode == ExitStatus.WRONG_USAGE and "--bucket is for --on" in wrong.stderr


def test_recording_is_turned_on(account: StubAws) -> None:
    configured = {
        "logging": "OVERRIDE",
        "logConfiguration": {
            "cloudWatchLogGroupName": "/exec",
            "cloudWatchEncryptionEnabled": False,
        },
    }
    account.answers["ecs:UpdateCluster"] = {"cluster": {}}
    before = account.answers.get("ecs:DescribeClusters")
    assert before is None or isinstance(before, dict)
    account.answers["ecs:DescribeClusters"] = {
        "clusters": [
            {
                "clusterArn": "arn:aws:ecs:us-east-1:111122223333:cluster/stub",
                "clusterName": "stub",
                "status": "ACTIVE",
                "configuration": {"executeCommandConfiguration": configured},
            }
        ]
    }
    done = run(account, "record", "stub", "--on", "--log-group", "/exec", "--yes")
    assert done.returncode == ExitStatus.YES, done.stderr
    assert "Sessions in stub are recorded in /exec." in done.stdout + done.stderr
    sent = [json.loads(body) for name, body in account.bodies if name == "ecs:UpdateCluster"]
    assert sent == [
        {"cluster": "stub", "configuration": {"executeCommandConfiguration": configured}}
    ]


def test_recording_is_turned_on_and_verified_in_the_demo() -> None:
    """What cannot be verified is said; a session of one's own proves the rest."""
    with demo_account() as demo:
        env = {**os.environ, **demo.environment}
        nothing = run_command(env, "record", "batch", "--verify", "--yes")
        assert nothing.returncode == ExitStatus.NO
        assert "There is nothing to verify: sessions in batch are not recorded." in nothing.stderr
        done = run_command(env, "record", "batch", "--on", "--yes", "--verify")
        assert done.returncode == ExitStatus.YES, done.stderr
        assert "Sessions in batch are recorded in /ecs/exec/batch." in done.stdout
        assert "Verified: sessions in batch are recorded." in done.stdout
        assert demo.sessions()[0] == 1
        again = run_command(env, "--read-only", "record", "batch", "--verify", "--yes")
        assert "Read-only mode: ecs:ExecuteCommand was blocked" in again.stderr
        assert demo.sessions()[0] == 1
        alone = run_command(env, "record", "batch", "--on", "--yes")
        assert "Verify it with: ecs-tui record batch --verify" in alone.stderr


def test_rows_are_read_back_by_csv_and_jq(account: StubAws) -> None:
    """A record has no CSV; of a review each cell is one that a spreadsheet takes for text."""
    argv = ("review", "stub", "--since", "7d", "--principal", "=cmd", "--output")
    done = run(account, *argv, "jsonl")
    assert done.returncode == ExitStatus.YES, done.stderr
    assert through_jq(done.stdout) == [json.loads(line) for line in done.stdout.splitlines()]
    cells = list(csv.reader(io.StringIO(run(account, *argv, "csv").stdout, newline="")))
    assert len(cells) > 1
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in cells for cell in row)
    lines = run(account, "record", "stub", "--output", "json").stdout
    (read,) = through_jq(lines)
    assert read == json.loads(lines) and {each["name"] for each in read} >= {"logging"}


def test_the_least_policy_and_what_is_lacking(account: StubAws) -> None:
    done = run(account, "iam-policy", "exec", "--tag", "team=web", "--cluster", "stub")
    assert done.returncode == ExitStatus.YES, done.stderr
    document = json.loads(done.stdout)
    granted = {each["Sid"]: each for each in document["Statement"]}
    assert granted["ExecIntoTasks"]["Condition"]["StringEquals"] == {"ecs:ResourceTag/team": "web"}
    assert granted["ExecIntoTasks"]["Resource"].endswith(":task/stub/*")
    lacking = run(account, "iam-policy", "audit", "--lacking")
    assert lacking.returncode == ExitStatus.NO, lacking.stderr
    assert "✖ Events, for the timeline: cloudtrail:LookupEvents" in lacking.stdout
    account.answers[SIMULATE] = error_reply(SIMULATE, "AccessDenied", "no", 403)
    unknown = run(account, "iam-policy", "exec", "--lacking")
    assert unknown.returncode == ExitStatus.NOT_ASKED and "not known" in unknown.stdout
    assert run(account, "iam-policy", "exec", "--tag", "team").returncode == ExitStatus.WRONG_USAGE
