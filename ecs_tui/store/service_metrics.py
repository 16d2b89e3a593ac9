"""Reads the metrics of one service: what exists for it, then all panels by one call."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import cloudwatch, ecs, elbv2
from ecs_tui.aws.api.service_deployments import list_service_deployments
from ecs_tui.errors import AwsError
from ecs_tui.model.arn import short_name
from ecs_tui.model.metric import Metric, MetricQuery, MetricRange, MetricSeries
from ecs_tui.model.metric_panels import INSIGHTS, Panel, panels
from ecs_tui.model.service import Service
from ecs_tui.model.target_health import TargetGroup
from ecs_tui.record import dataclass
from ecs_tui.store.surroundings import why_unknown
from ecs_tui.system.wall_clock import moment

MAX_INSIGHT_PAGES = 4
"""Pages of ListMetrics that are read: 2,000 metrics of tasks and containers of one service."""
MAX_DEPLOYMENTS = 100
"""Deployments that are marked on the time axis."""


@dataclass(frozen=True, slots=True)
class MetricSources:
    """What exists for a service besides the metrics that every service has.

    Attributes:
        groups: The target groups of its load balancers.
        insights: The metrics of Container Insights.
        tasks: IDs of the running tasks, if there are metrics of single tasks.
        deployments: The times at which its deployments began.
        missing: What could not be read, and why, a sentence each.
    """

    groups: tuple[TargetGroup, ...] = ()
    insights: tuple[Metric, ...] = ()
    tasks: tuple[str, ...] = ()
    deployments: tuple[datetime, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ServiceMetrics:
    """The metrics of a service in a range of time.

    Attributes:
        within: The range.
        start, end: Its first and last moment.
        panels: The charts.
        series: The points of each query.
        asked: The metrics that were asked, which AWS bills.
    """

    within: MetricRange
    start: datetime
    end: datetime
    panels: tuple[Panel, ...]
    series: Mapping[MetricQuery, MetricSeries]
    asked: int


async def find_sources(account: Account, cluster: str, service: Service) -> MetricSources:
    """What exists for a service: none of these calls is billed.

    What may not be read is left out, and named.

    Args:
        account: The account to call.
        cluster: The cluster's name.
        service: The service.
    """
    missing: list[str] = []
    groups: list[TargetGroup] = []
    arns = service.every_target_group
    if arns:
        try:
            some = arns[: elbv2.TARGET_GROUPS_PER_CALL]
            groups = await elbv2.target_groups(account, some)
        except AwsError as error:
            missing.append(f"Requests, errors and latency: {why_unknown(error)}")
    insights: list[Metric] = []
    try:
        insights = await _insights(account, cluster, service.name)
    except AwsError as error:
        missing.append(f"Container Insights: {why_unknown(error)}")
    tasks: list[str] = []
    if any(name == "TaskId" for item in insights for name, _ in item.dimensions):
        try:
            async for page in ecs.list_tasks(account, cluster, service.name):
                tasks += [short_name(arn) for arn in page]
        except AwsError as error:
            missing.append(f"Single tasks: {why_unknown(error)}")
    began = [item.created_at for item in service.deployments]
    if service.controller == "ECS":
        try:
            listed = list_service_deployments(account, cluster, service.name, MAX_DEPLOYMENTS)
            began = [item.created_at async for some in listed for item in some]
        except AwsError as error:
            missing.append(f"Earlier deployments: {why_unknown(error)}")
    times = tuple(sorted({at for at in began if at is not None}))
    return MetricSources(tuple(groups), tuple(insights), tuple(tasks), times, tuple(missing))


async def _insights(account: Account, cluster: str, service: str) -> list[Metric]:
    found: list[Metric] = []
    pages = 0
    named = (("ClusterName", cluster), ("ServiceName", service))
    async for page in cloudwatch.list_metrics(account, INSIGHTS, named):
        found += page
        pages += 1
        if pages == MAX_INSIGHT_PAGES:
            break
    return found


def panels_of(
    sources: MetricSources, cluster: str, service: str, within: MetricRange
) -> list[Panel]:
    """The panels of a service, with what exists for it.

    Args:
        sources: What exists.
        cluster: The cluster's name.
        service: The service's name.
        within: The range.
    """
    return panels(cluster, service, within, sources.groups, sources.insights, sources.tasks)


async def read_panels(
    account: Account, found: Collection[Panel], within: MetricRange, now: datetime | None = None
) -> ServiceMetrics:
    """The points of all panels.

    Args:
        account: The account to call.
        found: The panels.
        within: The range.
        now: Its end; the present time by default.

    Raises:
        AwsError: The call failed.
    """
    end = now or moment()
    # CloudWatch's periods begin at multiples of their length.
    first = (end.timestamp() - within.seconds) // within.period * within.period
    start = datetime.fromtimestamp(first, UTC)
    queries = list(dict.fromkeys(line.query for panel in found for line in panel.lines))
    answer = await cloudwatch.metric_data(account, queries, start, end + timedelta(seconds=1))
    series = {item.query: item for item in answer}
    return ServiceMetrics(within, start, end, tuple(found), series, len(queries))
