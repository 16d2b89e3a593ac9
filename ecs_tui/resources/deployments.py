"""Deployments of a service: its service deployments with what each changes, or, where ECS keeps none,
those that DescribeServices returns; and the task sets of one that another controller deploys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ecs_tui.aws.api import ecs
from ecs_tui.model.arn import short_name
from ecs_tui.model.rules.deployment_words import (
    plain_words,
    reason_words,
    seconds_taken,
    stage_words,
    status_words,
)
from ecs_tui.model.rules.health import Sign
from ecs_tui.model.rules.revision_changes import RevisionChange, summary
from ecs_tui.model.service import Deployment, Service, TaskSet
from ecs_tui.model.service_deployment import ServiceDeployment
from ecs_tui.model.text import age_of, span
from ecs_tui.record import dataclass
from ecs_tui.resources.base import TONES, Cell, Column, Place, RawView, Resource, plain, signed
from ecs_tui.resources.deployment_facts import deployment_facts, listed_facts
from ecs_tui.resources.facts import Fact
from ecs_tui.resources.service_page import SHOWN_SERVICE, shown_scope, shown_service
from ecs_tui.store.inventory import Inventory
from ecs_tui.store.lookups import Lookup
from ecs_tui.store.service_history import (
    definition_lookups,
    deployment_changes,
    has_service_deployments,
    history,
    history_scope,
    revision_pair,
    revisions_lookup,
)

_EPOCH = datetime.fromtimestamp(0, UTC)
_RAW = ecs.RawCall(
    "describe_service_deployments", "serviceDeploymentArns", "serviceDeployments", in_cluster=False
)


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """A deployment or a task set, with its service.

    Attributes:
        definition: Of a service deployment: the task definition of the revision that it deploys; ""
            while that is not loaded.
        changes: Of a service deployment: what it changes; None while that is not known, or if it
            replaces nothing.
    """

    service: Service
    item: Deployment | TaskSet | ServiceDeployment
    definition: str = ""
    changes: tuple[RevisionChange, ...] | None = None

    @property
    def arn(self) -> str:
        """What identifies it: the ARN of a service deployment, the ID of the others."""
        return self.item.arn if isinstance(self.item, ServiceDeployment) else self.item.id

    @property
    def name(self) -> str:
        return self.item.id

    @property
    def task_definition(self) -> str:
        """The ARN of its task definition, "" while unknown."""
        if isinstance(self.item, ServiceDeployment):
            return self.definition
        return self.item.task_definition

    @property
    def status(self) -> str:
        """Its status in a few words."""
        if isinstance(self.item, ServiceDeployment):
            return status_words(self.item)[1]
        return plain_words(self.item.status)

    @property
    def state(self) -> str:
        """Its rollout state or stability; of a service deployment its stage, else its strategy."""
        item = self.item
        if isinstance(item, ServiceDeployment):
            stage = "" if item.over else stage_words(item)
            return stage or plain_words(item.strategy if item.described else "")
        return plain_words(item.rollout_state if isinstance(item, Deployment) else item.stability)

    @property
    def counts(self) -> tuple[int, int, int]:
        """(running, desired, pending) tasks."""
        item = self.item
        if not isinstance(item, ServiceDeployment):
            return item.running, item.desired, item.pending
        target = item.target
        return (target.running, target.requested, target.pending) if target else (0, 0, 0)

    @property
    def failed(self) -> int:
        """Its failed tasks; AWS counts none for a task set."""
        item = self.item
        if isinstance(item, ServiceDeployment):
            return item.breaker.failures if item.breaker is not None else 0
        return item.failed if isinstance(item, Deployment) else 0

    def reason(self, now: datetime) -> str:
        """Why it is in this state, mostly in ECS's words; of a task set its share of the service."""
        item = self.item
        if isinstance(item, ServiceDeployment):
            return reason_words(item, now)
        if isinstance(item, Deployment):
            return item.rollout_reason
        return f"{item.scale:g}% of the service"


def deployment_sign(row: DeploymentRow) -> Sign:
    """The health of a deployment: bad if it failed or its tasks do, moving until it is complete.

    One that is being replaced (ACTIVE, or DRAINING as a task set) is moving, whatever its own
    rollout state was.
    """
    item = row.item
    if isinstance(item, ServiceDeployment):
        return status_words(item)[0]
    state = item.rollout_state if isinstance(item, Deployment) else item.stability
    if state == "FAILED" or (row.failed and state == "IN_PROGRESS"):
        return Sign.BAD
    if state in ("IN_PROGRESS", "STABILIZING"):
        return Sign.MOVING
    if item.status != "PRIMARY":
        return Sign.MOVING if item.running else Sign.OFF
    return Sign.FINE if state in ("COMPLETED", "STEADY_STATE") else Sign.OFF


def deployment_rows(
    service: Service, deployments: Sequence[ServiceDeployment] = ()
) -> list[DeploymentRow]:
    """The rows of a service's deployments, then of its task sets, in AWS's order.

    Args:
        service: The service.
        deployments: Its service deployments, if ECS keeps any: they say more than the others.
    """
    items: list[Deployment | TaskSet | ServiceDeployment] = [
        *(deployments or service.deployments), *service.task_sets
    ]  # fmt: skip
    return [DeploymentRow(service, item) for item in items]


def _rows(inventory: Inventory, place: Place) -> list[DeploymentRow]:
    """Each the same object until it changes."""
    service = shown_service(inventory, place)
    if service is None:
        return []
    found = history(inventory, place.cluster, place.service)
    if not found and _history_to_come(inventory, place, service):
        return []  # rows of the other form would be replaced under the cursor
    return [_known(inventory, row) for row in deployment_rows(service, found)]


def _history_to_come(inventory: Inventory, place: Place, service: Service) -> bool:
    """Whether the service's deployments are still being listed: ECS may or may not keep some."""
    fresh = inventory.freshness(history_scope(place.cluster, place.service))
    return has_service_deployments(service) and not fresh.answered and fresh.error is None


def _known(inventory: Inventory, row: DeploymentRow) -> DeploymentRow:
    """The row with what is loaded of its revisions."""
    if isinstance(row.item, ServiceDeployment):
        _, after = revision_pair(inventory, row.item)
        definition = after.task_definition if after is not None else ""
        changes = deployment_changes(inventory, row.item)
        row = replace(row, definition=definition, changes=changes)
    made = row
    return inventory.derived(("deployment", row.service.arn, row.arn), (made,), lambda: made)


def _is_empty(inventory: Inventory, place: Place) -> bool:
    service = shown_service(inventory, place)
    if service is None:
        return inventory.freshness(shown_scope(place)).answered
    return service.described and not _history_to_come(inventory, place, service)


def _lookups(inventory: Inventory, _: Place, seen: Sequence[DeploymentRow]) -> list[Lookup]:
    """The revisions of the visible service deployments, and their task definitions."""
    shown = [row.item for row in seen if isinstance(row.item, ServiceDeployment)]
    described = [item for item in shown if item.described]
    return [*revisions_lookup(described), *definition_lookups(inventory, described)]


def _tasks(row: DeploymentRow, _: datetime) -> Cell:
    running, desired, waiting = row.counts
    item = row.item
    if isinstance(item, ServiceDeployment) and not item.described:
        return Cell("·", "off")
    pending = f" +{waiting}" if waiting else ""
    current = not item.over if isinstance(item, ServiceDeployment) else item.status == "PRIMARY"
    tone = TONES[Sign.WARNING] if current and running < desired else ""
    return Cell(f"{running}/{desired}{pending}", tone)


def _failed(row: DeploymentRow, _: datetime) -> Cell:
    breaker = row.item.breaker if isinstance(row.item, ServiceDeployment) else None
    of = f"/{breaker.threshold}" if breaker is not None and breaker.threshold else ""
    return Cell(f"{row.failed}{of if row.failed else ''}", TONES[Sign.BAD] if row.failed else "")


def _change(row: DeploymentRow, _: datetime) -> Cell:
    if row.changes is None:
        return Cell("")
    return replace(plain(summary(row.changes)), sentence=True)


def _took(row: DeploymentRow, now: datetime) -> Cell:
    if not isinstance(row.item, ServiceDeployment):
        return Cell("")
    seconds = seconds_taken(row.item, now)
    return Cell("" if seconds is None else span(seconds))


def _reason(row: DeploymentRow, now: datetime) -> Cell:
    bad = deployment_sign(row) is Sign.BAD
    waits = isinstance(row.item, ServiceDeployment) and row.item.waiting is not None
    tone = TONES[Sign.BAD] if bad else TONES[Sign.WARNING] if waits else ""
    return Cell(plain(row.reason(now)).text, tone, sentence=True)


def _facts(row: DeploymentRow, inventory: Inventory, now: datetime) -> list[Fact]:
    item = row.item
    if not isinstance(item, ServiceDeployment):
        return listed_facts(item, deployment_sign(row), row.state, now)
    return deployment_facts(item, inventory, now, row.changes)


def _fact_lookups(row: DeploymentRow, inventory: Inventory) -> list[Lookup]:
    return _lookups(inventory, Place(), [row])


def _created(row: DeploymentRow) -> float:
    return -(row.item.created_at or _EPOCH).timestamp()


DEPLOYMENTS = Resource(
    name="deployments",
    kind="deployment",
    row=DeploymentRow,
    within="service",
    source=SHOWN_SERVICE,
    columns=(
        Column(
            "status",
            "  STATUS",
            lambda row, _: signed(deployment_sign(row), row.status or "…"),
            lambda row: row.status,
            priority=0,
        ),
        Column(
            "revision",
            "REVISION",
            lambda row, _: plain(short_name(row.task_definition)),
            lambda row: row.task_definition,
            priority=0,
            widest=32,
            middle=True,
        ),
        Column("state", "STATE", lambda row, _: plain(row.state), lambda row: row.state),
        Column(
            "tasks", "TASKS", _tasks, lambda row: row.counts[0] - row.counts[1],
            right=True, priority=0,
        ),
        Column(
            "failed", "FAILED", _failed, lambda row: row.failed, right=True,
        ),
        Column(
            "age",
            "AGE",
            lambda row, now: plain(age_of(row.item.created_at, now)),
            _created,
            right=True,
            live=True,
            priority=0,
        ),
        Column(
            "took", "TOOK", _took, _created, right=True, live=True, priority=2, normal=("",),
        ),
        Column(
            "reason", "REASON", _reason, lambda row: row.reason(_EPOCH), live=True, searched=True,
            widest=60,
        ),
        Column(
            "change", "CHANGE", _change, lambda row: _change(row, _EPOCH).text, priority=2,
            widest=100, normal=("",),
        ),
        Column("id", "ID", lambda row, _: plain(row.item.id), lambda row: row.item.id, priority=3),
    ),
    scopes=lambda place: (shown_scope(place), history_scope(place.cluster, place.service)),
    rows=_rows,
    key=lambda row: row.arn,
    name_of=lambda row: row.item.id,
    enter=lambda place, row: None,
    facts=_facts,
    fact_lookups=_fact_lookups,
    raw=RawView(
        lambda row: (
            f"service deployment {row.name}"
            if isinstance(row.item, ServiceDeployment)
            else f"service {row.service.name}"
        ),
        lambda account, cluster, row: (
            ecs.described_raw(account, _RAW, "service deployment", cluster, row.arn)
            if isinstance(row.item, ServiceDeployment)
            else ecs.raw_description(account, "service", cluster, row.service.arn)
        ),
    ),
    service_of=lambda row: row.service,
    definition_of=lambda row: row.task_definition,
    in_order=True,
    lookups=_lookups,
    is_empty=_is_empty,
    empty="No deployments and no task sets.",
)  # fmt: skip
