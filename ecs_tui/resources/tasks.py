"""The list of tasks of a service or a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from ecs_tui.model.rules.exec_readiness import agent_counts, task_readiness
from ecs_tui.model.rules.health import readiness_sign, share_sign, task_sign
from ecs_tui.model.rules.stopping import StopTimes, draining_words
from ecs_tui.model.rules.waiting import started_words
from ecs_tui.model.task import Task
from ecs_tui.model.text import clean
from ecs_tui.resources.base import GONE, TONES, Cell, Column, Place, Resource, dimmed, plain, signed
from ecs_tui.store.draining import stop_lookups, stop_times
from ecs_tui.store.inventory import Inventory, Kind, Scope, calls
from ecs_tui.store.lookups import Lookup

_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class DrainingTask(Task):
    """A draining task, with what is known about its remaining time."""

    times: StopTimes = field(default_factory=StopTimes)


def _rows(inventory: Inventory, place: Place) -> list[Task]:
    tasks = inventory.tasks(place.cluster, place.service, stopped=place.stopped)
    return [_draining(inventory, task) if task.draining else task for task in tasks]


def _draining(inventory: Inventory, task: Task) -> Task:
    """The row of a draining task; the same object until the task or its times change."""
    times = stop_times(inventory, task)

    def make() -> DrainingTask:
        return DrainingTask(
            **{item.name: getattr(task, item.name) for item in _FIELDS}, times=times
        )

    return inventory.derived(task.arn, (task, times), make)


_FIELDS = fields(Task)


def _lookups(inventory: Inventory, _: Place, seen: Sequence[Task]) -> list[Lookup]:
    """The lookups for the remaining time of the visible draining tasks."""
    return [each for task in seen if task.draining for each in stop_lookups(inventory, task)]


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
    tone = {"HEALTHY": "fine", "UNHEALTHY": "bad"}.get(task.health, "off")
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
        return signed(task_sign(task), task.stopped_reason)
    readiness = task_readiness(task)
    return signed(readiness_sign(readiness), str(readiness))


def _started(task: Task, now: datetime) -> Cell:
    words = started_words(task, now)
    return Cell(words, "moving" if words and task.started_at is None else "")


def _scopes(place: Place) -> tuple[Scope, ...]:
    return calls(Scope(Kind.TASK, place.cluster, place.service, place.stopped))


TASKS = Resource(
    name="tasks",
    kind="task",
    columns=dimmed(
        Column("id", "  TASK", _id, lambda row: row.id, priority=0),
        Column(
            "status",
            "STATUS",
            _status,
            lambda row: row.last_status,
            priority=0,
        ),
        Column("health", "HEALTH", _health, lambda row: row.health, priority=2),
        Column(
            "exec_on",
            "EXEC",
            lambda row, _: Cell("on", "fine") if row.exec_enabled else Cell("off", "off"),
            lambda row: row.exec_enabled,
            priority=1,
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
        Column(
            "revision",
            "REVISION",
            lambda row, _: plain(row.revision),
            lambda row: row.revision,
            priority=3,
            widest=24,
            middle=True,
        ),
        Column(
            "launch",
            "LAUNCH",
            lambda row, _: plain(row.launch),
            lambda row: row.launch,
            priority=5,
            middle=True,
        ),
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
    lookups=_lookups,
    empty="No running tasks. Press x for stopped tasks, w for service events.",
    empty_stopped="No stopped tasks (ECS keeps them for about an hour).",
)
