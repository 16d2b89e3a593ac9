"""Open sessions: who is inside, by the event or the owner; how they are ended; what is shown of them."""

from __future__ import annotations

import os
import platform
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ecs_tui.aws.account import Account, Credentials
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.active_session import ActiveSession, SessionsInside
from ecs_tui.model.audit_event import AuditEvent, AuditTarget
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import Container
from ecs_tui.model.session_record import SessionRecord, line_of
from ecs_tui.model.task import Task
from ecs_tui.operations.sessions import SessionsEnded, plan_end
from ecs_tui.resources import RESOURCES
from ecs_tui.resources.base import Cell
from ecs_tui.resources.inside import with_inside
from ecs_tui.resources.session_listing import flat_keys, flat_session
from ecs_tui.resources.sessions import (
    SESSIONS,
    SessionRow,
    openers_lookup,
    recorded_words,
    row_of,
    with_container,
)
from ecs_tui.resources.unlisted_sessions import (
    NOT_READ,
    OPEN_HERE,
    PERHAPS_ENDED,
    count_words,
    of_record,
    own_unlisted,
    told_by_events,
)
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.own_sessions import OwnSessions
from ecs_tui.system.session_log import append_line
from tests.support import audit_events as made

WHERE = AuditTarget("prod", task=made.TASK, runtime=made.RUNTIME)
OWNER = "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForECS/ECSExecuteCommand"
SESSION = ActiveSession(made.NEW_SESSION, WHERE, OWNER, made.NOW, "Connected")
OPENER = made.event(made.exec_record(who=made.SSO))
BY_ECS = made.event(made.start_record(made.NEW_SESSION, who=made.BY_ECS))
OWN = SessionRecord(
    "opened", made.NOW, made.NEW_SESSION, "eu-west-1", endpoint="127.0.0.1:9",
    cluster="prod", task="arn:x/t",
)  # fmt: skip


@pytest.fixture
def account() -> Account:
    return Account(None, "eu-west-1", "http://127.0.0.1:9", credentials=Credentials("a", "b"))


@pytest.mark.parametrize(
    ("opener", "own", "who", "identity"),
    [
        (OPENER, None, "bob@example.com", "SSO Admin"),
        (OPENER, OWN, "bob@example.com", "SSO Admin"),
        (None, OWN, "you", "this program's log"),
        (None, None, "owner ECSExecuteCommand", ""),
        (BY_ECS, None, "owner ECSExecuteCommand", ""),
    ],
)
def test_who_is_inside(
    opener: AuditEvent | None, own: SessionRecord | None, who: str, identity: str
) -> None:
    row = row_of(SESSION, opener, own, None)
    assert (row.who, row.identity, row.ours) == (who, identity, own is not None)
    assert row.recorded == "unknown"


def test_nobody_is_unknown_not_empty() -> None:
    assert row_of(replace(SESSION, owner=""), None, None, None).who == "unknown"


@pytest.mark.parametrize(
    ("logging", "words"),
    [("NONE", "no"), ("OVERRIDE", "yes"), ("DEFAULT", "if the task has awslogs"), ("", "")],
)
def test_whether_it_is_recorded(logging: str, words: str) -> None:
    configuration = ExecConfiguration(logging=logging) if logging else None
    cluster = Cluster("arn", "prod", exec_configuration=configuration)
    assert recorded_words(cluster, direct=False) == (words or "if the task has awslogs")
    assert recorded_words(cluster, direct=True) == "unknown: round ECS"
    assert recorded_words(None, direct=False) == "unknown"


def test_a_session_round_ecs_is_told_by_its_id() -> None:
    assert row_of(replace(SESSION, id="eve-0123"), None, None, None).direct
    assert not row_of(SESSION, None, None, None).direct


def test_the_containers_name_comes_from_the_runtime_id() -> None:
    task = Task("arn", made.TASK, "c", containers=(Container("app", "", "", made.RUNTIME),))
    task = replace(task, containers=(replace(task.containers[0], runtime_id=made.RUNTIME),))
    assert with_container(SESSION, task).target.container == "app"
    other = replace(task, containers=())
    assert with_container(SESSION, other) is SESSION


def test_the_openers_are_looked_for_shortly_before_the_oldest_session() -> None:
    lookup = openers_lookup([SESSION, replace(SESSION, since=made.NOW - timedelta(hours=1))])
    assert lookup is not None
    assert datetime.fromisoformat(lookup.thing) == made.NOW - timedelta(minutes=65)
    assert openers_lookup([]) is None


def test_ones_own_session_is_ended_by_yes_and_anothers_by_the_owners_name(account: Account) -> None:
    own = row_of(SESSION, OPENER, OWN, None, "web")
    plan = plan_end(account, [own])
    assert (plan.confirm, plan.cluster) == ("y", "prod")
    assert plan.calls[0].parameters == {"SessionId": made.NEW_SESSION}
    assert plan.command.startswith(
        f"aws ssm terminate-session --session-id {made.NEW_SESSION} --region eu-west-1"
    )
    other = row_of(SESSION, OPENER, None, None)
    assert (plan_end(account, [other]).confirm, plan_end(account, [other]).typed) == (
        "name", "bob@example.com",
    )  # fmt: skip
    unknown = row_of(SESSION, None, None, None)
    assert plan_end(account, [unknown]).typed == "ECSExecuteCommand"
    with pytest.raises(EcsTuiError, match="2 other identities"):
        plan_end(account, [other, unknown])
    with pytest.raises(EcsTuiError, match="no session"):
        plan_end(account, [])


def test_numbers_stand_behind_the_words_about_shells() -> None:
    assert with_inside(Cell("● ready"), 2).text == "● ready · 2 inside"
    assert with_inside(Cell("● ready"), 0).text == "● ready"
    assert with_inside(Cell(""), 1).text == "1 inside"
    assert SessionsInside(tasks={"a": 2, "b": 1}).in_tasks(["a", "c"]) == 2


def test_flat_rows_and_cells_have_no_holes(account: Account) -> None:
    row = row_of(SESSION, OPENER, None, None)
    assert tuple(flat_session(row)) == flat_keys()
    hostile = replace(row, who="\x1b]0;x\x07", command="\x1b[2J")
    cells = [column.cell(hostile, made.NOW).text for column in SESSIONS.columns]
    assert not any("\x1b" in text for text in cells)
    facts = dict(SESSIONS.facts(row, Inventory(account), datetime.now(UTC)))
    assert facts["who"] == "bob@example.com"
    assert isinstance(row, SessionRow) and RESOURCES["sessions"] is SESSIONS
    place = SESSIONS.enter(SESSIONS.at(""), row)
    assert place and place.transcript and place.transcript.open
    assert place.transcript.session == row.session.id
    assert of_record(OWN).target.task == "t"


def logged(monkeypatch: pytest.MonkeyPatch, path: Path, *records: SessionRecord) -> OwnSessions:
    monkeypatch.setenv("XDG_STATE_HOME", str(path))
    for record in records:
        append_line(line_of(record))
    return OwnSessions()


def test_own_sessions_that_are_not_listed_have_perhaps_ended(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = replace(OWN, region="eu-west-1", host=platform.node(), pid=2**22 + 1)
    here = replace(gone, session="ecs-execute-command-here", pid=os.getpid())
    old = replace(gone, session="ecs-execute-command-old", at=made.NOW - timedelta(hours=25))
    elsewhere = replace(gone, session="ecs-execute-command-far", region="eu-north-1")
    own = logged(monkeypatch, tmp_path, old, elsewhere, gone, here)
    found = own_unlisted(own, account, (), made.NOW)
    assert {session.id: session.status for session, _ in found} == {
        gone.session: PERHAPS_ENDED, here.session: OPEN_HERE,
    }  # fmt: skip
    session, record = found[0]
    row = row_of(session, None, record, None, listed=False)
    assert (row.who, row.known_from, row.listed) == ("you", "this program's log", False)
    unread = own_unlisted(own, account, (), made.NOW, read=False)
    assert unread[0][0].status == NOT_READ
    assert own_unlisted(own, account, {gone.session, here.session}, made.NOW) == []


def test_sessions_that_only_cloudtrail_knows_have_perhaps_ended() -> None:
    found = told_by_events({made.NEW_SESSION: OPENER, "ended": OPENER}, {"ended"})
    ((session, event),) = found
    row = row_of(session, event, None, None, listed=False)
    assert (row.who, row.known_from) == ("bob@example.com", "CloudTrail")
    assert (row.session.status, row.session.target.cluster) == (PERHAPS_ENDED, "prod")
    hidden = flat_session(row)
    assert (hidden["listed"], hidden["knownFrom"]) == (False, "CloudTrail")


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ([], "0"),
        ([True, True], "2"),
        ([True, False], "1 inside, 1 not listed by Session Manager"),
        ([False, False], "Session Manager lists none, 2 perhaps ended"),
    ],
)
def test_only_listed_sessions_are_counted_as_inside(listed: list[bool], words: str) -> None:
    assert count_words(listed) == words


def test_the_end_of_a_session_that_is_not_listed_is_not_claimed(account: Account) -> None:
    row = row_of(of_record(OWN), None, OWN, None, listed=False)
    plan = plan_end(account, [row])
    assert any("it may have ended already" in each for each in plan.effects)
    assert plan.goal == SessionsEnded(frozenset())
    assert plan_end(account, [row_of(SESSION, None, OWN, None)]).goal == SessionsEnded(
        frozenset({SESSION.id})
    )
