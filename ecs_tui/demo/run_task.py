"""RunTask of the demo account: which tasks are started, and why the others are not, as ECS says it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import Cluster, Task, TaskDefinition

from ecs_tui.demo.ecs import DemoEcsBackend
from ecs_tui.demo.lifecycle import TaskLifecycle
from ecs_tui.demo.state import TaskState
from ecs_tui.model.arn import short_name
from ecs_tui.system import wall_clock

MAX_COUNT = 10
TASK_INTERFACES = 3
"""Network interfaces for tasks on one instance: an m6i.xlarge has four, one is its own."""
INSTANCE_MEMORY_MIB, INSTANCE_CPU_UNITS = 16384, 4096
"""Of an m6i.xlarge."""
SPOT_PLACES = 2
"""Standalone tasks for which a cluster has capacity on Fargate Spot."""
NO_CAPACITY = (
    "Capacity is unavailable at this time. Please try again later or in a different availability "
    "zone"
)
Failures = list[dict[str, str]]


def run_tasks(backend: DemoEcsBackend, asked: Mapping[str, Any]) -> tuple[list[Task], Failures]:
    """Start tasks; returns them and `failures[]`.

    Args:
        backend: The account's ECS.
        asked: The request's members.
    """
    cluster = backend._get_cluster(asked.get("cluster") or "default")
    definition = backend.describe_task_definition(asked.get("taskDefinition") or "")
    count = int(asked.get("count") or 1)
    launch_type, provider = _launch(asked, definition)
    _check(asked, definition, count, launch_type)
    tasks: list[Task] = []
    failures: Failures = []
    for _ in range(count):
        instance, why = _find_place(backend, cluster, definition, launch_type, provider)
        if why:
            failures = why
            break
        tasks.append(_start(backend, asked, cluster, definition, launch_type, provider, instance))
    return tasks, failures


def _launch(asked: Mapping[str, Any], definition: TaskDefinition) -> tuple[str, str]:
    """The launch type, and the capacity provider ("" for none)."""
    strategy = asked.get("capacityProviderStrategy") or []
    if strategy and asked.get("launchType"):
        raise InvalidParameterException(
            "Specifying both a launch type and capacity provider strategy is not supported. "
            "Remove one and try again."
        )
    if strategy:
        provider = str(strategy[0]["capacityProvider"])
        return ("FARGATE" if provider.startswith("FARGATE") else "EC2"), provider
    supported = definition.requires_compatibilities or ["EC2"]
    return str(asked.get("launchType") or supported[0]), ""


def _check(
    asked: Mapping[str, Any], definition: TaskDefinition, count: int, launch_type: str
) -> None:
    """Raise AWS's errors for requests that it refuses."""
    if not 1 <= count <= MAX_COUNT:
        raise InvalidParameterException(f"The count must be between 1 and {MAX_COUNT}.")
    if launch_type not in (definition.requires_compatibilities or [launch_type]):
        raise InvalidParameterException(
            f"Task definition does not support launch_type {launch_type}."
        )
    if definition.network_mode == "awsvpc" and not asked.get("networkConfiguration"):
        raise InvalidParameterException(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )


def _find_place(
    backend: DemoEcsBackend,
    cluster: Cluster,
    definition: TaskDefinition,
    launch_type: str,
    provider: str,
) -> tuple[str, Failures]:
    """The container instance of the next task ("" on Fargate), or why there is no place for it."""
    now = wall_clock.now()
    live = [
        task
        for task in backend.tasks.get(cluster.name, {}).values()
        if backend.state_of(task).lifecycle.status(now) != "STOPPED"
    ]
    if launch_type == "FARGATE":
        on_spot = [
            task
            for task in live
            if backend.state_of(task).provider == "FARGATE_SPOT"
            and not backend.state_of(task).service_key
        ]
        full = provider == "FARGATE_SPOT" and len(on_spot) >= SPOT_PLACES
        return "", [{"arn": cluster.arn, "reason": NO_CAPACITY}] if full else []
    instances = list(backend.container_instances.get(cluster.name, {}).values())
    if not instances:
        raise InvalidParameterException("No Container Instances were found in your cluster.")
    failures = []
    for instance in instances:
        arn = instance.container_instance_arn
        here = [task for task in live if task.container_instance_arn == arn]
        reason = _obstacle(instance, definition, here)
        if not reason:
            return arn, []
        failures.append({"arn": arn, "reason": reason})
    return "", failures


def _obstacle(instance: Any, definition: TaskDefinition, here: list[Task]) -> str:
    """Why a container instance cannot take one more task, or ""."""
    if not instance.agent_connected:
        return "AGENT"
    if int(definition.memory or 0) > INSTANCE_MEMORY_MIB:
        return "RESOURCE:MEMORY"
    if int(definition.cpu or 0) > INSTANCE_CPU_UNITS:
        return "RESOURCE:CPU"
    used = sum(bool(task.attachments) for task in here)
    if definition.network_mode == "awsvpc" and used >= TASK_INTERFACES:
        return "RESOURCE:ENI"
    return ""


def _start(
    backend: DemoEcsBackend,
    asked: Mapping[str, Any],
    cluster: Cluster,
    definition: TaskDefinition,
    launch_type: str,
    provider: str,
    instance: str,
) -> Task:
    overrides = asked.get("overrides")
    return backend.place(
        cluster=cluster,
        task_definition=definition.arn,
        group=asked.get("group") or f"family:{definition.family}",
        launch_type=launch_type,
        network=asked.get("networkConfiguration"),
        tags=list(asked.get("tags") or []),
        started_by=asked.get("startedBy") or "",
        overrides=overrides,
        on=short_name(instance),
        state=TaskState(
            lifecycle=TaskLifecycle(wall_clock.now(), 4.0, 3.0),
            containers=backend.container_specs(definition.arn),
            runtime_ids=(),
            exec_enabled=bool(asked.get("enableExecuteCommand")),
            zone="",
            platform_version=asked.get("platformVersion") or "1.4.0",
            task_role_override=(overrides or {}).get("taskRoleArn", ""),
            provider=provider,
        ),
    )
