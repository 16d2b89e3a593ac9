"""Running tasks that are not well: health checks, the exec agent, different images of one tag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from ecs_tui.model.container import EXEC_AGENT
from ecs_tui.model.problem import Evidence, Problem, Severity
from ecs_tui.model.service import ServiceEvent
from ecs_tui.model.target_health import LEAVING, TargetHealth
from ecs_tui.model.task import Task
from ecs_tui.model.text import counted
from ecs_tui.problems import sources
from ecs_tui.problems.facts import ServiceFacts
from ecs_tui.problems.rules.base import Rule, event_evidence, recent, service_problem, unsettled

NEW_TASK = timedelta(minutes=2)
"""How long a task may be unhealthy after its start."""
_UNHEALTHY = re.compile(
    r"is unhealthy in|due to an unhealthy status|health checks? failed", re.IGNORECASE
)


def unhealthy_targets(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """Targets of the service fail the health check of the load balancer, or its events say so.

    It does not fire for targets that are initial, draining or unused, nor for tasks that have started
    less than two minutes and the service's grace period ago.
    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    events = [event for event in unsettled(facts) if _UNHEALTHY.search(event.message)]
    events = [
        event for event in events if recent(event.at, now) and "unhealthy in" in event.message
    ]
    if facts.targets is None:
        if events and facts.service.target_groups:
            yield _by_events(facts, events)
        return
    young = _young_addresses(facts, now)
    failing = [each for each in facts.targets if each.failing and each.state not in LEAVING]
    failing = [each for each in failing if each.id not in young]
    if not failing:
        return
    serving = [each for each in facts.targets if each.healthy]
    times = [event.at for event in events if event.at is not None]
    total = len(failing) + len(serving)
    reasons = dict.fromkeys(each.reason or each.state for each in failing)
    yield service_problem(
        facts, "unhealthy-targets", "load-balancer-health",
        severity=Severity.DEGRADED if serving else Severity.FAILING,
        what=f"{len(failing)} of {counted(total, 'target')} unhealthy", why=", ".join(reasons),
        since=min(times, default=None), last=max(times, default=None), count=len(failing),
        evidence=(*map(_of_target, failing[:8]), *event_evidence(events[:3])),
        advice="Compare the health check's path, port and codes with what the container answers.",
        commands=("logs", "tasks", "shell"), source=sources.TARGET_HEALTH,
        state=",".join(sorted(each.id for each in failing)),
    )  # fmt: skip


def _by_events(facts: ServiceFacts, events: list[ServiceEvent]) -> Problem:
    times = [event.at for event in events if event.at is not None]
    return service_problem(
        facts, "unhealthy-targets", "load-balancer-health", severity=Severity.DEGRADED,
        what="targets fail the health check of the load balancer",
        since=min(times, default=None), last=max(times, default=None), count=len(events),
        evidence=event_evidence(events),
        advice="Compare the health check's path, port and codes with what the container answers.",
        commands=("logs", "events"), source=sources.TARGET_HEALTH,
    )  # fmt: skip


def _young_addresses(facts: ServiceFacts, now: datetime) -> frozenset[str]:
    grace = NEW_TASK + timedelta(seconds=facts.service.grace_seconds or 0)
    return frozenset(
        address
        for task in facts.running or ()
        if task.started_at is None or now - task.started_at < grace
        for address in (task.private_ip, task.ipv6)
        if address
    )


def _of_target(target: TargetHealth) -> Evidence:
    port = f":{target.port}" if target.port is not None else ""
    words = f"target {target.id}{port} {target.state}: {target.why}".rstrip(": ")
    return Evidence("target", words, None, "elasticloadbalancing:DescribeTargetHealth")


def unhealthy_containers(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """Running tasks whose containers fail their own health check.

    It does not fire for tasks that are stopping, or started less than two minutes ago.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
    """
    tasks = [
        task for task in facts.running or () if _settled(task, now) and task.health == "UNHEALTHY"
    ]
    if not tasks:
        return
    names = dict.fromkeys(
        item.name for task in tasks for item in task.containers if item.health == "UNHEALTHY"
    )
    events = [event for event in unsettled(facts) if _UNHEALTHY.search(event.message)]
    times = [event.at for event in events if event.at is not None]
    total = len([task for task in facts.running or () if _settled(task, now)])
    yield service_problem(
        facts, "unhealthy-containers", "container-health",
        severity=Severity.FAILING if len(tasks) == total else Severity.DEGRADED,
        what=f"{len(tasks)} of {counted(total, 'task')} unhealthy",
        why=f"health check of {', '.join(names)} fails" if names else "",
        since=min(times, default=None), last=max(times, default=None), count=len(tasks),
        evidence=(
            *(Evidence("container", f"task {task.id[:8]} of {task.revision} is unhealthy", task.started_at,
                       "ecs:DescribeTasks", task.arn) for task in tasks[:8]),
            *event_evidence(events[:3]),
        ),
        advice="Run the health check's command in a container.",
        commands=("tasks", "logs", "shell"), source=sources.HEALTH_CHECKS,
        state=",".join(sorted(task.id for task in tasks)),
    )  # fmt: skip


def _settled(task: Task, now: datetime) -> bool:
    started = task.started_at
    return (
        task.described and not task.stopping and task.last_status == "RUNNING"
        and started is not None and now - started >= NEW_TASK
    )  # fmt: skip


def exec_agent(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """ECS Exec is on, and its agent does not run in running tasks.

    It does not fire where exec is off, while an agent starts, or in the first two minutes of a task.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    if not facts.service.exec_enabled:
        return
    down = [
        (task, item)
        for task in facts.running or ()
        if _settled(task, now) and task.exec_enabled
        for item in task.containers
        if item.exec_agent is not None and item.exec_agent.status == "STOPPED"
    ]
    if not down:
        return
    containers = dict.fromkeys(item.name for _, item in down)
    reasons = dict.fromkeys(item.exec_agent.reason for _, item in down if item.exec_agent)
    yield service_problem(
        facts, "exec-agent", "exec-agent-down", severity=Severity.NOTICE,
        what=f"no shell in {', '.join(containers)}",
        why="; ".join(reason for reason in reasons if reason) or f"{EXEC_AGENT} is stopped",
        count=len(down),
        evidence=tuple(
            Evidence(
                "container", f"{item.name} in task {task.id[:8]}: {EXEC_AGENT} stopped "
                f"{item.exec_agent.reason if item.exec_agent else ''}".rstrip(),
                None, "ecs:DescribeTasks", task.arn,
            )
            for task, item in down[:8]
        ),
        advice="The exec check says why, and what to do.", commands=("exec-check",),
        source=sources.EXEC, state=",".join(sorted(task.id for task, _ in down)),
    )  # fmt: skip


def mixed_digests(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """Running tasks of one revision have different images of one tag.

    It does not fire for different revisions (a deployment), different tags, nor where ECS returns no
    digest.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
    """
    digests: dict[tuple[str, str, str], dict[str, list[Task]]] = {}
    for task in facts.running or ():
        if not task.described or task.stopping:
            continue
        for item in task.containers:
            if item.image_digest and "@" not in item.image:
                key = (task.revision, item.name, item.image)
                digests.setdefault(key, {}).setdefault(item.image_digest, []).append(task)
    for (revision, container, image), found in digests.items():
        if len(found) < 2:
            continue
        starts = [min(t.created_at for t in tasks if t.created_at) for tasks in found.values()
                  if any(t.created_at for t in tasks)]  # fmt: skip
        yield service_problem(
            facts, "mixed-digests", "mixed-digests", severity=Severity.NOTICE,
            what=f"{len(found)} different images run as {image.rsplit('/', 1)[-1]}",
            why=f"the tag was moved while {revision} ran", since=max(starts, default=None),
            count=len(found),
            evidence=tuple(
                Evidence(
                    "container", f"{container} {digest}: " + ", ".join(t.id[:8] for t in tasks[:6]),
                    min((t.created_at for t in tasks if t.created_at), default=None),
                    "ecs:DescribeTasks", tasks[0].arn,
                )
                for digest, tasks in found.items()
            ),
            advice="Force a new deployment, and deploy digests or immutable tags.",
            commands=("tasks", "deploy"), source=sources.VERSIONS, detail=container,
            state=",".join(sorted(found)),
        )  # fmt: skip


RULES: tuple[Rule, ...] = (
    Rule(
        "unhealthy-targets", "Targets fail the load balancer's health check.", sources.TARGET_HEALTH,
        ("load-balancer-health",), of_service=unhealthy_targets,
        explains=frozenset({"deployment-stuck", "below-desired"}),
    ),
    Rule(
        "unhealthy-containers", "Containers fail their own health check.", sources.HEALTH_CHECKS,
        ("container-health",), of_service=unhealthy_containers,
        explains=frozenset({"deployment-stuck", "below-desired"}),
    ),
    Rule(
        "exec-agent", "ECS Exec is on, and its agent does not run.", sources.EXEC, ("exec-agent-down",),
        of_service=exec_agent,
    ),
    Rule(
        "mixed-digests", "Tasks of one revision run different images of one tag.", sources.VERSIONS,
        ("mixed-digests",), of_service=mixed_digests,
    ),
)  # fmt: skip
