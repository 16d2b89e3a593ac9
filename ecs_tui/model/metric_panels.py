"""Which metrics the page of a service shows, as panels of lines; pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal

from ecs_tui.model.alarm import load_balancer_dimension, target_group_dimension
from ecs_tui.model.metric import Metric, MetricQuery, MetricRange, Stat, service_metric
from ecs_tui.model.target_health import TargetGroup
from ecs_tui.record import dataclass

PanelUnit = Literal["percent", "tasks", "count", "seconds"]
INSIGHTS = "ECS/ContainerInsights"
"""The namespace of Container Insights."""
MAX_LINES = 6
"""Lines of a panel of tasks or containers: more cannot be told apart, and each is billed."""
_OWN = re.compile(r"(Task|Container)(Cpu|Memory)Utilization")
"""Metrics of single tasks and containers (Container Insights with enhanced observability)."""


@dataclass(frozen=True, slots=True)
class PanelLine:
    """One line of a panel.

    Attributes:
        label: What it is: `average`, `p99`, a task's ID.
        query: The metric behind it.
        scale: What its values are multiplied with for the panel's unit.
    """

    label: str
    query: MetricQuery
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart.

    Attributes:
        title: What it shows.
        unit: The unit of its values.
        lines: The lines, the most important first.
        note: What its values are of, or why lines are missing, in a few words.
    """

    title: str
    unit: PanelUnit
    lines: tuple[PanelLine, ...] = ()
    note: str = ""


def panels(
    cluster: str,
    service: str,
    within: MetricRange,
    groups: Sequence[TargetGroup] = (),
    insights: Collection[Metric] = (),
    tasks: Collection[str] = (),
) -> list[Panel]:
    """The panels of a service's page, the most important first.

    Args:
        cluster: The cluster's name.
        service: The service's name.
        within: The range, which decides the period of the points.
        groups: The target groups of its load balancers.
        insights: The metrics of Container Insights that exist for it, from ListMetrics.
        tasks: IDs of the tasks that run: only these have panels of their own.
    """
    period = within.period
    found = [
        _utilization("CPU", "CPUUtilization", cluster, service, period),
        _utilization("Memory", "MemoryUtilization", cluster, service, period),
        _tasks(cluster, service, period, {item.name for item in insights}),
        *_balanced(groups, period),
    ]
    return [*found, *_of_parts(insights, tasks, period)]


def _utilization(title: str, name: str, cluster: str, service: str, period: int) -> Panel:
    metric = service_metric(cluster, service, name)
    stats: tuple[tuple[str, Stat], ...] = (("average", "Average"), ("highest task", "Maximum"))
    lines = tuple(PanelLine(label, MetricQuery(metric, stat, period)) for label, stat in stats)
    return Panel(title, "percent", lines, "% of what the tasks reserve")


def _tasks(cluster: str, service: str, period: int, there: Collection[str]) -> Panel:
    """Running and desired tasks; without Container Insights only running ones.

    CPUUtilization has a sample a minute for each running task
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html,
    "Service RUNNING task count").
    """
    if "RunningTaskCount" in there:
        lines = tuple(
            PanelLine(
                label, MetricQuery(service_metric(cluster, service, name, INSIGHTS), stat, period)
            )
            for label, name, stat in _COUNTS
        )
        return Panel("Tasks", "tasks", lines)
    samples = MetricQuery(service_metric(cluster, service, "CPUUtilization"), "SampleCount", period)
    line = PanelLine("running", samples, 60 / period)
    return Panel("Tasks", "tasks", (line,), "desired: needs Container Insights")


_COUNTS: tuple[tuple[str, str, Stat], ...] = (
    ("running", "RunningTaskCount", "Average"),
    ("desired", "DesiredTaskCount", "Maximum"),
)


def _balanced(groups: Iterable[TargetGroup], period: int) -> list[Panel]:
    """Requests, errors and latency of the targets of Application Load Balancers."""
    found: list[Panel] = []
    metrics = [(group.name, dims) for group in groups for dims in _dimensions(group)]
    if not metrics:
        return found
    several = len(metrics) > 1

    def lines(name: str, *stats: tuple[str, Stat], scale: float = 1.0) -> tuple[PanelLine, ...]:
        return tuple(
            PanelLine(
                " ".join(word for word in (group if several else "", label) if word),
                MetricQuery(Metric("AWS/ApplicationELB", name, dims), stat, period),
                scale,
            )
            for group, dims in metrics
            for label, stat in stats
        )

    a_minute = 60 / period
    return [
        Panel("Requests", "count", lines("RequestCount", ("", "Sum"), scale=a_minute), "a minute"),
        Panel(
            "5xx of targets",
            "count",
            lines("HTTPCode_Target_5XX_Count", ("", "Sum"), scale=a_minute),
            "a minute",
        ),
        Panel("Latency", "seconds", lines("TargetResponseTime", ("p50", "p50"), ("p99", "p99"))),
        Panel(
            "Targets",
            "count",
            lines("HealthyHostCount", ("healthy", "Minimum"))
            + lines("UnHealthyHostCount", ("unhealthy", "Maximum")),
        ),
    ]


def _dimensions(group: TargetGroup) -> list[tuple[tuple[str, str], ...]]:
    """The dimensions of its metrics with each Application Load Balancer that routes to it."""
    balancers = (load_balancer_dimension(arn) for arn in group.load_balancers)
    return [
        (("TargetGroup", target_group_dimension(group.arn)), ("LoadBalancer", name))
        for name in balancers
        if name.startswith("app/")
    ]


def _of_parts(insights: Iterable[Metric], tasks: Collection[str], period: int) -> list[Panel]:
    """CPU and memory of each task and container, where Container Insights has them."""
    found: dict[tuple[str, str], dict[tuple[str, str], Metric]] = {}
    for metric in insights:
        kind, dimensions = _OWN.fullmatch(metric.name), dict(metric.dimensions)
        task = dimensions.get("TaskId", "")
        if kind is None or task not in tasks:
            continue
        container = dimensions.get("ContainerName", "")
        if (kind[1] == "Container") != bool(container):
            continue
        found.setdefault((kind[1], kind[2]), {}).setdefault((container, task), metric)
    return [
        _part_panel(f"{what} of each {part.lower()}", found[part, kind], period)
        for part in ("Task", "Container")
        for kind, what in (("Cpu", "CPU"), ("Memory", "Memory"))
        if (part, kind) in found
    ]


def _part_panel(title: str, metrics: Mapping[tuple[str, str], Metric], period: int) -> Panel:
    """A panel with a line for each (container, task)."""
    named = sorted(metrics)
    lines = tuple(
        PanelLine(
            f"{container}/{task[:8]}" if container else task[:8],
            MetricQuery(metrics[container, task], "Maximum", period),
        )
        for container, task in named[:MAX_LINES]
    )
    left = len(named) - len(lines)
    note = f"%, {left} more not read: each is billed" if left > 0 else "%"
    return Panel(title, "percent", lines, note)
