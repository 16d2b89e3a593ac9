"""CPU and memory of services in a list: one call of GetMetricData for all rows in view."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import cloudwatch
from ecs_tui.model.metric import MetricQuery, ServiceUsage, service_metric
from ecs_tui.system.wall_clock import moment

USAGE_MINUTES = 15
"""Minutes that are read: AWS bills metrics, not points, and the details show how it was."""


async def read_usage(
    account: Account, services: Sequence[tuple[str, str]], now: datetime | None = None
) -> list[ServiceUsage]:
    """The usage of services, in their order, by one call for up to 250.

    Args:
        account: The account to call.
        services: (cluster, service) by name.
        now: The end of the range; the present time by default.

    Raises:
        AwsError: The call failed.
    """
    end = now or moment()
    queries = [
        MetricQuery(service_metric(cluster, service, name))
        for cluster, service in services
        for name in ("CPUUtilization", "MemoryUtilization")
    ]
    start = end - timedelta(minutes=USAGE_MINUTES)
    found = await cloudwatch.metric_data(account, queries, start, end)
    return [ServiceUsage(cpu, memory) for cpu, memory in zip(found[::2], found[1::2], strict=True)]
