"""The tasks of a service on its page: running and recently stopped together, each with its version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, fields, replace
from datetime import UTC, datetime

from ecs_tui.config.key_text import KeyText
from ecs_tui.model.rules.ends import end_words
from ecs_tui.model.rules.health import task_sign
from ecs_tui.model.rules.versions import TaskVersion, task_version, usual_versions
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, clean
from ecs_tui.record import dataclass
from ecs_tui.resources.base import Cell, Column, Place, dimmed, plain, rank_of, signed
from ecs_tui.resources.service_page import shown_service
from ecs_tui.resources.stopped_tasks import STOPPED_TASKS
from ecs_tui.resources.tasks import TASKS, DrainingTask, are_none
from ecs_tui.store.inventory import Inventory, Kind, Scope, calls
from ecs_tui.store.lookups import Lookup

MAX_STOPPED = 20
"""Stopped tasks that are shown with the running ones, the newest; the list of stopped tasks has all."""
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class ServiceTask(DrainingTask):
    """A task of a service, with what it runs."""

    version: TaskVersion = field(default_factory=TaskVersion)


def _stopped(inventory: Inventory, place: Place) -> list[Task]:
    """The tasks that stopped last, the newest first."""
    found = STOPPED_TASKS.rows(inventory, place.with_stopped(True))
    ended = [task for task in found if task.last_status == "STOPPED"]
    ended.sort(key=lambda task: task.stopped_at or _EPOCH, reverse=True)
    return ended[:MAX_STOPPED]


def _rows(inventory: Inventory, place: Place) -> list[Task]:
    """The running ones, then the stopped ones; each the same object until it changes."""
    running = TASKS.rows(inventory, place)
    arns = {task.arn for task in running}
    service = shown_service(inventory, place)
    usual = usual_versions(running, service.task_definition if service is not None else "")
    stopped = [task for task in _stopped(inventory, place) if task.arn not in arns]
    return [
        _row(inventory, place, task, task_version(task, usual)) for task in (*running, *stopped)
    ]


def _row(inventory: Inventory, place: Place, task: Task, version: TaskVersion) -> Task:
    def make() -> ServiceTask:
        values = {item.name: getattr(task, item.name) for item in fields(task)}
        return ServiceTask(**values, version=version)

    name = ("task of service", place.cluster, place.service, task.arn)
    return inventory.derived(name, (task, version), make)


def _version(task: Task, _: datetime) -> Cell:
    """Image and digest; those that differ from the other tasks' stand out."""
    if not task.described:
        return Cell("·", "off")
    version = task.version if isinstance(task, ServiceTask) else TaskVersion()
    off = task.last_status == "STOPPED"
    return Cell(clean(version.words), "warning" if version.differs else "off" if off else "")


def _version_order(task: Task) -> str:
    return task.version.words if isinstance(task, ServiceTask) else ""


def _shell(task: Task, now: datetime) -> Cell:
    """Whether a shell can be opened; of a stopped task why it stopped."""
    if task.last_status != "STOPPED":
        return _COLUMNS["exec"].cell(task, now)
    return replace(signed(task_sign(task), end_words(task) or task.stopped_reason), sentence=True)


def _started(task: Task, now: datetime) -> Cell:
    if task.last_status != "STOPPED":
        return _COLUMNS["started"].cell(task, now)
    age = age_of(task.stopped_at, now)
    return Cell(f"ended {age}" if age else "", "off")


def _when(task: Task) -> float:
    return -(task.stopped_at or task.started_at or task.created_at or _EPOCH).timestamp()


def _status(task: Task, now: datetime) -> Cell:
    return plain("stopped") if task.last_status == "STOPPED" else _COLUMNS["status"].cell(task, now)


def _scopes(place: Place) -> tuple[Scope, ...]:
    own = calls(Scope(Kind.TASK, place.cluster, place.service))
    return tuple(
        dict.fromkeys((*own, *calls(Scope(Kind.TASK, place.cluster, place.service, stopped=True))))
    )


def _rank(task: Task) -> tuple[bool, int, float]:
    """The running ones first, of them the worst; then the one that stopped last."""
    ended = task.last_status == "STOPPED"
    return ended, 0 if ended else rank_of(task_sign(task)), _when(task) if ended else 0.0


def _lookups(inventory: Inventory, place: Place, seen: Sequence[Task]) -> list[Lookup]:
    return TASKS.lookups(inventory, place, [task for task in seen if task.last_status != "STOPPED"])


_COLUMNS = {column.key: column for column in TASKS.columns}
_VERSION: Column[Task] = Column(
    "version", "VERSION", _version, _version_order, priority=1, widest=44, middle=True
)


def _columns() -> tuple[Column[Task], ...]:
    """Those of tasks; the service is the page's, so its place is taken by the version."""
    own = {
        "exec": replace(_COLUMNS["exec"], cell=_shell),
        "started": replace(_COLUMNS["started"], cell=_started, sort=_when),
        "status": replace(_COLUMNS["status"], cell=_status),
        "service": dimmed(_VERSION)[0],
    }
    return tuple(own.get(column.key, column) for column in TASKS.columns)


SERVICE_TASKS = replace(
    TASKS,
    about="",
    row=ServiceTask,
    columns=_columns(),
    scopes=_scopes,
    rows=_rows,
    rank=_rank,
    listing=None,
    lookups=_lookups,
    is_empty=lambda inventory, place: all(
        are_none(inventory, place.with_stopped(stopped)) for stopped in (False, True)
    ),
    empty=KeyText("No running tasks, and none that stopped lately. {events} shows service events."),
)
"""For places with the running tasks of a service; those with `stopped` have only stopped ones."""
