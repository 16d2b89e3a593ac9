"""Facts for the doctor's checks, made by hand: a task on Fargate that is ready for exec."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ecs_tui.doctor.facts import Fact, Facts, PluginFact, TaskRole
from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import EXEC_AGENT, Container, ManagedAgent
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition

BASE = "arn:aws:ecs:eu-west-1:123456789012"
AGENT = ManagedAgent(EXEC_AGENT, "RUNNING", "", datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
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
        values: Other facts, by the value of their `Fact` with "_" for a blank.
    """
    known: dict[Fact, Any] = {
        Fact.TASK: TASK, Fact.SERVICE: SERVICE, Fact.CLUSTER: Cluster(TASK.cluster_arn, "prod"),
        Fact.DEFINITION: TaskDefinition("arn", "web", 7, containers=(ContainerDefinition("app"),)),
        Fact.ROLE: TaskRole("", ""), Fact.PLUGIN: PluginFact("session-manager-plugin 1.2", False),
    }  # fmt: skip
    known |= {Fact(name.replace("_", " ")): value for name, value in values.items()}
    known[Fact.CONFIGURATION] = known[Fact.CLUSTER].exec_configuration or ExecConfiguration()
    known[Fact.KEY] = known[Fact.CONFIGURATION].kms_key_id
    return Facts("eu-west-1", known)


def with_agent(*agents: ManagedAgent, **changes: Any) -> Task:
    """The task with these managed agents in its container, and other fields of the container."""
    return replace(TASK, containers=(replace(CONTAINER, agents=agents, **changes),))
