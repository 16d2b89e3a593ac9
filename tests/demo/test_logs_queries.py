"""Logs Insights of the demo account: results, statistics, progress and cancelling."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.support.demo import Demo
from tests.support.demo_logs import ORDERS, WEB, code_of, events, wait_for


def start(logs: Any, query: str, seconds: int = 600, **more: Any) -> str:
    end = int(time.time()) - 60
    groups = {"logGroupName": WEB} if not more.keys() & {"logGroupNames"} else {}
    params = {"startTime": end - seconds, "endTime": end, "queryString": query}
    return str(logs.start_query(**groups, **{**params, **more})["queryId"])


def finish(logs: Any, query: str) -> dict[str, Any]:
    def done() -> Any:
        answer = logs.get_query_results(queryId=query)
        return answer if answer["status"] == "Complete" else None

    found: dict[str, Any] = wait_for(done, 60)
    return found


def rows(answer: dict[str, Any]) -> list[dict[str, str]]:
    return [{cell["field"]: cell["value"] for cell in row} for row in answer["results"]]


def test_the_usual_query_answers_as_a_filter_does(demo: Demo, logs: Any) -> None:
    end = int(time.time()) - 60
    span = {"startTime": end - 300, "endTime": end}
    query = start(
        logs,
        "fields @timestamp, @message | filter @message like /connection refused/ "
        "| sort @timestamp desc | limit 20",
        **span,
    )
    answer = finish(logs, query)
    expected = events(
        logs, logGroupName=WEB, startTime=span["startTime"] * 1000,
        endTime=span["endTime"] * 1000 + 999, filterPattern='"connection refused"',
    )  # fmt: skip
    found = rows(answer)
    assert [row["@message"] for row in found] == [e["message"] for e in expected[::-1][:20]]
    assert set(found[0]) == {"@timestamp", "@message", "@ptr"}
    counts = answer["statistics"]
    assert counts["recordsMatched"] == len(expected)
    whole = events(logs, logGroupName=WEB, startTime=span["startTime"] * 1000,
                   endTime=span["endTime"] * 1000 + 999)  # fmt: skip
    assert counts["recordsScanned"] == len(whole)
    assert counts["bytesScanned"] == sum(len(event["message"]) for event in whole)
    record = logs.get_log_record(logRecordPointer=found[0]["@ptr"])["logRecord"]
    assert record["@message"] == found[0]["@message"]
    assert record["level"] == "error"


def test_fields_of_json_lines_and_several_groups(demo: Demo, logs: Any) -> None:
    query = start(
        logs, "fields @log, status | filter status = 503 | limit 3", logGroupNames=[WEB, ORDERS]
    )
    found = rows(finish(logs, query))
    assert {row["status"] for row in found} == {"503"}
    assert {row["@log"] for row in found} == {f"123456789012:{WEB}"}


def test_statistics_are_rows(demo: Demo, logs: Any) -> None:
    query = start(logs, "stats count(*) as lines by level | sort lines desc")
    found = rows(finish(logs, query))
    assert found[0]["level"] == "info"
    assert [set(row) for row in found[:1]] == [{"level", "lines"}]
    counts = [int(row["lines"]) for row in found]
    assert counts == sorted(counts, reverse=True)


def test_a_query_makes_progress_and_can_be_stopped(demo: Demo, logs: Any) -> None:
    query = start(logs, "fields @message | filter @message like /nothing like it/", 3 * 3600)
    first = wait_for(
        lambda: (a := logs.get_query_results(queryId=query))["status"] == "Running"
        and a["statistics"]["recordsScanned"] and a
    )  # fmt: skip
    assert logs.stop_query(queryId=query)["success"] is True
    answer = logs.get_query_results(queryId=query)
    assert answer["status"] == "Cancelled"
    assert answer["statistics"]["recordsScanned"] >= first["statistics"]["recordsScanned"]
    assert code_of(lambda: logs.stop_query(queryId=query))[0] == "InvalidParameterException"
    assert query in [each["queryId"] for each in logs.describe_queries()["queries"]]


def test_results_have_pages(demo: Demo, logs: Any) -> None:
    query = start(logs, "fields @message | limit 25")
    finish(logs, query)
    first = logs.get_query_results(queryId=query, maxItems=10)
    second = logs.get_query_results(queryId=query, maxItems=10, nextToken=first["nextToken"])
    third = logs.get_query_results(queryId=query, maxItems=10, nextToken=second["nextToken"])
    assert "nextToken" not in third
    whole = logs.get_query_results(queryId=query)["results"]
    assert first["results"] + second["results"] + third["results"] == whole


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"queryString": "grep x"}, "MalformedQueryException"),
        ({"startTime": 100, "endTime": 50}, "InvalidParameterException"),
        ({"logGroupName": "/nothing"}, "ResourceNotFoundException"),
        ({"logGroupNames": [WEB]}, "InvalidParameterException"),
        ({"queryLanguage": "SQL"}, "InvalidParameterException"),
    ],
)
def test_a_query_that_cannot_run_is_refused(
    demo: Demo, logs: Any, more: dict[str, Any], code: str
) -> None:
    params = {"logGroupName": WEB, "startTime": 0, "endTime": 1, "queryString": "fields @message"}
    assert code_of(lambda: logs.start_query(**{**params, **more}))[0] == code


def test_an_unknown_query_is_not_found(demo: Demo, logs: Any) -> None:
    code, _ = code_of(lambda: logs.get_query_results(queryId="nothing"))
    assert code == "ResourceNotFoundException"
