"""Which rows of the timeline are shown, how they are grouped, and how they leave the program."""

from __future__ import annotations

import csv
import io
import itertools
import json
from datetime import timedelta

import pytest

from ecs_tui.audit.export import exported
from ecs_tui.audit.group import GROUPS, group_of, grouped
from ecs_tui.audit.selection import AuditChoice, chosen, merged
from ecs_tui.audit.timeline import AuditTimeline, TimelineSource
from ecs_tui.model.csv_text import csv_cell
from ecs_tui.resources.audit import AuditRow, blank_keys, flat_row
from tests.support import audit_events as made
from tests.support.jq import through_jq

SOURCE = TimelineSource("prod@eu-west-1", lambda task: "web" if task == made.TASK else "")
HOSTILE = ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]
LONE = "a\ud800b"
"""A lone surrogate, which JSON may have as an escape and UTF-8 has not."""


def rows(*records: dict[str, object], label: str = "") -> list[AuditRow]:
    found = AuditTimeline(TimelineSource(label, SOURCE.service_of))
    found.add(made.event(each) for each in records)
    return found.rows


GRANT = json.dumps({"Statement": {"Effect": "Allow", "Action": "*"}})
EVERY = rows(
    made.exec_record("ecs-execute-command-1", minutes=1),
    made.denied_record(minutes=2, who=made.SSO),
    made.start_record("eve-1", minutes=3, who=made.ROLE),
    made.record("UpdateService", minutes=4, asked={"cluster": "test", "service": "api",
                                                   "enableExecuteCommand": True}),
    made.record("PutUserPolicy", source="iam", minutes=5,
                asked={"userName": "x", "policyDocument": GRANT}),
)  # fmt: skip
E, D, S, U, P = (
    "ExecuteCommand",
    "ExecuteCommand denied",
    "StartSession",
    "UpdateService",
    "PutUserPolicy",
)


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        (AuditChoice(), [E, D, S, U, P]),
        (AuditChoice(since=made.NOW - timedelta(minutes=3)), [E, D, S]),
        (AuditChoice(cluster="prod"), [E, D, S, P]),
        (AuditChoice(cluster="test"), [U, P]),
        (AuditChoice(cluster="prod", service="web"), [E, D, S]),
        (AuditChoice(cluster="test", service="api"), [U]),
        (AuditChoice(task=made.TASK), [E, D, S]),
        (AuditChoice(named="web"), [E, D, S]),
        (AuditChoice(named=made.TASK[:6]), [E, D, S]),
        (AuditChoice(container="app"), [E]),
        (AuditChoice(person="BOB"), [D]),
        (AuditChoice(person="deploy"), [S]),
        (AuditChoice(flagged=True), [D, S, U, P]),
        (AuditChoice(layers=frozenset({"changes"})), [U]),
        (AuditChoice(layers=frozenset()), []),
    ],
)
def test_what_is_chosen(choice: AuditChoice, names: list[str]) -> None:
    found = chosen(EVERY, choice)
    assert [
        f"{row.event.name} denied" if row.event.failed else row.event.name for row in found
    ] == names


def test_several_accounts_are_merged_and_an_event_is_shown_once() -> None:
    shared = made.exec_record("ecs-execute-command-s", minutes=2)
    one = rows(shared, made.exec_record("ecs-execute-command-a", minutes=1), label="a")
    two = rows(shared, made.exec_record("ecs-execute-command-b", minutes=3), label="b")
    found = merged([one, two])
    assert [row.event.session[-1] for row in found] == ["a", "s", "b"]
    assert [row.label for row in found] == ["a", "a", "b"]


@pytest.mark.parametrize("by", GROUPS)
def test_groups_keep_all_rows_together(by: str) -> None:
    found = grouped(EVERY, by)  # type: ignore[arg-type]
    assert {row.key for row in found} == {row.key for row in EVERY}
    names = [group_of(by)(row) for row in found]  # type: ignore[arg-type]
    assert len([1 for a, b in itertools.pairwise(names) if a != b]) + 1 == len(set(names))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_values_do_not_become_formulas(hostile: str) -> None:
    found = rows(made.exec_record(command=hostile, minutes=1))
    parsed = list(csv.DictReader(io.StringIO(exported(found, "csv").decode(), newline="")))
    assert parsed[0]["command"] == csv_cell(hostile)
    assert not parsed[0]["command"].startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert parsed[0]["sessionId"] == made.NEW_SESSION


def test_csv_and_json_lines_have_the_same_members() -> None:
    parsed = list(csv.DictReader(io.StringIO(exported(EVERY, "csv").decode(), newline="")))
    lines = [json.loads(line) for line in exported(EVERY, "jsonl").decode().splitlines()]
    assert len(parsed) == len(lines) == len(EVERY)
    assert tuple(parsed[0]) == blank_keys() == tuple(flat_row(EVERY[0]))
    assert set(lines[0]) == {*blank_keys(), "event"}
    assert lines[0]["event"]["eventName"] == "ExecuteCommand"
    assert "SECRET-TOKEN" not in json.dumps(lines)


def test_json_lines_are_read_back_by_jq() -> None:
    hostile = [rows(made.exec_record(command=each, minutes=1))[0] for each in (*HOSTILE, LONE)]
    found = [*EVERY, *hostile]
    text = exported(found, "jsonl").decode()
    read = through_jq(text)
    assert read == [json.loads(line) for line in text.splitlines()]
    assert [each["eventID"] for each in read] == [row.event.id for row in found]
    assert read[-1]["event"]["requestParameters"]["command"] == "a�b"
    assert [each["command"] for each in read[-len(hostile) :]] == [*HOSTILE, "a�b"]


def test_control_characters_do_not_reach_a_terminal() -> None:
    found = rows(made.exec_record(command="a\x1b]52;c;AAAA\x07\nb", minutes=1))
    for form in ("csv", "jsonl"):
        text = exported(found, form)  # type: ignore[arg-type]
        assert b"\x1b" not in text and b"\x07" not in text


def test_nothing_is_an_empty_file() -> None:
    assert exported([], "csv") == exported([], "jsonl") == b""
