"""The task, its exec agents, and where they run."""

from __future__ import annotations

from ecs_tui.doctor.checks.check import FAIL, PASS, SKIP, UNKNOWN, WARN, Answer
from ecs_tui.doctor.facts import Fact, Facts
from ecs_tui.model.exec_status import fargate_too_old

OLDEST_AGENT = (1, 50, 2)
"""The first ECS agent that can: "Using ECS Exec" in the ECS developer guide."""
_NO_SHELL = (
    "no such file or directory",
    "executable file not found",
    "cannot find the file specified",
    "failed to start pty: exec:",
    "createprocess",
)
"""How agents of Linux and Windows say that the image has no such program (amazon-ssm-agent)."""


def running(facts: Facts, _: str) -> Answer:
    """Whether the task runs."""
    task = facts.task
    state = f"lastStatus {task.last_status}, desiredStatus {task.desired_status}"
    if task.stopping:
        why = f": {task.stopped_reason}" if task.stopped_reason else ""
        return Answer(FAIL, state + why, "Choose a task that runs.")
    if task.last_status != "RUNNING":
        return Answer(FAIL, state, "Wait until the task runs.")
    return Answer(PASS, state)


def connected(facts: Facts, _: str) -> Answer:
    """Whether ECS still reaches the task."""
    state = facts.task.connectivity
    if state == "DISCONNECTED":
        return Answer(FAIL, "connectivity DISCONNECTED", "ECS has lost the task: replace it.")
    return Answer(PASS, f"connectivity {state or 'not told'}")


def exec_on_task(facts: Facts, _: str) -> Answer:
    """Whether exec was on when the task started."""
    if facts.task.exec_enabled:
        return Answer(PASS, "enableExecuteCommand true on the task")
    service = facts.values.get(Fact.SERVICE)
    cure = "enable-exec" if service is not None else "one-off"
    return Answer(
        FAIL,
        "enableExecuteCommand false: exec was off when the task started",
        "It is fixed at a task's start: only new tasks get it.",
        cure,
    )


def exec_on_service(facts: Facts, _: str) -> Answer:
    """Whether the tasks to come get exec."""
    service = facts.service
    if service is None:
        return Answer(SKIP, "the task has no service")
    if service.exec_enabled:
        return Answer(PASS, f"enableExecuteCommand true on {service.name}")
    return Answer(
        FAIL if not facts.task.exec_enabled else WARN,
        f"enableExecuteCommand false on {service.name}",
        "Enable it and start a new deployment.",
        "enable-exec",
    )


def exec_agent(facts: Facts, name: str) -> Answer:
    """Whether the exec agent of the container has started."""
    container = facts.task.container(name)
    agent = container.exec_agent if container is not None else None
    if container is None:
        return Answer(UNKNOWN, f"the task has no container {name}")
    if container.last_status == "STOPPED":
        code = "" if container.exit_code is None else f", exit {container.exit_code}"
        return Answer(FAIL, f"the container has stopped{code}", "Choose a task that runs.")
    if agent is None:
        advice = "Nothing runs in it that ECS could talk to; see the checks above and below."
        return Answer(FAIL, "no ExecuteCommandAgent in managedAgents", advice, "replace-task")
    since = f" since {agent.started_at:%Y-%m-%d %H:%M}" if agent.started_at else ""
    if agent.status == "RUNNING":
        return Answer(PASS, f"ExecuteCommandAgent RUNNING{since}")
    if agent.status == "PENDING":
        advice = "It starts a little after the container. If it stays so: see the role and network."
        return Answer(FAIL, "ExecuteCommandAgent PENDING", advice)
    return Answer(
        FAIL,
        f"ExecuteCommandAgent {agent.status}: {agent.reason or 'no reason given'}",
        "It does not come back by itself: replace the task.",
        "replace-task",
    )


def platform(facts: Facts, _: str) -> Answer:
    """Whether the Fargate platform can."""
    task = facts.task
    if task.launch_type != "FARGATE" or not task.platform_version:
        return Answer(SKIP, "not on Fargate")
    seen = f"platformVersion {task.platform_version}"
    if fargate_too_old(task):
        return Answer(FAIL, seen, "Deploy on platform version 1.4.0 or LATEST.", "platform")
    return Answer(PASS, seen)


def agent_version(facts: Facts, _: str) -> Answer:
    """Whether the ECS agent of the instance can."""
    instance = facts.instance
    if instance is None:
        return Answer(SKIP, "not on a container instance")
    if facts.task.launch_type == "MANAGED_INSTANCES":
        return Answer(SKIP, "a managed instance: AWS keeps its ECS agent up to date")
    seen = f"ECS agent {instance.agent_version or 'of unknown version'} on {instance.ec2_id}"
    parts = instance.agent_version.split(".")
    if not all(part.isdigit() for part in parts):
        return Answer(UNKNOWN, seen)
    if tuple(int(part) for part in parts) < OLDEST_AGENT:
        return Answer(FAIL, seen, "Update the instance's ECS agent to 1.50.2 or newer.")
    return Answer(PASS, seen)


def instance_connected(facts: Facts, _: str) -> Answer:
    """Whether ECS reaches the agent of the instance."""
    instance = facts.instance
    if instance is None:
        return Answer(SKIP, "not on a container instance")
    if instance.agent_connected:
        return Answer(PASS, f"agentConnected true on {instance.ec2_id}")
    return Answer(
        FAIL, f"agentConnected false on {instance.ec2_id}", "Restart the ECS agent there."
    )


def shell(facts: Facts, _: str) -> Answer:
    """Whether the image has the program that was asked for."""
    said = facts.said.casefold()
    if "plugin with name interactivecommands not found" in said:
        return Answer(FAIL, facts.said, "The exec agent is broken: replace the task.")
    refused = "exec" in said and "permission denied" in said  # a file that is no program
    if refused or any(words in said for words in _NO_SHELL):
        other = "cmd.exe or powershell.exe" if facts.windows else "/bin/bash or sh"
        advice = f"The image has no such program: try another, such as {other}, with --shell."
        return Answer(FAIL, facts.said, advice)
    return Answer(SKIP, "no session has failed yet; an image cannot be looked into from outside")
