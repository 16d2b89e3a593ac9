"""Tasks that end again and again, grouped by why: of services, and of those that no service started."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from ecs_tui.model.problem import AffectedThing, Evidence, Problem, Severity
from ecs_tui.model.task import Task
from ecs_tui.model.text import counted, span
from ecs_tui.problems import sources
from ecs_tui.problems.causes import STOP_CAUSES, CauseGroup, ended_at, ended_well, grouped
from ecs_tui.problems.facts import ClusterFacts, ServiceFacts
from ecs_tui.problems.last_lines import line_cause
from ecs_tui.problems.rules.base import LOOK_BACK, Rule, service_problem, steady_at

QUIET = timedelta(minutes=15)
"""After so long without another end, a service that is steady again has no problem."""
CHECKS_FAIL = timedelta(minutes=5)
"""How long before a task is stopped an event may report that its health check fails."""
MAX_GROUPS = 3
"""Causes that are shown of one service."""
SHOWN_TASKS = 3
"""Tasks of one cause that are its evidence: more of them would leave no room for what goes with them."""
REPEATED = 3
"""Ends within the hour that are a problem although the service reaches a steady state in between."""
_TASK_SOURCE = "ecs:DescribeTasks"
_ADVICE = {
    "out-of-memory": "Raise the container's memory, or find what uses it; its last lines are in the logs.",
    "image-not-found": "Check that the image and its tag exist.",
    "image-auth": "Check the execution role's permission for the registry, and the registry's policy.",
    "image-rate-limit": "Log in to the registry, or pull through a cache in Amazon ECR.",
    "no-route": "Check the subnets' routes, VPC endpoints and security groups.",
    "secret-not-readable": "Check that the secret exists and that the execution role may read it.",
    "log-group-missing": "Create the log group, or set awslogs-create-group and its permission.",
    "log-driver": "Check the log group, its region and the execution role's permission for it.",
    "eni-timeout": "Check the free addresses of the subnets and the limit of network interfaces.",
    "load-balancer-health": "Compare the health check's path, port and timeout with what the container serves.",
    "container-health": "Run the health check's command in a container.",
    "container-start": "Check the command and entry point of the container.",
    "entrypoint-not-found": "Check the command and entry point of the container.",
    "architecture-mismatch": "Build the image for the CPU architecture of the task definition.",
    "disk-full": "Raise the ephemeral storage, or free the disk of the container instance.",
    "volume-mount": "Check the file system, its mount targets and the security groups.",
    "role-not-assumable": "Check that the role exists and that ecs-tasks.amazonaws.com may assume it.",
    "spot-interruption": "Add on-demand capacity to the capacity provider strategy.",
    "no-capacity-fargate": "Try other Availability Zones or another capacity provider.",
}  # fmt: skip


def crash_loops(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """Stopped tasks of one service, grouped by cause.

    It fires if a cause ended two tasks or more within the hour, or one task of a service that has not
    been steady since. It does not fire for tasks that the scheduler or a person stopped, and no longer
    once the service is steady and another revision runs, or nothing has ended for 15 minutes.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    """
    lately = [task for task in facts.stopped or () if _lately(task, now)]
    active = [group for group in grouped(lately) if _goes_on(facts, group, now)]
    for group in active[:MAX_GROUPS]:
        yield _crash(facts, group, [each for each in active if each is not group], now)


def _lately(task: Task, now: datetime) -> bool:
    at = ended_at(task)
    return at is None or now - at <= LOOK_BACK


def _goes_on(facts: ServiceFacts, group: CauseGroup, now: datetime) -> bool:
    """Whether a cause still ends tasks."""
    last, current = group.last, facts.service.task_definition
    gone = all(task.task_definition != current for task in group.tasks)
    steady_since = _steady_since(facts, last, gone=gone)
    if not group.cause.ours:
        # AWS ends tasks and ECS replaces them: only if that does not work, or happens often.
        return (facts.below and not steady_since) or group.count >= REPEATED
    if steady_since:
        quiet = last is None or now - last > max(QUIET, 2 * _rhythm(group))
        return group.count >= REPEATED and not gone and not quiet
    if ended_well(group.cause) and group.count < 2:
        return False
    if last is not None and now - last > max(QUIET, 2 * _rhythm(group)) and not facts.below:
        return False
    return group.count >= 2 or facts.below or _deployment_fails(facts)


def _steady_since(facts: ServiceFacts, last: datetime | None, *, gone: bool) -> bool:
    """Whether the service has been steady since the last end.

    Args:
        last: When that was.
        gone: Whether another revision runs now: the last tasks of the one before may be stopped
            after the event that the service is steady.
    """
    steady, primary = steady_at(facts), facts.service.primary
    if steady is None or last is None or facts.below:
        return False
    began = primary.created_at if gone and primary is not None else None
    return steady > last or (began is not None and steady > began)


def _rhythm(group: CauseGroup) -> timedelta:
    """The mean time between two ends."""
    if group.count < 2 or group.first is None or group.last is None:
        return timedelta()
    return (group.last - group.first) / (group.count - 1)


def _deployment_fails(facts: ServiceFacts) -> bool:
    primary = facts.service.primary
    return primary is not None and primary.failed > 0


def _crash(
    facts: ServiceFacts, group: CauseGroup, others: Sequence[CauseGroup], now: datetime
) -> Problem:
    failing = facts.below or _deployment_fails(facts)
    severity = Severity.FAILING if failing and group.cause.ours else Severity.DEGRADED
    evidence = [*task_evidence(_shown(group.tasks)), *(_other(each) for each in others)]
    cause, words = group.cause.id, group.words
    lines = facts.last_lines
    if lines is not None and any(task.arn == lines.task_arn for task in group.tasks):
        told = line_cause(lines.lines) if cause == "exit-code" else None
        if told is not None:
            cause, words = told[0], f"{told[1]} ({group.words})"
        text = (
            told[2]
            if told is not None
            else next((t for t in reversed(lines.lines) if t.strip()), "")
        )
        said = Evidence("log", text, lines.at, "logs:FilterLogEvents", lines.task_arn)
        evidence[1:1] = [said] if text else []
    if (deployed := _deployed_before(facts, group)) is not None:
        evidence.insert(1, deployed)
    return service_problem(
        facts,
        "crash-loop",
        cause,
        severity=severity,
        what=f"{counted(group.count, 'task')} ended",
        why=words,
        since=_since(facts, group),
        last=group.last,
        count=group.count,
        evidence=tuple(evidence),
        advice=_ADVICE.get(cause, "Read the last lines of a task that ended."),
        commands=("logs", "stopped", "deployments"),
        source=group.cause.source,
        detail=group.cause.detail,
        state=group.revision,
    )


def _shown(tasks: Sequence[Task]) -> Sequence[Task]:
    """The tasks that stand for all that ended alike: the last ones and the first one."""
    return tasks if len(tasks) <= SHOWN_TASKS else (*tasks[: SHOWN_TASKS - 1], tasks[-1])


def _since(facts: ServiceFacts, group: CauseGroup) -> datetime | None:
    """When it began: of failed health checks, the event that reports the first one may come before."""
    first = group.first
    if first is None or group.cause.id not in ("load-balancer-health", "container-health"):
        return first
    times = [
        event.at
        for event in facts.every_event
        if event.at is not None
        and "unhealthy" in event.message
        and timedelta() <= first - event.at <= CHECKS_FAIL
    ]
    return min(times, default=first)


def _other(group: CauseGroup) -> Evidence:
    return Evidence("task", f"besides: {group.words}", group.last, _TASK_SOURCE)


def _deployed_before(facts: ServiceFacts, group: CauseGroup) -> Evidence | None:
    """The deployment after which it began, if the tasks that ended are its own."""
    for each in facts.service.deployments:
        ours = any(task.task_definition == each.task_definition for task in group.tasks)
        began = each.created_at
        if ours and began is not None and group.first is not None and began <= group.first:
            after = group.first - began
            revision = each.task_definition.rsplit("/", 1)[-1]
            if after <= LOOK_BACK:
                words = f"deployment of {revision} began {span(after.total_seconds())} before the first end"
                return Evidence("deployment", words, began, "ecs:DescribeServices")
    return None


def task_evidence(tasks: Iterable[Task]) -> list[Evidence]:
    """Stopped tasks as evidence: the reason of each, and how each of its containers ended."""
    found = []
    for task in tasks:
        exits = [
            f"{item.name} exit {item.exit_code}" + (f" {item.reason}" if item.reason else "")
            if item.exit_code is not None
            else f"{item.name} {item.reason}"
            for item in task.containers
            if item.exit_code is not None or item.reason
        ]
        words = ". ".join(
            word.rstrip(".") for word in (task.stopped_reason, "; ".join(exits)) if word
        )
        id = task.id[:8]
        text = f"task {id} of {task.revision}: {words or task.stop_code or 'no reason given'}"
        found.append(Evidence("task", text, ended_at(task), _TASK_SOURCE, task.arn))
    return found


def standalone_failures(facts: ClusterFacts, now: datetime) -> Iterator[Problem]:
    """Tasks that no service started, and that failed: by the family of their task definition.

    It does not fire for tasks that ended with exit 0, or that somebody stopped.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    """
    by_family: dict[str, list[Task]] = {}
    for task in facts.standalone or ():
        if _lately(task, now):
            by_family.setdefault(task.revision.rsplit(":", 1)[0], []).append(task)
    for family, tasks in by_family.items():
        for group in grouped(tasks):
            if ended_well(group.cause) or not group.cause.ours:
                continue
            if group.count < 2 and group.tasks[0].stop_code != "TaskFailedToStart":
                continue
            yield Problem(
                "standalone-task", group.cause.id, Severity.DEGRADED,
                AffectedThing("task", facts.name, family, group.tasks[0].arn),
                f"{counted(group.count, 'task')} without a service failed", group.words,
                since=group.first, last=group.last, count=group.count,
                evidence=tuple(task_evidence(group.tasks))[:8],
                advice=_ADVICE.get(group.cause.id, "Read the last lines of a task that ended."),
                commands=("logs", "stopped"), source=group.cause.source,
                detail=group.cause.detail, state=group.revision,
            )  # fmt: skip


RULES: tuple[Rule, ...] = (
    Rule(
        "crash-loop", "Tasks of a service end again and again; one problem for each cause.",
        sources.STOPPED_TASKS, STOP_CAUSES, of_service=crash_loops,
        explains=frozenset(
            {"below-desired", "deployment-failing", "deployment-failed", "start-impaired",
             "deployment-stuck", "unhealthy-targets", "unhealthy-containers", "rolled-back"}
        ),
    ),
    Rule(
        "standalone-task", "Tasks that no service started failed.", sources.STOPPED_TASKS,
        STOP_CAUSES, of_cluster=standalone_failures,
    ),
)  # fmt: skip
