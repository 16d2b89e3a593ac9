"""Metrics: prices and amounts, ranges, and which panels a service has."""

from __future__ import annotations

import pytest

from ecs_tui.model.metric import RANGES, Metric, MetricQuery, MetricSeries, money, price
from ecs_tui.model.metric_panels import INSIGHTS, MAX_LINES, panels
from ecs_tui.model.target_health import TargetGroup, TargetHealth, count_targets, targets_at

HOUR = RANGES[0]
ARN = "arn:aws:elasticloadbalancing:eu-west-1:123456789012"
GROUP = TargetGroup(
    f"{ARN}:targetgroup/web/1", "web", load_balancers=(f"{ARN}:loadbalancer/app/front/2",)
)
NETWORK = TargetGroup(
    f"{ARN}:targetgroup/tcp/3", "tcp", load_balancers=(f"{ARN}:loadbalancer/net/n/4",)
)


@pytest.mark.parametrize(
    ("dollars", "words"),
    [(0, "$0.00"), (0.00001, "under $0.0001"), (0.0001, "$0.0001"), (0.0478, "$0.0478"),
     (0.36, "$0.36"), (58.2, "$58.20"), (1234.5, "$1,234")],
)  # fmt: skip
def test_amounts(dollars: float, words: str) -> None:
    assert money(dollars) == words


def test_a_thousand_metrics_cost_a_cent() -> None:
    assert price(1000) == pytest.approx(0.01)


def test_ranges_fit_into_cloudwatchs_periods() -> None:
    assert [each.seconds for each in RANGES] == sorted(each.seconds for each in RANGES)
    for each in RANGES:
        assert each.period % 60 == 0 and each.seconds % each.period == 0
        assert each.seconds // each.period <= 336


def test_a_series_has_a_last_value_a_peak_and_a_mean() -> None:
    query = MetricQuery(Metric("AWS/ECS", "CPUUtilization"))
    series = MetricSeries(query, (0.0, 60.0), (10.0, 30.0))
    assert (series.last, series.peak, series.mean, series.total) == (30.0, 30.0, 20.0, 40.0)
    empty = MetricSeries(query)
    assert (empty.last, empty.peak, empty.mean, empty.total) == (None, None, None, 0)


def titles(*args: object, **named: object) -> list[str]:
    return [panel.title for panel in panels("prod", "web", HOUR, *args, **named)]  # type: ignore[arg-type]


def test_every_service_has_cpu_memory_and_running_tasks() -> None:
    cpu, memory, tasks = panels("prod", "web", HOUR)
    assert [line.query.stat for line in cpu.lines] == ["Average", "Maximum"]
    assert cpu.lines[0].query.metric == Metric(
        "AWS/ECS", "CPUUtilization", (("ClusterName", "prod"), ("ServiceName", "web"))
    )
    assert memory.lines[0].query.metric.name == "MemoryUtilization"
    assert tasks.lines[0].query.stat == "SampleCount" and "Container Insights" in tasks.note


def test_samples_of_longer_periods_are_counted_as_tasks() -> None:
    (line,) = panels("prod", "web", RANGES[-1])[2].lines
    assert line.scale == pytest.approx(60 / 3600)


def test_requests_errors_and_latency_of_application_load_balancers() -> None:
    assert titles((GROUP,))[3:] == ["Requests", "5xx of targets", "Latency", "Targets"]
    assert titles((NETWORK,))[3:] == [], "a Network Load Balancer counts no requests"
    latency = panels("prod", "web", HOUR, (GROUP, NETWORK))[5]
    assert [line.label for line in latency.lines] == ["p50", "p99"]
    assert latency.lines[1].query.metric.dimensions == (
        ("TargetGroup", "targetgroup/web/1"), ("LoadBalancer", "app/front/2"),
    )  # fmt: skip
    two = TargetGroup(f"{ARN}:targetgroup/green/5", "green", load_balancers=GROUP.load_balancers)
    named = panels("prod", "web", HOUR, (GROUP, two))[5]
    assert [line.label for line in named.lines] == ["web p50", "web p99", "green p50", "green p99"]


def insight(name: str, **dimensions: str) -> Metric:
    named = {"ClusterName": "prod", "ServiceName": "web", **dimensions}
    return Metric(INSIGHTS, name, tuple(named.items()))


def test_desired_tasks_where_container_insights_is_on() -> None:
    found = panels("prod", "web", HOUR, (), (insight("RunningTaskCount"),))[2]
    assert [line.label for line in found.lines] == ["running", "desired"] and not found.note


def test_each_task_and_container_that_runs_has_a_line() -> None:
    ids = [f"{number:032x}" for number in range(8)]
    there = [insight("TaskCpuUtilization", TaskId=each) for each in ids]
    there.append(insight("ContainerMemoryUtilization", TaskId=ids[0], ContainerName="app"))
    there.append(insight("ContainerMemoryUtilization", TaskId="f" * 32, ContainerName="app"))
    there.append(insight("TaskCpuUtilization"))
    cpu, memory = panels("prod", "web", HOUR, (), there, ids)[3:]
    assert cpu.title == "CPU of each task" and len(cpu.lines) == MAX_LINES
    assert "2 more not read" in cpu.note
    assert [line.label for line in memory.lines] == [f"app/{ids[0][:8]}"]


# -- targets


def target(state: str, address: str = "10.0.0.1") -> TargetHealth:
    return TargetHealth(GROUP.arn, address, 8080, state=state)


@pytest.mark.parametrize(
    ("states", "words", "failing"),
    [
        ([], "0/0", 0),
        (["healthy", "healthy"], "2/2", 0),
        (["healthy", "unhealthy", "initial", "draining"], "1/3", 1),
        (["unused", "unused"], "2 unused", 0),
        (["unhealthy.draining"], "0/0", 0),
        (["unavailable"], "0/1", 0),
    ],
)
def test_targets_are_counted_as_the_load_balancer_uses_them(
    states: list[str], words: str, failing: int
) -> None:
    counts = count_targets(target(state) for state in states)
    assert (str(counts), counts.failing) == (words, failing)


def test_a_tasks_own_targets() -> None:
    mine, other = target("healthy"), target("unhealthy", "10.0.0.2")
    assert targets_at((mine, other), ("10.0.0.1", "")) == [mine]
    failing = TargetHealth(GROUP.arn, "i", reason="Target.Timeout", description="Request timed out")
    assert failing.why == "Target.Timeout: Request timed out"
