"""Stopped tasks beyond ECS's hour: those that were seen, kept over restarts, each with its source.

The file is a snapshot (`store/snapshot.py`): mode 0600, bounded, removed by `ecs-tui cache clear`, off
with the setting `cache`. Tasks as the store keeps them have no environment values and no tokens.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from ecs_tui.model.arn import short_name
from ecs_tui.model.nothing import NOTHING
from ecs_tui.model.task import StoppedSource, Task
from ecs_tui.store.kinds import Kind
from ecs_tui.store.snapshot import DamagedSnapshot, SavedObjects, SnapshotCache, portions

log = logging.getLogger("ecs_tui.stopped_memory")
NAME = "*stopped"
"""In place of a cluster in the snapshot's head and file name; no cluster's name may contain `*`."""
MAX_TASKS = 5_000
"""Tasks that are remembered of one connection, the newest."""
ECS_HOUR = timedelta(hours=1)
"""For how long ECS returns a stopped task, about."""


def ended_at(task: Task) -> datetime | None:
    """When a task stopped, as far as AWS says."""
    return task.stopped_at or task.execution_stopped_at or task.stopping_at


class StoppedMemory:
    """The stopped tasks of one connection that have been seen.

    Args:
        cache: Where they are kept; None to forget them at the end.
        days: For how many days; 0 to remember none.

    Attributes:
        version: A number that changes with every change.
    """

    def __init__(self, cache: SnapshotCache | None = None, days: int = 7) -> None:
        self._cache, self._days = cache, days
        self._tasks: dict[str, Task] = {}
        self._by_service: dict[tuple[str, str], dict[str, Task]] = {}
        self.version = self._saved = 0

    def __len__(self) -> int:
        return len(self._tasks)

    def take(self, tasks: Iterable[Task], source: StoppedSource = "remembered") -> bool:
        """Remember the tasks that have stopped; returns whether one is new.

        Args:
            tasks: Tasks; those that have not stopped, or are not described, are left out.
            source: Where they were read: "remembered" for what ECS returned, which replaces the
                others and is never replaced: a stopped task does not change.
        """
        new = False
        for task in tasks:
            if task.last_status != "STOPPED" or not task.described or task.gone or not self._days:
                continue
            known = self._tasks.get(task.arn)
            if known is not None and (known.known_from == "remembered" or source != "remembered"):
                continue
            kept = replace(task, tags=NOTHING, not_read=NOTHING, known_from=source)
            self._tasks[task.arn] = kept
            self._by_service.setdefault(_service(task), {})[task.arn] = kept
            new = True
        if new:
            self.version += 1
        return new

    def of(self, cluster: str, service: str = "") -> list[Task]:
        """The remembered tasks of a service, of a whole cluster without one; the newest first."""
        if service:
            found = list(self._by_service.get((cluster, service), {}).values())
        else:
            found = [
                task
                for (name, _), tasks in self._by_service.items()
                if name == cluster
                for task in tasks.values()
            ]
        return sorted(found, key=_seconds, reverse=True)

    def get(self, arn: str) -> Task | None:
        """A remembered task, or None."""
        return self._tasks.get(arn)

    def joined(self, listed: Iterable[Task], cluster: str, service: str = "") -> list[Task]:
        """The tasks that ECS lists, and after them those that it has forgotten."""
        found = {task.arn: task for task in listed}
        older = (task for task in self.of(cluster, service) if task.arn not in found)
        return [*found.values(), *older]

    def keep_account(self, account: str, region: str) -> None:
        """Drop tasks of another account: the snapshot may be that of other credentials."""
        for arn in [a for a in self._tasks if a.split(":")[3:5] != [region, account]]:
            self._drop(arn)

    def forget(self, now: datetime) -> None:
        """Drop what is too old, and the oldest of too many."""
        oldest = now - timedelta(days=self._days)
        ordered = sorted(self._tasks.values(), key=_seconds, reverse=True)
        for number, task in enumerate(ordered):
            at = ended_at(task)
            if number >= MAX_TASKS or at is None or at < oldest:
                self._drop(task.arn)

    def _drop(self, arn: str) -> None:
        task = self._tasks.pop(arn)
        self._by_service[_service(task)].pop(arn, None)
        self.version += 1

    async def load(self) -> str:
        """Read what earlier runs have seen; returns what is wrong with the file, or ""."""
        if self._cache is None or not self._days:
            return ""
        try:
            read = self._cache.read(NAME)
            for part in await portions(read[1]) if read is not None else ():
                for task in part.items if part.kind is Kind.TASK else ():
                    self.take([task], task.known_from or "remembered")
        except DamagedSnapshot as error:
            return str(error)
        self._saved = self.version
        return ""

    async def save(self, now: datetime) -> None:
        """Write it in a thread, if anything has changed."""
        if self._cache is None or not self._days or self.version == self._saved:
            return
        self.forget(now)
        self._saved = self.version
        tasks = sorted(self._tasks.values(), key=_seconds, reverse=True)
        try:
            await asyncio.to_thread(self._cache.write, NAME, [SavedObjects(Kind.TASK, tasks)])
        except OSError as error:
            # What ECS still returns is shown anyway; not worth a message on the screen.
            log.warning("stopped tasks not saved: %s", error)


def _service(task: Task) -> tuple[str, str]:
    return short_name(task.cluster_arn), task.service


def _seconds(task: Task) -> float:
    at = ended_at(task)
    return at.timestamp() if at is not None else 0.0
