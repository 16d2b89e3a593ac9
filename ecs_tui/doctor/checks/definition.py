"""Checks on the task definition."""

from __future__ import annotations

from ecs_tui.doctor.checks.check import FAIL, PASS, UNKNOWN, WARN, CheckResult
from ecs_tui.doctor.facts import Facts
from ecs_tui.model.task_definition import ContainerDefinition

OWN_KEYS = {"AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
WRITTEN_TO = ("/managed-agents", "/var/lib/amazon/ssm", "/var/log/amazon/ssm")
"""Folders that the exec agent writes to: aws/containers-roadmap issue 1359. AWS may change them."""
PROXIES = {"HTTP_PROXY", "HTTPS_PROXY"}
"""The exec agent uses these too, but must get credentials from 169.254.170.2 without a proxy."""


def read_only_root(facts: Facts, name: str) -> CheckResult:
    """Whether the exec agent can write to its folders."""
    declared = facts.definition.container(name)
    if declared is None or not declared.readonly_root:
        return CheckResult(PASS, "readonlyRootFilesystem not set")
    lacking = [path for path in WRITTEN_TO if not _writable(declared, path)]
    if not lacking:
        return CheckResult(
            PASS, "readonlyRootFilesystem true, with writable mounts for the exec agent"
        )
    return CheckResult(
        FAIL,
        f"readonlyRootFilesystem true in {facts.task.revision}, "
        f"and no writable mount at {', '.join(lacking)}",
        "The exec agent needs a writable root filesystem: deploy a revision without "
        "readonlyRootFilesystem, or with these mounts.",
    )


def _writable(declared: ContainerDefinition, path: str) -> bool:
    return any(f"{path}/".startswith(f"{mount.rstrip('/')}/") for mount in declared.writable_mounts)


def init_process(facts: Facts, name: str) -> CheckResult:
    """Whether an init process reaps the orphaned processes of sessions."""
    declared = facts.definition.container(name)
    if declared is not None and declared.init_process:
        return CheckResult(PASS, "linuxParameters.initProcessEnabled true")
    return CheckResult(
        WARN,
        "linuxParameters.initProcessEnabled not set",
        "Orphaned processes from sessions won't be reaped: set initProcessEnabled in the task "
        "definition.",
    )


def pid_mode(facts: Facts, _: str) -> CheckResult:
    """Whether each container has its own PID namespace, and so its own exec agent."""
    definition = facts.definition
    if definition.pid_mode == "task" and len(definition.containers) > 1:
        return CheckResult(
            WARN,
            "pidMode task, shared by several containers",
            "Only one container gets an exec agent.",
        )
    return CheckResult(PASS, f"pidMode {definition.pid_mode or 'not set'}")


def own_keys(facts: Facts, name: str) -> CheckResult:
    """Whether the environment has AWS keys, which the exec agent would use."""
    declared = facts.definition.container(name)
    names = sorted(OWN_KEYS & _names(declared))
    if names:
        return CheckResult(
            WARN,
            f"{', '.join(names)} set in the container",
            "The exec agent would use these keys instead of the task role. Remove them.",
        )
    if declared is not None and declared.environment_files:
        return CheckResult(UNKNOWN, "environmentFiles set: their contents are unknown here")
    return CheckResult(PASS, "no AWS keys in the container's environment")


def proxy(facts: Facts, name: str) -> CheckResult:
    """Whether the exec agent would request its credentials through a proxy."""
    declared = facts.definition.container(name)
    names = {item.upper() for item in _names(declared)}
    if not names & PROXIES:
        if declared is not None and declared.environment_files:
            return CheckResult(UNKNOWN, "environmentFiles set: their contents are unknown here")
        return CheckResult(PASS, "no proxy in the container's environment")
    seen = ", ".join(sorted(names & PROXIES))
    if "NO_PROXY" in names:
        # The parser drops the values of environment variables: they may be secrets.
        return CheckResult(PASS, f"{seen} with NO_PROXY: check that it includes 169.254.170.2")
    return CheckResult(
        WARN,
        f"{seen} set without NO_PROXY",
        "The exec agent cannot get the task role's credentials through a proxy: "
        "set NO_PROXY=169.254.170.2.",
    )


def restarts(facts: Facts, name: str) -> CheckResult:
    """Whether ECS may restart the container, which ends its sessions."""
    declared = facts.definition.container(name)
    if declared is not None and declared.restarts:
        return CheckResult(
            WARN,
            "restartPolicy enabled",
            "A restart within the task ends the sessions in this container.",
        )
    return CheckResult(PASS, "restartPolicy not enabled")


def _names(declared: ContainerDefinition | None) -> set[str]:
    """The names of its environment variables, including those set from secrets."""
    return set(declared.environment_names + declared.secret_names) if declared else set()
