"""CloudWatch metrics: what is asked, the values that come back, and the ranges they are asked for."""

from __future__ import annotations

from typing import Literal

from ecs_tui.record import dataclass

Stat = Literal["Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p90", "p99"]
SeriesStatus = Literal["Complete", "PartialData", "InternalError", "Forbidden"]
PRICE_PER_METRIC = 0.01 / 1000
"""US dollars for one metric of a GetMetricData call, however many points it has.

Source: https://aws.amazon.com/cloudwatch/pricing/ (us-east-1, "GetMetricData").
"""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: a namespace, a name and dimensions.

    Attributes:
        dimensions: Names and values; the same metric with other dimensions is another metric.
    """

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One metric with one statistic of it; GetMetricData is billed for each.

    Attributes:
        period: Seconds that one point stands for: 1, 5, 10, 20, 30 or a multiple of 60.
    """

    metric: Metric
    stat: Stat = "Average"
    period: int = 60


@dataclass(frozen=True, slots=True)
class MetricSeries:
    """The points of one query, the oldest first.

    Attributes:
        times: Seconds since 1970, of the start of each period.
        values: The values, one for each time.
        status: Complete, or why it is not.
        message: What AWS says about it, such as that it exceeded the maximum number of data points.
    """

    query: MetricQuery
    times: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    status: SeriesStatus = "Complete"
    message: str = ""

    @property
    def last(self) -> float | None:
        """The newest value, or None without points."""
        return self.values[-1] if self.values else None

    @property
    def peak(self) -> float | None:
        """The highest value, or None without points."""
        return max(self.values) if self.values else None

    @property
    def mean(self) -> float | None:
        """The mean of the values, or None without points."""
        return sum(self.values) / len(self.values) if self.values else None

    @property
    def total(self) -> float:
        """The sum of the values; of a `Sum`, what was counted in the range."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class MetricRange:
    """A range of time that ends now, and the period of its points.

    Attributes:
        name: As people write it: `1h`, `2w`.
        seconds: Its length.
        period: Seconds that one point stands for; at most 337 points a range.
    """

    name: str
    seconds: int
    period: int


RANGES: tuple[MetricRange, ...] = (
    MetricRange("1h", 3600, 60),
    MetricRange("3h", 3 * 3600, 60),
    MetricRange("6h", 6 * 3600, 120),
    MetricRange("12h", 12 * 3600, 300),
    MetricRange("1d", 86400, 300),
    MetricRange("3d", 3 * 86400, 900),
    MetricRange("1w", 7 * 86400, 1800),
    MetricRange("2w", 14 * 86400, 3600),
)
"""The ranges of the metrics page, the shortest first.

CloudWatch keeps points of 60 s for 15 days
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention).
"""


METRICS_PER_SERVICE = 2
"""CPUUtilization and MemoryUtilization: what a row of a list asks."""
USAGE_SECONDS = 60.0
"""Seconds between two readings of them: `AWS/ECS` has a point a minute."""


@dataclass(frozen=True, slots=True)
class ServiceUsage:
    """CPU and memory of a service in the last minutes, in percent of what its tasks reserve."""

    cpu: MetricSeries
    memory: MetricSeries


def service_metric(cluster: str, service: str, name: str, namespace: str = "AWS/ECS") -> Metric:
    """A metric of a service.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
    """
    return Metric(namespace, name, (("ClusterName", cluster), ("ServiceName", service)))


def price(metrics: int) -> float:
    """US dollars that AWS bills for asking so many metrics once."""
    return metrics * PRICE_PER_METRIC


def money(dollars: float) -> str:
    """An amount in US dollars, with as many digits as tell it from nothing: $0.0012, $0.36, $1,234."""
    if dollars >= 100:
        return f"${dollars:,.0f}"
    if dollars >= 0.1 or not dollars:
        return f"${dollars:.2f}"
    return f"${dollars:.4f}" if dollars >= 0.0001 else "under $0.0001"
