"""What each output format makes of rows: hostile names, wide characters, no rows, missing values."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len

from ecs_tui.cli.columns import RowFormat
from ecs_tui.cli.options import OutputOptions, Printer
from ecs_tui.cli.output import (
    CsvWriter,
    JsonLinesWriter,
    JsonWriter,
    Row,
    TableColumn,
    TableWriter,
    Writer,
    shorten,
)

FORMAT = RowFormat(
    "things",
    ("thingName", "count", "ready", "parts"),
    (
        TableColumn("THING", lambda row: row["thingName"], shrinks=True),
        TableColumn("COUNT", lambda row: row["count"]),
        TableColumn("READY", lambda row: row["ready"], priority=1),
    ),
    tagged=True,
)
HOSTILE = "\x1b[2J\x1b]0;t\x07\x9b31m\x7f\x00\u202e"
Capture = pytest.CaptureFixture[str]


def thing(name: str | None, count: int | None = 1, **more: Any) -> Row:
    return {"thingName": name, "count": count, "ready": None, "parts": [], **more}


def printed(capsys: Capture, rows: list[Row], options: OutputOptions) -> str:
    """What is printed of rows that come in pages of two."""
    printer = Printer(FORMAT, options)
    for at in range(0, len(rows), 2):
        printer.page(rows[at : at + 2])
    printer.end(whole=True)
    return capsys.readouterr().out


def parsed(form: str, text: str) -> list[str | None]:
    """The names in an output of one column, `thingName`."""
    if form == "json":
        return [row["thingName"] for row in json.loads(text)]
    if form == "jsonl":
        return [json.loads(line)["thingName"] for line in text.splitlines()]
    if form == "csv":
        head, *lines = csv.reader(io.StringIO(text, newline=""))
        assert head == ["thingName"]
        return [line[0] for line in lines]
    return text.splitlines()[1:]


SAFE_FORMULAS = {"csv": "'{}", "table": "{}", "json": "{}", "jsonl": "{}"}
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "－1"]


@pytest.mark.parametrize("form", SAFE_FORMULAS)
@pytest.mark.parametrize("name", FORMULAS)
def test_only_csv_disarms_formulas(capsys: Capture, form: str, name: str) -> None:
    text = printed(capsys, [thing(name)], OutputOptions(form, ("thingName",)))
    assert parsed(form, text) == [SAFE_FORMULAS[form].format(name)]


@pytest.mark.parametrize("name", ["\tx", "\rx", "\nx"])
def test_csv_disarms_a_control_character_at_the_start(capsys: Capture, name: str) -> None:
    text = printed(capsys, [thing(name)], OutputOptions("csv", ("thingName",)))
    assert parsed("csv", text) == ["'�x"]


CASES: list[tuple[str, str | None, str | None]] = [
    ("json", HOSTILE, HOSTILE),
    ("jsonl", HOSTILE, HOSTILE),
    ("csv", HOSTILE, "�[2J�]0;t��31m���"),
    ("table", HOSTILE, "�[2J�]0;t��31m���"),
    ("json", 'a "b", c', 'a "b", c'),
    ("jsonl", 'a "b", c', 'a "b", c'),
    ("csv", 'a "b", c', 'a "b", c'),
    ("table", 'a "b", c', 'a "b", c'),
    ("json", "two\nlines", "two\nlines"),
    ("jsonl", "two\nlines", "two\nlines"),
    ("csv", "two\nlines", "two�lines"),
    ("table", "two\nlines", "two�lines"),
    ("json", "日本-wéb", "日本-wéb"),
    ("jsonl", "日本-wéb", "日本-wéb"),
    ("csv", "日本-wéb", "日本-wéb"),
    ("table", "日本-wéb", "日本-wéb"),
    ("json", None, None),
    ("jsonl", None, None),
    ("csv", None, ""),
    ("table", None, "-"),
    ("table", "  a   b ", "a b"),
    ("table", "", "-"),
]
"""(format, name, the name as it can be read from the output)."""


@pytest.mark.parametrize(("form", "name", "shown"), CASES)
def test_a_name_in_each_format(
    capsys: Capture, form: str, name: str | None, shown: str | None
) -> None:
    text = printed(capsys, [thing(name)], OutputOptions(form, ("thingName",)))
    assert parsed(form, text) == [shown]
    assert all(char.isprintable() or char in "\r\n" for char in text)


EMPTY = {
    "table": "THING  COUNT  READY\n",
    "json": "[]\n",
    "jsonl": "",
    "csv": "thingName,count,ready,parts\r\n",
}
ONE = {
    "table": "THING  COUNT  READY\nx      3      off\n",
    "jsonl": '{"thingName": "x", "count": 3, "ready": false, "parts": [{"a": 1}]}\n',
    "csv": 'thingName,count,ready,parts\r\nx,3,false,"[{""a"": 1}]"\r\n',
    "json": '[\n  {\n    "thingName": "x",\n    "count": 3,\n    "ready": false,\n    "parts": [\n'
    '      {\n        "a": 1\n      }\n    ]\n  }\n]\n',
}


@pytest.mark.parametrize("form", EMPTY)
def test_no_rows_and_one_row(capsys: Capture, form: str) -> None:
    assert printed(capsys, [], OutputOptions(form)) == EMPTY[form]
    row = thing("x", 3, ready=False, parts=[{"a": 1}])
    assert printed(capsys, [row], OutputOptions(form)) == ONE[form]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("table", "x  1  -\ny  -  -\n"),
        ("csv", "x,1,,[]\r\ny,,,[]\r\n"),
        ("jsonl", '{"thingName": "x", "count": 1, "ready": null, "parts": []}\n'
                  '{"thingName": "y", "count": null, "ready": null, "parts": []}\n'),
    ],
)  # fmt: skip
def test_without_headings(capsys: Capture, form: str, text: str) -> None:
    rows = [thing("x"), thing("y", None)]
    assert printed(capsys, rows, OutputOptions(form, headers=False)) == text
    nothing = "" if form != "json" else "[]\n"
    assert printed(capsys, [], OutputOptions(form, headers=False)) == nothing


def test_columns_are_in_the_order_that_was_asked_for(capsys: Capture) -> None:
    row = thing("x", 2, tags=[{"key": "team", "value": "a b"}, {"key": "empty", "value": ""}])
    chosen = ("count", "tag:team", "THING", "tag:none")
    text = printed(capsys, [row], OutputOptions("table", chosen))
    assert [line.split("  ")[0] for line in text.splitlines()] == ["count", "2"]
    assert text.split() == ["count", "tag:team", "THING", "tag:none", "2", "a", "b", "x", "-"]
    assert json.loads(printed(capsys, [row], OutputOptions("json", chosen))) == [
        {"count": 2, "tag:team": "a b", "thing": "x", "tag:none": None}
    ]
    text = printed(capsys, [row], OutputOptions("csv", ("tag:empty", "tags")))
    assert text.splitlines()[0] == "tag:empty,tags"


def test_sorted_rows_come_at_the_end_and_also_after_an_error(capsys: Capture) -> None:
    printer = Printer(FORMAT, OutputOptions("table", ("THING",), sort=("-count", "thing")))
    printer.page([thing("b", 1), thing("none", None)])
    printer.page([thing("c", 10), thing("a", 1)])
    assert capsys.readouterr().out == ""
    printer.end(whole=False)
    assert capsys.readouterr().out.split() == ["THING", "c", "a", "b", "none"]


def test_a_filter_is_applied_before_rows_are_kept(capsys: Capture) -> None:
    rows = [thing("web-1"), thing("api"), thing("web-2")]
    options = OutputOptions("csv", ("thingName",), sort=("-thingName",), filter="thing:web")
    assert parsed("csv", printed(capsys, rows, options)) == ["web-2", "web-1"]


@pytest.mark.parametrize("name", ["日本語サービス", "e\u0301e\u0301e\u0301", "👍🏽👍🏽", "plain"])
@pytest.mark.parametrize("width", [5, 8, 11, 20])
def test_a_shortened_text_fits_in_cells_and_cuts_no_character(name: str, width: int) -> None:
    whole = f"{name * 4}-middle-{name * 4}"
    text = shorten(whole, width)
    assert cell_len(text) <= width
    head, mark, tail = text.partition("…")
    assert mark and whole.startswith(head) and whole.endswith(tail)
    assert not tail or cell_len(tail[0]) > 0, "a combining character stands after its letter"


def test_wide_characters_keep_columns_aligned(capsys: Capture) -> None:
    rows = [thing("日本語", 1), thing("web", 22), thing("é" * 4, 3)]
    text = printed(capsys, rows, OutputOptions("table", ("THING", "COUNT")))
    starts = [cell_len(line[: line.rindex(" ") + 1]) for line in text.splitlines()]
    assert starts == [8, 8, 8, 8], text


def test_a_table_of_wide_characters_fits_a_terminal(capsys: Capture) -> None:
    columns = [
        TableColumn("NAME", lambda row: row["a"], shrinks=True),
        TableColumn("STATUS", lambda row: row["b"]),
    ]
    table = TableWriter(columns, 20)
    table.page([{"a": "日本語サービス" * 3, "b": "ACTIVE"}, {"a": "x", "b": "ACTIVE"}])
    table.end(whole=True)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= 20
    assert [cell_len(line[: line.index("ACTIVE")]) for line in lines[1:]] == [14, 14]


MAKERS: dict[str, Callable[[], Writer]] = {
    "json": lambda: JsonWriter(FORMAT.data),
    "jsonl": lambda: JsonLinesWriter(FORMAT.data),
    "csv": lambda: CsvWriter(FORMAT.data),
    "table": lambda: TableWriter(FORMAT.table),
}


@pytest.mark.parametrize("form", MAKERS)
def test_each_page_is_written_at_once(capsys: Capture, form: str) -> None:
    writer = MAKERS[form]()
    writer.page([thing("first")])
    assert "first" in capsys.readouterr().out
    writer.page([thing("second")])
    assert "second" in capsys.readouterr().out
    writer.end(whole=False)
    rest = capsys.readouterr().out
    assert rest == ("\n]\n" if form == "json" else "")


@pytest.mark.parametrize(
    ("options", "form"),
    [
        ({}, ""),
        ({"as_json": True}, "json"),
        ({"form": "json", "as_json": True}, "json"),
        ({"form": "jsonl"}, "jsonl"),
        ({"columns": ("a,b", "c")}, "table"),
        ({"sort": ("-a",)}, "table"),
        ({"no_headers": True}, "table"),
        ({"words": "web"}, "table"),
    ],
)
def test_options_that_are_about_rows_mean_a_table(options: dict[str, Any], form: str) -> None:
    default = {
        "form": None,
        "as_json": False,
        "columns": (),
        "no_headers": False,
        "sort": (),
        "words": "",
    }
    made = OutputOptions.of(**{**default, **options})
    assert made.form == form
    if "columns" in options:
        assert made.columns == ("a", "b", "c")
