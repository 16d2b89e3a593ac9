"""A cluster, a service and tasks made by hand, from which plans of changes are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ecs_tui.model.cluster import Cluster
from ecs_tui.model.container import EXEC_AGENT, Container, ManagedAgent
from ecs_tui.model.service import Deployment, DeploymentSettings, Network, Service
from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import ContainerDefinition, TaskDefinition

BASE = "arn:aws:ecs:eu-west-1:123456789012"
STAGING = Cluster(f"{BASE}:cluster/staging", "staging", "ACTIVE")
PROD = Cluster(f"{BASE}:cluster/main", "main", "ACTIVE", tags={"environment": "production"})
SERVICE = Service(
    f"{BASE}:service/staging/web", "web", STAGING.arn, "ACTIVE", 4, 4,
    task_definition=f"{BASE}:task-definition/web:7", launch_type="FARGATE", platform_version="1.4.0",
    network=Network(("subnet-1", "subnet-2"), ("sg-1",), "DISABLED"),
    deployment_settings=DeploymentSettings(50, 200, True, True, "ROLLING"),
)  # fmt: skip
DEFINITION = TaskDefinition(
    f"{BASE}:task-definition/web:7", "web", 7, f"{BASE}:role/web", network_mode="awsvpc",
    status="ACTIVE", containers=(ContainerDefinition("app"),),
)  # fmt: skip


def deployment(
    id: str = "new", status: str = "PRIMARY", state: str = "IN_PROGRESS", **more: Any
) -> Deployment:
    """A deployment of `SERVICE`; `more` are other fields."""
    made = Deployment(id, status, state, "", 4, 0, 0, 0, f"{BASE}:task-definition/web:7")
    return replace(made, **more)


def task(letter: str = "a", **fields: Any) -> Task:
    """A running task of `SERVICE` whose ID is that letter 32 times; `fields` are other fields."""
    arn = f"{BASE}:task/staging/{letter * 32}"
    made = Task(arn, letter * 32, STAGING.arn, "service:web", "RUNNING", "RUNNING")
    return replace(made, **fields)


def container(agent: str = "RUNNING", exit_code: int | None = None, **fields: Any) -> Container:
    """A container with an exec agent in this state, "" for none."""
    agents = (ManagedAgent(EXEC_AGENT, agent),) if agent else ()
    last = "RUNNING" if exit_code is None else "STOPPED"
    return replace(
        Container("app", "arn", "arn", last, exit_code=exit_code, agents=agents), **fields
    )
