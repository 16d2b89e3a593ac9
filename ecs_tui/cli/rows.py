"""The rows of `ecs-tui ls`, keyed by the names of ECS's API.

Names and nesting are those of the API's structures (botocore's service model). `OURS` are the keys
that the API does not have: results of our own rules, and IDs that are parts of ARNs.
docs/command-line.md explains them.
"""

from __future__ import annotations

from typing import Any

from ecs_tui.model.arn import short_name
from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import Container
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.rules.exec_readiness import container_readiness, task_readiness
from ecs_tui.model.rules.health import deployment_words
from ecs_tui.model.service import Service, TaskSet
from ecs_tui.model.task import Task
from ecs_tui.model.text import iso

Row = dict[str, Any]
LAUNCH_TYPES = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
"""The values of the API's LaunchType."""
OURS = frozenset(
    {
        "execLogging",
        "deployment",
        "execReadiness",
        "execReadinessReason",
        "taskId",
        "containerInstanceId",
    }
)


def cluster_row(cluster: Cluster) -> Row:
    row: Row = _with_nulls(
        {
            "clusterName": cluster.name,
            "clusterArn": cluster.arn,
            "status": cluster.status,
            "activeServicesCount": cluster.active_services,
            "runningTasksCount": cluster.running_tasks,
            "pendingTasksCount": cluster.pending_tasks,
            "registeredContainerInstancesCount": cluster.instances,
            "capacityProviders": list(cluster.capacity_providers),
            "execLogging": cluster.exec_logging,
        }
    )
    return row


def service_row(service: Service) -> Row:
    """The row of a service, with its deployment and task sets."""
    primary = service.primary
    row: Row = _with_nulls(
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
    return row


def task_row(task: Task) -> Row:
    readiness = task_readiness(task)
    row: Row = _with_nulls(
        {
            "clusterName": short_name(task.cluster_arn),
            "clusterArn": task.cluster_arn,
            "group": task.group,
            "serviceName": task.service,
            "taskId": task.id,
            "taskArn": task.arn,
            "lastStatus": task.last_status,
            "desiredStatus": task.desired_status,
            "healthStatus": task.health,
            "enableExecuteCommand": task.exec_enabled,
            "execReadiness": str(readiness.verdict),
            "execReadinessReason": readiness.reason,
            "taskDefinitionArn": task.task_definition,
            # If AWS returns no launch type, the model has the capacity provider's name there.
            "launchType": task.launch_type if task.launch_type in LAUNCH_TYPES else "",
            "capacityProviderName": task.capacity_provider,
            "containerInstanceArn": task.container_instance_arn,
            "platformVersion": task.platform_version,
            "platformFamily": task.platform_family,
            "availabilityZone": task.zone,
            "privateIpv4Address": task.private_ip,
            "ipv6Address": task.ipv6,
            "createdAt": iso(task.created_at),
            "startedAt": iso(task.started_at),
            "startedBy": task.started_by,
            "stopCode": task.stop_code,
            "stoppedReason": task.stopped_reason,
        }
    )
    return row


def container_row(task: Task, container: Container) -> Row:
    """The row of a container, with its managed agents."""
    readiness = container_readiness(task, container)
    row: Row = _with_nulls(
        {
            "clusterName": short_name(task.cluster_arn),
            "clusterArn": task.cluster_arn,
            "serviceName": task.service,
            "taskId": task.id,
            "taskArn": task.arn,
            "name": container.name,
            "containerArn": container.arn,
            "runtimeId": container.runtime_id,
            "lastStatus": container.last_status,
            "healthStatus": container.health,
            "execReadiness": str(readiness.verdict),
            "execReadinessReason": readiness.reason,
            "managedAgents": [
                {
                    "name": agent.name,
                    "lastStatus": agent.status,
                    "reason": agent.reason,
                    "lastStartedAt": iso(agent.started_at),
                }
                for agent in container.agents
            ],
            "image": container.image,
            "imageDigest": container.image_digest,
            "exitCode": container.exit_code,
            "reason": container.reason,
        }
    )
    return row


def instance_row(instance: ContainerInstance) -> Row:
    row: Row = _with_nulls(
        {
            "clusterName": short_name(instance.cluster_arn),
            "clusterArn": instance.cluster_arn,
            "containerInstanceId": instance.id,
            "containerInstanceArn": instance.arn,
            "ec2InstanceId": instance.ec2_id,
            "status": instance.status,
            "agentConnected": instance.agent_connected,
            "versionInfo": {
                "agentVersion": instance.agent_version,
                "dockerVersion": instance.docker_version,
            },
            "runningTasksCount": instance.running_tasks,
            "pendingTasksCount": instance.pending_tasks,
            "remainingResources": _resources(instance.cpu_free, instance.memory_free),
            "registeredResources": _resources(instance.cpu_total, instance.memory_total),
            "attributes": [
                {"name": name, "value": value}
                for name, value in (
                    ("ecs.instance-type", instance.instance_type),
                    ("ecs.availability-zone", instance.zone),
                    ("ecs.os-type", instance.os_type),
                )
                if value
            ],
            "registeredAt": iso(instance.registered_at),
        }
    )
    return row


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


def _with_nulls(value: Any) -> Any:
    """Replace "", the model's value for what AWS did not return, by None, at every level."""
    if isinstance(value, dict):
        return {key: _with_nulls(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_nulls(each) for each in value]
    return None if value == "" else value


def _resources(cpu: int, memory: int) -> list[Row]:
    """CPU in units and memory in MiB, in ECS's format."""
    return [{"name": "CPU", "integerValue": cpu}, {"name": "MEMORY", "integerValue": memory}]
