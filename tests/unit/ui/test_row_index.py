"""The order of a list is kept while rows and filter change: always what a new one would find."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_tui.model.task import Task
from ecs_tui.resources.services import SERVICES
from ecs_tui.resources.tasks import TASKS
from ecs_tui.ui.table.row_index import FEW_ROWS, RowIndex
from ecs_tui.ui.table.terms import implies, parse_term
from tests.support.list_rows import SERVICE, service_row

NOW = datetime(2026, 1, 2, tzinfo=UTC)
WORDS = ("", "a", "ab", "a b", "service:a", "service:ab", "!a", "!ab", "~a|b", "tag:team=w", "status:",
         "status:run", "started:", "started:1", "b a", "ip:1", "1")  # fmt: skip
SORTS = ("", "id", "status", "service", "started", "agents")


def task(name: str, service: str, status: str, team: str = "web") -> Task:
    return Task(
        f"arn:task/{name}", name, "arn:cluster/prod", f"service:{service}", status, "RUNNING",
        private_ip=f"10.0.0.{len(name)}", tags={"team": team},
    )  # fmt: skip


TASK = st.builds(
    task,
    st.sampled_from("abcdefgh"),
    st.sampled_from(["a", "b", "ab", "abc"]),
    st.sampled_from(["RUNNING", "PENDING", "STOPPED"]),
    st.sampled_from(["web", "data"]),
)
ROWS = st.lists(TASK, max_size=8, unique_by=lambda row: row.arn)
STEP = st.one_of(
    st.tuples(st.just("rows"), ROWS),
    st.tuples(st.just("one"), st.tuples(st.integers(0, 7), TASK)),
    st.tuples(st.just("filter"), st.sampled_from(WORDS)),
    st.tuples(st.just("sort"), st.tuples(st.sampled_from(SORTS), st.booleans())),
    st.tuples(st.sampled_from(["part", "warm"]), st.none()),
)


def arranged(index: RowIndex) -> list[str]:
    while True:
        index.arrange(NOW)
        if not index.incomplete:
            return list(index.keys)


def anew(index: RowIndex) -> list[str]:
    """What a new index finds for the same rows."""
    new = RowIndex(index.view)
    new.set_rows(list(index.rows))
    new.filter, new.sort_key, new.descending = index.filter, index.sort_key, index.descending
    return arranged(new)


@given(st.lists(STEP, max_size=12))
def test_after_any_changes_it_is_as_if_made_anew(steps: list[tuple[str, Any]]) -> None:
    index = RowIndex(TASKS)
    in_time = True
    for what, value in steps:
        if what == "rows":
            index.set_rows(value)
        elif what == "one" and index.rows:
            at, new = value
            rows = list(index.rows)
            at %= len(rows)
            rows[at] = replace(new, arn=rows[at].arn, id=rows[at].id)
            index.set_rows(rows)
        elif what == "filter":
            index.filter = value
        elif what == "sort":
            index.sort_key, index.descending = value
        elif what == "warm":
            index.warm(NOW)
        in_time = in_time is not (what == "part")
        if not in_time:  # arranged without time to make any key
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("ecs_tui.ui.table.row_index.PORTION_SECONDS", -1.0)
                patch.setattr("ecs_tui.ui.table.row_index.FEW_ROWS", 0)
                index.arrange(NOW)
            continue
        assert arranged(index) == anew(index)
        assert [TASKS.key(index.rows[i]) for i in index.indices] == index.keys


@pytest.mark.parametrize(
    ("new", "old", "implied"),
    [
        ("web", "we", True), ("web", "web", True), ("we", "web", False), ("!web", "!we", False),
        ("!web", "!web", True), ("service:web", "service:we", True), ("service:web", "we", True),
        ("web", "service:we", False), ("service:web", "status:we", False), ("~web", "~we", False),
        ("~web", "~web", True), ("tag:a=b", "tag:a", False), ("tag:a=b", "tag:a=b", True),
        ("started:1", "started:1", False), ("~web", "we", False), ("we", "!x", False),
    ],
)  # fmt: skip
def test_a_word_typed_on_finds_no_other_rows(new: str, old: str, implied: bool) -> None:
    assert implies(parse_term(new, TASKS), parse_term(old, TASKS)) is implied


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("steady", ["web"]), ("!steady", ["api"]), ("~^..steady$", ["web"]), ("0 of 3", ["api"]),
        ("deployment:steady", ["web"]), ("!steady !running", []), ("age:9d", ["api", "web"]),
        ("9d", []),
    ],
)  # fmt: skip
def test_a_state_is_found_without_its_column_and_an_age_is_not(
    words: str, found: list[str]
) -> None:
    made = NOW - timedelta(days=9)
    web = replace(SERVICE, arn="arn:web", name="web", created_at=made)
    api = replace(web, arn="arn:api", name="api", running=0)
    index = RowIndex(SERVICES)
    index.set_rows([service_row(web), service_row(api)])
    index.filter = words
    index.arrange(NOW)
    assert sorted(index.rows[at].name for at in index.indices) == found


def many(count: int) -> list[Task]:
    return [task(f"{number:05}", f"svc-{number % 50}", "RUNNING") for number in range(count)]


def test_typing_on_looks_only_at_the_rows_that_are_left() -> None:
    index = RowIndex(TASKS)
    index.set_rows(many(3000))
    index.filter = "svc-1"
    found = arranged(index)
    looked = index.looked_at
    index.filter = "svc-12"
    assert len(arranged(index)) == 60
    assert index.looked_at - looked == len(found) == 660


def test_rows_are_sorted_again_only_if_a_value_changes_by_which_they_are_sorted() -> None:
    index = RowIndex(TASKS)
    rows = many(300)
    index.set_rows(rows)
    arranged(index)
    times = index.sorted_times
    calm = [replace(rows[0], tags={}, private_ip="10.9.9.9"), *rows[1:]]
    assert index.set_rows(calm)
    arranged(index)
    assert index.sorted_times == times
    worse = [*calm[:-1], replace(calm[-1], health="UNHEALTHY")]
    assert index.set_rows(worse)
    assert arranged(index)[0] == worse[-1].arn
    assert index.sorted_times == times + 1


def test_a_changed_row_keeps_its_place_until_its_keys_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = RowIndex(TASKS)
    rows = many(300)
    index.set_rows(rows)
    before = arranged(index)
    monkeypatch.setattr("ecs_tui.ui.table.row_index.PORTION_SECONDS", -1.0)
    monkeypatch.setattr("ecs_tui.ui.table.row_index.FEW_ROWS", 0)
    index.set_rows([replace(row, private_ip="10.1.1.1") for row in rows])
    index.arrange(NOW)
    assert index.incomplete
    assert index.keys == before


def test_few_rows_are_complete_at_once_on_the_slowest_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A key typed with the enter of a filter found no row for a moment."""
    monkeypatch.setattr("ecs_tui.ui.table.row_index.PORTION_SECONDS", -1.0)
    for count, incomplete in ((FEW_ROWS, False), (FEW_ROWS + 1, True)):
        index = RowIndex(TASKS)
        index.filter = "svc-7"
        index.set_rows(many(count))
        index.arrange(NOW)
        assert (index.incomplete, bool(index.keys)) == (incomplete, not incomplete)


def test_texts_for_the_filter_are_made_with_a_filter_or_in_advance() -> None:
    index = RowIndex(TASKS)
    index.set_rows(many(300))
    arranged(index)
    assert len(index.wordless) == 300
    index.set_rows([replace(row, private_ip="10.1.1.1") for row in index.rows])
    arranged(index)
    assert len(index.wordless) == 300, "each row once"
    index.filter = "svc-7"
    assert len(arranged(index)) == 6
    assert not index.wordless
    index.filter = ""
    index.set_rows([replace(row, private_ip="10.2.2.2") for row in index.rows])
    arranged(index)
    while index.warm(NOW):
        pass
    assert not index.wordless
    index.filter = "10.2.2.2"
    assert len(arranged(index)) == 300
