"""Can one exec in here, and if not, why: a pure rule over facts that are already loaded.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html and the
errors of ExecuteCommand in the API reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ecs_tui.model.container import Container
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task


class Verdict(StrEnum):
    """The four answers there are."""

    READY = "ready"
    WAIT = "wait"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Readiness:
    """A verdict and, in a few words, its reason."""

    verdict: Verdict
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.verdict}: {self.reason}" if self.reason else str(self.verdict)


_STARTING = {"PROVISIONING", "PENDING", "ACTIVATING"}
_ADDED_BY_AWS = ("aws-guardduty-agent",)
"""Beginnings of the names of containers that AWS adds to a task; they never get an exec agent.

Source: "Runtime Monitoring" in the GuardDuty user guide.
"""


def added_by_aws(container: Container) -> bool:
    """Whether AWS added the container to the task, judged by its name."""
    return container.name.startswith(_ADDED_BY_AWS)


def decides(task: Task, container: Container) -> bool:
    """Whether the container is one that the operator put there and that is to go on running.

    One that has stopped in a task that runs is not essential: it has done its work.
    """
    finished = container.last_status == "STOPPED" and task.last_status == "RUNNING"
    return not finished and not added_by_aws(container)


def agent_runs(container: Container) -> bool:
    """Whether its exec agent has started; that it is connected is not said by that."""
    agent = container.exec_agent
    return agent is not None and agent.status == "RUNNING" and container.last_status != "STOPPED"


def fargate_too_old(task: Task) -> bool:
    """Whether a Fargate task runs on a platform older than ECS Exec (Linux 1.4.0).

    Every platform of Windows can, from its first (1.0.0) on. An agent that runs shows that the
    platform can, whatever its version.
    """
    if task.launch_type != "FARGATE" or task.platform_family.lower().startswith("windows"):
        return False
    if any(agent_runs(container) for container in task.containers):
        return False
    parts = task.platform_version.split(".")
    if not all(part.isdigit() for part in parts):
        return False
    return tuple(int(part) for part in parts) < (1, 4, 0)


def task_obstacle(task: Task) -> Readiness | None:
    """What stands in the way for every container of the task, or None."""
    if not task.described or not task.last_status:
        return Readiness(Verdict.UNKNOWN, "task not described yet")
    if task.last_status == "STOPPED":
        return Readiness(Verdict.NO, "task has stopped")
    if task.stopping:
        return Readiness(Verdict.NO, "task is being stopped")
    if not task.exec_enabled:
        return Readiness(Verdict.NO, "exec was off when the task started")
    if fargate_too_old(task):
        return Readiness(Verdict.NO, f"platform {task.platform_version} is older than 1.4.0")
    if task.last_status in _STARTING:
        return Readiness(Verdict.WAIT, f"task is {task.last_status.lower()}")
    if task.connectivity == "DISCONNECTED":
        return Readiness(Verdict.NO, "task is disconnected from ECS")
    return None


def container_readiness(task: Task, container: Container) -> Readiness:
    """Whether `container` of `task` can be exec'd into, by what ECS has told so far."""
    if (obstacle := task_obstacle(task)) is not None:
        return obstacle
    if container.last_status == "STOPPED":
        code = "" if container.exit_code is None else f" (exit {container.exit_code})"
        return Readiness(Verdict.NO, f"container has stopped{code}")
    agent = container.exec_agent
    if agent is None:
        if container.last_status != "RUNNING":
            return Readiness(Verdict.WAIT, f"container is {container.last_status.lower()}")
        return Readiness(Verdict.NO, "no exec agent in this container")
    if agent.status == "RUNNING":
        return Readiness(Verdict.READY)
    if agent.status == "PENDING":
        return Readiness(Verdict.WAIT, "exec agent is starting")
    if agent.status == "STOPPED":
        return Readiness(Verdict.NO, agent.reason or "exec agent has stopped")
    return Readiness(Verdict.UNKNOWN, f"exec agent is {agent.status or 'in no known state'}")


def task_readiness(task: Task) -> Readiness:
    """The best that any of its containers offers; a worse neighbour is named in the reason."""
    if (obstacle := task_obstacle(task)) is not None:
        return obstacle
    each = [(item, container_readiness(task, item)) for item in task.containers]
    if not each:
        return Readiness(Verdict.UNKNOWN, "no containers known")
    deciding = [readiness for item, readiness in each if decides(task, item)]
    best = _best(deciding or [readiness for _, readiness in each])
    others = [
        item.name
        for item, readiness in each
        if readiness.verdict != best.verdict and decides(task, item)
    ]
    if best.verdict == Verdict.READY and others:
        return Readiness(Verdict.READY, f"not in {', '.join(others)}")
    return best


def agent_counts(tasks: Iterable[Task]) -> tuple[int, int]:
    """(containers whose exec agent runs, containers of tasks that are up), over `tasks`.

    Counted are those that decide: neither what AWS added nor what has finished its work.
    """
    running = total = 0
    for task in tasks:
        if task.stopping or not task.described:
            continue
        for container in task.containers:
            if decides(task, container):
                total += 1
                running += agent_runs(container)
    return running, total


def service_readiness(service: Service, tasks: Iterable[Task]) -> Readiness:
    """The service's verdict: what its newest facts promise for a shell in one of its tasks.

    `tasks` are those of the service that are known; with none known only the service's own
    switch speaks.
    """
    if not service.described:
        return Readiness(Verdict.UNKNOWN, "service not described yet")
    known = [task for task in tasks if not task.stopping and task.described]
    if known:
        best = _best(task_readiness(task) for task in known)
        if best.verdict == Verdict.NO and service.exec_enabled and not known[0].exec_enabled:
            return Readiness(Verdict.NO, "on, but these tasks started before: redeploy")
        return best
    if service.desired == 0 and service.running == 0:
        daemon = service.scheduling == "DAEMON"
        return Readiness(Verdict.NO, "no instance for a daemon" if daemon else "scaled to 0")
    if not service.exec_enabled:
        return Readiness(Verdict.NO, "exec is off")
    if service.running == 0:
        return Readiness(Verdict.WAIT, "no task is running")
    return Readiness(Verdict.UNKNOWN, "on; agents not looked at")


_ORDER = {Verdict.READY: 0, Verdict.WAIT: 1, Verdict.UNKNOWN: 2, Verdict.NO: 3}


def _best(all_of_them: Iterable[Readiness]) -> Readiness:
    return min(all_of_them, key=lambda item: _ORDER[item.verdict])


def likely_container(task: Task) -> Container | None:
    """The container an operator most likely means: ready first, sidecars last, else the first."""
    if not task.containers:
        return None
    sidecars = ("envoy", "xray", "datadog", "fluent", "log-router", "log_router", "otel", "proxy")

    def rank(item: Container) -> tuple[bool, int, bool]:
        helper = item.name.startswith("aws-") or any(word in item.name for word in sidecars)
        verdict = _ORDER[container_readiness(task, item).verdict]
        return not decides(task, item), verdict, helper

    return min(task.containers, key=rank)


def newest_ready_task(tasks: Iterable[Task]) -> Task | None:
    """The newest healthy running task that can be exec'd into; else the newest running one."""
    running = [
        task
        for task in tasks
        if task.last_status == "RUNNING" and not task.stopping and not task.gone
    ]
    if not running:
        return None

    def rank(task: Task) -> tuple[bool, bool, float]:
        started = task.started_at.timestamp() if task.started_at else 0.0
        return (
            task_readiness(task).verdict == Verdict.READY,
            task.health != "UNHEALTHY",
            started,
        )

    return max(running, key=rank)
