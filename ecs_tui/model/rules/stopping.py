"""How long a task may still take to stop, judging by its configuration."""

from __future__ import annotations

from datetime import datetime

from ecs_tui.model.task import Task
from ecs_tui.model.task_definition import TaskDefinition
from ecs_tui.model.text import age
from ecs_tui.record import dataclass

STOP_TIMEOUT_SECONDS = 30
"""Seconds between SIGTERM and SIGKILL where `stopTimeout` is not set.

Source: ContainerDefinition in the ECS API reference. On EC2 the agent's ECS_CONTAINER_STOP_TIMEOUT
may set another default, which no API returns.
"""


@dataclass(frozen=True, slots=True)
class StopTimes:
    """How long a task may take to stop, in seconds; None for unknown.

    Attributes:
        deregistration: The longest deregistration delay of its target groups, 0 without any.
        stop: The longest time its containers take to stop; containers that depend on each other
            stop one after the other.
        why: Why something is unknown, in words; "" while it is loading.
    """

    deregistration: int | None = None
    stop: int | None = None
    why: str = ""


def stop_seconds(definition: TaskDefinition) -> int:
    """The longest time the containers of a task take to stop, in seconds.

    A container that others depend on stops after them, so the times along a chain add up.
    """

    def chain(name: str, above: frozenset[str]) -> int:
        container = definition.container(name)
        if (
            container is None or name in above
        ):  # ECS refuses circular dependencies, but an endpoint may return anything
            return 0
        own = STOP_TIMEOUT_SECONDS if container.stop_timeout is None else container.stop_timeout
        below = above | {name}
        return own + max((chain(each, below) for each in container.depends_on), default=0)

    return max((chain(item.name, frozenset()) for item in definition.containers), default=0)


def time_left(task: Task, times: StopTimes, now: datetime) -> int | None:
    """The maximum seconds until the task's containers have stopped; None for unknown.

    ECS first deregisters the task from its target groups and waits for their deregistration delay
    (DEACTIVATING), then sends SIGTERM and waits for the stop timeout (STOPPING). Below 0: it takes
    longer than it should. Source: "Amazon ECS task lifecycle" in the developer guide.
    """
    if times.stop is None or _has_stopped(task):
        return None
    if task.stopping_at is None or times.deregistration is None:
        return times.stop if task.last_status == "STOPPING" else None
    passed = int((now - task.stopping_at).total_seconds())
    left = times.deregistration + times.stop - passed
    return min(left, times.stop) if task.last_status == "STOPPING" else left


def _has_stopped(task: Task) -> bool:
    """Whether its containers have stopped, so that only ECS's own cleanup is left."""
    return task.last_status == "DEPROVISIONING" or task.execution_stopped_at is not None


def draining_words(task: Task, times: StopTimes, now: datetime) -> str:
    """What lists show for a task that is stopping: `draining (up to 40s)`."""
    status = task.last_status.lower()
    words = "draining" if status in ("running", "deactivating") else f"draining, {status}"
    if _has_stopped(task):
        return words
    left = time_left(task, times, now)
    if left is None:
        return f"{words} (time not known)"
    return f"{words} (up to {age(left)})" if left >= 0 else f"{words} ({age(-left)} overdue)"


def time_left_words(task: Task, times: StopTimes, now: datetime) -> str:
    """The same for the details, with the times it consists of."""
    left = time_left(task, times, now)
    delay = "not known" if times.deregistration is None else f"{times.deregistration} s"
    stop = "not known" if times.stop is None else f"{times.stop} s"
    parts = f"deregistration delay {delay}, stop timeout {stop}"
    if _has_stopped(task):
        return f"its containers have stopped ({parts})"
    if left is None:
        return f"not known: {times.why or parts}"
    if left < 0:
        return f"{age(-left)} overdue ({parts})"
    return f"up to {age(left)} ({parts})"
