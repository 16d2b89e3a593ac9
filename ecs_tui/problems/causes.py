"""Why tasks ended: each stopped task has one cause, and those of a service are grouped by it.

`stopCode`: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from ecs_tui.model.container import Container
from ecs_tui.model.rules.ends import culprit
from ecs_tui.model.task import Task
from ecs_tui.problems import sources
from ecs_tui.problems.reasons import REASONS, reason_of
from ecs_tui.record import dataclass

_SIGNALS = {
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
    9: "SIGKILL", 11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 31: "SIGSYS",
}  # fmt: skip
_SHELL_CODES = {
    125: "the container runtime could not run it",
    126: "the command is not executable",
    127: "the command was not found",
}


STOP_CAUSES = (*dict.fromkeys(each.id for each in REASONS), "exit-code", "failed-to-start")
"""The ids of all causes of stopped tasks."""


def exit_words(code: int) -> str:
    """What an exit status means: `exit 139 (SIGSEGV)`.

    Statuses above 128 are 128 + the signal; 125 to 127 are the runtime's and the shell's own. Source:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/docker-diags.html
    """
    meaning = _SHELL_CODES.get(code) or _SIGNALS.get(code - 128, "")
    return f"exit {code} ({meaning})" if meaning else f"exit {code}"


@dataclass(frozen=True, slots=True)
class StopCause:
    """Why one task ended.

    Attributes:
        id: The id of the cause.
        words: The cause in a few words; parts are AWS's own and untrusted.
        detail: What tells it from another of the same id: the container and its exit status.
        source: The AWS page that names it.
        ours: Whether the program or its configuration failed; False where AWS's capacity or
            maintenance ended it.
    """

    id: str
    words: str
    detail: str = ""
    source: str = sources.STOPPED_TASKS
    ours: bool = True


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """Tasks that ended for the same cause.

    Attributes:
        cause: The cause of the last one.
        tasks: The tasks, the one that ended last first.
        first: When the end of the first one began; None if AWS does not say.
        last: When the last one ended.
        revision: The `family:revision` of the first one.
    """

    cause: StopCause
    tasks: tuple[Task, ...]
    first: datetime | None
    last: datetime | None
    revision: str

    @property
    def count(self) -> int:
        """How many."""
        return len(self.tasks)

    @property
    def words(self) -> str:
        """`app exit 137 (SIGKILL) ×14, first on web:42`."""
        times = f" ×{self.count}" if self.count > 1 else ""
        on = f", first on {self.revision}" if self.revision else ""
        return f"{self.cause.words}{times}{on}"


_BY_CODE: dict[str, tuple[str, str, str]] = {
    "SpotInterruption": ("spot-interruption", "Spot interruption", sources.SPOT),
    "TerminationNotice": ("instance-lost", "its container instance was to end", sources.STOPPED_TASKS),
    "InfrastructureHealth": ("task-retirement", "AWS replaced unhealthy infrastructure", sources.RETIREMENT),
}  # fmt: skip
"""Causes that `stopCode` alone names, in a few words, each with its page."""
_SCHEDULED = re.compile(
    r"scaling activity|deployment|replaced|rebalanc|stopped by (the )?(user|service)|draining"
    r"|user initiated|task stopped",
    re.IGNORECASE,
)
"""Reasons with which the scheduler stops healthy tasks."""


def stop_cause(task: Task) -> StopCause | None:
    """Why a stopped task ended; None if somebody or the scheduler stopped it, as at a deployment.

    A task whose containers all ended with exit 0 has the cause `exit-code`, which is a failure in a
    service and none in a standalone task: see `ended_well`.
    """
    if task.stop_code == "UserInitiated":
        return None
    worst = culprit(task)
    found = _by_reason(task)
    if found is not None and not (task.stop_code == "ServiceSchedulerInitiated" and _told(task)):
        return found
    if task.stop_code in _BY_CODE:
        id, words, source = _BY_CODE[task.stop_code]
        return StopCause(id, words, source=source, ours=False)
    if task.stop_code == "ServiceSchedulerInitiated":
        return None
    if task.stop_code == "EssentialContainerExited" or (not task.stop_code and worst is not None):
        return _exit_cause(task, worst)
    if task.stop_code == "TaskFailedToStart":
        prefix = task.stopped_reason.partition(":")[0]
        return StopCause("failed-to-start", prefix or "it failed to start")
    return None


def ended_well(cause: StopCause) -> bool:
    """Whether nothing failed: exit 0, or SIGTERM (143), which a normal stop sends too."""
    return cause.id == "exit-code" and cause.detail.endswith((" 0", " 143"))


def _told(task: Task) -> bool:
    """Whether the scheduler stopped a task for a reason that says nothing against it."""
    reason = task.stopped_reason
    return "health check" not in reason.casefold() and _SCHEDULED.search(reason) is not None


def _failed_first(task: Task) -> list[Container]:
    return sorted(task.containers, key=lambda item: item.exit_code in (None, 0))


def _by_reason(task: Task) -> StopCause | None:
    failed = _failed_first(task)
    found = reason_of([task.stopped_reason, *(item.reason for item in failed)])
    if found is None:
        return None
    reason, number = found
    name = failed[number - 1].name if number else ""
    words = f"{name}: {reason.words}" if name else reason.words
    return StopCause(reason.id, words, name, reason.source, reason.ours)


def _exit_cause(task: Task, worst: Container | None) -> StopCause:
    """The cause of a task whose essential container ended, by its exit status."""
    failed = [item for item in task.containers if item.exit_code not in (None, 0)]
    found = worst if worst in failed else next(iter(failed), None)
    if found is None or found.exit_code is None:
        name = next((item.name for item in task.containers if item.exit_code == 0), "")
        words = f"{name} ended by itself, exit 0" if name else "an essential container ended"
        return StopCause("exit-code", words, f"{name} 0".strip(), sources.EXIT_CODES)
    code = found.exit_code
    id = "entrypoint-not-found" if code in (126, 127) else "exit-code"
    words = f"{found.name} {exit_words(code)}"
    return StopCause(id, words, f"{found.name} {code}", sources.EXIT_CODES)


def grouped(tasks: Iterable[Task]) -> list[CauseGroup]:
    """Stopped tasks by cause, the largest group first, of equal ones the latest."""
    found: dict[tuple[str, str], list[tuple[StopCause, Task]]] = {}
    for task in tasks:
        cause = stop_cause(task)
        if cause is not None:
            found.setdefault((cause.id, cause.detail), []).append((cause, task))
    groups = [_group(pairs) for pairs in found.values()]
    return sorted(groups, key=lambda each: (-each.count, -_seconds(each.last)))


def ended_at(task: Task) -> datetime | None:
    """When its containers ended, else when ECS decided or finished to stop it."""
    return task.execution_stopped_at or task.stopped_at or task.stopping_at


_DECIDED = frozenset(
    {"ServiceSchedulerInitiated", "SpotInterruption", "TerminationNotice", "InfrastructureHealth"}
)
"""Stop codes of tasks that ECS or EC2 decided to stop: their end began with that decision."""


def end_began(task: Task) -> datetime | None:
    """When what ended a task happened: its containers' end, or the decision to stop it."""
    decided = task.stopping_at if task.stop_code in _DECIDED else None
    return decided or ended_at(task)


def _seconds(at: datetime | None) -> float:
    return at.timestamp() if at is not None else 0.0


def _group(pairs: list[tuple[StopCause, Task]]) -> CauseGroup:
    pairs.sort(key=lambda pair: _seconds(ended_at(pair[1])), reverse=True)
    times = [at for _, task in pairs if (at := ended_at(task)) is not None]
    began = [at for _, task in pairs if (at := end_began(task)) is not None]
    return CauseGroup(
        pairs[0][0],
        tuple(task for _, task in pairs),
        min(began, default=None),
        max(times, default=None),
        pairs[-1][1].revision,
    )
