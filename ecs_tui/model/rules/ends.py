"""Why tasks ended: the container that explains it, and the most frequent cause of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from ecs_tui.model.container import Container
from ecs_tui.model.task import Task

_EPOCH = datetime.fromtimestamp(0, UTC)


def culprit(task: Task) -> Container | None:
    """The container whose end explains the task's: one that failed, first of all with a reason."""

    def failed(item: Container) -> tuple[bool, bool]:
        return item.exit_code not in (None, 0), bool(item.reason)

    worst = max(task.containers, key=failed, default=None)
    return worst if worst is not None and any(failed(worst)) else None


def end_words(task: Task) -> str:
    """Why a stopped task ended, in a few words; "" if it was told to stop or ended by itself.

    Examples: `app exit 137 OutOfMemoryError`, `CannotPullContainerError`, `Task failed ELB health
    checks`. Sources: "Stopped tasks error codes" in the ECS developer guide; StopCode in the API
    reference.
    """
    if "health checks" in task.stopped_reason:
        return task.stopped_reason.partition(" in (")[0].rstrip(".")
    found = culprit(task)
    if task.stop_code == "TaskFailedToStart":
        reason = task.stopped_reason or (found.reason if found is not None else "")
        return reason.partition(":")[0]
    if task.stop_code != "EssentialContainerExited" or found is None:
        return ""
    code = "" if found.exit_code is None else f"exit {found.exit_code}"
    return " ".join(word for word in (found.name, code, found.reason.partition(":")[0]) if word)


def cause_words(tasks: Iterable[Task]) -> str:
    """The most frequent cause of these tasks' ends; of equally frequent ones the latest. "" for none."""
    counts: Counter[str] = Counter()
    latest: dict[str, datetime] = {}
    for task in tasks:
        if words := end_words(task):
            counts[words] += 1
            latest[words] = max(latest.get(words, _EPOCH), task.stopped_at or _EPOCH)
    return max(counts, key=lambda words: (counts[words], latest[words]), default="")
