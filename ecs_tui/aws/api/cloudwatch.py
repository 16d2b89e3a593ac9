"""CloudWatch: values of metrics, alarms and the history of their states."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from math import ceil

from ecs_tui.aws.account import Account
from ecs_tui.aws.api.paging import pages_by
from ecs_tui.aws.parse import cloudwatch as parse
from ecs_tui.aws.parse.fields import parts, text
from ecs_tui.model.alarm import Alarm, AlarmChange
from ecs_tui.model.metric import Metric, MetricQuery, MetricSeries, SeriesStatus

QUERIES_PER_CALL = 500
"""Metrics in one GetMetricData (CloudWatch API Reference, GetMetricData)."""
POINTS_PER_CALL = 100_800
"""Points in the answer of one GetMetricData, over all its pages (the same page)."""
ALARMS_PER_PAGE = 100
"""MaxRecords of DescribeAlarms and DescribeAlarmHistory."""


async def metric_data(
    account: Account, queries: Sequence[MetricQuery], start: datetime, end: datetime
) -> list[MetricSeries]:
    """The values of metrics in a range of time, one series for each query and in their order.

    One call for up to 500 metrics, as long as their points fit into one answer; AWS bills each metric
    of a call (`model/metric.py`), not the call.

    Args:
        account: The account to call.
        queries: What to read.
        start, end: The range; `end` is excluded.

    Raises:
        AwsError: A call failed.
    """
    found: list[MetricSeries] = []
    for batch in batches(queries, (end - start).total_seconds()):
        found += await _metric_data(account, batch, start, end)
    return found


def batches(queries: Sequence[MetricQuery], seconds: float) -> list[Sequence[MetricQuery]]:
    """The queries of each call, so that neither the metrics nor their points are too many.

    Args:
        queries: What to read.
        seconds: The length of the range.
    """
    made: list[list[MetricQuery]] = []
    room = 0
    for query in queries:
        points = ceil(seconds / query.period) + 1
        if not made or len(made[-1]) == QUERIES_PER_CALL or points > room:
            made.append([])
            room = POINTS_PER_CALL
        made[-1].append(query)
        room -= points
    return list(made)


async def _metric_data(
    account: Account, queries: Sequence[MetricQuery], start: datetime, end: datetime
) -> list[MetricSeries]:
    client = await account.client("cloudwatch")
    ids = {f"q{number}": number for number in range(len(queries))}
    points: list[list[tuple[float, float]]] = [[] for _ in queries]
    states: list[tuple[SeriesStatus, str]] = [("Complete", "") for _ in queries]
    async for page in pages_by(
        account,
        client.get_metric_data,
        MetricDataQueries=[_query(name, queries[number]) for name, number in ids.items()],
        StartTime=start,
        EndTime=end,
        ScanBy="TimestampAscending",
    ):
        for item in parts(page, "MetricDataResults"):
            number = ids.get(text(item, "Id"))
            if number is not None:
                points[number] += parse.series_points(item)
                states[number] = parse.series_status(item)  # that of the last page
    return [
        _series(query, each, state)
        for query, each, state in zip(queries, points, states, strict=True)
    ]


def _query(name: str, query: MetricQuery) -> dict[str, object]:
    metric = query.metric
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in metric.dimensions],
            },
            "Period": query.period,
            "Stat": query.stat,
        },
        "ReturnData": True,
    }


def _series(
    query: MetricQuery, points: list[tuple[float, float]], state: tuple[SeriesStatus, str]
) -> MetricSeries:
    ordered = sorted(dict(points).items())
    times, values = tuple(at for at, _ in ordered), tuple(value for _, value in ordered)
    return MetricSeries(query, times, values, *state)


async def list_metrics(
    account: Account, namespace: str, dimensions: Sequence[tuple[str, str]]
) -> AsyncIterator[list[Metric]]:
    """Pages of the metrics that have had values in the last three hours. It is not billed.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html

    Args:
        account: The account to call.
        namespace: Such as `ECS/ContainerInsights`.
        dimensions: Names and values that a metric must have, besides others; "" for any value.

    Raises:
        AwsError: A call failed.
    """
    client = await account.client("cloudwatch")
    filters = [{"Name": key, **({"Value": value} if value else {})} for key, value in dimensions]
    async for page in pages_by(
        account,
        client.list_metrics,
        Namespace=namespace,
        Dimensions=filters,
        RecentlyActive="PT3H",
    ):
        yield [parse.metric(item) for item in parts(page, "Metrics")]


async def describe_alarms(account: Account) -> list[Alarm]:
    """All metric and composite alarms of the account and region.

    One paged call for all of them is cheaper than one for each service; which are about a service is
    decided by their dimensions (`model/alarm.py`). Composite alarms are returned only to callers who
    may read all alarms
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html).

    Raises:
        AwsError: A call failed.
    """
    client = await account.client("cloudwatch")
    found: list[Alarm] = []
    async for page in pages_by(
        account,
        client.describe_alarms,
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        MaxRecords=ALARMS_PER_PAGE,
    ):
        found += [parse.metric_alarm(item) for item in parts(page, "MetricAlarms")]
        found += [parse.composite_alarm(item) for item in parts(page, "CompositeAlarms")]
    return found


async def alarm_history(
    account: Account, start: datetime, end: datetime, alarm: str = ""
) -> AsyncIterator[list[AlarmChange]]:
    """Pages of the changes of alarms' states in a range of time, the newest first.

    AWS keeps them for 30 days
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html).

    Args:
        account: The account to call.
        start, end: The range.
        alarm: The name of an alarm; "" for all of the account.

    Raises:
        AwsError: A call failed.
    """
    client = await account.client("cloudwatch")
    chosen: dict[str, object] = {"AlarmName": alarm} if alarm else {}
    async for page in pages_by(
        account,
        client.describe_alarm_history,
        AlarmTypes=["MetricAlarm", "CompositeAlarm"],
        HistoryItemType="StateUpdate",
        StartDate=start,
        EndDate=end,
        ScanBy="TimestampDescending",
        MaxRecords=ALARMS_PER_PAGE,
        **chosen,
    ):
        yield [parse.alarm_change(item) for item in parts(page, "AlarmHistoryItems")]
