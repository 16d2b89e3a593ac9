"""Tasks of a service or a cluster that run, start or stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, fields
from datetime import UTC, datetime

from ecs_tui.aws.api import ecs
from ecs_tui.config.key_text import KeyText
from ecs_tui.model.arn import short_name, with_target_group_names
from ecs_tui.model.rules.exec_readiness import agent_counts, task_readiness
from ecs_tui.model.rules.health import readiness_sign, share_sign, task_sign
from ecs_tui.model.rules.stopping import StopTimes, draining_words
from ecs_tui.model.rules.waiting import started_words
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean, iso
from ecs_tui.record import dataclass
from ecs_tui.resources.base import (
    GONE,
    TONES,
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
from ecs_tui.resources.facts import Fact
from ecs_tui.resources.flat import (
    CLUSTER_COLUMN,
    LAUNCH_TYPES,
    Listing,
    Row,
    TableColumn,
    itself,
    launch_value,
    name_in,
    pages_of,
    value_of,
    with_nulls,
)
from ecs_tui.resources.inside import inside_fact, inside_of, with_inside
from ecs_tui.resources.own_targets import own_target_lookups
from ecs_tui.resources.task_facts import task_facts
from ecs_tui.store.draining import stop_lookups, stop_times
from ecs_tui.store.inventory import Inventory, Kind, Scope, calls
from ecs_tui.store.lookups import Lookup, inside_lookup

TASK_KEYS = frozenset({"taskId", "execReadiness", "execReadinessReason"})
"""The keys of a task's flat row that the API does not have."""
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class DrainingTask(Task):
    """A draining task, with what is known about its remaining time."""

    times: StopTimes = field(default_factory=StopTimes)
    inside: int = 0


@dataclass(frozen=True, slots=True)
class OccupiedTask(Task):
    """A task in whose containers sessions are open, and how many."""

    inside: int = 0


def tasks_at(inventory: Inventory, place: Place) -> list[Task]:
    """The tasks of a cluster, of a service, or on a container instance, as far as they are loaded."""
    if place.stopped:
        tasks = inventory.stopped_tasks(place.cluster, place.service)
    else:
        tasks = inventory.tasks(place.cluster, place.service)
    if not place.instance:
        return tasks
    return [task for task in tasks if task.container_instance_arn == place.instance]


def are_none(inventory: Inventory, place: Place) -> bool:
    """Whether there are no such tasks; of a task that is not described yet it is not known."""
    scope, *others = _scopes(place)
    if not place.instance:
        return inventory.is_empty(scope)
    answered = all(inventory.freshness(each).answered for each in (scope, *others))
    return answered and all(task.described or task.gone for task in inventory.of(scope))


def _rows(inventory: Inventory, place: Place) -> list[Task]:
    tasks = tasks_at(inventory, place)
    inside = inside_of(inventory).tasks
    return [
        _with_more(inventory, task, inside.get(task.id, 0))
        if task.draining or task.id in inside
        else task
        for task in tasks
    ]


def _with_more(inventory: Inventory, task: Task, inside: int) -> Task:
    """The row of a draining or occupied task; the same object until what it shows changes."""
    times = stop_times(inventory, task) if task.draining else None

    def make() -> Task:
        known = {item.name: getattr(task, item.name) for item in _FIELDS}
        if times is None:
            return OccupiedTask(**known, inside=inside)
        return DrainingTask(**known, times=times, inside=inside)

    scope = Scope(Kind.TASK, short_name(task.cluster_arn))
    return inventory.row(scope, task.arn, (task, times, inside), make)


def _inside(task: Task) -> int:
    return task.inside if isinstance(task, DrainingTask | OccupiedTask) else 0


_FIELDS = fields(Task)


def _lookups(inventory: Inventory, _: Place, seen: Sequence[Task]) -> list[Lookup]:
    """The lookups for the remaining time of the visible draining tasks, and the open sessions."""
    stops = [each for task in seen if task.draining for each in stop_lookups(inventory, task)]
    return [*stops, *([inside_lookup()] if seen else [])]


def _id(task: Task, _: datetime) -> Cell:
    return signed(task_sign(task), task.id[:12])


def _status(task: Task, now: datetime) -> Cell:
    if task.gone:
        return Cell(GONE, "off")
    if not task.draining:
        return plain(task.last_status.lower() or "…")
    times = task.times if isinstance(task, DrainingTask) else StopTimes()
    return Cell(clean(draining_words(task, times, now)), "moving")


def _health(task: Task, _: datetime) -> Cell:
    tone = {"HEALTHY": "", "UNHEALTHY": "bad"}.get(task.health, "off")
    return Cell(task.health.lower() if task.described else "·", tone)


def _agents(task: Task, _: datetime) -> Cell:
    if not task.described:
        return Cell("·", "off")
    running, total = agent_counts([task])
    if not total:
        return Cell("-", "off")
    return Cell(f"{running}/{total}", TONES[share_sign(running, total)])


def _shell(task: Task, _: datetime) -> Cell:
    if task.gone:
        return Cell("no longer known to ECS", "off")
    if task.stopping and task.stopped_reason:
        return signed(task_sign(task), with_target_group_names(task.stopped_reason))
    readiness = task_readiness(task)
    return with_inside(signed(readiness_sign(readiness), str(readiness)), _inside(task))


def _started(task: Task, now: datetime) -> Cell:
    words = started_words(task, now)
    return Cell(words, "moving" if words and task.started_at is None else "")


def _scopes(place: Place) -> tuple[Scope, ...]:
    return calls(Scope(Kind.TASK, place.cluster, place.service, place.stopped))


# -- details and the command line


def task_lookups(task: Task, inventory: Inventory) -> list[Lookup]:
    """The lookups for its targets, and for the remaining time of a draining task."""
    stops = stop_lookups(inventory, task) if task.draining else []
    return [*own_target_lookups(task, inventory), *stops]


def _facts(task: Task, inventory: Inventory, now: datetime) -> list[Fact]:
    times = task.times if isinstance(task, DrainingTask) and task.draining else None
    inside = inside_fact(inventory, _inside(task))
    return [*task_facts(task, times, inventory, now), inside]


def task_flat(task: Task) -> Row:
    """The flat row of a task."""
    readiness = task_readiness(task)
    return with_nulls(
        {
            "clusterName": short_name(task.cluster_arn),
            "clusterArn": task.cluster_arn,
            "group": task.group,
            "serviceName": task.service,
            "taskId": task.id,
            "taskArn": task.arn,
            "lastStatus": task.last_status,
            "desiredStatus": task.desired_status,
            "healthStatus": task.health,
            "enableExecuteCommand": task.exec_enabled,
            "execReadiness": str(readiness.verdict),
            "execReadinessReason": readiness.reason,
            "taskDefinitionArn": task.task_definition,
            # If AWS returns no launch type, the model has the capacity provider's name there.
            "launchType": task.launch_type if task.launch_type in LAUNCH_TYPES else "",
            "capacityProviderName": task.capacity_provider,
            "containerInstanceArn": task.container_instance_arn,
            "platformVersion": task.platform_version,
            "platformFamily": task.platform_family,
            "availabilityZone": task.zone,
            "privateIpv4Address": task.private_ip,
            "ipv6Address": task.ipv6,
            "createdAt": iso(task.created_at),
            "startedAt": iso(task.started_at),
            "startedBy": task.started_by,
            "stopCode": task.stop_code,
            "stoppedReason": task.stopped_reason,
        }
    )


TASK_RAW = RawView(
    lambda row: f"task {row.id}",
    lambda account, cluster, row: ecs.raw_description(account, "task", cluster, row.arn),
)

_LISTING: Listing[Task] = Listing(
    pages_of(Kind.TASK),
    task_flat,
    (
        CLUSTER_COLUMN,
        TableColumn("SERVICE", lambda row: row["serviceName"] or row["group"], shrinks=True),
        TableColumn("TASK", value_of("taskId"), shrinks=True),
        TableColumn("STATUS", value_of("lastStatus")),
        TableColumn("HEALTH", value_of("healthStatus"), priority=2),
        TableColumn("EXEC", value_of("enableExecuteCommand"), priority=3),
        TableColumn("SHELL", value_of("execReadiness"), priority=1),
        TableColumn("TASK_DEFINITION", name_in("taskDefinitionArn"), shrinks=True, priority=4),
        TableColumn("LAUNCH", launch_value, shrinks=True, priority=5),
        TableColumn("ZONE", value_of("availabilityZone"), priority=6),
        TableColumn("PRIVATE_IP", value_of("privateIpv4Address"), priority=7),
    ),
    blank=Task("", "", ""),
    ours=TASK_KEYS,
    by="service",
    tagged=itself,
)

TASKS: Resource[Task] = Resource(
    name="tasks",
    kind="task",
    row=Task,
    about="List all tasks in the cluster, including standalone tasks.",
    source=Kind.TASK,
    columns=dimmed(
        Column("id", "  TASK", _id, lambda row: row.id, priority=0),
        Column(
            "status",
            "STATUS",
            _status,
            lambda row: row.last_status,
            priority=0,
            normal=("running",),
        ),
        Column(
            "health",
            "HEALTH",
            _health,
            lambda row: row.health,
            priority=2,
            normal=("healthy", "unknown"),
        ),
        Column(
            "exec_on",
            "EXEC",
            lambda row, _: Cell("on") if row.exec_enabled else Cell("off", "off"),
            lambda row: row.exec_enabled,
            priority=2,
            normal=("on",),
        ),
        Column("agents", "AGENTS", _agents, lambda row: agent_counts([row]), priority=1),
        Column(
            "exec", "SHELL", _shell, lambda row: str(task_readiness(row)), priority=0, widest=44
        ),
        Column(
            "service",
            "SERVICE",
            lambda row, _: plain(row.service or row.group),
            lambda row: row.service,
            priority=3,
            middle=True,
        ),
        revision_column(lambda row: row.revision),
        launch_column(lambda row: row.launch, priority=5),
        Column("zone", "ZONE", lambda row, _: plain(row.zone), lambda row: row.zone, priority=4),
        Column(
            "ip",
            "PRIVATE IP",
            lambda row, _: plain(row.address),
            lambda row: row.address,
            priority=4,
            right=True,
        ),
        Column(
            "started",
            "STARTED",
            _started,
            lambda row: -((row.started_at or row.created_at or _EPOCH).timestamp()),
            right=True,
            live=True,
            priority=2,
        ),
    ),
    scopes=_scopes,
    rows=_rows,
    key=lambda row: row.arn,
    name_of=lambda row: row.id,
    enter=lambda place, row: Place(
        "containers", cluster=place.cluster, service=place.service, task_arn=row.arn
    ),
    facts=_facts,
    fact_lookups=task_lookups,
    raw=TASK_RAW,
    listing=_LISTING,
    rank=lambda row: rank_of(task_sign(row)),
    definition_of=lambda row: row.task_definition,
    lookups=_lookups,
    is_empty=are_none,
    empty=KeyText(
        "No running tasks. Press {stopped} for stopped tasks, {events} for service events."
    ),
)
