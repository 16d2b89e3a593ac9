"""Stopped tasks of a service or a cluster: when they stopped, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from ecs_tui.aws.account import Account
from ecs_tui.model.arn import with_target_group_names
from ecs_tui.model.rules.ends import culprit
from ecs_tui.model.rules.health import Sign, task_sign
from ecs_tui.model.task import Task
from ecs_tui.model.text import age_of, iso, span
from ecs_tui.resources.base import Cell, Column, Place, Resource, dimmed, plain, signed
from ecs_tui.resources.flat import (
    CLUSTER_COLUMN,
    Listing,
    Row,
    TableColumn,
    value_of,
    with_nulls,
)
from ecs_tui.resources.task_facts import task_facts
from ecs_tui.resources.tasks import TASK_KEYS, TASK_RAW, are_none, task_flat, tasks_at
from ecs_tui.store.inventory import Kind, Scope, calls
from ecs_tui.store.reading import read


def _container(task: Task, _: datetime) -> Cell:
    found = culprit(task)
    return plain(found.name) if found is not None else Cell("")


def _exit_code(task: Task) -> int | None:
    found = culprit(task)
    if found is not None:
        return found.exit_code
    codes = [item.exit_code for item in task.containers if item.exit_code is not None]
    return max(codes, default=None)


def _exit(task: Task, _: datetime) -> Cell:
    code = _exit_code(task)
    return Cell("" if code is None else str(code), "bad" if code else "")


def _reason(task: Task, _: datetime) -> Cell:
    """The container's own reason, which says more than that an essential container exited."""
    found = culprit(task)
    words = (found.reason if found is not None else "") or task.stopped_reason
    bad = task_sign(task) is Sign.BAD
    return Cell(plain(with_target_group_names(words)).text, "bad" if bad else "", sentence=True)


def _seconds_run(task: Task) -> float | None:
    """Seconds from its start to the end of its containers; None if it never started."""
    end = task.execution_stopped_at or task.stopped_at
    if task.started_at is None or end is None:
        return None
    return (end - task.started_at).total_seconds()


def _ran(task: Task, _: datetime) -> Cell:
    seconds = _seconds_run(task)
    if not task.described:
        return Cell("·", "off")
    return Cell("never started", "off") if seconds is None else Cell(span(seconds))


def _when_stopped(task: Task) -> float:
    """The newest first; those that are not described yet are last."""
    return -task.stopped_at.timestamp() if task.stopped_at is not None else 0.0


async def _pages(account: Account, cluster: str, service: str) -> AsyncIterator[list[Task]]:
    # Of the whole cluster: ECS may ignore the service's name together with STOPPED (`store/scope.py`).
    async for page in read(account, Scope(Kind.TASK, cluster, stopped=True)):
        # A task that is still stopping is listed too.
        ended = [task for task in page if task.last_status == "STOPPED"]
        yield [task for task in ended if service in ("", task.service)]


def _flat(task: Task) -> Row:
    ended = [
        {"name": item.name, "exitCode": item.exit_code, "reason": item.reason}
        for item in task.containers
    ]
    times = {
        "stoppingAt": iso(task.stopping_at),
        "stoppedAt": iso(task.stopped_at),
        "executionStoppedAt": iso(task.execution_stopped_at),
    }
    return with_nulls({**task_flat(task), **times, "containers": ended})


def _exits(row: Row) -> object:
    codes = [str(item["exitCode"]) for item in row["containers"] if item["exitCode"] is not None]
    return ",".join(codes)


_LISTING: Listing[Task] = Listing(
    _pages,
    _flat,
    (
        CLUSTER_COLUMN,
        TableColumn("SERVICE", lambda row: row["serviceName"] or row["group"], shrinks=True),
        TableColumn("TASK", value_of("taskId"), shrinks=True),
        TableColumn("STOPPED", value_of("stoppedAt"), priority=1),
        TableColumn("CODE", value_of("stopCode"), priority=2),
        TableColumn("EXIT", _exits),
        TableColumn("REASON", value_of("stoppedReason"), shrinks=True),
    ),
    blank=Task("", "", ""),
    ours=TASK_KEYS,
    by="service",
)

STOPPED_TASKS: Resource[Task] = Resource(
    name="stopped-tasks",
    kind="task",
    row=Task,
    source=Kind.TASK,
    columns=dimmed(
        Column(
            "id",
            "  TASK",
            lambda row, _: signed(task_sign(row), row.id[:12]),
            lambda row: row.id,
            priority=0,
        ),
        Column(
            "service",
            "SERVICE",
            lambda row, _: plain(row.service or row.group),
            lambda row: row.service,
            middle=True,
        ),
        Column(
            "stopped",
            "STOPPED",
            lambda row, now: plain(age_of(row.stopped_at, now)),
            _when_stopped,
            right=True,
            live=True,
            priority=0,
        ),
        Column("ran", "RAN", _ran, lambda row: _seconds_run(row) or 0.0, right=True, priority=2),
        Column(
            "code",
            "CODE",
            lambda row, _: plain(row.stop_code),
            lambda row: row.stop_code,
            priority=3,
            widest=26,
        ),
        Column(
            "container",
            "CONTAINER",
            _container,
            lambda row: _container(row, datetime.min).text,
            priority=2,
            middle=True,
            normal=("",),
        ),
        Column(
            "exit",
            "EXIT",
            _exit,
            lambda row: -1 if (code := _exit_code(row)) is None else code,
            right=True,
            priority=0,
        ),
        Column(
            "reason",
            "REASON",
            _reason,
            lambda row: _reason(row, datetime.min).text,
            priority=0,
            widest=60,
        ),
        Column(
            "revision",
            "REVISION",
            lambda row, _: plain(row.revision),
            lambda row: row.revision,
            priority=4,
            widest=24,
            middle=True,
        ),
        Column(
            "source",
            "KNOWN FROM",
            lambda row, _: plain(row.known_from or "ECS"),
            lambda row: row.known_from,
            priority=5,
            normal=("ECS",),
        ),
    ),
    scopes=lambda place: calls(Scope(Kind.TASK, place.cluster, place.service, stopped=True)),
    rows=tasks_at,
    key=lambda row: row.arn,
    name_of=lambda row: row.id,
    enter=lambda place, row: Place(
        "containers", cluster=place.cluster, service=place.service, task_arn=row.arn
    ),
    facts=lambda row, inventory, now: [
        ("known from", row.known_from),
        *task_facts(row, None, inventory, now),
    ],
    raw=TASK_RAW,
    listing=_LISTING,
    rank=_when_stopped,
    definition_of=lambda row: row.task_definition,
    is_empty=are_none,
    empty="No stopped tasks (ECS keeps them for about an hour, and none is remembered).",
)
