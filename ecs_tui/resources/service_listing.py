"""How `ecs-tui ls` lists services."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.health import deployment_words
from ecs_tui.model.service import Service, TaskSet
from ecs_tui.model.text import iso
from ecs_tui.resources.flat import (
    CLUSTER_COLUMN,
    Listing,
    Row,
    TableColumn,
    itself,
    launch_value,
    name_in,
    pages_of,
    value_of,
    with_nulls,
)
from ecs_tui.store.inventory import Kind, Scope
from ecs_tui.store.names import within_cluster


async def _pages(account: Account, cluster: str, service: str) -> AsyncIterator[list[Service]]:
    scope = Scope(Kind.SERVICE, cluster)
    if not service:
        async for page in pages_of(Kind.SERVICE)(account, cluster, ""):
            yield page
        return
    found = await ecs.describe_services(account, cluster, [service])
    # DescribeServices returns deleted services for a while, ListServices does not.
    if alive := [item for item in found if item.status != "INACTIVE"]:
        yield [within_cluster(item, scope) for item in alive]


def _flat(service: Service) -> Row:
    """The row of a service, with its deployment and task sets."""
    primary = service.primary
    return with_nulls(
        {
            "clusterName": short_name(service.cluster_arn),
            "clusterArn": service.cluster_arn,
            "serviceName": service.name,
            "serviceArn": service.arn,
            "status": service.status,
            "desiredCount": service.desired,
            "runningCount": service.running,
            "pendingCount": service.pending,
            "deployment": deployment_words(service)[1],
            "rolloutState": primary.rollout_state if primary else None,
            "rolloutStateReason": primary.rollout_reason if primary else None,
            "failedTasks": primary.failed if primary else None,
            "taskDefinition": service.task_definition,
            "launchType": "" if service.strategy else service.launch_type,
            "capacityProviderStrategy": [
                {"capacityProvider": item.provider, "weight": item.weight, "base": item.base}
                for item in service.strategy
            ],
            "platformVersion": service.platform_version,
            "schedulingStrategy": service.scheduling,
            "deploymentController": {"type": service.controller},
            "taskSets": [_task_set(item) for item in service.task_sets],
            "enableExecuteCommand": service.exec_enabled,
            "propagateTags": service.propagate_tags,
            "createdAt": iso(service.created_at),
        }
    )


def _task_set(task_set: TaskSet) -> Row:
    return {
        "id": task_set.id,
        "status": task_set.status,
        "stabilityStatus": task_set.stability,
        "scale": {"value": task_set.scale, "unit": "PERCENT"},
        "computedDesiredCount": task_set.desired,
        "runningCount": task_set.running,
        "pendingCount": task_set.pending,
        "taskDefinition": task_set.task_definition,
        "launchType": task_set.launch_type,
        "externalId": task_set.external_id,
        "startedBy": task_set.started_by,
        "createdAt": iso(task_set.created_at),
        "stabilityStatusAt": iso(task_set.stable_at),
    }


SERVICE_LISTING: Listing[Service] = Listing(
    _pages,
    _flat,
    (
        CLUSTER_COLUMN,
        TableColumn("SERVICE", value_of("serviceName"), shrinks=True),
        TableColumn("STATUS", value_of("status"), priority=3),
        TableColumn("DESIRED", value_of("desiredCount")),
        TableColumn("RUNNING", value_of("runningCount")),
        TableColumn("PENDING", value_of("pendingCount"), priority=5),
        TableColumn("TASK_DEFINITION", name_in("taskDefinition"), shrinks=True, priority=2),
        TableColumn("LAUNCH", launch_value, shrinks=True, priority=4),
        TableColumn("EXEC", value_of("enableExecuteCommand"), priority=1),
        TableColumn("DEPLOYMENT", value_of("deployment"), shrinks=True),
    ),
    blank=Service("", "", ""),
    ours=frozenset({"deployment"}),
    by="service",
    tagged=itself,
)
