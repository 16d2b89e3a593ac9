"""The list of services of a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecs_tui.inventory.inventory import Inventory, Kind, Scope
from ecs_tui.model.exec_status import Readiness, agent_counts, service_readiness
from ecs_tui.model.health import Sign, deployment_words, readiness_sign, service_sign, share_sign
from ecs_tui.model.service import Service
from ecs_tui.model.words import age_of
from ecs_tui.ui.views.base import GONE, Cell, Column, Place, View, dimmed, plain, signed


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service with what is known of its tasks."""

    service: Service
    readiness: Readiness
    agents: tuple[int, int]

    @property
    def arn(self) -> str:
        """The service's ARN."""
        return self.service.arn

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    @property
    def gone(self) -> bool:
        """Whether AWS lists it and does not know it."""
        return self.service.gone


def _rows(inventory: Inventory, place: Place) -> list[ServiceRow]:
    return [
        _row(inventory, place.cluster, service) for service in inventory.services(place.cluster)
    ]


def _row(inventory: Inventory, cluster: str, service: Service) -> ServiceRow:
    """The row of a service; the same object as long as neither it nor its tasks have changed."""

    def make() -> ServiceRow:
        tasks = inventory.service_tasks(cluster, service.name)
        return ServiceRow(service, service_readiness(service, tasks), agent_counts(tasks))

    basis = (service, inventory.tasks_version(cluster, service.name))
    return inventory.derived(service.arn, basis, make)


def _name(row: ServiceRow, _: datetime) -> Cell:
    return signed(service_sign(row.service), row.name)


def _tasks(row: ServiceRow, _: datetime) -> Cell:
    service = row.service
    if service.gone:
        return Cell(GONE, "off")
    if not service.described:
        return Cell("·", "off")
    pending = f" +{service.pending}" if service.pending else ""
    tone = "" if service.running >= service.desired else "warning"
    return Cell(f"{service.running}/{service.desired}{pending}", tone)


def _deployment(row: ServiceRow, _: datetime) -> Cell:
    sign, words = deployment_words(row.service)
    return signed(sign, words or "…")


def _exec(row: ServiceRow, _: datetime) -> Cell:
    running, total = row.agents
    sign = readiness_sign(row.readiness)
    if sign is Sign.FINE and total:
        sign = share_sign(running, total)
    words = str(row.readiness.verdict)
    if total:
        words += f" {running}/{total} agents"
    elif row.readiness.reason:
        words += f": {row.readiness.reason}"
    if total and row.readiness.verdict != "ready":
        words += f": {row.readiness.reason}"
    return signed(sign, words)


def _on(row: ServiceRow, _: datetime) -> Cell:
    if not row.service.described:
        return Cell("·", "off")
    return Cell("on", "fine") if row.service.exec_enabled else Cell("off", "off")


SERVICES = View(
    name="services",
    kind="service",
    columns=dimmed(
        Column("name", "  SERVICE", _name, lambda row: row.name, priority=0),
        Column(
            "status",
            "STATUS",
            lambda row, _: plain(GONE if row.gone else row.service.status.lower() or "…"),
            lambda row: row.service.status,
            priority=4,
        ),
        Column(
            "tasks",
            "TASKS",
            _tasks,
            lambda row: (row.service.running - row.service.desired, row.service.running),
            right=True,
            priority=0,
        ),
        Column("deployment", "DEPLOYMENT", _deployment, lambda row: deployment_words(row.service)),
        Column("exec_on", "EXEC", _on, lambda row: row.service.exec_enabled, priority=1),
        Column("exec", "SHELL", _exec, lambda row: str(row.readiness), priority=0, widest=36),
        Column(
            "revision",
            "REVISION",
            lambda row, _: plain(row.service.revision),
            lambda row: row.service.revision,
            priority=3,
        ),
        Column(
            "launch",
            "LAUNCH",
            lambda row, _: plain(row.service.launch_type.lower()),
            lambda row: row.service.launch_type,
            priority=4,
        ),
        Column(
            "age",
            "AGE",
            lambda row, now: plain(age_of(row.service.created_at, now)),
            lambda row: -(row.service.created_at.timestamp() if row.service.created_at else 0),
            right=True,
            live=True,
            priority=3,
        ),
    ),
    scopes=lambda place: (Scope(Kind.SERVICE, place.cluster), Scope(Kind.TASK, place.cluster)),
    rows=_rows,
    key=lambda row: row.arn,
    name_of=lambda row: row.name,
    enter=lambda place, row: Place("tasks", cluster=place.cluster, service=row.name),
    empty="This cluster has no services. N shows tasks that were started without one.",
)
