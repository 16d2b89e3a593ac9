"""The list of services of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ecs_tui.model.rules.exec_readiness import Readiness, agent_counts, service_readiness
from ecs_tui.model.rules.health import (
    Sign,
    deployment_words,
    readiness_sign,
    service_sign,
    severity,
    share_sign,
)
from ecs_tui.model.service import Service
from ecs_tui.model.text import age_of
from ecs_tui.resources.base import GONE, Cell, Column, Place, Resource, dimmed, plain, signed
from ecs_tui.store.capacity import launch_words, names_providers, providers_lookup
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.lookups import Lookup, LookupResult


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service, with the exec readiness of its loaded tasks.

    Attributes:
        readiness: Whether a shell can be opened in one of them, and why not.
        agents: (containers with a running exec agent, containers).
        launch: Its capacity providers or launch type.
    """

    service: Service
    readiness: Readiness
    agents: tuple[int, int]
    launch: str = ""

    @property
    def arn(self) -> str:
        return self.service.arn

    @property
    def name(self) -> str:
        return self.service.name

    @property
    def gone(self) -> bool:
        """Whether ListServices returns it and DescribeServices does not."""
        return self.service.gone


def _rows(inventory: Inventory, place: Place) -> list[ServiceRow]:
    cluster = place.cluster
    providers = inventory.lookups.answer(providers_lookup(cluster))
    return [_row(inventory, cluster, service, providers) for service in inventory.services(cluster)]


def _row(
    inventory: Inventory, cluster: str, service: Service, providers: LookupResult | None
) -> ServiceRow:
    """The row of a service; the same object until the service, its tasks or providers change."""

    def make() -> ServiceRow:
        tasks = inventory.service_tasks(cluster, service.name)
        readiness = service_readiness(service, tasks)
        launch = launch_words(service, providers)
        return ServiceRow(service, readiness, agent_counts(tasks), launch)

    basis = (service, inventory.tasks_version(cluster, service.name), providers)
    return inventory.derived(service.arn, basis, make)


def _lookups(_: Inventory, place: Place, seen: Sequence[ServiceRow]) -> list[Lookup]:
    """The cluster's capacity providers, if a visible service uses one whose name hides its type."""
    named = any(names_providers(row.service) for row in seen)
    return [providers_lookup(place.cluster)] if named else []


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


def _worst_first(row: ServiceRow) -> tuple[int, str]:
    sign, words = deployment_words(row.service)
    return severity(sign), words


def _exec(row: ServiceRow, _: datetime) -> Cell:
    running, total = row.agents
    sign = readiness_sign(row.readiness)
    if sign is Sign.FINE and total:
        sign = share_sign(running, total)
    words = str(row.readiness.verdict)
    if total:
        words += f" {running}/{total}"
    if total and row.readiness.verdict == "ready":
        words += " containers"
    elif row.readiness.reason:
        words += f": {row.readiness.reason}"
    return signed(sign, words)


def _on(row: ServiceRow, _: datetime) -> Cell:
    if not row.service.described:
        return Cell("·", "off")
    return Cell("on", "fine") if row.service.exec_enabled else Cell("off", "off")


SERVICES = Resource(
    name="services",
    kind="service",
    columns=dimmed(
        Column("name", "  SERVICE", _name, lambda row: row.name, priority=0, middle=True),
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
        Column("deployment", "DEPLOYMENT", _deployment, _worst_first),
        Column("exec_on", "EXEC", _on, lambda row: row.service.exec_enabled, priority=1),
        Column("exec", "SHELL", _exec, lambda row: str(row.readiness), priority=0, widest=36),
        Column(
            "revision",
            "REVISION",
            lambda row, _: plain(row.service.revision),
            lambda row: row.service.revision,
            priority=3,
            widest=24,
            middle=True,
        ),
        Column(
            "launch",
            "LAUNCH",
            lambda row, _: plain(row.launch),
            lambda row: row.launch,
            priority=4,
            middle=True,
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
    lookups=_lookups,
    empty="No services. Press N to see standalone tasks.",
)
