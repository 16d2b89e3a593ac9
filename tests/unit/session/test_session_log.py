"""What is written to this program's own session log, and what of an earlier run is offered to be ended."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ecs_tui.config.settings import Settings
from ecs_tui.model.session_record import SessionRecord, line_of
from ecs_tui.resources.left_sessions import left_records, left_rows
from ecs_tui.session.session_log import note_session
from ecs_tui.session.target import Target
from ecs_tui.store.connections import Connection
from ecs_tui.store.own_sessions import OwnSessions
from ecs_tui.system import session_log
from tests.support.stub_aws import StubAws

pytestmark = pytest.mark.asyncio
TARGET = Target("arn:aws:ecs:us-east-1:1:cluster/stub", "arn:t", "app", "r-1", "web")
NO_PROCESS = 2**22 + 1
"""More than the largest process ID of Linux."""


@pytest_asyncio.fixture
async def connection(
    stub: StubAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Connection]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    made = Connection(stub.account(), Settings.of(cache=False))
    yield made
    stub.reset()
    await made.close()


async def test_what_is_opened_and_ended_is_noted(connection: Connection) -> None:
    account = connection.account
    note_session("opened", account, TARGET, "")
    assert OwnSessions().records == (), "ECS opened none"
    note_session("opened", account, TARGET, "s-1")
    note_session("ended", account, TARGET, "s-1", ending="told", reason="idle")
    opened, ended = OwnSessions().records
    assert (opened.kind, opened.cluster, opened.service, opened.pid) == (
        "opened", "stub", "web", os.getpid(),
    )  # fmt: skip
    assert (ended.kind, ended.ending, ended.reason) == ("ended", "told", "idle")
    assert left_records(connection) == []


async def test_only_what_a_crash_left_and_aws_still_lists(
    connection: Connection, stub: StubAws
) -> None:
    assert await left_rows(connection) == []
    assert stub.calls["ssm:DescribeSessions"] == 0, "nothing is asked"
    account = connection.account
    note_session("opened", account, TARGET, "s-here")
    known = OwnSessions().records[0]
    for name in ("s-left", "s-gone"):
        record = SessionRecord(
            "opened", known.at, name, known.region, known.profile, known.endpoint,
            host=known.host, pid=NO_PROCESS,
        )  # fmt: skip
        session_log.append_line(line_of(record))
    task = "a" * 32
    stub.answers["ssm:DescribeSessions"] = {
        "Sessions": [
            {"SessionId": name, "Target": f"ecs:stub_{task}_r-1", "Status": "Connected"}
            for name in ("s-left", "s-here", "s-other")
        ]
    }
    rows = await left_rows(connection)
    assert [(row.session.id, row.ours) for row in rows] == [("s-left", True)]


async def test_a_log_that_cannot_be_written_ends_no_session(
    connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    note_session("opened", connection.account, TARGET, "s-1")
