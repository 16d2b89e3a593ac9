"""Containers of a task, with the state of each exec agent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.model.arn import short_name
from ecs_tui.model.container import EXEC_AGENT, Container, PortBinding
from ecs_tui.model.rules.exec_readiness import Readiness, container_readiness
from ecs_tui.model.rules.health import agent_sign, container_sign, readiness_sign
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, iso
from ecs_tui.record import dataclass
from ecs_tui.resources.base import (
    Cell,
    Column,
    Place,
    RawView,
    Resource,
    plain,
    rank_of,
    signed,
)
from ecs_tui.resources.facts import Fact, when
from ecs_tui.resources.flat import (
    CLUSTER_COLUMN,
    Listing,
    Row,
    TableColumn,
    pages_of,
    value_of,
    with_nulls,
)
from ecs_tui.resources.inside import inside_fact, inside_of, with_inside
from ecs_tui.store.inventory import Inventory, Kind, Scope, calls
from ecs_tui.store.lookups import inside_lookup


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """A container and its task.

    Attributes:
        readiness: Whether a shell can be opened in it, and why not.
        ports: Its port bindings, else the ports of its definition.
        inside: How many sessions are open in it.
    """

    task: Task
    container: Container
    readiness: Readiness
    ports: tuple[PortBinding, ...]
    inside: int = 0

    @property
    def arn(self) -> str:
        """The row's identity in the list: the task's ARN and the container's name."""
        return f"{self.task.arn}/{self.container.name}"


def _rows(inventory: Inventory, place: Place) -> list[ContainerRow]:
    task = inventory.task(place.task_arn)
    if task is None:
        return []
    definition = inventory.known_definition(task.task_definition)
    rows, inside = [], inside_of(inventory).containers
    for item in task.containers:
        declared = definition.container(item.name) if definition else None
        ports = item.ports or (declared.ports if declared else ())
        ready = container_readiness(task, item)
        rows.append(ContainerRow(task, item, ready, ports, inside.get(item.runtime_id, 0)))
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


# -- details and the command line


def _facts(view: ContainerRow, inventory: Inventory, now: datetime) -> list[Fact]:
    task, row = view.task, view.container
    agent = row.exec_agent
    stopped = row.last_status == "STOPPED"
    ended: list[Fact] = [("exit code", row.exit_code), ("reason", row.reason)]
    return [
        *(ended if stopped else []),
        *([("stopped reason", task.stopped_reason)] if task.stopping else []),
        ("name", row.name),
        ("shell", view.readiness),
        inside_fact(inventory, view.inside),
        ("status", row.last_status),
        ("health", row.health),
        ("exec agent", f"{agent.status} {agent.reason}".strip() if agent else "none"),
        ("agent since", when(agent.started_at, now) if agent else ""),
        *[
            (f"agent {item.name}", f"{item.status} {item.reason}".strip())
            for item in row.agents
            if item is not agent
        ],
        *([] if stopped else ended),
        ("image", row.image),
        ("digest", row.image_digest),
        ("runtime id", row.runtime_id),
        ("ports", " ".join(str(port) for port in view.ports)),
        ("addresses", " ".join(row.addresses)),
        ("cpu / memory", f"{row.cpu} / {row.memory}"),
        ("arn", row.arn),
        ("task", task.arn),
    ]


async def _pages(
    account: Account, cluster: str, service: str
) -> AsyncIterator[list[tuple[Task, Container]]]:
    async for page in pages_of(Kind.TASK)(account, cluster, service):
        yield [(task, item) for task in page for item in task.containers]


def _flat(found: tuple[Task, Container]) -> Row:
    """The row of a container, with its managed agents."""
    task, container = found
    readiness = container_readiness(task, container)
    return with_nulls(
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


def _exec_agent(row: Row) -> object:
    agents = row["managedAgents"]
    return next((item["lastStatus"] for item in agents if item["name"] == EXEC_AGENT), None)


_LISTING: Listing[tuple[Task, Container]] = Listing(
    _pages,
    _flat,
    (
        CLUSTER_COLUMN,
        TableColumn("TASK", value_of("taskId"), shrinks=True),
        TableColumn("CONTAINER", value_of("name"), shrinks=True),
        TableColumn("STATUS", value_of("lastStatus")),
        TableColumn("HEALTH", value_of("healthStatus"), priority=3),
        TableColumn("AGENT", _exec_agent, priority=2),
        TableColumn("SHELL", value_of("execReadiness")),
        TableColumn("REASON", value_of("execReadinessReason"), shrinks=True, priority=1),
        TableColumn("IMAGE", value_of("image"), shrinks=True, priority=4),
    ),
    blank=(Task("", "", ""), Container("", "", "", "")),
    ours=frozenset({"taskId", "execReadiness", "execReadinessReason"}),
    by="service",
    tagged=lambda pair: pair[0],
)


def _rank(row: ContainerRow) -> int:
    """Failed and unhealthy containers first; one that has finished its work is no failure."""
    return rank_of(container_sign(row.container))


CONTAINERS: Resource[ContainerRow] = Resource(
    name="containers",
    kind="container",
    row=ContainerRow,
    within="task",
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
            normal=("running",),
        ),
        Column(
            "health",
            "HEALTH",
            lambda row, _: plain(row.container.health.lower()),
            lambda row: row.container.health,
            priority=2,
            normal=("healthy", "unknown"),
        ),
        Column("agent", "EXEC AGENT", _agent, lambda row: _agent_key(row), priority=0, widest=48),
        Column(
            "exec",
            "SHELL",
            lambda row, _: with_inside(
                signed(readiness_sign(row.readiness), str(row.readiness.verdict)), row.inside
            ),
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
        Column(
            "exit",
            "EXIT",
            _exit,
            lambda row: row.container.exit_code or 0,
            right=True,
            normal=("",),
        ),
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
    facts=_facts,
    raw=RawView(
        lambda row: f"task {row.task.id}",
        lambda account, cluster, row: ecs.raw_description(account, "task", cluster, row.task.arn),
    ),
    listing=_LISTING,
    rank=_rank,
    definition_of=lambda row: row.task.task_definition,
    lookups=lambda inventory, place, seen: [inside_lookup()] if seen else [],
    is_empty=_is_empty,
    empty="No containers: ECS no longer knows this task.",
)


def _agent_key(row: ContainerRow) -> str:
    agent = row.container.exec_agent
    return agent.status if agent else ""
