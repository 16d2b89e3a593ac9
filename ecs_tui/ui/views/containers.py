"""The list of containers of a task, with the truth about each exec agent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecs_tui.inventory.inventory import Inventory, Kind, Scope, calls
from ecs_tui.model.container import Container, PortBinding
from ecs_tui.model.exec_status import Readiness, container_readiness
from ecs_tui.model.health import agent_sign, container_sign, readiness_sign
from ecs_tui.model.task import Task
from ecs_tui.model.words import age_of
from ecs_tui.ui.views.base import Cell, Column, Place, View, plain, signed


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """A container, its task, its verdict, and its ports by binding or definition."""

    task: Task
    container: Container
    readiness: Readiness
    ports: tuple[PortBinding, ...]

    @property
    def arn(self) -> str:
        """The container's identity within the list."""
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


def _agent(row: ContainerRow, now: datetime) -> Cell:
    agent = row.container.exec_agent
    if agent is None:
        words = "none" if row.task.exec_enabled else "exec was off when the task started"
        return signed(agent_sign(None), words)
    since = age_of(agent.started_at, now)
    words = agent.status.lower()
    if agent.reason:
        words += f": {agent.reason}"
    elif since:
        words += f" for {since}"
    return signed(agent_sign(agent), words)


def _exit(row: ContainerRow, _: datetime) -> Cell:
    code = row.container.exit_code
    return Cell("" if code is None else str(code), "" if code in (None, 0) else "bad")


CONTAINERS = View(
    name="containers",
    kind="task",
    columns=(
        Column(
            "name",
            "  CONTAINER",
            lambda row, _: signed(container_sign(row.container), row.container.name),
            lambda row: row.container.name,
            priority=0,
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
    empty="The task's containers are not known yet, or ECS has forgotten the task.",
)


def _agent_key(row: ContainerRow) -> str:
    agent = row.container.exec_agent
    return agent.status if agent else ""
