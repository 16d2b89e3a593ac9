"""Services of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ecs_tui.aws.api import ecs
from ecs_tui.config.key_text import KeyText
from ecs_tui.model.arn import short_name, target_group_name
from ecs_tui.model.rules.deployment_words import WAITS, waiting_words
from ecs_tui.model.rules.exec_readiness import Readiness, agent_counts, service_readiness
from ecs_tui.model.rules.health import (
    Sign,
    deployment_words,
    service_sign,
    severity,
    shell_sign,
)
from ecs_tui.model.service import Service
from ecs_tui.model.service_deployment import HookRun
from ecs_tui.model.text import age_of, span
from ecs_tui.record import dataclass
from ecs_tui.resources.base import (
    GONE,
    Cell,
    Column,
    Place,
    RawView,
    Resource,
    dimmed,
    plain,
    rank_of,
    signed,
)
from ecs_tui.resources.columns import launch_column, revision_column
from ecs_tui.resources.facts import Fact, tag_facts, when
from ecs_tui.resources.inside import inside_fact, inside_of, with_inside
from ecs_tui.resources.service_columns import (
    SURROUNDING_COLUMNS,
    UNREAD,
    SurroundingAnswers,
    Surroundings,
    surrounding_facts,
)
from ecs_tui.resources.service_listing import SERVICE_LISTING
from ecs_tui.store.capacity import (
    Providers,
    launch_words,
    names_providers,
    provider_words,
    providers_lookup,
)
from ecs_tui.store.inventory import Inventory, Kind, Scope
from ecs_tui.store.lookups import Lookup, LookupResult, Subject, inside_lookup
from ecs_tui.store.service_history import current_deployment, may_wait, waiting_lookups


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service, with the exec readiness of its loaded tasks.

    Attributes:
        readiness: Whether a shell can be opened in one of them, and why not.
        agents: (containers with a running exec agent, containers).
        launch: Its capacity providers or launch type.
        cause: Why its tasks fail, in a few words; "" if they do not, or it is not known.
        pause: The hook at which its deployment waits for a person, or None.
        surroundings: What is known of its targets, alarms, auto scaling, CPU and memory.
        inside: How many sessions are open in its tasks.
    """

    service: Service
    readiness: Readiness
    agents: tuple[int, int]
    launch: str = ""
    cause: str = ""
    pause: HookRun | None = None
    surroundings: Surroundings = UNREAD
    inside: int = 0

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


def service_rows(inventory: Inventory, cluster: str) -> list[ServiceRow]:
    """The rows of the services of a cluster, as far as they are loaded."""
    shared = _Shared(inventory, cluster)
    lookups = inventory.lookups
    basis = (inventory.tasks_version(cluster), lookups.version, lookups.stopped)
    # Until one of these changes, the rows of services that did not change need not be asked for.
    same: dict[str, ServiceRow] = inventory.derived(("rows of services", cluster), basis, dict)
    rows = []
    for service in inventory.services(cluster):
        row = same.get(service.arn)
        if row is None or row.service is not service:
            row = _row(inventory, cluster, service, shared)
            if not may_wait(service):  # else the page's deployments count, too
                same[service.arn] = row
        rows.append(row)
    return rows


def service_row(inventory: Inventory, cluster: str, service: Service) -> ServiceRow:
    """The row of one service of a cluster."""
    return _row(inventory, cluster, service, _Shared(inventory, cluster))


def pause_of(inventory: Inventory, service: Service) -> HookRun | None:
    """The hook at which the service's deployment waits for a person, None if it does not."""
    deployment = current_deployment(inventory, service) if may_wait(service) else None
    return deployment.waiting if deployment is not None else None


class _Shared:
    """The answers that all rows of a cluster are made from."""

    def __init__(self, inventory: Inventory, cluster: str) -> None:
        self.providers = inventory.lookups.answer(providers_lookup(cluster))
        self.surrounding = SurroundingAnswers(inventory, cluster)


def _row(inventory: Inventory, cluster: str, service: Service, shared: _Shared) -> ServiceRow:
    """The row of a service; the same object until the service, its tasks or lookups change."""
    failing = service_sign(service) is Sign.BAD
    answer = inventory.lookups.answer(_cause(cluster, service)) if failing else None
    cause = (answer.value or "") if answer is not None else ""
    pause = pause_of(inventory, service)
    inside = 0
    if (every := inside_of(inventory)).tasks:
        inside = every.in_tasks(task.id for task in inventory.service_tasks(cluster, service.name))

    def make() -> ServiceRow:
        tasks = inventory.service_tasks(cluster, service.name)
        readiness = service_readiness(service, tasks)
        launch = launch_words(service, shared.providers)
        around = shared.surrounding.of(service)
        return ServiceRow(
            service, readiness, agent_counts(tasks), launch, cause, pause, around, inside
        )  # fmt: skip

    version = inventory.tasks_version(cluster, service.name)
    basis = (
        service, version, shared.providers, cause, pause, *shared.surrounding.basis(service), inside,
    )  # fmt: skip
    return inventory.row(Scope(Kind.SERVICE, cluster), service.arn, basis, make)


def _lookups(_: Inventory, place: Place, seen: Sequence[ServiceRow]) -> list[Lookup]:
    """Why visible services fail; whether they wait for a person; the cluster's capacity providers, if
    one's name hides its type."""
    failing = [row.service for row in seen if service_sign(row.service) is Sign.BAD]
    causes = [_cause(place.cluster, service) for service in failing]
    named = any(names_providers(row.service) for row in seen)
    waiting = waiting_lookups([row.service for row in seen])
    inside = [inside_lookup()] if seen else []
    providers = [providers_lookup(place.cluster)] if named else []
    return [*causes, *waiting, *providers, *inside]


def _cause(cluster: str, service: Service) -> Lookup[str]:
    return Lookup(Subject.CAUSE, cluster, service.name)


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


def _deployment(row: ServiceRow, now: datetime) -> Cell:
    """The deployment's state; of a failing service first of all why its tasks fail. One that waits for
    a person says what happens at the end."""
    if row.pause is not None:
        return signed(Sign.WARNING, f"{WAITS}, {waiting_words(row.pause, now)}")
    sign, words = deployment_words(row.service)
    if row.cause:
        state, _colon, count = words.partition(": ")
        words = ", ".join(word for word in (f"{state}: {row.cause}", count) if word)
    return signed(sign, words or "…")


def _worst_first(row: ServiceRow) -> tuple[int, str]:
    sign, words = deployment_words(row.service)
    return severity(sign), words


def _exec(row: ServiceRow, _: datetime) -> Cell:
    running, total = row.agents
    sign = shell_sign(row.readiness, row.agents)
    words = str(row.readiness.verdict)
    if total:
        words += f" {running}/{total}"
    if total and row.readiness.verdict == "ready":
        words += " containers"
    elif row.readiness.reason:
        words += f": {row.readiness.reason}"
    return with_inside(signed(sign, words), row.inside)


def _on(row: ServiceRow, _: datetime) -> Cell:
    if not row.service.described:
        return Cell("·", "off")
    return Cell("on") if row.service.exec_enabled else Cell("off", "off")


def service_rank(row: ServiceRow) -> int:
    """Failing services first, then those below their desired count, then deploying ones."""
    return rank_of(service_sign(row.service))


# -- details


def service_facts(row: ServiceRow, inventory: Inventory, now: datetime) -> list[Fact]:
    """The facts about a service."""
    service, network = row.service, row.service.network
    providers = inventory.lookups.answer(providers_lookup(short_name(service.cluster_arn)))
    sign, words = deployment_words(service)
    facts: list[Fact] = [
        ("tasks fail", row.cause),
        ("shell", row.readiness),
        inside_fact(inventory, row.inside),
        ("arn", service.arn),
        ("status", service.status),
        (
            "tasks",
            f"{service.running} running, {service.pending} pending, {service.desired} desired",
        ),
        ("running lately", _running_lately(service, inventory)),
        *surrounding_facts(service, inventory),
        ("exec enabled", "on" if service.exec_enabled else "off"),
        ("deployment", f"{sign} {words}" if words else ""),
        ("task definition", service.revision),
        *_launch(service, providers),
        ("platform", service.platform_version),
        ("scheduling", service.scheduling),
        ("controller", service.controller),
        ("propagate tags", service.propagate_tags),
        ("created", when(service.created_at, now)),
    ]
    if network:
        facts += [
            ("subnets", " ".join(network.subnets)),
            ("security groups", " ".join(network.security_groups)),
            ("public IP", network.public_ip),
        ]
    groups = [("target group", target_group_name(arn)) for arn in service.every_target_group]
    return [*facts, *_deployments(service), *groups, *tag_facts(service)]


def service_lookups(row: ServiceRow, _: Inventory) -> list[Lookup]:
    """The lookup of its cluster's capacity providers, if it uses any."""
    if not row.service.strategy:
        return []
    return [providers_lookup(short_name(row.service.cluster_arn))]


def _running_lately(service: Service, inventory: Inventory) -> str:
    """The least and the most running tasks since the first refresh; "" while it never changed."""
    scope = Scope(Kind.SERVICE, short_name(service.cluster_arn))
    series = inventory.series(scope, service.arn, "running")
    points = series.points() if series is not None else []
    least = min((value for _, value in points), default=0.0)
    most = max((value for _, value in points), default=0.0)
    if least == most:
        return ""
    seconds = points[-1][0] - points[0][0]
    return f"{least:.0f} to {most:.0f} in the last {span(seconds)}"


def _launch(service: Service, providers: LookupResult[Providers] | None) -> list[Fact]:
    """The launch type, or how tasks are spread over capacity providers."""
    if not service.strategy:
        return [("launch type", service.launch_type)]
    found: list[Fact] = []
    for item in service.strategy:
        words = [f"base {item.base}"] if item.base else []
        words += [f"weight {item.weight}", provider_words(item.provider, providers)]
        found.append(
            (f"capacity provider {item.provider}", ", ".join(word for word in words if word))
        )
    return found


def _deployments(service: Service) -> list[Fact]:
    found: list[Fact] = [
        (
            f"{item.status.lower()} deployment",
            f"{item.rollout_state.lower()} {short_name(item.task_definition)}: "
            f"{item.running}/{item.desired} running, {item.failed} failed"
            + (f". {item.rollout_reason}" if item.rollout_reason else ""),
        )
        for item in service.deployments
    ]
    found += [
        (
            f"{item.status.lower()} task set",
            f"{item.stability.lower()} {short_name(item.task_definition)}: "
            f"{item.running}/{item.desired} running, {item.scale:g}%",
        )
        for item in service.task_sets
    ]
    return found


SERVICES: Resource[ServiceRow] = Resource(
    name="services",
    kind="service",
    row=ServiceRow,
    about="List this cluster's services.",
    source=Kind.SERVICE,
    columns=dimmed(
        Column("name", "  SERVICE", _name, lambda row: row.name, priority=0, middle=True),
        Column(
            "status",
            "STATUS",
            lambda row, _: plain(GONE if row.gone else row.service.status.lower() or "…"),
            lambda row: row.service.status,
            priority=4,
            normal=("active",),
        ),
        Column(
            "tasks",
            "TASKS",
            _tasks,
            lambda row: (row.service.running - row.service.desired, row.service.running),
            right=True,
            priority=0,
        ),
        Column(
            "deployment",
            "DEPLOYMENT",
            _deployment,
            _worst_first,
            priority=0,
            widest=52,
            live=True,
            searched=True,
        ),
        *SURROUNDING_COLUMNS,
        Column(
            "exec_on",
            "EXEC",
            _on,
            lambda row: row.service.exec_enabled,
            priority=2,
            normal=("on",),
        ),
        Column("exec", "SHELL", _exec, lambda row: str(row.readiness), priority=0, widest=36),
        revision_column(lambda row: row.service.revision),
        launch_column(lambda row: row.launch, priority=4),
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
    rows=lambda inventory, place: service_rows(inventory, place.cluster),
    key=lambda row: row.arn,
    name_of=lambda row: row.name,
    enter=lambda place, row: Place("tasks", cluster=place.cluster, service=row.name),
    facts=service_facts,
    fact_lookups=service_lookups,
    raw=RawView(
        lambda row: f"service {row.name}",
        lambda account, cluster, row: ecs.raw_description(account, "service", cluster, row.arn),
    ),
    listing=SERVICE_LISTING,
    rank=service_rank,
    service_of=lambda row: row.service,
    definition_of=lambda row: row.service.task_definition,
    lookups=_lookups,
    empty=KeyText("No services. Press {tasks} to see standalone tasks."),
)
