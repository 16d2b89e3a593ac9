"""What is remembered of problems: since when, new, hidden until they change, flapping, over restarts."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from ecs_tui.model.problem import AffectedThing, Problem, Severity
from ecs_tui.problems.history import FLAPPING, KEPT, MAX_ENTRIES, ProblemHistory
from tests.support.problem_facts import NOW, ago

PROBLEM = Problem(
    "crash-loop", "exit-code", Severity.DEGRADED, AffectedThing("service", "prod", "web"),
    "2 tasks ended", "app exit 1", since=ago(9), state="web:42",
)  # fmt: skip
LABEL = "default@eu-west-1"


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def made(path: Path) -> ProblemHistory:
    return ProblemHistory(path / "problems.json")


def test_a_problem_is_new_once(tmp_path: Path) -> None:
    history = made(tmp_path)
    first = history.update(LABEL, ["prod"], [PROBLEM], NOW)
    assert [each.problem for each in history.new(first)] == [PROBLEM]
    again = history.update(LABEL, ["prod"], [replace(PROBLEM, what="3 tasks ended")], later(1))
    assert history.new(again) == []
    assert (again[0].since, again[0].dated, again[0].times) == (ago(9), True, 1)


def test_a_problem_that_aws_does_not_date_began_when_it_was_first_seen(tmp_path: Path) -> None:
    history = made(tmp_path)
    undated = replace(PROBLEM, since=None)
    history.update(LABEL, ["prod"], [undated], NOW)
    (seen,) = history.update(LABEL, ["prod"], [undated], later(5))
    assert (seen.since, seen.dated) == (NOW, False)


def test_one_that_is_back_soon_is_the_same_one(tmp_path: Path) -> None:
    history = made(tmp_path)
    history.new(history.update(LABEL, ["prod"], [PROBLEM], NOW))
    history.update(LABEL, ["prod"], [], later(1))
    back = history.update(LABEL, ["prod"], [replace(PROBLEM, since=later(9))], later(10))
    assert (back[0].since, back[0].times) == (ago(9), 2)
    assert history.new(back) == []


def test_one_that_is_back_later_is_a_new_one(tmp_path: Path) -> None:
    history = made(tmp_path)
    (seen,) = history.update(LABEL, ["prod"], [PROBLEM], NOW)
    history.new([seen])
    history.hide(seen, "known")
    history.update(LABEL, ["prod"], [], later(1))
    much_later = later(2) + FLAPPING
    back = history.update(LABEL, ["prod"], [replace(PROBLEM, since=much_later)], much_later)
    assert (back[0].since, back[0].hidden, back[0].note) == (much_later, False, "known")
    assert history.new(back) == back


def test_a_cluster_that_was_not_looked_at_ends_nothing(tmp_path: Path) -> None:
    history = made(tmp_path)
    history.update(LABEL, ["prod"], [PROBLEM], NOW)
    history.update(LABEL, ["other"], [], later(1))
    history.update("b@eu-west-1", ["prod"], [], later(1))
    (seen,) = history.update(LABEL, ["prod"], [PROBLEM], later(90))
    assert seen.times == 1


def test_a_hidden_problem_stays_hidden_until_it_changes(tmp_path: Path) -> None:
    history = made(tmp_path)
    (seen,) = history.update(LABEL, ["prod"], [PROBLEM], NOW)
    history.hide(seen, "deploying the fix")
    (hidden,) = history.update(LABEL, ["prod"], [replace(PROBLEM, what="9 tasks ended")], later(5))
    assert (hidden.hidden, hidden.note) == (True, "deploying the fix")
    assert history.new([hidden]) == []
    for change in (replace(PROBLEM, severity=Severity.FAILING), replace(PROBLEM, state="web:43")):
        (shown,) = history.update(LABEL, ["prod"], [change], later(6))
        assert not shown.hidden
        assert history.new([shown]) == [shown]
        history.hide(shown)


def test_a_hidden_problem_can_be_shown_again(tmp_path: Path) -> None:
    history = made(tmp_path)
    (seen,) = history.update(LABEL, ["prod"], [PROBLEM], NOW)
    history.hide(seen)
    history.show(seen)
    assert not history.update(LABEL, ["prod"], [PROBLEM], later(1))[0].hidden


def test_it_is_kept_in_a_private_file(tmp_path: Path) -> None:
    history = made(tmp_path)
    (seen,) = history.update(LABEL, ["prod"], [PROBLEM], NOW)
    history.hide(seen, "known")
    history.save()
    assert stat.S_IMODE((tmp_path / "problems.json").stat().st_mode) == 0o600
    after = made(tmp_path)
    after.load()
    (again,) = after.update(LABEL, ["prod"], [PROBLEM], later(1))
    assert (again.hidden, again.note, again.since) == (True, "known", ago(9))


def test_a_damaged_file_counts_as_empty(tmp_path: Path) -> None:
    for data in (b"", b"[]", b'{"a": 1}', b"\xff"):
        (tmp_path / "problems.json").write_bytes(data)
        history = made(tmp_path)
        history.load()
        assert history.update(LABEL, ["prod"], [PROBLEM], NOW)[0].times == 1


def test_it_is_bounded(tmp_path: Path) -> None:
    history = made(tmp_path)
    many = [
        replace(PROBLEM, thing=AffectedThing("service", "prod", f"web{n}"))
        for n in range(MAX_ENTRIES + 50)
    ]
    history.update(LABEL, ["prod"], many, NOW)
    assert len(history._entries) == MAX_ENTRIES
    history.update(LABEL, ["prod"], [], later(1))
    history.update(LABEL, ["prod"], [], later(2) + KEPT)
    assert not history._entries
