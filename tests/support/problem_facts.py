"""Builds the facts of rules: tasks, services and events with the fields that a case is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from ecs_tui.model.container import EXEC_AGENT, Container, ManagedAgent
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.service import Deployment, Service, ServiceEvent
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.task import Task
from ecs_tui.problems.facts import ServiceFacts

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/prod"
_DEFINITIONS = "arn:aws:ecs:eu-west-1:123456789012:task-definition/"
STEADY = "(service web) has reached a steady state."


def ago(minutes: float) -> datetime:
    """Some minutes before `NOW`."""
    return NOW - timedelta(minutes=minutes)


def definition(revision: int, family: str = "web") -> str:
    """The ARN of a revision."""
    return f"{_DEFINITIONS}{family}:{revision}"


def container(
    exit_code: int | None = None, reason: str = "", name: str = "app", **more: Any
) -> Container:
    """A container; `agent` is the status of its exec agent."""
    agent = more.pop("agent", "")
    if agent:
        more["agents"] = (ManagedAgent(EXEC_AGENT, agent, more.pop("agent_reason", "")),)
    status = more.pop("last_status", "RUNNING" if exit_code is None and not reason else "STOPPED")
    return Container(name, "", "", status, exit_code=exit_code, reason=reason, **more)


def stopped(
    number: int, minutes: float, *containers: Container, code: str = "EssentialContainerExited",
    reason: str = "Essential container in task exited", revision: int = 42, **more: Any,
) -> Task:  # fmt: skip
    """A task that stopped some minutes ago."""
    given: dict[str, Any] = {
        "group": "service:web", "last_status": "STOPPED", "desired_status": "STOPPED",
        "task_definition": definition(revision), "stopped_at": ago(minutes), "stop_code": code,
        "stopped_reason": reason, "containers": containers,
    }  # fmt: skip
    id = f"{number:032x}"
    return Task(f"arn:aws:ecs:eu-west-1:123456789012:task/prod/{id}", id, CLUSTER, **(given | more))


def running(number: int, *containers: Container, minutes: float = 60, **more: Any) -> Task:
    """A task that started some minutes ago."""
    given: dict[str, Any] = {
        "group": "service:web", "last_status": "RUNNING", "desired_status": "RUNNING",
        "task_definition": definition(42), "started_at": ago(minutes), "created_at": ago(minutes),
        "health": "HEALTHY", "exec_enabled": True, "containers": containers,
        "private_ip": f"10.0.0.{number}",
    }  # fmt: skip
    id = f"{number:032x}"
    return Task(f"arn:aws:ecs:eu-west-1:123456789012:task/prod/{id}", id, CLUSTER, **(given | more))


def event(minutes: float, message: str) -> ServiceEvent:
    """An event of some minutes ago."""
    return ServiceEvent(f"{minutes}{message}", ago(minutes), message)


def deployment(state: str = "COMPLETED", minutes: float = 6000, **more: Any) -> Deployment:
    """A PRIMARY deployment that began some minutes ago."""
    given: dict[str, Any] = {
        "id": "ecs-svc/1", "status": "PRIMARY", "rollout_state": state, "rollout_reason": "",
        "desired": 4, "running": 4, "pending": 0, "failed": 0, "task_definition": definition(42),
        "created_at": ago(minutes), "updated_at": ago(minutes / 2),
    }  # fmt: skip
    return Deployment(**(given | more))


def service(*deployments: Deployment, **more: Any) -> Service:
    """A service with 4 of 4 tasks."""
    given: dict[str, Any] = {
        "status": "ACTIVE", "desired": 4, "running": 4, "task_definition": definition(42),
        "deployments": deployments or (deployment(),),
    }  # fmt: skip
    arn = "arn:aws:ecs:eu-west-1:123456789012:service/prod/web"
    return Service(arn, "web", CLUSTER, **(given | more))


def facts(of: Service | None = None, *events: ServiceEvent, **more: Any) -> ServiceFacts:
    """The facts of a service; `events` are all of its events, the newest first."""
    return ServiceFacts("prod", of or service(), events=events or None, **more)


def rollout(status: str, minutes: float = 20, **more: Any) -> ServiceDeployment:
    """A service deployment that began some minutes ago."""
    given: dict[str, Any] = {
        "created_at": ago(minutes),
        "started_at": ago(minutes),
        "status": status,
    }
    arn = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/abc"
    return ServiceDeployment(arn, **(given | more))


def instance(number: int = 1, **more: Any) -> ContainerInstance:
    """A container instance that is well."""
    given: dict[str, Any] = {
        "ec2_id": f"i-{number:017x}", "status": "ACTIVE", "agent_connected": True, "cpu_total": 2048,
        "cpu_free": 1024, "memory_total": 4096, "memory_free": 2048, "registered_at": ago(600),
    }  # fmt: skip
    arn = f"arn:aws:ecs:eu-west-1:123456789012:container-instance/prod/{number}"
    return ContainerInstance(arn, str(number), CLUSTER, **(given | more))
