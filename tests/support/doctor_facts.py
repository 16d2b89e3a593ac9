"""Facts for the doctor's checks, made by hand: a task on Fargate that is ready for exec."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ecs_tui.doctor.facts import (
    ClusterFact,
    ConfigurationFact,
    DefinitionFact,
    Facts,
    KeyFact,
    LogGroupFact,
    PluginFact,
    ServiceFact,
    TaskFact,
    TaskRole,
)
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import EXEC_AGENT, Container, ManagedAgent
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition

BASE = "arn:aws:ecs:eu-west-1:123456789012"
STARTED = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
AGENT = ManagedAgent(EXEC_AGENT, "RUNNING", "", STARTED)
CONTAINER = Container("app", "arn", "arn", "RUNNING", agents=(AGENT,))
TASK = Task(
    f"{BASE}:task/prod/0123456789abcdef", "0123456789abcdef", f"{BASE}:cluster/prod",
    "service:web", "RUNNING", "RUNNING", connectivity="CONNECTED", exec_enabled=True,
    launch_type="FARGATE", platform_version="1.4.0", containers=(CONTAINER,),
)  # fmt: skip
SERVICE = Service(f"{BASE}:service/prod/web", "web", TASK.cluster_arn, "ACTIVE", 2, 2,
                  exec_enabled=True)  # fmt: skip


def facts(**values: Any) -> Facts:
    """Facts of that task.

    Args:
        values: Other objects: task, service, cluster, definition, log_group; role and plugin are
            facts by themselves.
    """
    cluster = values.get("cluster", Cluster(TASK.cluster_arn, "prod"))
    configuration = cluster.exec_configuration or ExecConfiguration()
    plain = TaskDefinition("arn", "web", 7, containers=(ContainerDefinition("app"),))
    made = Facts("eu-west-1").add(
        TaskFact(values.pop("task", TASK)),
        ServiceFact(values.pop("service", SERVICE)),
        ClusterFact(values.pop("cluster", cluster)),
        ConfigurationFact(configuration),
        KeyFact(configuration.kms_key_id),
        DefinitionFact(values.pop("definition", plain)),
        values.pop("role", TaskRole("", "")),
        values.pop("plugin", PluginFact("session-manager-plugin 1.2", False)),
    )
    if "log_group" in values:
        made.add(LogGroupFact(values.pop("log_group")))
    assert not values, f"no such facts: {values}"
    return made


def with_agent(*agents: ManagedAgent, **changes: Any) -> Task:
    """The task with these managed agents in its container, and other fields of the container."""
    return replace(TASK, containers=(replace(CONTAINER, agents=agents, **changes),))
