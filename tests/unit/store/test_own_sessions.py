"""This program's own session log: its lines, what a crash left, and the file's safety."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.model.session_record import SessionRecord, left_over, line_of, parse_line
from ecs_tui.store.own_sessions import OwnSessions, opened_by
from ecs_tui.system import session_log

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
OPENED = SessionRecord(
    "opened", NOW, "s-1", "eu-west-1", "prod", "127.0.0.1:4000", cluster="prod", service="web", task="arn:t",
    container="app", host="here", pid=42,
)  # fmt: skip
ENDED = SessionRecord(
    "ended", NOW + timedelta(minutes=5), "s-1", host="here", pid=42, ending="told"
)


@pytest.mark.parametrize("record", [OPENED, ENDED])
def test_lines_are_read_as_they_were_written(record: SessionRecord) -> None:
    assert parse_line(line_of(record)) == record
    assert "\n" not in line_of(record)


IDENTITY = "arn:aws:iam::{}:user/alice"


@pytest.mark.parametrize(
    ("endpoint", "profile", "region", "number", "found"),
    [
        ("http://127.0.0.1:4000", None, "eu-west-1", 1, True),
        ("http://key:secret@127.0.0.1:4000/", None, "eu-west-1", 1, True),
        ("http://127.0.0.1:4001", None, "eu-west-1", 1, False),
        (None, None, "eu-west-1", 1, False),
        ("http://127.0.0.1:4000", "prod", "eu-west-1", 1, False),
        ("http://127.0.0.1:4000", None, "us-east-1", 1, False),
        ("http://127.0.0.1:4000", None, "eu-west-1", 2, False),
    ],
)
@pytest.mark.asyncio
async def test_a_session_belongs_to_the_connection_that_opened_it(
    endpoint: str | None, profile: str | None, region: str, number: int, *, found: bool
) -> None:
    record = replace(
        OPENED,
        region="eu-west-1",
        profile="",
        endpoint="127.0.0.1:4000",
        identity=IDENTITY.format(1),
    )
    account = Account(profile, region, endpoint, credentials=Credentials("AKIA", "secret"))
    account.identity = IDENTITY.format(number)
    assert opened_by(record, account) is found
    await account.close()


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "null", '{"event": "opened"}', '{"event": "x", "time": "2026-11-29", "session": "s"}',
     '{"event": "opened", "time": 7, "session": "s"}', '{"event": "opened", "time": "x", "session": "s"}',
     '{"event": "opened", "time": "2026-11-29T00:00:00", "session": ""}', "[" * 20_000],
)  # fmt: skip
def test_damaged_lines_are_none(line: str) -> None:
    assert parse_line(line) is None


@pytest.mark.parametrize(
    ("records", "host", "alive", "left"),
    [
        ([OPENED], "here", False, True),
        ([OPENED, ENDED], "here", False, False),
        ([OPENED], "here", True, False),
        ([OPENED], "elsewhere", False, False),
    ],
)
def test_what_a_crash_left(
    records: list[SessionRecord], host: str, alive: bool, left: bool
) -> None:
    found = left_over(records, NOW + timedelta(hours=1), host, lambda _: alive)
    assert found == ([OPENED] if left else [])
    assert left_over(records, NOW + timedelta(days=3), host, lambda _: False) == []


def test_the_log_is_private_and_appended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    own = OwnSessions()
    assert own.records == ()
    session_log.append_line(line_of(OPENED))
    session_log.append_line('{"half a line')
    session_log.append_line(line_of(ENDED))
    assert own.records == (OPENED, ENDED)
    assert own.ends() == {"s-1": ENDED.at}
    assert own.known()["s-1"] == ENDED
    assert own.left() == []
    path = session_log.session_log_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_pipe_in_place_of_the_log_blocks_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = session_log.session_log_path()
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    assert session_log.read_lines() == []
    with pytest.raises(OSError, match="not a regular file"):
        session_log.append_line("x")
