"""Whether ECS Exec works in a container, and if not, why: a pure rule over loaded data.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html and the
errors of ExecuteCommand in the API reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from ecs_tui.model.container import Container
from ecs_tui.model.rules.waiting import STARTING
from ecs_tui.model.service import Service
from ecs_tui.model.task import Task
from ecs_tui.record import dataclass


class Verdict(StrEnum):
    """Whether ECS Exec works; the values are part of `ls --json`."""

    READY = "ready"
    WAIT = "wait"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Readiness:
    """A verdict and its reason in a few words."""

    verdict: Verdict
    reason: str = ""

    def __str__(self) -> str:
        if not self.reason:
            return str(self.verdict)
        ready = self.verdict is Verdict.READY
        return f"{self.verdict} ({self.reason})" if ready else f"{self.verdict}: {self.reason}"


_ADDED_BY_AWS = ("aws-guardduty-agent",)
"""Name prefixes of containers that AWS adds to a task; these never get an exec agent.

Source: "Runtime Monitoring" in the GuardDuty user guide.
"""


def added_by_aws(container: Container) -> bool:
    """Whether AWS added the container to the task, judged by its name."""
    return container.name.startswith(_ADDED_BY_AWS)


def decides(task: Task, container: Container) -> bool:
    """Whether the container counts: AWS did not add it, and it is meant to keep running.

    A stopped container in a running task is not essential and has finished.
    """
    finished = container.last_status == "STOPPED" and task.last_status == "RUNNING"
    return not finished and not added_by_aws(container)


def agent_runs(container: Container) -> bool:
    """Whether its exec agent has started, which does not mean that it is connected."""
    agent = container.exec_agent
    return agent is not None and agent.status == "RUNNING" and container.last_status != "STOPPED"


def fargate_too_old(task: Task) -> bool:
    """Whether a Fargate task runs on a platform older than ECS Exec (Linux 1.4.0).

    Windows platforms support it from 1.0.0 on. A running exec agent proves that the
    platform supports it, whatever its version.
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
    """What rules out ECS Exec for every container of the task, or None."""
    if not task.described or not task.last_status:
        return Readiness(Verdict.UNKNOWN, "loading")
    if task.last_status == "STOPPED":
        return Readiness(Verdict.NO, "task stopped")
    if task.stopping:
        return Readiness(Verdict.NO, "task stopping")
    if not task.exec_enabled:
        return Readiness(Verdict.NO, "exec was disabled when the task started")
    if fargate_too_old(task):
        return Readiness(Verdict.NO, f"platform {task.platform_version} (needs 1.4.0+)")
    if task.last_status in STARTING:
        return Readiness(Verdict.WAIT, f"task is {task.last_status.lower()}")
    if task.connectivity == "DISCONNECTED":
        return Readiness(Verdict.NO, "task is disconnected from ECS")
    return None


def container_readiness(task: Task, container: Container) -> Readiness:
    """Whether one can exec into `container` of `task`, judging by the loaded data."""
    if (obstacle := task_obstacle(task)) is not None:
        return obstacle
    if container.last_status == "STOPPED":
        code = "" if container.exit_code is None else f" (exit {container.exit_code})"
        return Readiness(Verdict.NO, f"container stopped{code}")
    agent = container.exec_agent
    if agent is None:
        if container.last_status != "RUNNING":
            return Readiness(Verdict.WAIT, f"container is {container.last_status.lower()}")
        return Readiness(Verdict.NO, "no exec agent")
    if agent.status == "RUNNING":
        return Readiness(Verdict.READY)
    if agent.status == "PENDING":
        return Readiness(Verdict.WAIT, "exec agent not ready yet")
    if agent.status == "STOPPED":
        return Readiness(Verdict.NO, agent.reason or "exec agent has stopped")
    return Readiness(Verdict.UNKNOWN, f"exec agent state {agent.status or 'unknown'}")


def task_readiness(task: Task) -> Readiness:
    """The best readiness of its containers; the reason names the containers that are worse."""
    if (obstacle := task_obstacle(task)) is not None:
        return obstacle
    each = [(item, container_readiness(task, item)) for item in task.containers]
    if not each:
        return Readiness(Verdict.UNKNOWN, "no containers reported")
    deciding = [readiness for item, readiness in each if decides(task, item)]
    best = _best(deciding or [readiness for _, readiness in each])
    others = [
        item.name
        for item, readiness in each
        if readiness.verdict != best.verdict and decides(task, item)
    ]
    if best.verdict == Verdict.READY and others:
        return Readiness(Verdict.READY, f"except {', '.join(others)}")
    return best


def agent_counts(tasks: Iterable[Task]) -> tuple[int, int]:
    """(containers with a running exec agent, containers), over the running ones of `tasks`.

    Only containers that count (`decides`): not those that AWS added or that have finished.
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
    """Whether a shell can be opened in one of the service's tasks, judging by the loaded data.

    `tasks` are the loaded tasks of the service; without any, only the service's own setting
    counts.
    """
    if not service.described:
        return Readiness(Verdict.UNKNOWN, "loading")
    known = [task for task in tasks if not task.stopping and task.described]
    if known:
        best = _best(task_readiness(task) for task in known)
        if best.verdict == Verdict.NO and service.exec_enabled and not known[0].exec_enabled:
            return Readiness(Verdict.NO, "enabled after these tasks started; redeploy")
        return best
    if service.desired == 0 and service.running == 0:
        daemon = service.scheduling == "DAEMON"
        return Readiness(Verdict.NO, "no instance for a daemon" if daemon else "scaled to 0")
    if not service.exec_enabled:
        return Readiness(Verdict.NO, "exec is disabled")
    if service.running == 0:
        return Readiness(Verdict.WAIT, "no task is running")
    return Readiness(Verdict.UNKNOWN, "enabled; agents not checked yet")


_ORDER = {Verdict.READY: 0, Verdict.WAIT: 1, Verdict.UNKNOWN: 2, Verdict.NO: 3}


def _best(all_of_them: Iterable[Readiness]) -> Readiness:
    return min(all_of_them, key=lambda item: _ORDER[item.verdict])


def likely_container(task: Task) -> Container | None:
    """The container that an operator most likely means: a ready one, not a sidecar, else the first."""
    if not task.containers:
        return None
    sidecars = ("envoy", "xray", "datadog", "fluent", "log-router", "log_router", "otel", "proxy")

    def rank(item: Container) -> tuple[bool, int, bool]:
        helper = item.name.startswith("aws-") or any(word in item.name for word in sidecars)
        verdict = _ORDER[container_readiness(task, item).verdict]
        return not decides(task, item), verdict, helper

    return min(task.containers, key=rank)


def newest_ready_task(tasks: Iterable[Task], container: str = "") -> Task | None:
    """The newest healthy running task that is ready for ECS Exec; else the newest running one.

    With a container name, tasks in which that container is ready are preferred.
    """
    running = [
        task
        for task in tasks
        if task.last_status == "RUNNING" and not task.stopping and not task.gone
    ]
    if not running:
        return None

    def rank(task: Task) -> tuple[bool, bool, bool, float]:
        started = task.started_at.timestamp() if task.started_at else 0.0
        named = task.container(container)
        readiness = container_readiness(task, named) if named else task_readiness(task)
        return (
            named is not None,
            readiness.verdict == Verdict.READY,
            task.health != "UNHEALTHY",
            started,
        )

    return max(running, key=rank)
