"""ecs-tui audit and ecs-tui sessions as processes, on a stub with hand-written events."""

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
from urllib.parse import urlsplit

import pytest

from ecs_tui.cli import audit, sessions
from ecs_tui.cli.status_line import StatusLine
from ecs_tui.errors import WrongUsage
from ecs_tui.model.reference import parse_target
from ecs_tui.model.session_record import SessionRecord, line_of
from ecs_tui.resources.unlisted_sessions import PERHAPS_ENDED
from ecs_tui.system.exit_status import ExitStatus
from ecs_tui.system.session_log import append_line
from tests.support import audit_events as made
from tests.support.command import run_command
from tests.support.jq import through_jq
from tests.support.stub_aws import StubAws, error_reply

TASK_A, TASK_B = "a" * 32, "b" * 32
LOOKUP = "cloudtrail:LookupEvents"
QUICK = ("--layer", "sessions")
"""LookupEvents is called twice a second at most: the other layers would take ten seconds."""


@pytest.fixture
def trail(stub: StubAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StubAws]:
    """The stub with some events, and an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    more: dict[str, Any] = {"now": datetime.now(UTC), "cluster": "stub"}
    stub.answers[LOOKUP] = made.TrailAnswers(
        made.exec_record("ecs-execute-command-1", task=TASK_A, minutes=30, who=made.SSO, **more),
        made.exec_record("ecs-execute-command-2", task=TASK_B, minutes=60,
                         command="=1+1\x1b[31m", **more),
        made.denied_record(task=TASK_A, minutes=120, **more),
        made.start_record("eve-0123", task=TASK_B, minutes=60 * 30, who=made.ROLE, **more),
    )  # fmt: skip
    yield stub
    stub.reset()


def run(stub: StubAws, *argv: str) -> subprocess.CompletedProcess[str]:
    done = run_command({**os.environ, **stub.environment()}, *argv)
    assert "Traceback" not in done.stderr
    return done


def test_the_timeline_of_a_service_and_a_second_time_from_what_was_kept(trail: StubAws) -> None:
    done = run(trail, "audit", "stub", "web", *QUICK, "--output", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == ExitStatus.YES, done.stderr
    assert [row["who"] for row in rows] == ["bob@example.com", "alice", "alice", "carol"]
    assert [row["marks"] for row in rows] == [[], [], ["denied"], ["around"]]
    assert {row["service"] for row in rows} == {"web"}
    first = trail.calls[LOOKUP]
    again = run(trail, "audit", "stub", TASK_A[:8], *QUICK, "--output", "csv", "--flagged")
    table = list(csv.DictReader(io.StringIO(again.stdout, newline="")))
    assert [row["result"] for row in table] == ["denied: explicitly by a service control policy"]
    assert trail.calls[LOOKUP] == 2 * first, "a page for each name, as at first"
    starts = [json.loads(body)["StartTime"] for name, body in trail.bodies if name == LOOKUP]
    assert min(starts[first:]) > max(starts[:first]), "only the last minutes are asked for again"


HOSTILE = "=cmd|' /C calc'!A0\x1b]0;x\x07"


def test_events_and_sessions_are_read_back_by_csv_and_jq(trail: StubAws) -> None:
    more: dict[str, Any] = {"now": datetime.now(UTC), "cluster": "stub", "minutes": 5}
    hostile = made.exec_record("ecs-execute-command-3", command=HOSTILE + "\ud800", **more)
    trail.answers[LOOKUP] = made.TrailAnswers(hostile)
    trail.answers["ssm:DescribeSessions"] = {
        "Sessions": [
            {"SessionId": "ecs-execute-command-3", "Target": f"ecs:stub_{TASK_A}_r-1",
             "StartDate": datetime.now(UTC).timestamp() - 300, "Status": "=1+1"}
        ]
    }  # fmt: skip
    for argv in (("audit", "stub", *QUICK), ("sessions", "stub")):
        table = run(trail, *argv, "--output", "csv")
        (row,) = csv.DictReader(io.StringIO(table.stdout, newline=""))
        assert row["command"] == "'=cmd|' /C calc'!A0�]0;x��", argv
        assert "\x1b" not in table.stdout
        lines = run(trail, *argv, "--output", "jsonl").stdout
        (read,) = through_jq(lines)
        assert read == json.loads(lines) and read["command"] == HOSTILE + "�", argv
    assert row["status"] == "'=1+1"


def test_flagged_finds_sessions_by_marks_in_their_transcripts(trail: StubAws) -> None:
    session = "ecs-execute-command-2"
    trail.answers["ecs:DescribeClusters"] = {
        "clusters": [
            {"clusterArn": "arn:aws:ecs:us-east-1:111122223333:cluster/stub", "clusterName": "stub",
             "status": "ACTIVE", "configuration": {"executeCommandConfiguration": {
                 "logging": "OVERRIDE", "logConfiguration": {"cloudWatchLogGroupName": "/exec"}}}}
        ]
    }  # fmt: skip

    def streams(body: str) -> dict[str, Any]:
        name = json.loads(body)["logStreamNamePrefix"]
        return {"logStreams": [{"logStreamName": name}] if name == session else []}

    written = "Script started on 2026-11-29\n$ pg_dump orders > /tmp/x\n$ exit\n"
    trail.answers["logs:DescribeLogStreams"] = streams
    trail.answers["logs:GetLogEvents"] = lambda body: {
        "events": [] if "nextToken" in json.loads(body) else
        [{"timestamp": 1, "ingestionTime": 1, "message": written}],
        "nextForwardToken": "t", "nextBackwardToken": "t",
    }  # fmt: skip
    trail.answers["logs:DescribeLogGroups"] = {"logGroups": []}
    argv = ("audit", "stub", *QUICK, "--flagged", "--output", "jsonl")

    none = run(trail, *argv, "--transcripts", "0")
    marks = {each["sessionId"]: each["marks"] for each in map(json.loads, none.stdout.splitlines())}
    assert session not in marks and "2 transcripts not looked at" in none.stderr
    assert trail.calls["logs:GetLogEvents"] == 0

    found = run(trail, *argv)
    marks = {
        each["sessionId"]: each["marks"] for each in map(json.loads, found.stdout.splitlines())
    }
    assert marks[session] == ["transcript:dump"] and "ecs-execute-command-1" not in marks
    assert found.returncode == ExitStatus.YES, found.stderr
    assert "Looking for marks in 2 transcripts" in found.stderr
    assert "1 transcript read, 1 with marks. No transcript: 1 " in found.stderr

    calls = trail.calls["logs:GetLogEvents"]
    again = run(trail, *argv)
    assert again.stdout == found.stdout
    assert "Looking for marks in 1 transcript…" in again.stderr, "the other one is known"
    assert trail.calls["logs:GetLogEvents"] == calls


def test_a_transcript_that_may_not_be_read_is_said(trail: StubAws) -> None:
    trail.answers["ecs:DescribeClusters"] = error_reply(
        "ecs:DescribeClusters", "AccessDeniedException", "no"
    )
    done = run(trail, "audit", "stub", *QUICK, "--flagged")
    assert done.returncode == ExitStatus.NOT_ASKED
    assert "The cluster's exec configuration: not allowed to look" in done.stderr


def test_people_spans_layers_and_hostile_commands(trail: StubAws) -> None:
    done = run(trail, "audit", "--who", "ALICE", "--since", "90m", *QUICK,
               "--columns", "who,command", "--output", "csv")  # fmt: skip
    assert done.stdout == "who,command\r\nalice,'=1+1�[31m\r\n"
    done = run(trail, "audit", "--since", "1m", *QUICK)
    assert done.returncode == ExitStatus.NO
    assert "No event matches. CloudTrail has an event some minutes after the call" in done.stderr


def test_a_denied_look_and_wrong_usage(trail: StubAws) -> None:
    trail.answers[LOOKUP] = error_reply(LOOKUP, "AccessDeniedException", "no")
    done = run(trail, "audit", "stub", *QUICK)
    assert done.returncode == ExitStatus.NOT_ASKED
    assert "not allowed to look (cloudtrail:LookupEvents)" in done.stderr
    for argv, words in (
        (("--since", "soon"), "is not a time"),
        (("--since", "1h", "--until", "2h"), "is not before"),
        (("--older", "athena"), "No table is named"),
        (("--columns", "nonsense"), "have no column"),
    ):
        done = run(trail, "audit", *argv)
        assert done.returncode == ExitStatus.WRONG_USAGE, done
        assert words in done.stderr


def test_older_events_in_the_trails_log_group(trail: StubAws) -> None:
    group = "arn:aws:logs:us-east-1:111122223333:log-group:trail"
    trail.answers["cloudtrail:DescribeTrails"] = {
        "trailList": [{"TrailARN": "a", "CloudWatchLogsLogGroupArn": f"{group}:*"}]
    }
    trail.answers["logs:StartQuery"] = {"queryId": "q"}
    old = made.exec_record("ecs-execute-command-old", cluster="stub", now=datetime.now(UTC),
                           minutes=60 * 24 * 200)  # fmt: skip
    trail.answers["logs:GetQueryResults"] = {
        "status": "Complete", "statistics": {"bytesScanned": 3e9},
        "results": [[{"field": "@message", "value": json.dumps(old)}]],
    }  # fmt: skip
    done = run(trail, "audit", "--older", "trail", "--since", "365d", "--json")
    assert [row["sessionId"] for row in json.loads(done.stdout)] == ["ecs-execute-command-old"]
    assert "3.0 GB scanned, about $0.01" in done.stderr


def test_sessions_are_listed_and_ended(trail: StubAws) -> None:
    listed = [
        {"SessionId": "ecs-execute-command-1", "Target": f"ecs:stub_{TASK_A}_r-1",
         "StartDate": datetime.now(UTC).timestamp() - 1800, "Status": "Connected"}
    ]  # fmt: skip
    trail.answers["ssm:DescribeSessions"] = lambda _: {
        "Sessions": [] if trail.calls["ssm:TerminateSession"] else listed
    }
    trail.answers["ssm:TerminateSession"] = {"SessionId": "ecs-execute-command-1"}
    done = run(trail, "sessions", "stub", "web", "--json")
    (row,) = json.loads(done.stdout)
    assert (row["who"], row["container"], row["service"]) == ("bob@example.com", "app", "web")
    assert (row["ours"], row["recorded"]) == (False, "if the task has awslogs")
    end = ("sessions", "--end", "ecs-execute-command-1")
    assert run(trail, *end, "--yes").returncode == ExitStatus.WRONG_USAGE
    assert (
        run(trail, *end, "--confirm", "bob@example.com", "--dry-run").returncode == ExitStatus.YES
    )
    refused = run(trail, "--read-only", *end, "--confirm", "bob@example.com")
    assert "Read-only mode: ssm:TerminateSession was blocked" in refused.stderr
    assert trail.calls["ssm:TerminateSession"] == 0
    done = run(trail, *end, "--confirm", "bob@example.com")
    assert (done.returncode, trail.calls["ssm:TerminateSession"]) == (ExitStatus.YES, 1)
    assert "1/1 session ended." in done.stdout
    gone = run(trail, "sessions", "--end", "another")
    assert gone.returncode == ExitStatus.NO and "is not open" in gone.stderr


def test_sessions_that_are_not_listed_have_perhaps_ended(
    trail: StubAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    crashed = SessionRecord(
        "opened", datetime.now(UTC), "ecs-execute-command-own", "us-east-1", cluster="gone",
        endpoint=urlsplit(trail.endpoint).netloc,
        task=f"arn:aws:ecs:us-east-1:111122223333:task/gone/{TASK_A}", container="app",
    )  # fmt: skip
    append_line(line_of(crashed))
    ended = {"SessionId": "ecs-execute-command-2", "Target": f"ecs:stub_{TASK_B}_r-1",
             "EndDate": datetime.now(UTC).timestamp()}  # fmt: skip
    inside = {"SessionId": "ecs-execute-command-1", "Target": f"ecs:stub_{TASK_A}_r-1",
              "StartDate": datetime.now(UTC).timestamp() - 60, "Status": "Connected"}  # fmt: skip

    def describe(request: str) -> dict[str, Any]:
        return {"Sessions": [ended] if json.loads(request)["State"] == "History" else active}

    trail.answers["ssm:DescribeSessions"] = describe
    active: list[dict[str, Any]] = []
    done = run(trail, "sessions", "--json")
    rows = {row["sessionId"]: row for row in json.loads(done.stdout)}
    assert done.returncode == ExitStatus.NO, "none is listed as open"
    assert set(rows) == {crashed.session, "ecs-execute-command-1"}, "2 has ended; eve is too old"
    assert {row["status"] for row in rows.values()} == {PERHAPS_ENDED}
    assert not any(row["listed"] for row in rows.values())
    assert rows["ecs-execute-command-1"]["who"] == "bob@example.com"
    assert "Systems Manager lists no such session." in done.stderr
    assert (
        "2 sessions known from CloudTrail and this program's log are not listed there, "
        "and perhaps ended." in done.stderr
    )

    active.append(inside)
    done = run(trail, "sessions", "--json")
    states = {row["sessionId"]: row["status"] for row in json.loads(done.stdout)}
    assert done.returncode == ExitStatus.YES
    assert states == {"ecs-execute-command-1": "Connected", crashed.session: PERHAPS_ENDED}
    assert "1 session known from this program's log is not listed there" in done.stderr


def given(**more: object) -> audit.GivenAudit:
    found: dict[str, object] = {
        "since": "7d", "until": None, "who": "", "flagged": False, "layers": (), "older": None,
        "form": None, "as_json": False, "columns": (), "no_headers": False, "sort": (), "words": "",
        "transcripts": 50,
    }  # fmt: skip
    return {**found, **more}  # type: ignore[typeddict-item]


def test_what_a_target_chooses() -> None:
    def choice(cluster: str, target: str | None = None) -> tuple[str, ...]:
        found = audit.AuditRequest(parse_target(cluster, target), given()).choice()
        return found.cluster, found.service, found.task, found.named, found.container

    assert choice("prod") == ("prod", "", "", "", "")
    assert choice("prod", "web/app") == ("prod", "", "", "web", "app")
    assert choice("prod", TASK_A) == ("prod", "", TASK_A, "", "")
    with pytest.raises(WrongUsage):
        audit.AuditRequest(parse_target("prod"), given(since="x"))
    assert sessions.SUBCOMMAND.name == "sessions"


def test_no_line_of_progress_outside_of_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    line = StatusLine()
    line.show("reading")
    line.erase()
    assert capsys.readouterr().err == ""
