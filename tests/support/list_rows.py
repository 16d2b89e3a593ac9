"""Resources of one cluster, as rows of the lists show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ecs_tui.model.cluster import Cluster, ExecConfiguration
from ecs_tui.model.container import EXEC_AGENT, Container, ManagedAgent, PortBinding
from ecs_tui.model.container_instance import ContainerInstance
from ecs_tui.model.rules.exec_readiness import container_readiness, service_readiness
from ecs_tui.model.service import Deployment, Service
from ecs_tui.model.task import Task
from ecs_tui.resources.containers import ContainerRow
from ecs_tui.resources.services import ServiceRow

NOW = datetime(2026, 1, 2, tzinfo=UTC)
THEN = NOW - timedelta(hours=2)
ARN = "arn:aws:ecs:eu-west-1:1:task/prod/0123456789abcdef"
CLUSTER_ARN = "arn:aws:ecs:eu-west-1:1:cluster/prod"
AGENT = ManagedAgent(EXEC_AGENT, "RUNNING", "", NOW - timedelta(minutes=3))
CONTAINER = Container(
    "app", ARN, ARN, "RUNNING", "HEALTHY", "0123-4567", "registry/shop/web:7",
    agents=(AGENT,), ports=(PortBinding(80), PortBinding(443, 32768)),
)  # fmt: skip
TASK = Task(
    ARN, "0123456789abcdef", CLUSTER_ARN, "service:web", "RUNNING", "RUNNING", "HEALTHY",
    "CONNECTED", True, "arn:aws:ecs:eu-west-1:1:task-definition/web:7", "FARGATE", "1.4.0",
    "Linux", "eu-west-1a", "10.0.0.7", started_at=THEN, containers=(CONTAINER,),
)  # fmt: skip
SERVICE = Service(
    "arn", "web", CLUSTER_ARN, "ACTIVE", 3, 3, 0, TASK.task_definition, "FARGATE",
    exec_enabled=True, created_at=THEN,
    deployments=(Deployment("id", "PRIMARY", "COMPLETED", "", 3, 3, 0, 0, "web:7"),),
)  # fmt: skip
CLUSTER = Cluster(
    CLUSTER_ARN, "prod", "ACTIVE", 4, 12, 1, 2,
    ExecConfiguration("OVERRIDE", log_group="exec"),
)  # fmt: skip
INSTANCE = ContainerInstance(
    ARN, "0123456789abcdef", CLUSTER_ARN, "i-0abc", "ACTIVE", True, "1.90.0", "25.0", 5, 1,
    "m7g.large", "eu-west-1a", 512, 2048, 900, 7800,
)  # fmt: skip


def service_row(service: Service, *tasks: Task, agents: tuple[int, int] = (0, 0)) -> ServiceRow:
    """The row of a service with these tasks; `agents` are (running, all) exec agents."""
    readiness = service_readiness(service, list(tasks))
    return ServiceRow(service, readiness, agents, service.launch_type)


def container_row(task: Task, container: Container) -> ContainerRow:
    """The row of a task's container."""
    return ContainerRow(task, container, container_readiness(task, container), container.ports)
