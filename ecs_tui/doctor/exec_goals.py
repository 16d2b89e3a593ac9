"""When a fix of the doctor has worked: a shell can be opened in a task."""

from __future__ import annotations

from ecs_tui.aws.account import Account
from ecs_tui.aws.api import ecs
from ecs_tui.model.rules.exec_readiness import Verdict, container_readiness, task_readiness
from ecs_tui.model.task import Task
from ecs_tui.operations.calls import Applied
from ecs_tui.operations.follow import NEW_SECONDS, Progress
from ecs_tui.record import dataclass


@dataclass(frozen=True, slots=True)
class TaskReady:
    """A shell can be opened in one task.

    Attributes:
        cluster: The cluster's name.
        task: The task's ARN; "" for the one that the plan has started.
    """

    cluster: str
    task: str = ""

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeTasks."""
        started = applied.tasks
        arn = started[0].arn if started else self.task
        found = await ecs.describe_tasks(account, self.cluster, [arn])
        if not found and started and seconds < NEW_SECONDS:
            return Progress(f"task {started[0].id[:12]} not described by ECS yet")
        return task_progress(found[0] if found else None)


def task_progress(task: Task | None) -> Progress:
    """How far a task is from being ready for a shell; None if ECS no longer has it."""
    if task is None:
        return Progress("The task no longer exists.", "failed")
    verdict = task_readiness(task)
    if task.stopping:
        return Progress(f"The task stopped: {task.stopped_reason}", "failed")
    if verdict.verdict == Verdict.READY:
        return Progress(f"Task {task.id[:12]} is ready for a shell.", "done", task)
    if verdict.verdict == Verdict.NO:
        return Progress(f"Task {task.id[:12]} still not ready: {verdict.reason}.", "failed")
    return Progress(f"task {task.id[:12]} {task.last_status.lower()}: {verdict.reason}")


@dataclass(frozen=True, slots=True)
class ServiceReady:
    """A shell can be opened in a new task of a service.

    Attributes:
        cluster: The cluster's name.
        service: The service's name.
        task: The ARN of the task that was checked, which is replaced.
    """

    cluster: str
    service: str
    task: str

    async def look(self, account: Account, applied: Applied, seconds: float) -> Progress:
        """DescribeServices, ListTasks, DescribeTasks."""
        services = await ecs.describe_services(account, self.cluster, [self.service])
        if not services:
            return Progress(f"Service {self.service} no longer exists.", "failed")
        service = services[0]
        arns = [
            arn
            async for page in ecs.list_tasks(account, self.cluster, self.service)
            for arn in page
        ]
        tasks = await ecs.describe_tasks(account, self.cluster, arns[:100]) if arns else []
        primary = service.primary
        mine = [
            task
            for task in tasks
            if not task.stopping
            and task.arn != self.task
            and (primary is None or task.started_by == primary.id)
        ]
        if primary is not None and primary.rollout_state == "FAILED":
            return Progress(f"The deployment failed: {primary.rollout_reason}", "failed")
        ready = [task for task in mine if task_readiness(task).verdict == Verdict.READY]
        up = sum(task.last_status == "RUNNING" for task in mine)
        verdicts = [
            container_readiness(task, item).verdict for task in mine for item in task.containers
        ]
        agents = [verdict == Verdict.READY for verdict in verdicts]
        words = (
            f"new tasks {up}/{service.desired} running · exec agents {sum(agents)}/{len(agents)} · "
            f"old tasks {max(0, len(tasks) - len(mine))}"
        )
        rolled_out = primary is None or primary.rollout_state == "COMPLETED"
        if rolled_out and ready and up >= service.desired and Verdict.WAIT not in verdicts:
            return Progress(f"{words}. Ready for a shell.", "done", ready[0])
        if rolled_out and up >= service.desired and agents and not any(agents):
            broken = task_readiness(mine[0])
            if broken.verdict == Verdict.NO:
                return Progress(f"{words}. Still failing: {broken.reason}.", "failed")
        return Progress(words)
