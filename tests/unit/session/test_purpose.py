"""The reason and the target of a session, in the header of its recording and in the session log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ecs_tui.aws.account import Account
from ecs_tui.session import session_log
from ecs_tui.session.recording import Recording
from ecs_tui.session.session_log import note_session
from ecs_tui.session.target import Target

TARGET = Target("arn:aws:ecs:eu-west-1:1:cluster/prod", "arn:task/1", "app", "rt", "web")


@pytest.mark.parametrize("about", [{}, {"cluster": "prod", "reason": 'INC-1 "why" \x1b[31m'}])
def test_the_header_of_a_recording(tmp_path: Path, about: dict[str, str]) -> None:
    path = tmp_path / "casts" / "a.cast"
    Recording(path, 80, 24, "prod app", about=about).close()
    header = json.loads(path.read_text().splitlines()[0])
    assert header["version"] == 2 and header["title"] == "prod app"
    assert header.get("ecs_tui", {}) == about
    assert "\x1b" not in path.read_text()


def test_the_session_log_has_who_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(session_log, "append_line", lines.append)
    account = Account("ops", "eu-west-1")
    account.identity = "arn:aws:sts::1:assumed-role/dev/alice"
    note_session("opened", account, TARGET, "ecs-execute-command-1", reason="INC-1")
    note_session("opened", account, TARGET, "")
    found = [json.loads(line) for line in lines]
    assert len(found) == 1
    assert {
        "event": "opened", "session": "ecs-execute-command-1", "reason": "INC-1",
        "identity": account.identity, "cluster": "prod", "service": "web", "container": "app",
        "profile": "ops", "region": "eu-west-1",
    }.items() <= found[0].items()  # fmt: skip
