"""The list of tasks of a service or a cluster."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.inventory.inventory import Inventory, Kind, Scope, calls
from ecs_tui.model.exec_status import agent_counts, task_readiness
from ecs_tui.model.health import readiness_sign, share_sign, task_sign
from ecs_tui.model.task import Task
from ecs_tui.model.words import age_of
from ecs_tui.ui.views.base import GONE, TONES, Cell, Column, Place, View, dimmed, plain, signed


def _rows(inventory: Inventory, place: Place) -> list[Task]:
    return inventory.tasks(place.cluster, place.service, stopped=place.stopped)


def _id(task: Task, _: datetime) -> Cell:
    return signed(task_sign(task), task.id[:12])


def _status(task: Task, _: datetime) -> Cell:
    if task.gone:
        return Cell(GONE, "off")
    words = task.last_status.lower() or "…"
    if not task.draining:
        return plain(words)
    return Cell("draining" if task.last_status == "RUNNING" else f"draining, {words}", "moving")


def _health(task: Task, _: datetime) -> Cell:
    tone = {"HEALTHY": "fine", "UNHEALTHY": "bad"}.get(task.health, "off")
    return Cell(task.health.lower() if task.described else "·", tone)


def _agents(task: Task, _: datetime) -> Cell:
    if not task.described:
        return Cell("·", "off")
    running, total = agent_counts([task])
    if not total:
        return Cell("-", "off")
    return Cell(f"{running}/{total} running", TONES[share_sign(running, total)])


def _shell(task: Task, _: datetime) -> Cell:
    if task.gone:
        return Cell("DescribeTasks does not know it", "off")
    if task.stopping and task.stopped_reason:
        return signed(task_sign(task), task.stopped_reason)
    readiness = task_readiness(task)
    return signed(readiness_sign(readiness), str(readiness))


def _scopes(place: Place) -> tuple[Scope, ...]:
    return calls(Scope(Kind.TASK, place.cluster, place.service, place.stopped))


TASKS = View(
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
        ),
        Column(
            "revision",
            "REVISION",
            lambda row, _: plain(row.revision),
            lambda row: row.revision,
            priority=3,
        ),
        Column(
            "launch",
            "LAUNCH",
            lambda row, _: plain(row.launch_type.lower()),
            lambda row: row.launch_type,
            priority=5,
        ),
        Column("zone", "ZONE", lambda row, _: plain(row.zone), lambda row: row.zone, priority=4),
        Column(
            "ip",
            "PRIVATE IP",
            lambda row, _: plain(row.private_ip),
            lambda row: row.private_ip,
            priority=4,
            right=True,
        ),
        Column(
            "started",
            "STARTED",
            lambda row, now: plain(age_of(row.started_at, now)),
            lambda row: -(row.started_at.timestamp() if row.started_at else 0),
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
    empty="No tasks here. x shows the stopped ones, w the service's events.",
    empty_stopped="No stopped tasks, as far as ECS still remembers (about an hour).",
)
