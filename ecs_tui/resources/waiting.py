"""Deployments that wait for a person, of all clusters and accounts that are open.

Only services that are being deployed and have a pause among their lifecycle hooks can wait; of each of
these the deployment is read. What is not read yet has a row that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import UTC, datetime

from ecs_tui.errors import EcsTuiError
from ecs_tui.model.rules.deployment_words import stage_words, waiting_words
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.service import Service
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.text import age_of, counted
from ecs_tui.record import dataclass
from ecs_tui.resources.base import Cell, Column, Place, Resource, counting, plain, signed
from ecs_tui.resources.deployment_facts import deployment_facts
from ecs_tui.resources.facts import Fact
from ecs_tui.store.inventory import EVERY_CLUSTER, Inventory, Kind, Scope
from ecs_tui.store.lookups import Lookup
from ecs_tui.store.service_history import (
    current_deployment,
    definition_lookups,
    deployment_changes,
    deployment_lookup,
    may_wait,
    revision_pair,
    revisions_lookup,
)

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A deployment that waits, or of which it is not known yet; or a notice about clusters.

    Attributes:
        label: `profile@region` of the connection.
        cluster: The cluster's name; "" in a notice about several clusters.
        service: The service, or None in a notice.
        deployment: Its deployment, None while it is not read.
        inventory: The loaded data of the connection.
        error: Why something could not be read, or None.
        words: The notice.
    """

    label: str
    cluster: str
    service: Service | None
    deployment: ServiceDeployment | None
    inventory: Inventory = field(compare=False)
    error: EcsTuiError | None = None
    words: str = ""

    @property
    def key(self) -> str:
        """The row's identity in the list."""
        notice = "…" if self.error is None else "✖"
        return f"{self.label} {self.cluster} {self.arn or notice}"

    @property
    def arn(self) -> str:
        """The service's ARN, "" in a notice."""
        return self.service.arn if self.service is not None else ""

    @property
    def name(self) -> str:
        """The service's name; the notice otherwise."""
        return self.service.name if self.service is not None else self.words

    @property
    def expires_at(self) -> datetime | None:
        """When it ends by itself, None if it does not or that is not known."""
        hook = self.deployment.waiting if self.deployment is not None else None
        return hook.expires_at if hook is not None else None

    @property
    def revision(self) -> str:
        """`family:revision` of what it deploys, "" while unknown."""
        if self.deployment is None:
            return ""
        _, after = revision_pair(self.inventory, self.deployment)
        return after.revision if after is not None else ""


def merged(accounts: Sequence[tuple[str, Inventory]]) -> list[WaitingRow]:
    """The rows for (label, inventory) of each connection; the one that ends first is first."""
    rows: list[WaitingRow] = []
    for label, inventory in accounts:
        rows += _notices(label, inventory)
        for scope in inventory.in_every_cluster(Kind.SERVICE):
            services = (each for each in inventory.services(scope.cluster) if may_wait(each))
            found = (_row(label, inventory, scope.cluster, each) for each in services)
            rows += [row for row in found if row is not None]
    return rows


def _row(label: str, inventory: Inventory, cluster: str, service: Service) -> WaitingRow | None:
    """The row of a service; None if its deployment is known not to wait."""
    deployment = current_deployment(inventory, service)
    if deployment is not None and deployment.described and deployment.waiting is None:
        return None
    answer = inventory.lookups.answer(deployment_lookup(service))
    error = answer.error if answer is not None and deployment is None else None
    made = WaitingRow(label, cluster, service, deployment, inventory, error)
    name = ("waiting", cluster, service.arn)
    return inventory.derived(name, (made, made.revision), lambda: made)


def _notices(label: str, inventory: Inventory) -> list[WaitingRow]:
    """What is missing: the clusters themselves, those not listed yet, and those that fail."""

    def notice(words: str, cluster: str = "", error: EcsTuiError | None = None) -> WaitingRow:
        made = WaitingRow(label, cluster, None, None, inventory, error, words)
        name = ("waiting notice", cluster, error is None)
        return inventory.derived(name, (made,), lambda: made)

    fresh = inventory.freshness(Scope(Kind.CLUSTER))
    scopes = inventory.in_every_cluster(Kind.SERVICE)
    found: list[WaitingRow] = []
    if fresh.error is not None:
        found.append(notice(str(fresh.error), error=fresh.error))
    elif not scopes and not inventory.is_empty(Scope(Kind.CLUSTER)):
        found.append(notice("loading clusters…"))
    every = {scope: inventory.freshness(scope) for scope in scopes}
    missing = [s for s, each in every.items() if each.listed_at is None and each.error is None]
    if missing:
        clusters = counted(len(scopes), "cluster")
        found.append(notice(f"services of {len(missing)} of {clusters} not loaded yet"))
    found += [
        notice(str(each.error), scope.cluster, each.error)
        for scope, each in every.items()
        if each.error is not None
    ]
    return found


def _needs(inventory: Inventory, seen: Sequence[WaitingRow]) -> list[Lookup]:
    """The deployments of the visible services, and the revisions of those that wait."""
    services = [row.service for row in seen if row.service is not None]
    waiting = [row.deployment for row in seen if row.deployment is not None]
    return [*map(deployment_lookup, services), *revisions_lookup(waiting)]


def _service(row: WaitingRow, _: datetime) -> Cell:
    if row.service is None:
        sign = Sign.MOVING if row.error is None else Sign.BAD
        return replace(signed(sign, row.words), sentence=True)
    return signed(Sign.WARNING if row.deployment is not None else Sign.MOVING, row.name)


def _ends(row: WaitingRow, now: datetime) -> Cell:
    if row.service is None:
        return Cell("")
    hook = row.deployment.waiting if row.deployment is not None else None
    if hook is not None:
        return Cell(waiting_words(hook, now), "warning")
    return Cell(plain(row.error or "reading its deployment…").text, "off", sentence=True)


def _since(row: WaitingRow) -> datetime | None:
    return row.deployment.created_at if row.deployment is not None else None


def _facts(row: WaitingRow, inventory: Inventory, now: datetime) -> list[Fact]:
    facts: list[Fact] = [
        ("account", row.label),
        ("cluster", row.cluster),
        ("problem", row.error or ""),
    ]
    if row.deployment is None:
        return facts
    changes = deployment_changes(inventory, row.deployment)
    return [*facts, *deployment_facts(row.deployment, inventory, now, changes)]


def _fact_lookups(row: WaitingRow, inventory: Inventory) -> list[Lookup]:
    if row.deployment is None:
        return []
    waiting = [row.deployment]
    return [*revisions_lookup(waiting), *definition_lookups(inventory, waiting)]


def _is_empty(inventory: Inventory, _: Place) -> bool:
    """Whether the services of every cluster are known."""
    scopes = inventory.in_every_cluster(Kind.SERVICE)
    listed = bool(scopes) or inventory.is_empty(Scope(Kind.CLUSTER))
    return listed and all(
        inventory.freshness(scope).listed_at is not None and not inventory.undescribed(scope)
        for scope in scopes
    )


WAITING: Resource[WaitingRow] = Resource(
    name="waiting",
    kind="deployment",
    row=WaitingRow,
    within="",
    source=Kind.SERVICE,
    columns=(
        Column(
            "name", "  SERVICE", _service, lambda row: row.name, priority=0, widest=60, middle=True,
            needs=_needs,
        ),
        Column(
            "ends", "AT THE END", _ends, lambda row: row.expires_at or _NEVER, priority=0,
            live=True, searched=True, widest=60,
        ),
        Column(
            "stage",
            "STAGE",
            lambda row, _: plain(stage_words(row.deployment) if row.deployment else ""),
            lambda row: row.deployment.stage if row.deployment else "",
            priority=1,
        ),
        Column(
            "revision", "REVISION", lambda row, _: plain(row.revision), lambda row: row.revision,
            priority=1, middle=True,
        ),
        Column(
            "cluster", "CLUSTER", lambda row, _: plain(row.cluster), lambda row: row.cluster,
            priority=0, middle=True,
        ),
        Column(
            "account", "ACCOUNT", lambda row, _: plain(row.label), lambda row: row.label,
            priority=1, middle=True,
        ),
        Column(
            "started",
            "STARTED",
            lambda row, now: plain(age_of(_since(row), now)),
            lambda row: -(_since(row) or _NEVER).timestamp(),
            right=True,
            live=True,
            priority=2,
        ),
    ),
    scopes=lambda place: (Scope(Kind.SERVICE, EVERY_CLUSTER), Scope(Kind.CLUSTER)),
    rows=lambda inventory, place: [],
    key=lambda row: row.key,
    name_of=lambda row: row.name,
    enter=lambda place, row: (
        Place("deployments", cluster=row.cluster, service=row.service.name) if row.service else None
    ),
    facts=_facts,
    fact_lookups=_fact_lookups,
    rank=lambda row: row.expires_at or _NEVER,
    cluster_of=lambda row: row.cluster if row.service else "",
    service_of=lambda row: row.service,
    definition_of=lambda row: row.service.task_definition if row.service else "",
    is_empty=_is_empty,
    count=counting(lambda row: row.deployment is not None),
    merged=merged,
    empty="No deployment waits for a person.",
)  # fmt: skip
