"""Logs Insights' language: what a query selects, and which queries are refused."""

from __future__ import annotations

import pytest

from ecs_tui.demo.logs_aggregates import Aggregation
from ecs_tui.demo.logs_insights import MalformedQuery, compile_query, sorted_rows

ROW = {"@timestamp": "2026-11-29 08:00:07.500", "@message": "GET /cart 503 timeout", "status": "503",
       "level": "error", "req.url": "/cart"}  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "selected"),
    [
        ("@message like /time(out)?/", True),
        ("@message like /TIMEOUT/", False),
        ("@message like /(?i)TIMEOUT/", True),
        ('@message like "cart"', True),
        ("@message not like 'cart'", False),
        ("@message not like /x/", True),
        ("@message =~ /cart/", True),
        ("status = 503", True),
        ("status >= 500 and status < 600", True),
        ("status > 1000", False),
        ('level = "error" or level = "warn"', True),
        ('not (level = "error")', False),
        ('level in ["warn", "error"]', True),
        ('level not in ["warn", "error"]', False),
        ("ispresent(req.url)", True),
        ("isempty(nothing)", True),
        ("nothing = 1", False),
        ("`level` != 'info'", True),
    ],
)
def test_what_a_filter_selects(condition: str, selected: bool) -> None:
    query = compile_query(f"fields @timestamp, @message | filter {condition} | limit 5")
    assert query.selects(dict(ROW)) is selected
    assert (query.limit, [name for name, _ in query.fields]) == (5, ["@timestamp", "@message"])


def test_parse_adds_fields() -> None:
    row = dict(ROW)
    query = compile_query('parse @message "GET * * *" as path, code, why | filter code = 503')
    assert query.selects(row)
    assert (row["path"], row["code"], row["why"]) == ("/cart", "503", "timeout")
    row = dict(ROW)
    assert compile_query(r"parse @message /(?<code>\d{3})/").selects(row)
    assert row["code"] == "503"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("grep x", "unexpected symbol found grep"),
        ("fields", "unexpected symbol found end of query"),
        ("filter @message", "unexpected symbol found end of query"),
        ("filter @message like", "unexpected symbol found end of query"),
        ("filter @message like /(/", "invalid regular expression"),
        ("limit x", "a number is expected"),
        ("fields a limit 3", "unexpected symbol found limit"),
        ("fields a |", "unexpected symbol found"),
        ("stats median(x)", "unexpected symbol found median"),
        ("stats count(*) by bin(5x)", "a duration is expected"),
        ('parse @message "a * b"', "unexpected symbol found end of query"),
        ('parse @message "a *" as b, c', "each . needs a name"),
        ("filter (level = 1", "unexpected symbol found end of query"),
        ("filter {", "unexpected symbol found {"),
    ],
)
def test_a_malformed_query_is_refused(query: str, message: str) -> None:
    with pytest.raises(MalformedQuery, match=message):
        compile_query(query)


def test_statistics_by_time_and_field() -> None:
    stats = compile_query(
        "stats count(*) as n, avg(ms), max(ms), count_distinct(id), sum(ms) by level, bin(5s)"
    ).stats
    assert stats is not None
    total = Aggregation(stats)
    for at, level, ms in (
        ("07.500", "info", "3"),
        ("06.000", "info", "1"),
        ("04.000", "warn", "9"),
    ):
        total.add({"@timestamp": f"2026-11-29 08:00:{at}", "level": level, "ms": ms, "id": "x"})
    assert total.rows() == [
        {"level": "info", "bin(5s)": "2026-11-29 08:00:05.000", "n": "2", "avg(ms)": "2.0000",
         "max(ms)": "3", "count_distinct(id)": "1", "sum(ms)": "4"},
        {"level": "warn", "bin(5s)": "2026-11-29 08:00:00.000", "n": "1", "avg(ms)": "9.0000",
         "max(ms)": "9", "count_distinct(id)": "1", "sum(ms)": "9"},
    ]  # fmt: skip


def test_rows_are_sorted_by_numbers_then_text_then_absence() -> None:
    rows = [{"a": "x"}, {"a": "10"}, {}, {"a": "9"}]
    assert sorted_rows(rows, [("a", False)]) == [{"a": "9"}, {"a": "10"}, {"a": "x"}, {}]
    assert sorted_rows(rows, [("a", True)]) == [{"a": "x"}, {"a": "10"}, {"a": "9"}, {}]
