"""What a service's events say about starting tasks: placement, capacity, quotas, throttling, roles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from ecs_tui.model.problem import Problem, Severity
from ecs_tui.model.service import ServiceEvent
from ecs_tui.problems import sources
from ecs_tui.problems.facts import ServiceFacts
from ecs_tui.problems.reasons import MAX_CHARACTERS, REASONS, reason_of
from ecs_tui.problems.rules.base import Rule, event_evidence, recent, service_problem, unsettled
from ecs_tui.record import dataclass

STALE = timedelta(hours=7)
"""ECS repeats an event about a failure at the latest after six hours: "Service event messages"."""


@dataclass(frozen=True, slots=True)
class _EventCause:
    """A cause that an event names.

    Attributes:
        id: The id of the cause.
        pattern: What its message contains.
        why: The cause in a few words.
        advice: What to do next.
    """

    id: str
    pattern: re.Pattern[str]
    why: str
    advice: str


def _cause(id: str, pattern: str, why: str, advice: str) -> _EventCause:
    return _EventCause(id, re.compile(pattern, re.IGNORECASE | re.DOTALL), why, advice)


CAUSES: tuple[_EventCause, ...] = (
    _cause(
        "quota", r"reached the limit|limit on the number|vcpu limit|limit exceeded|LimitExceeded",
        "a quota of the account is reached", "Ask for a higher quota, or stop what is not needed.",
    ),
    _cause(
        "no-capacity-fargate", r"capacity is unavailable|insufficient capacity|capacity unavailable"
        r"|RESOURCE:FARGATE", "AWS has no capacity at this time",
        "Try other Availability Zones, another size or another capacity provider.",
    ),
    _cause(
        "port-in-use", r"already using a port|port.*(in use|not available|already)|RESOURCE:PORTS",
        "the host port is taken on every container instance",
        "Use dynamic host ports or awsvpc, or add container instances.",
    ),
    _cause(
        "no-capacity-ec2-eni", r"RESOURCE:ENI|network interface|enough ENI|ENIs? available"
        r"|ip addresses? (in|on) (the )?subnet|InsufficientFreeAddresses",
        "no network interface or address is free",
        "Check the free addresses of the subnets and the limit of network interfaces.",
    ),
    _cause(
        "no-capacity-ec2-memory", r"insufficient memory|enough memory|memory (units )?available"
        r"|RESOURCE:MEMORY", "no container instance has enough memory free",
        "Add container instances, or reduce the memory that the task reserves.",
    ),
    _cause(
        "no-capacity-ec2-cpu", r"insufficient cpu|enough cpu|cpu (units )?available|RESOURCE:CPU",
        "no container instance has enough CPU free",
        "Add container instances, or reduce the CPU that the task reserves.",
    ),
    _cause(
        "no-capacity-ec2", r"insufficient (gpu|resource)|enough (gpu|resource)|RESOURCE:",
        "no container instance has enough of a resource free",
        "Add container instances, or reduce what the task reserves.",
    ),
    _cause(
        "no-instances", r"no container instances? (were|was) found|no registered container instance"
        r"|No Container Instances", "the cluster has no container instance",
        "Add container instances, or check why they do not register.",
    ),
    _cause(
        "constraint", r"placement constraint|memberOf|distinctInstance|missing an attribute"
        r"|attribute", "no container instance fits the constraints of the placement",
        "Compare the constraints and required attributes with those of the instances.",
    ),
    _cause(
        "instance-disconnected", r"encountered error \"?AGENT|agent (is )?(not connected|disconnected)",
        "the agent of the container instance is not connected",
        "Look at the container instances, and at the agent's log on them.",
    ),
    _cause(
        "role-not-assumable", r"assume (the )?role|AssumeRole|not authorized to (perform|assume)|AccessDenied",
        "ECS may not use a role of the service", "Check the role and who may assume it.",
    ),
    _cause(
        "throttled", r"being throttled|throttling|rate exceeded",
        "calls that ECS makes for the service are throttled", "ECS retries by itself; reduce changes at once.",
    ),
    _cause(
        "service-discovery", r"service discovery|cloud map|servicediscovery",
        "service discovery refuses the tasks", "Check the Cloud Map service and its quota.",
    ),
    _cause(
        "target-group", r"target.?group.*(does not exist|not associated|not found|does not have)|"
        r"TargetGroupNotFound", "its target group is gone or not used by a load balancer",
        "Check the target group and its listener.",
    ),
    _cause(
        "image-pull", r"CannotPull", "the image cannot be pulled",
        "Check that the image and tag exist and that the task can reach the registry.",
    ),
)  # fmt: skip
"""Causes in events that say that a task cannot be placed or launched; the first that fits wins.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""
_CANNOT = re.compile(
    r"unable to place|failed to launch|failed to register|was unable to (register|deregister|start|run)"
    r"|throttled|unable to assume|could not be (placed|started)",
    re.IGNORECASE,
)
_IMPAIRED = re.compile(r"unable to consistently start tasks", re.IGNORECASE)
_RESTRAINED = re.compile(
    r"unable to stop or start tasks during a deployment|because of the service deployment configuration"
    r"|because of (the )?task protection|tasks? (is|are) protected",
    re.IGNORECASE,
)


def event_cause(message: str) -> _EventCause | None:
    """The cause in the message of an event about a start that failed, or None."""
    text = message[:MAX_CHARACTERS]
    if _CANNOT.search(text) is None:
        return None
    found = next((each for each in CAUSES if each.pattern.search(text)), None)
    named = reason_of([text]) if found is None or found.id == "image-pull" else None
    if named is None:
        return found
    # Fargate repeats why the last task could not start.
    return _EventCause(named[0].id, named[0].pattern, named[0].words, "Look at the stopped tasks.")


def placement_failures(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """Events since the last steady state say that ECS cannot place or launch a task.

    It does not fire for events before the last steady state, nor if as many tasks run as are desired.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    found: dict[str, list[ServiceEvent]] = {}
    by_id: dict[str, _EventCause] = {}
    for event in unsettled(facts):
        if not recent(event.at, now, STALE) or _CANNOT.search(event.message) is None:
            continue
        cause = event_cause(event.message)
        id = cause.id if cause is not None else "placement"
        if cause is not None:
            by_id.setdefault(id, cause)
        found.setdefault(id, []).append(event)
    needs = facts.below or _starts(facts)
    for id, events in found.items():
        cause = by_id.get(id)
        if not needs and id != "throttled":
            continue
        times = [event.at for event in events if event.at is not None]
        yield service_problem(
            facts,
            "placement",
            id,
            severity=Severity.FAILING if facts.service.running == 0 else Severity.DEGRADED,
            what="ECS cannot start tasks",
            why=cause.why if cause is not None else "",
            since=min(times, default=None),
            last=max(times, default=None),
            count=len(events),
            evidence=event_evidence(events),
            advice=cause.advice if cause is not None else "Read the event.",
            commands=("events", "instances", "capacity-providers"),
            source=sources.SERVICE_EVENTS,
        )


def _starts(facts: ServiceFacts) -> bool:
    """Whether ECS still has tasks to start, as in a deployment."""
    return facts.service.pending > 0 or facts.service.deploying


def start_impaired(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """ECS says that it cannot consistently start tasks, and no stopped task tells why.

    It does not fire once the service has been steady.
    Source: SERVICE_TASK_START_IMPAIRED,
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
    """
    events = [event for event in unsettled(facts) if _IMPAIRED.search(event.message)]
    if not events or not recent(events[0].at, now, STALE):
        return
    times = [event.at for event in events if event.at is not None]
    yield service_problem(
        facts,
        "start-impaired",
        "start-impaired",
        severity=Severity.FAILING if not facts.service.running else Severity.DEGRADED,
        what="ECS cannot start tasks consistently",
        since=min(times, default=None),
        last=max(times, default=None),
        count=len(events),
        evidence=event_evidence(events),
        advice="Look at the tasks that stopped.",
        commands=("stopped", "events", "logs"),
        source=sources.SERVICE_ACTIONS,
    )


def restrained(facts: ServiceFacts, now: datetime) -> Iterator[Problem]:
    """A deployment cannot go on: its configuration allows neither to stop nor to start a task.

    It does not fire without a deployment in progress.
    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    events = [event for event in unsettled(facts) if _RESTRAINED.search(event.message)]
    if not events or not facts.service.deploying or not recent(events[0].at, now, STALE):
        return
    times = [event.at for event in events if event.at is not None]
    protected = any("protect" in event.message.casefold() for event in events)
    yield service_problem(
        facts,
        "deployment-configuration",
        "task-protection" if protected else "deployment-stuck",
        severity=Severity.DEGRADED,
        what="the deployment can neither stop nor start tasks",
        why="tasks are protected"
        if protected
        else "minimum healthy and maximum percent leave no room",
        since=min(times, default=None),
        last=max(times, default=None),
        count=len(events),
        evidence=event_evidence(events),
        advice="Change minimumHealthyPercent or maximumPercent, or the desired count.",
        commands=("deployments", "events"),
        source=sources.SERVICE_EVENTS,
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "placement", "Events say that a task cannot be placed or launched.", sources.SERVICE_EVENTS,
        ("placement", *dict.fromkeys([*(each.id for each in CAUSES), *(each.id for each in REASONS)])), of_service=placement_failures,
        explains=frozenset({"below-desired", "deployment-stuck", "start-impaired", "deployment-failed", "deployment-failing"}),
    ),
    Rule(
        "start-impaired", "ECS is unable to consistently start tasks, without a known cause.",
        sources.SERVICE_ACTIONS, ("start-impaired",), of_service=start_impaired,
        explains=frozenset({"below-desired", "deployment-failing"}),
    ),
    Rule(
        "deployment-configuration", "A deployment may neither stop nor start tasks.",
        sources.SERVICE_EVENTS, ("deployment-stuck", "task-protection"),
        of_service=restrained, explains=frozenset({"deployment-stuck", "below-desired"}),
    ),
)  # fmt: skip
