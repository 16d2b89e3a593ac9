"""Response members of the demo's ECS: dictionaries in the shapes of botocore's service model."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from moto.ecs.models import ContainerInstance, Service, Task

from ecs_tui.demo.deployment_views import current_views
from ecs_tui.demo.deployments import DEPLOYMENT_CONFIGURATION
from ecs_tui.demo.state import DeploymentState, ServiceState, TaskState, when
from ecs_tui.model.container import EXEC_AGENT


def _health(states: Iterable[str]) -> str:
    known = [state for state in states if state != "UNKNOWN"]
    if "UNHEALTHY" in known:
        return "UNHEALTHY"
    return "HEALTHY" if known else "UNKNOWN"


def task_view(task: Task, state: TaskState, images: dict[str, str], now: float) -> dict[str, Any]:
    """One of `tasks[]` of DescribeTasks, at `now`."""
    lifecycle = state.lifecycle
    status = lifecycle.status(now)
    running = status == "RUNNING"
    healths = [
        state.health(index) if running else "UNKNOWN" for index in range(len(state.containers))
    ]
    view: dict[str, Any] = {
        "taskArn": task.task_arn,
        "clusterArn": task.cluster_arn,
        "taskDefinitionArn": task.task_definition_arn,
        "group": task.group,
        "launchType": task.launch_type,
        "lastStatus": status,
        "desiredStatus": lifecycle.desired(now),
        "healthStatus": _health(healths),
        "enableExecuteCommand": state.exec_enabled,
        "cpu": state.cpu,
        "memory": state.memory,
        "createdAt": when(lifecycle.created_at),
        "startedBy": task.started_by,
        "tags": task.tags,
        "attachments": _attachments(task, state),
        "overrides": task.overrides or {"containerOverrides": []},
        "version": int((now - lifecycle.created_at) // 10) + 1,
        "containers": [
            _container(task, state, index, images, status, healths[index], now)
            for index in range(len(state.containers))
        ],
    }
    if task.launch_type == "FARGATE":
        view["platformVersion"] = state.platform_version
        view["platformFamily"] = "Linux"
    if state.zone:
        view["availabilityZone"] = state.zone
    if state.provider:
        view["capacityProviderName"] = state.provider
    if task.container_instance_arn:
        view["containerInstanceArn"] = task.container_instance_arn
    began = now >= lifecycle.running_at and state.ran()
    if began or (lifecycle.stop_at is None and not state.unplaced):
        view["connectivity"] = "CONNECTED"
        view["connectivityAt"] = when(min(now, lifecycle.created_at + 1))
    if began:
        view["startedAt"] = when(lifecycle.running_at)
    if lifecycle.stop_at is not None and now >= lifecycle.stop_at:
        view["stoppingAt"] = when(lifecycle.stop_at)
        view["stopCode"] = state.stop_code
        view["stoppedReason"] = state.stopped_reason
        if status == "STOPPED":
            view["stoppedAt"] = when(lifecycle.stop_at + lifecycle.stop_takes)
            view["executionStoppedAt"] = when(lifecycle.stop_at + lifecycle.stop_takes)
    return view


def address_of(task: Task) -> str:
    """The private IPv4 address of a task in awsvpc mode; the same in each run, as its ID is."""
    parts = (int(task.id[start : start + 2], 16) % 254 + 1 for start in (0, 2, 4))
    return ".".join(("10", *map(str, parts)))


def host_port(state: TaskState, index: int) -> int:
    """The port of a container instance that a container's port is mapped to."""
    return 32768 + int(state.runtime_ids[index][:4], 16) % 20000


def _attachments(task: Task, state: TaskState) -> list[dict[str, Any]]:
    """Its network interface; in an IPv6-only subnet, without IPv4 addresses and their DNS names."""
    found = [dict(item) for item in task.attachments]
    address = address_of(task)
    fixed = {
        "privateIPv4Address": address,
        "privateDnsName": f"ip-{address.replace('.', '-')}.ec2.internal",
    }
    for item in found:
        item["details"] = [
            {**each, "value": fixed.get(each["name"], each["value"])} for each in item["details"]
        ]
    if state.ipv6_only:
        halves = [task.id[start : start + 4] for start in range(0, 16, 4)]
        ipv6 = {"name": "ipv6Address", "value": f"2600:1f18:6a3:9d00:{':'.join(halves)}"}
        for item in found:
            of_ipv4 = ("privateDnsName", "privateIPv4Address")
            kept = [each for each in item["details"] if each["name"] not in of_ipv4]
            item["details"] = [*kept, ipv6]
    return found


def _container(
    task: Task,
    state: TaskState,
    index: int,
    images: dict[str, str],
    status: str,
    health: str,
    now: float,
) -> dict[str, Any]:
    spec = state.containers[index]
    last = status if status in ("RUNNING", "STOPPED") else "PENDING"
    if state.lifecycle.stop_at is not None and now >= state.lifecycle.stop_at and last == "PENDING":
        last = "RUNNING"  # a stopping task's containers still run
    view: dict[str, Any] = {
        "containerArn": f"{task.task_arn.replace(':task/', ':container/')}/"
        f"{state.runtime_ids[index][:32]}",
        "taskArn": task.task_arn,
        "name": spec.name,
        "image": images.get(spec.name, spec.image),
        "lastStatus": last,
        "healthStatus": health,
        "cpu": "256",
        "memory": "512",
        "networkBindings": [],
        "networkInterfaces": [],
    }
    if now >= state.lifecycle.running_at and state.ran():
        view["runtimeId"] = state.runtime_ids[index]
        if state.digests:
            view["imageDigest"] = state.digests[index]
    for attachment in _attachments(task, state):
        details = {item["name"]: item["value"] for item in attachment["details"]}
        interface = {"attachmentId": attachment["id"]}
        if "privateIPv4Address" in details:
            interface["privateIpv4Address"] = details["privateIPv4Address"]
        if "ipv6Address" in details:
            interface["ipv6Address"] = details["ipv6Address"]
        view["networkInterfaces"] = [interface]
    if not task.attachments and spec.port and last == "RUNNING":
        view["networkBindings"] = [
            {
                "bindIP": "0.0.0.0",
                "containerPort": spec.port,
                "hostPort": host_port(state, index),
                "protocol": "tcp",
            }
        ]
    if last == "STOPPED":
        if (code := state.exit_code(index)) is not None:
            view["exitCode"] = code
        if reason := state.container_reason(index):
            view["reason"] = reason
    agent = _agent(state, index, last, now)
    if agent is not None:
        view["managedAgents"] = [agent]
    return view


def _agent(state: TaskState, index: int, last: str, now: float) -> dict[str, Any] | None:
    spec = state.containers[index]
    if not state.exec_enabled or not spec.agent:
        return None
    agent: dict[str, Any] = {"name": EXEC_AGENT, "lastStatus": "PENDING"}
    if last == "STOPPED":
        agent["lastStatus"] = "STOPPED"
        agent["reason"] = "Received Container Stopped event"
    elif spec.agent == "PENDING" or not state.lifecycle.agent_running(now):
        return agent
    elif spec.agent == "STOPPED":
        agent["lastStatus"] = "STOPPED"
        agent["reason"] = spec.agent_reason
    else:
        agent["lastStatus"] = "RUNNING"
    agent["lastStartedAt"] = when(state.lifecycle.agent_at)
    return agent


def service_view(
    service: Service, state: ServiceState, counts: dict[str, tuple[int, int]]
) -> dict[str, Any]:
    """One of `services[]` of DescribeServices.

    Args:
        counts: (running, pending) tasks by deployment id.
    """
    running = sum(pair[0] for pair in counts.values())
    pending = sum(pair[1] for pair in counts.values())
    view: dict[str, Any] = {
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": service.cluster_arn,
        "status": service.status,
        "desiredCount": service.desired_count,
        "runningCount": running,
        "pendingCount": pending,
        **_launch(service, state),
        "taskDefinition": state.primary.task_definition,
        "schedulingStrategy": service.scheduling_strategy,
        "enableExecuteCommand": state.exec_enabled,
        "propagateTags": service.propagate_tags,
        "createdAt": when(state.created_at),
        "createdBy": f"arn:aws:iam::{service._account_id}:role/deployer",
        "deploymentController": service.deployment_controller,
        "deploymentConfiguration": {**DEPLOYMENT_CONFIGURATION, **state.configuration},
        "deployments": [
            _deployment(service, state, item, counts.get(item.id, (0, 0)))
            for item in state.deployments
        ],
        "events": state.events,
        "tags": service.tags,
        "loadBalancers": service.load_balancers,
        "serviceRegistries": service.service_registries,
        **current_views(service, state, counts),
        "placementConstraints": [],
        "placementStrategy": [],
    }
    if service.deployment_controller["type"] == "CODE_DEPLOY":
        view["deployments"] = []
        view["taskSets"] = [
            _task_set(service, item, counts.get(item.id, (0, 0))) for item in state.deployments
        ]
    if service.network_configuration:
        view["networkConfiguration"] = service.network_configuration
    if service.launch_type == "FARGATE":
        view["platformVersion"] = service.platform_version or "LATEST"
        view["platformFamily"] = "Linux"
    return view


def _launch(service: Service, state: ServiceState) -> dict[str, Any]:
    """A launch type, or a capacity provider strategy: ECS never returns both."""
    if not state.provider:
        return {"launchType": service.launch_type}
    item = {"capacityProvider": state.provider, "weight": 1, "base": 0}
    return {"capacityProviderStrategy": [item]}


def _deployment(
    service: Service, state: ServiceState, item: DeploymentState, counts: tuple[int, int]
) -> dict[str, Any]:
    words = {
        "COMPLETED": f"ECS deployment {item.id} completed.",
        "IN_PROGRESS": f"ECS deployment {item.id} in progress.",
        "FAILED": f"ECS deployment {item.id} failed: tasks failed to start.",
    }
    view: dict[str, Any] = {
        "id": item.id,
        "status": item.status,
        "taskDefinition": item.task_definition,
        "desiredCount": service.desired_count if item.status == "PRIMARY" else 0,
        "runningCount": counts[0],
        "pendingCount": counts[1],
        "failedTasks": item.failed,
        "createdAt": when(item.created_at),
        "updatedAt": when(item.updated_at),
        **_launch(service, state),
        "rolloutState": item.rollout,
        "rolloutStateReason": item.reason or words[item.rollout],
    }
    if service.launch_type == "FARGATE":
        view["platformVersion"] = service.platform_version or "1.4.0"
        view["platformFamily"] = "Linux"
    return view


def _task_set(service: Service, item: DeploymentState, counts: tuple[int, int]) -> dict[str, Any]:
    """One of `taskSets[]`: a version that CodeDeploy runs; the PRIMARY one has the traffic."""
    running, pending = counts
    stable = running >= service.desired_count and not pending
    external = hashlib.sha256(item.id.encode()).hexdigest()[:9].upper()
    return {
        "id": item.id,
        "taskSetArn": f"{service.arn.replace(':service/', ':task-set/')}/{item.id}",
        "serviceArn": service.arn,
        "clusterArn": service.cluster_arn,
        "startedBy": "CODE_DEPLOY",
        "externalId": f"d-{external}",
        "status": "ACTIVE" if item.status == "PRIMARY" and item.rollout != "COMPLETED"
        else "PRIMARY",
        "taskDefinition": item.task_definition,
        "computedDesiredCount": service.desired_count,
        "runningCount": running,
        "pendingCount": pending,
        "createdAt": when(item.created_at),
        "updatedAt": when(item.updated_at),
        "launchType": service.launch_type,
        "platformVersion": service.platform_version or "1.4.0",
        "networkConfiguration": service.network_configuration,
        "loadBalancers": service.load_balancers,
        "scale": {"value": 100.0, "unit": "PERCENT"},
        "stabilityStatus": "STEADY_STATE" if stable else "STABILIZING",
        "stabilityStatusAt": when(item.updated_at),
    }  # fmt: skip


def instance_health(instance: ContainerInstance, now: float) -> dict[str, Any]:
    """`healthStatus` of a container instance: one whose agent is not connected is impaired."""
    connected = bool(instance.agent_connected)
    agent = "OK" if connected else "IMPAIRED"
    details: list[dict[str, Any]] = [
        {
            "type": kind,
            "status": status,
            "lastUpdated": when(now - now % 60),
            "lastStatusChange": when(now - now % 86_400),
        }
        for kind, status in (("CONTAINER_RUNTIME", "OK"), ("AGENT_CONNECTIVITY", agent))
    ]
    if not connected:
        details[1]["statusReason"] = "The container agent is not connected."
    return {"overallStatus": agent, "details": details}
