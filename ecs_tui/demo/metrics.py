"""The metrics that CloudWatch has of the demo account's services, and their values.

Sources: "Amazon ECS CloudWatch metrics", "Amazon ECS Container Insights metrics" and "CloudWatch
metrics for your Application ServiceLoad Balancer".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from moto.ecs.models import Service

from ecs_tui.demo.balancing import load_balancer_arn, target_health
from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.levels import ServiceLoad, load_at, noise, spread
from ecs_tui.demo.state import ServiceState, TaskState
from ecs_tui.demo.tasks import FORGET_SECONDS, service_key
from ecs_tui.record import dataclass

LATE_SECONDS = 5.0
"""After a minute's end, until its values can be read."""
RESERVED_CPU, RESERVED_MEMORY = 512.0, 1024.0
"""Units and MiB of each task."""
Dimensions = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DemoMetric:
    """One metric.

    Attributes:
        value: Its value in a minute (minutes since 1970) for a statistic; NaN where it has none.
    """

    namespace: str
    name: str
    dimensions: Dimensions
    value: Callable[[int, str], float]

    @property
    def key(self) -> tuple[str, str, frozenset[tuple[str, str]]]:
        """What identifies it; the order of dimensions does not matter."""
        return self.namespace, self.name, frozenset(self.dimensions)


def metrics_of(
    backend: DemoEcsBackend, now: float, names: set[str] | None = None
) -> list[DemoMetric]:
    """The metrics of a region.

    Args:
        names: Of services, or of target groups; None for all.
    """
    found: list[DemoMetric] = []
    for cluster in backend.clusters.values():
        if names is None or cluster.name in names:
            found += _clusters(backend, cluster.name)
    for service in list(backend.services.values()):
        group = target_group_name(service)
        if names is not None and not names & {service.name, group}:
            continue
        view = ServiceView(backend, service, now)
        found += _ecs(view)
        if view.insights:
            found += _insights(view)
        if view.enhanced:
            found += _tasks(view)
        if group:
            found += _balancer(view)
    return found


def _clusters(backend: DemoEcsBackend, cluster: str) -> Iterator[DemoMetric]:
    """Of a cluster with container instances: what is reserved, and how full its providers are."""
    if not backend.container_instances.get(cluster):
        return
    of: Dimensions = (("ClusterName", cluster),)

    def reserved(kind: str, most: float) -> Callable[[int, str], float]:
        mean = spread(f"{cluster}/{kind}", most - 30, most)
        return lambda minute, statistic: mean * noise(f"{cluster}/{kind}", minute)

    yield DemoMetric("AWS/ECS", "CPUReservation", of, reserved("cpu", 70))
    yield DemoMetric("AWS/ECS", "MemoryReservation", of, reserved("memory", 80))
    for provider, kind in backend.providers.get(cluster, ()):
        if kind != "EC2_AUTOSCALING":
            continue
        # Above 100, managed scaling wants more instances than there are.
        blocked = any(
            state.provider == provider and (state.obstacle or _unplaced(backend, key))
            for key, state in backend.service_states.items()
            if key.startswith(f"{cluster}:")
        )
        yield DemoMetric(
            "AWS/ECS/ManagedScaling",
            "CapacityProviderReservation",
            (("CapacityProviderName", provider), *of),
            always(200.0 if blocked else 100.0),
        )


def always(value: float) -> Callable[[int, str], float]:
    """A metric's values that never change."""
    return lambda minute, statistic: value


def _unplaced(backend: DemoEcsBackend, key: str) -> bool:
    return any(backend.state_of(task).unplaced for task in backend.by_service[key])


def target_group_name(service: Service) -> str:
    """The dimension `TargetGroup` of a service's metrics; "" without a load balancer."""
    if not service.load_balancers:
        return ""
    return str(service.load_balancers[0]["targetGroupArn"].rpartition(":")[2])


class ServiceView:
    """One service as the metrics see it."""

    def __init__(self, backend: DemoEcsBackend, service: Service, now: float) -> None:
        self.backend, self.service, self.now = backend, service, now
        self.key = f"{service.cluster_name}/{service.name}"
        self.state: ServiceState = backend.service_states[service_key(service)]
        settings = backend._get_cluster(service.cluster_name).settings or ()
        value = next((s["value"] for s in settings if s["name"] == "containerInsights"), "disabled")
        self.insights, self.enhanced = value != "disabled", value == "enhanced"
        self.dimensions: Dimensions = (
            ("ClusterName", service.cluster_name), ("ServiceName", service.name),
        )  # fmt: skip

    def alarmed(self) -> Iterator[DemoMetric]:
        """The metrics that alarms watch."""
        yield from _ecs(self)
        yield from _balancer(self)

    def desired(self, minute: int) -> int:
        """Its desired count at the end of a minute."""
        end, found = minute * 60.0 + 60.0, self.state.wanted[:1]
        for since, count in self.state.wanted:
            if since <= end:
                found = [(since, count)]
        return found[0][1] if found else int(self.service.desired_count)

    def load(self, minute: int) -> ServiceLoad:
        """Its load in a minute."""
        return load_at(self.key, self.state.levels, minute, self.desired(minute))

    def knows(self, end: float) -> bool:
        """Whether the tasks of a time are known: ECS forgets those that stopped an hour before."""
        if end < self.now - FORGET_SECONDS:
            return False
        return any(state.lifecycle.created_at <= end for state in self._states())

    def running(self, minute: int, status: str = "RUNNING") -> int:
        """Its tasks in a state at the end of a minute; as many as desired where nobody knows."""
        end = minute * 60.0 + 60.0
        if not self.knows(end):
            return self.desired(minute) if status == "RUNNING" else 0
        return sum(state.lifecycle.status(end) == status for state in self._states())

    def _states(self) -> Iterator[TaskState]:
        tasks = self.backend.by_service[service_key(self.service)]
        return (self.backend.state_of(task) for task in tasks)


def _ecs(view: ServiceView) -> Iterator[DemoMetric]:
    def cpu(minute: int, statistic: str) -> float:
        return _spread(view.load(minute).cpu, statistic)

    def memory(minute: int, statistic: str) -> float:
        return _spread(view.load(minute).memory, statistic)

    yield DemoMetric("AWS/ECS", "CPUUtilization", view.dimensions, cpu)
    yield DemoMetric("AWS/ECS", "MemoryUtilization", view.dimensions, memory)


def _insights(view: ServiceView) -> Iterator[DemoMetric]:
    def of(name: str, value: Callable[[int], float]) -> DemoMetric:
        return DemoMetric(
            "ECS/ContainerInsights", name, view.dimensions, lambda minute, _: value(minute)
        )

    def bytes_of(name: str, each: float) -> DemoMetric:
        return of(name, lambda minute: view.load(minute).requests * each * noise(name, minute))

    count = len(view.state.deployments)
    yield of("RunningTaskCount", view.running)
    yield of("PendingTaskCount", lambda minute: view.running(minute, "PENDING"))
    yield of("DesiredTaskCount", view.desired)
    yield of("DeploymentCount", lambda _: count)
    yield of("CpuUtilized", lambda m: view.load(m).cpu / 100 * RESERVED_CPU * view.desired(m))
    yield of("CpuReserved", lambda m: RESERVED_CPU * view.desired(m))
    yield of(
        "MemoryUtilized", lambda m: view.load(m).memory / 100 * RESERVED_MEMORY * view.desired(m)
    )
    yield of("MemoryReserved", lambda m: RESERVED_MEMORY * view.desired(m))
    yield bytes_of("NetworkRxBytes", 61.0)
    yield bytes_of("NetworkTxBytes", 482.0)
    yield bytes_of("StorageReadBytes", 12.0)
    yield bytes_of("StorageWriteBytes", 33.0)


def _tasks(view: ServiceView) -> Iterator[DemoMetric]:
    """With enhanced observability: the metrics of each task and container."""
    for task in view.backend.by_service[service_key(view.service)]:
        mine = view.backend.state_of(task)
        of_task: Dimensions = (*view.dimensions, ("TaskId", task.id))

        def within(minute: int, mine: Any = mine) -> bool:
            life = mine.lifecycle
            end = minute * 60.0 + 60.0
            return bool(life.running_at <= end and (life.stop_at is None or end <= life.stop_at))

        def share(
            kind: str, task_id: str = task.id, within: Callable[[int], bool] = within
        ) -> Callable[[int, str], float]:
            def value(minute: int, statistic: str) -> float:
                if not within(minute):
                    return math.nan
                load = view.load(minute)
                return getattr(load, kind) * noise(f"{task_id}/{kind}", minute)

            return value

        yield DemoMetric("ECS/ContainerInsights", "TaskCpuUtilization", of_task, share("cpu"))
        yield DemoMetric("ECS/ContainerInsights", "TaskMemoryUtilization", of_task, share("memory"))
        for spec in mine.containers:
            each: Dimensions = (*of_task, ("ContainerName", spec.name))
            name = "ContainerCpuUtilization"
            yield DemoMetric("ECS/ContainerInsights", name, each, share("cpu"))
            name = "ContainerMemoryUtilization"
            yield DemoMetric("ECS/ContainerInsights", name, each, share("memory"))


def _balancer(view: ServiceView) -> Iterator[DemoMetric]:
    arn = load_balancer_arn(view.backend.region_name, view.service.cluster_name)
    dimensions: Dimensions = (
        ("TargetGroup", target_group_name(view.service)),
        ("LoadBalancer", arn.partition(":loadbalancer/")[2]),
    )

    def of(name: str, value: Callable[[int, str], float]) -> DemoMetric:
        return DemoMetric("AWS/ApplicationELB", name, dimensions, value)

    def latency(minute: int, statistic: str) -> float:
        load = view.load(minute)
        return {
            "p99": load.p99, "p95": load.p99 * 0.6, "p90": load.p99 * 0.42, "p50": load.p50,
            "Maximum": load.p99 * 1.8, "Minimum": load.p50 * 0.2,
        }.get(statistic, load.p50 * 1.4)  # fmt: skip

    yield of("RequestCount", lambda m, _: view.load(m).requests)
    yield of("HTTPCode_Target_5XX_Count", lambda m, _: view.load(m).errors)
    yield of(
        "HTTPCode_Target_2XX_Count",
        lambda m, _: view.load(m).requests - view.load(m).errors,
    )
    yield of("TargetResponseTime", latency)
    yield of("HealthyHostCount", lambda m, _: _hosts(view, m, healthy=True))
    yield of("UnHealthyHostCount", lambda m, _: _hosts(view, m, healthy=False))


def _hosts(view: ServiceView, minute: int, *, healthy: bool) -> float:
    end = minute * 60.0 + 60.0
    if not view.knows(end):
        return float(view.desired(minute) if healthy else 0)
    found = target_health(view.backend, view.service, end)
    wanted = "healthy" if healthy else "unhealthy"
    return float(sum(item["TargetHealth"]["State"] == wanted for item in found))


def _spread(value: float, statistic: str) -> float:
    """Of the tasks of a service: the highest is above the mean, the lowest below."""
    return value * {"Maximum": 1.18, "p99": 1.16, "p90": 1.1, "Minimum": 0.84}.get(statistic, 1.0)


def point(metric: DemoMetric, at: float, period: int, statistic: str, now: float) -> float | None:
    """The value of a period that begins at a time; None if it is not complete or has none.

    Args:
        metric: What is asked for.
        at: Seconds since 1970, a multiple of the period.
        period: Seconds, a multiple of 60.
        statistic: Average, Sum, Maximum, Minimum, SampleCount, or pN.
    """
    minutes = [minute for minute in range(int(at // 60), int((at + period) // 60))
               if minute * 60 + 60 + LATE_SECONDS <= now]  # fmt: skip
    if not minutes:
        return None
    step = max(1, len(minutes) // 6)  # a long period is computed from some of its minutes
    values = [metric.value(minute, statistic) for minute in minutes[::step]]
    values = [value for value in values if not math.isnan(value)]
    if not values:
        return None
    if statistic == "SampleCount":
        return float(len(minutes))
    if statistic == "Maximum":
        return max(values)
    if statistic == "Minimum":
        return min(values)
    mean = sum(values) / len(values)
    if statistic == "Sum":
        return mean * len(minutes)
    return mean
