"""Reads stopped tasks that ECS has forgotten from Container Insights' lifecycle events, where they are on."""

from __future__ import annotations

import json
from datetime import datetime

from ecs_tui.aws.parse.lifecycle_event import stopped_task
from ecs_tui.errors import ResourceGone
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.log_event import as_milliseconds
from ecs_tui.model.rules.log_sources import insights_groups, whole_group
from ecs_tui.model.task import Task
from ecs_tui.store.log_access import LogsApi

PAGE_EVENTS = 500
"""Events of the one page that is read: of a service that fails, the newest tell enough."""


def may_have_events(cluster: Cluster | None) -> bool:
    """Whether a cluster's lifecycle events may be in a log group: Container Insights is on.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/container-insights-ECS-lifecycle-events.html
    """
    return cluster is not None and cluster.settings.get("containerInsights") in (
        "enabled",
        "enhanced",
    )


async def read_stopped(
    api: LogsApi, cluster: Cluster, service: str, since: datetime
) -> tuple[Task, ...] | None:
    """The stopped tasks of a service since a time, the newest first: one call.

    Args:
        api: The calls of the account, in the cluster's region.
        cluster: The cluster.
        service: The service's name.
        since: The earliest time.

    Returns:
        None if there is no such log group: then lifecycle events are not switched on.

    Raises:
        AwsError: The log group cannot be read.
    """
    name = insights_groups(cluster.name)[1]
    group = whole_group(name, cluster.arn).group
    if group is None:
        return None
    wanted = json.dumps(f"service:{service}")
    pattern = f'{{ ($.detail.lastStatus = "STOPPED") && ($.detail.group = {wanted}) }}'
    try:
        page = await api.page(
            group, since=as_milliseconds(since), limit=PAGE_EVENTS, newest_first=True, pattern=pattern
        )  # fmt: skip
    except ResourceGone:
        return None
    found = [task for event in page.events if (task := stopped_task(event.message)) is not None]
    # Whoever may write to the group could name another cluster: those are no tasks of this one.
    return tuple(task for task in found if task.cluster_arn == cluster.arn)
