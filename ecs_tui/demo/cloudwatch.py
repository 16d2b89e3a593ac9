"""CloudWatch of the demo account: what it answers about metrics and alarms."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ecs_tui.demo.alarms import alarms_of, history_of, view_of
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.metrics import DemoMetric, metrics_of, point
from ecs_tui.demo.state import when
from ecs_tui.demo.wire import WireError

MAX_QUERIES, MAX_POINTS = 500, 100_800
"""Of one call of GetMetricData."""
PAGE_SIZE, ALARM_PAGE_SIZE = 500, 100
Params = dict[str, Any]


def get_metric_data(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """The values of metrics.

    Raises:
        WireError: More is asked for than one call gives, or what the demo cannot compute.
    """
    queries, start, end = params["MetricDataQueries"], params["StartTime"], params["EndTime"]
    if start >= end:
        raise WireError(
            "ValidationError",
            "The parameter StartTime must be less than the parameter EndTime.",
        )
    if len(queries) > MAX_QUERIES:
        raise WireError(
            "ValidationError",
            f"The collection MetricDataQueries must not have a size greater than {MAX_QUERIES}.",
        )
    stats = [query.get("MetricStat", {}).get("Metric", {}) for query in queries]
    names = {item["Value"] for stat in stats for item in stat.get("Dimensions") or ()}
    known = {metric.key: metric for metric in metrics_of(backend, now, names)}
    backwards = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    results, total = [], 0
    for query in queries:
        points = list(_points(known, query, start.timestamp(), end.timestamp(), now))
        total += len(points)
        if total > MAX_POINTS:
            raise WireError("ValidationError", "The request asks for too many datapoints.")
        if query.get("ReturnData", True):
            results.append(_result(query, points[::-1] if backwards else points))
    return {"MetricDataResults": results, "Messages": []}


def _points(
    known: dict[Any, DemoMetric], query: Params, start: float, end: float, now: float
) -> Iterator[tuple[datetime, float]]:
    """(time, value) of a query, oldest first."""
    stat = query.get("MetricStat")
    if stat is None:
        raise WireError("ValidationError", "The demo account does not compute expressions.")
    period = int(stat["Period"])
    if period % 60:
        raise WireError("ValidationError", "The value for Period must be a multiple of 60.")
    wanted = stat["Metric"]
    dimensions = frozenset((item["Name"], item["Value"]) for item in wanted.get("Dimensions") or ())
    metric = known.get((wanted["Namespace"], wanted["MetricName"], dimensions))
    if metric is None:
        return
    at = math.ceil(start / period) * period
    while at < min(end, now):
        value = point(metric, at, period, stat["Stat"], now)
        if value is not None:
            yield when(at), value
        at += period


def _result(query: Params, points: list[tuple[datetime, float]]) -> Params:
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or query["MetricStat"]["Metric"]["MetricName"],
        "Timestamps": [at for at, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete",
    }


def list_metrics(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """Metrics by namespace, name and dimensions."""
    found = [
        {
            "Namespace": metric.namespace,
            "MetricName": metric.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in metric.dimensions],
        }
        for metric in metrics_of(backend, now)
        if _fits(metric, params)
    ]
    return _page("Metrics", found, params, PAGE_SIZE)


def _fits(metric: DemoMetric, params: Params) -> bool:
    mine = dict(metric.dimensions)
    return (
        params.get("Namespace") in (None, metric.namespace)
        and params.get("MetricName") in (None, metric.name)
        and all(
            item["Name"] in mine and item.get("Value") in (None, mine[item["Name"]])
            for item in params.get("Dimensions") or ()
        )
    )


def describe_alarms(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """Alarms by name, prefix and state."""
    names, prefix = params.get("AlarmNames"), params.get("AlarmNamePrefix") or ""
    kinds = params.get("AlarmTypes") or ["MetricAlarm"]
    wanted = [
        alarm
        for alarm in alarms_of(backend, now)
        if (not names or alarm.name in names) and alarm.name.startswith(prefix)
    ]
    views = [view_of(alarm, backend.region_name, backend.account_id, now) for alarm in wanted]
    state = params.get("StateValue")
    found = [view for view in views if state in (None, view["StateValue"])]
    answer = _page("MetricAlarms", found if "MetricAlarm" in kinds else [], params, ALARM_PAGE_SIZE)
    return {**answer, "CompositeAlarms": []}


def describe_alarm_history(backend: DemoEcsBackend, params: Params, now: float) -> Params:
    """Changes of alarms' states in the last hours."""
    name, kind = params.get("AlarmName"), params.get("HistoryItemType")
    start, end = params.get("StartDate"), params.get("EndDate")
    found = [
        item
        for alarm in alarms_of(backend, now)
        if name in (None, alarm.name) and kind in (None, "StateUpdate")
        for item in history_of(alarm, now)
        if (start is None or item["Timestamp"] >= start)
        and (end is None or item["Timestamp"] <= end)
    ]
    newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
    found.sort(key=lambda item: item["Timestamp"], reverse=newest_first)
    return _page("AlarmHistoryItems", found, params, ALARM_PAGE_SIZE)


def _page(key: str, found: list[Params], params: Params, most: int) -> Params:
    start = int(params.get("NextToken") or 0)
    end = start + min(int(params.get("MaxRecords") or most), most)
    answer: Params = {key: found[start:end]}
    if end < len(found):
        answer["NextToken"] = str(end)
    return answer


OPERATIONS = {
    "GetMetricData": get_metric_data,
    "ListMetrics": list_metrics,
    "DescribeAlarms": describe_alarms,
    "DescribeAlarmHistory": describe_alarm_history,
}
"""What answers which operation."""
