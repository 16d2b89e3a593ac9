"""All services of all clusters and accounts that are open, in one list, without opening each cluster.

Every cluster is listed in turn (`store/spread.py`). What is not listed yet has a row that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime

from ecs_tui.aws.api import ecs
from ecs_tui.errors import EcsTuiError
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.text import counted
from ecs_tui.record import dataclass
from ecs_tui.resources.base import (
    Cell,
    Column,
    Place,
    RawView,
    Resource,
    counting,
    plain,
    rank_of,
    signed,
)
from ecs_tui.resources.facts import Fact
from ecs_tui.resources.services import (
    SERVICES,
    ServiceRow,
    service_facts,
    service_lookups,
    service_rank,
    service_rows,
)
from ecs_tui.store.inventory import EVERY_CLUSTER, Inventory, Kind, Scope
from ecs_tui.store.lookups import Lookup

_NEEDS_TASKS = "exec"
"""The column of the list of services that needs their tasks, which are not loaded here."""


@dataclass(frozen=True, slots=True)
class AllServicesRow:
    """A service of some cluster; or a notice: what is not loaded, or could not be.

    Attributes:
        label: `profile@region` of the connection.
        cluster: The cluster's name; "" in a notice about several clusters.
        row: The service, or None in a notice.
        inventory: The loaded data of the connection.
        error: Why the cluster's services could not be read, or None.
        words: The notice.
    """

    label: str
    cluster: str
    row: ServiceRow | None
    inventory: Inventory = field(compare=False)
    error: EcsTuiError | None = None
    words: str = ""

    @property
    def key(self) -> str:
        """The row's identity in the list."""
        notice = "…" if self.error is None else "✖"
        return f"{id(self.inventory)} {self.cluster} {self.arn or notice}"

    @property
    def arn(self) -> str:
        """The service's ARN, "" in a notice."""
        return self.row.arn if self.row else ""

    @property
    def name(self) -> str:
        """The service's name; the notice otherwise."""
        return self.row.name if self.row else self.words


def merged(accounts: Sequence[tuple[str, Inventory]]) -> list[AllServicesRow]:
    """The rows for (label, inventory) of each connection."""
    rows: list[AllServicesRow] = []
    for label, inventory in accounts:
        rows += _services(label, inventory)
        rows += _notices(label, inventory)
    return rows


def _services(label: str, inventory: Inventory) -> list[AllServicesRow]:
    return [
        _row(label, inventory, scope, row)
        for scope in inventory.in_every_cluster(Kind.SERVICE)
        for row in service_rows(inventory, scope.cluster)
    ]


def _row(label: str, inventory: Inventory, scope: Scope, row: ServiceRow) -> AllServicesRow:
    """The row of a service; the same object until the service's own row changes."""
    made = AllServicesRow(label, scope.cluster, row, inventory)
    name = ("all services", scope.cluster, row.arn)
    return inventory.derived(name, (label, row), lambda: made)


def _notices(label: str, inventory: Inventory) -> list[AllServicesRow]:
    """What is missing: the clusters themselves, those not listed yet, and those that fail."""
    found: list[AllServicesRow] = []

    def notice(words: str, cluster: str = "", error: EcsTuiError | None = None) -> None:
        made = AllServicesRow(label, cluster, None, inventory, error, words)
        name = ("notice", cluster, error is None)
        found.append(inventory.derived(name, (label, words), lambda: made))

    fresh = inventory.freshness(Scope(Kind.CLUSTER))
    scopes = inventory.in_every_cluster(Kind.SERVICE)
    if fresh.error is not None:
        notice(str(fresh.error), error=fresh.error)
    elif not scopes and not inventory.is_empty(Scope(Kind.CLUSTER)):
        notice("loading clusters…")
    every = {scope: inventory.freshness(scope) for scope in scopes}
    missing = [s for s, each in every.items() if each.listed_at is None and each.error is None]
    if missing:
        notice(f"services of {len(missing)} of {counted(len(scopes), 'cluster')} not loaded yet")
    for scope, each in every.items():
        if each.error is not None:
            notice(str(each.error), scope.cluster, each.error)
    return found


def _service(row: AllServicesRow, now: datetime) -> Cell:
    if row.row is not None:
        return _NAME.cell(row.row, now)
    sign = Sign.MOVING if row.error is None else Sign.BAD
    return replace(signed(sign, row.words), sentence=True)


def _of_service(column: Column) -> Column:
    """A column of the list of services, empty in notices."""
    return replace(
        column,
        cell=lambda row, now: column.cell(row.row, now) if row.row else Cell(""),
        sort=lambda row: (row.row is not None, column.sort(row.row) if row.row else 0),
        needs=lambda inventory, seen: column.needs(inventory, [row.row for row in seen if row.row]),
    )


_NAME = next(column for column in SERVICES.columns if column.key == "name")


def _rank(row: AllServicesRow) -> int:
    if row.row is not None:
        return service_rank(row.row)
    return rank_of(Sign.BAD if row.error is not None else Sign.MOVING)


def _facts(row: AllServicesRow, inventory: Inventory, now: datetime) -> list[Fact]:
    of_service = service_facts(row.row, inventory, now) if row.row is not None else []
    return [
        ("account", row.label),
        ("cluster", row.cluster),
        ("problem", row.error or ""),
        *of_service,
    ]


def _lookups(row: AllServicesRow, inventory: Inventory) -> list[Lookup]:
    return service_lookups(row.row, inventory) if row.row is not None else []


def _is_empty(inventory: Inventory, _: Place) -> bool:
    """Whether every cluster has answered that it has no services."""
    scopes = inventory.in_every_cluster(Kind.SERVICE)
    listed = bool(scopes) or inventory.is_empty(Scope(Kind.CLUSTER))
    return listed and all(inventory.is_empty(scope) for scope in scopes)


ALL_SERVICES: Resource[AllServicesRow] = Resource(
    name="all-services",
    kind="service",
    row=AllServicesRow,
    within="",
    source=Kind.SERVICE,
    columns=(
        Column("name", "  SERVICE", _service, lambda row: row.name, priority=0, widest=60,
               middle=True),
        Column(
            "cluster",
            "CLUSTER",
            lambda row, _: plain(row.cluster),
            lambda row: row.cluster,
            priority=0,
            middle=True,
        ),
        Column(
            "account",
            "ACCOUNT",
            lambda row, _: plain(row.label),
            lambda row: row.label,
            priority=1,
            middle=True,
        ),
        *(
            _of_service(column)
            for column in SERVICES.columns
            if column.key not in ("name", _NEEDS_TASKS)
        ),
    ),
    scopes=lambda place: (Scope(Kind.SERVICE, EVERY_CLUSTER), Scope(Kind.CLUSTER)),
    rows=lambda inventory, place: [],
    key=lambda row: row.key,
    name_of=lambda row: row.name,
    enter=lambda place, row: (
        Place("tasks", cluster=row.cluster, service=row.row.name) if row.row else None
    ),
    facts=_facts,
    fact_lookups=_lookups,
    raw=RawView(
        lambda row: f"service {row.name}",
        lambda account, _, row: ecs.raw_description(account, "service", row.cluster, row.arn),
    ),
    rank=_rank,
    cluster_of=lambda row: row.cluster if row.row else "",
    service_of=lambda row: row.row.service if row.row else None,
    definition_of=lambda row: row.row.service.task_definition if row.row else "",
    is_empty=_is_empty,
    count=counting(lambda row: row.row is not None),
    merged=merged,
    empty="No services in any cluster.",
)  # fmt: skip
