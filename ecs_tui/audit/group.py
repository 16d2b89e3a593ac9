"""Groups the rows of the timeline: by person, task, day or command."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, get_args

from ecs_tui.resources.audit import AuditRow

GroupBy = Literal["", "person", "task", "day", "command"]
"""What rows are grouped by; "" for no groups."""
GROUPS: tuple[GroupBy, ...] = get_args(GroupBy)


def _person(row: AuditRow) -> str:
    return row.who


def _task(row: AuditRow) -> str:
    target = row.event.target
    where = row.service or target.service
    task = target.task[:12]
    return f"{where}/{task}" if where and task else task or where or "-"


def _day(row: AuditRow) -> str:
    """The local day."""
    return f"{row.event.at.astimezone():%Y-%m-%d}" if row.event.at is not None else "unknown"


def _command(row: AuditRow) -> str:
    return row.what or "-"


_OF: dict[GroupBy, Callable[[AuditRow], str]] = {
    "": lambda row: "", "person": _person, "task": _task, "day": _day, "command": _command,
}  # fmt: skip


def group_of(by: GroupBy) -> Callable[[AuditRow], str]:
    """What returns the name of a row's group."""
    return _OF[by]


def grouped(rows: Iterable[AuditRow], by: GroupBy) -> list[AuditRow]:
    """The rows, those of a group together; the group with the newest row first.

    Args:
        rows: The rows, the newest first; within a group they stay in this order.
        by: What they are grouped by.
    """
    of, groups = _OF[by], dict[str, list[AuditRow]]()
    for row in rows:
        groups.setdefault(of(row), []).append(row)
    return [row for group in groups.values() for row in group]
