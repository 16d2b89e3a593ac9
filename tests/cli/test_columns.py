"""Names of columns, the order of rows, and filters."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_tui.cli.columns import OrderBy, RowFilter, RowFormat, asks_for_tags, sort
from ecs_tui.cli.output import Row, TableColumn
from ecs_tui.cli.rows import FORMATS
from ecs_tui.errors import WrongUsage

SERVICES = FORMATS["services"]
UNTAGGED = RowFormat("lines", ("a",), (TableColumn("A", lambda row: row["a"]),))


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("serviceName", "serviceName"),
        ("service", "service"), ("SERVICE", "service"),
        ("taskDefinition", "taskDefinition"),
        ("task_definition", "task_definition"), ("TASK-DEFINITION", "task_definition"),
        ("running_count", "runningCount"), ("runningcount", "runningCount"),
        ("tag:team", "tag:team"), ("tag:Cost Center", "tag:Cost Center"), ("tags", "tags"),
    ],
)  # fmt: skip
def test_a_column_by_any_of_its_names(asked: str, name: str) -> None:
    column = SERVICES.column(asked)
    assert column.name == name
    assert SERVICES.column(column.head).name == name, "its heading names it too"


@pytest.mark.parametrize("asked", ["none", "", "tag:", "service name", "\x1b[2J"])
def test_a_column_that_is_none_names_all_columns(asked: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        SERVICES.column(asked)
    said = str(refused.value)
    assert said.startswith('Services have no column "') and said.isprintable()
    assert all(column.name in said for column in SERVICES.table)
    assert all(key in said for key in SERVICES.keys)
    assert "tag:KEY" in said


def test_rows_without_tags_have_no_such_column() -> None:
    for asked in ("tag:team", "tags"):
        with pytest.raises(WrongUsage) as refused:
            UNTAGGED.column(asked)
        assert "KEY" not in str(refused.value)
    with pytest.raises(WrongUsage):
        RowFilter("tag:team=a", UNTAGGED)


def test_tags_are_asked_for_only_if_a_column_needs_them() -> None:
    for names, wanted in (
        (["service"], False), (["propagateTags"], False), (["service", "tag:a"], True), (["tags"], True),
    ):  # fmt: skip
        assert asks_for_tags([SERVICES.column(name) for name in names]) == wanted


def test_headings_are_single_words_in_capitals() -> None:
    for each in FORMATS.values():
        assert all(column.head.isupper() and " " not in column.head for column in each.table)


# -- order

A, B, C = (TableColumn(name, lambda row, key=name: row.get(key), key=name) for name in "abc")
FORMAT = RowFormat("things", ("a", "b", "c"), (A, B, C), tagged=True)


def ordered(values: list[Any], word: str = "a") -> list[Any]:
    rows = [{"a": value, "b": number} for number, value in enumerate(values)]
    return [row["a"] for row in sort(rows, [OrderBy.parse(word, FORMAT)])]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3, 1, 2], [1, 2, 3]),
        ([10, 9.5, 9], [9, 9.5, 10]),
        ([True, False], [False, True]),
        (["web-10", "web-9", "Web-1"], ["Web-1", "web-9", "web-10"]),
        (["b", None, "a", ""], ["a", "b", None, ""]),
        (["x", 5, ["y"]], [5, ["y"], "x"]),
        (["9" * 5000, "1"], ["1", "9" * 5000]),
        (["2025-12-01T00:00:00+00:00", "2025-11-30T00:00:00+00:00"],
         ["2025-11-30T00:00:00+00:00", "2025-12-01T00:00:00+00:00"]),
        ([], []),
    ],
)  # fmt: skip
def test_values_in_order(values: list[Any], expected: list[Any]) -> None:
    assert ordered(values) == expected
    assert ordered(values, "+a") == expected
    there = [value for value in expected if value not in (None, "")]
    missing = [value for value in values if value in (None, "")]
    assert ordered(values, "-a") == [*reversed(there), *missing], "missing values stay last"


def test_equal_rows_are_in_the_order_of_the_next_column_else_as_they_were() -> None:
    rows: list[Row] = [
        {"a": 1, "b": "x", "c": 1}, {"a": 2, "b": "x", "c": 2},
        {"a": 1, "b": "y", "c": 3}, {"a": 1, "b": "x", "c": 4},
    ]  # fmt: skip
    by = [OrderBy.parse(word, FORMAT) for word in ("a", "-b")]
    assert [row["c"] for row in sort(rows, by)] == [3, 1, 4, 2]


# -- filter

ROWS: list[Row] = [
    {"a": "web", "b": "ACTIVE", "c": True, "tags": [{"key": "Env", "value": "Production"}]},
    {"a": "web-9", "b": "DRAINING", "c": False, "tags": [{"key": "Env", "value": "test"}]},
    {"a": "api", "b": "ACTIVE", "c": None, "tags": []},
    {"a": "db", "b": None, "c": None, "tags": None},
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["web", "web-9", "api", "db"]),
        ("web", ["web", "web-9"]),
        ("WEB active", ["web"]),
        ("!web", ["api", "db"]),
        ("b:active", ["web", "api"]),
        ("!b:active", ["web-9", "db"]),
        ("c:on", ["web"]),
        ("~^web$", ["web"]),
        ("~web-[0-9]", ["web-9"]),
        ("!~^(web|api)", ["db"]),
        ("a:~^web$", ["web"]),
        ("tag:env=prod", ["web"]),
        ("tag:ENV=PRODUCTION", ["web"]),
        ("tag:env=~^t", ["web-9"]),
        ("tag:~^env=prod", ["web"]),
        ("tag:~env=prod", ["web"]),
        ("tag:env", ["web", "web-9"]),
        ("!tag:env=prod", ["web-9", "api", "db"]),
        ("tag:team=a", []),
        ("none", []),
        (":", []),
    ],
)  # fmt: skip
def test_rows_that_match(text: str, found: list[str]) -> None:
    made = RowFilter(text, FORMAT)
    assert [row["a"] for row in ROWS if made.matches(row)] == found
    assert made.needs_tags == ("tag:" in text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("none:x", 'Things have no column "none".'),
        ("~[", '"[" is not a valid regular expression'),
        ("a:~*", '"*" is not a valid regular expression'),
    ],
)
def test_a_filter_that_is_wrong(text: str, said: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        RowFilter(text, FORMAT)
    assert str(refused.value).startswith(said)
