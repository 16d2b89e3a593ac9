"""Checks on the task, its exec agents, the platform or instance, and the shell."""

from __future__ import annotations

from ecs_tui.doctor.checks.check import FAIL, PASS, SKIP, UNKNOWN, WARN, CheckResult
from ecs_tui.doctor.facts import Facts, ServiceFact
from ecs_tui.model.command import not_in_image, on_windows, other_shells
from ecs_tui.model.daemon import UPDATE_DAEMON, daemon_of
from ecs_tui.model.rules.exec_readiness import fargate_too_old
from ecs_tui.model.rules.waiting import (
    LONG_START_SECONDS,
    event_words,
    failing_event,
    starting_for,
    waiting_words,
)
from ecs_tui.model.text import local, span

OLDEST_AGENT = (1, 50, 2)
"""The first ECS agent version with ECS Exec: "Using ECS Exec" in the ECS developer guide."""


def running(facts: Facts, _: str) -> CheckResult:
    """Whether the task is RUNNING and not stopping."""
    task = facts.task
    state = f"lastStatus {task.last_status}, desiredStatus {task.desired_status}"
    waiting = waiting_words(task, facts.now)
    if task.stopping:
        reason = "; ".join(words for words in (waiting, task.stopped_reason) if words)
        evidence = state + (f": {reason}" if reason else "")
        return CheckResult(FAIL, evidence, "Select a running task.")
    if task.last_status != "RUNNING":
        evidence = state + (f": {waiting}" if waiting else "")
        return CheckResult(
            FAIL, evidence, _why_not_running(facts, waiting or task.last_status.lower())
        )
    return CheckResult(PASS, state)


def _why_not_running(facts: Facts, waiting: str) -> str:
    """Advice for a starting task; after `LONG_START_SECONDS`, the likely reason for the delay."""
    waiting = waiting[:1].upper() + waiting[1:]
    if (starting_for(facts.task, facts.now) or 0.0) < LONG_START_SECONDS:
        return f"{waiting}: wait for the task to start."
    service = facts.known_service
    event = failing_event(service) if service is not None else None
    if event is not None:
        return f"{waiting}. The service's event {event_words(event, facts.now)}"
    if ServiceFact in facts.errors:
        return f"{waiting}. The service's events are not readable: {facts.errors[ServiceFact]}"
    where = "No service event gives a reason. Check" if service else "Check"
    return f"{waiting}. {where} capacity, subnets, security groups and the image."


def connected(facts: Facts, _: str) -> CheckResult:
    """Whether ECS has contact with the task."""
    state = facts.task.connectivity
    if state == "DISCONNECTED":
        at = facts.task.connectivity_at
        last = f", CONNECTED last {span((facts.now - at).total_seconds())} ago" if at else ""
        return CheckResult(
            FAIL, f"connectivity {state}{last}", "ECS lost contact with the task: replace it."
        )
    return CheckResult(PASS, f"connectivity {state or 'not reported'}")


def exec_on_task(facts: Facts, _: str) -> CheckResult:
    """Whether exec was enabled when the task started."""
    if facts.task.exec_enabled:
        return CheckResult(PASS, "enableExecuteCommand true on the task")
    fix = "enable-exec" if facts.known_service is not None else "one-off"
    if daemon := daemon_of(facts.task):
        return CheckResult(
            FAIL,
            "enableExecuteCommand false: "
            f"exec was disabled when the task of daemon {daemon} started",
            f"Enable it on the daemon, which then replaces its tasks: {UPDATE_DAEMON}.",
        )
    return CheckResult(
        FAIL,
        "enableExecuteCommand false: exec was disabled when the task started",
        "The setting is fixed at task launch; only new tasks pick it up.",
        fix,
    )


def exec_on_service(facts: Facts, _: str) -> CheckResult:
    """Whether exec is enabled for new tasks of the service."""
    service = facts.service
    if service is None:
        daemon = daemon_of(facts.task)
        return CheckResult(SKIP, f"a task of daemon {daemon}" if daemon else "standalone task")
    if service.exec_enabled:
        return CheckResult(PASS, f"enableExecuteCommand true on {service.name}")
    return CheckResult(
        FAIL if not facts.task.exec_enabled else WARN,
        f"enableExecuteCommand false on {service.name}",
        "Enable it and force a new deployment.",
        "enable-exec",
    )


def exec_agent(facts: Facts, name: str) -> CheckResult:
    """Whether the exec agent of the container has started."""
    container = facts.task.container(name)
    agent = container.exec_agent if container is not None else None
    # No fix for a daemon's task: to replace it, ECS drains its instance.
    replace_task = "" if daemon_of(facts.task) else "replace-task"
    if container is None:
        return CheckResult(UNKNOWN, f"the task has no container {name}")
    if container.last_status == "STOPPED":
        code = "" if container.exit_code is None else f", exit {container.exit_code}"
        return CheckResult(FAIL, f"container stopped{code}", "Select a running task.")
    if agent is None:
        advice = "No exec agent is running in this container; see the other failed checks."
        return CheckResult(FAIL, "no ExecuteCommandAgent in managedAgents", advice, replace_task)
    since = f" since {local(agent.started_at)}" if agent.started_at else ""
    if agent.status == "RUNNING":
        return CheckResult(PASS, f"ExecuteCommandAgent RUNNING{since}")
    if agent.status == "PENDING":
        advice = (
            "It starts shortly after the container. If it stays PENDING, check the task role and "
            "network."
        )
        return CheckResult(FAIL, "ExecuteCommandAgent PENDING", advice)
    return CheckResult(
        FAIL,
        f"ExecuteCommandAgent {agent.status}: {agent.reason or 'no reason given'}",
        "It will not recover on its own: replace the task."
        if replace_task
        else f"It will not recover on its own: redeploy the daemon ({UPDATE_DAEMON}).",
        replace_task,
    )


def platform(facts: Facts, _: str) -> CheckResult:
    """Whether the Fargate platform version supports exec."""
    task = facts.task
    if task.launch_type != "FARGATE" or not task.platform_version:
        return CheckResult(SKIP, "not a Fargate task")
    seen = f"platformVersion {task.platform_version}"
    if fargate_too_old(task):
        return CheckResult(FAIL, seen, "Deploy on platform version 1.4.0 or LATEST.", "platform")
    return CheckResult(PASS, seen)


def agent_version(facts: Facts, _: str) -> CheckResult:
    """Whether the version of the instance's ECS agent supports exec."""
    instance = facts.instance
    if instance is None:
        return CheckResult(SKIP, "not on EC2")
    if facts.task.launch_type == "MANAGED_INSTANCES":
        return CheckResult(SKIP, "a managed instance: AWS keeps its ECS agent up to date")
    seen = f"ECS agent {instance.agent_version or 'version unknown'} on {instance.ec2_id}"
    parts = instance.agent_version.split(".")
    if not all(part.isdigit() for part in parts):
        return CheckResult(UNKNOWN, seen)
    if tuple(int(part) for part in parts) < OLDEST_AGENT:
        return CheckResult(FAIL, seen, "Update the instance's ECS agent to 1.50.2 or newer.")
    return CheckResult(PASS, seen)


def instance_connected(facts: Facts, _: str) -> CheckResult:
    """Whether the instance's ECS agent is connected to ECS."""
    instance = facts.instance
    if instance is None:
        return CheckResult(SKIP, "not on EC2")
    if instance.agent_connected:
        return CheckResult(PASS, f"agentConnected true on {instance.ec2_id}")
    return CheckResult(
        FAIL,
        f"agentConnected false on {instance.ec2_id}",
        "Restart the ECS agent on that instance.",
    )


def shell(facts: Facts, _: str) -> CheckResult:
    """Whether the image has the program that the last failed session tried to start."""
    reason = facts.last_exit_reason.casefold()
    if "plugin with name interactivecommands not found" in reason:
        return CheckResult(
            FAIL, facts.last_exit_reason, "The exec agent is broken: replace the task."
        )
    if not_in_image(reason):
        shells = other_shells((), windows=facts.windows or on_windows(reason))
        advice = f"Shell not found in the image: pick another with --shell ({', '.join(shells)})"
        return CheckResult(FAIL, facts.last_exit_reason, f"{advice}, or with e in the dashboard.")
    return CheckResult(SKIP, "not tested: no session has failed")
