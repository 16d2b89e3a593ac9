"""The list of containers of a task, with the state of each exec agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecs_tui.model.container import Container, PortBinding
from ecs_tui.model.rules.exec_readiness import Readiness, container_readiness
from ecs_tui.model.rules.health import agent_sign, container_sign, readiness_sign
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of
from ecs_tui.resources.base import Cell, Column, Place, Resource, plain, signed
from ecs_tui.store.inventory import Inventory, Kind, Scope, calls


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """A container and its task.

    Attributes:
        readiness: Whether a shell can be opened in it, and why not.
        ports: Its port bindings, else the ports of its definition.
    """

    task: Task
    container: Container
    readiness: Readiness
    ports: tuple[PortBinding, ...]

    @property
    def arn(self) -> str:
        """The row's identity in the list: the task's ARN and the container's name."""
        return f"{self.task.arn}/{self.container.name}"


def _rows(inventory: Inventory, place: Place) -> list[ContainerRow]:
    task = inventory.task(place.task_arn)
    if task is None:
        return []
    definition = inventory.known_definition(task.task_definition)
    rows = []
    for item in task.containers:
        declared = definition.container(item.name) if definition else None
        ports = item.ports or (declared.ports if declared else ())
        rows.append(ContainerRow(task, item, container_readiness(task, item), ports))
    return rows


def _is_empty(inventory: Inventory, place: Place) -> bool:
    """Whether AWS has described the task, or answered that there is none."""
    task = inventory.task(place.task_arn)
    if task is None:
        return inventory.is_empty(CONTAINERS.scopes(place)[0])
    return task.described or task.gone


def _agent(row: ContainerRow, now: datetime) -> Cell:
    agent = row.container.exec_agent
    if agent is None:
        words = "none" if row.task.exec_enabled else "exec was disabled when the task started"
        return signed(agent_sign(None), words)
    since = age_of(agent.started_at, now)
    words = agent.status.lower()
    if agent.reason:
        words += f": {agent.reason}"
    elif since:
        words += f" {since}"
    return signed(agent_sign(agent), words)


def _exit(row: ContainerRow, _: datetime) -> Cell:
    code = row.container.exit_code
    return Cell("" if code is None else str(code), "" if code in (None, 0) else "bad")


CONTAINERS = Resource(
    name="containers",
    kind="task",
    columns=(
        Column(
            "name",
            "  CONTAINER",
            lambda row, _: signed(container_sign(row.container), row.container.name),
            lambda row: row.container.name,
            priority=0,
            middle=True,
        ),
        Column(
            "status",
            "STATUS",
            lambda row, _: plain(row.container.last_status.lower()),
            lambda row: row.container.last_status,
            priority=0,
        ),
        Column(
            "health",
            "HEALTH",
            lambda row, _: plain(row.container.health.lower()),
            lambda row: row.container.health,
            priority=2,
        ),
        Column("agent", "EXEC AGENT", _agent, lambda row: _agent_key(row), priority=0, widest=48),
        Column(
            "exec",
            "SHELL",
            lambda row, _: signed(readiness_sign(row.readiness), str(row.readiness.verdict)),
            lambda row: str(row.readiness),
            priority=0,
        ),
        Column(
            "ports",
            "PORTS",
            lambda row, _: plain(" ".join(str(port) for port in row.ports)),
            lambda row: [port.container_port for port in row.ports],
            priority=3,
        ),
        Column("exit", "EXIT", _exit, lambda row: row.container.exit_code or 0, right=True),
        Column(
            "image",
            "IMAGE",
            lambda row, _: plain(row.container.image.rsplit("/", 1)[-1]),
            lambda row: row.container.image,
            priority=4,
            widest=48,
            middle=True,
        ),
        Column(
            "runtime",
            "RUNTIME ID",
            lambda row, _: plain(row.container.runtime_id),
            lambda row: row.container.runtime_id,
            priority=5,
            widest=44,
        ),
    ),
    scopes=lambda place: calls(Scope(Kind.TASK, place.cluster, place.service, place.stopped)),
    rows=_rows,
    key=lambda row: row.arn,
    name_of=lambda row: row.container.name,
    enter=lambda place, row: None,
    is_empty=_is_empty,
    empty="No containers: ECS no longer knows this task.",
)


def _agent_key(row: ContainerRow) -> str:
    agent = row.container.exec_agent
    return agent.status if agent else ""
